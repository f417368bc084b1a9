"""Connections as QUIC has them: long, both ways at once, with an id of their own and packets of 1200 bytes."""

import collections
import os
import socket
import struct
import threading

import pytest

from support.datagrams import UdpClient, UdpPool, UdpServer
from support.free_port import free_udp_port

PACKET_BYTES = 1200
HEAD = struct.Struct("!8sI")  # the connection's id, the packet's number


class QuicLike(UdpServer):
    """Answers each packet by two, and knows connections by their ids, from wherever they come."""

    def __init__(self, name, address):
        self.ports = collections.defaultdict(set)
        super().__init__(name, address)

    def answer(self, peer, data):
        if len(data) < HEAD.size:
            return  # lb's first contact
        connection, number = HEAD.unpack_from(data)
        self.ports[connection].add(peer)
        for half in (2 * number, 2 * number + 1):
            self.sock.sendto(HEAD.pack(connection, half) + data[HEAD.size:], peer)


class Connection:
    """A client: so many packets at a time; what comes is checked byte by byte."""

    def __init__(self, address):
        self.address = address
        self.id = os.urandom(8)
        self.filler = os.urandom(PACKET_BYTES - HEAD.size)
        self.client = UdpClient(address)
        self.client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)

    def run(self, count, window=8):
        got = set()
        for first in range(0, count, window):
            for number in range(first, first + window):
                self.client.send(HEAD.pack(self.id, number) + self.filler)
            while len(got) < 2 * (first + window):
                packet = self.client.receive()
                connection, half = HEAD.unpack_from(packet)
                assert connection == self.id and packet[HEAD.size:] == self.filler
                got.add(half)

    def move(self):
        """To another port, as behind a router that has forgotten it."""
        self.client.close()
        self.client = UdpClient(self.address)
        self.client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)


@pytest.fixture
def pool(discovery, cleanup):
    pool = UdpPool(discovery, cleanup, count=0)
    for number, name in enumerate(("one", "two", "three")):
        pool.servers[name] = QuicLike(name, (f"127.0.0.{51 + number}", 0))
        cleanup.callback(pool.servers[name].close)
    return pool


def start(start_lb, pool, discovery, *flags):
    port = free_udp_port()
    lb = start_lb(f"--udp=127.0.0.1:{port}=names", *discovery.flags, "--workers=2", *flags)
    lb.udp = ("127.0.0.1", port)
    pool.tell()
    pool.wait_usable(lb, 3)
    return lb


def test_long_connections_side_by_side(start_lb, pool, discovery):
    lb = start(start_lb, pool, discovery)
    connections = [Connection(lb.udp) for _ in range(8)]
    threads = [threading.Thread(target=connection.run, args=(400,)) for connection in connections]
    for thread in threads:
        thread.start()
    for state in ("draining", "ready", "draining"):
        pool.tell(two=state)
        pool.wait_usable(lb, 3 if state == "ready" else 2)
    for thread in threads:
        thread.join(60)
    for connection in connections:
        homes = [server for server in pool.servers.values() if server.ports[connection.id]]
        assert len(homes) == 1 and len(homes[0].ports[connection.id]) == 1
        connection.client.close()
    page = lb.metrics()
    assert page.value("lb_udp_client_datagrams_total", service="names") == 8 * 400
    assert page.value("lb_udp_server_datagrams_total", service="names") == 2 * 8 * 400


def test_other_port_is_another_flow(start_lb, pool, discovery):
    """The hash of the client's address alone brings it back to the same server."""
    lb = start(start_lb, pool, discovery, "--balance=hash client")
    connection = Connection(lb.udp)
    for _ in range(5):
        connection.run(16)
        connection.move()
    homes = [server for server in pool.servers.values() if server.ports[connection.id]]
    assert lb.metrics().value("lb_udp_flows_total", service="names") == 5
    assert sum(len(home.ports[connection.id]) for home in homes) == 5
    connection.client.close()
