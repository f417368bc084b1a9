"""lb-discovery against an engine that does what the test wants, the wrong things above all."""

import json
import os
import signal
import subprocess
import time

import pytest
from fake_docker import FakeDocker, container
from support.clock import Clock
from support.waiting import wait_for
from watcher import ENVIRONMENT, PROGRAM, Watcher

A, B, C, D = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)


@pytest.fixture
def engine(tmp_path):
    with FakeDocker(tmp_path / "docker.sock") as fake:
        yield fake


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


def watch(engine, *args, **kwargs):
    if "--self" not in args:
        args = ("--self", "none", *args)
    return Watcher("--docker=unix://" + engine.path, *args, **kwargs)


def down(engine, cid):
    engine.containers[cid]["State"].update(Running=False, Status="exited")


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


def test_an_id_that_the_engine_does_not_know_is_told(engine):
    with watch(engine, "--self", "0" * 12) as w:
        w.next()
        w.wait_message("no container with the id")


# ---- the stream ------------------------------------------------------------------------------------

@pytest.mark.parametrize("piece_bytes", [1, 3, 7, 64])
def test_events_in_pieces(engine, piece_bytes):
    engine.piece_bytes = piece_bytes
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        for number in range(3):
            cid = str(number) * 64
            engine.add(container(cid, f"c{number}"))
            engine.event("start", cid)
        w.wait(lambda w: len(w.states()) == 3)
        engine.event("die", "1" * 64)
        w.wait(lambda w: len(w.states()) == 2)
    assert engine.count_requests("/events") == 1


def test_many_events_in_one_chunk(engine):
    engine.add(container(A, "one"))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        engine.containers[A]["State"]["Paused"] = True
        event = {"Type": "container", "Action": "pause", "Actor": {"ID": A, "Attributes": {}}, "timeNano": 1}
        burst = b"".join(json.dumps({**event, "Action": "unpause" if i % 2 else "pause"}).encode() + b"\r\n\n"
                         for i in range(2001))
        engine.raw(burst)
        w.wait(lambda w: w.states() == {"one": "paused"})
        w.no_line(0.3)


@pytest.mark.parametrize("garbage", [
    b"garbage\n", b"{}\n", b"[1,2]\n", b"{\"Type\":\"container\"\n", b"\xff\xfe\n", b"x" * (1100 * 1024),
    b"[" * 5000 + b"\n", b"\0\n",
], ids=["text", "empty", "array", "cut", "bytes", "endless", "deep", "nul"])
def test_garbage_is_passed_over_and_all_is_asked_for_again(engine, garbage):
    engine.add(container(A, "one"))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        engine.raw(garbage)
        engine.wait_request("/containers/json", 2)
        engine.wait_request("/containers/" + A, 2)
        w.wait_message("all is asked for again")
        w.no_line(0.3)
        engine.raw(b"\n")
        engine.event("pause", A)
        w.wait(lambda w: w.states() == {"one": "paused"})
    assert engine.count_requests("/events") == 1


def test_what_a_line_that_is_too_long_said_is_found_out(engine):
    engine.add(container(A, "one"))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        engine.add(container(B, "big", labels={"x": "y" * (1100 * 1024)}))
        engine.event("start", B)  # the labels are in each event
        w.wait(lambda w: w.states() == {"one": "ready", "big": "ready"})
        down(engine, B)
        engine.event("die", B)
        w.wait(lambda w: w.reasons() == {"big": "not_running"})
        w.wait_message("longer than 1 MiB")
    assert engine.count_requests("/events") == 1


def test_containers_with_endless_labels_do_not_hide_the_others(engine):
    for number in range(40):  # the list alone would be 44 MB
        engine.add(container(f"{number:064x}", f"big{number}", labels={"x": "y" * (1100 * 1024)}))
    engine.add(container(A, "one"))
    with watch(engine) as w:
        w.next(60)
        assert len(w.states()) == 41
        with open(f"/proc/{w.process.pid}/status") as status:
            peak_kb = int(next(line for line in status if line.startswith("VmHWM")).split()[1])
        assert peak_kb < 200_000 or "asan" in str(PROGRAM)


