"""Checks of servers that do not speak HTTP, by such as misbehave: what is thought of them, and what is told."""

import time

import pytest

from support.discovery import endpoint
from support.waiting import wait_for

FAST = {"interval": "20ms", "rise": "1", "fall": "2", "timeout": "300ms"}
QUICK = {**FAST, "timeout": "5s"}


def say(*pieces, pause_s=0.0, then=None):
    """A script that says these and does `then`, or waits until lb ends the connection."""
    def run(connection):
        for piece in pieces:
            connection.send(piece)
            time.sleep(pause_s)
        if then:
            then(connection)
        connection.wait_end()
    return run


def answer(*pieces, **options):
    """The same once lb has said something."""
    def run(connection):
        connection.sock.recv(4096)
        say(*pieces, **options)(connection)
    return run


def flood(piece):
    def run(connection):
        while True:
            connection.send(piece)
    return run


def shut(connection):
    connection.sock.shutdown(1)


def reset(connection):
    connection.reset()


def each_byte(text):
    return [text[at:at + 1] for at in range(len(text))]


@pytest.fixture
def check(start_lb, discovery, start_backend):
    """check(script, words): an lb that checks a server of that script by these words."""
    def start(script, **words):
        backend = start_backend(script)
        lb = start_lb(*discovery.flags, is_ready=False)
        discovery.send(endpoint("one", backend.address, check=words))
        lb.backend = backend
        return lb
    return start


def problem_of(lb):
    return lb.endpoints().get("one", {}).get("problem", "")


BAD = [
    ("silence", say(), {"mode": "redis", **FAST}, "redis: not answered within 300 ms"),
    ("silence at a greeting", say(), {"mode": "smtp", **FAST}, "smtp: not answered within 300 ms"),
    ("a byte now and then", answer(*each_byte(b"+PONG\r\n"), pause_s=0.5), {"mode": "redis", **FAST},
     "redis: not answered within 300 ms"),
    ("a greeting without an end", flood(b"220-and more\r\n"), {"mode": "smtp", **QUICK},
     "smtp: its answer does not end within 64 KiB"),
    ("a line without an end", flood(b"220"), {"mode": "smtp", **QUICK}, "smtp: its answer does not end within 64 KiB"),
    ("noise", flood(b"\0\xff\x1b[2J"), {"mode": "redis", **QUICK}, r"redis: what answers is no Redis: \x00\xff\x1b[2J"),
    ("noise without what is expected", flood(b"x" * 100), {"expect": "well", **QUICK},
     "tcp: the first 64 KiB of its answer have not the expected text"),
    ("half an answer", answer(b"+PO", then=shut), {"mode": "redis", **QUICK}, "redis: what answers is no Redis: +PO"),
    ("an end without an answer", answer(then=shut), {"mode": "postgres", **QUICK},
     "postgres: the connection ended before the answer did"),
    ("a reset", answer(then=reset), {"mode": "redis", **QUICK}, "redis: connection reset by peer"),
    ("an error of PostgreSQL", answer(b"E\0\0\0\x25SFATAL\0C53300\0Mtoo many clients\0\0"), {"mode": "postgres", **QUICK},
     "postgres: it answers: too many clients"),
    ("an error that says how long it would be", answer(b"E\0\0\xff\xffSFATAL\0Mno", then=shut), {"mode": "postgres", **QUICK},
     "postgres: it answers: no"),
    ("HTTP where Redis is expected", answer(b"HTTP/1.1 400 Bad Request\r\n\r\n"), {"mode": "redis", **QUICK},
     "redis: what answers is no Redis: HTTP/1.1 400 Bad Request"),
    ("SSH where SMTP is expected", say(b"SSH-2.0-OpenSSH_9.2\r\n"), {"mode": "smtp", **QUICK},
     "smtp: what greets is no SMTP: SSH-2.0-OpenSSH_9.2"),
    ("a busy SMTP server", say(b"421-mx\r\n421 later\r\n"), {"mode": "smtp", **QUICK}, "smtp: it answers: 421-mx"),
    ("an SMTP server that does not let go", say(b"220 mx\r\n", b"502 no\r\n"), {"mode": "smtp", **QUICK},
     "smtp: it does not take QUIT: 502 no"),
    ("Redis that is protected", answer(b"-DENIED Redis is running in protected mode because " + b"x" * 900 + b"\r\n"),
     {"mode": "redis", **QUICK}, "redis: it serves no other hosts: give it a password, or protected-mode no: -DENIED Redis"),
]


@pytest.mark.parametrize("script, words, told", [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_server_that_is_not_well(script, words, told, check):
    lb = check(script, **words)
    wait_for(lambda: problem_of(lb).startswith(told), f"{told}; it said {problem_of(lb)}", 20)
    assert lb.states()["one"] == "probing"


GOOD = [
    ("a byte after the other", answer(*each_byte(b"+PONG\r\n"), pause_s=0.01), {"mode": "redis", **QUICK}),
    ("half-closed behind the answer", answer(b"+PONG\r\n", then=shut), {"mode": "redis", **QUICK}),
    ("an answer without its end", answer(b"+PONG", then=shut), {"mode": "redis", **QUICK}),
    ("more than was asked for", answer(b"N" + b"x" * 100000), {"mode": "postgres", **QUICK}),
    ("a greeting in lines, slowly", say(*each_byte(b"220-a\r\n220 b\r\n"), b"221 bye\r\n", pause_s=0.002), {"mode": "smtp", **QUICK}),
    ("an end instead of a farewell", say(b"220 mx\r\n", then=shut), {"mode": "smtp", **QUICK}),
    ("what is expected, late and in pieces", say(b"x" * 65000, b"we", b"ll", pause_s=0.01), {"expect": "well", **QUICK}),
    ("anything", answer(b"\0"), {"send": "hello\\r\\n", **QUICK}),
    ("bytes that cannot be written", answer(b"\x00\xff\\"), {"mode": "tcp", "send": "\\x01\\\\", "expect": "\\x00\\xff\\\\", **QUICK}),
]


@pytest.mark.parametrize("script, words", [row[1:] for row in GOOD], ids=[row[0] for row in GOOD])
def test_a_server_that_is_well(script, words, check):
    lb = check(script, **words)
    lb.wait_states(one="ready")
    before = len(lb.backend.connections)
    wait_for(lambda: len(lb.backend.connections) >= before + 3, "it is asked again and again")
    assert lb.states() == {"one": "ready"}


def test_what_is_sent_comes_as_it_is_meant(check):
    got = []

    def script(connection):
        got.append(connection.sock.recv(4096))
        connection.send(b"ok")
        connection.wait_end()
    lb = check(script, send="a\\x00\\xff\\r\\n\\\\x", **FAST)
    lb.wait_states(one="ready")
    assert got[0] == b"a\x00\xff\r\n\\x"


def test_explain_says_what_was_met(check, capfd):
    lb = check(say(b"554 no mail here\r\n"), mode="smtp", **QUICK)
    wait_for(lambda: problem_of(lb), "a first contact has failed")
    told = lb.ask("/explain/one").body.decode()
    assert "554 no mail here" in told


def test_flags_are_for_all(start_lb, start_backend):
    one = start_backend(answer(b"+PONG\r\n"))
    lb = start_lb("--check-mode=redis", "--check-interval=20ms", "--check-fall=1", backends=[one])
    before = len(one.connections)
    wait_for(lambda: len(one.connections) >= before + 3, "it is asked again and again")
    one.script = answer(b"-LOADING wait\r\n")
    lb.wait_problem("redis: it still loads its data: -LOADING wait")
