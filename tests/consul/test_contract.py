"""What lb takes Consul's API to be: if a newer Consul answers otherwise, it is told here and not by lb's users."""
import threading
import time

import pytest
from agent import ApiError, acl_settings, make_token


def index_of(agent, path):
    """(X-Consul-Index, answer)."""
    import http.client
    import json
    connection = http.client.HTTPConnection(agent.address, 8500, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return int(answer.getheader("X-Consul-Index")), json.loads(text)


@pytest.mark.quick
def test_an_entry_has_node_service_and_checks(shared_agent):
    shared_agent.register("a1", "whole", 8001, "198.51.100.7", check="passing", Tags=["a", "b"], Meta={"k": "v"},
                          Weights={"Passing": 5, "Warning": 2},
                          TaggedAddresses={"wan": {"address": "203.0.113.9", "port": 32001}})
    entry, = shared_agent.entries("whole")
    assert entry["Node"]["Node"] == "node1" and entry["Node"]["Address"] == shared_agent.address
    service = entry["Service"]
    assert (service["ID"], service["Service"], service["Port"]) == ("a1", "whole", 8001)
    assert (service["Address"], service["Tags"], service["Meta"]) == ("198.51.100.7", ["a", "b"], {"k": "v"})
    assert service["Weights"] == {"Passing": 5, "Warning": 2}
    assert service["TaggedAddresses"]["wan"] == {"Address": "203.0.113.9", "Port": 32001}
    assert {check["CheckID"]: check["Status"] for check in entry["Checks"]} == {
        "serfHealth": "passing", "service:a1": "passing"}
    assert sorted(shared_agent.get("/v1/catalog/services")["whole"]) == ["a", "b"]


def test_a_blocking_query_ends_with_a_change_and_only_then(shared_agent):
    shared_agent.register("b1", "blocking", 8001, check="passing")
    index, _ = index_of(shared_agent, "/v1/health/service/blocking")
    begun = time.monotonic()
    same, _ = index_of(shared_agent, f"/v1/health/service/blocking?index={index}&wait=1s")
    assert time.monotonic() - begun > 0.9 and same == index
    change = threading.Timer(0.3, lambda: shared_agent.set_check("b1", "warning"))
    change.start()
    begun = time.monotonic()
    later, entries = index_of(shared_agent, f"/v1/health/service/blocking?index={index}&wait=30s")
    change.join()
    assert time.monotonic() - begun < 10 and later > index
    assert "warning" in [check["Status"] for check in entries[0]["Checks"]]


def test_maintenance_is_a_critical_check(shared_agent):
    shared_agent.register("m1", "kept", 8001)
    shared_agent.set_maintenance("m1", True)
    shared_agent.set_node_maintenance(True)
    try:
        found = {check["CheckID"]: (check["Status"], check["ServiceID"])
                 for check in shared_agent.entries("kept")[0]["Checks"]}
        assert found["_service_maintenance:m1"] == ("critical", "m1")
        assert found["_node_maintenance"] == ("critical", "")
    finally:
        shared_agent.set_node_maintenance(False)


def test_refusals(shared_agent):
    for bad in ({"Meta": {"a.b": "c"}}, {"Meta": {"k": "v" * 513}}, {"Meta": {str(i): "v" for i in range(65)}},
                {"Weights": {"Passing": 0, "Warning": 1}}, {"NoSuchKey": 1}):
        with pytest.raises(ApiError) as refused:
            shared_agent.register("r1", "refused", 8001, **bad)
        assert refused.value.status == 400, bad
    with pytest.raises(ApiError) as unknown:
        shared_agent.set_check("nobody", "passing")
    assert unknown.value.status in (404, 500)
    shared_agent.register("h1:web:53:udp", "gone", 53)
    shared_agent.deregister("h1:web:53:udp")
    try:
        shared_agent.deregister("h1:web:53:udp")
    except ApiError as newer:
        assert newer.status == 404
    assert "h1:web:53:udp" not in shared_agent.services()


def test_a_default_deny_hides_and_does_not_refuse(start_agent, consul, tmp_path, cleanup):
    from agent import Agent
    agent = Agent(consul, tmp_path / "acl", "node1", is_dev=True, settings=acl_settings("all-rights"))
    cleanup.callback(agent.close)
    agent.token = "all-rights"
    agent.start().wait_well()
    agent.register("a1", "web", 8001)
    accessor, secret = make_token(agent, 'service_prefix "" { policy = "read" } node_prefix "" { policy = "read" }')
    assert len(agent.get("/v1/health/service/web", token=secret)) == 1
    agent.token = None
    assert agent.entries("web") == []
    with pytest.raises(ApiError) as refused:
        agent.register("a2", "web", 8001)
    assert refused.value.status == 403
    agent.call("DELETE", f"/v1/acl/token/{accessor}", token="all-rights")
    with pytest.raises(ApiError) as refused:
        agent.get("/v1/health/service/web", token=secret)
    assert refused.value.status == 403
