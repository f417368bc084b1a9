"""Who reads the access log may be slow, stop, go away or have a full disk: requests do not notice."""

import json
import os
import re
import signal
import subprocess
import time

import pytest

from logged import LogFile, json_lines
from support import processes
from support.client import RawClient
from support.discovery import endpoint
from support.free_port import free_port
from support.program import BIN_DIR, environment
from support.waiting import wait_for, wait_until_still

AGENT = "User-Agent: " + "x" * 1400  # long lines, so that few requests fill the buffers


@pytest.fixture
def reader(cleanup, tmp_path):
    """A process that copies what comes through a pipe into a file: (write end, process, file)."""
    kept = LogFile(tmp_path / "kept")
    reading, writing = os.pipe()
    with open(kept.path, "wb") as out:
        process = subprocess.Popen(["cat"], stdin=reading, stdout=out)
    os.close(reading)
    cleanup.callback(process.wait, 10)
    cleanup.callback(process.kill)
    return writing, process, kept


def ask_many(client, count):
    """Seconds that each of so many requests took."""
    durations = []
    for _ in range(count):
        started = time.monotonic()
        assert client.get(fields=[AGENT]).status == 200
        durations.append(time.monotonic() - started)
    return sorted(durations)


def dropped(lb):
    """How many lines it said were dropped."""
    return sum(int(re.match(r"access log: (\d+) lines were dropped", message)[1])
               for message in lb.messages() if "lines were dropped" in message)


def test_a_stopped_reader_slows_no_request(start_lb, start_backend, connect, reader):
    stdout, process, kept = reader
    lb = start_lb("--workers=1", backends=[start_backend()], stdout=stdout)
    os.close(stdout)
    client = connect(lb)
    calm = ask_many(client, 500)
    wait_for(lambda: kept.read().count(b"\n") == 500, "all 500 lines")
    process.send_signal(signal.SIGSTOP)
    stopped_at = time.monotonic()
    ask_many(client, 1000)  # all buffers are full
    blocked = ask_many(client, 500)
    assert blocked[50] < calm[250] * 3 + 0.002, (calm[250], blocked[50])  # the fastest: another may have come in between
    assert blocked[-1] < 5  # who waits for the reader waits for ever
    lb.wait_message(r"access log: \d+ lines were dropped")
    assert len([m for m in lb.messages() if "were dropped" in m]) <= 1 + (time.monotonic() - stopped_at) // 60
    assert lb.metrics().value("lb_log_dropped_total") > 0
    process.send_signal(signal.SIGCONT)
    wait_until_still(lambda: len(kept.read()), "the reader")
    counted = int(re.search(r"^lb_log_dropped_total (\d+)$", lb.ask("/metrics").body.decode(),
                            re.MULTILINE)[1])
    ask_many(client, 10)
    lb.stop()
    process.wait(10)
    lines = json_lines(kept.read())
    assert len(lines) + dropped(lb) == 500 + 1500 + 10
    assert 300 < dropped(lb) == counted < 1400
    assert len({line["http"]["request"]["id"] for line in lines}) == len(lines)


def names_in_use(admin):
    with RawClient(admin) as client:
        pool = json.loads(client.get("/pool").body)
    return {endpoint["name"] for service in pool["services"] for endpoint in service["endpoints"]
            if endpoint["state"] == "ready"}


def test_one_pipe_for_both_logs(start_backend, connect, discovery, reader, cleanup):
    """With 2>&1 the operator log has the same reader, and the pool is followed all the same."""
    stdout, cat, _ = reader
    listen, admin = ("127.0.0.1", free_port()), ("127.0.0.1", free_port())
    lb = subprocess.Popen([BIN_DIR / "lb", "--listen=%s:%d" % listen, "--admin=%s:%d" % admin,
                           *discovery.flags], stdout=stdout, stderr=stdout, env=environment())
    os.close(stdout)
    cleanup.callback(lb.wait, 10)
    cleanup.callback(lb.terminate)
    one, two = (endpoint(name, start_backend().address) for name in ("one", "two"))
    discovery.send(one, two)
    wait_for(lambda: names_in_use(admin) == {"one", "two"}, "both")
    client = connect(listen)
    cat.send_signal(signal.SIGSTOP)
    ask_many(client, 200)
    for _ in range(3):
        discovery.send(one)
        wait_for(lambda: names_in_use(admin) == {"one"}, "one alone")
        discovery.send(one, two)
        wait_for(lambda: names_in_use(admin) == {"one", "two"}, "both again")
    assert ask_many(client, 20)[-1] < 5
    cat.send_signal(signal.SIGCONT)


