"""Whoever stands still is let go in time; whoever is only slow is not."""

import socket
import time

import pytest

from support.backend import OK
from support.http import Truncated
from support.program import run
from support.waiting import wait_for


class Stopwatch:
    def __init__(self):
        self.started = time.monotonic()

    def took(self, at_least, at_most=5):
        """The deadline is kept to within a tick at the early end, generously at the late one."""
        return at_least - 0.02 <= time.monotonic() - self.started <= at_most


def test_idle_client_is_closed(start_lb, start_backend, connect):
    lb = start_lb("--idle-timeout=300ms", backends=[start_backend()])
    client = connect(lb)
    watch = Stopwatch()
    assert client.get().status == 200
    assert client.ends() and watch.took(0.3)


def test_client_that_never_speaks_is_closed(start_lb, start_backend, connect):
    lb = start_lb("--idle-timeout=300ms", backends=[start_backend()])
    watch = Stopwatch()
    assert connect(lb).ends() and watch.took(0.3)


def test_idle_deadline_begins_anew_with_each_request(start_lb, start_appserver, connect):
    lb = start_lb("--idle-timeout=300ms", backends=[start_appserver("one")])
    client = connect(lb)
    for _ in range(4):
        assert client.get("/delay/200").status == 200  # 800 ms in all


def test_dripping_does_not_stretch_the_head_deadline(start_lb, start_backend, connect):
    lb = start_lb("--head-timeout=300ms", backends=[start_backend()])
    client = connect(lb)
    watch = Stopwatch()
    client.send(b"GET / HTTP/1.1\r\nHost: test\r\nX: ")
    while client.is_silent():
        client.send(b"x")
        time.sleep(0.02)
    assert client.read_response().status == 408
    assert watch.took(0.3, 3)


def test_client_that_stops_sending_its_body(start_lb, start_backend, connect):
    def script(connection):
        connection.read_head()
        ended.append(connection.wait_end())

    ended = []
    lb = start_lb("--body-timeout=300ms", backends=[start_backend(script)])
    watch = Stopwatch()
    client = connect(lb).send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n123")
    assert client.read_response().status == 408
    assert watch.took(0.3)
    wait_for(lambda: ended, "the backend is let go, too")


