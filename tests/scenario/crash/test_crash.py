"""A bug of the process that serves costs what ran in it, and nothing else."""

import os
import re
import signal
import time

import pytest

from support.traffic import Knocking, Traffic
from support.client import RawClient
from support.waiting import is_stopped, wait_for

ENDS = [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT]
# What an end of its own tells the kernel takes a report first; under a sanitizer it is the sanitizer's.
OF_ITSELF = [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS]


@pytest.mark.parametrize("workers", [1, 3])
def test_who_was_not_accepted_is_answered_by_the_next_process(workers, start_crashing):
    """The process stands still, so that nobody is accepted; then it is gone. What waits in the sockets waits on."""
    crashing = start_crashing(f"--workers={workers}")
    lb = crashing.lb
    first = lb.proxy_pid
    os.kill(first, signal.SIGSTOP)
    wait_for(lambda: is_stopped(first), "it stands still")
    knocking = Knocking(lb.address, 100)
    assert knocking.silent_count() == 100
    os.kill(first, signal.SIGKILL)
    assert knocking.read_all() == [200] * 100
    assert lb.proxy_pid != first and lb.process.poll() is None
    assert crashing.lost() == 0


def test_admin_connections_wait_as_well(crashing):
    lb = crashing.lb
    first = lb.proxy_pid
    os.kill(first, signal.SIGSTOP)
    wait_for(lambda: is_stopped(first), "it stands still")
    with RawClient(lb.admin) as client:
        client.request(target="/healthz", host="admin")
        os.kill(first, signal.SIGKILL)
        assert client.read_response().status == 200


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.name)
def test_under_load(end, crashing, built_with, tell_time):
    """Each client has one request at a time: so many can be lost with a process, and each on a connection that it had."""
    if built_with and end != signal.SIGKILL:
        pytest.skip("a sanitizer makes an end of its own of it")
    lb = crashing.lb
    with Traffic(lb.address, kept=4, puts=2, fresh=4) as traffic:
        traffic.wait_more()
        for _ in range(3):
            failed = len(traffic.failures)
            begun = time.monotonic()
            crashing.crash(end)
            traffic.wait_more(1)
            tell_time(f"{end.name}, to the next answer", begun)
            traffic.wait_more()
            assert len(traffic.failures) - failed <= 10
    assert not traffic.refused()
    assert len(traffic.failures) <= 3 * 10
    assert crashing.crashes() == {end.name: 3}


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.name)
def test_what_ran_is_lost_and_counted(end, crashing, connect, built_with):
    """Seven run, three connections are idle: seven are lost, each client sees it, and the count outlives the process."""
    if built_with and end != signal.SIGKILL:
        pytest.skip("a sanitizer makes an end of its own of it")
    lb = crashing.lb
    idle = [connect(lb) for _ in range(3)]
    assert {client.get().status for client in idle} == {200}
    running = [connect(lb).request(target="/delay/60000") for _ in range(7)]
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 7, "seven run")
    crashing.crash(end)
    assert all(client.ends() for client in [*running, *idle])
    assert crashing.lost() == 7
    assert crashing.crashes() == {end.name: 1}
    crashing.crash()
    assert crashing.lost() == 7
    found = lb.wait_message(rf"lb-proxy \d+ ended by signal {end.value} \({end.name}\).*\b(\d+) requests? that ran")
    assert found[1] == "7"


@pytest.mark.parametrize("end", OF_ITSELF, ids=lambda end: end.name)
def test_report(end, crashing, built_with):
    """Signal, version, build id and where it stood are in the log, before the master's word of it. It waits in the
    kernel, called by libraries without frame pointers: how far the way leads back is the build's."""
    if built_with:
        pytest.skip("a sanitizer makes a report of its own")
    crashing.crash(end)
    found = crashing.lb.wait_message(rf"crashed: signal {end.value} \({end.name}\)")
    message = found.string
    assert "build id " in message and "build id unknown" not in message
    assert re.search(r"\S+\+0x[0-9a-f]+", message), message
    order = [i for i, text in enumerate(crashing.lb.messages()) if "crashed: signal" in text or " ended by signal" in text]
    assert "crashed: signal" in crashing.lb.messages()[order[0]]


def test_counters_of_the_process_begin_anew_and_those_of_crashes_do_not(crashing, connect):
    lb = crashing.lb
    assert {connect(lb).get().status for _ in range(5)} == {200}
    for count in range(1, 4):
        crashing.crash()
        assert lb.metrics().value("lb_process_starts_total") == count + 1
        assert crashing.crashes() == {"SIGKILL": count}
    assert connect(lb).get().status == 200


def test_an_end_in_order_after_a_crash(crashing, connect):
    crashing.crash()
    assert connect(crashing.lb).get().status == 200
    crashing.lb.stop()
    assert crashing.lb.messages()[-1] == "stopped"


def test_it_ends_while_nothing_serves(crashing):
    """In the middle of a back-off there is nobody to ask: it ends all the same."""
    lb = crashing.lb
    for _ in range(4):
        crashing.crash()
    lb.wait_message("again and again")
    last = lb.proxy_pid
    os.kill(last, signal.SIGKILL)
    lb.wait_message(f"lb-proxy {last} ended by signal")
    lb.stop()


@pytest.mark.parametrize("_turn", range(3))
def test_it_ends_while_the_next_one_begins(crashing, _turn):
    """Which does not heed SIGTERM yet, and is ended by it: that is an end in order, too."""
    lb = crashing.lb
    pid = lb.proxy_pid
    os.kill(pid, signal.SIGKILL)
    lb.wait_message(f"lb-proxy {pid} ended by signal")
    lb.stop()
