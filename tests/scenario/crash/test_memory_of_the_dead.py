"""What a process knew is known to the next one: the last line of the world, and the operator's orders. Discovery need not
be there for it."""

import os
import signal

import pytest

from support.discovery import endpoint
from support.waiting import wait_for


def discovery_goes_on(_crashing):
    pass


def discovery_stands_still(crashing):
    os.kill(crashing.discovery.pid(), signal.SIGSTOP)


def discovery_is_gone(crashing):
    crashing.discovery.refuses = True
    crashing.discovery.kill()
    wait_for(lambda: crashing.lb.pool()["discovery"].get("running") is not True, "lb knows of its end")


WAYS = [discovery_goes_on, discovery_stands_still, discovery_is_gone]


@pytest.fixture(name="orders")
def give_orders(crashing):
    """Two, and one that was taken back."""
    lb = crashing.lb
    assert lb.order("/endpoints/one/drain")[0] == 200
    assert lb.order("/endpoints/two/weight?value=7")[0] == 200
    return crashing


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_world_and_orders_hold(way, orders, connect, cleanup):
    lb = orders.lb
    if way is discovery_stands_still:
        cleanup.callback(os.kill, orders.discovery.pid(), signal.SIGCONT)
    way(orders)
    for _ in range(3):
        orders.crash()
        assert connect(lb).get().get("X-Served-By") in ("two", None)
        assert lb.states() == {"one": "draining", "two": "ready"}
        assert lb.endpoints()["two"]["weight"] == 7
    assert lb.order("/endpoints/one/undrain")[0] == 200
    lb.wait_ready(2)
    orders.crash()
    lb.wait_ready(2)
    assert lb.endpoints()["two"]["weight"] == 7


def test_what_is_told_after_the_crash_is_taken(crashing, start_appserver):
    """The discovery that went on is read on, from a whole line on, by the next process."""
    lb = crashing.lb
    for round_number in range(3):
        crashing.crash()
        name = f"more-{round_number}"
        crashing.servers[name] = start_appserver(name)
        crashing.tell()
        lb.wait_ready(len(crashing.servers))
        del crashing.servers[name]
        crashing.tell()
        lb.wait_ready(len(crashing.servers))
    assert len(crashing.discovery.connections) == 1


def test_half_a_line_is_left_out(crashing, start_appserver):
    """The end of what the dead one had begun to read is no line."""
    lb = crashing.lb
    crashing.discovery.send_bytes(b'{"v":1,"source":"fi')
    crashing.crash()
    crashing.discovery.send_bytes(b'le","services":[]}\n')
    three = start_appserver("three")
    crashing.servers["three"] = three
    crashing.tell()
    lb.wait_ready(3)
    assert not [text for text in lb.messages() if "line" in text and "discovery" in text and "bad" in text]


def test_a_world_without_endpoints_is_kept_too(crashing):
    """Nothing is known to be there; that is not the same as nothing known."""
    crashing.discovery.send()
    wait_for(lambda: not crashing.lb.endpoints(), "it is empty")
    crashing.crash()
    assert not crashing.lb.endpoints()
    crashing.discovery.send(*(endpoint(name, server.address) for name, server in crashing.servers.items()))
    crashing.lb.wait_ready(2)


def test_what_was_ordered_last_counts(crashing):
    lb = crashing.lb
    for state, order in [("draining", "drain"), ("ready", "undrain"), ("disabled", "disable"), ("ready", "enable")]:
        assert lb.order(f"/endpoints/one/{order}")[0] == 200
        crashing.crash()
        lb.wait_states(one=state, two="ready")


def test_orders_of_a_state_file_hold_once(start_crashing, tmp_path):
    """--state and what the master keeps say the same."""
    crashing = start_crashing(f"--state={tmp_path}/state.json")
    assert crashing.lb.order("/endpoints/one/drain")[0] == 200
    crashing.crash()
    crashing.lb.wait_states(one="draining", two="ready")
    assert crashing.lb.order("/endpoints/one/undrain")[0] == 200
    crashing.crash()
    crashing.lb.wait_states(one="ready", two="ready")
