"""All of it: what happens to lb arrives at Sentry and at a GELF server."""

import json
import os
import signal
import socket

import pytest

from hostile import plain
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
    assert event["release"].endswith("0.1.0")
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
