"""Every limit at its value and one above; and clients that try to use lb up: it goes on serving the
others and recovers by itself."""

import contextlib
import os
import resource
import socket
import time

import pytest

from support.backend import OK
from support.http import Truncated
from support.waiting import wait_for, wait_until_still

MIB = 1 << 20


def head_of(length, target="/"):
    """A request whose head has so many bytes."""
    start = f"GET {target} HTTP/1.1\r\nHost: a\r\nA: ".encode()
    return start + b"b" * (length - len(start) - 4) + b"\r\n\r\n"


def answer_to(client, data):
    response = client.send(data).read_response()
    if response.status >= 400:
        assert response.get("Connection") == "close"
        assert client.ends()
    return response.status


# ---- at the limit and one above ------------------------------------------------------------------

@pytest.mark.parametrize("is_split", [False, True])
@pytest.mark.parametrize("limit", [1024, 16384])
def test_head_size(limit, is_split, start_lb, start_backend, connect):
    def send(data):
        client = connect(lb)
        if is_split:
            client.send(data[:500])
            lb.ask("/healthz")
            data = data[500:]
        return answer_to(client, data)

    backend = start_backend()
    lb = start_lb(f"--max-head={limit}", backends=[backend])
    assert send(head_of(limit)) == 200
    assert send(head_of(limit + 1)) == 431
    lb.wait_total("ends", {"ok": 1, "bad_request:head_too_large": 1})
    assert backend.request_count == 1


@pytest.mark.parametrize("limit", [1, 20, 128])
def test_header_count(limit, start_lb, start_backend, connect):
    def send(count):
        lines = ["Host: a", *(f"A{i}: b" for i in range(count - 1))]
        return answer_to(connect(lb), "\r\n".join(["GET / HTTP/1.1", *lines, "", ""]).encode())

    lb = start_lb(f"--max-headers={limit}", backends=[start_backend()])
    assert send(limit) == 200
    assert send(limit + 1) == 431
    lb.wait_total("ends", {"ok": 1, "bad_request:head_too_large": 1})


def test_target_size(start_lb, start_backend, connect):
    lb = start_lb("--max-target=300", backends=[start_backend()])
    assert answer_to(connect(lb), head_of(400, "/" + "a" * 299)) == 200
    assert answer_to(connect(lb), head_of(400, "/" + "a" * 300)) == 414
    lb.wait_total("ends", {"ok": 1, "bad_request:target_too_long": 1})


def test_target_larger_than_any_head(start_lb, start_backend, connect):
    lb = start_lb(backends=[start_backend()])
    client = connect(lb).send(b"GET /" + b"a" * 16379)
    assert client.read_response().status == 414  # its line is not even complete
    assert client.ends()


CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_body_size(start_lb, start_backend, connect):
    def by_length(length):
        return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % length + b"b" * length

    def by_chunks(length):
        return CHUNKED + b"1\r\nb\r\n" * length + b"0\r\n\r\n"

    backend = start_backend()
    lb = start_lb("--max-body=1000", backends=[backend])
    for make in (by_length, by_chunks):
        assert answer_to(connect(lb), make(1000)) == 200
        assert answer_to(connect(lb), make(1001)) == 413
    lb.wait_total("ends", {"ok": 2, "bad_request:body_too_large": 2})
    wait_for(lambda: all(r.body == b"b" * 1000 for r in backend.requests[:2]), "two bodies")


def test_body_too_large_is_refused_before_it_comes(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb("--max-body=1000", backends=[backend]))
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n"
                b"Expect: 100-continue\r\n\r\n")
    response = client.read_response()
    assert (response.status, response.interim, backend.request_count) == (413, [], 0)


@pytest.mark.parametrize("limit", [1, 3])
def test_requests_on_a_connection(limit, start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb(f"--max-requests={limit}", backends=[backend])
    client = connect(lb)
    client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * (limit + 1))
    says = [client.read_response().get("Connection") for _ in range(limit)]
    assert says == [None] * (limit - 1) + ["close"]
    assert client.ends()
    assert connect(lb).get().status == 200
    assert backend.request_count == limit + 1


def hang(backend_request):
    """A script whose requests stay without an answer until the test says so."""
    def serve(connection):
        while True:
            connection.read_request()
            wait_for(lambda: backend_request["may_go"], "the backend may answer", 30)
            connection.send(OK)
    return serve


