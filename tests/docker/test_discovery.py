"""lb-discovery against a real Docker engine. Names of everything made here begin with "discovery-"."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import uuid

import pytest

from conftest import LABEL

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "scenario" / "discovery"))
from watcher import PROGRAM, Watcher  # noqa: E402

IMAGE = "debian:trixie-slim"
GRACEFUL = ["sh", "-c", 'trap "sleep 0.7; exit 0" TERM; sleep 1000 & wait']


def docker(*args, check=True, host=None):
    command = ["docker", *(["-H", host] if host else []), *args]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert not check or done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout.strip()


def is_usable():
    try:
        return IMAGE in docker("images", "--format", "{{.Repository}}:{{.Tag}}")
    except (AssertionError, OSError):
        return False


pytestmark = pytest.mark.skipif(not is_usable(), reason=f"needs a Docker engine with the image {IMAGE}")


class Bench:
    """Containers of one test: own service, own names, removed afterwards."""

    def __init__(self, host=None):
        self.host = host
        self.tag = uuid.uuid4().hex[:8]
        self.service = f"discovery-{self.tag}"
        self.networks = []

    def name(self, short):
        return f"discovery-{self.tag}-{short}"

    def docker(self, *args, check=True):
        return docker(*args, check=check, host=self.host)

    def run(self, short, *options, command=("sleep", "1000"), image=IMAGE, port="80"):
        labels = ["--label", f"lb.service={self.service}"] + (["--label", f"lb.port={port}"] if port else [])
        for is_last in (False, False, True):
            try:
                return self.docker("run", "-d", "--name", self.name(short), "--label", LABEL, *labels, *options, image, *command)
            except AssertionError as problem:  # a port that the engine chose for -p is somebody else's
                if is_last or "address already in use" not in str(problem):
                    raise
            self.docker("rm", "-f", self.name(short))
        return None

    def network(self, short):
        self.networks.append(self.name(short))
        self.docker("network", "create", "--label", LABEL, self.name(short))
        return self.name(short)

    def address(self, short, network="bridge"):
        return self.docker("inspect", "-f", f'{{{{(index .NetworkSettings.Networks "{network}").IPAddress}}}}',
                           self.name(short))

    def watch(self, *args):
        return Watcher("--docker" + (f"={self.host}" if self.host else ""), "--self", "none", *args)

    # What the lines say about this test's own containers, by their short names.
    def _short(self, things):
        beginning = self.name("")
        return {name[len(beginning):]: thing for name, thing in things.items() if name.startswith(beginning)}

    def endpoints(self, w):
        return self._short(w.endpoints(self.service))

    def states(self, w):
        return {name: endpoint["state"] for name, endpoint in self.endpoints(w).items()}

    def reasons(self, w):
        return self._short(w.reasons())

    def close(self):
        names = self.docker("ps", "-aq", "--filter", f"name=discovery-{self.tag}").split()
        if names:
            self.docker("rm", "-f", *names, check=False)
        for network in self.networks:
            self.docker("network", "rm", network, check=False)


@pytest.fixture
def bench():
    it = Bench()
    yield it
    it.close()


@pytest.fixture
def w(bench):
    with bench.watch() as watcher:
        watcher.next()
        yield watcher


def lag_ms(w, name, bench):
    """From the engine's own time of an event to its line."""
    return (w.last_at_ns - bench.endpoints(w)[name]["cause_time_ns"]) / 1e6


def test_start_and_graceful_stop_and_start_again(bench, w):
    bench.run("a", command=GRACEFUL)
    w.wait(lambda w: bench.states(w) == {"a": "ready"})
    assert bench.endpoints(w)["a"]["address"] == bench.address("a")
    assert bench.endpoints(w)["a"]["cause"] == "start"
    print("start to line:", lag_ms(w, "a", bench), "ms")
    assert lag_ms(w, "a", bench) < 500
    stopping = subprocess.Popen(["docker", "stop", bench.name("a")], stdout=subprocess.DEVNULL)
    w.wait(lambda w: bench.states(w) == {"a": "draining"})
    print("kill to line:", lag_ms(w, "a", bench), "ms")
    assert lag_ms(w, "a", bench) < 300
    assert bench.endpoints(w)["a"]["cause"] == "kill"
    assert stopping.poll() is None  # it was still at work when the line came
    w.wait(lambda w: bench.reasons(w) == {"a": "not_running"})
    stopping.wait()
    bench.docker("start", bench.name("a"))
    w.wait(lambda w: bench.states(w) == {"a": "ready"})


