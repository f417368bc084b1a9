"""Servers that hang, die, refuse, limit, lie: lb-report reads on, counts what is dropped, and ends in time."""

import array
import fcntl
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import termios
import time

import pytest

from hostile import plain
from support.free_port import free_port
from support.program import sanitizer
from support.waiting import wait_for

FLOOD = 100_000
GROWTH_KB = 32_768  # queues of both kinds, 4 MiB each, and what malloc keeps


def incident(number, phase="happened"):
    return {"kind": "panic", "phase": phase, "message": "a trial", "service": "web", "subject": str(number)}


def tell_many(report, count, first=0):
    for number in range(first, first + count):
        report.tell("I", incident(number))


def ends(report):
    return {name: report.count(f"sentry_{name}") for name in ("sent", "dropped_queue", "dropped_rate_limit", "dropped_error")}


def wait_end(report, name, count=1):
    wait_for(lambda: report.count(f"sentry_{name}") == count, f"{count} {name}; {ends(report)}")


def test_sent_in_order(hostile, start_report):
    server = hostile(plain(200))
    report = start_report(dsn=server.dsn)
    tell_many(report, 25)
    wait_end(report, "sent", 25)
    assert [event["fingerprint"][2] for event in server.events()] == [str(number) for number in range(25)]
    head = server.requests[0][0]
    assert head.startswith("POST /api/42/envelope/ HTTP/1.1\r\n")
    assert "sentry_key=PUBLICKEY, sentry_secret=SECRETKEY" in head
    assert server.connections == 1
    assert not any("PUBLICKEY" in line or "SECRETKEY" in line for line in report.stderr_lines)


@pytest.mark.parametrize(("headers", "seconds"), [
    (["Retry-After: 1000"], 1000), ([], 60), (["Retry-After: soon"], 60),
    (["Retry-After: 1", "X-Sentry-Rate-Limits: 2000:error:org"], 2000)])
def test_429(hostile, start_report, headers, seconds):
    server = hostile(plain(429, *headers))
    report = start_report(dsn=server.dsn)
    report.tell("I", incident(0))
    wait_end(report, "dropped_rate_limit")
    left = report.count("sentry_limited_until_ns") / 1e9 - time.time()
    assert seconds - 30 < left <= seconds
    tell_many(report, 5, 1)
    wait_end(report, "dropped_rate_limit", 6)
    assert len(server.requests) == 1
    report.wait_message("answers 429: it wants no more events for now")
    assert "answers 429" in report.master.last_error()


def test_limits_on_success(hostile, start_report):
    server = hostile(plain(200, "X-Sentry-Rate-Limits: 1000:transaction", "x-sentry-rate-limits: 1000:default;error:org"))
    report = start_report(dsn=server.dsn)
    report.tell("I", incident(0))
    wait_end(report, "sent")
    report.tell("I", incident(1))
    wait_end(report, "dropped_rate_limit")


def test_a_limit_ends(hostile, start_report):
    answers = [plain(429, "Retry-After: 1"), plain(200)]
    server = hostile(lambda connection: connection.sendall(answers.pop(0) if len(answers) > 1 else answers[0]) is None)
    report = start_report(dsn=server.dsn)
    report.tell("I", incident(0))
    wait_end(report, "dropped_rate_limit")
    numbers = iter(range(1, 25))  # more would be too many

    def is_sent():
        report.tell("I", incident(next(numbers)))
        return report.count("sentry_sent") > 0
    wait_for(is_sent, "one is sent", pause_s=0.2)


@pytest.mark.parametrize(("status", "words"), [(413, "too large"), (400, "does not understand"), (403, "the key"),
                                               (404, "no such project"), (302, "not followed")])
def test_refused(hostile, start_report, status, words):
    elsewhere = hostile(plain(200))
    server = hostile(plain(status, f"Location: http://127.0.0.1:{elsewhere.port}/api/42/envelope/"))
    report = start_report(dsn=server.dsn)
    tell_many(report, 3)
    wait_end(report, "dropped_error", 3)
    report.wait_message(f"answers {status}.*{words}")
    assert len(server.requests) == 3  # no second try, and no back-off
    assert elsewhere.connections == 0


def test_500_is_left_alone(hostile, start_report):
    server = hostile(plain(500))
    report = start_report(dsn=server.dsn)
    tell_many(report, 20)
    wait_end(report, "dropped_error")
    wait_for(lambda: report.count("sentry_waiting") == 19, "the others wait")
    wait_end(report, "dropped_error", 2)  # after a second
    assert 2 <= len(server.requests) <= 4
    report.stop()
    assert ends(report) == {"sent": 0, "dropped_queue": 0, "dropped_rate_limit": 0, "dropped_error": 20}


