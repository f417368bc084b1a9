"""lb top: what it shows is what /pool says, at every size of the screen; keys; a lost connection; and the terminal as it
was before, however it ends."""

import os
import re
import signal
import socket
import time

import pytest

from support import processes
from support.discovery import endpoint, line_of
from support.program import BIN_DIR, run
from support.waiting import wait_for

HOSTILE = ["\x1b[2J", "\x9b31m", "\x9d0;title\x9c", "\x85next", "\u202egnp", "\u2066a\u2069", "\u2028line", "\U000e0041tag",
           "\x1b]0;x\x07\r\n", "日本"]


def admin_of(lb):
    return "--admin=%s:%d" % lb.admin


@pytest.fixture(name="lb")
def make_lb(start_lb, start_backend, discovery, cleanup):
    """Two that are ready, one that nobody listens for, one without a port."""
    lb = start_lb(*discovery.flags)
    silent = cleanup.enter_context(socket.socket())
    silent.bind(("127.0.0.1", 0))  # and nobody listens there
    nobody = silent.getsockname()
    discovery.send_line(line_of(
        [endpoint("web1", start_backend().address), endpoint("web2", start_backend().address), endpoint("web3", nobody)],
        left_out=[{"id": "0123456789ab", "name": "db", "service": "db", "reason": "no_port", "detail": "", "since_ns": 1}]))
    lb.wait_ready(2)
    return lb


def test_what_is_shown(lb, connect, open_terminal):
    top = open_terminal("top", admin_of(lb))
    client = connect(lb)
    top.wait_text("2 of 3 endpoints ready, 1 containers without requests")

    def ask():
        for _ in range(20):
            client.get()
        return re.search(r"appserver +2/3 ready +([0-9.]+) ", top.text()) and \
            float(re.search(r"appserver +2/3 ready +([0-9.]+) ", top.text())[1]) > 10
    wait_for(ask, "its requests are shown")
    lines = top.lines()
    rows = [line.split()[0] for line in lines if re.match(r" +web\d", line)]
    assert rows[0] == "web3" and sorted(rows[1:]) == ["web1", "web2"]  # the problem first
    assert "connection ref" in top.text()
    assert "db, no_port" in top.text()
    assert re.search(r"^change +\d\d:\d\d:\d\d appserver/web", top.text(), re.M)
    assert top.is_alternate and not top.has_cursor and top.widest <= 80
    assert b"\x1b[31m" in top.raw or b"\x1b[33m" in top.raw
    top.press("q")
    assert top.wait_end() == 0
    assert top.is_as_before()


def test_the_latest_failed_request(start_lb, start_backend, connect, open_terminal):
    def script(connection):
        connection.read_request()
        connection.reset()

    lb = start_lb(backends=[start_backend(script)])
    before = open_terminal("top", "--once", admin_of(lb))
    assert before.wait_end() == 0 and not re.search("^failed", before.text(), re.M)
    top = open_terminal("top", admin_of(lb), size=(24, 120))
    top.wait_text("1 of 1 endpoints ready")
    assert connect(lb).get(target="/first?secret=1", host="shop.test").status == 502
    top.wait_text(r"(?m)^failed +\d\d:\d\d:\d\d 502 GET shop.test/first → appserver: upstream_reset")
    assert connect(lb).get(target="/second", host="shop.test").status == 502
    top.wait_text(r"(?m)^failed .*/second ")
    assert "secret" not in top.raw.decode()
    top.press("q")
    assert top.wait_end() == 0
    assert "/second" in run("lb", "top", "--once", admin_of(lb)).stdout


def test_sorting_scrolling_and_hiding(lb, open_terminal):
    top = open_terminal("top", "--sort=name", admin_of(lb), size=(12, 80))
    top.wait_text("by name")
    top.wait_text("web1")
    for key, word in {"r": "rate", "5": "5xx", "p": "p99", "i": "inflight", "n": "name", "s": "rate"}.items():
        top.press(key)
        top.wait_text(f"by {word} ")
    top.press("e")
    wait_for(lambda: "web" not in re.sub("change.*", "", top.text()), "endpoints are hidden")
    top.press("e")
    top.wait_text("  web3")
    top.press("\x1b[F")
    wait_for(lambda: not re.search("^appserver", top.text(), re.M), "the first row is scrolled away")
    top.press("\x1b[H")
    top.wait_text("(?m)^appserver")
    top.press("\x1b[1;5Cxyz\x1b")  # nobody's keys
    top.press("q")
    assert top.wait_end() == 0