def test_a_container_of_which_too_much_is_told_is_left_out(engine):
    engine.add(container(A, "one"))
    engine.add(container(B, "big", labels={f"x{n}": "y" * (500 * 1024) for n in range(9)}))
    with watch(engine) as w:
        w.next()
        assert w.states() == {"one": "ready"} and w.reasons() == {"big": "no_address"}
        assert "larger than 4 MiB" in w.left_out()["big"]["detail"]
        asked = engine.count_requests("/containers/" + B)
        w.no_line(2.3)
        assert engine.count_requests("/containers/" + B) == asked  # not again and again


def test_closed_in_the_middle_of_a_line(engine):
    engine.add(container(A, "one"))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        engine.end_streams(b'1000\r\n{"Type":"container","Action":"die","Actor":{"ID":"' + A.encode())
        engine.wait_stream()
        w.no_line(0.3)
        assert w.states() == {"one": "ready"}


def test_what_was_missed_is_found_by_the_list(engine):
    engine.add(container(A, "one"))
    engine.add(container(B, "two"))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        del engine.containers[A]
        down(engine, B)
        engine.add(container(C, "three"))
        engine.end_streams()
        w.wait(lambda w: w.states() == {"three": "ready"} and w.reasons() == {"two": "not_running"})
        assert w.endpoints()["three"]["cause"] == "list"


def test_what_was_dropped_silently_is_found_by_the_next_resync(engine):
    engine.add(container(A, "one"))
    with watch(engine, "--resync", "1") as w:
        w.next()
        engine.wait_stream()
        engine.add(container(B, "two"))
        w.wait(lambda w: set(w.states()) == {"one", "two"}, 4)
        inspects = engine.count_requests("/containers/" + A)
        del engine.containers[B]
        w.wait(lambda w: set(w.states()) == {"one"}, 4)
        assert engine.count_requests("/containers/" + A) == inspects  # nothing changed: not asked again
    assert engine.count_requests("/events") == 1


def test_events_while_the_list_is_on_its_way(engine, clock):
    engine.add(container(A, "one"))
    engine.add(container(B, "two"))
    with watch(engine, "--resync", "60", environment=clock.env) as w:
        w.next()
        engine.wait_stream()
        engine.answers["/containers/json"] = engine._find("/containers/json")  # from now on: stale
        engine.delay_s["/containers/json"] = 1
        clock.pass_s(60)
        engine.wait_request("/containers/json", engine.count_requests("/containers/json") + 1)
        down(engine, A)
        engine.event("die", A)
        engine.add(container(C, "three"))
        engine.event("start", C)
        w.wait(lambda w: set(w.states()) == {"two", "three"})
        w.no_line(1.5)  # the stale list comes in: it must undo neither
        del engine.answers["/containers/json"]


def test_an_event_overtakes_an_inspect(engine):
    engine.add(container(A, "one"))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        engine.delay_s["/containers/" + A] = 0.4
        engine.event("update", A)
        engine.wait_request("/containers/" + A, 2)
        engine.event("die", A)
        w.wait(lambda w: w.reasons() == {"one": "not_running"}, 0.3)
        w.no_line(0.8)  # the answer from before the death changes nothing


def test_an_inspect_that_an_event_overtook_is_asked_again(engine):
    engine.add(container(A, "one"))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        engine.delay_s["/containers/" + A] = 0.5
        engine.event("update", A)
        engine.wait_request("/containers/" + A, 2)
        engine.containers[A]["State"]["Paused"] = True
        engine.event("pause", A)
        w.wait(lambda w: w.states() == {"one": "paused"}, 0.4)
        engine.wait_request("/containers/" + A, 3)
        w.no_line(0.8)


# ---- signs of life ----------------------------------------------------------------------------------

def last_sign(w):
    return w.signs_of_life[-1]["alive"]


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
        wait_for(lambda: last_sign(w)["resyncs"]["timer"] >= 3, "a sign after three timers", 4)
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


# ---- an engine that is away or ill -------------------------------------------------------------------