def test_the_end_does_not_wait_long_for_a_stopped_reader(start_lb, start_backend, connect, reader):
    stdout, process, _ = reader
    lb = start_lb("--workers=1", backends=[start_backend()], stdout=stdout)
    os.close(stdout)
    process.send_signal(signal.SIGSTOP)
    ask_many(connect(lb), 200)
    started = time.monotonic()
    lb.stop()
    assert 0.9 < time.monotonic() - started < 4


def test_a_reader_that_goes_away(start_lb, start_backend, connect, reader):
    stdout, process, _ = reader
    lb = start_lb("--workers=1", backends=[start_backend()], stdout=stdout)
    os.close(stdout)
    client = connect(lb)
    ask_many(client, 5)
    process.kill()
    process.wait(10)
    ask_many(client, 5)
    lb.wait_message("access log: cannot write to standard output: Broken pipe")
    ask_many(client, 1000)
    assert len([m for m in lb.messages() if "cannot write" in m]) == 1
    lb.stop()


def test_a_named_pipe_whose_reader_comes_back(start_lb, start_backend, connect, tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    first = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    lb = start_lb("--workers=1", f"--access-log={path}", backends=[start_backend()])
    client = connect(lb)
    assert client.get("/first").status == 200
    wait_for(lambda: json_lines(read_some(first)), "the first line")
    os.close(first)
    assert client.get("/second").status == 200
    lb.wait_message("cannot write to .*pipe: Broken pipe")
    second = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    line = wait_for(lambda: json_lines(read_some(second)), "the second line")[0]
    assert line["url"]["path"] == "/second"
    lb.wait_message("access log: writing to .*pipe works again")
    os.close(second)


def test_a_named_pipe_loses_nothing_between_two_readers(start_lb, start_backend, connect, tmp_path):
    """The first reader leaves while lb is in the middle of a line, with the pipe full."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    first = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    lb = start_lb("--workers=1", f"--access-log={path}", backends=[start_backend()])
    client = connect(lb)
    ask_many(client, 100)
    os.close(first)
    client.get("/last", fields=[AGENT])
    lb.wait_message("cannot write to .*pipe: Broken pipe")
    second = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    data = b""

    def has_last():
        nonlocal data
        data += read_some(second)
        return b"/last" in data and data.endswith(b"\n")
    wait_for(has_last, "the last line")
    assert len(json_lines(data)) == 101
    os.close(second)


def read_some(fd):
    try:
        return os.read(fd, 65536)
    except BlockingIOError:
        return b""


def test_a_full_disk(start_lb, start_backend, connect):
    lb = start_lb("--access-log=/dev/full", backends=[start_backend()])
    client = connect(lb)
    ask_many(client, 20)
    lb.wait_message("access log: cannot write to /dev/full: No space left on device")
    ask_many(client, 100)
    assert len([m for m in lb.messages() if "cannot write" in m]) == 1
    lb.stop()


def test_sigusr1_opens_the_file_anew(start_lb, start_backend, connect, tmp_path):
    log, moved = LogFile(tmp_path / "log"), LogFile(tmp_path / "log.1")
    lb = start_lb(f"--access-log={log.path}", backends=[start_backend()])
    clients = [connect(lb) for _ in range(4)]
    count = 0
    for turn in range(5):
        for client in clients * 10:
            assert client.get(f"/{turn}").status == 200
            count += 1
        log.path.rename(moved.path)
        lb.signal(signal.SIGUSR1)
        wait_for(log.path.exists, "the new file")
        count -= len(json_lines(moved.read()))
        moved.path.unlink()
    clients[0].get("/last")
    assert len(log.wait_lines(count + 1)) == 1 + count
    assert log.path.stat().st_mode & 0o777 == 0o640 & ~umask()


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_sigusr1_when_the_folder_is_gone(start_lb, start_backend, connect, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    lb = start_lb(f"--access-log={folder}/log", backends=[start_backend()])
    (folder / "log").unlink()
    folder.rmdir()
    lb.signal(signal.SIGUSR1)
    lb.wait_message("access log: cannot open .*/log: No such file or directory; going on")
    assert connect(lb).get().status == 200


def switches(lb):
    """How often the threads of its processes have been on a processor in all."""
    total = 0
    for pid in [lb.pid, *processes.children(lb.pid)]:
        for thread in os.listdir(f"/proc/{pid}/task"):
            status = processes.read(pid, f"task/{thread}/status")
            total += int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", status)[1])
    return total


def test_an_idle_lb_sleeps(start_lb, start_backend, connect, tmp_path, built_with):
    if built_with == "thread":
        pytest.skip("the thread sanitizer has a thread of its own that wakes up")
    lb = start_lb(f"--access-log={tmp_path}/log", backends=[start_backend()])
    connect(lb).get()
    wait_until_still(lambda: switches(lb), "lb", samples=30)  # 30 times 10 ms without a wake-up
