"""A server under another name or weight is the same server, whatever else changes in the same line."""

import json
import threading

import pytest

from patient import BAD, CHECK_PATH, GOOD
from support.discovery import endpoint
from support.waiting import wait_for

CHECKED = [f"--check-path={CHECK_PATH}", "--check-interval=20ms", "--check-rise=1", "--check-fall=1"]


@pytest.fixture(name="file")
def make_file(tmp_path):
    """file(server, …): the file of services for a real lb-discovery, replaced as an editor does."""
    path = tmp_path / "services.json"

    def write(backend, **more):
        entry = {"address": backend.address[0], "port": backend.address[1], "id": "one", **more}
        new = tmp_path / "new"
        new.write_text(json.dumps({"services": [{"name": "appserver", "endpoints": [entry]}]}))
        new.rename(path)
    write.flags = ["--file", path]
    return write


def test_another_weight_and_draining_at_once_then_ready(file, start_lb, patient, ask):
    """The watch of the check once stayed with the object that was freed."""
    one = patient("one")
    file(one, name="one")
    lb = start_lb(*CHECKED, *file.flags).wait_ready(1)
    for weight in range(2, 6):
        file(one, name="one", weight=weight, state="draining")
        lb.wait_states(one="draining")
        file(one, name="one", weight=weight, state="ready")
        lb.wait_states(one="ready")
        assert ask(lb, 2) == ["one"] * 2
    one.check = BAD
    lb.wait_states(one="failing")
    one.check = GOOD
    lb.wait_states(one="ready")


@pytest.mark.parametrize("state", ["draining", "paused", "unhealthy", "starting"])
@pytest.mark.parametrize("change", [{"name": "two"}, {"weight": 9}, {"name": "two", "weight": 9},
                                    {"name": "two", "check": {"mode": "off"}},
                                    {"name": "two", "check": {"path": CHECK_PATH + "?"}}])
def test_whatever_changes_as_it_leaves(change, state, start_lb, discovery, patient, ask):
    one = patient("one")
    lb = start_lb(*CHECKED, *discovery.flags)
    discovery.send(endpoint("one", one.address, id="1"))
    lb.wait_ready(1)
    name = change.get("name", "one")
    now = {"id": "1", **change}
    now.pop("name", None)
    discovery.send(endpoint(name, one.address, state=state, **now))
    lb.wait_states(**{name: state})
    discovery.send(endpoint(name, one.address, **now))
    lb.wait_states(**{name: "ready"})
    discovery.send(endpoint("one", one.address, id="1"))
    lb.wait_states(one="ready")
    one.check = BAD
    lb.wait_states(one="failing")
    assert ask(lb, 2) == ["one"] * 2  # it is the only one: panic


def test_a_rename_while_its_check_is_running(start_lb, discovery, patient):
    one = patient("one")
    lb = start_lb(*CHECKED, "--check-timeout=1m", *discovery.flags)
    discovery.send(endpoint("one", one.address, id="1"))
    lb.wait_ready(1)
    one.hold.clear()
    wait_for(lambda: one.running_checks == 1, "a check is running")
    one.check = BAD
    discovery.send(endpoint("two", one.address, id="1"))
    lb.wait_states(two="ready")
    one.hold.set()
    lb.wait_states(two="failing")
    one.check = GOOD
    lb.wait_states(two="ready")


def test_one_that_goes_while_its_check_is_running(start_lb, discovery, patient, ask):
    one, two = patient("one"), patient("two")
    lb = start_lb(*CHECKED, "--check-timeout=1m", *discovery.flags)
    discovery.send(endpoint("one", one.address), endpoint("two", two.address))
    lb.wait_ready(2)
    one.hold.clear()
    wait_for(lambda: one.running_checks == 1, "a check is running")
    discovery.send(endpoint("two", two.address))
    lb.wait_states(two="ready")
    one.hold.set()
    discovery.send(endpoint("one", one.address), endpoint("two", two.address))
    lb.wait_ready(2)
    assert sorted(ask(lb, 4)) == ["one"] * 2 + ["two"] * 2


def test_orders_and_requests_that_run_go_over(start_lb, discovery, patient, connect):
    """Who waits for `inflight 0` to stop a container must not be told so too early."""
    one, two = patient("one"), patient("two")
    lb = start_lb(*CHECKED, *discovery.flags)
    discovery.send(endpoint("one", one.address, id="1"), endpoint("two", two.address))
    lb.wait_ready(2)
    slow = hold_requests(one)
    client = connect(lb)
    while not one.asked_count:
        client.request()
        wait_for(lambda: one.asked_count or two.asked_count, "it is asked")
        if not one.asked_count:
            client.read_response()
            two.asked_count = 0
    lb.order("/endpoints/1/drain")
    discovery.send(endpoint("other", one.address, id="1", weight=5), endpoint("two", two.address))
    lb.wait_states(other="draining", two="ready")
    assert lb.endpoints()["other"]["inflight"] == 1
    slow.set()
    assert client.read_response().body == b"one"
    wait_for(lambda: lb.endpoints()["other"]["inflight"] == 0, "it has ended")
    assert lb.endpoints()["other"]["requests"] == 1
    lb.order("/endpoints/1/undrain")
    lb.wait_states(other="ready", two="ready")


def hold_requests(backend):
    """Its answers to requests, not to checks, wait for the event that this gives."""
    gate = threading.Event()
    send = backend.send

    def wait(connection, what):
        if what is not backend.check:
            gate.wait(20)
        send(connection, what)
    backend.send = wait
    return gate
