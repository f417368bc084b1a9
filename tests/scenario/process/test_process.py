"""What a new process goes on with, what is told of the processes, and who they run as."""

import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

import pytest

from support import processes
from support.discovery import endpoint
from support.installed import Installed
from support.program import BIN_DIR, environment
from support.waiting import wait_for


def process_of(lb):
    return json.loads(lb.ask("/process").body)


def crash(lb, number=signal.SIGKILL):
    before = lb.proxy_pid
    os.kill(before, number)
    wait_for(lambda: lb.proxy_pid != before, "another process serves")


def ctl(lb, *words):
    return subprocess.run([BIN_DIR / "lb", "ctl", *words, "--admin=%s:%d" % lb.admin], env=environment(),
                          capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)


@pytest.fixture(name="following")
def start_following(start_lb, discovery, start_backend):
    """Two endpoints that are ready, and one that nobody can reach, whatever its source says."""
    lb = start_lb(*discovery.flags, is_ready=False)
    ready = {name: start_backend() for name in ("one", "two")}
    dead = start_backend(is_listening=False)
    discovery.send(*(endpoint(name, backend.address) for name, backend in [*ready.items(), ("dead", dead)]))
    lb.wait_ready(2)
    return lb


def states(lb):
    return {name: state["state"] for name, state in lb.endpoints().items()}


def test_orders_hold_in_the_next_process(following):
    lb = following
    assert ctl(lb, "drain", "one").returncode == 0
    assert ctl(lb, "weight", "two", "7").returncode == 0
    before = lb.endpoints()
    crash(lb)
    after = lb.endpoints()
    assert states(lb) == {"one": "draining", "two": "ready", "dead": "probing"}
    assert after["two"]["weight"] == before["two"]["weight"] == 7
    assert ctl(lb, "undrain", "one").returncode == 0
    crash(lb)
    assert states(lb)["one"] == "ready"


def test_a_pause_goes_on_in_the_next_process(following, connect):
    lb = following
    assert ctl(lb, "pause", "appserver", "--for", "60s").returncode == 0
    crash(lb)
    client = connect(lb).request()
    assert client.is_silent()
    assert ctl(lb, "resume", "appserver").returncode == 0
    assert client.read_response().status == 200


def test_who_was_in_use_is_at_once_and_nobody_else(following, connect):
    lb = following
    for _ in range(3):
        crash(lb)
        assert all(connect(lb).get().status == 200 for _ in range(6))
        assert states(lb) == {"one": "ready", "two": "ready", "dead": "probing"}


def test_what_is_told_of_crashes(following, promtool_checks):
    lb = following
    first = process_of(lb)
    assert (first["starts"], first["crashes"], first["lost_requests"]) == (1, {}, 0)
    assert "last_crash" not in first
    promtool_checks(lb)
    crash(lb)
    now = process_of(lb)
    assert now["pid"] == lb.proxy_pid != first["pid"]
    assert (now["starts"], now["crashes"]) == (2, {"SIGKILL": 1})
    assert "SIGKILL" in now["last_crash"] and now["last_crash_at"] > first["started"]
    assert json.loads(lb.ask("/pool").body)["process"] == now
    metrics = lb.metrics()
    assert metrics.value("lb_process_starts_total") == 2
    assert metrics.table("lb_crashes_total", "reason") == {"SIGKILL": 1}
    promtool_checks(lb)


@pytest.fixture(name="promtool_checks")
def find_promtool():
    def check(lb):
        if not shutil.which("promtool"):
            return
        done = subprocess.run(["promtool", "check", "metrics"], input=lb.ask("/metrics").body,
                              capture_output=True, check=False, timeout=60)
        assert (done.returncode, done.stdout + done.stderr) == (0, b"")
    return check


def test_upgrade_by_ctl(following):
    lb = following
    before = lb.proxy_pid
    done = ctl(lb, "upgrade")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"lb {process_of(lb)['version']} serves, as process {lb.proxy_pid}\n"
    assert lb.proxy_pid != before
    assert process_of(lb)["upgrades"] == 1


def test_upgrade_by_ctl_that_fails(start_lb, tmp_path, start_backend):
    installed = Installed(tmp_path / "bin")
    lb = start_lb(backends=[start_backend()], folder=installed.folder)
    before = lb.proxy_pid
    installed.put("lb-proxy", b"this is no program\n")
    done = ctl(lb, "upgrade")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("lb: the upgrade failed: ") and "serves on" in done.stderr
    assert lb.proxy_pid == before
    assert process_of(lb)["failures"] == 1 and process_of(lb)["last_failure"].removeprefix("last ") in done.stderr


# ---- users ----------------------------------------------------------------------------------------


def users_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        fields = dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
    return set(fields["Uid"].split()), set(fields["Gid"].split()), fields["Groups"].split()


def is_open_to_others(path):
    return all(parent.stat().st_mode & 0o001 for parent in (path.resolve(), *path.resolve().parents))


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone starts others")
@pytest.mark.skipif(not is_open_to_others(pathlib.Path(BIN_DIR)), reason="other users may not start what is built here")
def test_each_has_a_user_of_its_own(start_lb, start_backend, connect, cleanup):
    backend = start_backend()
    folder = pathlib.Path(cleanup.enter_context(tempfile.TemporaryDirectory()))  # pytest's are root's alone
    folder.chmod(0o755)
    world = folder / "world.json"
    world.write_text(json.dumps({"services": [{"name": "appserver", "endpoints": [
        {"address": backend.address[0], "port": backend.address[1]}]}]}))
    lb = start_lb(f"--file={world}", "--user=nobody", "--discovery-user=daemon", is_ready=False)
    lb.wait_ready(1)
    assert connect(lb).get().status == 200
    for pid, name in ((lb.proxy_pid, "nobody"), (lb.discovery_pid, "daemon")):
        user = pwd.getpwnam(name)
        assert users_of(pid) == ({str(user.pw_uid)}, {str(user.pw_gid)}, [])
    assert users_of(lb.pid)[0] == {"0"}
    crash(lb)
    lb.wait_ready(1)  # it serves: until then it may be on its way to its user
    assert users_of(lb.proxy_pid)[0] == {str(pwd.getpwnam("nobody").pw_uid)}
    assert processes.name_of(lb.proxy_pid) == "lb-proxy"


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone needs them")
def test_users_that_are_missing_are_told_once(start_lb, start_backend):
    lb = start_lb("--user=nobody-of-this-name", backends=[start_backend()])
    assert users_of(lb.proxy_pid)[0] == {"0"}
    said = [text for text in lb.messages() if "nobody-of-this-name" in text]
    assert len(said) == 1 and "useradd" in said[0] and "--user" in said[0]


def test_a_signal_to_the_group_comes_once(start_lb, start_backend):
    """By the master: the second one would cut off what runs."""
    lb = start_lb(backends=[start_backend().address])
    assert os.getpgid(lb.proxy_pid) != os.getpgid(lb.pid)
