"""What lb-discovery tells of the containers of an engine, and its signs of life."""

import subprocess
import time

import pytest
from fake_docker import FakeDocker, container
from support.waiting import wait_for
from watcher import ENVIRONMENT, PROGRAM, Watcher, down, watch

A, B, C, D = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)


# ---- the state -------------------------------------------------------------------------------------

def test_first_line_of_an_empty_engine(engine):
    with watch(engine) as w:
        line = w.next()
        assert line["source"] == "docker" and line["services"] == line["left_out"] == line["routes"] == []
        w.no_line()


def test_subscribes_before_it_lists(engine):
    with watch(engine) as w:
        w.next()
    order = [engine._plain(path).split("?")[0] for path in engine.requests]
    assert order[:2] == ["/_ping", "/events"]
    assert set(order[2:4]) == {"/containers/json", "/networks"}


@pytest.mark.parametrize("server,used", [("1.41", "/v1.41/"), ("1.47", "/v1.47/"), ("1.52", "/v1.47/"),
                                         ("2.0", "/v1.47/"), ("nonsense", "/events")])
def test_version(engine, server, used):
    engine.version = server
    with watch(engine) as w:
        w.next()
    assert engine.requests[1].startswith(used)


def test_life_of_a_container(engine):
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        engine.add(container(A, "one"))
        engine.event("start", A)
        w.next()
        one = w.endpoints()["one"]
        assert (one["id"], one["container"], one["protocol"]) == (A + ":80", A, "http")
        assert (one["address"], one["port"], one["weight"]) == ("10.9.0.2", 80, 1)
        assert (one["state"], one["cause"]) == ("ready", "start") and one["cause_time_ns"] > 10 ** 18
        for signal_number in (1, 10, 28):
            engine.event("kill", A, signal=str(signal_number))
        engine.event("kill", A, signal="15")
        w.next()
        assert w.states() == {"one": "draining"} and w.endpoints()["one"]["cause"] == "kill"
        down(engine, A)
        engine.event("die", A, exitCode="0")
        w.next()
        assert w.states() == {} and w.reasons() == {"one": "not_running"}
        since = w.left_out()["one"]["since_ns"]
        engine.event("disconnect", A, "network")
        engine.event("stop", A)
        w.no_line(0.2)
        engine.add(container(B, "two", ip="10.9.0.3"))
        engine.event("start", B)
        w.next()
        assert w.left_out()["one"]["since_ns"] == since
        del engine.containers[A]
        engine.event("destroy", A)
        w.next()
        assert w.left_out() == {} and w.states() == {"two": "ready"}


def test_pause_health_rename_move(engine):
    engine.add(container(A, "one"))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        engine.containers[A]["State"]["Paused"] = True
        engine.event("pause", A)
        assert w.next() and w.states() == {"one": "paused"}
        engine.containers[A]["State"]["Paused"] = False
        engine.event("unpause", A)
        assert w.next() and w.states() == {"one": "ready"}
        engine.containers[A]["State"]["Health"] = {"Status": "unhealthy", "FailingStreak": 3}
        engine.event("health_status: unhealthy", A)
        assert w.next() and w.states() == {"one": "unhealthy"}
        engine.containers[A]["State"]["Health"] = {"Status": "healthy", "FailingStreak": 0}
        engine.event("health_status: healthy", A)
        assert w.next() and w.states() == {"one": "ready"}
        engine.containers[A]["Name"] = "/uno"
        engine.event("rename", A, name="uno", oldName="/one")
        assert w.next() and w.states() == {"uno": "ready"}
        engine.containers[A]["NetworkSettings"]["Networks"]["alpha"] = {"NetworkID": "x", "IPAddress": "10.8.0.7"}
        engine.event("connect", A, "network")
        assert w.next() and w.endpoints()["uno"]["address"] == "10.8.0.7"
        assert w.endpoints()["uno"]["cause"] == "connect"
        del engine.containers[A]["NetworkSettings"]["Networks"]["alpha"]
        engine.event("disconnect", A, "network")
        engine.event("disconnect", A, "network")
        assert w.next() and w.endpoints()["uno"]["address"] == "10.9.0.2"
        w.no_line(0.2)