def test_kill_and_remove(bench, w):
    bench.run("a")
    bench.run("b")
    w.wait(lambda w: set(bench.states(w)) == {"a", "b"})
    bench.docker("kill", "--signal", "USR1", bench.name("b"))  # says nothing about its end
    bench.docker("kill", bench.name("a"))
    w.wait(lambda w: bench.states(w) == {"b": "ready"} and bench.reasons(w) == {"a": "not_running"}, 5)
    bench.docker("rm", "-f", bench.name("b"))
    w.wait(lambda w: bench.states(w) == {} and bench.reasons(w) == {"a": "not_running"}, 5)
    bench.docker("rm", bench.name("a"))
    w.wait(lambda w: bench.reasons(w) == {}, 5)


def test_signal_that_is_survived(bench, w):
    bench.run("a", "--stop-timeout", "0", command=["sh", "-c", "trap : TERM; while :; do sleep 0.1; done"])
    w.wait(lambda w: bench.states(w) == {"a": "ready"})
    bench.docker("kill", "--signal", "TERM", bench.name("a"))
    w.wait(lambda w: bench.states(w) == {"a": "draining"}, 5)
    w.wait(lambda w: bench.states(w) == {"a": "ready"}, 5)
    assert bench.endpoints(w)["a"]["cause"] == "survived_stop"


def test_own_stop_signal(bench, w):
    bench.run("a", "--stop-signal", "SIGUSR2", command=["sh", "-c", "trap 'sleep 0.7; exit' USR2; "
                                                        "trap : TERM; while :; do sleep 0.1; done"])
    w.wait(lambda w: bench.states(w) == {"a": "ready"})
    bench.docker("kill", "--signal", "TERM", bench.name("a"))
    bench.docker("stop", bench.name("a"))
    w.wait(lambda w: bench.states(w) != {"a": "ready"})
    assert bench.states(w) == {"a": "draining"}
    w.wait(lambda w: bench.reasons(w) == {"a": "not_running"})


def test_pause_restart_rename(bench, w):
    bench.run("a")
    w.wait(lambda w: bench.states(w) == {"a": "ready"})
    bench.docker("pause", bench.name("a"))
    w.wait(lambda w: bench.states(w) == {"a": "paused"}, 5)
    bench.docker("unpause", bench.name("a"))
    w.wait(lambda w: bench.states(w) == {"a": "ready"}, 5)
    bench.docker("rename", bench.name("a"), bench.name("z"))
    w.wait(lambda w: bench.states(w) == {"z": "ready"}, 5)
    bench.docker("restart", "-t", "0", bench.name("z"))
    w.wait(lambda w: bench.states(w) == {"z": "ready"} and "start" in bench.endpoints(w)["z"]["cause"], 5)


@pytest.mark.slow("the engine's own checks, once a second")
def test_health(bench, w):
    """Paused while healthy: the engine calls it unhealthy until the next check; that is no news."""
    bench.run("a", "--health-cmd", "test -f /tmp/ok", "--health-interval", "1s", "--health-retries", "1",
              "--health-start-period", "1h")
    w.wait(lambda w: bench.states(w) == {"a": "starting"})
    bench.docker("exec", bench.name("a"), "touch", "/tmp/ok")
    w.wait(lambda w: bench.states(w) == {"a": "ready"})
    bench.docker("exec", bench.name("a"), "rm", "/tmp/ok")
    w.wait(lambda w: bench.states(w) == {"a": "unhealthy"})
    bench.docker("exec", bench.name("a"), "touch", "/tmp/ok")
    w.wait(lambda w: bench.states(w) == {"a": "ready"})
    bench.docker("pause", bench.name("a"))
    w.wait(lambda w: bench.states(w) == {"a": "paused"})
    inspect = json.loads(bench.docker("inspect", bench.name("a")))[0]
    assert inspect["State"]["Health"]["Status"] == "unhealthy"  # as the engine says
    bench.docker("unpause", bench.name("a"))
    w.wait(lambda w: bench.states(w) != {"a": "paused"})
    assert bench.states(w) == {"a": "ready"}
    end = time.monotonic() + 2.5  # over the next check
    while time.monotonic() < end:
        try:
            w.next(end - time.monotonic() if end > time.monotonic() else 0.01)
        except AssertionError:
            break
        assert bench.states(w) == {"a": "ready"}