def test_the_engine_comes_later_and_goes_and_comes(tmp_path):
    fake = FakeDocker(tmp_path / "docker.sock")
    fake.add(container(A, "one"))
    with Watcher("--docker=unix://" + fake.path, "--self", "none") as w:
        w.wait_message("cannot connect: No such file or directory")
        w.no_line(0.3)
        fake.start()
        w.next(8)
        assert w.states() == {"one": "ready"}
        fake.wait_stream()
        fake.stop()
        w.wait_message("the last state is kept")
        w.no_line(0.5)
        fake.add(container(B, "two"))
        fake.start()
        w.wait(lambda w: set(w.states()) == {"one", "two"}, 8)
        fake.stop()


def test_a_wait_between_attempts_grows(tmp_path):
    with Watcher("--docker=unix://" + str(tmp_path / "none"), "--log-level", "debug") as w:
        time.sleep(2.5)  # the thing measured is time
        with w.said:
            attempts = sum("cannot connect" in message for message in w.messages)
    assert 4 <= attempts <= 9, attempts  # 50…100, 100…200, 200…400, 400…800, 800…1600 ms


@pytest.mark.parametrize("what", ["/_ping", "/events", "/networks", "/containers/json"])
@pytest.mark.parametrize("answer", [(500, b'{"message":"no"}'), (200, b"nonsense"), (400, b"too old")])
def test_errors_at_first(engine, what, answer):
    if what == "/_ping" and answer[0] == 200:
        pytest.skip("the body of a ping does not matter")
    engine.answers[what] = answer
    engine.add(container(A, "one"))
    with watch(engine) as w:
        engine.wait_request(what, 3)  # it tries again and again
        w.no_line(0.1)
        del engine.answers[what]
        w.next(8)
        assert w.states() == {"one": "ready"}


# A request to the engine is given up after five seconds.

@pytest.mark.parametrize("what", ["/_ping", "/events"])
def test_hangs_at_first(what, engine, clock):
    engine.hang.add(what)
    with watch(engine, environment=clock.env) as w:
        engine.wait_request(what)
        engine.hang.clear()
        clock.pass_s(5)
        engine.wait_request(what, 2)
        w.next()


def test_hangs_while_following(engine, clock):
    """It is asked for a sign after ten silent seconds, and given five to answer."""
    engine.add(container(A, "one"))
    with watch(engine, environment=clock.env) as w:
        w.next()
        engine.wait_stream()
        engine.hang.add("/_ping")  # the stream stays open and says nothing
        clock.pass_s(10)
        engine.wait_request("/_ping", 2)
        clock.pass_s(3)
        w.no_line(1.2)
        assert not any("the last state is kept" in message for message in w.messages)
        clock.pass_s(2)
        w.wait_message("the last state is kept")
        w.no_line(0.1)
        engine.add(container(B, "two"))
        engine.hang.clear()
        clock.pass_s(5)  # of the next attempt, if it hangs as well
        w.wait(lambda w: set(w.states()) == {"one", "two"})


def test_one_container_that_hangs_holds_up_no_other(engine, clock):
    engine.add(container(A, "one"))
    with watch(engine, environment=clock.env) as w:
        w.next()
        engine.wait_stream()
        engine.add(container(B, "stuck"))
        engine.hang.add("/containers/" + B)
        engine.event("start", B)
        engine.add(container(C, "three"))
        engine.event("start", C)
        w.wait(lambda w: set(w.states()) == {"one", "three"}, 2)
        engine.hang.clear()
        clock.pass_s(5)
        w.wait(lambda w: set(w.states()) == {"one", "three", "stuck"})