def test_survives_a_stop_signal(engine):
    engine.add(container(A, "one", StopTimeout=0, StopSignal="SIGQUIT"))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        engine.event("kill", A, signal="15")
        w.no_line(0.2)
        engine.event("kill", A, signal="3")
        assert w.next() and w.states() == {"one": "draining"}
        assert w.next(5) and w.endpoints()["one"]["cause"] == "survived_stop"
        assert w.states() == {"one": "ready"}


def test_reasons(engine):
    engine.add(container(A, "off", labels={"lb.enable": "false"}))
    engine.add(container(B, "portless", port=""))
    engine.add(container(C, "dead", running=False))
    engine.add(container(D, "odd", labels={"lb.weight": "heavy"}))
    engine.add(container("e" * 64, "badport", port="http"))
    engine.add(container("f" * 64, "nowhere", networks={}))
    engine.add(container("1" * 64, "far", networks={"ov": {"NetworkID": "o1", "IPAddress": "10.1.1.1"}}))
    engine.networks.append({"Id": "o1", "Name": "ov", "Driver": "overlay"})
    with watch(engine) as w:
        w.next()
        assert w.reasons() == {"off": "disabled", "portless": "no_port", "dead": "not_running",
                               "odd": "bad_label", "badport": "bad_port", "nowhere": "no_address",
                               "far": "no_shared_network"}
        assert all(c["service"] == "web" and c["detail"] and c["since_ns"] > 0 for c in w.last["left_out"])


def test_inside_a_container_only_shared_networks_count(engine):
    web = {"web": {"NetworkID": "w1", "IPAddress": "10.2.0.9", "Gateway": "10.2.0.1"}}
    engine.add(container(A, "lb", networks=web, labels={"lb.service": ""}))
    engine.add(container(B, "near", networks={"web": {"NetworkID": "w1", "IPAddress": "10.2.0.2"},
                                              "back": {"NetworkID": "k1", "IPAddress": "10.3.0.2"}}))
    engine.add(container(C, "far", networks={"back": {"NetworkID": "k1", "IPAddress": "10.3.0.3"}}))
    with watch(engine, "--self", A[:12]) as w:
        w.next()
        assert w.endpoints()["near"]["address"] == "10.2.0.2"
        assert w.reasons() == {"lb": "self", "far": "no_shared_network"}
        assert w.left_out()["far"]["detail"] == "it is on: back; lb is on: web"
        engine.containers[A]["NetworkSettings"]["Networks"]["back"] = {"NetworkID": "k1", "IPAddress": "10.3.0.9"}
        engine.event("connect", A, "network")
        w.next()
        assert w.endpoints()["far"]["address"] == "10.3.0.3" and w.endpoints()["far"]["cause"] == "connect"
        assert w.endpoints()["near"]["address"] == "10.3.0.2"  # the first by name, now that both are shared


@pytest.mark.parametrize("may_inspect", [True, False])
def test_inside_a_container_that_is_known_by_its_name(engine, may_inspect):
    """It may come later, and be replaced by another one that has the name then."""
    web, back = ({name: {"NetworkID": name[0] + "1", "IPAddress": f"10.{number}.0.9"}} for number, name in ((2, "web"), (3, "back")))
    engine.add(container(B, "near", networks={"web": {"NetworkID": "w1", "IPAddress": "10.2.0.2"}}))
    engine.add(container(C, "far", networks={"back": {"NetworkID": "b1", "IPAddress": "10.3.0.3"}}))
    if not may_inspect:
        engine.refused.append("/containers/*/json")
    with watch(engine, "--self", "shop_lb-1") as w:
        w.wait_message("no container with the id or name")
        w.wait(lambda w: set(w.endpoints()) == {"near", "far"})
        engine.add(container(A, "shop_lb-1", networks=web, labels={"lb.service": ""}))
        engine.event("start", A)
        w.wait(lambda w: w.reasons() == {"shop_lb-1": "self", "far": "no_shared_network"})
        del engine.containers[A]
        engine.event("die", A)
        engine.event("destroy", A)
        w.wait(lambda w: w.reasons() == {"far": "no_shared_network"})
        engine.add(container(D, "shop_lb-1", networks=back, labels={"lb.service": ""}))
        engine.event("start", D)
        w.wait(lambda w: w.reasons() == {"shop_lb-1": "self", "near": "no_shared_network"})
        asked = engine.count_requests("/containers/")
        engine.event("start", B)  # not lb: it stays where it is
        w.wait(lambda w: w.states() == {"far": "ready"})
        engine.wait_for(lambda: sum("/containers/" in path for path in engine.requests) > asked)
        w.no_line()


