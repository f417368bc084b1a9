"""HTTP/1.0 clients: old tools, health checkers, load generators."""

import pytest

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"


def test_closes_after_the_answer(start_lb, start_backend, connect):
    client = connect(start_lb(backends=[start_backend()]))
    response = client.get(version="1.0")
    assert (response.body, response.get("Connection")) == (b"ok", "close")
    assert client.ends()


def test_keep_alive_when_asked_for(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    for _ in range(5):
        response = client.get(version="1.0", fields=["Connection: Keep-Alive"])
        assert (response.body, response.get("Connection")) == (b"ok", "keep-alive")
    assert client.get(version="1.0").get("Connection") == "close"
    assert client.ends()
    assert backend.used_connections() == 1


@pytest.mark.parametrize("fields", [[], ["Connection: keep-alive"]])
def test_chunked_answer_is_ended_by_the_close(fields, start_lb, start_backend, connect):
    backend = start_backend(CHUNKED)
    lb = start_lb("--workers=1", backends=[backend])
    for _ in range(2):
        response = connect(lb).get(version="1.0", fields=fields)
        assert (response.framing, response.body) == ("close", b"hello world")
        assert response.get("Connection") == "close"
        assert response.get("Transfer-Encoding") is None
    assert backend.used_connections() == 1  # to the backend it is HTTP/1.1 all the same


def test_body_with_length(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    client.request("POST", version="1.0", host=None, body=b"x" * 100000)
    assert client.read_response().body == b"ok"
    assert backend.requests[0].body == b"x" * 100000


def test_chunked_request_is_refused(start_lb, start_backend, connect):
    """RFC 9112 § 6.1: such a request is an attempt at smuggling, or a mistake."""
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    client.request("POST", version="1.0", body=[b"abc"])
    assert client.read_response().status == 400
    assert client.ends()
    assert backend.requests == []
