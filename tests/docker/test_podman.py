"""lb-discovery follows Podman's API service: Debian 12 has Podman 4.3, whose words differ from Docker's.

The service has folders, networks and a socket of its own, and ends with the tests.
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from conftest import TAG, wait_for

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario" / "discovery"))
from watcher import Watcher  # noqa: E402

SETTINGS = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_config_dir = "{folder}/networks"
"""
# Letters that no id has; compose calls its networks so.
NETWORK = "lbtest_Shop-1.default"


class Podman:
    def __init__(self, folder):
        self.folder, self.socket = folder, folder / "podman.sock"
        (folder / "containers.conf").write_text(SETTINGS.format(folder=folder))
        self.environment = {**os.environ, "CONTAINERS_CONF": str(folder / "containers.conf"),
                            "XDG_RUNTIME_DIR": str(folder)}
        self.words = ["podman", "--root", str(folder / "root"), "--runroot", str(folder / "run"),
                      "--tmpdir", str(folder / "tmp"), "--storage-driver", "vfs"]
        self.service = None

    def __call__(self, *words, check=True, stdin=subprocess.DEVNULL):
        done = subprocess.run([*self.words, *map(str, words)], stdin=stdin, text=True, timeout=120,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment)
        assert not check or done.returncode == 0, f"podman {words}: {done.stderr}"
        return done.stdout.strip()

    def load(self, image):
        with subprocess.Popen(["docker", "save", image], stdout=subprocess.PIPE) as saved:
            self("load", stdin=saved.stdout)

    def start(self):
        self.service = subprocess.Popen(
            [*self.words, "system", "service", "--time=0", f"unix://{self.socket}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment)
        wait_for("Podman's service", self.answers, 30)

    def answers(self):
        assert self.service.poll() is None, "the service has ended"
        with socket.socket(socket.AF_UNIX) as sock:
            try:
                sock.connect(str(self.socket))
                return True
            except OSError:
                return False

    def run(self, name, *options):
        return self("run", "--detach", "--no-healthcheck", "--network", NETWORK, "--name", name,
                    "--env", "SERVICE_NAME=shop", *options, f"localhost/appserver:{TAG}").split()[-1]

    def stop(self):
        self("rm", "--force", "--all", "--time", "0", check=False)
        self("network", "rm", NETWORK, check=False)
        if self.service:
            self.service.terminate()
            self.service.wait(20)


@pytest.fixture(scope="module")
def podman():
    if not shutil.which("podman"):
        pytest.skip("no podman here; tests/run.sh installs it")
    if os.geteuid() != 0:
        pytest.skip("Podman with networks of its own needs root")
    made = Podman(Path(tempfile.mkdtemp(prefix="lbtest-")))  # podman wants a short path
    try:
        made.load(f"appserver:{TAG}")
        made("network", "create", NETWORK)
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(made.folder, ignore_errors=True)


def test_a_death_is_seen_and_networks_are_known_by_their_names(podman):
    own = podman.run("lb", "--label", "lb.service=none")  # stands for lb's container
    podman.run("one")
    with Watcher(f"--docker=unix://{podman.socket}", "--self", own, "--resync", "3600") as w:
        w.wait(lambda w: w.states("shop") == {"one": "ready"}, 20)
        podman.run("two")
        w.wait(lambda w: w.states("shop") == {"one": "ready", "two": "ready"}, 20)
        address = podman("inspect", "--format",
                         "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "two")
        assert w.endpoints("shop")["two"]["address"] == address
        podman("pause", "one")
        w.wait(lambda w: w.states("shop").get("one") == "paused", 20)
        podman("unpause", "one")
        w.wait(lambda w: w.states("shop").get("one") == "ready", 20)
        podman("kill", "two")
        w.wait(lambda w: w.states("shop") == {"one": "ready"}, 20)
        assert w.reasons()["two"] == "not_running"
        podman("start", "two")
        w.wait(lambda w: w.states("shop") == {"one": "ready", "two": "ready"}, 20)
        podman("stop", "--time", "1", "one")
        w.wait(lambda w: w.states("shop") == {"two": "ready"}, 20)
        podman("rm", "one")
        podman("rm", "--force", "--time", "0", "two")
        w.wait(lambda w: not set(w.reasons()) & {"one", "two"} and w.states("shop") == {}, 20)
