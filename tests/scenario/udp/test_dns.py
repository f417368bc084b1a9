"""A DNS server at each of three addresses, and dnsperf, which counts what is not answered."""

import contextlib
import re
import shutil
import subprocess
import threading
import time

import pytest

from support.datagrams import UdpClient, UdpPool
from support.free_port import free_udp_port
from support.waiting import wait_for

pytestmark = pytest.mark.skipif(not (shutil.which("dnsmasq") and shutil.which("dnsperf")),
                                reason="dnsmasq or dnsperf is not installed")

NAMES = "".join(f"host{i}.test A\n" for i in range(50))

# RFC 1035: id 0x1234, one question, host1.test A IN
QUESTION = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x05host1\x04test\x00\x00\x01\x00\x01"


class Dnsmasq:
    """Answers A of host0.test to host49.test by 192.0.2.1."""

    def __init__(self, name, address):
        self.name, self.address = name, address
        self.process = subprocess.Popen(
            ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
             f"--port={address[1]}", f"--listen-address={address[0]}", "--bind-interfaces",
             "--user=root", "--pid-file=", "--address=/test/192.0.2.1", "--local-ttl=60",
             "--dns-forward-max=1000"],
            stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.is_there, f"dnsmasq answers at {address}")

    def is_there(self):
        with UdpClient(self.address) as client, contextlib.suppress(OSError):
            client.sock.settimeout(0.2)
            client.send(QUESTION)
            return b"\xc0\x00\x02\x01" in client.receive()
        return False

    def close(self):
        self.process.kill()
        self.process.wait()


class DnsPool(UdpPool):
    def __init__(self, discovery, cleanup):
        super().__init__(discovery, cleanup, count=0)
        for number, name in enumerate(("one", "two", "three")):
            host = f"127.0.0.{41 + number}"
            server = Dnsmasq(name, (host, free_udp_port(host)))
            cleanup.callback(server.close)
            self.servers[name] = server


@pytest.fixture
def pool(discovery, cleanup):
    return DnsPool(discovery, cleanup)


@pytest.fixture
def names(tmp_path):
    path = tmp_path / "names"
    path.write_text(NAMES, encoding="ascii")
    return path


@pytest.fixture
def lb(start_lb, pool, discovery):
    port = free_udp_port()
    lb = start_lb(f"--udp=127.0.0.1:{port}=names", *discovery.flags, "--workers=2")
    lb.udp = ("127.0.0.1", port)
    pool.tell()
    pool.wait_usable(lb, 3)
    return lb


class Dnsperf(threading.Thread):
    """Queries for some seconds: `sent` and `lost` then."""

    def __init__(self, lb, names, seconds, clients=20, outstanding=40, timeout_s=3, rate=2000):
        super().__init__(daemon=True)
        self.command = ["dnsperf", "-d", str(names), "-s", lb.udp[0], "-p", str(lb.udp[1]), "-l", str(seconds),
                        "-c", str(clients), "-q", str(outstanding), "-t", str(timeout_s),
                        "-Q", str(rate)]
        self.sent = self.lost = None
        self.start()

    def run(self):
        done = subprocess.run(self.command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        self.sent = int(re.search(r"Queries sent:\s+(\d+)", done.stdout)[1])
        self.lost = int(re.search(r"Queries lost:\s+(\d+)", done.stdout)[1])

    def wait(self):
        self.join(60)
        assert self.sent, "dnsperf did not run"
        return self


def test_every_query_is_answered(lb, names):
    perf = Dnsperf(lb, names, seconds=2).wait()
    assert perf.sent > 500
    assert perf.lost == 0
    page = lb.metrics()
    assert page.value("lb_udp_client_datagrams_total", service="names") >= perf.sent
    assert page.value("lb_udp_lost_datagrams_total", service="names") == 0


def test_servers_come_and_go_and_what_they_answered_is_not_lost(lb, pool, names):
    """In order: each drains before it goes. What it was asked in that very moment goes with it."""
    perf = Dnsperf(lb, names, seconds=4)
    gone = 0
    while perf.is_alive():
        for name in pool.servers:
            gone += 1
            pool.tell(**{name: "draining"})
            pool.wait_usable(lb, 2)
            pool.tell(**{name: None})
            pool.wait_usable(lb, 2)
            pool.tell()
            pool.wait_usable(lb, 3)
    assert perf.wait().lost <= max(perf.sent // 1000, gone)


def test_killed_server_loses_no_more_than_it_had(lb, pool, names):
    """What it had taken, and not answered yet, and for each client the query that met the closed port."""
    clients, outstanding = 20, 40
    perf = Dnsperf(lb, names, seconds=4, clients=clients, outstanding=outstanding)
    wait_for(lambda: lb.metrics().value("lb_udp_client_datagrams_total", service="names") > 1000,
             "queries are under way")
    pool.servers["two"].close()
    perf.wait()
    assert perf.lost <= clients + outstanding
    assert perf.sent > 2000


def test_each_query_from_a_port_of_its_own(lb):
    """As resolvers do: thousands of flows of one question each."""
    end = time.monotonic() + 20
    for _ in range(1500):
        with UdpClient(lb.udp) as client:
            client.send(QUESTION)
            assert b"\xc0\x00\x02\x01" in client.receive()
        assert time.monotonic() < end
    wait_for(lambda: lb.metrics().value("lb_udp_server_datagrams_total", service="names") >= 1500, "the last answer is counted")
    page = lb.metrics()
    assert page.value("lb_udp_server_datagrams_total", service="names") == 1500
    assert page.value("lb_udp_flows_total", service="names") > 1200  # some ports come twice