def test_an_id_that_the_engine_does_not_know_is_told(engine):
    with watch(engine, "--self", "0" * 12) as w:
        w.next()
        w.wait_message("no container with the id or name")


# ---- signs of life ----------------------------------------------------------------------------------

def last_sign(w):
    return w.signs_of_life[-1]["alive"]


@pytest.mark.slow("the program looks at its clock once a second")
def test_signs_of_life_count(engine, clock):
    """One comes every five seconds."""
    engine.add(container(A, "one"))
    begun_ns = time.time_ns()
    with watch(engine, "--resync", "4", environment=clock.env) as w:
        w.next()
        engine.wait_stream()
        assert w.signs_of_life[0]["v"] == 2
        engine.event("kill", A, signal="15")
        down(engine, A)
        engine.event("die", A)
        engine.event("kill", B, signal="1")  # nobody knows B
        engine.event("exec_start: sh", A)  # changes nothing
        w.wait(lambda w: w.reasons() == {"one": "not_running"})
        for timer_count in (1, 2, 3):
            before = len(w.signs_of_life)
            clock.pass_s(5)
            wait_for(lambda: len(w.signs_of_life) > before, "the next sign", 4)
            wait_for(lambda: engine.count_requests("/containers/json") > timer_count, "the list is asked for")
        clock.pass_s(5)
        wait_for(lambda: last_sign(w)["resyncs"]["timer"] >= 3, "a sign after three timers", 10)
        found = last_sign(w)
        assert found["connected"] is True
        assert found["events"] == {"kill": 2, "die": 1}
        assert found["resyncs"]["start"] == 1 and found["resyncs"]["reconnect"] == 0
        assert begun_ns < found["last_event_ns"] < found["last_sync_ns"] < time.time_ns()


def test_signs_of_life_tell_at_once_when_the_engine_comes_and_goes(tmp_path):
    fake = FakeDocker(tmp_path / "docker.sock")
    with Watcher("--docker=unix://" + fake.path, "--self", "none") as w:
        wait_for(lambda: w.signs_of_life, "the first sign")
        sign = last_sign(w)
        assert "No such file" in sign.pop("obstacle", {"why": "No such file"})["why"]
        assert sign == {"connected": False, "events": {}, "last_event_ns": 0,
                        "last_sync_ns": 0, "resyncs": {"start": 0, "reconnect": 0,
                                                       "timer": 0, "change": 0}}
        fake.start()
        w.next(8)  # a first resync that is cut off would be followed by another first one
        for resync_count in (1, 2):
            fake.wait_stream()  # it tries again after pauses that grow
            wait_for(lambda: last_sign(w)["connected"], "it says so before the next beat", 4)
            fake.wait_request("/containers/json", resync_count)
            fake.stop()
            wait_for(lambda: not last_sign(w)["connected"], "it says so before the next beat", 4)
            fake.start()
        wait_for(lambda: last_sign(w)["resyncs"]["reconnect"] >= 2, "the second reconnect", 20)
        assert last_sign(w)["resyncs"]["start"] == 1
        fake.stop()


def test_once_gives_no_sign_of_life(engine):
    done = subprocess.run([PROGRAM, "--docker=unix://" + engine.path, "--self=none", "--once"],
                          env=ENVIRONMENT, capture_output=True, timeout=10, check=True)
    assert len(done.stdout.splitlines()) == 1 and b"alive" not in done.stdout
