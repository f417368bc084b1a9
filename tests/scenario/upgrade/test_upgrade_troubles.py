"""What may happen while one process takes over from another."""

import os
import signal

import pytest

from support import processes
from support.traffic import Traffic
from support.waiting import is_stopped, wait_for
from upgrading import DONE


def start_coming(upgrading):
    """Begins an upgrade whose new process stands still as soon as it is there; gives its pid."""
    lb = upgrading.lb
    before = set(lb.proxy_pids())
    upgrading.begin()
    coming = wait_for(lambda: next(iter(set(lb.proxy_pids()) - before), None), "the new process is there", pause_s=0)
    os.kill(coming, signal.SIGSTOP)
    wait_for(lambda: is_stopped(coming), "it stands still")
    return coming


def test_two_at_once(upgrading):
    """The second is left out, or comes after the first; none is harmed."""
    lb = upgrading.lb
    with Traffic(lb.address, kept=2, fresh=2) as traffic:
        said = upgrading.said()
        for _ in range(3):
            lb.signal(signal.SIGUSR2)
        lb.wait_message(DONE, since=said)
        traffic.wait_more()
        upgrading.upgrade()
        traffic.wait_more()
    assert not traffic.failures


def test_during_sighup(upgrading):
    lb = upgrading.lb
    with Traffic(lb.address, kept=2, fresh=2) as traffic:
        for _ in range(5):
            said = upgrading.said()
            lb.signal(signal.SIGHUP)
            lb.signal(signal.SIGUSR2)
            lb.signal(signal.SIGHUP)
            lb.wait_message(DONE, since=said)
        traffic.wait_more()
    assert not traffic.failures
    lb.wait_ready(2)


def test_sigterm_meanwhile(start_upgrading, connect):
    """It ends in order: what runs is answered, and no process is left."""
    upgrading = start_upgrading("--shutdown-grace=20s")
    lb = upgrading.lb
    slow = connect(lb).request(target="/delay/1000")
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 1, "it runs")
    coming = start_coming(upgrading)
    pids = lb.proxy_pids()
    lb.signal(signal.SIGTERM)
    assert slow.read_response().status == 200
    lb.wait_end()
    wait_for(lambda: all(map(processes.is_gone, [coming, *pids])), "no process is left")


def test_the_coming_one_crashes(upgrading):
    lb = upgrading.lb
    with Traffic(lb.address, kept=2, fresh=2, puts=1) as traffic:
        serving = lb.proxy_pid
        for count in range(1, 4):
            os.kill(start_coming(upgrading), signal.SIGKILL)
            wait_for(lambda: upgrading.process()["failures"] == count, "it has failed")
            assert "SIGKILL" in upgrading.process()["last_failure"]
            traffic.wait_more(50)
            assert lb.proxy_pid == serving
        upgrading.upgrade()
        traffic.wait_more()
    assert not traffic.failures


def test_the_serving_one_crashes_meanwhile(upgrading):
    """Whoever comes serves; nobody who was not accepted is refused."""
    lb = upgrading.lb
    with Traffic(lb.address, kept=2, fresh=2) as traffic:
        traffic.wait_more()
        serving = lb.proxy_pid
        coming = start_coming(upgrading)
        os.kill(serving, signal.SIGKILL)
        os.kill(coming, signal.SIGCONT)
        traffic.wait_more()
    assert not traffic.refused()
    assert len(traffic.failures) <= 4
    lb.wait_ready(2)
    wait_for(lambda: len(lb.proxy_pids()) == 1, "one serves")


def test_the_leaving_one_crashes(upgrading, connect):
    """It takes with it what ran in it, and nobody else."""
    lb = upgrading.lb
    old = lb.proxy_pid
    slow = connect(lb).request(target="/delay/60000")
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 1, "it runs")
    with Traffic(lb.address, kept=2, fresh=2) as traffic:
        new = upgrading.upgrade()
        traffic.wait_more()  # those that stayed have come over
        failed = len(traffic.failures)
        os.kill(old, signal.SIGKILL)
        assert slow.ends()
        traffic.wait_more()
        assert len(traffic.failures) == failed == 0
    assert lb.proxy_pid == new


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGSTOP])
def test_discovery_is_gone_meanwhile(end, upgrading, cleanup):
    lb = upgrading.lb
    pid = upgrading.discovery.pid()
    with Traffic(lb.address, kept=2, fresh=2) as traffic:
        upgrading.discovery.refuses = end == signal.SIGKILL
        os.kill(pid, end)
        if end == signal.SIGSTOP:
            cleanup.callback(lambda: None if processes.is_gone(pid) else os.kill(pid, signal.SIGCONT))
        for _ in range(2):
            upgrading.upgrade()
            traffic.wait_more()
    assert not traffic.failures
    assert lb.states() == {"one": "ready", "two": "ready"}


def test_reload_after_an_upgrade(upgrading):
    upgrading.upgrade()
    upgrading.lb.reload()
    upgrading.upgrade()
    upgrading.lb.reload()
    upgrading.lb.wait_ready(2)