def test_connections(start_lb, start_backend, connect):
    state = {"may_go": False}
    backend = start_backend(hang(state))
    lb = start_lb("--workers=1", "--max-connections=4", backends=[backend])
    busy = [connect(lb).request() for _ in range(4)]
    backend.wait_requests(4)
    refused = connect(lb).request()
    response = refused.read_response()
    assert (response.status, response.get("Retry-After")) == (503, "1")
    assert refused.ends()
    state["may_go"] = True
    assert [client.read_response().status for client in busy] == [200] * 4
    assert connect(lb).get().status == 200  # a client that is idle gives way
    wait_for(lambda: sum(is_over(client) for client in busy) == 1, "one has been closed")
    assert [client.get().status for client in busy if not is_over(client)] == [200] * 3
    lb.wait_total("ends", {"ok": 8, "too_many_connections": 1})


def test_connections_of_one_address(start_lb, start_backend, connect):
    def come(host):
        return connect(lb, source=host)

    lb = start_lb("--max-per-client=2", backends=[start_backend()])
    first, second = come("127.0.0.2"), come("127.0.0.2")
    assert [first.get().status, second.get().status] == [200, 200]
    third = come("127.0.0.2")
    assert third.get().status == 503
    assert third.ends()
    assert come("127.0.0.3").get().status == 200
    first.close()
    lb.wait_total("ends", {"ok": 3, "too_many_of_client": 1})
    wait_for(lambda: come("127.0.0.2").get().status == 200, "there is room again")
    assert second.get().status == 200


def endless_chunks(connection):
    """Answers "/endless" with chunks until the connection ends."""
    while connection.read_request().target != "/endless":
        connection.send(OK)
    connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def test_buffers(start_lb, start_backend, connect):
    """Clients that do not read fill the memory for bytes that wait: those who hold most are cut off,
    and the others go on. In chunks: a large body of known length waits in the kernel."""
    lb = start_lb("--workers=1", "--max-buffers=1m", backends=[start_backend(endless_chunks)])
    good = connect(lb)
    greedy = [connect(lb, receive_buffer=4096).request(target="/endless") for _ in range(250)]
    wait_for(lambda: good.get().status == 200 and lb.totals()["ends"].get("buffers_full", 0) >= 1,
             "some are cut off", 60)
    lb.wait_message("more waits than --max-buffers allows")
    for _ in range(50):
        assert good.get().status == 200
    for client in greedy:
        client.reset()
    assert good.get().status == 200
    assert lb.totals()["ends"].keys() <= {"ok", "buffers_full", "client_gone"}


# ---- slow and greedy clients ---------------------------------------------------------------------

def test_slow_clients_cost_the_others_nothing(start_lb, start_appserver, connect):
    """Slow head, slow body, slow reader, at once."""
    lb = start_lb("--head-timeout=500ms", "--body-timeout=500ms",
                  backends=[start_appserver("one")])
    good = connect(lb)
    slow_heads = [connect(lb).send(b"GET / HTTP/1.1\r\nHost: ") for _ in range(50)]
    slow_bodies = [connect(lb).send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1")
                   for _ in range(50)]
    slow_readers = [connect(lb, receive_buffer=4096).request(target="/bytes/20000000")
                    for _ in range(10)]

    def are_over():
        assert good.get().status == 200
        ends = lb.totals()["ends"]
        return (ends.get("head_timeout"), ends.get("body_timeout"),
                ends.get("client_stalled")) == (50, 50, 10)
    wait_for(are_over, "all slow ones are ended", 15)
    assert {client.read_response().status for client in slow_heads + slow_bodies} == {408}
    for client in slow_readers:
        client.close()


def test_many_tiny_chunks_from_a_client(start_lb, start_backend, connect, built_with):
    count = 20_000 if built_with else 200_000
    backend = start_backend()
    lb = start_lb(backends=[backend])
    client = connect(lb).send(CHUNKED + b"1\r\nb\r\n" * count + b"0\r\n\r\n")
    assert client.read_response().status == 200
    assert backend.requests[0].body == b"b" * count
    assert client.get().status == 200
    assert built_with or lb.peak_rss_bytes() < 64 * MIB


def test_many_tiny_chunks_from_a_backend(start_lb, start_backend, connect, built_with):
    count = 20_000 if built_with else 200_000
    answer = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
              + b"1;x=y\r\nb\r\n" * count + b"0\r\n\r\n")
    lb = start_lb(backends=[start_backend(answer)])
    client = connect(lb)
    assert client.get().body == b"b" * count
    assert built_with or lb.peak_rss_bytes() < 64 * MIB


GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
BOMBS = {
    "one endless line": (GET + b"A: ", b"b" * 1000, "head_too_large"),
    "many lines": (GET, b"A: b\r\n" * 100, "head_too_large"),
    "an endless name": (GET, b"A" * 1000, "head_too_large"),
    "an endless target": (b"GET /", b"a" * 1000, "target_too_long"),
    "an endless method": (b"", b"A" * 1000, "target_too_long"),
    "endless trailers": (CHUNKED + b"0\r\n", b"A: b\r\n" * 100, "chunk"),
    "an endless extension": (CHUNKED + b"1;", b"a" * 1000, "chunk"),
    "an endless chunk size": (CHUNKED, b"0" * 1000, "chunk"),
    "empty lines": (b"", b"\r\n" * 500, "start_line"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_header_bomb(name, start_lb, start_backend, connect, built_with):
    start, more, word = BOMBS[name]
    lb = start_lb(backends=[start_backend()])
    good, client = connect(lb), connect(lb)
    before = lb.rss_bytes()
    with contextlib.suppress(OSError):
        client.send(start)
        for _ in range(10_000):
            client.send(more)
    with contextlib.suppress(OSError):
        assert client.read_response().status in (400, 414, 431)
    assert good.get().status == 200
    lb.wait_total("ends", {"ok": 1, "bad_request:" + word: 1})
    assert built_with or lb.rss_bytes() - before < 8 * MIB


def test_a_thousand_half_open_connections(start_lb, start_backend, connect, cleanup):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    cleanup.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
    lb = start_lb("--head-timeout=2s", backends=[start_backend()])
    before = lb.rss_bytes()
    begun = time.monotonic()
    waiting = [connect(lb).send(b"GET / HTTP/1.1\r\nHost") for _ in range(1000)]
    good = connect(lb)
    assert good.get().status == 200
    grown = lb.rss_bytes() - before
    assert grown < 64 * MIB
    assert {client.read_response().status for client in waiting} == {408}
    assert time.monotonic() - begun < 10
    assert good.get().status == 200
    lb.wait_total("ends", {"ok": 2, "head_timeout": 1000})


def descriptor_count(lb):
    return len(os.listdir(f"/proc/{lb.proxy_pid}/fd"))


@pytest.mark.parametrize("flags", [[], ["--max-connections=100000"]])
def test_descriptors_used_up(flags, start_lb, start_appserver, connect):
    """`ulimit -n 256` and more clients than that: those inside are served, those outside refused,
    and when they are gone everything is as before."""
    lb = start_lb(*flags, backends=[start_appserver("one")],
                  rlimits={resource.RLIMIT_NOFILE: 256})
    inside = [connect(lb) for _ in range(20)]
    assert {client.get().status for client in inside} == {200}
    at_rest = descriptor_count(lb)
    outside = [socket.socket() for _ in range(600)]
    for sock in outside:
        sock.setblocking(False)
        sock.connect_ex(lb.address)
        with contextlib.suppress(OSError):
            sock.send(b"GET / HTTP/1.1\r\nHost")
    wait_until_still(lambda: descriptor_count(lb), "all who come in have come in")
    assert descriptor_count(lb) <= 256
    assert lb.ask("/healthz").status == 200
    late = [client for client in inside if not is_over(client)]
    assert {client.get().status for client in late} <= {200}
    for sock in outside:
        sock.close()
    wait_for(lambda: descriptor_count(lb) <= at_rest + 8, "the others are gone", 15)
    assert connect(lb).get().status == 200


def is_over(client):
    """An idle connection gives way to new ones."""
    return not client.is_silent()


def test_descriptors_used_up_by_clients_that_ask(start_lb, start_appserver, connect):
    """Each request needs a second descriptor, and there is one for each client that was let in."""
    lb = start_lb(backends=[start_appserver("one")], rlimits={resource.RLIMIT_NOFILE: 256})
    clients, statuses = [], []
    for _ in range(300):
        with contextlib.suppress(ConnectionError):  # too many even to be told so
            clients.append(connect(lb).request(target="/delay/300"))
    for client in clients:
        with contextlib.suppress(OSError, Truncated):
            statuses.append(client.read_response().status)
    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 50
    for client in clients:
        client.close()
    wait_for(lambda: connect(lb).get().status == 200, "it serves again")
    lb.wait_idle()
