"""Names, services and details come from strangers' labels: no byte of them moves a terminal's cursor,
hides or reorders what stands beside it, whoever prints it."""

import unicodedata

import pytest

from support.discovery import endpoint, line_of
from support.program import run
from support.waiting import wait_for

HOSTILE = ["\x1b[2J", "\x9b31m", "\x9d0;title\x9c", "\x85next", "\u202egnp", "\u2066a\u2069", "\u200f",
           "\u2028line", "\u200bhidden", "\U000e0041tag", "\ufeff"]


def assert_is_shown(text):
    """Nothing in it but what is seen, and line breaks."""
    if isinstance(text, bytes):
        text = text.decode()  # and it is UTF-8
    for c in text.replace("\n", ""):
        assert unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cs"), f"U+{ord(c):04X} in {text!r}"


@pytest.fixture(name="lb")
def make_lb(start_lb, start_backend, discovery):
    lb = start_lb("--workers=1", *discovery.flags)
    address = start_backend().address
    discovery.send_line(line_of(
        [endpoint(f"n{i}{name}", address, id=f"{i:04x}beef") for i, name in enumerate(HOSTILE)],
        left_out=[{"id": f"{i:04x}dead", "name": name, "service": name, "reason": "no_port",
                   "detail": name, "since_ns": 1} for i, name in enumerate(HOSTILE)]))
    return lb.wait_ready(len(HOSTILE))


def test_explain(lb):
    done = run("lb", "explain", "--admin=%s:%d" % lb.admin)
    assert done.stdout.count("\n") == 2 * len(HOSTILE)
    assert "\\x9b31m" in done.stdout and "\\u202egnp" in done.stdout
    assert_is_shown(done.stdout)
    assert_is_shown(lb.ask("/explain").body)


def test_answers_to_orders_and_pages(lb):
    admin = "--admin=%s:%d" % lb.admin
    for i, name in enumerate(HOSTILE):
        done = run("lb", "ctl", "drain", f"{i:04x}be", admin)
        assert done.returncode == 0 and done.stdout.startswith(f"n{i}")
        assert_is_shown(done.stdout + done.stderr)
    assert_is_shown(run("lb", "ctl", "drain", HOSTILE[1], admin).stderr)
    assert_is_shown(run("lb", "ctl", "pool", admin).stdout)
    assert_is_shown(lb.ask("/pool").body)
    assert_is_shown(lb.ask("/explain", fields=["Accept: application/json"]).body)


def test_operator_log(lb):
    lb.order("/endpoints/0004beef/drain")
    wait_for(lambda: any("drain n4" in line for line in lb.stderr_lines), "the order is in the log")
    for line in lb.stderr_lines:
        assert_is_shown(line)
