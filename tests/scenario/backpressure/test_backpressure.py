"""A side that is slow slows the other side down; lb itself keeps little, whatever the size."""

import socket
import threading
import zlib

import pytest

from support.client import RawClient
from support.waiting import wait_for, wait_until_still

MIB = 1 << 20
ALPHABETS = b"abcdefghijklmnopqrstuvwxyz" * 40330  # a little more than 1 MiB
RSS_LIMIT = 30 * MIB


def kernel_limit():
    """What four sockets' buffers may hold; the kernel makes them larger as it sees fit."""
    with open("/proc/sys/net/ipv4/tcp_rmem", encoding="ascii") as rmem, \
            open("/proc/sys/net/ipv4/tcp_wmem", encoding="ascii") as wmem:
        return 2 * (int(rmem.read().split()[2]) + int(wmem.read().split()[2])) + 2 * MIB


@pytest.fixture(name="size")
def choose_size(built_with):
    return 2 << 30 if built_with is None else 128 * MIB


@pytest.fixture(name="assert_lean")
def make_assert_lean(built_with):
    """Sanitizers keep freed memory and shadows of it: nothing is to be learnt from theirs."""
    def assert_lean(lb):
        if built_with is None:
            assert lb.peak_rss_bytes() < RSS_LIMIT
    return assert_lean


def piece_at(position, count):
    """What /bytes holds there, and what is uploaded here: byte i is 'a' + i % 26."""
    start = position % 26
    return memoryview(ALPHABETS)[start:start + count]


class Reader:
    """Reads a body of known length and keeps its checksum; count tells how far it is."""

    def __init__(self, sock, size, first=b""):
        self.sock = sock
        self.size = size
        self.count = len(first)
        self.adler = zlib.adler32(first)

    def read_to_the_end(self):
        buffer = bytearray(MIB)
        view = memoryview(buffer)
        while self.count < self.size:
            got = self.sock.recv_into(view[:min(MIB, self.size - self.count)])
            assert got > 0, f"only {self.count} of {self.size} bytes came"
            self.adler = zlib.adler32(view[:got], self.adler)
            self.count += got


class Writer(threading.Thread):
    """Sends a body of known length as fast as it is taken."""

    def __init__(self, sock, size):
        super().__init__(daemon=True)
        self.sock = sock
        self.size = size
        self.count = 0
        self.adler = 1
        self.problem = None
        self.start()

    def run(self):
        try:
            self.send_all()
        except OSError as problem:
            self.problem = problem  # the reader's count tells that something is missing

    def send_all(self):
        while self.count < self.size:
            piece = piece_at(self.count, min(MIB, self.size - self.count))
            sent = self.sock.send(piece)
            self.adler = zlib.adler32(piece[:sent], self.adler)
            self.count += sent


@pytest.mark.slow("two gigabytes past who stands still")
def test_slow_reader_of_a_large_download(size, start_lb, start_backend, connect, assert_lean):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        writers.append(Writer(connection.sock, size))
        writers[0].join()

    writers = []
    lb = start_lb(backends=[start_backend(script)])
    client = connect(lb, receive_buffer=65536).request()
    client.wire.take_until(b"\r\n\r\n")
    writer = wait_for(lambda: writers, "the backend sends")[0]
    stalled = wait_until_still(lambda: writer.count, "the backend is held back")
    assert stalled < kernel_limit()
    assert_lean(lb)
    reader = Reader(client.sock, size, client.wire.take_buffered())
    reader.read_to_the_end()
    writer.join()
    assert writer.problem is None
    assert (reader.count, reader.adler) == (size, writer.adler)
    lb.wait_total("response_body_bytes", size)
    assert_lean(lb)


