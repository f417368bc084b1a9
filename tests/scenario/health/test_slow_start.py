"""Slow start: who comes gets little at first and its full share in the end."""

from support.discovery import endpoint
from support.waiting import wait_for


def test_share_grows(start_lb, discovery, patient, ask):
    old, new = patient("old"), patient("new")
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("old", old.address))
    lb.wait_ready(1)
    discovery.send(endpoint("old", old.address),
                   endpoint("new", new.address, slow_start_ms=1000))
    wait_for(lambda: lb.endpoints().get("new", {}).get("share_percent", 100) < 100, "it has a small share")
    wait_for(lambda: lb.endpoints()["new"]["share_percent"] == 100, "it has its full share")
    wait_for(lambda: ask(lb, 10) in (["old", "new"] * 5, ["new", "old"] * 5),
             "the rotation is strict again")


def test_by_flag_and_off_by_label(start_lb, discovery, patient, ask):
    old, new, quick = patient("old"), patient("new"), patient("quick")
    lb = start_lb("--slow-start=1h", *discovery.flags)
    first = endpoint("old", old.address, slow_start_ms=0)
    discovery.send(first)
    lb.wait_ready(1)
    discovery.send(first, endpoint("new", new.address),
                   endpoint("quick", quick.address, slow_start_ms=0))
    lb.wait_ready(3)
    found = lb.endpoints()
    assert 1 <= found["new"]["share_percent"] < 10 and "share_percent" not in found["quick"]
    answers = ask(lb, 66)
    assert answers.count("new") == 2 and answers.count("old") == answers.count("quick") == 32


def test_all_at_once_are_equal(start_lb, patient, ask):
    """At the start of everything all are new: a small share of nothing is the whole of it."""
    backends = [patient(str(i)) for i in range(3)]
    lb = start_lb("--slow-start=1h", backends=backends)
    wait_for(lambda: sorted(ask(lb, 6)) == ["0", "0", "1", "1", "2", "2"], "they share evenly")
