"""An endpoint's own deadlines, from its labels or its file: longer or shorter than the flags, or none."""

import threading
import time

import pytest

from support.backend import OK
from support.discovery import endpoint

STREAM = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n"
FIXED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none"
KINDS = {"response": (b"", OK), "body": (FIXED, b"two"), "stream": (STREAM, b"3\r\ntwo\r\n0\r\n\r\n")}


@pytest.fixture(name="start")
def make_start(start_lb, start_backend, discovery):
    """start(kind, flag, own): an lb with one endpoint that waits before the second part of its answer."""
    def start(kind, flag, **own):
        def script(connection):
            connection.read_request()
            connection.send(KINDS[kind][0])
            connection.backend.may_say.wait(10)
            connection.send(KINDS[kind][1])

        backend = start_backend(script)
        backend.may_say = threading.Event()
        lb = start_lb(f"--{kind}-timeout={flag}", *discovery.flags)
        discovery.send(endpoint("one", backend.address, **own))
        return lb.wait_ready(1), backend
    return start


@pytest.mark.parametrize("own_ms", [0, 3600000])
@pytest.mark.parametrize("kind", KINDS)
def test_more_patience_than_the_flag_says(kind, own_ms, start, connect):
    lb, backend = start(kind, "60ms", **{f"{kind}_timeout_ms": own_ms})
    client = connect(lb).request()
    backend.wait_requests(1)
    time.sleep(0.15)
    backend.may_say.set()
    assert client.read_response().status == 200
    lb.wait_total("ends", {"ok": 1})


@pytest.mark.parametrize("kind", KINDS)
def test_less_patience_than_the_flag_says(kind, start, connect):
    lb, _ = start(kind, "off", **{f"{kind}_timeout_ms": 50})
    connect(lb).request()
    lb.wait_total("ends", {"upstream_timeout" if kind == "response" else "upstream_stalled": 1})


@pytest.mark.parametrize("value", [-1, 86400001, "5s", 1.5])
def test_line_with_another_number(value, start_lb, start_backend, discovery):
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("one", start_backend().address, body_timeout_ms=value))
    lb.wait_message("body_timeout_ms")
