"""lb --consul: what is in a real catalog gets requests, as its checks, weights and tags say."""
import os
import time

import pytest
from load import percentile
from reader import who_answers
from support.waiting import wait_for

CHANGES = int(os.environ.get("LB_TEST_CONSUL_CHANGES", "40"))   # by hand: 300


@pytest.mark.quick
def test_registered_gets_requests_deregistered_none(agent, offer, follow, connect):
    lb = follow(agent)
    assert who_answers(connect, lb) == {503: 1}
    offer("a")
    offer("b", check="passing")
    lb.wait_states(a="ready", b="ready")
    assert who_answers(connect, lb, 20) == {"a": 10, "b": 10}
    agent.deregister("a")
    wait_for(lambda: set(who_answers(connect, lb, 4)) == {"b"}, "a is not asked any more")


def test_as_the_checks_say(agent, offer, follow):
    offer("a", check="passing")
    offer("b", check="passing")
    lb = follow(agent)
    lb.wait_states(a="ready", b="ready")
    agent.set_check("a", "critical", "disk full")
    lb.wait_states(a="unhealthy", b="ready")
    agent.set_check("a", "warning")
    lb.wait_states(a="ready", b="ready")
    agent.set_maintenance("a", True)
    lb.wait_states(a="draining", b="ready")
    agent.set_maintenance("a", False)
    lb.wait_states(a="ready", b="ready")
    agent.set_node_maintenance(True)
    lb.wait_states(a="draining", b="draining")
    agent.set_node_maintenance(False)
    lb.wait_states(a="ready", b="ready")


def test_weights_also_those_of_a_warning(agent, offer, follow, connect):
    weights = {"Passing": 3, "Warning": 1}
    offer("a", check="passing", Weights=weights)
    offer("b", check="passing", Weights=weights)
    lb = follow(agent, "--workers=1")
    lb.wait_states(a="ready", b="ready")
    agent.set_check("b", "warning")
    wait_for(lambda: lb.endpoints()["b"]["weight"] == 1, "the weight of a warning")
    assert who_answers(connect, lb, 40) == {"a": 30, "b": 10}


def test_tags_of_three_dialects_route(agent, offer, follow, connect):
    offer("mine", "one", Tags=["lb.host=one.test"])
    offer("fabio", "two", Tags=["urlprefix-two.test/"], check="passing")
    offer("traefik", "three", Tags=["traefik.enable=true", "traefik.http.routers.three.rule=Host(`three.test`)"])
    offer("untagged", "four")
    lb = follow(agent)
    for host, name in (("one.test", "mine"), ("two.test", "fabio"), ("three.test", "traefik")):
        wait_for(lambda: who_answers(connect, lb, host=host) == {name: 1}, f"{host} leads to {name}")  # noqa: B023
    assert who_answers(connect, lb, host="four.test") == {503: 1}
    assert "untagged" not in lb.endpoints()


def test_tagged_address_and_port_by_hand(agent, start_appserver, follow, connect):
    server = start_appserver("a")
    agent.register("a", "web", 1, "198.51.100.1",
                   TaggedAddresses={"wan": {"address": "127.0.0.1", "port": server.address[1]}})
    lb = follow(agent, "--consul-address=wan")
    wait_for(lambda: who_answers(connect, lb) == {"a": 1}, "it is reached by its address wan")
    agent.register("a", "web", 1, "127.0.0.1")
    lb = follow(agent, f"--consul-port=web={server.address[1]}")
    wait_for(lambda: who_answers(connect, lb) == {"a": 1}, "it is reached by the port given by hand")


def test_an_entry_without_address_is_on_its_node(agent, start_appserver, follow, connect):
    server = start_appserver("a", f"--listen={agent.address}:0")
    agent.register("a", "web", server.wait_listening()[0][1], "")
    lb = follow(agent)
    wait_for(lambda: who_answers(connect, lb) == {"a": 1}, "the node's address")


@pytest.mark.slow("changes, one after the other, with a pause before each")
@pytest.mark.parametrize("pause_s", [0.15, 0])
def test_from_a_change_to_all_workers(pause_s, agent, offer, follow, record_property):
    """From before the agent is told to when the workers have it, in quiet times and when one follows the other at
    once. Only that each comes is judged; the figures are printed."""
    offer("a", check="passing")
    offer("b", check="passing")
    lb = follow(agent, "--workers=2")
    lb.wait_states(a="ready", b="ready")
    took = []
    for number in range(CHANGES):
        time.sleep(pause_s)
        wanted = "unhealthy" if number % 2 == 0 else "ready"
        begun = time.monotonic()
        agent.set_check("a", "critical" if wanted == "unhealthy" else "passing")
        wait_for(lambda: lb.states()["a"] == wanted, f"a is {wanted}", pause_s=0.0005)  # noqa: B023
        took.append(1000 * (time.monotonic() - begun))
    figures = f"{percentile(took, 0.5):.1f} / {percentile(took, 0.99):.1f} / {max(took):.1f} ms"
    print(f"\n{CHANGES} changes with {1000 * pause_s:g} ms between: p50 / p99 / worst {figures}")
    record_property("latency", figures)
