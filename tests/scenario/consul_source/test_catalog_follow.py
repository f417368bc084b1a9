"""What of a catalog is followed, and how it is asked for."""

import time

import pytest
from pretended_catalog import entry, refuse, say
from support.waiting import wait_for


def names(watcher):
    return {service["name"] for service in watcher.last["services"]}


def test_named_tagged_and_others(catalog, follow):
    catalog.put("web", entry("web", tags=["lb.host=a.test"]))
    catalog.put("db", entry("db"))
    catalog.put("other", entry("other"))
    watcher = follow("--consul-service", "db")
    watcher.next()
    assert names(watcher) == {"web", "db"}
    assert watcher.last["routes"][0]["service"] == "web"
    assert not catalog.asked("/v1/health/service/other")


def test_a_service_that_routes_lead_to_is_on_the_first_line(catalog, follow, tmp_path):
    """Else the line would take away from lb what an earlier run of lb-discovery has told."""
    services = tmp_path / "services.yaml"
    services.write_text('{"routes":[{"host":"a.test","service":"db"}],"services":[]}', encoding="utf-8")
    catalog.put("db", entry("db"))
    catalog.put("other", entry("other"))
    watcher = follow("--file", services)
    watcher.next()
    assert names(watcher) == {"db"}
    services.write_text('{"routes":[{"host":"a.test","service":"other"}],"services":[]}', encoding="utf-8")
    watcher.wait(lambda w: names(w) == {"other"})


def test_changes_come_and_nothing_is_asked_without_need(catalog, follow):
    catalog.put("web", entry("web"))
    watcher = follow("--consul-service", "web")
    watcher.next()
    catalog.wait_asked("/v1/health/service/web?index=", 1)
    catalog.put("web", entry("web", status="critical", output="it fails"))
    watcher.next()
    assert watcher.endpoints()["web-1"]["state"] == "unhealthy"
    assert watcher.endpoints()["web-1"]["cause"] == "critical"
    assert watcher.endpoints()["web-1"]["health"] == "check: it fails"
    catalog.put("web", entry("web"), entry("web", 2))
    watcher.wait(lambda w: w.states() == {"web-1": "ready", "web-2": "ready"})
    catalog.put("web", entry("web", 2))
    watcher.wait(lambda w: w.states() == {"web-2": "ready"})
    watcher.no_line()
    assert len(catalog.asked("/v1/health/service/web")) <= 6
    assert all(token is None for _, token in catalog.requests)


def test_a_flood_is_gathered(catalog, follow):
    catalog.put("web", entry("web"))
    watcher = follow("--consul-service", "web")
    watcher.next()
    catalog.wait_asked("/v1/health/service/web?index=", 1)
    before, began = len(catalog.asked("/v1/health/service/web")), time.monotonic()
    while time.monotonic() < began + 1:
        catalog.put("web", entry("web", port=1 + int(time.monotonic() * 1000) % 60000))
        time.sleep(0.002)
    took_s = time.monotonic() - began
    asked = len(catalog.asked("/v1/health/service/web")) - before
    assert 3 <= asked <= 10 * took_s + 5
    catalog.put("web", entry("web", port=4711))
    watcher.wait(lambda w: w.endpoints()["web-1"]["port"] == 4711)


def test_an_index_that_goes_backwards(catalog, follow):
    catalog.put("web", entry("web"))
    watcher = follow("--consul-service", "web")
    watcher.next()
    catalog.wait_asked("/v1/health/service/web?index=11")
    with catalog.changed:  # another server: it has all, and counts anew
        catalog.index = 2
        catalog.services["web"] = [entry("web", port=81)]
    catalog.misdeeds["/v1/health/service/web?index=11"] = None
    with catalog.changed:
        catalog.requests.clear()
    catalog.stop()
    catalog.misdeeds.clear()
    catalog.start()
    watcher.wait(lambda w: w.endpoints()["web-1"]["port"] == 81)
    catalog.wait_asked("/v1/health/service/web?index=2&")


def test_an_index_that_goes_backwards_on_one_connection(catalog, follow):
    catalog.put("web", entry("web"))
    watcher = follow("--consul-service", "web")
    watcher.next()
    catalog.wait_asked("/v1/health/service/web?index=11")
    catalog.misdeeds["/v1/health/service/web?index"] = say([entry("web", port=81)], index=3)
    catalog.wake()
    watcher.wait(lambda w: w.endpoints()["web-1"]["port"] in (80, 81))
    catalog.wait_for(lambda: any(p == "/v1/health/service/web" for p, _ in catalog.requests[1:]))


def test_without_an_index_there_is_no_loop(catalog, follow):
    catalog.misdeeds["/v1/health/service/web"] = say([entry("web")], index=None)
    watcher = follow("--consul-service", "web")
    watcher.next()
    time.sleep(1)
    assert len(catalog.asked("/v1/health/service/web")) == 1


def test_an_answer_that_does_not_block_is_no_loop(catalog, follow):
    catalog.misdeeds["/v1/health/service/web"] = say([entry("web")], index=7)
    watcher = follow("--consul-service", "web")
    watcher.next()
    time.sleep(1)
    assert len(catalog.asked("/v1/health/service/web")) == 2


def test_names_are_escaped(catalog, follow):
    catalog.put("a b/c?d", entry("a b/c?d", tags=["lb.host=a.test"]))
    follow().next()
    assert catalog.asked("/v1/health/service/a%20b%2Fc%3Fd")


