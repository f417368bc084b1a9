"""What an agent has is what runs: containers that come, change, are told to stop, and go."""

import json

from registering_host import ENGINE, cid, id_of, owned, set_health, web
from support.waiting import wait_for, wait_until_still


def test_a_container_comes_and_goes(agent, host):
    host.add(web(1))
    host.start()
    agent.wait_for(lambda: id_of(1) in agent.services)
    entry = agent.services[id_of(1)]
    assert (entry["Service"], entry["Port"]) == ("web", 30001)
    assert entry["Meta"] == {"lb-owner": ENGINE, "lb-container": cid(1), "lb-port": "80"}
    assert not agent.checks  # it has no HEALTHCHECK
    host.start_container(web(2))
    agent.wait_for(lambda: owned(agent) == {id_of(1), id_of(2)})
    host.end_container(1)
    agent.wait_for(lambda: owned(agent) == {id_of(2)})


def test_told_to_stop(agent, host):
    """Maintenance first, then nothing more."""
    host.add(web(1))
    host.start()
    agent.wait_for(lambda: id_of(1) in agent.services)
    host.tell_to_stop(1)
    agent.wait_for(lambda: agent.reason(id_of(1)) == "lb: told to stop")
    assert id_of(1) in agent.services
    host.end_container(1)
    agent.wait_for(lambda: not agent.services and not agent.checks)


def test_ended_before_it_was_drained(agent, host):
    """However quick it is: what counts is that it is gone."""
    host.add(web(1), web(2))
    host.start()
    agent.wait_for(lambda: len(owned(agent)) == 2)
    agent.hold.clear()
    host.tell_to_stop(1)
    agent.wait_for(lambda: agent.at_once >= 1)
    host.end_container(1)
    host.start_container(web(3))
    agent.wait_for(lambda: agent.at_once >= 2)  # of 3: so the end of 1 is known
    agent.hold.set()
    agent.wait_for(lambda: owned(agent) == {id_of(2), id_of(3)})
    assert not agent.clashes


def test_health_is_told_at_once(agent, host):
    one = web(1, health="starting")
    host.add(one)
    host.start()
    agent.wait_for(lambda: agent.status(id_of(1)) == "warning")
    for health, status in (("healthy", "passing"), ("unhealthy", "critical"), ("healthy", "passing")):
        set_health(one, health, "curl: (7)\nno route")
        host.engine.event(f"health_status: {health}", cid(1))
        agent.wait_for(lambda: agent.status(id_of(1)) == status)
        if status == "critical":
            agent.wait_for(lambda: "curl: (7) no route" in (agent.output(id_of(1)) or ""))
    told = agent.checks["service:" + id_of(1)]["told"]
    assert told["TTL"] == "30s"
    assert agent.asked("PUT /v1/agent/service/register") == 1


def test_a_check_is_kept_alive(agent, host, clock):
    host.add(web(1, health="healthy"))
    host.start(environment=clock.env)
    agent.wait_for(lambda: agent.checks.get("service:" + id_of(1), {}).get("updates", 0) >= 1)
    for count in (2, 3):
        clock.pass_s(11)  # of 30
        agent.wait_for(lambda: agent.checks["service:" + id_of(1)].get("updates", 0) >= count)


def test_ttl_and_deregistration_by_flags(agent, host):
    host.add(web(1))
    host.start("--register-ttl=15s", "--deregister-after=10m", "--register-tags=a,b")
    agent.wait_for(lambda: agent.status(id_of(1)) == "passing")
    told = agent.checks["service:" + id_of(1)]["told"]
    assert (told["TTL"], told["DeregisterCriticalServiceAfter"]) == ("15s", "10m")
    assert set(agent.services[id_of(1)]["Tags"]) == {"a", "b"}
    agent.wait_for(lambda: agent.output(id_of(1)) == "it runs")


def test_what_an_agent_has_lost(agent, host):
    """One entry alone is noticed by its check, all of them by the question that waits."""
    host.add(web(1), web(2))
    host.start()
    agent.wait_for(lambda: len(owned(agent)) == 2)
    agent.wait_for(lambda: any("hash=" in query for _, _, query, _ in agent.requests))
    with agent.changed:
        agent.services, agent.checks = {}, {}
        agent.changed.notify_all()
    agent.wait_for(lambda: len(owned(agent)) == 2, 5)


def test_what_an_agent_has_otherwise(agent, host, minute):
    """Looked at each minute."""
    host.add(web(1, health="healthy"), web(2), web(3))
    agent.rules = [("GET /v1/agent/service/", (200, b"{}"))]  # so that only the clock tells
    host.start(environment=minute.env)
    agent.wait_for(lambda: len(owned(agent)) == 3 and agent.status(id_of(1)) == "passing")
    with agent.changed:
        agent.services[id_of(2)]["Tags"] = ["strange"]
        agent.checks["service:" + id_of(1)]["Notes"] = "another check"
        del agent.services[id_of(3)]
    minute.pass_s(61)
    agent.wait_for(lambda: agent.services[id_of(2)]["Tags"] == [] and id_of(3) in agent.services)
    agent.wait_for(lambda: "told by lb-discovery" in agent.checks["service:" + id_of(1)]["Notes"])


