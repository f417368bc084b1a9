"""An agent that is away, hangs, refuses, or has too much to do: the newest state counts when it is well again, one entry
that it does not take holds up no other, and people are told why and what to do."""

import pytest
from registering_host import cid, id_of, owned, set_health, web
from support.waiting import wait_for

REGISTER = "PUT /v1/agent/service/register"


def test_away_at_first(agent, host):
    agent.stop()
    host.add(web(1))
    watcher = host.start()
    watcher.wait_message("takes no registrations: cannot connect: Connection refused")
    watcher.wait_message("start the agent, or name another place with --register")
    agent.start()
    agent.wait_for(lambda: owned(agent) == {id_of(1)})
    watcher.wait_message("is kept registered there")


def test_only_the_newest_state_counts(agent, host):
    """Of all that came and went while it was away nothing is told."""
    host.add(web(1), web(2))
    watcher = host.start()
    agent.wait_for(lambda: len(owned(agent)) == 2)
    agent.stop()
    watcher.wait_message("takes no registrations")
    told = len(agent.requests)
    for number in range(10, 40):
        host.start_container(web(number))
        host.tell_to_stop(number)
        host.end_container(number)
    host.tell_to_stop(1)
    host.end_container(1)
    host.start_container(web(3))
    wait_for(lambda: host.engine.count_requests(f"/containers/{cid(3)}"), "the last is known")
    agent.start()
    agent.wait_for(lambda: owned(agent) == {id_of(2), id_of(3)})
    changes = [path for method, path, *_ in agent.requests[told:] if method == "PUT"]
    assert sorted(changes) == ["/v1/agent/service/deregister/" + id_of(1), "/v1/agent/service/register"]


def test_wiped_and_back(agent, host):
    host.add(web(1, health="unhealthy"), web(2))
    host.start()
    agent.wait_for(lambda: len(owned(agent)) == 2 and agent.status(id_of(1)) == "critical")
    agent.wait_for(lambda: any("hash=" in query for _, _, query, _ in agent.requests))
    agent.stop()
    agent.start(forgets=True)
    agent.wait_for(lambda: len(owned(agent)) == 2 and "its output" in (agent.output(id_of(1)) or ""))


def test_token_taken_away_and_given_back(agent, host):
    host.add(*(web(number) for number in range(1, 31)))
    refusal = (403, b"Permission denied: Missing service:write on web")
    agent.rules = [(REGISTER, refusal)]
    watcher = host.start()
    watcher.wait_message("status 403, Permission denied: Missing service:write on web")
    watcher.wait_message('service \\"web\\" { policy = \\"write\\" }')
    watcher.wait_message("30 in all")
    agent.rules = []
    agent.wait_for(lambda: len(owned(agent)) == 30)
    watcher.wait_message("Consul takes all entries again")
    agent.rules = [("GET /v1/agent/", (403, b"ACL not found")), ("PUT ", (403, b"ACL not found"))]
    agent.break_off()
    host.start_container(web(40))
    watcher.wait_message("ACL not found")
    watcher.wait_message("CONSUL_HTTP_TOKEN_FILE")
    agent.rules = []
    agent.wait_for(lambda: len(owned(agent)) == 31)


@pytest.mark.parametrize("which, does", [
    ("the list", (500, b"rpc error: No cluster leader")), ("the list", (200, b"[{{{")), ("the list", (200, b"[1]")),
    ("the list", "cut"), ("changes", (500, b"No cluster leader")), ("changes", (429, b"slow down")),
    ("changes", "cut")])
def test_an_agent_in_trouble(agent, host, which, does):
    agent.rules = [("GET /v1/agent/checks" if which == "the list" else "PUT", does)]
    host.add(web(1, health="healthy"), web(2))
    watcher = host.start()
    watcher.wait_message("takes no registrations" if which == "the list" else "Consul does not register")
    agent.rules = []
    agent.wait_for(lambda: len(owned(agent)) == 2 and agent.status(id_of(1)) == "passing")


@pytest.mark.parametrize("which", ["GET /v1/agent/services", REGISTER])
def test_an_agent_that_hangs(agent, host, clock, which):
    host.add(web(1), web(2))
    agent.rules = [(which, "hang")]
    watcher = host.start(environment=clock.env)
    agent.wait_for(lambda: agent.asked(which) >= 1)
    agent.rules = []
    clock.pass_s(16)
    agent.wait_for(lambda: len(owned(agent)) == 2)
    watcher.wait_message("no answer came in time" if which != REGISTER else "is kept registered")


def test_one_entry_holds_up_no_other(agent, host):
    """Of a container that says nonsense."""
    host.add(web(1, env=["SERVICE_ID=bad"]), web(2), web(3))
    agent.rules = [("PUT /v1/agent/service/deregister/bad", (500, b"no")),
                   ("GET /v1/agent/service/bad", (400, b"Invalid check: Interval must be > 0"))]
    watcher = host.start()
    agent.wait_for(lambda: owned(agent) >= {id_of(2), id_of(3)})
    agent.rules.append((REGISTER, (400, b"Invalid check: Interval must be > 0")))
    host.start_container(web(4))
    watcher.wait_message("register h1:web4:80 (container web4): status 400, Invalid check: Interval must be > 0")
    host.end_container(2)
    agent.wait_for(lambda: id_of(2) not in agent.services)


def test_drained_while_registering_is_refused(agent, host):
    one = web(1, health="healthy")
    host.add(one)
    host.start()
    agent.wait_for(lambda: agent.status(id_of(1)) == "passing")
    agent.rules = [("PUT /v1/agent/service/maintenance/", (403, b"Permission denied"))]
    host.tell_to_stop(1)
    agent.wait_for(lambda: agent.asked("PUT /v1/agent/service/maintenance/") >= 1)
    host.end_container(1)  # it is deregistered at once, not after the wait of what was refused
    agent.wait_for(lambda: not agent.services, 5)


def test_unknown_check(agent, host):
    """The agent has the service, and has lost its check."""
    one = web(1, health="healthy")
    host.add(one)
    host.start()
    agent.wait_for(lambda: agent.status(id_of(1)) == "passing")
    with agent.changed:
        agent.checks = {}
    set_health(one, "unhealthy")
    host.engine.event("health_status: unhealthy", cid(1))
    agent.wait_for(lambda: agent.status(id_of(1)) == "critical")
    assert agent.asked(REGISTER) == 2
