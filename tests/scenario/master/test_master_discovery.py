"""lb-discovery, which the master starts by the plan, and whose pipe it passes on."""

import os
import signal
import socket
from pathlib import Path

import pytest
from rig import log_of, plan_memfd, wait_for_log
from support.waiting import wait_for


def serve(rig, proxy, plan=None, **place):
    proxy.greet()
    proxy.place(**place)
    if plan:
        proxy.plan(*plan)
    proxy.seal()
    proxy.hear("SERVE")


def start(rig, **environment):
    """A master with a proxy process that serves, and its lb-discovery."""
    master = rig.master(**environment)
    proxy = rig.next()
    serve(rig, proxy, rig.discovery_plan())
    return master, proxy, rig.next("discovery")


def test_starts_by_the_plan_and_passes_on_its_pipe(rig):
    _, proxy, discovery = start(rig, CONSUL_HTTP_TOKEN="secret", DOCKER_HOST="unix:///x", LB_ADMIN_TOKEN="t")
    line = proxy.hear("LINE")
    assert (line.status, line.value, len(line.fds)) == (0, 1, 1)
    os.write(discovery.output, b"a line\n")
    assert os.read(line.fds[0], 100) == b"a line\n"
    assert discovery.about["arguments"] == ["one", "two"]
    words = {name: value for name, value in discovery.about["environment"].items() if name != "LC_CTYPE"}
    assert words == {"FAKE_PATH": str(rig.folder / "fake"), "FAKE_ROLE": "discovery", "A": "1",
                     "CONSUL_HTTP_TOKEN": "secret", "DOCKER_HOST": "unix:///x"}
    assert discovery.about["session"] == discovery.pid
    assert discovery.about["mask"] == [signal.SIGUSR1]  # one that comes too early ends nobody, and is not lost


def test_the_plan_wins_over_the_masters_words(rig):
    rig.master(DOCKER_HOST="unix:///of-the-master")
    proxy = rig.next()
    program, arguments, words = rig.discovery_plan()
    serve(rig, proxy, (program, arguments, (*words, "DOCKER_HOST=unix:///of-the-plan")))
    assert rig.next("discovery").about["environment"]["DOCKER_HOST"] == "unix:///of-the-plan"


def test_a_plan_cannot_be_changed_afterwards(rig):
    rig.master()
    proxy = rig.next()
    proxy.greet()
    fd = plan_memfd(*rig.discovery_plan())
    proxy.say("PLAN", fds=[fd])
    proxy.seal()
    proxy.hear("SERVE")
    first = rig.next("discovery")
    os.pwrite(fd, b"/bin/false\0", 24)
    os.kill(first.pid, signal.SIGKILL)
    assert rig.next("discovery").about["arguments"] == ["one", "two"]


def test_no_plan_is_no_discovery(rig):
    rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.place()
    proxy.say("PLAN")
    proxy.seal()
    proxy.hear("SERVE")
    assert proxy.is_silent() and rig.nobody_comes()


@pytest.mark.parametrize("how, status, number", [("exit 3", 3, 0), (signal.SIGKILL, 0, 9)])
def test_its_end_is_told_and_it_is_started_again(rig, how, status, number):
    _, proxy, discovery = start(rig)
    proxy.hear("LINE")
    if isinstance(how, str):
        discovery.do(how)
    else:
        os.kill(discovery.pid, how)
    ended = proxy.hear("DISCOVERY_ENDED")
    assert (ended.status, ended.value) == (status, number)
    line = proxy.hear("LINE")
    assert (line.status, line.value) == (0, 2)
    assert rig.next("discovery").pid != discovery.pid


def test_one_that_cannot_be_started_is_told(rig):
    rig.master()
    proxy = rig.next()
    serve(rig, proxy, ("/nowhere/lb-discovery",))
    assert proxy.hear("DISCOVERY_FAILED").status == -2
    assert proxy.hear("DISCOVERY_FAILED").status == -2


def test_one_that_hangs_is_killed(rig):
    master, proxy, discovery = start(rig)
    proxy.hear("LINE")
    os.kill(discovery.pid, signal.SIGSTOP)
    proxy.say("HUNG", b"no sign of life for 1000 ms")
    assert proxy.hear("DISCOVERY_ENDED").value == 9
    assert "no sign of life for 1000 ms" in log_of(master)
    assert rig.next("discovery")