def test_a_list_that_is_late(agent, host):
    """What has changed since it was made is known better."""
    host.add(web(1))
    host.start()
    agent.wait_for(lambda: any("hash=" in query for _, _, query, _ in agent.requests))
    agent.hold_lists.clear()
    lists = agent.asked("GET /v1/agent/services")
    with agent.changed:
        agent.services = {}
        agent.changed.notify_all()
    agent.wait_for(lambda: agent.asked("GET /v1/agent/services") > lists)
    host.start_container(web(2))
    agent.wait_for(lambda: id_of(2) in agent.services)
    agent.hold_lists.set()
    agent.wait_for(lambda: id_of(1) in agent.services)
    host.start_container(web(3))
    agent.wait_for(lambda: id_of(3) in agent.services)
    assert agent.asked("PUT /v1/agent/service/register") == 4


def test_after_a_crash(agent, host):
    """What ended meanwhile is deregistered, what runs is not told anew."""
    host.add(web(1), web(2))
    host.start()
    agent.wait_for(lambda: len(owned(agent)) == 2)
    host.kill()
    del host.engine.containers[cid(1)]
    host.add(web(3))
    count = agent.asked("PUT /v1/agent/service/register")
    host.start()
    agent.wait_for(lambda: owned(agent) == {id_of(2), id_of(3)})
    assert agent.asked("PUT /v1/agent/service/register") == count + 1


def test_at_the_end_entries_stay(agent, host):
    host.add(web(1))
    host.start()
    agent.wait_for(lambda: len(owned(agent)) == 1)
    host.end()
    assert owned(agent) == {id_of(1)} and not agent.reason(id_of(1))


def test_many_at_once(agent, host):
    """No more than 16 requests at a time, of one entry never two, and nothing is left behind."""
    host.add(*(web(number) for number in range(1, 200)))
    agent.hold.clear()
    host.start()
    agent.wait_for(lambda: agent.at_once >= 16)
    assert wait_until_still(lambda: agent.at_once, "requests come") == 16
    agent.hold.set()
    agent.wait_for(lambda: len(owned(agent)) == 199)
    for number in range(1, 200):
        host.tell_to_stop(number)
        host.end_container(number)
        if number % 3 == 0:
            host.start_container(web(number))
    left = {id_of(number) for number in range(1, 200) if number % 3 == 0}
    agent.wait_for(lambda: owned(agent) == left and not agent.reason(id_of(3)))
    assert agent.at_once_most <= 18  # and two lists
    assert not agent.clashes


def test_words_that_consul_does_not_take(agent, host):
    """They are left out, or the entry is; the others do not suffer."""
    pairs = [f"SERVICE_K{number}=v" for number in range(70)]
    host.add(web(1, env=pairs), web(2, env=["SERVICE_ID=a//b"]), web(3, env=["SERVICE_TAGS=good,two\nlines"]),
             web(4, env=["SERVICE_ID=twice"]), web(5, env=["SERVICE_ID=twice"]), web(6))
    watcher = host.start()
    agent.wait_for(lambda: {id_of(1), id_of(3), id_of(6), "twice"} <= owned(agent))
    assert len(agent.services[id_of(1)]["Meta"]) == 64
    assert agent.services[id_of(3)]["Tags"] == ["good"]
    watcher.wait_message("SERVICE_ID")
    watcher.wait_message("64 pairs")
    watcher.wait_message("is left out")
    watcher.wait_message("which is the id of web4")
    assert agent.services["twice"]["Meta"]["lb-container"] == cid(4)
    assert "a//b" not in agent.services


def test_the_engine_goes_and_comes(agent, host):
    """What is registered stays as long as nobody knows better."""
    host.add(web(1), web(2))
    watcher = host.start()
    agent.wait_for(lambda: len(owned(agent)) == 2)
    host.engine.stop()
    watcher.wait_message("the last state is kept")
    del host.engine.containers[cid(1)]
    assert len(owned(agent)) == 2
    host.engine.start()
    agent.wait_for(lambda: owned(agent) == {id_of(2)})


def test_requests_are_as_the_api_wants_them(agent, host):
    host.add(web(1, health="healthy", env=["SERVICE_ID=a b/c?d%é"]))
    host.start()
    agent.wait_for(lambda: agent.status("a b/c?d%é") == "passing")
    body = next(json.loads(body) for method, path, _, body in agent.requests if path.endswith("/register"))
    assert body["Check"]["CheckID"] == "service:a b/c?d%é"
    host.tell_to_stop(1)
    agent.wait_for(lambda: agent.reason("a b/c?d%é"))
    host.end_container(1)
    wait_for(lambda: not agent.services, "deregistered")
