"""Upgrade: after 101 bytes go both ways, untouched, until either side ends."""

import random

import pytest

from support.waiting import wait_for

ASK = (b"GET /ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n"
       b"Sec-WebSocket-Key: x\r\n\r\n")


def test_echo_through_a_tunnel(start_lb, start_appserver, connect):
    lb = start_lb(backends=[start_appserver("one")])
    client = connect(lb).send(ASK)
    head = client.read_head()
    assert (head.status, head.get("Upgrade"), head.get("Connection").lower()) == (
        101, "echo", "upgrade")
    noise = random.Random(3).randbytes(300000)
    for size in (1, 100, 70000, 100000):
        client.send(noise[:size])
        assert client.wire.take_exactly(size) == noise[:size]
    client.half_close()
    assert client.ends()
    lb.wait_total("ends", {"ok": 1})


def test_bytes_that_come_with_the_request(start_lb, start_appserver, connect):
    lb = start_lb(backends=[start_appserver("one")])
    client = connect(lb).send(ASK + b"early")
    assert client.read_head().status == 101
    assert client.wire.take_exactly(5) == b"early"


def test_backend_that_does_not_upgrade(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend])).send(ASK)
    assert client.read_response().body == b"ok"
    assert backend.requests[0].get("Upgrade") == "echo"
    assert client.get().body == b"ok"


def test_tunnel_without_a_byte_is_closed(start_lb, start_appserver, connect):
    lb = start_lb("--tunnel-timeout=300ms", "--body-timeout=50ms", "--idle-timeout=50ms",
                  backends=[start_appserver("one")])
    client = connect(lb).send(ASK)
    assert client.read_head().status == 101
    client.send(b"a")
    assert client.wire.take_exactly(1) == b"a"
    assert client.ends()
    lb.wait_total("ends", {"tunnel_idle": 1})


def test_client_that_goes_away(start_lb, start_backend, connect):
    def script(connection):
        connection.read_head()
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n"
                        b"Upgrade: echo\r\n\r\n")
        seen.append(connection.wait_end())

    seen = []
    lb = start_lb(backends=[start_backend(script)])
    client = connect(lb).send(ASK)
    assert client.read_head().status == 101
    client.send(b"last words")
    client.close()
    wait_for(lambda: seen, "the backend's end")
    assert seen == [b"last words"]


SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
POST = b"POST /attach HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n"
LARGE = 1 << 20
BODIES = {
    "length": (b"Content-Length: 5\r\n\r\n", [b"12", b"345"]),
    "length 0": (b"Content-Length: 0\r\n\r\n", []),
    "chunks": (b"Transfer-Encoding: chunked\r\n\r\n", [b"2\r\n12\r\n", b"3\r\n345\r\n0\r\n\r\n"]),
    "large": (b"Content-Length: %d\r\n\r\n" % LARGE, [b"x" * (LARGE // 2)] * 2),
}


@pytest.mark.parametrize("when", ["at the head", "in the body", "behind the body"])
@pytest.mark.parametrize("kind", BODIES)
def test_body_goes_before_the_tunnel(kind, when, start_lb, start_backend, connect):
    """A request with a body may ask for another protocol (RFC 9110 § 7.8), and some servers change
    before they have read the body. It arrives as a body, and what follows it untouched."""
    def script(connection):
        message = connection.read_head()
        if when == "at the head":
            connection.send(SWITCH)
        elif when == "in the body" and pieces:
            connection.wire.take_exactly(2)
            connection.wire.buffer[:0] = pieces[0][:2]
            connection.send(SWITCH)
        bodies.append(connection.read_body(message).body)
        if when == "behind the body" or (when == "in the body" and not pieces):
            connection.send(SWITCH)
        connection.send(b"[" + connection.wire.take_exactly(6) + b"]")
        connection.wait_end()
        connection.send(b"bye")

    bodies = []
    framing, pieces = BODIES[kind]
    lb = start_lb(backends=[start_backend(script)])
    client = connect(lb).send(POST + framing + b"".join(pieces[:1]))
    if when != "behind the body" and pieces:
        assert client.read_head().status == 101
    client.send(b"".join(pieces[1:]) + b"0\r\n")
    if when == "behind the body" or not pieces:
        assert client.read_head().status == 101
    client.send(b"\r\nX")
    assert client.wire.take_exactly(8) == b"[0\r\n\r\nX]"
    client.half_close()
    assert client.wire.take_all() == b"bye"
    assert bodies == [b"" if kind == "length 0" else b"x" * LARGE if kind == "large" else b"12345"]
    lb.wait_total("ends", {"ok": 1})


def test_refused_tunnel_is_an_ordinary_request(start_lb, start_backend, connect):
    """What the client had sent behind its body is its next request, not the backend's business."""
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    client.send(POST + b"Content-Length: 2\r\n\r\nhi" + b"GET /next HTTP/1.1\r\nHost: test\r\n\r\n")
    assert [client.read_response().status for _ in range(2)] == [200, 200]
    assert [message.target for message in backend.requests] == ["/attach", "/next"]
    assert [message.body for message in backend.requests] == [b"hi", b""]
