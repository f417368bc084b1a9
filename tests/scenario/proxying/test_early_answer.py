"""A backend may answer before it has read the body; the client must get that answer."""

import pytest

from support.waiting import wait_for

TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 8\r\n\r\ntoo much"


def send_what_goes(client, total, piece=65536):
    """Sends a body as far as the peer takes it."""
    sent = 0
    client.sock.settimeout(0.2)
    try:
        while sent < total:
            sent += client.sock.send(b"x" * min(piece, total - sent))
    except OSError:
        pass  # no more is taken: answered, or closed
    client.sock.settimeout(15)
    return sent


@pytest.mark.parametrize("then", ["close", "read on", "stay"])
def test_refusal_reaches_a_client_that_still_sends(then, start_lb, start_backend, connect):
    def script(connection):
        connection.read_head()
        connection.send(TOO_LARGE)
        if then == "read on":
            connection.wait_end()
        elif then == "stay":
            wait_for(lambda: is_over, "the test is over")

    is_over = []
    lb = start_lb(backends=[start_backend(script)])
    client = connect(lb)
    client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 50000000\r\n\r\n")
    response = None
    if then == "close":
        response = client.read_response()
    send_what_goes(client, 2000000)
    response = response or client.read_response()
    is_over.append(True)
    assert (response.status, response.body) == (413, b"too much")
    assert response.get("Connection") == "close"
    assert client.ends()


def test_refusal_then_reset_while_the_body_is_flowing(start_lb, start_backend, connect):
    """The hard case: the reset may overtake what lb still writes. Whole answers only, or a 502."""
    def script(connection):
        connection.read_head()
        connection.wire.take_exactly(100000)
        connection.send(TOO_LARGE)
        connection.sock.close()

    lb = start_lb(backends=[start_backend(script)])
    statuses = set()
    for _ in range(10):
        client = connect(lb)
        client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3000000\r\n\r\n")
        send_what_goes(client, 3000000)
        response = client.read_response()
        statuses.add(response.status)
        if response.status == 413:
            assert response.body == b"too much"
    assert statuses <= {413, 502} and 413 in statuses


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"HTTP/1.1 204 No Content\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"])
def test_success_before_the_body_ends_it_all(answer, start_lb, start_backend, connect):
    """And says so: a client that has sent its body by then would lose its next request."""
    def script(connection):
        connection.read_head()
        connection.send(answer)
        connection.wait_end()

    client = connect(start_lb(backends=[start_backend(script)]))
    client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\nabc")
    response = client.read_response()
    assert response.body == (b"" if response.status == 204 else b"ok")
    assert response.get("Connection") == "close"
    assert client.ends()
