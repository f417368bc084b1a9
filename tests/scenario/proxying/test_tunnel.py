"""Upgrade: after 101 bytes go both ways, untouched, until either side ends."""

import random

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
