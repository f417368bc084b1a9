"""Members come and go under load, and wrk, a load generator of others, sees no error."""

import re
import shutil
import signal
import subprocess

import pytest

from support.discovery import endpoint
from support.program import Program
from support.waiting import wait_for


class Load:
    """wrk for some seconds, or until it is ended."""

    def __init__(self, address, seconds, connections=32, path="/"):
        wrk = shutil.which("wrk")
        assert wrk, "these tests need wrk: apt-get install wrk"
        self.process = subprocess.Popen(
            [wrk, "-t2", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s",
             "http://%s:%d%s" % (*address, path)], stdout=subprocess.PIPE, text=True)

    def is_running(self):
        return self.process.poll() is None

    def end(self):
        assert self.is_running(), "the load ended before the changes did"
        self.process.send_signal(signal.SIGINT)

    def report(self):
        text, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, text
        return text


def assert_no_error(report):
    """wrk mentions errors only when there are some."""
    assert "Socket errors" not in report and "Non-2xx" not in report, report
    assert int(re.search(r"(\d+) requests in", report)[1]) > 100, report


@pytest.mark.parametrize("first", ["the line", "the signal"])
def test_graceful_stop_start_and_scaling(first, start_lb, start_appserver, discovery, cleanup):
    servers = {name: start_appserver(name) for name in ("a1", "a2", "a3")}
    lb = start_lb("--workers=2", *discovery.flags)
    states = {name: "ready" for name in servers}

    def tell():
        discovery.send(*(endpoint(name, servers[name].address, state=state,
                                 id=f"id-{servers[name].pid}")
                        for name, state in states.items()))

    def requests_of(name):
        return lb.endpoints()[name]["requests"]

    def tell_draining():
        states["a2"] = "draining"
        tell()

    tell()
    lb.wait_ready(3)
    load = Load(lb.address, seconds=120)
    wait_for(lambda: min(map(requests_of, servers)) > 20, "all three have work")

    steps = [tell_draining, servers["a2"].signal]
    for step in steps if first == "the line" else reversed(steps):
        step()
    assert servers["a2"].wait_end() == 0
    del states["a2"]
    tell()
    lb.wait_ready(2)

    old_port = servers["a2"].address[1]
    servers["a2"] = start_appserver("a2", port=old_port)  # back, at the same address
    states["a2"] = "ready"
    tell()
    lb.wait_ready(3)
    wait_for(lambda: requests_of("a2") > 20, "the one that came back has work")

    for name in ("a4", "a5", "a6"):
        servers[name] = start_appserver(name)
        states[name] = "ready"
        tell()
    lb.wait_ready(6)
    wait_for(lambda: min(map(requests_of, servers)) > 20, "all six have work")
    load.end()
    report = load.report()
    assert_no_error(report)
    lb.wait_idle()
    assert set(lb.totals()["ends"]) <= {"ok", "client_gone"}  # wrk drops its last requests


def test_told_before_it_listens(start_lb, start_appserver, discovery, cleanup):
    """Scaling up: lines come first, the servers listen a little later."""
    server = start_appserver("a1")
    reserved = start_appserver("reserved")
    port = reserved.address[1]
    reserved.stop()
    entries = [endpoint("a1", server.address), endpoint("late", ("127.0.0.1", port))]
    lb = start_lb("--workers=2", *discovery.flags)
    discovery.send(*entries[:1])
    lb.wait_ready(1)
    load = Load(lb.address, seconds=120)
    discovery.send(*entries)
    wait_for(lambda: lb.states().get("late") == "probing", "it is known")
    late = Program("appserver", f"--listen=127.0.0.1:{port}", "--name=late", "--no-log")
    cleanup.callback(late.stop)
    lb.wait_ready(2)
    wait_for(lambda: lb.endpoints()["late"]["requests"] > 20, "it has work")
    load.end()
    assert_no_error(load.report())
    assert lb.totals()["retries"] == 0


@pytest.mark.quick
def test_lines_in_quick_succession(start_lb, start_appserver, discovery):
    """Many snapshots; a1 stays, the others leave and come back in turn, faster than they can be
    probed perhaps."""
    servers = {name: start_appserver(name) for name in ("a1", "a2", "a3", "a4")}
    entries = [endpoint(name, server.address) for name, server in servers.items()]
    lb = start_lb("--workers=2", *discovery.flags)
    discovery.send(*entries)
    lb.wait_ready(4)
    load = Load(lb.address, seconds=2)
    count = 0
    while load.is_running() or count <= 4:  # mostly hundreds; each has left after four
        kept = entries[:1] + [e for i, e in enumerate(entries[1:]) if count % 4 != i]
        discovery.send(*reversed(kept))
        count += 1
        wait_for(lambda: lb.pool()["discovery"]["lines"] >= count, "the line is read")
    assert_no_error(load.report())
    discovery.send(*entries)
    lb.wait_ready(4)
    lb.wait_idle()


def test_keep_alive_that_servers_end(start_lb, start_appserver):
    """Servers that close after every answer, and ones with a very short idle time."""
    servers = [start_appserver("a1", "--keepalive-ms=0"), start_appserver("a2", "--keepalive-ms=1"),
               start_appserver("a3")]
    lb = start_lb("--workers=2", backends=servers)
    assert_no_error(Load(lb.address, seconds=2).report())