def test_a_container_that_hangs_from_the_start_does_not_hold_up_the_first_line(engine, clock):
    engine.add(container(A, "one"))
    engine.add(container(B, "stuck"))
    engine.hang.add("/containers/" + B)
    with watch(engine, "--log-level", "debug", environment=clock.env) as w:
        engine.wait_request("/containers/" + B)
        clock.pass_s(2)
        w.next()
        assert not any("asking for container stuck" in message for message in w.messages)
        assert w.states() == {"one": "ready"} and w.reasons() == {"stuck": "no_address"}
        engine.hang.clear()
        clock.pass_s(3)
        w.wait_message("asking for container stuck")  # it is given up, and asked for again after two
        clock.pass_s(2)
        w.wait(lambda w: set(w.states()) == {"one", "stuck"})


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"{", b'{"Id":5,"State":{}}', b'{"State":{}}'])
def test_an_inspect_that_is_none(body, engine, clock):
    engine.add(container(A, "one"))
    engine.add(container(B, "odd"))
    engine.answers[f"/containers/{B}/json"] = (200, body)
    with watch(engine, environment=clock.env) as w:
        w.next()
        assert w.states() == {"one": "ready"} and w.reasons() == {"odd": "no_address"}
        engine.answers.clear()
        clock.pass_s(2)
        w.wait(lambda w: set(w.states()) == {"one", "odd"}, 6)


def test_hostile_names_and_labels(engine):
    nasty = "x\u0000\n\r\t\"\\\u2028\ud83d\ude00" + "y" * 70000
    engine.add(container(A, "one", labels={"a\u0000b": nasty, nasty: "v", "lb.network": nasty}))
    engine.add(container(B, nasty, env=["\u0000", "=", nasty, "SERVICE_NAME=" + nasty]))
    engine.add(container(C, "three", labels={"lb.service": nasty}))
    engine.containers["zz"] = {**container("zz", "noid")}
    with watch(engine) as w:
        w.next()
        assert w.left_out()["one"]["reason"] == "no_shared_network"
        assert w.left_out()["three"]["reason"] == "bad_label"
        name, = w.states()
        assert name.startswith("x\ufffd???\"\\") and len(name.encode()) <= 512
        w.wait_message("have no valid id")
        engine.wait_stream()
        engine.event("pause", B, **{"k\u0000": "v\u0000"})  # a NUL does not cost the stream
        w.wait(lambda w: list(w.states().values()) == ["paused"])
    assert engine.count_requests("/events") == 1


@pytest.mark.slow("the list of 5 000 containers, and one request for each")
def test_5000_containers(engine):
    for number in range(5000):
        engine.add(container(f"{number:064x}", f"c{number:04}", ip=f"10.{number >> 8}.{number & 255}.1"))
    with watch(engine) as w:
        started = time.monotonic()
        w.next(90)
        print("first line after", time.monotonic() - started)
        while len(w.states()) < 5000:  # as long as more come
            w.next(30)
        engine.wait_stream()
        times_ms = []
        for number in range(20):
            before = time.time_ns()
            engine.event("kill", f"{number:064x}", signal="15")
            w.wait(lambda w, name=f"c{number:04}": w.states()[name] == "draining")
            times_ms.append((w.last_at_ns - before) / 1e6)
        print("event to line, median of 20:", sorted(times_ms)[10], "ms")


def test_latency(engine):
    engine.add(container(A, "one"))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        times_ms = []
        for number in range(50):
            engine.containers[A]["State"]["Paused"] = number % 2 == 0
            before = time.time_ns()
            engine.event("unpause" if number % 2 else "pause", A)
            w.next()
            times_ms.append((w.last_at_ns - before) / 1e6)
        print("event to line: median", sorted(times_ms)[25], "worst", max(times_ms), "ms")
        assert sorted(times_ms)[25] < 10


def test_nothing_is_read_and_then_slept_upon(engine):
    """Events that come while others are being handled: none may wait for the next wake-up."""
    engine.add(container(A, "one"))
    engine.add(container(B, "two"))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        times_ms = []
        for number in range(150):
            action, state = ("unpause", "ready") if number % 2 else ("pause", "paused")
            for cid in (A, B):
                engine.containers[cid]["State"]["Paused"] = action == "pause"
            before = time.time_ns()
            engine.event(action, A)
            until = time.perf_counter() + number * 4e-6  # gaps of 0 to 600 µs
            while time.perf_counter() < until:
                pass
            engine.event(action, B)
            w.wait(lambda w, state=state: set(w.states().values()) == {state})
            times_ms.append((w.last_at_ns - before) / 1e6)
        print("two events to line: median", sorted(times_ms)[75], "worst", max(times_ms), "ms")
        assert max(times_ms) < 500


