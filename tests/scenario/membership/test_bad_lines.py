"""Discovery may say nonsense or die: the last pool stays, and no request notices."""

import copy
import json
import time

import pytest

from support.discovery import endpoint, line_of
from support.waiting import wait_for


@pytest.fixture(name="good")
def make_good(start_lb, discovery, start_backend, connect):
    """An lb with one endpoint in use, and the line that made it."""
    class Good:
        pass
    good = Good()
    good.lb = start_lb(*discovery.flags)
    good.backend = start_backend()
    good.line = line_of([endpoint("one", good.backend.address)])
    discovery.send_line(good.line)
    good.lb.wait_ready(1)
    good.client = connect(good.lb)

    def assert_unchanged():
        assert good.lb.states() == {"one": "ready"}
        assert good.client.get().body == b"ok"
    good.assert_unchanged = assert_unchanged
    return good


def changed(line, **fields):
    line = copy.deepcopy(line)
    for key, value in fields.items():
        line["services"][0]["endpoints"][0][key] = value
    return line


BAD = {
    "no json": (lambda line: "nonsense", "no JSON at byte"),
    "cut off": (lambda line: json.dumps(line)[:-5], "no JSON at byte"),
    "two on one line": (lambda line: json.dumps(line) * 2, "no JSON at byte"),
    "no utf-8": (lambda line: b'{"v":1,"services":[],"x":"\xff"}', "no JSON at byte"),
    "zero byte": (lambda line: '{"v":1,"services":[],"x":"\\u0000"}', "no JSON at byte"),
    "an array": (lambda line: "[]", "v: want version 1"),
    "other version": (lambda line: {**line, "v": 3}, "v: want version 1"),
    "no version": (lambda line: {"services": []}, "v: want version 1"),
    "version as text": (lambda line: {**line, "v": "1"}, "v: want version 1"),
    "no services": (lambda line: {"v": 1}, "services: want an array"),
    "services no array": (lambda line: {**line, "services": {}}, "services: want an array"),
    "service without name": (lambda line: {**line, "services": [{"endpoints": []}]},
                             "services[0]: want a name"),
    "no id": (lambda line: changed(line, id=None), "services[0].endpoints[0].id: want"),
    "empty id": (lambda line: changed(line, id=""), "services[0].endpoints[0].id: want"),
    "long id": (lambda line: changed(line, id="x" * 513), "services[0].endpoints[0].id: want"),
    "same id twice": (lambda line: {**line, "services": [
        {"name": "appserver", "endpoints": line["services"][0]["endpoints"] * 2}]},
                      "services[0].endpoints[1].id: want"),
    "no name": (lambda line: changed(line, name=5), "services[0].endpoints[0].name: want"),
    "port 0": (lambda line: changed(line, port=0), "services[0].endpoints[0].port: want"),
    "port 65536": (lambda line: changed(line, port=65536), "services[0].endpoints[0].port: want"),
    "port as text": (lambda line: changed(line, port="80"), "services[0].endpoints[0].port: want"),
    "name as address": (lambda line: changed(line, address="localhost"),
                        "services[0].endpoints[0].address: want an IP"),
    "weight 0": (lambda line: changed(line, weight=0), "services[0].endpoints[0].weight: want"),
    "weight 257": (lambda line: changed(line, weight=257), "services[0].endpoints[0].weight: want"),
    "unknown state": (lambda line: changed(line, state="gone"),
                      "services[0].endpoints[0].state: want ready,"),
    "too many": (lambda line: {**line, "services": [
        {"name": "appserver", "endpoints": line["services"][0]["endpoints"] * 10001}]},
                 "more than 10000 endpoints"),
    "deep": (lambda line: "[" * 5000 + "]" * 5000, "no JSON at byte"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_line_is_refused(name, good, discovery):
    make, says = BAD[name]
    bad = make(good.line)
    data = bad if isinstance(bad, bytes) else \
        (bad if isinstance(bad, str) else json.dumps(bad)).encode()
    before = good.lb.pool()
    discovery.send_bytes(data + b"\n")
    wait_for(lambda: good.lb.pool()["discovery"]["bad_lines"] == 1, "the line is counted")
    said = good.lb.wait_message("a line of lb-discovery was refused: (.*)")[1]
    assert says in said
    assert good.lb.pool()["version"] == before["version"]
    good.assert_unchanged()
    discovery.send_line({**good.line, "unknown": [1, {"a": None}]})  # and the next one is taken
    wait_for(lambda: good.lb.pool()["discovery"]["lines"] == 2, "the good line is taken")
    good.assert_unchanged()


def test_line_longer_than_16_mib_ends_the_program(good, discovery):
    try:
        for _ in range(17):
            discovery.send_bytes(b" " * (1 << 20))
    except OSError:
        pass  # the program was ended before all of it was through
    good.lb.wait_message("its line is longer than 16 MiB")
    good.assert_unchanged()
    discovery.wait_starts(2)
    discovery.send_line(good.line)
    wait_for(lambda: good.lb.pool()["discovery"]["lines"] == 2, "the new program is heard")
    good.assert_unchanged()


def test_long_line_is_fine(good, discovery, built_with):
    discovery.send_line({**good.line, "padding": "x" * ((4 if built_with else 15) << 20)})
    wait_for(lambda: good.lb.pool()["discovery"]["lines"] == 2, "the line is taken", 60)
    good.assert_unchanged()


def test_killed_program_is_started_again(good, discovery):
    for i in range(3):
        discovery.kill()
        good.lb.wait_message("ended: signal 9; it is started again; the last pool stays in use")
        good.assert_unchanged()
        discovery.wait_starts(2 + i)
        good.assert_unchanged()
        discovery.send_line(good.line)
        wait_for(lambda n=i: good.lb.pool()["discovery"]["lines"] == n + 2, "it is heard again")
    assert good.lb.pool()["discovery"]["starts"] == 4


def test_half_a_line_of_a_killed_program_is_forgotten(good, discovery):
    discovery.send_bytes(b'{"v":1,"services":[')
    discovery.kill()
    discovery.wait_starts(2)
    discovery.send_line(good.line)
    wait_for(lambda: good.lb.pool()["discovery"]["lines"] == 2, "the new line is read alone")
    assert good.lb.pool()["discovery"]["bad_lines"] == 0
    good.assert_unchanged()


def test_program_that_ends_by_itself(good, discovery):
    discovery.end()
    good.lb.wait_message("ended: exit status 0; it is started again")
    good.assert_unchanged()


def test_back_off_grows(good, discovery):
    discovery.refuses = True
    discovery.kill()

    moments = []  # when it was started again; the log says it once and counts

    def look():
        starts = good.lb.pool()["discovery"]["starts"]
        if starts > len(moments) + 1:
            moments.extend([time.monotonic()] * (starts - 1 - len(moments)))
        return len(moments) >= 5
    wait_for(look, "it dies again and again", timeout_s=20)
    gaps = [b - a for a, b in zip(moments, moments[1:])]
    said = [m for m in good.lb.messages() if "ended: " in m]
    assert len(said) == len(set(said)) < len(moments)  # once each, then it counts
    assert gaps[3] > gaps[1] + 0.1  # 400 to 800 ms at least, after 100 to 200 at most
    good.assert_unchanged()
    discovery.refuses = False
    discovery.wait_starts(2)
    good.assert_unchanged()


def test_program_that_is_not_there(start_lb, connect, tmp_path):
    lb = start_lb(f"--file={tmp_path}/x", f"--discovery={tmp_path}/none")
    lb.wait_message("none cannot be started: no such file or directory")
    assert lb.ask("/readyz").status == 503
    assert connect(lb).get().status == 503
    wait_for(lambda: lb.pool()["discovery"]["starts"] >= 3, "it is tried again")
