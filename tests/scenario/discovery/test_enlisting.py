"""What lb-discovery has registered of the engine's containers: as the host is called, and as each of them lives."""

import json
import socket

import pytest
from fake_catalog import FakeCatalog
from fake_docker import container
from watcher import Watcher

A, B = "a" * 64, "b" * 64


@pytest.fixture
def catalog():
    with FakeCatalog() as fake:
        yield fake


def published(cid, name, host_port=32768, **more):
    made = container(cid, name, service="", port="", **more)
    made["Config"]["Image"] = "acme/shop:1.2"
    made["NetworkSettings"]["Ports"] = {"8001/tcp": [{"HostIp": "0.0.0.0", "HostPort": str(host_port)}]}
    made["Config"]["ExposedPorts"] = {"8001/tcp": {}}
    return made


def tell_info(engine, name="h1", engine_id="ENGINE"):
    engine.answers["/info"] = (200, json.dumps({"Name": name, "ID": engine_id}).encode())


def start(engine, catalog, *args):
    return Watcher("--docker=unix://" + engine.path, "--register=" + catalog.url, "--self", "none", *args)


def test_an_entry_is_called_as_the_engine_calls_the_host(engine, catalog):
    tell_info(engine)
    engine.add(published(A, "web1", env=["SERVICE_REGION=eu"], labels={"SERVICE_TAGS": "a,b", "lb.weight": "3"}))
    with start(engine, catalog):
        catalog.wait_ids("h1:web1:8001")
        entry = catalog.services["h1:web1:8001"]
        assert (entry["Name"], entry.get("Address", ""), entry["Port"]) == ("shop", "", 32768)
        assert sorted(entry["Tags"]) == ["a", "b"] and entry["Weights"]["Passing"] == 3
        assert entry["Meta"] == {"region": "eu", "lb-owner": "ENGINE", "lb-container": A, "lb-port": "8001"}
        assert not entry.get("Check")


def test_what_is_said_by_hand_counts_more(engine, catalog):
    tell_info(engine)
    engine.add(published(A, "web1"))
    with start(engine, catalog, "--host-name=h9"):
        catalog.wait_ids("h9:web1:8001")
        assert catalog.services["h9:web1:8001"]["Meta"]["lb-owner"] == "ENGINE"


def test_where_info_is_refused_it_is_this_hosts_name(engine, catalog):
    engine.refused = ["/info"]
    engine.add(published(A, "web1"))
    with start(engine, catalog) as w:
        catalog.wait_ids(f"{socket.gethostname()}:web1:8001")
        w.wait_message("GET /info is refused with status 403: ")
        w.wait(lambda w: any("/info" in sentence for sentence in w.last.get("losses", [])))


def test_before_the_host_has_a_name_nothing_is_registered(engine, catalog):
    """And what is proxied does not wait for that."""
    engine.answers["/info"] = (500, b'{"message":"busy"}')
    engine.add(published(A, "web1"))
    with start(engine, catalog) as w:
        w.next()
        assert w.states("shop") == {"web1": "ready"}
        w.wait_message("nothing is registered before it has answered")
        assert not catalog.services
        tell_info(engine)
        catalog.wait_ids("h1:web1:8001")


@pytest.mark.parametrize("body", [b"[]", b"no JSON", b'"Name"'])
def test_an_info_that_is_none(engine, catalog, body):
    engine.answers["/info"] = (200, body)
    engine.add(published(A, "web1"))
    with start(engine, catalog) as w:
        w.next()
        w.wait_message("the answer is no JSON object")
        assert not catalog.services


def test_an_info_without_names(engine, catalog):
    engine.answers["/info"] = (200, b'{"Name":7}')
    engine.add(published(A, "web1"))
    with start(engine, catalog):
        catalog.wait_ids(f"{socket.gethostname()}:web1:8001")


def test_without_registering_nobody_asks(engine):
    tell_info(engine)
    engine.add(published(A, "web1"))
    with Watcher("--docker=unix://" + engine.path, "--self", "none") as w:
        w.next()
        engine.wait_stream()
        assert engine.count_requests("/info") == 0


def test_it_is_asked_once(engine, catalog):
    tell_info(engine)
    engine.add(published(A, "web1"))
    with start(engine, catalog) as w:
        catalog.wait_ids("h1:web1:8001")
        engine.stop()
        w.wait_message("the last state is kept")
        engine.start()
        engine.wait_stream()
        engine.add(published(B, "web2"))
        engine.event("start", B)
        catalog.wait_ids("h1:web1:8001", "h1:web2:8001")
        assert engine.count_requests("/info") == 1


