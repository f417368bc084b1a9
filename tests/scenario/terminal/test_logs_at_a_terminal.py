"""lb itself at a terminal: short access lines and a plain operator log, in colours; and elsewhere what there was before."""

import json
import re

import pytest

from support.client import RawClient
from support.program import split_address
from support.waiting import wait_for

SHORT = re.compile(r"^\d\d:\d\d:\d\d\.\d{3} (\d{3}) +[\d.]+ m?s (\S+) +(\S+)( → \S+)? 127\.0\.0\.1(?: (\S+))?$", re.M)
HOSTILE = ["/%1b[2J", "/\x9b31m", "/é", "/a?\x80"]


@pytest.fixture
def start_at_terminal(open_terminal, start_backend):
    def start(*flags, **options):
        backend = start_backend()
        terminal = open_terminal("--listen=127.0.0.1:0", "--admin=off", "--workers=1", "--shutdown-delay=0s",
                                 "--shutdown-grace=1s", "--backend=%s:%d" % backend.address, *flags, size=(100, 2000), **options)
        terminal.address = split_address(terminal.wait_text(r"listening on (127\.\S+)")[1])
        terminal.wait_text("ready, 1 endpoint")
        return terminal
    return start


def ask(terminal, target="/cart", **options):
    with RawClient(terminal.address) as client:
        return client.get(target=target, **options)


def test_short_lines(start_at_terminal):
    lb = start_at_terminal()
    assert ask(lb, host="shop.test").status == 200
    status, method, place, server, trouble = lb.wait_text(SHORT.pattern.replace("^", "(?m)^", 1)).groups()
    assert (status, method, place, trouble) == ("200", "GET", "shop.test/cart", None)
    assert re.fullmatch(r" → appserver/127\.0\.0\.1:\d+", server)
    assert b"\x1b[32m200\x1b[0m" in lb.raw and b"\x1b[32minfo \x1b[0m lb: " in lb.raw
    lb.press("\x03")
    assert lb.wait_end() == 0


def test_no_colours(start_at_terminal):
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        lb = start_at_terminal(env=env)
        ask(lb)
        lb.wait_text(SHORT.pattern.replace("^", "(?m)^", 1))
        assert b"\x1b" not in lb.raw
        lb.press("\x03")
        assert lb.wait_end() == 0


def test_strangers_bytes(start_at_terminal):
    """The terminal of this test complains about whatever is obeyed and not shown."""
    lb = start_at_terminal()
    for target in HOSTILE:
        with RawClient(lb.address) as client:
            client.send(b"GET " + target.encode("latin-1") + b" HTTP/1.1\r\nHost: a\r\nUser-Agent: \x9b31m\r\n\r\n")
            client.read_response()
    wait_for(lambda: len(SHORT.findall(lb.text())) == len(HOSTILE), "all are logged")
    assert "/\\x9b31m" in lb.text() and lb.reader.is_alive()
    lb.press("\x03")
    assert lb.wait_end() == 0


def test_json_at_a_terminal_if_asked_for(start_at_terminal):
    lb = start_at_terminal("--access-log-format=json")
    ask(lb)
    line = lb.wait_text(r'(?m)^\{"@timestamp".*\}$')[0]
    assert json.loads(line)["event"]["dataset"] == "lb.access"
    lb.press("\x03")
    assert lb.wait_end() == 0


@pytest.mark.parametrize("flags", [[], ["--access-log-format=auto"]])
def test_elsewhere_it_is_json(flags, start_lb, start_backend, connect, tmp_path):
    with open(tmp_path / "out", "wb") as out:
        lb = start_lb(*flags, backends=[start_backend()], stdout=out)
    connect(lb).get()
    wait_for(lambda: (tmp_path / "out").read_bytes().endswith(b"\n"), "a line is there")
    assert json.loads((tmp_path / "out").read_bytes())["http"]["response"]["status_code"] == 200


def test_a_file_gets_json_also_from_a_terminal(start_at_terminal, tmp_path):
    lb = start_at_terminal(f"--access-log={tmp_path}/log")
    ask(lb)
    wait_for(lambda: (tmp_path / "log").read_bytes().endswith(b"\n"), "a line is there")
    assert json.loads((tmp_path / "log").read_bytes())["url"]["path"] == "/cart"
    lb.press("\x03")
    assert lb.wait_end() == 0


def test_short_elsewhere_if_asked_for(start_lb, start_backend, connect, tmp_path):
    lb = start_lb(f"--access-log={tmp_path}/log", "--access-log-format=short", backends=[start_backend()])
    connect(lb).get()
    wait_for(lambda: (tmp_path / "log").read_bytes().endswith(b"\n"), "a line is there")
    line = (tmp_path / "log").read_text(encoding="utf-8").rstrip("\n")
    assert SHORT.fullmatch(line) and "\x1b" not in line