def die(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


@pytest.mark.parametrize("answer", [die, b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"],
                         ids=["dies", "talks nonsense", "stops half-way"])
def test_no_answer(hostile, start_report, answer):
    def serve(connection):
        if not callable(answer):
            connection.sendall(answer)
        return die(connection) if callable(answer) else False
    report = start_report(dsn=hostile(serve).dsn)
    report.tell("I", incident(0))
    wait_end(report, "dropped_error")
    report.wait_message("cannot be reached")


def test_huge_answers(hostile, start_report):
    def pour(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:  # until nobody listens
            connection.sendall(b"x" * 65536)
    report = start_report(dsn=hostile(pour).dsn)
    tell_many(report, 3)
    wait_end(report, "sent", 3)


def test_endless_headers(hostile, start_report):
    def pour(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-Sentry-Rate-Limits: 0:error\r\n" * 1000)
    report = start_report(dsn=hostile(pour).dsn)
    report.tell("I", incident(0))
    wait_for(lambda: sum(ends(report).values()) == 1, "it came to an end")


@pytest.fixture(name="private_server")
def make_private_server(hostile, tmp_path):
    """With a certificate of an authority that nobody knows, in tmp_path/trusted/HASH.0."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", tmp_path / "key",
                    "-out", tmp_path / "cert"], check=True, capture_output=True)
    (tmp_path / "trusted").mkdir()
    shutil.copy(tmp_path / "cert", tmp_path / "trusted" / "one.pem")
    subprocess.run(["openssl", "rehash", tmp_path / "trusted"], check=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    return hostile(plain(200), tls=context)


def test_an_authority_that_nobody_knows(private_server, start_report):
    server = private_server
    report = start_report(dsn=server.dsn)
    report.tell("I", incident(0))
    wait_end(report, "dropped_error")
    report.wait_message("cannot be reached: .*certificate")
    assert not server.requests


@pytest.mark.parametrize("variable, path", [("SSL_CERT_FILE", "cert"), ("SSL_CERT_DIR", "trusted")])
def test_an_authority_of_ones_own(private_server, start_report, tmp_path, variable, path):
    trusting = start_report(dsn=private_server.dsn, env={variable: str(tmp_path / path)})
    trusting.tell("I", incident(0))
    wait_end(trusting, "sent")


@pytest.mark.skipif(bool(sanitizer()), reason="a sanitizer reports a crash by itself")
@pytest.mark.parametrize("variable, path", [("SSL_CERT_FILE", "cert"), ("SSL_CERT_DIR", "trusted")])
def test_an_authority_of_lbs_environment(private_server, start_lb, tmp_path, variable, path):
    """It goes on to lb-report, whose jail lets it read that."""
    lb = start_lb("--backend", f"127.0.0.1:{free_port()}", "--sentry-dsn", private_server.dsn, env={variable: str(tmp_path / path)})
    os.kill(lb.proxy_pid, signal.SIGSEGV)
    wait_for(lambda: [event for event in private_server.events() if "exception" in event], "the crash arrived")


@pytest.mark.parametrize("answer", [None, plain(500)], ids=["hangs", "500"])
def test_it_ends_in_time(hostile, start_report, answer):
    server = hostile(answer)
    report = start_report(dsn=server.dsn)
    tell_many(report, 10)
    wait_for(lambda: server.requests, "it was asked")
    begun = time.monotonic()
    report.stop()
    assert time.monotonic() - begun < 8  # who waited for an answer to each would need a minute
    assert sum(ends(report).values()) == 10


@pytest.mark.slow("100 000 messages")
def test_a_flood_beside_a_server_that_hangs(hostile, start_report):
    server = hostile(None)
    report = start_report(dsn=server.dsn)
    report.tell("I", incident("first"))
    wait_for(lambda: server.requests, "it hangs")
    before = report.resident_kb()
    messages = [b"I" + json.dumps({**incident(number), "extra": {"x": "y" * 1000}}).encode() for number in range(1000)]
    junk = [b"", b"I", b"Ix", b"I{}", b"Z{}", b"\0\0", b"C[]", b"B" + b"[" * 30000, b"I" + b'{"a":' * 6000]
    for number in range(FLOOD):  # never waits for long: it is read as fast as it comes
        report.master.ours.sendall(messages[number % 1000] if number % 100 else junk[number // 100 % len(junk)])
    wait_for(lambda: not pending(report), "all was read", timeout_s=60)
    grown = report.resident_kb() - before
    assert grown < GROWTH_KB or sanitizer()
    assert report.process.poll() is None
    counted = report.count("sentry_grouped") + sum(ends(report).values()) + report.count("sentry_waiting")
    assert counted >= FLOOD // 100 * 99 - 2


def pending(report):
    """Bytes that nobody has taken from the socket."""
    size = array.array("i", [0])
    fcntl.ioctl(report.master.theirs, termios.FIONREAD, size)
    return size[0]


def test_more_than_a_queue(hostile, start_report):
    """Of what is too much at once most is left out already before it is queued."""
    report = start_report(dsn=hostile(None).dsn)
    tell_many(report, 300)
    wait_for(lambda: not pending(report), "all was read")
    wait_end(report, "dropped_rate_limit", 270)
    report.wait_message("more than 30 within a minute")
