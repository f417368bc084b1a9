"""deploy/upgrade.sh: lb's container is replaced under load, and no client notices."""
import http.client
import os
import subprocess
import threading

import pytest
from conftest import LABEL, TAG, TOP, docker, free_port, wait_for

pytestmark = pytest.mark.xdist_group("upgrade_container")
SOCKET = "/var/run/docker.sock"
GROUP = str(os.stat(SOCKET).st_gid) if os.path.exists(SOCKET) else "0"
BODY = bytes(range(256)) * 256  # 64 KiB


class Load:
    """Clients that never pause: each request on a new connection, many on one, and uploads. Everything that
    is not 200 is a fault; a connection that is refused is one of its own."""

    def __init__(self, port, host="127.0.0.1", count=2):
        self.host, self.port = host, port
        self.done, self.faults, self.refused = 0, [], 0
        self.stop = threading.Event()
        ways = (self.fresh, self.kept, self.upload)
        self.threads = [threading.Thread(target=self.run, args=(way,)) for way in ways for _ in range(count)]

    def run(self, way):
        while not self.stop.is_set():
            try:
                way()
            except ConnectionRefusedError:
                self.refused += 1
            except Exception as fault:  # pylint: disable=broad-except  # whatever it is, a client has met it
                self.faults.append(f"{way.__name__}: {fault!r}")

    def judge(self, response, way):
        body = response.read()
        if response.status != 200:
            self.faults.append(f"{way}: {response.status} {body[:100]}")
        self.done += 1

    def connect(self):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        connection.connect()
        return connection

    def fresh(self):
        connection = self.connect()
        connection.request("GET", "/", headers={"Connection": "close"})
        self.judge(connection.getresponse(), "fresh")
        connection.close()

    def kept(self):
        """As long as the server keeps it; that it closes an idle one at that moment is HTTP's own race, which lb
        avoids by saying `Connection: close` first."""
        connection = self.connect()
        for _ in range(1000):
            connection.request("GET", "/")
            response = connection.getresponse()
            is_last = response.headers.get("Connection") == "close"
            self.judge(response, "kept")
            if is_last or self.stop.is_set():
                break
        connection.close()

    def upload(self):
        connection = self.connect()
        connection.request("PUT", "/", body=BODY, headers={"Connection": "close"})
        self.judge(connection.getresponse(), "upload")
        connection.close()

    def more(self, count=200):
        wanted = self.done + count
        wait_for("traffic", lambda: self.done >= wanted)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.more()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def verdict(self):
        return {"faults": self.faults, "refused": self.refused}


FINE = {"faults": [], "refused": 0}