def test_paused_before_it_was_seen(bench):
    bench.run("a", "--health-cmd", "true", "--health-interval", "1s")
    while "healthy" not in bench.docker("inspect", "-f", "{{.State.Health.Status}}", bench.name("a")):
        time.sleep(0.1)
    bench.docker("pause", bench.name("a"))
    with bench.watch() as w:
        w.wait(lambda w: bench.states(w) == {"a": "paused"})
        bench.docker("unpause", bench.name("a"))
        w.wait(lambda w: bench.states(w) != {"a": "paused"})
        assert bench.states(w) == {"a": "ready"}


def test_two_networks(bench, w):
    first, second = bench.network("net1"), bench.network("net2")
    bench.run("a", "--network", second)
    w.wait(lambda w: bench.states(w) == {"a": "ready"})
    assert bench.endpoints(w)["a"]["address"] == bench.address("a", second)
    bench.docker("network", "connect", first, bench.name("a"))
    w.wait(lambda w: bench.endpoints(w)["a"]["address"] == bench.address("a", first), 5)
    bench.run("b", "--network", first, "--label", f"lb.network={second}")
    w.wait(lambda w: bench.reasons(w) == {"b": "no_shared_network"}, 5)
    bench.docker("network", "connect", second, bench.name("b"))
    w.wait(lambda w: set(bench.states(w)) == {"a", "b"}, 5)
    assert bench.endpoints(w)["b"]["address"] == bench.address("b", second)
    bench.docker("network", "disconnect", first, bench.name("a"))
    w.wait(lambda w: bench.endpoints(w)["a"]["address"] == bench.address("a", second), 5)
    bench.docker("network", "disconnect", second, bench.name("a"))
    w.wait(lambda w: bench.reasons(w) == {"a": "no_address"}, 5)


def test_kinds_of_networks(bench, w):
    bench.run("host", "--network", "host", port="18181")
    bench.run("none", "--network", "none")
    bench.run("owner")
    bench.run("guest", "--network", f"container:{bench.name('owner')}", port="81")
    w.wait(lambda w: set(bench.states(w)) == {"host", "owner", "guest"} and bench.reasons(w))
    assert bench.reasons(w) == {"none": "no_address"}
    ends = bench.endpoints(w)
    assert (ends["host"]["address"], ends["host"]["port"]) == ("127.0.0.1", 18181)
    assert ends["guest"]["address"] == ends["owner"]["address"] and ends["guest"]["port"] == 81
    bench.docker("kill", bench.name("owner"))
    w.wait(lambda w: set(bench.states(w)) == {"host"}, 5)
    assert bench.reasons(w)["guest"] == "not_running"


@pytest.mark.slow("containers begin and end one after the other")
def test_what_was_there_before(bench):
    bench.run("run", "-e", "SERVICE_PORT=8080", port=None)
    bench.run("off", "--label", "lb.enable=false")
    bench.docker("create", "--name", bench.name("made"), "--label", LABEL, "--label", f"lb.service={bench.service}", IMAGE,
                     "true")
    bench.run("portless", port=None)
    with bench.watch() as w:
        w.next()
        assert bench.states(w) == {"run": "ready"} and bench.endpoints(w)["run"]["port"] == 8080
        assert bench.reasons(w) == {"off": "disabled", "made": "not_running", "portless": "no_port"}
        assert w.left_out()[bench.name("made")]["service"] == bench.service


@pytest.mark.slow("it lives for two seconds each time")
def test_a_crash_and_the_restart_policy(bench, w):
    bench.run("a", "--restart", "always", command=["sh", "-c", "sleep 2; exit 1"])
    w.wait(lambda w: bench.states(w) == {"a": "ready"})
    w.wait(lambda w: bench.reasons(w) == {"a": "not_running"})
    w.wait(lambda w: bench.states(w) == {"a": "ready"})


