"""lb explain and lb ctl list at a terminal and elsewhere: columns, colours only where they are wanted, and the same facts as
the pages."""

import re
import socket

import pytest

from support.discovery import endpoint, line_of
from support.program import run


def admin_of(lb):
    return "--admin=%s:%d" % lb.admin


def see(open_terminal, *words, **options):
    terminal = open_terminal(*words, **options)
    assert terminal.wait_end() == 0
    assert terminal.is_as_before()
    return terminal


@pytest.fixture(name="lb")
def make_lb(start_lb, start_backend, discovery, cleanup):
    lb = start_lb(*discovery.flags)
    silent = cleanup.enter_context(socket.socket())
    silent.bind(("127.0.0.1", 0))  # and nobody listens there
    nobody = silent.getsockname()
    discovery.send_line(line_of(
        [endpoint("web1", start_backend().address, weight=3), endpoint("web2", nobody)],
        left_out=[{"id": "0123456789ab", "name": "db", "service": "db", "reason": "no_port", "detail": "", "since_ns": 1}]))
    lb.wait_ready(1)
    return lb


def test_explain(lb, open_terminal):
    lines = see(open_terminal, "explain", admin_of(lb)).lines()
    assert lines[0] == "1 gets requests; 2 get none: 1 probing, 1 no_port"
    assert lines[1].startswith("web2 in appserver: probing since 20")
    assert "    nothing has answered on its port yet: connection refused" in lines
    assert any(line.startswith("db in db: no_port") for line in lines)
    title, row = lines[-2:]
    assert title.split() == ["SERVICE", "CONTAINER", "ADDRESS", "STATE", "WEIGHT", "REQUESTS"]
    assert row.split() == ["appserver", "web1", lb.endpoints()["web1"]["address"], "ready", "3", "0"]
    assert title.index("WEIGHT") + len("WEIGHT") == row.index(" 3 ") + 2


def test_explain_elsewhere_is_the_page(lb, open_terminal):
    told = run("lb", "explain", admin_of(lb)).stdout
    assert told == lb.ask("/explain").body.decode()
    assert see(open_terminal, "explain", "web1", admin_of(lb), size=(24, 2000)).text().startswith("web1: routed as")


def test_many_ready_ones_are_folded(start_lb, start_backend, discovery, open_terminal):
    lb = start_lb(*discovery.flags)
    address = start_backend().address
    discovery.send(*[endpoint(f"web{number}", address) for number in range(40)])
    lb.wait_ready(40)
    lines = see(open_terminal, "explain", admin_of(lb)).lines()
    assert lines[0] == "40 get requests" and len(lines) < 8
    assert re.match(r"appserver +40 +0$", lines[3])


def test_nothing_is_known_yet(start_lb, discovery, open_terminal):
    lb = start_lb(*discovery.flags)
    seen = " ".join(see(open_terminal, "explain", admin_of(lb), size=(24, 2000)).text().split())
    assert seen == " ".join(lb.ask("/explain").body.decode().split())


def test_list(lb, open_terminal):
    lb.order("/endpoints/web1/weight?value=9")
    lb.order("/endpoints/web2/disable")
    for text in (run("lb", "ctl", "list", admin_of(lb)).stdout, see(open_terminal, "ctl", "list", admin_of(lb)).text()):
        lines = [line.rstrip() for line in text.splitlines()]
        assert lines[0].split()[:2] == ["SERVICE", "CONTAINER"] and lines[-1] == "2 endpoints, 1 ready"
        at = {title: lines[0].index(title) for title in ("STATE", "ORDER")}
        rows = {line.split()[1]: line for line in lines[1:-1]}
        assert set(rows) == {"web1", "web2"}
        assert rows["web1"][at["STATE"]:].split()[:3] == ["ready", "9", "weight"]
        assert rows["web2"][at["STATE"]:].split()[:3] == ["disabled", "1", "disable"]


@pytest.mark.parametrize("env, are_wanted", [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True),
                                             ({"TERM": "dumb"}, False), ({"TERM": ""}, False)])
def test_colours(env, are_wanted, lb, open_terminal):
    for words in (["explain"], ["ctl", "list"]):
        raw = see(open_terminal, *words, admin_of(lb), env=env).raw
        assert (b"\x1b[" in raw) == are_wanted, raw
        assert "\x1b" not in run("lb", *words, admin_of(lb), env={"TERM": "xterm"}).stdout


def test_who_does_not_answer_is_told(start_lb, start_backend, open_terminal):
    lb = start_lb(backends=[start_backend()])
    lb.stop()
    for words in (["explain"], ["ctl", "list"]):
        terminal = open_terminal(*words, admin_of(lb), size=(24, 2000))
        assert terminal.wait_end() == 1
        assert "does not answer" in terminal.text()
