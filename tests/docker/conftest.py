"""What the tests on a real Docker engine share: the docker command, containers of lb and of the
demo server from the real images, and the removal of all that a test made.

Every object gets the label lbtest=<this run>, and names that no other run has, so that several runs and a
demo can share an engine; the images have it too. What a run that was killed has left is removed by the next
one. Every lb sees all containers of the engine: those of other tests are on other networks, and what is
published on all addresses, or on the host's network, has a service of its own.
"""
import fcntl
import http.client
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario"))
from support.free_port import free_port  # noqa: E402, F401

TOP = Path(__file__).resolve().parents[2]
RUN = f"lbtest-{os.getpid()}"
TAG = os.environ.get("LB_TEST_TAG", "test")  # of the images; another one for a second checkout
LABEL = f"lbtest={RUN}"
numbers = itertools.count(1)


def wait_for(what, condition, seconds=60):
    """Calls `condition` until it gives something true, and returns that. Patient, because engines are busy."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < end, f"waited {seconds} s in vain for {what}"
        time.sleep(0.02)


def docker(*words, check=True, timeout=120):
    """Runs `docker WORDS…` and returns what it printed."""
    done = subprocess.run(["docker", *map(str, words)], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
    if check:
        assert done.returncode == 0, f"docker {words}: {done.stderr}"
    return done.stdout.strip()


def remove_everything(label):
    containers = docker("ps", "--all", "--quiet", "--filter", f"label={label}").split()
    if containers:
        docker("rm", "--force", *containers, check=False)
    for network in docker("network", "ls", "--quiet", "--filter", f"label={label}").split():
        # Docker 20.10 now and then says "has active endpoints" of a network that has none.
        docker("network", "rm", network, check=False)
    volumes = docker("volume", "ls", "--quiet", "--filter", f"label={label}").split()
    if volumes:
        docker("volume", "rm", *volumes, check=False)


def remove_leftovers():
    """Of runs whose process is gone."""
    runs = set()
    for words in (("ps", "--all"), ("network", "ls"), ("volume", "ls")):
        runs |= set(docker(*words, "--filter", "label=lbtest", "--format", '{{.Label "lbtest"}}').split())
    for run in runs:
        pid = run.removeprefix("lbtest-")
        if pid.isdigit() and not Path("/proc", pid).exists():
            remove_everything(f"lbtest={run}")
    docker("image", "prune", "--force", "--filter", "label=lbtest", check=False)  # those that have lost their tag


def get(address, port, path="/", timeout=10):
    """One request on a connection of its own: (status, body as text)."""
    connection = http.client.HTTPConnection(address, port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def server_in(body):
    """Who answered: the name in the demo server's greeting."""
    return re.search(r"served from (\S+)!", body).group(1)


class Container:
    def __init__(self, name):
        self.name = name

    @property
    def short_id(self):
        """The first 12 digits of the id, which is the hostname inside."""
        return docker("container", "inspect", "--format", "{{.Id}}", self.name)[:12]

    def address(self, network):
        return docker("container", "inspect", "--format",
                      f'{{{{(index .NetworkSettings.Networks "{network}").IPAddress}}}}', self.name)

    def logs(self):
        done = subprocess.run(["docker", "logs", self.name], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=30, check=False)
        return done.stdout


