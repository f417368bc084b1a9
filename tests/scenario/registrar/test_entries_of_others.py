"""Entries that somebody else has registered are left alone; what a registrator before lb has left is taken over."""

import pytest
from registering_host import ENGINE, HOST, RegisteringHost, cid, id_of, owned, web
from support.waiting import wait_for

META = {"lb-owner": "ANOTHER"}


def test_they_are_left_alone(agent, host):
    """Also when they look like those of this host."""
    others = {"db": {}, "h2:web1:80": {}, "h1:gone:80": {}, f"{HOST}:web9:80": {"Meta": META},
              "_nomad-task-1-web": {}, "odd//id": {"Meta": {"lb-owner": ENGINE}}}
    for service_id, more in others.items():
        agent.register(service_id, **more)
    host.add(web(1))
    host.start()
    agent.wait_for(lambda: id_of(1) in agent.services)
    host.start_container(web(2))
    agent.wait_for(lambda: id_of(2) in agent.services)
    assert set(others) < set(agent.services)
    touched = {path.split("/")[-1] for method, path, *_ in agent.requests if method == "PUT"} - {"register"}
    assert not touched


def test_takeover_from_registrator(agent, host):
    """Its entry of a container that is there becomes lb's."""
    agent.register(id_of(1), name="web", Port=30001, Tags=["old"])
    agent.checks["service:" + id_of(1)] = {"CheckID": "service:" + id_of(1), "ServiceID": id_of(1), "Notes": "",
                                           "Status": "passing", "Output": "", "Type": "http"}
    host.add(web(1))
    host.start()
    agent.wait_for(lambda: owned(agent) == {id_of(1)})
    assert agent.services[id_of(1)]["Tags"] == [] and not agent.checks
    host.end_container(1)
    agent.wait_for(lambda: not agent.services)


@pytest.mark.parametrize("cleans_up", [False, True])
def test_cleanup(agent, host, cleans_up):
    """With --register-cleanup also what registrator has left of containers that are gone."""
    for service_id in (f"{HOST}:gone:80", f"{HOST}:gone:53:udp", "h2:gone:80", f"{HOST}:gone", "mine"):
        agent.register(service_id)
    host.add(web(1))
    host.start(*(["--register-cleanup"] if cleans_up else []))
    agent.wait_for(lambda: id_of(1) in agent.services)
    left = {id_of(1), "h2:gone:80", f"{HOST}:gone", "mine"}
    if not cleans_up:
        left |= {f"{HOST}:gone:80", f"{HOST}:gone:53:udp"}
    agent.wait_for(lambda: set(agent.services) == left)


@pytest.mark.parametrize("is_there_first", [True, False])
def test_an_id_that_somebody_has(agent, host, is_there_first):
    """A container does not get it by SERVICE_ID, however late it asks."""
    if is_there_first:
        agent.register("db", name="database")
        host.add(web(1, env=["SERVICE_ID=db"]))
        watcher = host.start()
    else:
        watcher = host.start()
        agent.wait_for(lambda: agent.asked("GET /v1/agent/services") == 1)
        watcher.wait_message("is kept registered")
        agent.register("db", name="database")
        host.start_container(web(1, env=["SERVICE_ID=db"]))
    watcher.wait_message("db (container web1) is not registered: Consul has that id from somebody else")
    assert agent.services["db"]["Service"] == "database"
    host.end_container(1)
    host.start_container(web(2))
    agent.wait_for(lambda: id_of(2) in agent.services)
    assert agent.services["db"]["Service"] == "database"


def test_an_id_that_becomes_free(agent, host, minute):
    agent.register("db", name="database")
    host.add(web(1, env=["SERVICE_ID=db"]))
    watcher = host.start(environment=minute.env)
    watcher.wait_message("from somebody else")
    with agent.changed:
        del agent.services["db"]
    minute.pass_s(61)
    agent.wait_for(lambda: owned(agent) == {"db"})
    assert agent.services["db"]["Meta"]["lb-container"] == cid(1)


def test_maintenance_of_somebody_else(agent, host):
    """Who has begun it ends it: lb does neither, also when it registers anew."""
    host.add(web(1))
    host.start()
    agent.wait_for(lambda: owned(agent) == {id_of(1)})
    key = "_service_maintenance:" + id_of(1)
    with agent.changed:
        agent.checks[key] = {"CheckID": key, "Notes": "new disk", "Status": "critical", "ServiceID": id_of(1)}
    host.kill()
    host.engine.containers[cid(1)]["NetworkSettings"]["Ports"]["80/tcp"][0]["HostPort"] = "31000"
    host.start()
    agent.wait_for(lambda: agent.services[id_of(1)]["Port"] == 31000)
    assert agent.reason(id_of(1)) == "new disk"
    host.start_container(web(2))
    agent.wait_for(lambda: id_of(2) in agent.services)
    assert agent.reason(id_of(1)) == "new disk"


def test_maintenance_left_by_a_crash(agent, host):
    """It was told to stop, lb was killed, and it runs still."""
    host.add(web(1))
    host.start()
    agent.wait_for(lambda: owned(agent) == {id_of(1)})
    host.tell_to_stop(1)
    agent.wait_for(lambda: agent.reason(id_of(1)))
    host.kill()
    host.start()
    agent.wait_for(lambda: not agent.reason(id_of(1)))
    assert owned(agent) == {id_of(1)}


REGISTER = "PUT /v1/agent/service/register"
RIVAL = "another program registers the containers of this engine, too, with other settings"


@pytest.mark.slow("both look again after 5 s, several times")
def test_two_that_know_better(agent, host, minute, tmp_path):
    """Each sets right what the other has changed, with growing pauses only, and tells it; one that is alone again wins."""
    (tmp_path / "second").mkdir()
    other = RegisteringHost(tmp_path / "second", agent)
    try:
        for each in (host, other):
            each.add(web(1))
        first = host.start("--advertise=10.0.0.1", environment=minute.env)
        second = other.start("--advertise=10.0.0.2", environment=minute.env)
        first.wait_message(RIVAL, 90)
        second.wait_message(RIVAL, 90)
        assert agent.asked(REGISTER) <= 12
        other.end()
    finally:
        other.close()
    # It may see only now what the other one has changed last, and then waits once more.
    wait_for(lambda: agent.services[id_of(1)]["Address"] == "10.0.0.1" or minute.pass_s(60), "the first one's words stand", pause_s=2)
