"""What lb changes in a head, to the byte, and that it changes nothing else."""

import email.utils
import re
import time

import pytest

from support.backend import OK


def forwarded(host="test", ip="127.0.0.1", xff="", via="1.1", request_id="my-id", more=""):
    return (f"X-Forwarded-For: {xff}{ip}\r\nX-Forwarded-Proto: http\r\n"
            f"X-Forwarded-Host: {host}\r\nX-Forwarded-Port: 80\r\nX-Real-IP: {ip}\r\n"
            f"Via: {via} lb\r\n{more}"
            f"X-Request-Id: {request_id}\r\n\r\n").encode()


@pytest.fixture(name="exchange")
def make_exchange(start_lb, start_backend, connect):
    """exchange(request bytes): the head that the backend got, and the response."""
    def exchange(request, answer=OK, flags=()):
        backend = start_backend(answer)
        response = connect(start_lb(*flags, backends=[backend])).send(request).read_response()
        return backend.requests[0].head.raw, response
    return exchange


def test_plain_request(exchange):
    got, _ = exchange(b"GET /a HTTP/1.1\r\nHost: test\r\nX-Request-Id: my-id\r\n\r\n")
    assert got == b"GET /a HTTP/1.1\r\nHost: test\r\n" + forwarded()


def test_other_lines_stay_as_they_are(exchange):
    lines = (b"hOsT:  test\t\r\nACCEPT:*/*\r\nX-Empty:\r\nx-twice: 1\r\nX-Twice:   2  \r\n"
             b"Cookie: a=b; c=\"d,e\"\r\nX-Bytes: \xe4\xf6\xfc\r\nAuthorization: Basic eDp5\r\n")
    got, _ = exchange(b"GET / HTTP/1.1\r\n" + lines + b"X-Request-Id: my-id\r\n\r\n")
    assert got == b"GET / HTTP/1.1\r\n" + lines + forwarded()


def test_hop_by_hop_lines_go(exchange):
    got, _ = exchange(b"GET / HTTP/1.1\r\nHost: test\r\nKeep-Alive: timeout=5\r\nA: 1\r\n"
                      b"Connection: keep-alive, X-Mine ,\r\nProxy-Connection: x\r\nTE: trailers\r\n"
                      b"x-mine: 2\r\nTrailer: A\r\nUpgrade: h2c\r\nProxy: evil\r\nB: 3\r\n"
                      b"X-Request-Id: my-id\r\n\r\n")
    assert got == (b"GET / HTTP/1.1\r\nHost: test\r\nA: 1\r\nB: 3\r\n"
                   + forwarded(more="TE: trailers\r\nConnection: TE\r\n"))


def test_connection_cannot_strip_what_lb_vouches_for(exchange):
    got, _ = exchange(b"GET / HTTP/1.1\r\nHost: test\r\nX-Request-Id: my-id\r\nContent-Length: 0\r\n"
                      b"Connection: Host, Content-Length, X-Forwarded-For, X-Real-IP, Via\r\n\r\n")
    assert got == (b"GET / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n" + forwarded())


CLAIMS = (b"GET / HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: 1.2.3.4\r\n"
          b"X-Forwarded-Proto: https\r\nX-Forwarded-Host: public\r\nX-Real-IP: 6.6.6.6\r\n"
          b"X-Forwarded-For: 5.6.7.8, 9.9.9.9\r\nForwarded: for=6.6.6.6\r\n"
          b"X-Request-Id: my-id\r\n\r\n")


@pytest.mark.parametrize("flags", [(), ["--trusted-proxies=10.0.0.0/8,::1/128"]])
def test_what_a_client_claims_is_not_believed(flags, exchange):
    got, _ = exchange(CLAIMS, flags=flags)
    assert got == b"GET / HTTP/1.1\r\nHost: test\r\n" + forwarded()


def test_what_a_trusted_proxy_says_is_passed_on(exchange):
    got, _ = exchange(CLAIMS, flags=["--trusted-proxies=10.0.0.0/8,127.0.0.0/8"])
    lines = got.decode().split("\r\n")
    assert "X-Forwarded-For: 1.2.3.4, 5.6.7.8, 9.9.9.9, 127.0.0.1" in lines
    assert "X-Forwarded-Proto: https" in lines
    assert "X-Forwarded-Host: public" in lines


def test_standard_field(exchange):
    got, _ = exchange(b"GET / HTTP/1.1\r\nHost: test\r\nX-Request-Id: my-id\r\n\r\n",
                      flags=["--forwarded=on"])
    assert b'\r\nForwarded: for=127.0.0.1;proto=http;host="test"\r\n' in got


def test_via_is_appended_as_a_line(exchange):
    got, _ = exchange(b"GET / HTTP/1.1\r\nHost: test\r\nVia: 1.0 first\r\n"
                      b"X-Request-Id: my-id\r\n\r\n")
    assert got == b"GET / HTTP/1.1\r\nHost: test\r\nVia: 1.0 first\r\n" + forwarded()


@pytest.mark.parametrize("claimed", [None, b"", b"a b", b"\"quoted\"", b"x" * 300, b"a\xe4"])
def test_request_id_is_made_when_there_is_no_good_one(claimed, exchange):
    line = b"" if claimed is None else b"X-Request-Id: " + claimed + b"\r\n"
    got, _ = exchange(b"GET / HTTP/1.1\r\nHost: test\r\n" + line + b"\r\n")
    made = re.search(rb"X-Request-Id: ([0-9a-f]{32})\r\n\r\n$", got)
    assert made and got == (b"GET / HTTP/1.1\r\nHost: test\r\n"
                            + forwarded(request_id=made[1].decode()))