def test_backend_that_stops_sending_its_body(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123")
        connection.wait_end()

    lb = start_lb("--body-timeout=300ms", backends=[start_backend(script)])
    watch = Stopwatch()
    client = connect(lb).request()
    with pytest.raises((ConnectionResetError, Truncated)):
        client.read_response()
    assert watch.took(0.3)
    lb.wait_total("ends", {"upstream_stalled": 1})


def test_backend_that_never_answers(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.wait_end()

    lb = start_lb("--response-timeout=300ms", backends=[start_backend(script)])
    watch = Stopwatch()
    client = connect(lb).request()
    assert client.read_response().status == 504
    assert watch.took(0.3)


def test_interim_responses_do_not_stretch_the_deadline(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        while True:
            connection.send(b"HTTP/1.1 102 Processing\r\n\r\n")
            time.sleep(0.05)

    lb = start_lb("--response-timeout=400ms", backends=[start_backend(script)])
    watch = Stopwatch()
    client = connect(lb).request()
    response = client.read_response()
    assert response.status == 504 and response.interim
    assert watch.took(0.4, 3)


def test_backend_that_stops_reading(start_lb, start_backend, connect):
    def script(connection):
        connection.read_head()
        wait_for(lambda: is_over, "the client has its answer")

    is_over = []
    lb = start_lb("--body-timeout=300ms", backends=[start_backend(script)])
    client = connect(lb)
    client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 50000000\r\n\r\n")
    client.sock.settimeout(0.1)
    try:
        while True:
            client.sock.send(b"x" * 65536)
    except OSError:
        pass
    client.sock.settimeout(15)
    response = client.read_response()
    is_over.append(True)
    assert response.status == 504
    lb.wait_total("ends", {"upstream_stalled": 1})


def test_client_that_stops_reading(start_lb, start_appserver, connect):
    lb = start_lb("--body-timeout=300ms", backends=[start_appserver("one")])
    watch = Stopwatch()
    client = connect(lb, receive_buffer=4096).request("GET", "/bytes/100000000")
    lb.wait_total("ends", {"client_stalled": 1})
    assert watch.took(0.3)
    with pytest.raises((ConnectionResetError, Truncated)):
        client.read_response()


def test_client_that_reads_none_of_its_answers(start_lb, start_appserver, connect):
    """Small answers, pipelined: the last write must not wait for ever, either."""
    lb = start_lb("--body-timeout=300ms", "--idle-timeout=300ms", "--workers=1",
                  backends=[start_appserver("one")])
    client = connect(lb, receive_buffer=4096)
    client.sock.settimeout(0.2)
    try:
        while True:
            client.send(b"GET /bytes/5000 HTTP/1.1\r\nHost: test\r\n\r\n" * 1000)
    except OSError:
        pass
    lb.wait_total("client_connections", 0)


def test_idle_upstream_connection_is_closed(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        watch = Stopwatch()
        connection.send(OK)
        connection.wait_end()
        results.append(watch.took(0.3))

    results = []
    lb = start_lb("--upstream-idle-timeout=300ms", backends=[start_backend(script)])
    assert connect(lb).get().status == 200
    wait_for(lambda: results, "lb closes its idle connection")
    assert results == [True]


def test_steady_upload_is_not_cut(start_lb, start_backend, connect):
    lb = start_lb("--body-timeout=1s", "--response-timeout=1s", backends=[start_backend()])
    client = connect(lb).send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n")
    for _ in range(10):
        time.sleep(0.15)
        client.send(b"x")
    assert client.read_response().status == 200


def test_steady_download_is_not_cut(start_lb, start_appserver, connect):
    lb = start_lb("--body-timeout=1s", "--response-timeout=1s", "--idle-timeout=1s",
                  "--head-timeout=1s", "--upstream-idle-timeout=1s",
                  backends=[start_appserver("one")])
    client = connect(lb)
    response = client.get("/slow/10/150")
    assert response.body.count(b"piece") == 10
    assert client.get().status == 200


def test_slow_reader_is_not_cut(start_lb, start_appserver, connect):
    """It takes something within each deadline, but less than what frees the kernel's buffer."""
    lb = start_lb("--body-timeout=1s", backends=[start_appserver("one")])
    client = connect(lb, receive_buffer=4096).request("GET", "/bytes/20000000")
    client.wire.take_until(b"\r\n\r\n")
    got = 0
    end = time.monotonic() + 3
    while time.monotonic() < end:
        got += len(client.wire.take_exactly(10000))
        time.sleep(0.05)
    client.wire.take_exactly(20000000 - got)
    lb.wait_total("ends", {"ok": 1})


def test_slowly_reading_backend_is_not_cut(start_lb, start_backend, connect):
    def script(connection):
        connection.read_head()
        left = 20000000
        end = time.monotonic() + 3
        while time.monotonic() < end:
            connection.wire.take_exactly(10000)
            left -= 10000
            time.sleep(0.05)
        connection.wire.take_exactly(left)
        connection.send(OK)
        connection.wait_end()

    backend = start_backend(script)
    backend.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lb = start_lb("--body-timeout=1s", backends=[backend])
    client = connect(lb).request("POST", body=b"x" * 20000000)
    assert client.read_response().status == 200
    lb.wait_total("ends", {"ok": 1})


@pytest.mark.parametrize("word", ["head", "idle", "connect", "response", "body", "upstream-idle"])
@pytest.mark.parametrize("value", ["0", "0ms", "-1s", "inf", "25h"])
def test_no_deadline_can_be_switched_off(word, value):
    done = run("lb", f"--{word}-timeout={value}", "--check")
    assert done.returncode == 2
    assert f"--{word}-timeout" in done.stderr
