"""lb-discovery behind a proxy that lets only some questions through to the engine."""

import pytest
from fake_docker import FakeDocker, container
from watcher import Watcher

A, B, C = "a" * 64, "b" * 64, "c" * 64
INSPECT = "/containers/*/json"


@pytest.fixture
def engine(tmp_path):
    with FakeDocker(tmp_path / "docker.sock") as fake:
        yield fake


def watch(engine, *args):
    return Watcher("--docker=unix://" + engine.path, "--self", *(args or ["none"]))


def lost(w):
    return [sentence.split(" ")[1] for sentence in w.last.get("losses", [])]


ALL = ("/_ping", "/events", "/networks", INSPECT)
NAMES = {"/_ping": "/_ping", "/events": "/events", "/networks": "/networks", INSPECT: "/containers/ID/json"}


@pytest.mark.parametrize("refused", [(), *[(path,) for path in ALL], ("/networks", INSPECT), ALL],
                         ids=lambda paths: ",".join(paths) or "nothing")
def test_it_goes_on_with_what_the_list_of_containers_says(engine, refused):
    engine.refused = list(refused)
    engine.add(container(A, "one"))
    with watch(engine) as w:
        w.next()
        assert w.states() == {"one": "ready"} and w.endpoints()["one"]["address"] == "10.9.0.2"
        assert lost(w) == [NAMES[path] for path in refused]
        for path in refused:
            w.wait_message(f"GET {NAMES[path]} is refused with status 403: ")
        if "/events" not in refused:
            engine.wait_stream()
        engine.add(container(B, "two", ip="10.9.0.3"))
        engine.event("start", B)
        w.wait(lambda w: w.states() == {"one": "ready", "two": "ready"})
        engine.containers[A]["State"].update(Running=False, Status="exited")
        engine.event("die", A)
        w.wait(lambda w: w.states() == {"two": "ready"} and w.reasons() == {"one": "not_running"})
        del engine.containers[A]
        engine.event("destroy", A)
        w.wait(lambda w: w.reasons() == {})


@pytest.mark.parametrize("status", [401, 403, 405, 501])
def test_every_status_that_means_no(engine, status):
    engine.refused, engine.refused_with = ["/networks", "/events", INSPECT], status
    engine.add(container(A, "one"))
    with watch(engine) as w:
        w.next()
        assert w.states() == {"one": "ready"} and len(lost(w)) == 3


def test_without_inspects_the_list_has_labels_ports_health_and_networks(engine):
    engine.refused = [INSPECT]
    entries = {"Ports": [{"PrivatePort": 443, "Type": "tcp"}, {"PrivatePort": 81, "PublicPort": 8081,
                                                             "IP": "0.0.0.0", "Type": "tcp"},
                         {"PrivatePort": 53, "Type": "udp"}], "HostConfig": {"NetworkMode": "default"}}
    plain = engine._entry
    engine._entry = lambda inspect: {**plain(inspect), **entries, "Status": inspect["State"]["Text"],
                                     "State": inspect["State"]["Status"]}
    for cid, name, text, state, more in [
            (A, "sick", "Up 7 seconds (unhealthy)", "running", {}),
            (B, "well", "Up 7 seconds (healthy)", "running", {}),
            (C, "new", "Up 1 second (health: starting)", "running", {}),
            ("d" * 64, "halted", "Up 1 minute (Paused)", "paused", {}),
            ("e" * 64, "out", "Up 1 minute", "running", {"lb.enable": "false"}),
            ("f" * 64, "far", "Up 1 minute", "running", {})]:
        engine.add(container(cid, name, labels=more, port=""))
        engine.containers[cid]["State"].update(Text=text, Status=state)
    engine.containers["f" * 64]["NetworkSettings"]["Networks"] = {"none": {"NetworkID": "n", "IPAddress": ""}}
    with watch(engine) as w:
        w.next()
        assert w.states() == {"sick": "unhealthy", "well": "ready", "new": "starting", "halted": "paused",
                              "far": "ready"}
        assert w.reasons() == {"out": "disabled"}
        assert w.endpoints()["well"]["port"] == 81
        assert (w.endpoints()["far"]["address"], w.endpoints()["far"]["port"]) == ("127.0.0.1", 8081)


def test_lbs_own_container_is_found_in_the_list(engine):
    engine.refused = [INSPECT]
    engine.add(container(A, "lb", service="", networks={"web": {"NetworkID": "w", "IPAddress": "10.1.0.2"}}))
    engine.add(container(B, "near", networks={"web": {"NetworkID": "w", "IPAddress": "10.1.0.3"}}))
    engine.add(container(C, "far", networks={"back": {"NetworkID": "b", "IPAddress": "10.2.0.3"}}))
    with watch(engine, A[:12]) as w:
        w.next()
        assert w.states() == {"near": "ready"}
        assert w.reasons() == {"lb": "self", "far": "no_shared_network"}


def test_without_the_list_the_reason_is_said_and_no_place_again_and_again(engine):
    engine.refused = ["/containers/json", "/networks"]
    with watch(engine) as w:
        engine.wait_request("/containers/json", 5)
        w.wait_message("allow GET /containers/json")
        with w.said:
            places = sum("lb runs" in message for message in w.messages)
            reasons = sum("without it there is nothing to follow" in message for message in w.messages)
        assert (places, reasons) == (1, 1)
        engine.refused = []
        w.next()
        assert "losses" not in w.last


def test_what_is_allowed_again_is_no_longer_lost(engine):
    engine.refused = ["/events", INSPECT]
    engine.add(container(A, "one", env=["SERVICE_NAME=app"], service=""))
    with watch(engine) as w:
        w.next()
        assert w.states("image") == {"one": "ready"}
        engine.stop()
        w.wait_message("the last state is kept")
        engine.refused = []
        engine.start()
        w.wait(lambda w: "losses" not in w.last and w.states("app") == {"one": "ready"})
