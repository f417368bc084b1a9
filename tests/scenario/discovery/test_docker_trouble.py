"""An engine that is away or ill, and one that has much."""

import time

import pytest
from fake_docker import FakeDocker, container
from watcher import Watcher, watch

from support.program import sanitizer

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


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
    count = 5000 if not sanitizer() else 1000
    for number in range(count):
        engine.add(container(f"{number:064x}", f"c{number:04}", ip=f"10.{number >> 8}.{number & 255}.1"))
    with watch(engine) as w:
        started = time.monotonic()
        w.next(90)
        print("first line after", time.monotonic() - started)
        while len(w.states()) < count:  # as long as more come
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
