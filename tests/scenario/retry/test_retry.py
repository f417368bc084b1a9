"""When a request may be sent to another endpoint, or once more, and when it may not."""

import os
import signal
import threading

import pytest

from support.backend import OK
from support.waiting import is_stopped, wait_for

POST = {"method": "POST", "body": b"abc"}


def key_of(backend):
    return "%s:%d" % backend.address


@pytest.mark.parametrize("request_options", [{}, POST, {"method": "POST", "body": [b"abc"]}])
def test_refused_connect_goes_to_another(request_options, start_lb, start_backend, connect):
    """Nothing was sent, so any method may."""
    gone, good = start_backend(), start_backend()
    lb = start_lb("--eject-after=0", backends=[gone, good])
    gone.stop_listening()
    client = connect(lb)
    for _ in range(10):
        assert client.request(**request_options).read_response().body == b"ok"
    assert good.request_count == 10
    if "body" in request_options:
        assert {r.body for r in good.requests} == {b"abc"}
    lb.wait_total("requests", 10)
    endpoints = lb.endpoints()
    assert endpoints[key_of(gone)]["failures"] >= 5
    assert endpoints[key_of(gone)]["requests"] == 0
    assert endpoints[key_of(good)]["failures"] == 0
    assert endpoints[key_of(good)]["requests"] == 10
    lb.wait_total("retries", endpoints[key_of(gone)]["failures"])


def test_all_refuse(start_lb, start_backend, connect):
    backends = [start_backend() for _ in range(3)]
    lb = start_lb(backends=backends)
    for backend in backends:
        backend.stop_listening()
    assert connect(lb).get().status == 502
    lb.wait_total("requests", 1)
    assert [e["failures"] for e in lb.endpoints().values()] == [1, 1, 1]
    lb.wait_total("ends", {"refused": 1})


def closes_second(how):
    """Serves one request on its first connection with requests, takes the next and ends it."""
    def script(connection):
        connection.read_request()
        connection.send(OK)
        connection.read_request()
        if connection.backend.may_break:
            connection.backend.may_break.pop()
            if how == "reset":
                connection.reset()
            return
        while True:
            connection.send(OK)
            connection.read_request()
    return script


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_idempotent_request_is_sent_again(method, how, start_lb, start_backend, connect):
    backend = start_backend(closes_second(how))
    backend.may_break = [True]
    lb = start_lb("--workers=1", backends=[backend])
    client = connect(lb)
    assert client.get().status == 200
    body = b"x" * 1000 if method == "PUT" else None
    response = client.request(method, body=body).read_response(to_head=method == "HEAD")
    assert response.status == 200
    assert not backend.may_break
    first, again = backend.requests[1:]
    assert first.head.raw == again.head.raw  # the same request, with the same id
    assert first.body == again.body == (body or b"")
    assert first.connection != again.connection
    lb.wait_total("requests", 2)
    lb.wait_total("retries", 1)
    assert lb.endpoints()[key_of(backend)]["failures"] == 0  # its idle connection was old, not it


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("method", ["POST", "PATCH", "UNHEARD-OF"])
def test_other_request_is_not_sent_again(method, how, start_lb, start_backend, connect):
    backend = start_backend(closes_second(how))
    backend.may_break = [True]
    lb = start_lb("--workers=1", backends=[backend])
    client = connect(lb)
    assert client.get().status == 200
    response = client.request(method, body=b"x").read_response()
    assert response.status == 502
    assert backend.request_count == 2
    lb.wait_total("ends", {"ok": 1, "upstream_reset": 1})


def test_it_goes_to_another_endpoint_if_there_is_one(start_lb, start_backend, connect):
    breaking, good = start_backend(closes_second("close")), start_backend()
    breaking.may_break = [True]
    lb = start_lb("--workers=1", backends=[breaking, good])
    client = connect(lb)
    for i in range(4):
        assert client.get(f"/{i}").status == 200
    broken = breaking.requests[1]
    assert broken.target in [r.target for r in good.requests]
    assert breaking.request_count + good.request_count == 5


def test_chunked_body_is_sent_again_as_it_was(start_lb, start_backend, connect):
    backend = start_backend(closes_second("close"))
    backend.may_break = [True]
    client = connect(start_lb("--workers=1", backends=[backend]))
    assert client.get().status == 200
    assert client.request("PUT", body=[b"abc", b"d" * 5000]).read_response().status == 200
    assert [r.body for r in backend.requests[1:]] == [b"abc" + b"d" * 5000] * 2


def test_body_too_large_to_keep_is_not_sent_again(start_lb, start_backend, connect):
    backend = start_backend(closes_second("close"))
    backend.may_break = [True]
    client = connect(start_lb("--workers=1", backends=[backend]))
    assert client.get().status == 200
    assert client.request("PUT", body=b"x" * 200000).read_response().status == 502
    assert backend.request_count == 2