def test_sizes(lb, open_terminal):
    top = open_terminal("top", admin_of(lb))
    top.wait_text("web3")
    assert "ADDRESS" not in top.text()
    top.resize(40, 160)
    top.wait_text("ADDRESS")
    for rows, width in ((3, 20), (1, 1), (10, 40), (24, 80)):
        top.resize(rows, width)
        wait_for(lambda: 0 < top.widest <= width and len(top.lines()) <= rows,  # noqa: B023
                 f"it fits {width} columns; {top.lines()}")
    top.press("q")
    assert top.wait_end() == 0


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_give_the_terminal_back(number, status, lb, open_terminal):
    """As a terminal sends them: to the whole group."""
    top = open_terminal("top", admin_of(lb))
    top.wait_text("web3")
    os.killpg(top.process.pid, number)
    assert top.wait_end() == status
    assert top.is_as_before()


def test_sigterm_for_lb_alone(lb, open_terminal):
    top = open_terminal("top", admin_of(lb))
    top.wait_text("web3")
    top.process.terminate()
    assert top.wait_end() == 143
    assert top.is_as_before()


def test_a_crash_gives_the_terminal_back(lb, open_terminal):
    top = open_terminal("top", admin_of(lb))
    top.wait_text("web3")
    os.kill(processes.children(top.process.pid)[0], signal.SIGSEGV)
    wait_for(top.is_as_before, "the terminal is as before")


def test_a_killed_parent_gives_the_terminal_back(lb, open_terminal):
    """Below a shell, which keeps the terminal: its end would send SIGHUP."""
    shell = open_terminal("-c", '"$0" top "$1"; sleep 100', BIN_DIR / "lb", admin_of(lb), program="/bin/sh")
    shell.wait_text("web3")
    os.kill(processes.children(shell.process.pid)[0], signal.SIGKILL)
    wait_for(shell.is_as_before, "the terminal is as before")


def test_ctrl_c_and_ctrl_z(lb, open_terminal):
    top = open_terminal("top", admin_of(lb))
    top.wait_text("web3")
    child = processes.children(top.process.pid)[0]
    os.kill(child, signal.SIGTSTP)
    wait_for(lambda: "T" in re.search(r"State:\s+(\w)", processes.read(child, "status"))[1], "it is stopped")
    wait_for(top.is_as_before, "the terminal is given back")  # what it has sent is still being read
    os.kill(child, signal.SIGCONT)
    wait_for(lambda: top.is_alternate, "it goes on")
    top.wait_text("web3")
    top.press("\x03")
    assert top.wait_end() == 0
    assert top.is_as_before()


def test_a_lost_connection_is_told_and_another_one_made(start_lb, start_backend, open_terminal):
    backend = start_backend()
    first = start_lb(backends=[backend])
    top = open_terminal("top", admin_of(first))
    top.wait_text("1 of 1 endpoints ready")
    first.stop()
    top.wait_text("; trying again")
    assert "127.0.0.1" in top.text()  # what was known stays
    start_lb(admin_of(first), backends=[backend], admin=False)
    top.wait_text("1 of 1 endpoints ready")
    assert "trying again" not in top.text()
    top.press("q")
    assert top.wait_end() == 0


def test_nobody_answers(start_lb, start_backend, open_terminal):
    lb = start_lb(backends=[start_backend()])
    lb.stop()
    top = open_terminal("top", admin_of(lb))
    assert top.wait_end() == 1
    assert "does not answer: Connection refused" in top.text() and top.is_as_before()
    assert b"\x1b" not in top.raw


def test_a_token(start_lb, start_backend, open_terminal, tmp_path):
    token = tmp_path / "token"
    token.write_text("0123456789abcdef0123")
    token.chmod(0o600)
    lb = start_lb(f"--admin-token-file={token}", backends=[start_backend()], is_ready=False)
    top = open_terminal("top", admin_of(lb))
    assert top.wait_end() == 1
    assert "token" in top.text().lower()
    top = open_terminal("top", admin_of(lb), f"--admin-token-file={token}")
    top.wait_text("1 of 1 endpoints ready")
    top.press("q")
    assert top.wait_end() == 0


