"""Bytes that a backend sends beyond its answer, or before it was asked, are nobody's: they must not
become the answer to another request, of the same client or of another one (RFC 9112 § 6.3)."""

import os
import signal

import pytest

from support.waiting import is_stopped, wait_for

LARGE = 1 << 18   # of known length: goes through a pipe
ONE_READ = 65536  # as much as lb reads at once

FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"


def of_length(size):
    return HEAD % size + b"x" * size


def of_whole_reads(count):
    """Head and body together are so many full reads."""
    total = ONE_READ * count
    size = total - len(HEAD % total)
    size += total - len(of_length(size))
    return of_length(size)


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

# An answer, and what follows it that is no part of it.
ANSWERS = {
    "behind a large body": ("GET", of_length(LARGE), FORGED),
    "behind the least body that goes through a pipe": ("GET", of_length(131072 + 65536), FORGED),
    "behind a full read": ("GET", of_whole_reads(1), FORGED),
    "behind full reads": ("GET", of_whole_reads(3), FORGED),
    "behind a body": ("GET", of_length(10), FORGED),
    "behind no body": ("GET", of_length(0), FORGED),
    "body of an answer to HEAD": ("HEAD", HEAD % len(FORGED), FORGED),
    "large body of an answer to HEAD": ("HEAD", HEAD % LARGE, FORGED * (LARGE // len(FORGED))),
    "body of a 204": ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 62\r\n\r\n", FORGED),
    "body of a 304": ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 62\r\n\r\n", FORGED),
    "behind the last chunk": ("GET", CHUNKED + b"2\r\nhi\r\n0\r\n\r\n", FORGED),
    "behind trailers": ("GET", CHUNKED + b"2\r\nhi\r\n0\r\nA: b\r\n\r\n", FORGED),
    "a second last chunk": ("GET", CHUNKED + b"0\r\n\r\n", b"0\r\n\r\n" + FORGED),
    "an interim answer": ("GET", of_length(LARGE), b"HTTP/1.1 103 Early Hints\r\n\r\n" + FORGED),
    "a change of protocols": ("GET", of_length(LARGE),
                              b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                              b"Upgrade: echo\r\n\r\n" + FORGED),
    "an empty line": ("GET", of_length(LARGE), b"\r\n" + FORGED),
    "half a forged answer": ("GET", of_length(LARGE), FORGED[:-3]),
    "an interim answer before": ("GET", b"HTTP/1.1 102 Processing\r\n\r\n" + of_length(LARGE),
                                 FORGED),
    "a refused upgrade": ("GET", b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: echo\r\n"
                          b"Content-Length: %d\r\n\r\n" % LARGE + b"x" * LARGE, FORGED),
}


def genuine(message):
    body = message.target.encode()
    return HEAD % len(body) + (b"" if message.method == "HEAD" else body)


def poison(answer, stray):
    """A script: /poison gets that answer with the stray bytes, all else what its target says."""
    def script(connection):
        while True:
            message = connection.read_request()
            connection.send(answer + stray if message.target == "/poison" else genuine(message))
    return script


def request(method, target):
    upgrade = "Connection: Upgrade\r\nUpgrade: echo\r\n" if target == "/poison" else ""
    return f"{method} {target} HTTP/1.1\r\nHost: test\r\n{upgrade}\r\n".encode()


def poisoned_connections(backend):
    """Those that brought a request after the one that was answered with stray bytes."""
    targets = {}
    for message in list(backend.requests):
        targets.setdefault(message.connection, []).append(message.target)
    return [seen for seen in targets.values() if "/poison" in seen[:-1]]


@pytest.mark.parametrize("name", ANSWERS)
def test_pipelined_request_gets_its_own_answer(name, start_lb, start_backend, connect):
    """The next request is there when the poisoned answer ends: no look of the loop in between."""
    method, answer, stray = ANSWERS[name]
    backend = start_backend(poison(answer, stray))
    lb = start_lb("--workers=1", backends=[backend])
    client = connect(lb).send(request(method, "/poison") + request("GET", "/next"))
    assert b"forged" not in client.read_response(to_head=method == "HEAD").body
    assert client.read_response().body == b"/next"
    assert poisoned_connections(backend) == []


@pytest.mark.parametrize("name", ANSWERS)
def test_another_client_gets_its_own_answer(name, start_lb, start_backend, connect):
    """Whoever comes while and after the poisoned answer is read."""
    method, answer, stray = ANSWERS[name]
    backend = start_backend(poison(answer, stray))
    lb = start_lb("--workers=1", backends=[backend])
    poisoned, other = connect(lb), connect(lb)
    assert other.get("/first").body == b"/first"
    poisoned.send(request(method, "/poison"))
    for target in ("/one", "/two", "/three", "/four"):
        assert other.get(target).body == target.encode()
    assert b"forged" not in poisoned.read_response(to_head=method == "HEAD").body
    assert other.get("/last").body == b"/last"
    assert poisoned_connections(backend) == []


UNASKED = {"an answer": FORGED, "an interim answer": b"HTTP/1.1 103 Early Hints\r\n\r\n" + FORGED,
           "a timeout": b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 6\r\n\r\nforged",
           "no HTTP": b"forged\r\n\r\n", "a part of a head": b"HTTP/1.1 200 OK\r\nX: forged"}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", UNASKED)
def test_bytes_that_came_before_the_request_are_no_answer(name, method, start_lb, start_backend,
                                                          connect, cleanup):
    """lb learns of both at once, and of the request first."""
    backend = start_backend(poison(b"", b""))
    lb = start_lb("--workers=1", backends=[backend])
    client = connect(lb)
    serving = lb.proxy_pid
    cleanup.callback(os.kill, serving, signal.SIGCONT)
    assert client.get("/before").body == b"/before"
    os.kill(serving, signal.SIGSTOP)
    wait_for(lambda: is_stopped(serving), "lb is stopped", pause_s=0.0005)
    client.request(method, "/asked", body=b"" if method == "POST" else None)
    backend.connections[backend.requests[-1].connection].send(UNASKED[name])
    os.kill(serving, signal.SIGCONT)
    response = client.read_response()
    assert b"forged" not in response.head.raw + response.body
    # A POST was sent, and is not sent again; with a busy machine between, lb had looked before.
    assert response.body == b"/asked" or (method, response.status) == ("POST", 502)
    lb.wait_ready(1)  # and nobody was ejected for it


def test_connections_of_who_speaks_unasked_serve_one_request_each(start_lb, start_backend, connect):
    """What is still on its way to lb when the next request goes out looks like its answer, so that
    no connection is worth trust after the first such bytes."""
    backend = start_backend(poison(HEAD % 7 + b"/poison", FORGED))
    lb = start_lb("--workers=1", backends=[backend])
    client = connect(lb)
    for target in ("/one", "/two", "/poison", "/three", "/four", "/five"):
        assert client.get(target).body == target.encode()
    first, *others = [message.connection for message in backend.requests]
    assert others[:2] == [first, first]
    assert len(set(others[1:])) == 4


@pytest.mark.parametrize("size", [1000, 1 << 20])
def test_rest_of_a_refused_body_is_no_request(size, start_lb, start_backend, connect):
    """The backend answers before it has read the body, and goes on as if that was the end of it."""
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"

    def script(connection):
        while True:
            connection.send(genuine(connection.read_head()))

    backend = start_backend(script)
    lb = start_lb("--workers=1", backends=[backend])
    uploading, other = connect(lb), connect(lb)
    uploading.send(f"POST /early HTTP/1.1\r\nHost: test\r\nContent-Length: {size}\r\n\r\n".encode())
    assert uploading.read_response().body == b"/early"
    try:
        uploading.send(smuggled + b"x" * (size - len(smuggled)))
    except OSError:
        pass  # lb has closed by now
    assert other.get("/other").body == b"/other"
    assert [message.target for message in backend.requests] == ["/early", "/other"]
