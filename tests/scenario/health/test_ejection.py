"""Passive health: requests that fail take an endpoint out for a time."""

import re

import pytest

from patient import BAD, Patient, answer_of
from support.backend import OK
from support.discovery import endpoint
from support.waiting import wait_for


def state_of(lb, backend):
    return lb.endpoints()["%s:%d" % backend.address]["state"]


def wait_state(lb, backend, state):
    wait_for(lambda: state_of(lb, backend) == state, f"it is {state}: {lb.pool()['services']}")


def test_refused_connects_eject_and_a_probe_brings_back(start_lb, start_backend, ask, cleanup):
    bad, good = start_backend(), start_backend()
    lb = start_lb("--eject-time=100ms", backends=[bad, good])
    bad.stop_listening()
    assert ask(lb, 10) == ["ok"] * 10
    wait_state(lb, bad, "ejected")
    found = lb.endpoints()["%s:%d" % bad.address]
    failures = found["failures"]
    assert 3 <= failures <= 5  # control may need a moment
    assert found["cause"] == "requests"
    assert "probe succeeds" in found["remedy"]
    assert lb.wait_message(r"ejected, 1 endpoint: 3 attempts in a row failed, so it is left out for "
                           r"100 ms$")
    wait_for(lambda: "refused" in lb.endpoints()["%s:%d" % bad.address]["problem"],
             "its time is over, and it is probed")
    assert ask(lb, 10) == ["ok"] * 10
    assert lb.endpoints()["%s:%d" % bad.address]["failures"] == failures
    again = Patient("back", port=bad.address[1])
    cleanup.callback(again.close)
    wait_state(lb, bad, "ready")
    assert set(ask(lb, 4)) == {"ok", "back"}
    assert "problem" not in lb.endpoints()["%s:%d" % bad.address]


def test_without_the_rule_nobody_is_ejected(start_lb, start_backend, ask):
    bad, good = start_backend(), start_backend()
    lb = start_lb("--eject-after=0", backends=[bad, good])
    bad.stop_listening()
    assert ask(lb, 20) == ["ok"] * 20
    assert state_of(lb, bad) == "ready"
    assert lb.endpoints()["%s:%d" % bad.address]["failures"] == 10


def test_resets_count_and_successes_end_the_row(start_lb, patient, ask):
    """One or two failures, a success, and again: never three in a row. The first one after a success
    is on a reused connection perhaps, and does not count."""
    moody, good = patient("moody"), patient("good")
    lb = start_lb(backends=[moody, good])
    for _ in range(4):
        moody.answer = None
        ask(lb, 4)
        moody.answer = answer_of("moody")
        assert "moody" in ask(lb, 2)
    failures = lb.endpoints()["%s:%d" % moody.address]["failures"]
    assert failures >= 4
    assert state_of(lb, moody) == "ready"
    moody.answer = None
    ask(lb, 10)
    lb.wait_message("ejected, 1 endpoint: 3 attempts in a row failed")


def test_each_ejection_is_longer(start_lb, patient, ask):
    """It accepts, so probes succeed, and resets each request."""
    bad, good = patient("bad"), patient("good")
    bad.answer = None
    lb = start_lb("--eject-time=20ms", backends=[bad, good])
    pattern = r"left out for (\d+) ms"

    def times():
        ask(lb, 8)
        found = [re.search(pattern, m) for m in lb.messages()]
        return [int(m[1]) for m in found if m]

    wait_for(lambda: len(times()) >= 4, "it is ejected four times", timeout_s=20)
    assert times()[:4] == [20, 40, 80, 160]


def test_reused_connection_that_was_closed_does_not_count(start_lb, start_backend, ask):
    """It ends each connection when a second request comes, as a server whose idle time is over."""
    def script(connection):
        connection.read_request()
        connection.send(OK)
        connection.read_request()
        connection.reset()

    stale, good = start_backend(script), start_backend()
    lb = start_lb("--eject-after=1", backends=[stale, good])
    assert ask(lb, 30) == ["ok"] * 30
    assert lb.totals()["retries"] >= 5
    assert not lb.find_message("ejected")
    assert set(lb.states().values()) == {"ready"}


def test_errors_count_where_asked(start_lb, patient, ask):
    bad, good = patient("bad"), patient("good")
    bad.answer = BAD
    lb = start_lb("--eject-5xx=4", "--eject-time=1m", backends=[bad, good])
    wait_for(lambda: ask(lb, 2) and state_of(lb, bad) == "ejected", "it is ejected")
    lb.wait_message("4 answers in a row were 5xx")
    assert ask(lb, 6) == ["good"] * 6


