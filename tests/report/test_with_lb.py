"""All of it: what happens to lb arrives at Sentry and at a GELF server."""

import json
import os
import signal
import socket

import pytest

from hostile import plain
from support.backend import answer_each
from support.client import RawClient
from support.program import sanitizer
from support.waiting import wait_for


@pytest.mark.quick
@pytest.mark.skipif(bool(sanitizer()), reason="a sanitizer reports a crash by itself")
def test_a_crash_of_lb(hostile, start_lb, start_appserver):
    server = hostile(plain(200))
    gelf = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    gelf.bind(("127.0.0.1", 0))
    gelf.settimeout(20)
    app = start_appserver("one")
    host, port = app.address
    lb = start_lb("--backend", f"{host}:{port}", "--sentry-dsn", server.dsn, "--sentry-environment=trial",
                  "--gelf", f"udp://127.0.0.1:{gelf.getsockname()[1]}", "--gelf-compress=none")
    lb.wait_ready(1)
    before = lb.proxy_pid
    os.kill(before, signal.SIGSEGV)
    wait_for(lambda: lb.proxy_pid != before, "another process serves")
    event = wait_for(lambda: [event for event in server.events() if "exception" in event], "the crash arrived")[0]
    assert event["exception"]["values"][0]["type"] == "SIGSEGV"
    assert event["exception"]["values"][0]["stacktrace"]["frames"]
    assert event["tags"]["incident"] == "proxy_crash"
    assert event["environment"] == "trial"
    assert event["release"].endswith("0.2.0")
    assert "PUBLICKEY" not in "".join(lb.stderr_lines)
    lines = []

    def has_arrived():
        lines.append(json.loads(gelf.recv(65536)))
        told = [line for line in lines if "SIGSEGV" in line["short_message"]]
        return {line["_logger"] for line in told if line["level"] == 3} >= {"lb", "lb-proxy"} and told
    told = wait_for(has_arrived, "the master's line and that of the process arrived by GELF")
    (own,) = [line for line in told if line["_logger"] == "lb-proxy"]
    message = json.loads(own["short_message"])["message"]
    assert message.startswith("crashed: signal 11 (SIGSEGV)") and "; code " in message
    gelf.close()


@pytest.mark.parametrize(("flags", "url"), [((), "http://test/cart"), (("--sentry-queries=on",), "http://test/cart?token=hush")])
def test_the_last_straw_of_an_ejection(hostile, start_lb, start_backend, flags, url):
    server = hostile(plain(200))
    bad = start_backend(answer_each(*[b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"] * 1000))
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    backends = [f"{host}:{port}" for host, port in (bad.address, start_backend().address)]
    lb = start_lb("--backend", backends[0], "--backend", backends[1], "--sentry-dsn", server.dsn, "--eject-5xx=3",
                  "--retry-budget=0", "--check-mode=off", *flags)
    lb.wait_ready(2)

    def look():
        with RawClient(lb.address) as client:
            client.get("/cart?token=hush", fields=[f"traceparent: 00-{trace}-00f067aa0ba902b7-01"])
        return [event for event in server.events() if event["tags"]["incident"] == "ejection"]
    event = wait_for(look, "the ejection arrived")[0]
    assert event["extra"]["url"] == url and event["contexts"]["trace"]["trace_id"] == trace
    assert event["tags"]["endpoint"] == backends[0]
