"""What comes in the stream of events: in pieces, with garbage, too late, or not at all."""

import json

import pytest
from fake_docker import container
from watcher import PROGRAM, down, watch

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


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
        list_count = engine.count_requests("/containers/json")
        clock.pass_s(60)
        engine.wait_request("/containers/json", list_count + 1)
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
