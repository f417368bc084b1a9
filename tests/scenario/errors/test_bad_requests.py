"""What lb refuses: the status, the short body, the closed connection, and nothing at the backend."""

import re

import pytest

H = b"Host: test\r\n"

BAD = {
    "no version": b"GET /\r\n\r\n",
    "no target": b"GET HTTP/1.1\r\n" + H + b"\r\n",
    "two spaces": b"GET  / HTTP/1.1\r\n" + H + b"\r\n",
    "not http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "bad method": b"G(T / HTTP/1.1\r\n" + H + b"\r\n",
    "bare newline": b"GET / HTTP/1.1\n" + H + b"\r\n",
    "bare newline in fields": b"GET / HTTP/1.1\r\nHost: test\nA: b\r\n\r\n",
    "bare return": b"GET / HTTP/1.1\r\nHost: test\r\nA: b\rC: d\r\n\r\n",
    "target with a control": b"GET /\x01 HTTP/1.1\r\n" + H + b"\r\n",
    "target with no slash": b"GET a HTTP/1.1\r\n" + H + b"\r\n",
    "other scheme": b"GET ftp://test/ HTTP/1.1\r\n" + H + b"\r\n",
    "asterisk for GET": b"GET * HTTP/1.1\r\n" + H + b"\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\n" + H + H + b"\r\n",
    "bad host": b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "host with path": b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "space before colon": b"GET / HTTP/1.1\r\n" + H + b"A : b\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\n" + H + b"nonsense\r\n\r\n",
    "no name": b"GET / HTTP/1.1\r\n" + H + b": b\r\n\r\n",
    "folded line": b"GET / HTTP/1.1\r\n" + H + b"A: b\r\n c\r\n\r\n",
    "space first": b"GET / HTTP/1.1\r\n Host: test\r\n\r\n",
    "zero byte": b"GET / HTTP/1.1\r\n" + H + b"A: b\0c\r\n\r\n",
    "length and chunked": b"POST / HTTP/1.1\r\n" + H
                          + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "list of lengths": b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 3, 3\r\n\r\nabc",
    "length with a sign": b"POST / HTTP/1.1\r\n" + H + b"Content-Length: +3\r\n\r\nabc",
    "negative length": b"POST / HTTP/1.1\r\n" + H + b"Content-Length: -3\r\n\r\nabc",
    "huge length": b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 18446744073709551617\r\n\r\nabc",
}


def assert_refused(response, status):
    assert response.status == status
    assert response.get("Connection") == "close"
    assert response.get("Content-Type") == "text/plain; charset=utf-8"
    assert response.body.startswith(f"{status} {response.reason}: ".encode())
    assert len(response.body) < 200
    assert re.search(rb"\(request [0-9a-f]{32}\)\n$", response.body), response.body


@pytest.mark.parametrize("name", BAD)
def test_bad_request(name, start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb(backends=[backend])
    client = connect(lb).send(BAD[name])
    assert_refused(client.read_response(), 400)
    assert client.ends()
    assert backend.requests == []
    lb.wait_total("requests", 1)
    ends = lb.totals()["ends"]
    assert len(ends) == 1 and next(iter(ends)).startswith("bad_request:")


@pytest.mark.parametrize("status, request_bytes", [
    (501, b"CONNECT test:80 HTTP/1.1\r\n" + H + b"\r\n"),
    (501, b"POST / HTTP/1.1\r\n" + H + b"Transfer-Encoding: gzip, chunked\r\n\r\n"),
    (505, b"GET / HTTP/2.0\r\n" + H + b"\r\n"),
    (505, b"GET / HTTP/2.2\r\n" + H + b"\r\n"),
    (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    (417, b"POST / HTTP/1.1\r\n" + H + b"Content-Length: 1\r\nExpect: cake\r\n\r\n"),
    (414, b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n" + H + b"\r\n"),
    (431, b"GET / HTTP/1.1\r\n" + H + b"A: " + b"b" * 20000 + b"\r\n\r\n"),
    (431, b"GET / HTTP/1.1\r\n" + H + b"A: b\r\n" * 100 + b"\r\n"),
])
def test_refused_with(status, request_bytes, start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend])).send(request_bytes)
    assert_refused(client.read_response(), status)
    assert client.ends()
    assert backend.requests == []


def test_limits_can_be_set(start_lb, start_backend, connect):
    lb = start_lb("--max-head=2k", "--max-headers=5", backends=[start_backend()])
    assert connect(lb).get("/" + "a" * 1800).status == 200
    assert connect(lb).get("/" + "a" * 2100).status == 414
    assert connect(lb).get(fields=["A: " + "b" * 2100]).status == 431
    assert connect(lb).get(fields=["A: b"] * 4).status == 200
    assert connect(lb).get(fields=["A: b"] * 5).status == 431


def test_bad_chunk(start_lb, start_backend, connect):
    """The backend must not take the part that came for the whole."""
    def script(connection):
        connection.read_head()
        seen.append(connection.wait_end())

    seen = []
    lb = start_lb(backends=[start_backend(script)])
    for bad in (b"xyz\r\n", b"5\r\nabcdefgh", b"-1\r\n", b"10000000000000000\r\n", b"5\nabcde\r\n"):
        client = connect(lb)
        client.send(b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
                    b"2\r\nok\r\n" + bad)
        assert_refused(client.read_response(), 400)
        assert client.ends()
    lb.wait_idle()
    assert all(not s.endswith(b"0\r\n\r\n") for s in seen)


def test_too_large_by_length(start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb("--max-body=1000", backends=[backend])
    client = connect(lb)
    assert client.request("POST", body=b"x" * 1000).read_response().status == 200
    client.request("POST", body=b"x" * 1001)
    assert_refused(client.read_response(), 413)
    assert client.ends()
    assert backend.request_count == 1


def test_too_large_in_chunks(start_lb, start_backend, connect):
    def script(connection):
        while True:
            connection.read_request()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    backend = start_backend(script)
    lb = start_lb("--max-body=1000", backends=[backend])
    client = connect(lb)
    assert client.request("POST", body=[b"x" * 500] * 2).read_response().status == 200
    client.request("POST", body=[b"x" * 500] * 3)
    assert_refused(client.read_response(), 413)
    assert client.ends()
    lb.wait_idle()
    assert sum(r.framing == "chunked" for r in backend.requests) == 1  # only the good one was whole


def test_expectation_is_refused_before_the_body_comes(start_lb, start_backend, connect):
    lb = start_lb("--max-body=1000", backends=[start_backend()])
    client = connect(lb).send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1001\r\n"
                              b"Expect: 100-continue\r\n\r\n")
    response = client.read_response()
    assert (response.status, response.interim) == (413, [])


def test_refusal_is_not_lost_to_a_client_that_still_sends(start_lb, start_backend, connect):
    """Closing with unread bytes would reset the connection and take the answer with it."""
    lb = start_lb("--max-body=1000", backends=[start_backend()])
    for _ in range(10):
        client = connect(lb)
        client.request("POST", body=b"x" * 1000000)
        assert_refused(client.read_response(), 413)


def test_head_that_does_not_end(start_lb, start_backend, connect):
    lb = start_lb("--head-timeout=100ms", backends=[start_backend()])
    client = connect(lb).send(b"GET / HTTP/1.1\r\nHost: te")
    assert_refused(client.read_response(), 408)
    assert client.ends()
    lb.wait_total("ends", {"head_timeout": 1})


def test_body_that_does_not_end(start_lb, start_backend, connect):
    lb = start_lb("--body-timeout=100ms", backends=[start_backend()])
    client = connect(lb).send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n123")
    assert_refused(client.read_response(), 408)
    assert client.ends()
    lb.wait_total("ends", {"body_timeout": 1})


def test_answer_to_head_has_no_body(start_lb, connect, start_backend):
    lb = start_lb("--max-body=1000", backends=[start_backend()])
    client = connect(lb).request("HEAD", body=b"x" * 1001)
    response = client.read_response(to_head=True)
    assert response.status == 413
    assert client.ends()