def test_made_request_ids_differ(start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb(backends=[backend])
    for _ in range(20):
        connect(lb).get()
    assert len({r.get("X-Request-Id") for r in backend.requests}) == 20


def test_http_1_0_request(exchange):
    got, _ = exchange(b"GET / HTTP/1.0\r\nX-Request-Id: my-id\r\n\r\n")
    assert got == (b"GET / HTTP/1.1\r\nHost: appserver\r\n"
                   + forwarded(host="appserver", via="1.0"))


def test_chunked_request_keeps_its_framing(exchange):
    got, _ = exchange(b"POST / HTTP/1.1\r\nHost: test\r\nX-Request-Id: my-id\r\n"
                      b"transfer-encoding: Chunked\r\nA: b\r\n\r\n0\r\n\r\n")
    assert got == (b"POST / HTTP/1.1\r\nHost: test\r\nA: b\r\nTransfer-Encoding: chunked\r\n"
                   + forwarded())


def test_ipv6_client(start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb("--listen=[::1]:0", backends=[backend])
    connect(lb).get(fields=["X-Request-Id: my-id"])
    assert backend.requests[0].head.raw == (b"GET / HTTP/1.1\r\nHost: test\r\n"
                                            + forwarded(ip="::1"))


def test_ipv4_client_of_a_dual_stack_listener_is_named_as_ipv4(start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb("--listen=[::]:0", backends=[backend])
    connect(("127.0.0.1", lb.address[1])).get()
    assert backend.requests[0].get("X-Real-IP") == "127.0.0.1"


def without_date(response):
    """The head without the Date of now that lb adds where a backend gives none (RFC 9110 § 6.6.1)."""
    date = email.utils.parsedate_to_datetime(response.get("Date"))
    assert abs(time.time() - date.timestamp()) < 60
    return response.head.raw.replace(f"Date: {response.get('Date')}\r\n".encode(), b"")


def test_response_lines_stay_but_for_hop_by_hop(exchange):
    _, response = exchange(
        b"GET / HTTP/1.1\r\nHost: test\r\n\r\n",
        b"HTTP/1.1 299 My Own\tWords \xe4\r\nserver: x\r\nConnection: keep-alive, X-Gone\r\n"
        b"Keep-Alive: timeout=9\r\nSet-Cookie: a\r\nX-Gone: 1\r\nset-cookie:  b \r\n"
        b"Upgrade: h2\r\nContent-Length: 2\r\nX-Last:\r\n\r\nok")
    assert without_date(response) == (
        b"HTTP/1.1 299 My Own\tWords \xe4\r\nserver: x\r\nSet-Cookie: a\r\nset-cookie:  b \r\n"
        b"Content-Length: 2\r\nX-Last:\r\n\r\n")
    assert response.body == b"ok"


def test_response_without_reason(exchange):
    _, response = exchange(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n",
                           b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok")
    assert without_date(response) == b"HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n"


def test_request_head_in_single_bytes(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    request = b"GET /slow HTTP/1.1\r\nHost: test\r\nX-Request-Id: my-id\r\n\r\n"
    for byte in request:
        client.send(bytes([byte]))
    assert client.read_response().body == b"ok"
    assert backend.requests[0].head.raw == b"GET /slow HTTP/1.1\r\nHost: test\r\n" + forwarded()


def test_response_in_single_bytes(start_lb, start_backend, connect):
    answer = (b"HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n"
              b"3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n")

    def script(connection):
        while True:
            connection.read_request()
            for byte in answer:
                connection.send(bytes([byte]))

    backend = start_backend(script)
    client = connect(start_lb(backends=[backend]))
    for _ in range(3):
        response = client.get()
        assert without_date(response) == (b"HTTP/1.1 200 OK\r\nA: b\r\n"
                                     b"Transfer-Encoding: chunked\r\n\r\n")
        assert response.body == b"abcde"
    assert backend.used_connections() == 1


def test_large_heads(start_lb, start_backend, connect):
    """Just below the limits: 16 KiB of request, 64 KiB of response."""
    cookie = "c" * 15000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Large: " + b"y" * 60000 + b"\r\n\r\nok"
    backend = start_backend(answer)
    client = connect(start_lb(backends=[backend]))
    for _ in range(3):
        response = client.get(fields=[f"Cookie: {cookie}"])
        assert response.get("X-Large") == "y" * 60000
    assert [r.get("Cookie") for r in backend.requests] == [cookie] * 3


def test_a_hundred_lines(start_lb, start_backend, connect):
    backend = start_backend(
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"S-%d: %d\r\n" % (i, i) for i in range(127))
        + b"Content-Length: 0\r\n\r\n")
    client = connect(start_lb(backends=[backend]))
    response = client.get(fields=[f"F-{i}: {i}" for i in range(99)])
    assert response.get("S-126") == "126"
    assert [backend.requests[0].get(f"F-{i}") for i in range(99)] == [str(i) for i in range(99)]


def test_via_off_leaves_the_field_as_it_came(start_lb, start_backend, connect):
    """nginx backends compress nothing that came through a proxy (gzip_proxied)."""
    backend = start_backend()
    client = connect(start_lb("--via=off", backends=[backend]))
    client.get()
    client.get(fields=["Via: 1.0 before"])
    assert [message.get("Via") for message in backend.requests] == [None, "1.0 before"]


def test_answers_of_lb_have_a_date(start_lb, connect):
    """Its own to clients, and those of the admin listener."""
    lb = start_lb("--backend=127.0.0.1:1", "--hold=0s")
    client = connect(lb).send(b"no request\r\n\r\n")
    for response in (client.read_response(), connect(lb).get(), lb.ask("/healthz"), lb.ask("/pool")):
        assert b"Date: " not in without_date(response)