# ---- the program -------------------------------------------------------------------------------------

def run(*args, **environment):
    return subprocess.run([PROGRAM, *args], env={**ENVIRONMENT, **environment}, capture_output=True, text=True,
                          timeout=20)


def test_once(engine):
    engine.add(container(A, "one"))
    done = run("--once", DOCKER_HOST="unix://" + engine.path)
    assert done.returncode == 0 and done.stdout.count("\n") == 1
    assert json.loads(done.stdout)["services"][0]["name"] == "web"


def test_once_gives_up_after_five_seconds(tmp_path, clock):
    w = Watcher("--once", f"--docker=unix://{tmp_path}/none", environment=clock.env)
    try:
        w.wait_message("cannot connect")
        clock.pass_s(3)
        with pytest.raises(subprocess.TimeoutExpired):
            w.process.wait(1.2)
        clock.pass_s(2)
        assert w.process.wait(4) == 1 and w.lines.empty()
    finally:
        w.end()


def test_help_version_and_mistakes():
    done = run("--help")
    assert done.returncode == 0 and "--docker[=ENGINE]" in done.stdout and "lb.service" in done.stdout
    done = run("--version")
    assert done.returncode == 0 and "libcurl" in done.stdout and "jansson" in done.stdout
    done = run("--resync", "never")
    assert done.returncode == 2 and done.stdout == ""
    assert "--resync" in done.stderr and "never" in done.stderr and "1 to 86400" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it(engine, number):
    w = watch(engine)
    w.next()
    w.process.send_signal(number)
    assert w.process.wait(3) == 0
    w.end()


def test_ends_when_its_reader_goes_away_though_all_is_quiet(engine):
    process = subprocess.Popen([PROGRAM, "--docker=unix://" + engine.path, "--self", "none"],
                               stdout=subprocess.PIPE, env=ENVIRONMENT)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(3) == 0


def test_a_reader_that_does_not_read_holds_up_nothing(engine):
    for number in range(400):
        engine.add(container(f"{number:064x}", f"c{number:04}"))
    read_end, write_end = os.pipe()
    process = subprocess.Popen([PROGRAM, "--docker=unix://" + engine.path, "--self", "none"], stdout=write_end,
                               stderr=subprocess.DEVNULL, env=ENVIRONMENT)
    os.close(write_end)
    engine.wait_stream()
    engine.wait_request("/containers/", 401)
    for number in range(400):  # would fill the pipe a thousand times
        engine.event("pause", f"{number:064x}")
    engine.add(container(A, "last"))
    engine.event("start", A)
    engine.wait_request("/containers/" + A)  # it still reads events
    last = None
    with os.fdopen(read_end) as lines:
        for line in lines:
            if '"alive":' in line:
                continue
            last = {e["name"]: e["state"] for e in json.loads(line)["services"][0]["endpoints"]}
            if "last" in last:
                break
    assert len(last) == 401 and sum(state == "paused" for state in last.values()) == 400
    assert process.wait(3) == 0


def test_ends_with_its_parent(engine):
    script = ('import os, subprocess, sys\n'
              'child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,\n'
              '    env={**os.environ, "LB_DISCOVERY_PARENT": str(os.getpid())})\n'
              'print(child.pid, flush=True)\n'
              'sys.stdin.read()\n')
    parent = subprocess.Popen(["/usr/bin/python3", "-c", script, PROGRAM, "--docker=unix://" + engine.path],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=ENVIRONMENT)
    child = int(parent.stdout.readline())
    engine.wait_stream()
    parent.kill()
    parent.wait()
    engine.wait_for(lambda: True)
    end = time.monotonic() + 5
    while os.path.exists(f"/proc/{child}") and time.monotonic() < end:
        with open(f"/proc/{child}/stat", encoding="ascii") as stat:
            if stat.read().split(") ")[1][0] == "Z":
                break
        time.sleep(0.02)
    else:
        assert not os.path.exists(f"/proc/{child}")
