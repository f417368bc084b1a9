"""--state: orders outlast lb."""

import json
import os
import signal

import pytest

from support.waiting import wait_for


def order(lb, server, verb):
    status, answer = lb.order("/endpoints/%s%%3A%d/%s" % (*server.address, verb))
    assert status == 200, answer
    return answer


def name_of(server):
    return "%s:%d" % server.address


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_orders_hold_when_lb_is_started_again(end, start_lb, start_appserver, connect, tmp_path):
    servers = [start_appserver(name) for name in ("one", "two", "three", "four")]
    state = tmp_path / "state.json"
    lb = start_lb(f"--state={state}", backends=servers)
    order(lb, servers[0], "drain")
    order(lb, servers[1], "disable")
    order(lb, servers[2], "weight?value=7")
    order(lb, servers[3], "drain")
    order(lb, servers[3], "undrain")
    lb.expected_status = 0 if end == signal.SIGTERM else -end
    lb.signal(end)
    lb.wait_end()

    again = start_lb(f"--state={state}", backends=servers, is_ready=False)
    one, two, three, four = map(name_of, servers)
    again.wait_states(**{one: "draining", two: "disabled", three: "ready", four: "ready"})
    assert again.endpoints()[three]["weight"] == 7
    assert f"orders of {state} are in force again: 3" in again.messages()
    order(again, servers[0], "undrain")
    order(again, servers[1], "enable")
    order(again, servers[2], "weight?value=default")
    assert json.loads(state.read_text()) == {"v": 1, "orders": []}
    assert sorted(os.listdir(tmp_path)) == FILES


def test_what_is_gone_is_forgotten(start_lb, start_appserver, tmp_path):
    servers = [start_appserver(name) for name in ("one", "two")]
    state = tmp_path / "state.json"
    file = tmp_path / "services.json"

    def tell(*listed):
        text = json.dumps({"services": [{"name": "appserver", "endpoints": [
            {"name": name_of(server), "address": server.address[0], "port": server.address[1]}
            for server in listed]}]})
        (tmp_path / "next").write_text(text)
        os.rename(tmp_path / "next", file)

    tell(*servers)
    lb = start_lb(f"--state={state}", f"--file={file}").wait_ready(2)
    order(lb, servers[0], "drain")
    assert len(json.loads(state.read_text())["orders"]) == 1
    tell(servers[1])
    wait_for(lambda: json.loads(state.read_text())["orders"] == [], "the order is forgotten")


def test_there_is_no_file_yet(start_lb, start_appserver, tmp_path):
    lb = start_lb(f"--state={tmp_path / 'state.json'}", backends=[start_appserver("one")])
    assert not any("--state" in message for message in lb.messages())


# That of the cookies stands beside it only where a service is sticky (tests/scenario/balance/test_sticky.py).
FILES = ["state.json"]
ORDER = {"id": "a", "order": "drain", "weight": 0}


@pytest.mark.parametrize("content, says", [
    (b"", r"state\.json: line 1, column 0: "),
    (b"\0\xff" * 1000, r"line 1, column"),
    (b"[]", 'it is no state of lb: want "v": 1'),
    (json.dumps({"v": 2, "orders": []}).encode(), "it is no state of lb"),
    (json.dumps({"v": 1, "orders": {}}).encode(), "it is no state of lb"),
    (json.dumps({"v": 1, "orders": [ORDER, 1]}).encode(), r"orders\[1\]: want an id"),
    (json.dumps({"v": 1, "orders": [{**ORDER, "id": "x" * 600}]}).encode(), r"orders\[0\]"),
    (json.dumps({"v": 1, "orders": [{**ORDER, "order": "kill"}]}).encode(), r"orders\[0\]"),
    (json.dumps({"v": 1, "orders": [{**ORDER, "weight": 257}]}).encode(), r"orders\[0\]"),
    (json.dumps({"v": 1, "orders": [{**ORDER, "weight": -1}]}).encode(), r"orders\[0\]"),
    (json.dumps({"v": 1, "orders": [ORDER] * 50001}).encode(), "it is no state of lb"),
    (b"[" * 100000, "line 1, column"),
    (b" " * (17 << 20), "File too large"),
    ("folder", "it is no regular file"),
    ("fifo", "it is no regular file"),
], ids=["empty", "binary", "array", "version", "no array", "number", "long id", "word", "heavy", "light",
        "many", "deep", "large", "folder", "fifo"])
def test_file_that_is_none(content, says, start_lb, start_appserver, tmp_path, connect):
    """It is said, and lb serves; the next order replaces it where that can be."""
    state = tmp_path / "state.json"
    if content == "folder":
        state.mkdir()
    elif content == "fifo":
        os.mkfifo(state)
    else:
        state.write_bytes(content)
    server = start_appserver("one")
    lb = start_lb(f"--state={state}", backends=[server])
    lb.wait_message(says)
    assert connect(lb).get().status == 200
    answer = order(lb, server, "weight?value=2")
    if content in ("folder", "fifo"):
        assert "could not be written to --state" in answer["message"]
        assert not state.is_file() and sorted(os.listdir(tmp_path)) == FILES
    else:
        assert json.loads(state.read_text())["orders"][0]["weight"] == 2


@pytest.mark.parametrize("exists", [True, False], ids=["file", "nothing yet"])
def test_link(exists, start_lb, start_appserver, tmp_path):
    """Where it leads to is read and replaced, for example on a volume; the link stays."""
    volume = tmp_path / "volume"
    volume.mkdir()
    state, link = volume / "orders.json", tmp_path / "state.json"
    server = start_appserver("one")
    name = name_of(server)
    if exists:
        state.write_text(json.dumps({"v": 1, "orders": [{**ORDER, "id": name}]}))
    link.symlink_to(state)
    lb = start_lb(f"--state={link}", backends=[server], is_ready=not exists)
    lb.wait_states(**{name: "draining" if exists else "ready"})
    order(lb, server, "weight?value=2")
    assert json.loads(state.read_text())["orders"][0]["weight"] == 2
    assert link.is_symlink() and os.listdir(volume) == ["orders.json"]


def test_file_that_cannot_be_written(start_lb, start_appserver, tmp_path):
    """The order holds all the same, and its answer says that it is not kept."""
    server = start_appserver("one")
    lb = start_lb(f"--state={tmp_path}/nowhere/state.json", backends=[server])
    answer = order(lb, server, "drain")
    assert answer["state"] == "draining" and "could not be written to --state" in answer["message"]
    lb.wait_message(r"^--state \S+: No such file or directory; orders hold, but not when lb is")
