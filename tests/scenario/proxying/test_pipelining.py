"""Requests sent before the answers came are answered one after the other."""

import pytest

from support.backend import OK


def test_twenty_requests_in_one_segment(start_lb, start_backend, connect):
    def script(connection):
        while True:
            target = connection.read_request().target.encode()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" %
                            (len(target), target))

    backend = start_backend(script)
    client = connect(start_lb(backends=[backend]))
    client.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: test\r\n\r\n" % i for i in range(20)))
    assert [client.read_response().body for _ in range(20)] == [b"/%d" % i for i in range(20)]
    assert client.is_silent()
    assert [r.target for r in backend.requests] == [f"/{i}" for i in range(20)]


def test_order_holds_when_the_first_is_the_slowest(start_lb, start_appserver, connect):
    lb = start_lb(backends=[start_appserver("one"), start_appserver("two")])
    client = connect(lb)
    client.send(b"GET /delay/100 HTTP/1.1\r\nHost: test\r\n\r\n"
                b"GET /bytes/10 HTTP/1.1\r\nHost: test\r\n\r\n"
                b"GET /slow/3/10 HTTP/1.1\r\nHost: test\r\n\r\n"
                b"GET /status/201 HTTP/1.1\r\nHost: test\r\n\r\n")
    assert client.read_response().body == b"waited\n"
    assert client.read_response().body == b"abcdefghij"
    assert client.read_response().body.count(b"piece") == 3
    assert client.read_response().status == 201


def test_with_bodies_between(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    length = b"POST /l HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\nabc"
    chunked = (b"POST /c HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
               b"2\r\nde\r\n0\r\n\r\n")
    plain = b"GET /g HTTP/1.1\r\nHost: test\r\n\r\n"
    client.send((length + chunked + plain) * 5)
    assert [client.read_response().status for _ in range(15)] == [200] * 15
    assert [(r.target, r.body) for r in backend.requests] == [
        ("/l", b"abc"), ("/c", b"de"), ("/g", b"")] * 5


def test_many_more_than_fit_one_read(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    request = b"GET / HTTP/1.1\r\nHost: test\r\nX-Pad: " + b"p" * 900 + b"\r\n\r\n"
    client.send(request * 300)
    assert [client.read_response().body for _ in range(300)] == [b"ok"] * 300
    assert backend.request_count == 300


def test_half_closed_after_many(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n" * 20).half_close()
    assert [client.read_response().body for _ in range(20)] == [b"ok"] * 20
    assert client.ends()


def test_what_follows_a_close_is_not_served(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    client.send(b"GET /a HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
                b"GET /b HTTP/1.1\r\nHost: test\r\n\r\n")
    assert client.read_response().get("Connection") == "close"
    assert client.ends()
    assert [r.target for r in backend.requests] == ["/a"]


@pytest.mark.parametrize("garbage", [b"NONSENSE\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])
def test_bad_request_after_good_ones(garbage, start_lb, start_backend, connect):
    backend = start_backend(OK)
    client = connect(start_lb(backends=[backend]))
    client.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n" * 3 + garbage)
    assert [client.read_response().status for _ in range(4)] == [200, 200, 200, 400]
    assert client.ends()
    assert backend.request_count == 3
