"""Clients and servers that mean no good, while the pool and the listeners change: lb lives, serves, and nothing is
left over."""

import contextlib
import json
import os
import random
import socket
import struct
import threading
import time

import pytest

from support.client import RawClient
from support.datagrams import UdpClient, UdpPool
from support.free_port import free_udp_port
from support.waiting import wait_for

SIZES = (0, 0, 1, 1500, 9000, 65507)


@pytest.fixture
def pool(discovery, cleanup):
    return UdpPool(discovery, cleanup)


def raw_datagram(source_port, port, data):
    """From a port of choice, 0 too; without a checksum."""
    return struct.pack("!HHHH", source_port, port, 8 + len(data), 0) + data


class Strangers:
    """Each sends for as long as it is let, and never reads."""

    def __init__(self, *ports):
        self.ports, self.is_over = ports, False
        works = [self._send_sizes, self._send_sizes, self._send_anew]
        if os.geteuid() == 0:
            works.append(self._send_raw)
        self.threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in self.threads:
            thread.start()

    def _send(self, sock, data, port):
        with contextlib.suppress(OSError):
            sock.sendto(data, ("127.0.0.1", port))
        time.sleep(0.001)

    def _send_sizes(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            while not self.is_over:
                self._send(sock, b"x" * random.choice(SIZES), random.choice(self.ports))

    def _send_anew(self):
        """A client each time, whose port is closed when the answer comes."""
        while not self.is_over:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                self._send(sock, b"new", random.choice(self.ports))

    def _send_raw(self):
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as sock:
            while not self.is_over:
                port = random.choice(self.ports)
                own = random.choice([0, 0, 7, port])
                self._send(sock, raw_datagram(own, port, b"raw"), port)

    def end(self):
        self.is_over = True
        for thread in self.threads:
            thread.join()


def descriptor_count(lb):
    return len(os.listdir(f"/proc/{lb.proxy_pid}/fd"))


def is_quiet(lb):
    return lb.metrics().value("lb_udp_open_flows", service="names") == 0


def is_answered(port):
    """By another client each time: the kernel gives a machine so many ICMP messages a second, and no more."""
    with UdpClient(("127.0.0.1", port)) as client:
        client.sock.settimeout(1)
        with contextlib.suppress(TimeoutError):
            return client.ask() in ("one", "three")


@pytest.mark.parametrize("workers", [1, 4])
def test_nothing_is_left_of_strangers(start_lb, pool, discovery, tmp_path, workers):
    ports = [free_udp_port(), free_udp_port()]
    both = [f"127.0.0.1:{port}=names" for port in ports]
    config = tmp_path / "lb.json"

    def listen(*listeners):
        config.write_text(json.dumps({"udp": listeners}), encoding="utf-8")
    listen(*both)
    lb = start_lb(f"--config={config}", *discovery.flags, f"--workers={workers}", "--max-flows=50",
                  "--udp-idle-timeout=1s", "--eject-after=1000")
    pool.tell()
    wait_for(lambda: len(lb.pool()["services"]) > 0, "there is a pool")
    before = descriptor_count(lb)
    strangers = Strangers(*ports)
    for turn in range(40):
        pool.tell(**{random.choice(list(pool.servers)): random.choice([None, "draining"])})
        time.sleep(0.01)
        if turn % 10 == 5:
            listen(*both[:1 if turn % 20 == 5 else 2])
            lb.reload()
    pool.servers["two"].close()  # ICMP for each of its datagrams
    listen(*both)
    lb.reload()
    pool.tell()
    with RawClient(lb.address) as web:
        web.request("GET", "/")
        assert web.read_response().status == 503
    time.sleep(0.5)
    strangers.end()
    wait_for(lambda: is_quiet(lb), "no flow is left")
    wait_for(lambda: descriptor_count(lb) <= before + 1, "no descriptor is left")
    for service in lb.pool()["services"]:
        for endpoint in service["endpoints"]:
            assert endpoint["inflight"] == 0
    wait_for(lambda: is_answered(ports[0]), "somebody is answered")
