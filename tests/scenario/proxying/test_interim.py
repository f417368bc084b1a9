"""100-continue and other interim responses, from end to end."""

from support.backend import OK
from support.waiting import wait_for

EXPECT = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"


def test_continue_comes_from_the_backend(start_lb, start_backend, connect):
    def script(connection):
        while True:
            request = connection.read_head()
            assert request.get("Expect") == "100-continue"
            asked.append(request)
            wait_for(lambda: may_go_on, "the test lets the backend go on")
            connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.read_body(request)
            connection.send(OK)

    asked, may_go_on = [], []
    backend = start_backend(script)
    client = connect(start_lb(backends=[backend]))
    client.send(EXPECT)
    wait_for(lambda: asked, "the head reaches the backend before the body")
    assert client.is_silent()
    may_go_on.append(True)
    assert client.read_head().head.raw == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(b"12345")
    assert client.read_response().body == b"ok"
    assert backend.requests[0].body == b"12345"
    client.send(EXPECT)
    assert client.read_head().status == 100
    client.send(b"67890")
    assert client.read_response().body == b"ok"
    assert (backend.requests[1].body, backend.used_connections()) == (b"67890", 1)


def test_refused_expectation_costs_no_body(start_lb, start_backend, connect):
    def script(connection):
        connection.read_head()
        connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        after.append(connection.wait_end())

    after = []
    client = connect(start_lb(backends=[start_backend(script)]))
    client.send(EXPECT)
    response = client.read_response()
    assert (response.status, response.body, response.interim) == (413, b"no", [])
    assert response.get("Connection") == "close"  # whether the body comes nobody knows
    assert client.ends()
    wait_for(lambda: after, "the backend's connection ends")
    assert after == [b""]


def test_body_without_waiting(start_lb, start_backend, connect):
    """A client may send the body at once, and a backend may leave the 100 out."""
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    for _ in range(3):
        client.send(EXPECT + b"12345")
        response = client.read_response()
        assert (response.body, response.interim) == (b"ok", [])
    assert [r.body for r in backend.requests] == [b"12345"] * 3


def test_expect_without_body_is_not_forwarded(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    assert client.get(fields=["Expect: 100-continue"]).status == 200
    assert backend.requests[0].get("Expect") is None


def test_early_hints_pass(start_lb, start_backend, connect):
    backend = start_backend(HINTS + HINTS + OK)
    client = connect(start_lb(backends=[backend]))
    for _ in range(3):
        response = client.get()
        assert [head.raw for head in response.interim] == [HINTS, HINTS]
        assert response.body == b"ok"
    assert backend.used_connections() == 1


def test_early_hints_come_early(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(HINTS)
        wait_for(lambda: has_seen, "the client has the hints")
        connection.send(OK)

    has_seen = []
    client = connect(start_lb(backends=[start_backend(script)]))
    client.request()
    assert client.read_head().status == 103
    has_seen.append(True)
    assert client.read_response().body == b"ok"


def test_http_1_0_client_gets_no_interim_response(start_lb, start_backend, connect):
    client = connect(start_lb(backends=[start_backend(HINTS + OK)]))
    response = client.get(version="1.0")
    assert (response.status, response.interim) == (200, [])


def test_switching_protocols_unasked_is_no_answer(start_lb, start_backend, connect):
    backend = start_backend(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")
    lb = start_lb(backends=[backend])
    response = connect(lb).get()
    assert response.status == 502
    lb.wait_total("ends", {"upstream_invalid": 1})
