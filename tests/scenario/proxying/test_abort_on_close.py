"""A client that shuts its sending side while the backend works: by default it gets its answer (RFC
9112 § 9.6); with --abort-on-close it has gone, and the backend learns of it."""

import pytest

from support.discovery import endpoint

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
PARTS = {"before the answer": b"", "in the answer": b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
         "in a stream": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n",
         "behind an interim answer": b"HTTP/1.1 103 Early Hints\r\n\r\n"}


@pytest.mark.parametrize("body", [None, b"body"])
@pytest.mark.parametrize("part", PARTS)
def test_backend_is_let_go(part, body, start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(PARTS[part])
        rest.append(connection.wait_end())

    rest = []
    backend = start_backend(script)
    lb = start_lb("--abort-on-close=on", backends=[backend])
    client = connect(lb).request("POST" if body else "GET", body=body)
    if PARTS[part]:
        client.wire.take_until(b"\r\n\r\n")
    backend.wait_requests(1)
    client.half_close()
    lb.wait_total("ends", {"client_gone": 1})
    lb.wait_idle()
    assert client.ends() or client.wire.buffer  # what had come of the answer, and the end
    lb.wait_ready(1)


def test_answer_is_waited_for_by_default(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        lb.ask("/healthz")
        connection.send(OK)

    lb = start_lb(backends=[start_backend(script)])
    client = connect(lb).request().half_close()
    assert client.read_response().body == b"ok"
    assert client.ends()


@pytest.mark.parametrize("flag, own, is_let_go", [
    ("off", True, True), ("on", True, True), ("on", False, False), ("on", None, True), ("off", None, False)])
def test_own_word_of_an_endpoint(flag, own, is_let_go, start_lb, start_backend, connect, discovery):
    def script(connection):
        connection.read_request()
        if is_let_go:
            connection.wait_end()
        else:
            lb.ask("/healthz")
            connection.send(OK)

    backend = start_backend(script)
    lb = start_lb(f"--abort-on-close={flag}", *discovery.flags)
    discovery.send(endpoint("one", backend.address, **({} if own is None else {"abort_on_close": own})))
    lb.wait_ready(1)
    client = connect(lb).request()
    backend.wait_requests(1)
    client.half_close()
    lb.wait_total("ends", {"client_gone" if is_let_go else "ok": 1})


def test_own_word_that_changes(start_lb, start_backend, connect, discovery):
    """Of an endpoint that stays; it counts for requests that are under way as well."""
    backend = start_backend(lambda connection: (connection.read_request(), connection.wait_end()))
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("one", backend.address, abort_on_close=False))
    lb.wait_ready(1)
    client = connect(lb).request()
    backend.wait_requests(1)
    discovery.send(endpoint("one", backend.address, abort_on_close=True), endpoint("two", backend.address))
    lb.wait_ready(2)
    client.half_close()
    lb.wait_total("ends", {"client_gone": 1})


@pytest.mark.parametrize("value", ["true", 1, None, []])
def test_line_with_another_word(value, start_lb, start_backend, discovery):
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("one", start_backend().address, abort_on_close=value))
    lb.wait_message("abort_on_close: want true or false")


@pytest.mark.parametrize("part", PARTS)
def test_end_behind_pipelined_requests(part, start_lb, start_backend, connect):
    """They are not read while the first one is served, and neither is the end behind them."""
    def script(connection):
        connection.read_request()
        connection.send(PARTS[part])
        connection.wait_end()

    backend = start_backend(script)
    lb = start_lb("--abort-on-close=on", backends=[backend])
    client = connect(lb).send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n" * 3)
    backend.wait_requests(1)
    client.half_close()
    lb.wait_total("ends", {"client_gone": 1})
    lb.wait_idle()
    assert backend.request_count == 1


def test_tunnel_may_be_half_closed(start_lb, start_appserver, connect):
    lb = start_lb("--abort-on-close=on", backends=[start_appserver("one")])
    client = connect(lb).send(b"GET /ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\n"
                              b"Upgrade: echo\r\n\r\nearly")
    client.half_close()
    assert client.read_head().status == 101
    assert client.wire.take_all() == b"early"
    lb.wait_total("ends", {"ok": 1})
