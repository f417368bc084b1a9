"""lb on a host with several addresses, clients and servers on others: network namespaces, joined by pairs of
links."""

import itertools
import os
import shutil
import subprocess
import sys

import pytest

from support.datagrams import UdpClient, UdpPool
from support.free_port import free_udp_port
from support.waiting import wait_for

NUMBERS = itertools.count(1)


def ip(*words, check=True):
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=check)


def can_make_namespaces():
    if os.geteuid() != 0 or not shutil.which("ip"):
        return False
    name = f"lb-try-{os.getpid()}"
    made = ip("netns", "add", name, check=False).returncode == 0 and \
        ip("link", "add", name[:15], "type", "veth", "peer", "name", "p-" + name[:12],
           check=False).returncode == 0
    ip("link", "del", name[:15], check=False)
    ip("netns", "del", name, check=False)
    return made


pytestmark = [pytest.mark.skipif(not can_make_namespaces(),
                                 reason="network namespaces need root and ip(8)"),
              pytest.mark.xdist_group("udp_hosts")]


class Host:
    """A namespace with one link to ours: ours has `near`, two addresses; it has `far`."""

    def __init__(self, net):
        number = next(NUMBERS)
        self.name = f"lb-udp-{os.getpid()}-{number}"
        self.link = f"lbu{os.getpid() % 100000}-{number}"
        self.near = [f"{net}.1", f"{net}.9"]
        self.far = f"{net}.2"
        ip("netns", "add", self.name)
        ip("link", "add", self.link, "type", "veth", "peer", "name", "far", "netns", self.name)
        for address in self.near:
            ip("addr", "add", f"{address}/24", "dev", self.link)
        ip("link", "set", self.link, "up")
        for words in (["addr", "add", f"{self.far}/24", "dev", "far"],
                      ["link", "set", "far", "up"], ["link", "set", "lo", "up"]):
            ip("-n", self.name, *words)
        self.run("open('/proc/sys/net/ipv4/icmp_ratelimit', 'w').write('0')")

    def run(self, program, *arguments):
        """Python there; gives what it printed."""
        return subprocess.run(["ip", "netns", "exec", self.name, sys.executable, "-c", program,
                               *map(str, arguments)], capture_output=True, text=True, timeout=30,
                              check=True).stdout.strip()

    def start(self, program, *arguments):
        return subprocess.Popen(["ip", "netns", "exec", self.name, sys.executable, "-c", program,
                                 *map(str, arguments)])

    def close(self):
        ip("link", "del", self.link, check=False)
        ip("netns", "del", self.name, check=False)


ASK = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
    client.settimeout(10)
    client.sendto(b"who?", (sys.argv[1], int(sys.argv[2])))
    answer, peer = client.recvfrom(1000)
    print(answer.decode(), peer[0])
"""

SERVE = """
import socket, sys
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
    server.bind((sys.argv[1], int(sys.argv[2])))
    while True:
        question, peer = server.recvfrom(1000)
        server.sendto(b"far " + question, peer)
"""


@pytest.fixture
def host(cleanup):
    host = Host(f"10.{200 + os.getpid() // 250 % 50}.{os.getpid() % 250}")  # others run these tests, too
    cleanup.callback(host.close)
    return host


@pytest.fixture
def serve(cleanup):
    def start(host, port):
        server = host.start(SERVE, host.far, port)

        def end():
            server.kill()
            server.wait()
        cleanup.callback(end)
        return end
    return start


def start(start_lb, pool, discovery, count):
    port = free_udp_port("0.0.0.0")
    lb = start_lb(f"--udp=0.0.0.0:{port}=names", *discovery.flags, "--eject-after=1000")
    lb.udp = ("0.0.0.0", port)
    pool.tell()
    pool.wait_usable(lb, count)
    return lb


def test_client_far_away_is_answered_from_what_it_asked(host, start_lb, discovery, cleanup):
    pool = UdpPool(discovery, cleanup, count=1)
    lb = start(start_lb, pool, discovery, 1)
    for address in host.near:
        assert host.run(ASK, address, lb.udp[1]) == f"one who? {address}"


class Far:
    """A server at another host, for a UdpPool."""

    def __init__(self, host, port):
        self.address = (host.far, port)


def test_icmp_of_another_host_is_heard(host, serve, start_lb, discovery, cleanup):
    """Its server has ended: what it is asked comes back, and goes to the other one."""
    pool = UdpPool(discovery, cleanup, count=1)
    pool.servers["two"] = Far(host, 5353)
    end = serve(host, 5353)
    lb = start(start_lb, pool, discovery, 2)
    wait_for(lambda: host.run(ASK, host.near[0], lb.udp[1]).startswith("far"), "it answers")
    end()
    for _ in range(10):
        assert host.run(ASK, host.near[1], lb.udp[1]) == f"one who? {host.near[1]}"
    assert lb.metrics().value("lb_udp_lost_datagrams_total", service="names") == 0


def test_host_that_is_gone_loses_its_flows(host, serve, start_lb, discovery, cleanup):
    pool = UdpPool(discovery, cleanup, count=1)
    pool.servers["two"] = Far(host, 5353)
    serve(host, 5353)
    lb = start(start_lb, pool, discovery, 2)
    clients = [UdpClient(("127.0.0.1", lb.udp[1])) for _ in range(20)]
    assert {client.ask() for client in clients} == {"one", "far"}
    ip("link", "set", host.link, "down")
    pool.tell(two=None)
    pool.wait_usable(lb, 1)
    for client in clients:
        wait_for(lambda client=client: client.ask() == "one", "it goes to the other one")
        client.close()


class Nobody:
    """An address of the net that no host has."""

    def __init__(self, host):
        self.address = (host.far[:-1] + "77", 5353)


def test_host_that_was_never_there_is_passed_over(host, start_lb, discovery, cleanup):
    """Nobody answers for its address: that is as good as a closed port."""
    pool = UdpPool(discovery, cleanup, count=1)
    lb = start(start_lb, pool, discovery, 1)
    pool.servers["two"] = Nobody(host)
    ip("neigh", "replace", Nobody(host).address[0], "lladdr", "02:00:00:00:00:77", "dev", host.link)
    pool.tell()
    pool.wait_usable(lb, 2)
    ip("neigh", "del", Nobody(host).address[0], "dev", host.link)
    clients = [UdpClient(("127.0.0.1", lb.udp[1])) for _ in range(20)]
    for client in clients:
        client.send(b"who?")
    for client in clients:
        assert client.receive() == b"one who?"
        client.close()