def test_a_life(engine, catalog):
    tell_info(engine)
    with start(engine, catalog) as w:
        w.next()
        made = engine.add(published(A, "web1"))
        made["State"]["Health"] = {"Status": "starting", "FailingStreak": 0, "Log": []}
        engine.event("start", A)
        catalog.wait_ids("h1:web1:8001")
        catalog.wait(lambda c: catalog.get("/v1/agent/checks")["service:h1:web1:8001"]["Status"] == "warning", "not warning")
        made["State"]["Health"]["Status"] = "healthy"
        engine.event("health_status: healthy", A)
        catalog.wait(lambda c: c.statuses.get("h1:web1:8001", "?")[0] == "passing", "not passing")
        made["State"]["Health"] = {"Status": "unhealthy", "FailingStreak": 3, "Log": [{"ExitCode": 1, "Output": "no page"}]}
        engine.event("health_status: unhealthy", A)
        catalog.wait(lambda c: c.statuses["h1:web1:8001"] == ("critical", "exit code 1: no page"), "not critical")
        engine.event("kill", A, signal="15")
        catalog.wait(lambda c: "h1:web1:8001" in c.maintained, "not in maintenance")
        made["State"].update(Running=False, Status="exited")
        engine.event("die", A, exitCode="0")
        catalog.wait_ids()


def test_a_paused_one_is_in_maintenance(engine, catalog):
    tell_info(engine)
    engine.add(published(A, "web1"))
    with start(engine, catalog):
        catalog.wait_ids("h1:web1:8001")
        engine.event("pause", A)
        catalog.wait(lambda c: c.maintained, "not in maintenance")
        engine.event("unpause", A)
        catalog.wait(lambda c: not c.maintained, "still in maintenance")


def test_an_end_with_an_error_stays_where_that_is_asked_for(engine, catalog):
    tell_info(engine)
    made = engine.add(published(A, "web1"))
    with start(engine, catalog, "--deregister=on-success"):
        catalog.wait_ids("h1:web1:8001")
        made["State"].update(Running=False, Status="exited", ExitCode=3, OOMKilled=False)
        made["NetworkSettings"]["Ports"] = {}
        engine.event("die", A, exitCode="3")
        catalog.wait(lambda c: c.maintained, "not in maintenance")
        engine.wait_request(f"/containers/{A}/json", 2)  # why it has died
        engine.add(published(B, "web2"))
        engine.event("start", B)
        catalog.wait_ids("h1:web1:8001", "h1:web2:8001")
        del engine.containers[A]
        engine.event("destroy", A)
        catalog.wait_ids("h1:web2:8001")


def test_what_cannot_be_used_is_told(engine, catalog):
    tell_info(engine)
    engine.add(published(A, "web1", env=["SERVICE_CHECK_TTL=soon", "SERVICE_FOO.BAR=1"]))
    engine.add(published(B, "web2", env=["SERVICE_CHECK_SCRIPT=true"]))
    with start(engine, catalog) as w:
        catalog.wait_ids("h1:web1:8001", "h1:web2:8001")
        w.wait_message('SERVICE_CHECK_TTL=\\"soon\\" cannot be used')
        w.wait_message("SERVICE_FOO.BAR is no name for Consul's Meta")
        w.wait_message("SERVICE_CHECK_SCRIPT is not followed")


def test_without_inspects_labels_still_name_it(engine, catalog):
    engine.refused = ["/containers/*/json"]
    tell_info(engine)
    engine.add(published(A, "web1", labels={"SERVICE_NAME": "app"}))
    plain = engine._entry
    engine._entry = lambda inspect: {**plain(inspect), "HostConfig": {"NetworkMode": "default"}, "Ports": [
        {"PrivatePort": 8001, "PublicPort": 32768, "IP": "0.0.0.0", "Type": "tcp"}]}
    with start(engine, catalog):
        catalog.wait_ids("h1:web1:8001")
        assert catalog.services["h1:web1:8001"]["Name"] == "app"


def test_lb_itself(engine, catalog):
    tell_info(engine)
    engine.add(published(A, "lb"))
    engine.containers[A]["Config"]["Image"] = "lb"
    with Watcher("--docker=unix://" + engine.path, "--register=" + catalog.url, "--self", A[:12]):
        catalog.wait_ids("h1:lb:8001")
        assert catalog.services["h1:lb:8001"]["Name"] == "proxy"
    with Watcher("--docker=unix://" + engine.path, "--register=" + catalog.url, "--self", "none",
                 environment={"LB_DISCOVERY_LISTEN": "0.0.0.0:8080"}):
        catalog.wait(lambda c: "h1:proxy:8080" in c.services, "no proxy")
        assert (catalog.services["h1:proxy:8080"]["Name"], catalog.services["h1:proxy:8080"]["Port"]) == ("proxy", 8080)
