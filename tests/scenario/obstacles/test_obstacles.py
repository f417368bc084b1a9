"""What keeps lb from learning who its backends are is said wherever one looks, with what would
change it, and no longer once it is over."""

import json
import os
import pathlib
import socket
import sys

import pytest

from support.free_port import free_port
from support.program import run
from support.waiting import wait_for

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "discovery"))
from fake_docker import FakeDocker, container  # noqa: E402

ID = "a" * 64


def problem_of(lb):
    return lb.pool()["discovery"].get("problem", "")


def assert_said_everywhere(lb, why, remedy):
    """In /pool, explain as text and JSON, readyz, what the live page follows, and the log."""
    wait_for(lambda: why in problem_of(lb), f"{why!r} is known; it is {problem_of(lb)!r}", 15)
    told = lb.pool()["discovery"]
    assert remedy in told["remedy"], told
    explained = lb.ask("/explain").body.decode()
    assert explained.startswith("lb-discovery: ") and why in explained and remedy in explained
    as_json = json.loads(lb.ask("/explain", fields=["Accept: application/json"]).body)
    assert as_json["discovery"]["problem"] == told["problem"]
    assert lb.ask("/healthz").status == 200
    wait_for(lambda: any(why in m and remedy in m for m in lb.messages()), "the log says so too")
    ready = lb.ask("/readyz")
    blind = lb.ask("/healthz?discovery=1")
    if lb.pool()["version"] == 0:
        assert ready.status == blind.status == 503
        assert why in ready.body.decode() and remedy in ready.body.decode()
        assert why in blind.body.decode()
    else:
        assert blind.status == 200


def assert_over(lb):
    wait_for(lambda: not problem_of(lb), "the obstacle is gone", 15)
    wait_for(lambda: "lb-discovery" not in lb.ask("/explain").body.decode(), "nothing is lost",
             60)
    assert lb.ask("/healthz?discovery=1").status == 200