def test_without_the_list_of_services_the_named_ones_are_followed(catalog, follow):
    catalog.put("web", entry("web"))
    catalog.misdeeds["/v1/catalog/services"] = refuse(403, "Permission denied")
    watcher = follow("--consul-service", "web")
    watcher.next()
    assert watcher.states() == {"web-1": "ready"}
    wait_for(lambda: any("obstacle" in sign["alive"] or "obstacle" in sign for sign in watcher.signs_of_life),
             "the refusal is told")
    catalog.put("web", entry("web"), entry("web", 2))
    watcher.wait(lambda w: len(w.states()) == 2)


@pytest.mark.slow("those beyond are read every five seconds")
def test_more_services_than_connections(catalog, follow):
    for i in range(150):
        catalog.services[f"s{i:03}"] = [entry(f"s{i:03}", tags=["lb.path=/s%d" % i])]
    watcher = follow()
    watcher.wait(lambda w: len(names(w)) == 150)
    catalog.put("s149", entry("s149", 2, tags=["lb.path=/s149"]))  # it is read in turns
    watcher.wait(lambda w: list(w.endpoints("s149")) == ["s149-2"])
    catalog.put("s000", entry("s000", 2, tags=["lb.path=/s0"]))
    watcher.wait(lambda w: list(w.endpoints("s000")) == ["s000-2"])
    assert 128 <= catalog.most_sockets <= 160


def test_own_node(catalog, follow):
    catalog.put("web", entry("web", address="127.0.0.1"), entry("web", 2, node="n2"),
                entry("web", 3, node="n2", address="127.0.0.1"))
    watcher = follow("--consul-service", "web")
    watcher.next()
    endpoints = watcher.endpoints()
    assert endpoints["web-1"]["local"] and endpoints["web-1"]["on_host"]
    assert "local" not in endpoints["web-2"]
    assert watcher.reasons() == {"web-3": "bad_address"}


def test_own_node_by_name(catalog, follow):
    catalog.put("web", entry("web"), entry("web", 2, node="n2"))
    watcher = follow("--consul-service", "web", "--consul-node", "n2")
    watcher.next()
    assert {name: "local" in e for name, e in watcher.endpoints().items()} == {"web-1": False, "web-2": True}
    assert not catalog.asked("/v1/agent/self")


def test_port_and_address(catalog, follow):
    tagged = {"wan": {"Address": "198.51.100.7", "Port": 32001}}
    catalog.put("web", entry("web", TaggedAddresses=tagged))
    catalog.put("db", entry("db"))
    watcher = follow("--consul-service", "web,db", "--consul-address", "wan", "--consul-port", "db=5432")
    watcher.next()
    assert (watcher.endpoints()["web-1"]["address"], watcher.endpoints()["web-1"]["port"]) == ("198.51.100.7", 32001)
    assert watcher.endpoints("db")["db-1"]["port"] == 5432


def test_a_token_from_a_file_that_is_replaced(catalog, follow, tmp_path):
    token = tmp_path / "token"
    token.write_text("first\n", encoding="utf-8")
    catalog.put("web", entry("web"))
    follow("--consul-service", "web", environment={"CONSUL_HTTP_TOKEN_FILE": str(token)}).next()
    assert {t for _, t in catalog.requests} == {"first"}
    (tmp_path / "new").write_text("second\n", encoding="utf-8")
    (tmp_path / "new").rename(token)
    catalog.wake()
    catalog.wait_for(lambda: any(t == "second" for _, t in catalog.requests))
    assert all("token" not in path for path, _ in catalog.requests)


@pytest.mark.slow("those beyond are read every five seconds")
def test_an_agent_with_few_connections(catalog, follow):
    """Whatever lb reads by those that it gets is served, and in the end it reads all."""
    catalog.room = 20
    for i in range(40):
        catalog.services[f"s{i:02}"] = [entry(f"s{i:02}", tags=["lb.path=/s%d" % i])]
    watcher = follow()
    watcher.wait(lambda w: len(names(w)) == 40, 120)  # it tries again after a minute
    watcher.wait_sign(lambda alive: alive["connected"], 150)
    watcher.wait_message("lets this host have few connections", 150)
    catalog.put("s39", entry("s39", 2, tags=["lb.path=/s39"]))  # it is read in turns
    watcher.wait(lambda w: list(w.endpoints("s39")) == ["s39-2"], 150)


def test_one_service_without_an_answer(catalog, follow):
    """The others do not wait for it for ever."""
    catalog.put("bad", entry("bad"))
    catalog.put("web", entry("web"))
    catalog.misdeeds["/v1/health/service/bad"] = refuse(500, "rpc error: something of this service")
    watcher = follow("--consul-service", "bad,web")
    watcher.wait(lambda w: list(w.endpoints()) == ["web-1"])
    del catalog.misdeeds["/v1/health/service/bad"]
    watcher.wait(lambda w: list(w.endpoints("bad")) == ["bad-1"])


def test_too_many_tagged_services(catalog, follow):
    """What is not followed is told."""
    tagged = {f"s{number:04}": [entry(f"s{number:04}", tags=["lb.port=80"])] for number in range(2050)}
    catalog.services.update(tagged)
    follow().wait_message("more than 2048 services with tags for lb: the last 2 by name are not followed")