class Upgrade:
    """deploy/upgrade.sh with names of its own."""

    def __init__(self, bench):
        self.name = bench.name("up")

    def script(self, *words, check=True, **environment):
        done = subprocess.run([TOP / "deploy" / "upgrade.sh", *words], stdin=subprocess.DEVNULL, text=True, timeout=180,
                              env={**os.environ, "LB_NAME": self.name, "LB_DRAIN_SECONDS": "60", **environment},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        assert not check or done.returncode == 0, done.stdout
        return done

    def start(self, *options, flags=(), image=f"lb:{TAG}", **how):
        return self.script("start", "--label", LABEL, "--volume", f"{SOCKET}:{SOCKET}", "--group-add", GROUP, *options,
                           image, "--shutdown-delay=0s", "--default-route=appserver", *flags, **how)

    def containers(self):
        return set(docker("ps", "--all", "--filter", f"label=lb-upgrade={self.name}", "--format", "{{.Names}}").split())


@pytest.fixture(name="upgrade")
def make_upgrade(bench):
    made = Upgrade(bench)
    yield made
    made.script("stop", check=False)


@pytest.fixture(name="second_image")
def make_second_image(bench):
    """The same programs by another name, which is what a new version is to the engine."""
    name = f"lb:{bench.name('next')}"
    docker("tag", f"lb:{TAG}", name)
    yield name
    docker("rmi", name, check=False)


def ready(bench, network, count=2):
    return [bench.appserver(network) for _ in range(count)]


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.mark.slow("lb's container is replaced five times under load")
def test_five_replacements_cost_nobody_anything(bench, network, upgrade, second_image):
    ready(bench, network)
    port = free_port()
    upgrade.start("--publish", f"{port}:8000", "--network", network)
    wait_for("lb", lambda: answers(port))
    with Load(port) as load:
        for image in (second_image, f"lb:{TAG}") * 2 + (second_image,):
            upgrade.script(image)
            load.more()
    assert load.verdict() == FINE
    assert upgrade.containers() == {f"{upgrade.name}-anchor", f"{upgrade.name}-6"}
    assert docker("container", "inspect", "--format", "{{.Config.Image}}", f"{upgrade.name}-6") == second_image


@pytest.mark.slow("lb's container is replaced on the network of the host")
def test_on_the_network_of_the_host_as_well(bench, network, upgrade, second_image):
    ready(bench, network)
    port = free_port()
    upgrade.start("--network", "host", flags=(f"--listen=127.0.0.1:{port}", "--admin=off"))
    wait_for("lb", lambda: answers(port))
    with Load(port) as load:
        upgrade.script(second_image)
        load.more()
    assert load.verdict() == FINE


@pytest.mark.slow("containers that do not become ready are waited for")
def test_one_that_does_not_become_ready_goes_and_the_old_one_serves_on(bench, network, upgrade):
    ready(bench, network)
    port = free_port()
    upgrade.start("--publish", f"{port}:8000", "--network", network)
    wait_for("lb", lambda: answers(port))
    with Load(port) as load:
        for image, why in ((f"appserver:{TAG}", "did not become ready"), ("lb:there-is-none", "there is no image")):
            done = upgrade.script(image, check=False, LB_READY_SECONDS="10")
            assert done.returncode == 1 and why in done.stdout, done.stdout
            load.more()
        # An image that starts and then only waits.
        hangs = f"lb:{bench.name('hangs')}"
        made = subprocess.run(["docker", "build", "--quiet", "--label", LABEL, "--tag", hangs, "-"], text=True, check=True,
                              input=f'FROM lb:{TAG}\nENTRYPOINT ["sleep", "60"]\n', stdout=subprocess.PIPE)
        done = upgrade.script(hangs, check=False, LB_READY_SECONDS="5")
        assert done.returncode == 1 and "serves on" in done.stdout, (made.stdout, done.stdout)
        load.more()
        docker("rmi", hangs, check=False)
    assert load.verdict() == FINE
    assert upgrade.containers() == {f"{upgrade.name}-anchor", f"{upgrade.name}-1"}
    assert docker("container", "inspect", "--format", "{{.HostConfig.RestartPolicy.Name}}",
                  f"{upgrade.name}-1") == "unless-stopped"


@pytest.mark.slow("an lb that is killed is started again by the engine")
def test_what_is_gone_comes_back_and_can_be_replaced(bench, network, upgrade, second_image):
    ready(bench, network)
    port = free_port()
    upgrade.start("--publish", f"{port}:8000", "--network", network)
    wait_for("lb", lambda: answers(port))
    upgrade.script(second_image)
    pid = docker("container", "inspect", "--format", "{{.State.Pid}}", f"{upgrade.name}-2")
    os.kill(int(pid), 9)
    wait_for("the engine to start it again", lambda: docker(
        "container", "inspect", "--format", "{{.RestartCount}} {{.State.Running}}", f"{upgrade.name}-2") == "1 true")
    wait_for("lb", lambda: answers(port))
    with Load(port) as load:
        upgrade.script(f"lb:{TAG}")
        load.more()
    assert load.verdict() == FINE


def test_words_that_it_cannot_take_are_told(upgrade):
    for words, why in ((("start", "--name=x", f"lb:{TAG}"), "--name"), (("start", "--publish"), "value"),
                       (("lb:any",), "runs here"), (("start", "-it", f"lb:{TAG}"), "-it")):
        done = upgrade.script(*words, check=False)
        assert done.returncode == 1 and why in done.stdout, done.stdout
    assert upgrade.containers() == set()
