"""Whoever stands still is let go in time; whoever is only slow is not."""

import socket
import threading
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
    assert client.wire.take_cut_body(client.read_head()) == b"123"
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


# How long a steady one may take, and what puts a deadline off, is in tests/unit/{front,back}; here is
# what the kernel alone can tell.

def test_slow_reader_is_not_cut(start_lb, start_appserver, connect):
    """It takes something within each deadline, but less than what frees the kernel's buffer."""
    lb = start_lb("--body-timeout=1s", backends=[start_appserver("one")])
    client = connect(lb, receive_buffer=4096).request("GET", "/bytes/20000000")
    client.wire.take_until(b"\r\n\r\n")
    got = 0
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        got += len(client.wire.take_exactly(10000))
        time.sleep(0.05)
    client.wire.take_exactly(20000000 - got)
    lb.wait_total("ends", {"ok": 1})


def test_slowly_reading_backend_is_not_cut(start_lb, start_backend, connect):
    def script(connection):
        connection.read_head()
        left = 20000000
        end = time.monotonic() + 1.5
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
@pytest.mark.parametrize("value", ["-1s", "inf", "25h", "OFF ", ""])
def test_what_is_no_deadline(word, value):
    done = run("lb", f"--{word}-timeout={value}", "--check")
    assert done.returncode == 2
    assert f"--{word}-timeout" in done.stderr


OFF = [f"--{word}" for word in (
    "head-timeout", "idle-timeout", "connect-timeout", "far-connect-timeout", "last-connect-timeout",
    "response-timeout", "body-timeout", "stream-timeout", "tunnel-timeout", "upstream-idle-timeout",
    "shutdown-grace", "discovery-timeout")]


@pytest.mark.parametrize("value", ["off", "0", "0s"])
def test_every_deadline_can_be_off(value, start_lb, start_appserver, connect):
    lb = start_lb(*(f"{flag}={value}" for flag in OFF), backends=[start_appserver("one")])
    said = lb.wait_message(r"^off: (.*); what stands still there")[1]
    assert "--head-timeout" in said and "--tunnel-timeout" not in said
    client = connect(lb)
    half = connect(lb).send(b"GET / HTTP/1.1\r\nHo")
    assert client.get("/delay/50").status == 200
    assert client.get("/slow/3/40").body.count(b"piece") == 3
    assert client.request("POST", "/", body=[b"x" * 70000, b"y"]).read_response().status == 200
    assert half.send(b"st: test\r\n\r\n").read_response().status == 200


def test_quiet_stream_is_not_cut(start_lb, start_backend, connect):
    """Of events; what else is a stream stands in tests/unit/back/test_patience.c."""
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 6\r\n\r\none")
        connection.backend.may_say.wait(10)
        connection.send(b"two")

    backend = start_backend(script)
    backend.may_say = threading.Event()
    lb = start_lb("--body-timeout=60ms", backends=[backend])
    client = connect(lb).request()
    client.wire.take_until(b"one")
    time.sleep(0.2)
    assert client.is_silent()
    backend.may_say.set()
    client.wire.take_until(b"two")
    lb.wait_total("ends", {"ok": 1})


def test_quiet_chunked_stream_is_cut_by_its_own_deadline(start_lb, start_backend, connect):
    """With FIN and without the last chunk: the client has what came, and sees that it is not all."""
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        connection.wait_end()

    lb = start_lb("--body-timeout=1h", "--stream-timeout=100ms", backends=[start_backend(script)])
    client = connect(lb).request()
    lb.wait_total("ends", {"upstream_stalled": 1})
    assert client.wire.take_cut_body(client.read_head()) == b"3\r\none\r\n"


@pytest.mark.parametrize("framing", [b"Content-Length: 9000000\r\n\r\n",
                                     b"Transfer-Encoding: chunked\r\n\r\n895440\r\n",
                                     b"Connection: close\r\n\r\n"])
def test_what_was_written_before_the_cut_arrives(framing, start_lb, start_backend, connect):
    """The client reads nothing until the backend has gone: all that lb had taken comes, then an end
    that is none of a whole answer."""
    payload = b"x" * 300000

    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\n" + framing + payload)
        connection.wait_end()

    lb = start_lb("--body-timeout=150ms", "--stream-timeout=150ms", backends=[start_backend(script)])
    client = connect(lb).request()
    lb.wait_total("ends", {"upstream_stalled": 1})
    got = client.wire.take_cut_body(client.read_head())
    assert got.count(b"x") >= len(payload)


def test_cut_that_no_framing_shows_is_a_reset_after_all_has_arrived(start_lb, start_backend, connect):
    """An old client is told of the end by the end of the connection: only a reset tells the cut."""
    payload = b"x" * 300000

    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + payload)
        connection.wait_end()

    lb = start_lb("--stream-timeout=150ms", backends=[start_backend(script)])
    client = connect(lb).request(version="1.0")
    lb.wait_total("ends", {"upstream_stalled": 1})
    assert client.wire.take_cut_body(client.read_head()) == payload
