"""Consul in trouble under load: the last good state stays, no GET fails, and what changes afterwards is heard of."""
import itertools
import os
import time

import pytest
from agent import acl_settings, make_token
from support.waiting import wait_for

DOWN_SECONDS = float(os.environ.get("LB_TEST_CONSUL_DOWN", "6"))   # a minute by hand: 60

READ = 'service_prefix "" { policy = "read" } node_prefix "" { policy = "read" } agent_prefix "" { policy = "read" }'


def leader_of(agents):
    address = agents[0].get("/v1/status/leader").partition(":")[0]
    return next(agent for agent in agents if agent.address == address)


def later_changes_arrive(lb, agent, load):
    """Both ways: a leaves, and comes back."""
    agent.set_check("a", "critical")
    wait_for(lambda: lb.states() == {"a": "unhealthy", "b": "ready"}, "a is unhealthy", 60)
    agent.set_check("a", "passing")
    wait_for(lambda: lb.states() == {"a": "ready", "b": "ready"}, "a is ready", 60)
    assert not load.end().failures and load.count > 100
    assert {"a", "b"} <= set(load.served_by)


@pytest.fixture
def served(offer, follow, start_load):
    """served(agent, lb's agent, *flags): (lb, load on it) with a and b in it."""
    def start(agent, through=None, *flags, **options):
        offer("a", at=agent, check="passing")
        offer("b", at=agent, check="passing")
        lb = follow(through or agent, *flags, **options)
        wait_for(lambda: lb.states() == {"a": "ready", "b": "ready"}, "lb has both", 30)
        return lb, start_load(lb)
    return start


@pytest.mark.slow("an election, and a server that comes back")
def test_leader_of_three_killed(three_servers, served):
    leader = leader_of(three_servers)
    other = next(agent for agent in three_servers if agent is not leader)
    lb, load = served(other)
    leader.kill()
    wait_for(lambda: other.get("/v1/status/leader").partition(":")[0] not in ("", leader.address),
             "another leader", 60)
    assert lb.states() == {"a": "ready", "b": "ready"}
    leader.start().wait_well()
    later_changes_arrive(lb, other, load)


@pytest.mark.slow("a server on its way back")
def test_agent_killed_and_back(start_agent, served):
    agent = start_agent()
    lb, load = served(agent)
    agent.kill()
    time.sleep(1)   # some requests during that
    assert lb.states() == {"a": "ready", "b": "ready"}
    agent.start().wait_well()
    later_changes_arrive(lb, agent, load)


@pytest.mark.slow("twice the start of an agent")
def test_agent_wiped_and_back(start_agent, served):
    """Whoever registers is quick to do it again; until then the catalog is empty, and lb looks twice."""
    agent = start_agent(is_dev=True)
    lb, load = served(agent)
    servers = agent.services()
    agent.kill()
    agent.start().wait_well()
    for entry in servers.values():
        agent.register(entry["ID"], entry["Service"], entry["Port"], entry["Address"], check="passing")
    later_changes_arrive(lb, agent, load)


@pytest.mark.slow("all agents are down for a while")
def test_all_agents_down(three_servers, served, offer):
    """Meanwhile a server dies: that is lb's own to find out."""
    agent = three_servers[0]
    lb, load = served(agent, agent)
    doomed = offer("c", at=agent, check="passing")
    wait_for(lambda: lb.states().get("c") == "ready", "the third is in use")
    for each in three_servers:
        each.kill()
    begun = time.monotonic()
    doomed.stop()
    while time.monotonic() - begun < DOWN_SECONDS:
        time.sleep(0.1)
        assert set(lb.endpoints()) == {"a", "b", "c"}
    for each in three_servers:
        each.start()
    for each in three_servers:
        each.wait_well()
    wait_for(lambda: agent.services(), "its services")
    agent.deregister("c")
    wait_for(lambda: "c" not in lb.endpoints(), "c is gone", 60)
    later_changes_arrive(lb, agent, load)


@pytest.mark.slow("an agent that does that for a while")
@pytest.mark.parametrize("does", ["500", "429", "403", "empty", "hang", "cut", "close", "no json", "not http"])
def test_an_agent_that(does, start_agent, between, served):
    agent = start_agent(is_dev=True)
    spoilt = between(agent)
    lb, load = served(agent, spoilt.url)
    spoilt.turn(does)
    asked = 1 if does == "hang" else 2 if does == "empty" else 3
    changes = itertools.count(1)

    def was_asked():
        agent.register("c", "web", 9, check="critical", Meta={"change": str(next(changes))})    # wakes who waits
        return spoilt.count(does) >= asked
    wait_for(was_asked, f"it was asked and did: {does}", 60, 0.05)
    agent.deregister("c")
    assert lb.states() == {"a": "ready", "b": "ready"}
    assert spoilt.count(does) < 100, "it was asked all the time"
    spoilt.turn("pass")
    later_changes_arrive(lb, agent, load)


@pytest.fixture
def guarded(consul, tmp_path, cleanup):
    """An agent that refuses all but to who has a token, and its own token."""
    from agent import Agent
    made = Agent(consul, tmp_path / "guarded", "node1", is_dev=True, settings=acl_settings("all-rights"))
    made.token = "all-rights"
    cleanup.callback(made.close)
    return made.start().wait_well()


@pytest.mark.slow("lb asks again after a while")
@pytest.mark.parametrize("how", ["token", "rights"])
def test_token_revoked_and_restored(how, guarded, served):
    """A token that is gone is refused; one without rights sees an empty world, which is no reason to empty a pool."""
    accessor, secret = make_token(guarded, READ)
    lb, load = served(guarded, None, env={"CONSUL_HTTP_TOKEN": secret})
    token = guarded.get(f"/v1/acl/token/{accessor}")
    if how == "token":
        guarded.call("DELETE", f"/v1/acl/token/{accessor}")
    else:
        guarded.put(f"/v1/acl/token/{accessor}", {**token, "Policies": []})
    guarded.register("c", "web", 9)     # wakes who waits
    wait_for(lambda: lb.find_message("(?i)acl|token|denied"), "lb says what is wrong", 60)
    time.sleep(1)
    assert lb.states() == {"a": "ready", "b": "ready"}
    guarded.deregister("c")
    if how == "token":
        guarded.put("/v1/acl/token", {"AccessorID": accessor, "SecretID": secret, "Policies": token["Policies"]})
    else:
        guarded.put(f"/v1/acl/token/{accessor}", token)
    later_changes_arrive(lb, guarded, load)