@pytest.mark.slow("containers begin and end one after the other")
def test_many_at_once(bench, w):
    for number in range(6):
        bench.docker("create", "--name", bench.name(f"c{number}"), "--label", LABEL, "--label", f"lb.service={bench.service}",
                     "--label", "lb.port=80", IMAGE, "sleep", "1000")
    names = [bench.name(f"c{number}") for number in range(6)]
    bench.docker("start", *names)
    w.wait(lambda w: list(bench.states(w).values()) == ["ready"] * 6, 20)
    assert len({e["address"] for e in bench.endpoints(w).values()}) == 6
    bench.docker("rm", "-f", *names)
    w.wait(lambda w: bench.states(w) == {} and bench.reasons(w) == {}, 20)


# ---- lb itself in a container -------------------------------------------------------------------------

def in_container(bench, *options):
    """Runs lb-discovery --once in a container, with this system's libraries, and gives its line."""
    loader = re.search(r"(/\S*/ld-linux\S*)", subprocess.run(["ldd", PROGRAM], capture_output=True,
                                                           text=True).stdout).group(1)
    folder = str(pathlib.Path(subprocess.run(["ldd", PROGRAM], capture_output=True, text=True)
                              .stdout.split("libcurl.so.4 => ")[1].split()[0]).parent)
    loader = "/host" + os.path.realpath(loader)
    out = bench.docker("run", "--rm", "--name", bench.name("lb"), "--label", LABEL, *options,
                       "-v", "/var/run/docker.sock:/var/run/docker.sock", "-v", "/usr:/host/usr:ro",
                       "-v", f"{os.path.dirname(os.path.abspath(PROGRAM))}:/program:ro", IMAGE, loader, "--library-path",
                       "/host" + os.path.realpath(folder), "/program/lb-discovery", "--once")
    line = json.loads(out)
    beginning = bench.name("")
    found = {e["name"][len(beginning):]: e["address"] for s in line["services"] for e in s["endpoints"]
             if e["name"].startswith(beginning)}
    found.update({c["name"][len(beginning):]: c["reason"] for c in line["left_out"]
                  if c["name"].startswith(beginning)})
    return found


@pytest.mark.slow("containers begin and end one after the other")
@pytest.mark.parametrize("options", [(), ("--hostname", "x"), ("--cgroupns", "private", "--hostname", "y")])
def test_finds_itself(bench, options):
    near, far = bench.network("near"), bench.network("far")
    bench.run("near", "--network", near)
    bench.run("far", "--network", far)
    bench.run("open", "--network", far, "-p", "80")
    bench.run("hidden", "--network", far, "-p", "127.0.0.1::80")
    found = in_container(bench, "--network", near, *options)
    gateway = bench.docker("network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", near)
    assert found == {"lb": "self", "near": bench.address("near", near), "far": "no_shared_network",
                     "open": gateway, "hidden": "no_shared_network"}


def test_finds_itself_on_the_hosts_network(bench):
    bench.run("a")
    bench.run("host", "--network", "host")
    assert in_container(bench, "--network", "host") == {"lb": "self", "a": bench.address("a"), "host": "127.0.0.1"}


# ---- an engine that is restarted: one of our own, so that nobody else's is disturbed ------------------