class LoadBalancer(Container):
    """An lb in a container; spoken to at its address on the bridge, so that no port is published."""

    def __init__(self, name, host, port, admin_port):
        super().__init__(name)
        self.host, self.port, self.admin_port = host, port, admin_port

    def restart(self, network, *options):
        """Until it is there again, which may be at another address."""
        docker("restart", *options, self.name)
        self.host = wait_for("its address", lambda: self.address(network))
        wait_for("lb's admin pages", lambda: is_well(self))

    def get(self, path="/", timeout=10):
        return get(self.host, self.port, path, timeout)

    def server(self):
        status, body = self.get()
        assert status == 200, (status, body)
        return server_in(body)

    def pool(self):
        status, body = get(self.host, self.admin_port, "/pool")
        assert status == 200, (status, body)
        return json.loads(body)

    def service(self, name, protocol="http"):
        """What the pool tells of it, or None."""
        for entry in self.pool()["services"]:
            if entry["name"] == name and entry.get("protocol", "http") == protocol:
                return entry
        return None

    def endpoints(self, service="appserver", protocol="http"):
        """{name: endpoint} of the service."""
        found = self.service(service, protocol)
        return {endpoint["name"]: endpoint for endpoint in found["endpoints"]} if found else {}

    def active(self, service="appserver", protocol="http"):
        """The names of the endpoints that get requests."""
        return {name for name, endpoint in self.endpoints(service, protocol).items()
                if endpoint["state"] == "ready"}

    def wait_for_active(self, names, service="appserver", seconds=60, protocol="http"):
        names = set(names)
        try:
            wait_for(f"{names} to be the pool", lambda: self.active(service, protocol) == names, seconds)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{json.dumps(self.pool())}\n{self.logs()[-4000:]}")

    def left_out(self, name):
        """The entry of a container that is not in the pool, or None."""
        for entry in self.pool()["left_out"]:
            if entry["name"] == name:
                return entry
        return None


class Bench:
    """Makes networks and containers for one test."""

    def __init__(self):
        self.label = f"lbtestcase={RUN}-{next(numbers)}"

    def name(self, word):
        return f"{RUN}-{word}-{next(numbers)}"

    def labels(self):
        return ["--label", LABEL, "--label", self.label]

    def network(self):
        name = self.name("net")
        docker("network", "create", *self.labels(), name)
        return name

    def run(self, image, *options, network, name=None, command=()):
        """docker run --detach; `options` are docker's."""
        name = name or self.name(image.split(":")[0])
        docker("run", "--detach", "--name", name, "--network", network, *self.labels(), *options,
               image, *command)
        return Container(name)

    def appserver(self, network, *options, name=None, health_check=False, command=()):
        """Without its health check it is let in at once, and ten of them cost no processor time."""
        if not health_check:
            options = ("--no-healthcheck", *options)
        return self.run(f"appserver:{TAG}", *options, network=network, name=name, command=command)

    def lb(self, network, *flags, port=8000, admin_port=8001, options=(), host=None):
        """`flags` are lb's, `options` are docker's; `host` is where it is, if no network tells. Other tests'
        containers may have routes: so it is said what becomes of requests that none matches."""
        if "--default-route" not in flags:
            flags = (*flags, "--default-route",
                     flags[flags.index("--service") + 1] if "--service" in flags else "appserver")
        group = os.stat("/var/run/docker.sock").st_gid
        container = self.run(f"lb:{TAG}", "--volume", "/var/run/docker.sock:/var/run/docker.sock",
                             "--group-add", str(group), *options, network=network,
                             command=("--listen", f"0.0.0.0:{port}",
                                      "--admin", f"0.0.0.0:{admin_port}", "--admin-open",
                                      *flags))
        host = host or ("127.0.0.1" if network == "host" else container.address(network))
        balancer = LoadBalancer(container.name, host, port, admin_port)
        wait_for("lb's admin pages", lambda: is_well(balancer))
        return balancer


def is_well(balancer):
    try:
        return get(balancer.host, balancer.admin_port, "/readyz", timeout=2)[0] in (200, 503)
    except OSError:
        return False


@pytest.fixture(scope="session", autouse=True)
def images():
    """lb:TAG and appserver:TAG, built from this checkout (quick when nothing changed) by one worker, while
    the others wait; tests/run.sh has built them already."""
    assert shutil.which("docker"), "these tests need Docker; tests/run.sh installs it"
    (TOP / "build").mkdir(exist_ok=True)
    with open(TOP / "build" / "test-images.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        remove_leftovers()
        if os.environ.get("LB_TEST_IMAGES") != "built":
            subprocess.run(["bash", "-c", "set -eu; . deploy/lib.sh; ensure_engine; "
                            "image_options=(--label lbtest=image); build_images $0", TAG],
                           cwd=TOP, stdin=subprocess.DEVNULL, check=True, timeout=600)
    yield
    remove_everything(LABEL)


@pytest.fixture
def bench():
    made = Bench()
    yield made
    remove_everything(made.label)


@pytest.fixture
def network(bench):
    return bench.network()
