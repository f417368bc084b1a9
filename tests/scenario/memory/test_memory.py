"""Every way to make lb hold bytes, with little memory for them: those who hold most are cut off, and
a client that behaves is served all the time. How much all of lb takes is bounded with it."""

import contextlib

import pytest

from support.backend import OK
from support.waiting import wait_for, wait_until_still

MIB = 1 << 20
COUNT = 300
HEAD = b"GET /%s HTTP/1.1\r\nHost: a\r\nA: "
LARGE_HEAD = b"HTTP/1.1 200 OK\r\nA: " + b"a" * 60000


def serve(connection):
    """Answers at once, but for those who want it otherwise."""
    while True:
        request = connection.read_head()
        if request.target == "/silent":
            connection.wait_end()
            return
        if request.target == "/endless":
            connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                connection.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        if request.target == "/head":
            connection.send(LARGE_HEAD)
            connection.wait_end()
            return
        if request.target == "/tunnel":
            connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
            while True:
                connection.send(b"x" * 65536)
        connection.read_body(request)
        connection.send(OK)


KINDS = {
    "readers": HEAD % b"endless" + b"\r\n\r\n",
    "pipeliners": HEAD % b"silent" + b"\r\n\r\n" + 4 * (HEAD % b"" + b"a" * 15000 + b"\r\n\r\n"),
    "partial_heads": HEAD % b"" + b"a" * 15000,
    "uploads": b"POST /silent HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
               + 10 * (b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "answer_heads": HEAD % b"head" + b"\r\n\r\n",
    "tunnels": HEAD % b"tunnel" + b"\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n" + b"x" * 600000,
    "trailers": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: " + b"a" * 15000,
}


def greedy_one(connect, lb, said):
    client = connect(lb, receive_buffer=4096)
    client.sock.setblocking(False)
    with contextlib.suppress(OSError):
        client.sock.send(said)
    client.said = said
    return client


@pytest.mark.parametrize("kind", KINDS)
def test_who_holds_most_is_cut_off(kind, start_lb, start_backend, connect, built_with):
    lb = start_lb("--workers=1", "--max-buffers=1m", backends=[start_backend(serve)])
    good = connect(lb)
    assert good.get().status == 200
    before = lb.rss_bytes()
    greedy = [greedy_one(connect, lb, KINDS[kind]) for _ in range(COUNT)]
    wait_for(lambda: good.get().status == 200
             and (kind == "uploads" or lb.find_message("more waits than --max-buffers")),
             "some are cut off", 150)  # of an upload most waits in the kernel
    for _ in range(20):
        assert good.get().status == 200
    assert connect(lb).get().status == 200
    assert built_with or lb.peak_rss_bytes() - before < 16 * MIB
    for client in greedy:
        client.reset()
    assert good.get().status == 200


def test_pipelined_requests_are_not_read_far_ahead(start_lb, start_backend, connect, built_with):
    """What cannot be used yet stays in the kernel, and pushes the sender back."""
    if built_with:
        pytest.skip("a sanitizer keeps memory of its own for each byte")
    lb = start_lb("--workers=1", backends=[start_backend(serve)])
    before = lb.rss_bytes()
    greedy = [greedy_one(connect, lb, KINDS["pipeliners"]) for _ in range(COUNT)]
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == COUNT, "all wait")
    wait_until_still(lb.rss_bytes, "it has read what it reads")
    assert lb.rss_bytes() - before < COUNT * 32768
    assert connect(lb).get().status == 200
    assert greedy