def test_body_that_still_comes_goes_on_after_the_first_part(start_lb, start_backend, connect):
    def script(connection):
        request = connection.read_head()
        if request.method == "PUT" and connection.backend.may_break:
            connection.wire.take_exactly(5)
            connection.backend.may_break.pop()
            return
        while True:
            connection.read_body(request)
            connection.send(OK)
            request = connection.read_head()

    backend = start_backend(script)
    backend.may_break = [True]
    lb = start_lb("--workers=1", backends=[backend])
    client = connect(lb)
    client.send(b"PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n12345")
    backend.wait_requests(2)
    client.send(b"67890")
    assert client.read_response().status == 200
    assert backend.requests[1].body == b"1234567890"


def test_it_is_sent_again_only_so_often(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()

    backend = start_backend(script)
    lb = start_lb(backends=[backend])
    assert connect(lb).get().status == 502
    assert backend.request_count == 3
    lb.wait_total("ends", {"upstream_reset": 1})


def test_post_on_a_fresh_connection_is_sent_once(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()

    backends = [start_backend(script) for _ in range(2)]
    lb = start_lb(backends=backends)
    assert connect(lb).request(**POST).read_response().status == 502
    assert sum(b.request_count for b in backends) == 1
    failures = sorted(e["failures"] for e in lb.endpoints().values())
    assert failures == [0, 1]


def test_answer_that_the_client_saw_is_not_asked_for_again(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
        connection.backend.may_end.wait(10)

    backend = start_backend(script)
    backend.may_end = threading.Event()
    client = connect(start_lb(backends=[backend]))
    client.request()
    assert client.read_head().status == 200
    assert client.wire.take_exactly(5) == b"12345"
    backend.may_end.set()
    assert client.ends()
    assert backend.request_count == 1


@pytest.mark.parametrize("method, tries", [("GET", 3), ("POST", 1)])
def test_answer_that_broke_off_in_its_head(method, tries, start_lb, start_backend, connect):
    """The client has seen nothing of it, so an idempotent request is as good as new."""
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 20")

    backends = [start_backend(script) for _ in range(3)]
    assert connect(start_lb(backends=backends)).request(method).read_response().status == 502
    assert sum(b.request_count for b in backends) == tries


def test_slow_answer_is_not_asked_for_again(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.wait_end()

    backends = [start_backend(script) for _ in range(2)]
    lb = start_lb("--response-timeout=100ms", backends=backends)
    assert connect(lb).get().status == 504
    assert sum(b.request_count for b in backends) == 1


def test_idle_connection_that_the_backend_closed_is_not_used(start_lb, start_backend, connect):
    """No retry is needed where the end of the connection was seen in time."""
    def script(connection):
        connection.read_request()
        connection.send(OK)
        if connection.backend.may_break:
            connection.backend.may_break.pop()
            return
        while True:
            connection.read_request()
            connection.send(OK)

    backend = start_backend(script)
    backend.may_break = [True]
    lb = start_lb("--workers=1", backends=[backend])
    client = connect(lb)
    assert client.get().status == 200
    wait_for(lambda: established(backend.address) == 0, "lb has closed its side, too")
    assert client.request(**POST).read_response().status == 200
    assert lb.totals()["retries"] == 0


def ends_when_told(connection):
    """Serves requests; the connection of the first one ends when the event is set."""
    def wait_and_end():
        connection.backend.may_end.wait(10)
        connection.close()
        connection.backend.has_ended.set()
    connection.read_request()
    if connection.backend.used_connections() == 1:
        threading.Thread(target=wait_and_end, daemon=True).start()
    connection.send(OK)
    while True:
        connection.read_request()
        connection.send(OK)


# Of one write; of several, of which the first brings the reset and the others fail.
UNRECEIVED = {"one write": b"x", "chunks": [b"x"] * 60, "many chunks": [b"xyz"] * 900,
              "more than the socket takes at once": b"x" * 60000}


@pytest.mark.parametrize("idle_s", [0, 0.15])
@pytest.mark.parametrize("body", UNRECEIVED)
@pytest.mark.parametrize("method", ["POST", "PATCH", "UNHEARD-OF"])
def test_request_that_the_backend_did_not_get_goes_to_another_connection(
        method, body, idle_s, start_lb, start_backend, connect):
    """lb reads the request first and learns of the end, which came before, only afterwards: a fresh
    connection's missing acknowledgement tells, an older one is looked at before it is used."""
    backend = start_backend(ends_when_told)
    backend.may_end, backend.has_ended = threading.Event(), threading.Event()
    lb = start_lb("--workers=1", backends=[backend])
    client = connect(lb)
    assert client.get().status == 200
    threading.Event().wait(idle_s)
    serving = lb.proxy_pid
    os.kill(serving, signal.SIGSTOP)
    try:
        wait_for(lambda: is_stopped(serving), "lb stands still")
        client.request(method, body=UNRECEIVED[body])
        backend.may_end.set()
        assert backend.has_ended.wait(10)
    finally:
        os.kill(serving, signal.SIGCONT)
    assert client.read_response().status == 200
    assert [r.method for r in backend.requests] == ["GET", method]
    whole = UNRECEIVED[body]
    assert backend.requests[1].body == (whole if isinstance(whole, bytes) else b"".join(whole))
    if idle_s > 0:
        assert lb.totals()["retries"] == 0


def established(address):
    """Connections to `address` that their client has not closed, by /proc/net/tcp."""
    port = f":{address[1]:04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return sum(row[2].endswith(port) and row[3] in ("01", "08") for row in rows)
