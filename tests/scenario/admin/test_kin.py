"""Those who ask find the lb that runs here, wherever its admin listener is, and also without one. Each
test has a program of a name of its own, so that it finds no lb but its own."""

import itertools
import json
import os
import shutil
import subprocess

import pytest

from support.backend import RecordingBackend
from support.free_port import free_port
from support.lb import Lb
from support.program import BIN_DIR, environment
from support.waiting import wait_for

numbers = itertools.count(1)
TOKEN = "0123456789abcdef0123"


class House:
    """A machine with nobody else: lb under another name."""

    def __init__(self, folder, cleanup):
        self.name = f"lb{os.getpid() % 100000}k{next(numbers)}"
        self.path = folder / self.name
        shutil.copy(BIN_DIR / "lb", self.path)
        shutil.copy(BIN_DIR / "lb-proxy", folder)  # which lb starts from beside it
        self.folder = folder
        self.cleanup = cleanup
        self.admin = f"127.0.0.1:{free_port()}"
        backend = RecordingBackend()
        cleanup.callback(backend.close)
        self.backend = "%s:%d" % backend.address

    def start(self, *flags, env=None):
        """An lb; it has said that it is ready."""
        flags = ["--listen=127.0.0.1:0", f"--backend={self.backend}", "--access-log=off",
                 "--shutdown-delay=0s", "--shutdown-grace=2s", *flags]
        process = subprocess.Popen([self.path, *flags], env=environment(env), cwd=self.folder,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        self.cleanup.callback(self.end, process)
        for line in process.stderr:
            if "ready, 1 endpoint" in line:
                return process
        raise AssertionError(f"lb ended: {process.wait()}")

    @staticmethod
    def end(process):
        process.terminate()
        process.communicate(timeout=20)

    def ask(self, *words, env=None):
        return subprocess.run([self.path, *words], env=environment(env), capture_output=True, text=True,
                              timeout=30, check=False, cwd="/", stdin=subprocess.DEVNULL)

    def is_well(self, **more):
        return self.ask("--healthcheck", **more).returncode == 0


@pytest.fixture(name="house")
def make_house(cleanup, tmp_path):
    return House(tmp_path, cleanup)


def assert_found(house):
    done = house.ask("--healthcheck")
    assert (done.returncode, done.stderr) == (0, "")
    assert "routed as appserver/" in house.ask("explain").stdout
    assert json.loads(house.ask("ctl", "pool").stdout)["workers"] >= 1


def test_by_flag(house):
    house.start(f"--admin={house.admin}")
    assert_found(house)


def test_by_file_beside_it(house):
    (house.folder / "lb.json").write_text(json.dumps({"admin": house.admin}))
    house.start("--config", "lb.json")
    assert_found(house)


def test_by_variable(house):
    house.start(env={"LB_ADMIN": house.admin})
    assert_found(house)


def test_wildcard_is_asked_on_loopback(house):
    house.start(f"--admin=0.0.0.0:{house.admin.split(':')[1]}", "--admin-open")
    assert_found(house)


@pytest.mark.parametrize("flags", [[f"--admin-token={TOKEN}"], ["--admin-token-file=token"]])
def test_with_its_token(house, flags):
    (house.folder / "token").write_text(TOKEN + "\n")
    os.chmod(house.folder / "token", 0o600)
    house.start(f"--admin={house.admin}", *flags)
    assert_found(house)


def test_own_admin_wins(house):
    house.start(f"--admin={house.admin}")
    elsewhere = f"127.0.0.1:{free_port()}"
    assert not house.is_well(env={"LB_ADMIN": elsewhere})
    assert elsewhere in house.ask("explain", f"--admin={elsewhere}").stderr


def test_several(house):
    other = f"127.0.0.1:{free_port()}"
    house.start(f"--admin={house.admin}")
    house.start(f"--admin={other}")
    done = house.ask("explain")
    assert done.returncode == 1 and "say which one" in done.stderr
    assert house.admin in done.stderr and other in done.stderr
    assert house.ask("explain", f"--admin={other}").returncode == 0


def test_without_admin_it_is_well_while_it_listens(house):
    listen = f"127.0.0.1:{free_port()}"
    process = house.start("--admin=off", f"--listen={listen}")
    for env in (None, {"LB_ADMIN": "off"}):
        assert house.is_well(env=env)
    done = house.ask("explain")
    assert done.returncode == 1 and "--admin off" in done.stderr
    process.terminate()
    process.wait(20)
    wait_for(lambda: not house.is_well(env={"LB_ADMIN": "off"}), "it is gone")


def test_check_lets_a_running_lb_have_its_ports(house):
    listen = f"127.0.0.1:{free_port()}"
    flags = [f"--admin={house.admin}", f"--listen={listen}", f"--backend={house.backend}"]
    pid = house.start(f"--listen={listen}", f"--admin={house.admin}").pid
    assert house.ask(*flags, "--check").stdout == (
        f"the settings are good ({listen}: the running lb, pid {pid}, has it; "
        f"{house.admin}: the running lb, pid {pid}, has it)\n")
