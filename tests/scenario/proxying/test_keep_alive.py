"""Connections live on, on both sides, and end when either side asks for it."""

from support.backend import OK
from support.waiting import wait_for

CLOSING = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def test_one_client_needs_one_upstream_connection(start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb(backends=[backend])
    client = connect(lb)
    for _ in range(50):
        assert client.get().get("Connection") is None
    assert backend.used_connections() == 1
    lb.wait_total("requests", 50)
    lb.wait_total("upstream_connects", 1)
    lb.wait_total("clients_accepted", 1)


def test_clients_share_upstream_connections(start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb("--workers=1", backends=[backend])
    for _ in range(20):
        with connect(lb) as client:
            client.get()
    assert (backend.request_count, backend.used_connections()) == (20, 1)


def test_client_asks_to_close(start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb("--workers=1", backends=[backend])
    for _ in range(3):
        client = connect(lb)
        response = client.get(fields=["Connection: close"])
        assert (response.get("Connection"), response.body) == ("close", b"ok")
        assert client.ends()
    assert backend.used_connections() == 1  # the backend's connection is not the client's


def test_backend_asks_to_close(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(CLOSING)

    backend = start_backend(script)
    client = connect(start_lb(backends=[backend]))
    for _ in range(5):
        response = client.get()
        assert (response.get("Connection"), response.body) == (None, b"ok")
    assert backend.used_connections() == 5


def test_backend_says_close_but_keeps_it_open(start_lb, start_backend, connect):
    backend = start_backend(CLOSING)
    client = connect(start_lb(backends=[backend]))
    for _ in range(5):
        assert client.get().body == b"ok"
    assert backend.used_connections() == 5


def test_backend_speaks_http_1_0(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
        connection.wait_end()

    backend = start_backend(script)
    client = connect(start_lb(backends=[backend]))
    for _ in range(3):
        response = client.get()
        assert response.head.start_line == "HTTP/1.1 200 OK"
        assert response.body == b"ok"
    assert backend.used_connections() == 3


def test_http_1_0_backend_that_keeps_alive(start_lb, start_backend, connect):
    backend = start_backend(
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok")
    client = connect(start_lb(backends=[backend]))
    for _ in range(3):
        assert client.get().body == b"ok"
    assert backend.used_connections() == 1


def test_bytes_after_a_response_are_never_anothers_answer(start_lb, start_backend, connect):
    backend = start_backend(OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
    client = connect(start_lb(backends=[backend]))
    for _ in range(5):
        assert client.get().body == b"ok"
    assert backend.used_connections() == 5


def test_bytes_from_an_idle_backend_end_its_connection(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(OK)
        if is_first:
            is_first.pop()
            lb.wait_idle()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            connection.wait_end()
            ended.append(True)
        else:
            connection.wait_end()

    is_first, ended = [True], []
    lb = start_lb("--workers=1", backends=[start_backend(script)])
    client = connect(lb)
    assert client.get().body == b"ok"
    wait_for(lambda: ended, "lb ends a connection that speaks unasked")
    assert client.get().body == b"ok"


def test_close_delimited_answer_becomes_chunked(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nup to ")
        connection.send(b"the end")

    client = connect(start_lb(backends=[start_backend(script)]))
    for _ in range(3):
        response = client.get()
        assert response.framing == "chunked"
        assert response.body == b"up to the end"
    assert client.is_silent()


def test_half_closed_client_gets_its_answer(start_lb, start_appserver, connect):
    lb = start_lb(backends=[start_appserver("one")])
    client = connect(lb)
    client.request("GET", "/delay/100").half_close()
    assert client.read_response().body == b"waited\n"
    assert client.ends()
    client = connect(lb)
    client.request("POST", "/upload", body=b"x" * 100000).half_close()
    assert client.read_response().body.startswith(b"received 100000 bytes")
    assert client.ends()


def test_half_closed_in_the_middle_of_a_request(start_lb, start_backend, connect):
    """Nobody could answer such a request: the connection ends, the backend sees no whole body."""
    seen = []

    def script(connection):
        connection.read_head()
        seen.append(connection.wait_end())

    backend = start_backend(script)
    lb = start_lb(backends=[backend])
    client = connect(lb)
    client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n12345").half_close()
    assert client.ends()
    wait_for(lambda: seen, "the backend's connection ends")
    assert seen == [b"12345"]
    lb.wait_total("ends", {"client_gone": 1})