def test_errors_do_not_count_otherwise(start_lb, patient, ask):
    bad, good = patient("bad"), patient("good")
    bad.answer = BAD
    lb = start_lb(backends=[bad, good])
    assert ask(lb, 40).count(503) == 20
    assert state_of(lb, bad) == "ready"


def test_never_more_than_the_share(start_lb, start_backend, ask):
    """Three of four refuse: two may be out at a time; the third stays, and it is said why."""
    backends = [start_backend() for _ in range(4)]
    lb = start_lb("--eject-time=1m", "--panic-below=0", backends=backends)
    for backend in backends[:3]:
        backend.stop_listening()
    assert ask(lb, 60) == ["ok"] * 60
    wait_for(lambda: sorted(lb.states().values()) == ["ejected", "ejected", "ready", "ready"],
             "half of them is out")
    assert ask(lb, 20) == ["ok"] * 20
    assert sorted(lb.states().values()) == ["ejected", "ejected", "ready", "ready"]
    problems = [e["problem"] for e in lb.endpoints().values() if e["state"] == "ready"
                and "problem" in e]
    assert len(problems) == 1 and "too many would be out" in problems[0]


@pytest.mark.parametrize("percent", [1, 100])
def test_one_may_always_be_ejected_but_not_the_last(percent, start_lb, start_backend, ask):
    bad, good = start_backend(), start_backend()
    lb = start_lb(f"--eject-max={percent}", "--eject-time=1m", backends=[bad, good])
    bad.stop_listening()
    ask(lb, 10)
    wait_state(lb, bad, "ejected")
    good.close()
    assert set(ask(lb, 10)) == {502}
    wait_for(lambda: "too many would be out" in
             lb.endpoints()["%s:%d" % good.address].get("problem", ""), "it is suspected")
    assert state_of(lb, good) == "ready"


def test_ejection_survives_lines_and_a_new_name(start_lb, discovery, start_backend, ask):
    bad, good = start_backend(), start_backend()
    lb = start_lb("--eject-time=1m", *discovery.flags)
    discovery.send(endpoint("bad", bad.address, id="b"), endpoint("good", good.address))
    lb.wait_ready(2)
    bad.stop_listening()
    ask(lb, 10)
    lb.wait_states(bad="ejected", good="ready")
    since = lb.endpoints()["bad"]["since"]
    discovery.send(endpoint("bad", bad.address, id="b", weight=3), endpoint("good", good.address))
    discovery.send(endpoint("other", bad.address, id="b"), endpoint("good", good.address),
                   endpoint("third", good.address))
    wait_for(lambda: "other" in lb.states(), "the line is read")
    lb.wait_states(other="ejected", good="ready", third="ready")
    assert lb.endpoints()["other"]["since"] == since
    assert "3 attempts" in lb.endpoints()["other"]["problem"]
    assert ask(lb, 10) == ["ok"] * 10
    assert lb.endpoints()["other"]["failures"] >= 3  # it is the same server: what was counted stays


def test_another_container_at_the_address_begins_anew(start_lb, discovery, start_backend, patient,
                                                      ask):
    """Docker reuses addresses at once; what was known of the old one is not believed of the new."""
    bad, good = start_backend(), start_backend()
    lb = start_lb("--eject-time=1m", *discovery.flags)
    discovery.send(endpoint("bad", bad.address, id="old"), endpoint("good", good.address))
    lb.wait_ready(2)
    bad.stop_listening()
    ask(lb, 10)
    lb.wait_states(bad="ejected", good="ready")
    patient("new", port=bad.address[1])
    discovery.send(endpoint("bad", bad.address, id="new"), endpoint("good", good.address))
    lb.wait_states(bad="ready", good="ready")
    assert sorted(set(ask(lb, 4))) == ["new", "ok"]


def test_panic_ignores_ejections(start_lb, patient, ask):
    """All reset: one is ejected, the other may not be, and both get requests until they are well."""
    one, two = patient("one"), patient("two")
    one.answer = two.answer = None
    lb = start_lb("--eject-time=1m", backends=[one, two])
    wait_for(lambda: ask(lb, 2) and lb.pool()["services"][0]["panic"], "there is panic")
    assert sorted(lb.states().values()) == ["ejected", "ready"]
    assert lb.wait_message("panic: too few endpoints are healthy")
    one.answer, two.answer = answer_of("one"), answer_of("two")
    asked = {}
    wait_for(lambda: asked.update(dict.fromkeys(ask(lb, 4))) or {"one", "two"} <= set(asked),
             "the ejected one is used as well")
    wait_for(lambda: not lb.pool()["services"][0]["panic"], "the panic is over")
    lb.wait_message("the panic is over")
    assert len(set(ask(lb, 6))) == 1  # the ejected one is out again
    assert sum("panic" in m for m in lb.messages()) == 2