def test_once(lb, open_terminal):
    """For scripts: lines without colours, as wide as it takes; also where standard output is no terminal."""
    for flags in (["--once"], []):
        done = run("lb", "top", admin_of(lb), *flags)
        assert done.returncode == 0 and "\x1b" not in done.stdout and not done.stderr
        rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.startswith("  ")}
        assert set(rows) == {"web1", "web2", "web3"}
        assert "connection refused" in rows["web3"] and " ready " in rows["web1"]
        assert lb.endpoints()["web1"]["address"] in rows["web1"]
    for flags, env in ((["--once"], None), ([], {"TERM": "dumb"})):
        top = open_terminal("top", admin_of(lb), *flags, env=env)
        assert top.wait_end() == 0
        assert "web3" in top.text() and b"?1049" not in top.raw
        assert (b"\x1b" in top.raw) == (env is None)


@pytest.mark.parametrize("words, says", [
    (["top", "--sort=size"], 'lb: --sort: "size": it is not known; give rate, 5xx, p99, inflight or name'),
    (["top", "--sort"], "--sort: has no value; give rate, 5xx"), (["top", "web1"], "lb: lb top takes no word"),
    (["top", "--once=1"], "--once: takes no value"), (["--once"], '"--once": unknown flag'),
    (["top", "--sort=\x1b[2J"], '"\\x1b[2J"')])
def test_wrong_command_lines(words, says):
    done = run("lb", *words)
    assert done.returncode == 2 and says in done.stderr and "\x1b" not in done.stderr


def test_strangers_names(start_lb, start_backend, discovery, open_terminal):
    """The terminal of this test complains about whatever is obeyed and not shown."""
    lb = start_lb(*discovery.flags)
    address = start_backend().address
    discovery.send_line(line_of([endpoint(f"n{i}{name}", address, id=f"{i:04x}beef") for i, name in enumerate(HOSTILE)],
                                left_out=[{"id": f"{i:04x}dead", "name": name, "service": name, "reason": "no_port",
                                           "detail": name, "since_ns": 1} for i, name in enumerate(HOSTILE)]))
    lb.wait_ready(len(HOSTILE))
    for words in (["top", "--sort=name"], ["top", "--once"], ["explain"], ["ctl", "list"]):
        terminal = open_terminal(*words, admin_of(lb), size=(60, 150))
        terminal.wait_text(r"n0\\x1b\[2J")
        terminal.wait_text(r"n4\\u202egnp")
        if words[0] == "top" and len(words) == 2 and words[1] != "--once":
            terminal.press("q")
        assert terminal.wait_end() == 0
        assert terminal.reader.is_alive(), "it was sent what it does not know"
        assert terminal.widest <= 150 or words[0] == "explain"


EVENT = b'data: {"time":"2026-11-30T20:00:00Z"}\n\n'
FULL = b'data: {"full":true,"time":"2026-11-30T20:00:00Z","about":{"host":"endless"},"notable":{"number":1}}\n\n'


def pour(connection, piece):
    while True:
        connection.sendall(piece)


def endless_events(connection, target):
    del target
    pour(connection, EVENT * 1000)


def endless_line(connection, target):
    del target
    pour(connection, b"data: " + b"x" * 65536)


def endless_requests(connection, target):
    """Each second an event; /requests comes a byte at a time, and never ends."""
    while True:
        connection.sendall(EVENT if target == "/events" else b" ")
        time.sleep(0.2)


@pytest.mark.parametrize("go_on", [endless_events, endless_line, endless_requests])
def test_whoever_tells_without_end_takes_no_keys_away(go_on, start_backend, open_terminal):
    def script(connection):
        target = connection.read_request().target
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + FULL * (target == "/events"))
        go_on(connection.sock, target)

    top = open_terminal("top", "--admin=%s:%d" % start_backend(script).address)
    top.wait_text("on endless")
    top.press("q")
    assert top.wait_end() == 0
    assert top.is_as_before()


def test_an_endless_answer_is_refused(start_backend):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        pour(connection.sock, b" " * 65536)

    done = run("lb", "ctl", "pool", "--admin=%s:%d" % start_backend(script).address)
    assert done.returncode == 1 and "does not answer: Message too long" in done.stderr