def test_the_next_proxy_gets_the_same_pipe_and_discovery_begins_anew(rig):
    _, proxy, discovery = start(rig)
    proxy.hear("LINE")
    os.kill(proxy.pid, signal.SIGKILL)
    os.write(discovery.output, b"half a li")
    second = rig.next()
    serve(rig, second, rig.discovery_plan())
    line = second.hear("LINE")
    assert (line.status, line.value) == (1, 1)
    assert os.read(line.fds[0], 100) == b"half a li"
    assert discovery.heard() == signal.SIGUSR1
    assert rig.nobody_comes()


def test_another_plan_replaces_it(rig):
    _, proxy, discovery = start(rig)
    proxy.hear("LINE")
    proxy.say("RENEW", b"listen")
    second = rig.next()
    second.greet()
    second.place()
    program, arguments, words = rig.discovery_plan()
    second.plan(program, arguments, (*words, "B=2"))
    second.seal()
    assert not discovery.is_gone()
    second.say("READY")
    proxy.await_kind("YIELD")
    assert not discovery.is_gone()
    proxy.say("YIELDED")
    second.hear("SERVE")
    assert rig.next("discovery").about["environment"]["B"] == "2"
    assert discovery.is_gone()
    assert second.await_kind("LINE").value == 2


def test_a_stopped_one_ends_with_the_master(rig):
    master, proxy, discovery = start(rig)
    proxy.hear("LINE")
    os.kill(discovery.pid, signal.SIGSTOP)
    master.send_signal(signal.SIGTERM)
    assert master.wait(10) == 128 + 15
    assert discovery.is_gone()


def test_it_ends_after_the_proxy(rig):
    master = rig.master(FAKE_HEARS="1")
    proxy = rig.next()
    serve(rig, proxy, rig.discovery_plan())
    discovery = rig.next("discovery")
    master.send_signal(signal.SIGTERM)
    assert proxy.heard() == signal.SIGTERM
    assert not discovery.is_gone()
    proxy.do("exit 0")
    assert master.wait(10) == 0
    assert discovery.is_gone()


def ticks_of(pid):
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(words[11]) + int(words[12])


def test_one_that_was_to_be_started_makes_the_end_no_work(rig):
    """What runs in the proxy takes its time, and the start that was due is past."""
    master = rig.master(FAKE_HEARS="1")
    proxy = rig.next()
    serve(rig, proxy, ("/nowhere/lb-discovery",))
    for _ in range(2):
        proxy.hear("DISCOVERY_FAILED")
    master.send_signal(signal.SIGTERM)
    assert proxy.heard() == signal.SIGTERM
    before = ticks_of(master.pid)
    assert proxy.is_silent(1.0)
    assert ticks_of(master.pid) - before < 20  # a master that turns all the time has 100
    proxy.do("exit 0")
    assert master.wait(10) == 0


# ---- one that comes by itself ----------------------------------------------------------------------------

def come(path):
    guest = socket.socket(socket.AF_UNIX)
    guest.settimeout(10)
    wait_for(lambda: guest.connect_ex(str(path)) == 0, "somebody listens")
    return guest


def test_one_that_comes_by_itself_is_the_line(rig):
    path = rig.folder / "line"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    rig.master()
    proxy = rig.next()
    serve(rig, proxy, discovery=str(path))
    guest = come(path)
    assert path.stat().st_mode & 0o777 == 0o600
    line = proxy.hear("LINE")
    assert line.status == 0
    guest.send(b"a line\n")
    assert os.read(line.fds[0], 100) == b"a line\n"
    other = come(path)
    assert proxy.hear("LINE").value == line.value + 1
    assert guest.recv(1) == b""
    os.kill(proxy.pid, signal.SIGKILL)
    second = rig.next()
    serve(rig, second, discovery=str(path))
    assert other.recv(1) == b""  # it comes anew
    come(path)
    assert second.hear("LINE").status == 0


def test_a_file_in_the_way_stays(rig):
    path = rig.folder / "line"
    path.write_text("mine")
    master = rig.master()
    serve(rig, rig.next(), discovery=str(path))
    wait_for_log(master, "cannot come by")
    assert path.read_text() == "mine"
