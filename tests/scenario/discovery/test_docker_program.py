"""lb-discovery as a program: flags, signals, its reader and its parent."""

import json
import os
import signal
import subprocess
import time

import pytest
from fake_docker import container
from watcher import ENVIRONMENT, PROGRAM, Watcher, watch

A = "a" * 64


def run(*args, **environment):
    return subprocess.run([PROGRAM, *args], env={**ENVIRONMENT, **environment}, capture_output=True, text=True,
                          timeout=20)


def test_once(engine):
    engine.add(container(A, "one"))
    done = run("--once", DOCKER_HOST="unix://" + engine.path)
    assert done.returncode == 0 and done.stdout.count("\n") == 1
    assert json.loads(done.stdout)["services"][0]["name"] == "web"


def test_once_gives_up_after_five_seconds(tmp_path, clock):
    w = Watcher("--once", f"--docker=unix://{tmp_path}/none", environment=clock.env)
    try:
        w.wait_message("cannot connect")
        clock.pass_s(3)
        with pytest.raises(subprocess.TimeoutExpired):
            w.process.wait(1.2)
        clock.pass_s(2)
        assert w.process.wait(4) == 1 and w.lines.empty()
    finally:
        w.end()


def test_once_says_that_nobody_read_the_line(tmp_path, clock):
    """It is longer than what a pipe takes."""
    path = tmp_path / "services.json"
    path.write_text(json.dumps({"services": [{"name": "a", "endpoints": [
        {"address": "127.0.0.1", "port": number + 1, "name": f"a-{number}"} for number in range(2000)]}]}))
    process = subprocess.Popen([PROGRAM, f"--file={path}", "--once", "--log-format=plain"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env={**ENVIRONMENT, **clock.env})
    said = process.stderr.readline()
    assert b"was read" in said
    clock.pass_s(6)
    assert process.wait(4) == 1
    assert b"--once: nobody read the rest of the line within 5 seconds" in process.stderr.read()
    assert len(process.stdout.read()) >= 4096


def test_help_version_and_mistakes():
    done = run("--help")
    assert done.returncode == 0 and "--docker[=ENGINE]" in done.stdout and "lb.service" in done.stdout
    done = run("--version")
    assert done.returncode == 0 and "libcurl" in done.stdout and "jansson" in done.stdout
    done = run("--resync", "never")
    assert done.returncode == 2 and done.stdout == ""
    assert "--resync" in done.stderr and "never" in done.stderr and "1 to 86400" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it(engine, number):
    w = watch(engine)
    w.next()
    w.process.send_signal(number)
    assert w.process.wait(3) == 0
    w.end()


def test_ends_when_its_reader_goes_away_though_all_is_quiet(engine):
    process = subprocess.Popen([PROGRAM, "--docker=unix://" + engine.path, "--self", "none"],
                               stdout=subprocess.PIPE, env=ENVIRONMENT)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(3) == 0


def test_a_reader_that_does_not_read_holds_up_nothing(engine):
    for number in range(400):
        engine.add(container(f"{number:064x}", f"c{number:04}"))
    read_end, write_end = os.pipe()
    process = subprocess.Popen([PROGRAM, "--docker=unix://" + engine.path, "--self", "none"], stdout=write_end,
                               stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    os.close(write_end)
    engine.wait_stream()
    engine.wait_request("/containers/", 401)
    for number in range(400):  # would fill the pipe a thousand times
        engine.containers[f"{number:064x}"]["State"]["Paused"] = True  # it may be asked about once more
        engine.event("pause", f"{number:064x}")
    engine.add(container(A, "last"))
    engine.event("start", A)
    engine.wait_request("/containers/" + A)  # it still reads events
    last = None
    with os.fdopen(read_end) as lines:
        for line in lines:
            if '"alive":' in line:
                continue
            last = {e["name"]: e["state"] for e in json.loads(line)["services"][0]["endpoints"]}
            if "last" in last:
                break
    assert len(last) == 401 and sum(state == "paused" for state in last.values()) == 400
    assert process.wait(3) == 0


def test_ends_with_its_parent(engine):
    script = ('import os, subprocess, sys\n'
              'child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,\n'
              '    env={**os.environ, "LB_DISCOVERY_PARENT": str(os.getpid())})\n'
              'print(child.pid, flush=True)\n'
              'sys.stdin.read()\n')
    parent = subprocess.Popen(["/usr/bin/python3", "-c", script, PROGRAM, "--docker=unix://" + engine.path],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT)
    child = int(parent.stdout.readline())
    engine.wait_stream()
    parent.kill()
    parent.wait()
    engine.wait_for(lambda: True)
    end = time.monotonic() + 5
    while os.path.exists(f"/proc/{child}") and time.monotonic() < end:
        with open(f"/proc/{child}/stat", encoding="ascii") as stat:
            if stat.read().split(") ")[1][0] == "Z":
                break
        time.sleep(0.02)
    else:
        assert not os.path.exists(f"/proc/{child}")