def refusing(path):
    """A socket that nobody listens on any more."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(path))
    return f"--docker=unix://{path}"


def folder(path):
    path.mkdir()
    return f"--docker=unix://{path}"


ENGINES = {
    "nothing there": (lambda path: f"--docker=unix://{path}", "No such file or directory", "unix:///PATH"),
    "nobody listens": (refusing, "Connection refused", "The engine is down"),
    "a folder": (folder, "Connection refused", "is no socket"),
    "tcp, nobody listens": (lambda _: f"--docker=tcp://127.0.0.1:{free_port()}", "Connection refused",
                            "Nothing listens at tcp://127.0.0.1"),
    "no such name": (lambda _: "--docker=tcp://no.such.invalid:1", "resolve", "Is the name right"),
}


@pytest.mark.parametrize("name", ENGINES)
def test_engine_out_of_reach(name, start_lb, tmp_path):
    make, why, remedy = ENGINES[name]
    if name == "nothing there" and os.path.exists("/.dockerenv"):
        remedy = "is the path right"
    lb = start_lb(make(tmp_path / "docker.sock"))
    assert_said_everywhere(lb, why, remedy)


REFUSALS = {
    "socket proxy": (dict.fromkeys(["/_ping", "/events", "/networks", "/containers/json"],
                                   (403, b"<h1>403 Forbidden</h1>")), "403", "EVENTS=1"),
    "lists forbidden": ({"/containers/json": (403, b"no")}, "403", "CONTAINERS=1"),
    "api too old": ({"/_ping": (400, b'{"message":"client version 1.1 is too old"}')},
                    "client version 1.1 is too old", "API 1.24"),
    "TLS": ({"/_ping": (400, b"Client sent an HTTP request to an HTTPS server.")},
            "HTTPS server", "TLS"),
    "no engine": ({"/_ping": (404, b"not found")}, "404", "no Docker engine"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_engine_that_refuses_and_then_does_not(name, start_lb, tmp_path):
    answers, why, remedy = REFUSALS[name]
    with FakeDocker(tmp_path / "d.sock") as docker:
        docker.answers = dict(answers)
        lb = start_lb(f"--docker=unix://{docker.path}")
        assert_said_everywhere(lb, why, remedy)
        docker.answers = {}
        assert_over(lb)


def test_engine_that_goes_and_comes_back(start_lb, start_backend, tmp_path):
    backend = start_backend()
    host, port = backend.address
    docker = FakeDocker(tmp_path / "d.sock").start()
    docker.add(container(ID, "one", service="appserver", port=str(port),
                         labels={"lb.address": host}))
    lb = start_lb(f"--docker=unix://{docker.path}", "--allow-address=127.0.0.0/8") \
        if "--allow-address" in run("lb", "--help").stdout else start_lb(f"--docker=unix://{docker.path}")
    lb.wait_ready(1)
    docker.stop()
    # first that /events ended, then what came of the next attempts
    assert_said_everywhere(lb, "cannot connect: No such file or directory; the last state is kept", "")
    assert lb.ask("/readyz").status == 200
    assert "\none: routed as" in lb.ask("/explain").body.decode()
    docker.start()
    try:
        assert_over(lb)
    finally:
        docker.stop()


@pytest.mark.parametrize("content, why, remedy", [
    (None, "No such file or directory", "it is read as soon as it is there"),
    ('{"services":[\n  {"name": "a",\n   "endpoints": }]}', "line 3, column", "Correct the file"),
    ('{"services":[\n {"name":"a","endpoints":[\n  {"address":"10.0.0.1","port":0}]}]}',
     "line 3, column 25: services[0].endpoints[0].port", "Correct the file"),
    ('{"services":[{"name":"a",\n "endpoints":{}}]}', "line 2, column 2: services[0].endpoints",
     "Correct the file"),
])
def test_file_of_services(content, why, remedy, start_lb, tmp_path):
    path = tmp_path / "s.json"
    if content is not None:
        path.write_text(content)
    lb = start_lb(f"--file={path}")
    assert_said_everywhere(lb, why, remedy)
    path.write_text('{"services":[]}')
    assert_over(lb)


def test_program_that_is_not_there(start_lb, tmp_path):
    lb = start_lb(f"--file={tmp_path}/s.json", f"--discovery={tmp_path}/none")
    assert_said_everywhere(lb, "none cannot be started: no such file", "--discovery")


def test_program_that_ends_at_once(start_lb, tmp_path):
    lb = start_lb(f"--file={tmp_path}/s.json", "--discovery=/bin/false")
    assert_said_everywhere(lb, "ended: exit status 1", "standard error")


def test_program_that_cannot_use_its_environment(start_lb):
    lb = start_lb("--docker=tcp://127.0.0.1:1", env={"DOCKER_TLS_VERIFY": "1"})
    wait_for(lambda: "DOCKER_TLS_VERIFY" in problem_of(lb), "the program's last words are kept")


def test_program_that_gives_no_signs_of_life_and_comes_back(start_lb, discovery):
    discovery.refuses = True
    lb = start_lb(*discovery.flags)
    assert_said_everywhere(lb, "ended: ", "standard error")
    discovery.refuses = False
    discovery.wait_starts(1)
    discovery.send()
    assert_over(lb)


@pytest.mark.parametrize("obstacle", [
    5, {}, {"why": "", "remedy": ""}, {"why": "x"}, {"why": "x" * 1025, "remedy": ""},
    {"why": "x", "remedy": 5}])
def test_obstacle_that_is_none_is_refused(obstacle, start_lb, discovery):
    lb = start_lb(*discovery.flags)
    discovery.send_line({"v": 1, "time_ns": 1, "alive": {
        "connected": False, "events": {}, "resyncs": {}, "obstacle": obstacle}})
    lb.wait_message("refused: alive.obstacle: want why and remedy")
    assert problem_of(lb) == ""


def test_obstacle_cannot_forge_lines(start_lb, discovery):
    lb = start_lb(*discovery.flags)
    discovery.send_line({"v": 1, "time_ns": 1, "alive": {
        "connected": False, "events": {}, "resyncs": {},
        "obstacle": {"why": "x\ny: routed\x1b[2J", "remedy": "a\r\nb", "since_ns": -5}}})
    wait_for(lambda: problem_of(lb), "it is known")
    for path in ("/explain", "/readyz"):
        body = lb.ask(path).body
        assert b"x?y: routed?[2J. a??b\n" in body and b"\x1b" not in body


def test_healthcheck_is_ill_as_long_as_nothing_was_learnt(start_lb, tmp_path):
    path = tmp_path / "s.json"
    lb = start_lb(f"--file={path}")
    at = "--admin=%s:%d" % lb.admin
    wait_for(lambda: problem_of(lb), "the obstacle is known")
    ill = run("lb", "--healthcheck", at)
    assert ill.returncode == 1 and "No such file" in ill.stderr
    path.write_text('{"services":[]}')
    assert_over(lb)
    assert run("lb", "--healthcheck", at).returncode == 0
    path.write_text("nonsense")
    wait_for(lambda: problem_of(lb), "there is another obstacle")
    assert run("lb", "--healthcheck", at).returncode == 0  # the last good state serves