class OwnEngine:
    """A dockerd in a network namespace of its own, with an image that only waits."""

    def __init__(self, folder):
        self.tag = uuid.uuid4().hex[:6]
        self.folder = folder
        self.host = f"unix://{folder}/docker.sock"
        self.process = None
        subprocess.run(["ip", "netns", "add", f"discovery-{self.tag}"], check=True)

    def start(self, *options):
        (self.folder / "docker.pid").unlink(missing_ok=True)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["nsenter", f"--net=/run/netns/discovery-{self.tag}", "dockerd", "--data-root", str(self.folder / "data"),
                 "--exec-root", str(self.folder / "exec"), "-H", self.host, "-p", str(self.folder / "docker.pid"),
                 *options], stdout=log, stderr=log)
        end = time.monotonic() + 60
        while subprocess.run(["docker", "-H", self.host, "info"], capture_output=True).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < end, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.1)

    def load_image(self):
        source = self.folder / "wait.c"
        source.write_text("#include <unistd.h>\nint main(void) { return pause(); }\n")
        (self.folder / "root").mkdir()
        subprocess.run(["cc", "-static", "-o", str(self.folder / "root" / "wait"), str(source)], check=True)
        tar = subprocess.run(["tar", "-C", str(self.folder / "root"), "-c", "."], check=True, capture_output=True)
        subprocess.run(["docker", "-H", self.host, "import", "-", "wait"], input=tar.stdout, check=True,
                       capture_output=True)

    def end(self, how):
        how(self.process)
        self.process.wait(60)

    def close(self):
        if self.process and self.process.poll() is None:
            names = docker("ps", "-aq", host=self.host, check=False).split()
            if names:
                docker("rm", "-f", *names, host=self.host, check=False)
            self.end(subprocess.Popen.terminate)
        subprocess.run(["ip", "netns", "delete", f"discovery-{self.tag}"], check=False)
        for line in open("/proc/mounts", encoding="utf-8"):
            if str(self.folder) in line:
                subprocess.run(["umount", "-l", line.split()[1]], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def own_engine(tmp_path):
    if os.geteuid() != 0 or not shutil.which("dockerd"):
        pytest.skip("needs root and dockerd, to start an engine of its own")
    folder = pathlib.Path("/tmp") / f"discovery-{uuid.uuid4().hex[:6]}"  # short: a socket is in it
    folder.mkdir()
    engine = OwnEngine(folder)
    try:
        engine.start()
        engine.load_image()
        yield engine
    finally:
        engine.close()


@pytest.mark.slow("an engine begins twice")
def test_the_engine_is_killed_and_comes_back(own_engine):
    bench = Bench(own_engine.host)
    bench.run("stays", "--restart", "always", image="wait", command=["/wait"])
    bench.run("ends", image="wait", command=["/wait"])
    with bench.watch() as w:
        w.next()
        assert set(bench.states(w)) == {"stays", "ends"}
        own_engine.end(subprocess.Popen.kill)
        w.wait_message("the last state is kept")
        w.no_line(2)  # the containers go on, and so does the state
        own_engine.start()
        # The new engine ends what it finds and starts again what is to be always there.
        w.wait(lambda w: bench.states(w) == {"stays": "ready"} and bench.reasons(w) == {"ends": "not_running"}, 30)
        bench.run("new", image="wait", command=["/wait"])
        w.wait(lambda w: set(bench.states(w)) == {"stays", "new"})


@pytest.mark.slow("an engine begins twice")
def test_the_engine_is_stopped_and_comes_back(own_engine):
    bench = Bench(own_engine.host)
    bench.run("stays", "--restart", "always", image="wait", command=["/wait"])
    with bench.watch() as w:
        w.next()
        own_engine.end(subprocess.Popen.terminate)  # tells of the end of each container first
        w.wait(lambda w: bench.reasons(w) == {"stays": "not_running"}, 30)
        w.wait_message("the last state is kept")
        own_engine.start()
        w.wait(lambda w: bench.states(w) == {"stays": "ready"}, 30)


@pytest.mark.slow("an engine begins three times")
def test_live_restore_is_seamless(own_engine):
    own_engine.end(subprocess.Popen.terminate)
    own_engine.start("--live-restore")
    bench = Bench(own_engine.host)
    bench.run("stays", image="wait", command=["/wait"])
    bench.run("dies", image="wait", command=["/wait"])
    pid = int(bench.docker("inspect", "-f", "{{.State.Pid}}", bench.name("dies")))
    with bench.watch() as w:
        w.next()
        own_engine.end(subprocess.Popen.terminate)
        w.wait_message("the last state is kept")
        os.kill(pid, 9)  # nobody tells
        w.no_line(1)
        own_engine.start("--live-restore")
        w.wait(lambda w: bench.states(w) == {"stays": "ready"} and bench.reasons(w) == {"dies": "not_running"}, 30)
