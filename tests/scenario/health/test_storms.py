"""Many endpoints, or very restless ones: bounded probes, bounded words."""

import os
import time

from patient import CHECK_PATH
from support.discovery import endpoint
from support.waiting import wait_for

COUNT = 500


def crowd(backend, count=COUNT, **more):
    """So many addresses that are all the same listener."""
    port = backend.address[1]
    return [endpoint(f"c{i:03}", (f"127.1.{i // 250}.{1 + i % 250}", port), **more)
            for i in range(count)]


def count_fds(lb):
    return len(os.listdir(f"/proc/{lb.proxy_pid}/fd"))


def test_500_containers_at_once(start_lb, discovery, patient, ask):
    one = patient("one", host="0.0.0.0")
    lb = start_lb(*discovery.flags)
    started = time.monotonic()
    discovery.send(*crowd(one))
    lb.wait_ready(COUNT, timeout_s=20)
    assert time.monotonic() - started < 10
    assert set(ask(lb, 20)) == {"one"}
    assert len(lb.messages()) < 100
    discovery.send(*crowd(one, 1))
    lb.wait_ready(1, timeout_s=20)
    assert len(lb.messages()) < 150
    wait_for(lambda: count_fds(lb) < 100, "no probe is left")


def test_500_that_do_not_listen(start_lb, discovery, start_backend, patient, ask):
    """Their probes are paced, and a good one among them is in at once."""
    silent = start_backend(is_listening=False)
    one = patient("one")
    lb = start_lb(*discovery.flags)
    discovery.send(*crowd(silent))
    wait_for(lambda: len(lb.states()) == COUNT, "they are known")
    discovery.send(*crowd(silent), endpoint("zzz", one.address))
    lb.wait_ready(1, timeout_s=5)
    assert ask(lb, 5) == ["one"] * 5
    assert count_fds(lb) < 250
    lb.wait_ready(1)
    assert len(lb.messages()) < 50


def test_checks_of_many_are_bounded(start_lb, discovery, patient):
    one = patient("one", host="0.0.0.0")
    lb = start_lb("--check-interval=50ms", "--check-timeout=10s", *discovery.flags)
    label = {"path": CHECK_PATH}
    discovery.send(*crowd(one, 300, check=label))
    lb.wait_ready(300, timeout_s=20)
    one.most_running_checks = 0
    one.hold.clear()
    wait_for(lambda: one.running_checks >= 64, "many checks wait for an answer")
    lb.pool()
    assert one.most_running_checks <= 64
    one.hold.set()
    lb.wait_ready(300)


def test_container_that_flaps(start_lb, discovery, patient, connect):
    """Up and down without a pause: the other one works on, nothing piles up, the log stays short."""
    stays, flaps = patient("stays"), patient("flaps")
    lb = start_lb(*discovery.flags)
    kept = endpoint("stays", stays.address)
    discovery.send(kept)
    lb.wait_ready(1)
    client = connect(lb)
    assert client.get().body == b"stays"
    fds = count_fds(lb)
    for i in range(300):
        discovery.send(kept, endpoint("flaps", flaps.address, id=f"id-{i // 2}"))
        if i % 10 == 0:
            wait_for(lambda: lb.states().get("flaps") == "ready", "it is up")
            assert {client.get().body for _ in range(4)} <= {b"stays", b"flaps"}
        discovery.send(kept)
    wait_for(lambda: lb.pool()["discovery"]["lines"] == 601, "all lines are read")
    lb.wait_states(stays="ready")
    assert {client.get().body for _ in range(4)} == {b"stays"}
    assert len(lb.messages()) < 250
    wait_for(lambda: count_fds(lb) <= fds + 4, "no probe is left")