@pytest.mark.slow("two gigabytes past who stands still")
def test_slow_backend_of_a_large_upload(size, start_lb, start_backend, connect, assert_lean):
    def script(connection):
        connection.read_head()
        may_read.wait(30)
        first = connection.wire.take_buffered()
        readers.append(Reader(connection.sock, size, first))
        readers[0].read_to_the_end()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        connection.wait_end()

    may_read, readers = threading.Event(), []
    lb = start_lb(backends=[start_backend(script)])
    client = connect(lb)
    client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n" % size)
    writer = Writer(client.sock, size)
    stalled = wait_until_still(lambda: writer.count, "the client is held back")
    assert stalled < kernel_limit()
    assert_lean(lb)
    may_read.set()
    writer.join()
    assert client.read_response().body == b"ok"
    assert (readers[0].count, readers[0].adler) == (size, writer.adler)
    lb.wait_total("request_body_bytes", size)
    assert_lean(lb)


def test_many_stalled_downloads(start_lb, start_appserver, connect, assert_lean):
    lb = start_lb("--workers=1", backends=[start_appserver("one")])
    size = MIB
    clients = [connect(lb, receive_buffer=4096).request("GET", f"/bytes/{size}")
               for _ in range(60)]
    heads = [client.wire.take_until(b"\r\n\r\n") for client in clients]
    assert all(b" 200 " in head for head in heads)
    wait_until_still(lb.rss_bytes, "all of them are held back")
    assert_lean(lb)
    expected = zlib.adler32(ALPHABETS[:size])
    for client in clients:
        assert zlib.adler32(client.wire.take_exactly(size)) == expected
    assert_lean(lb)


def test_both_directions_stalled(start_lb, start_backend, connect, assert_lean):
    """A backend that answers while it reads, and a client that does not read: neither may make lb
    keep more and more of either body."""
    size = 8 * MIB

    def script(connection):
        connection.read_head()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        sent = 0
        while sent < size:
            piece = connection.wire.take_exactly(65536)
            connection.send(piece)
            sent += len(piece)
        connection.wait_end()

    lb = start_lb(backends=[start_backend(script)])
    client = connect(lb, receive_buffer=65536)
    client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n" % size)
    writer = Writer(client.sock, size)
    wait_until_still(lambda: writer.count, "the client is held back")
    assert_lean(lb)
    client.wire.take_until(b"\r\n\r\n")
    assert zlib.adler32(client.wire.take_exactly(size)) == zlib.adler32((ALPHABETS * 9)[:size])
    writer.join()
    lb.wait_total("ends", {"ok": 1})


def test_answers_that_nobody_reads_do_not_pile_up(start_lb, start_appserver, connect, assert_lean):
    """Pipelined requests wait until the answers before them are read, for as long as it takes."""
    lb = start_lb("--idle-timeout=600ms", "--workers=1", backends=[start_appserver("one")])
    client = connect(lb, receive_buffer=4096)
    count, size = 2000, 20000
    client.send(b"GET /bytes/%d HTTP/1.1\r\nHost: test\r\n\r\n" % size * count)
    served = wait_until_still(lambda: lb.totals()["requests"], "no more is served", samples=80)
    assert served * size < 16 * MIB  # kernel buffers, mostly
    assert_lean(lb)
    for _ in range(count):
        assert client.read_response().body == ALPHABETS[:size]
    assert client.get().status == 200


@pytest.mark.quick
def test_memory_is_given_back(start_lb, start_backend, built_with):
    """Many connections, all at work and then gone, twice: the second round costs nothing new."""
    if built_with is not None:
        pytest.skip("sanitizers keep freed memory for a while")
    lb = start_lb("--workers=1", backends=[start_backend()])

    def round_of_clients():
        clients = [RawClient(lb.address) for _ in range(200)]
        for client in clients:
            client.request("POST", body=b"x" * 70000)
        for client in clients:
            assert client.read_response().status == 200
            client.close()
        lb.wait_total("client_connections", 0)
        return lb.rss_bytes()

    round_of_clients()
    before = round_of_clients()
    for _ in range(3):
        after = round_of_clients()
    assert after < before + 4 * MIB
