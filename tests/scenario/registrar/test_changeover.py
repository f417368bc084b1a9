"""lb-discovery is replaced, as by an upgrade of lb: the catalog does not notice."""

import signal

import pytest
from registering_host import cid, id_of, owned, web

CHANGES = ("PUT /v1/agent/service/register", "PUT /v1/agent/service/deregister", "PUT /v1/agent/service/maintenance")


def changes(agent):
    return [agent.asked(change) for change in CHANGES]


def updates(agent, number):
    return agent.checks.get("service:" + id_of(number), {}).get("updates", 0)


@pytest.mark.parametrize("order", ["the new one first", "both at once", "the old one first"])
def test_another_takes_over(agent, host, order):
    """Nothing is taken out and put in again, and checks are kept alive."""
    host.add(web(1), web(2, health="healthy"))
    old = host.start("--register-ttl=15s")
    agent.wait_for(lambda: owned(agent) == {id_of(1), id_of(2)} and agent.status(id_of(1)) == agent.status(id_of(2)) == "passing")
    before, told = changes(agent), updates(agent, 1)
    looks = agent.asked("GET /v1/agent/services")
    if order == "the old one first":
        assert old.end() == 0
    if order == "both at once":
        old.process.send_signal(signal.SIGTERM)
    host.start("--register-ttl=15s")
    agent.wait_for(lambda: agent.asked("GET /v1/agent/services") > looks and updates(agent, 1) > told)
    if order == "the new one first":
        assert old.process.poll() is None
        old.process.send_signal(signal.SIGTERM)
    assert old.end() == 0
    assert changes(agent) == before
    assert agent.status(id_of(1)) == agent.status(id_of(2)) == "passing"
    host.end_container(1)  # the new one is in charge
    agent.wait_for(lambda: owned(agent) == {id_of(2)})


def test_what_changes_meanwhile(agent, host):
    """While there is none a container ends and one starts: only these are told of."""
    host.add(web(1), web(2))
    host.start()
    agent.wait_for(lambda: owned(agent) == {id_of(1), id_of(2)})
    host.end()
    before = changes(agent)
    del host.engine.containers[cid(2)]
    host.add(web(3))
    host.start()
    agent.wait_for(lambda: owned(agent) == {id_of(1), id_of(3)})
    assert changes(agent) == [before[0] + 1, before[1] + 1, before[2]]
