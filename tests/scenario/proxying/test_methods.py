"""Methods and targets reach the backend as they were sent."""

import pytest


@pytest.mark.parametrize(
    "method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "X-ANY"])
def test_method_is_forwarded(method, start_lb, start_backend, connect):
    backend = start_backend()
    response = connect(start_lb(backends=[backend])).request(method, "/a").read_response()
    assert (response.status, response.body) == (200, b"ok")
    assert backend.requests[0].head.start_line == f"{method} /a HTTP/1.1"


def test_head_has_the_length_and_no_body(start_lb, start_backend, connect):
    backend = start_backend(b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n")
    client = connect(start_lb(backends=[backend]))
    for _ in range(3):
        response = client.request("HEAD").read_response(to_head=True)
        assert (response.status, response.get("Content-Length")) == (200, "12345")
    assert client.is_silent()
    assert backend.used_connections() == 1


def test_head_of_a_chunked_resource(start_lb, start_backend, connect):
    backend = start_backend(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    client = connect(start_lb(backends=[backend]))
    for _ in range(3):
        assert client.request("HEAD").read_response(to_head=True).status == 200
    assert client.is_silent()


@pytest.mark.parametrize("status", [204, 304])
def test_status_without_body(status, start_lb, start_backend, connect):
    backend = start_backend(b"HTTP/1.1 %d X\r\nETag: \"a\"\r\n\r\n" % status)
    client = connect(start_lb(backends=[backend]))
    for _ in range(3):
        response = client.get()
        assert (response.status, response.get("ETag"), response.framing) == (status, '"a"', "none")
    assert client.is_silent()
    assert backend.used_connections() == 1


@pytest.mark.parametrize("target", [
    "/", "/a/b/../c//d", "/%2e%2e/%00%zz", "/a?b=c&d=%20", "/?", "//double", "/a;b=c",
    "/'()!$*,@:", "/" + "x" * 8000])
def test_target_is_not_touched(target, start_lb, start_backend, connect):
    backend = start_backend()
    assert connect(start_lb(backends=[backend])).get(target).status == 200
    assert backend.requests[0].head.start_line == f"GET {target} HTTP/1.1"


@pytest.mark.parametrize("target, sent, host", [
    ("http://other:81/a?b", "/a?b", "other:81"),
    ("http://other", "/", "other"),
    ("http://other?b", "/?b", "other"),
    ("HTTP://[::1]:80/x", "/x", "[::1]:80"),
])
def test_absolute_target_wins_over_host(target, sent, host, start_lb, start_backend, connect):
    backend = start_backend()
    assert connect(start_lb(backends=[backend])).get(target, host="test").status == 200
    request = backend.requests[0]
    assert request.target == sent
    assert request.get("Host") == host
    assert request.get("X-Forwarded-Host") == host


def test_options_of_the_server(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    assert client.request("OPTIONS", "*").read_response().status == 200
    assert client.request("OPTIONS", "http://test").read_response().status == 200
    assert [r.target for r in backend.requests] == ["*", "*"]
