"""/history: what each service did in the last ten minutes, kept whether anybody looks or not."""

import json

import pytest

from support.clock import Clock
from support.program import sanitizer
from support.traffic import Traffic
from support.waiting import wait_for

STEP_S = 5


def history_of(lb):
    answer = lb.ask("/history")
    assert answer.status == 200 and answer.get("Content-Type") == "application/json"
    return json.loads(answer.body)


@pytest.mark.slow("steps of five seconds pass")
def test_kept_without_followers(tmp_path, start_lb, start_appserver, connect, follow, next_frame):
    clock = Clock(tmp_path)
    lb = start_lb(backends=[start_appserver("one")], env=clock.env)
    page = history_of(lb)
    assert page["step_ms"] == 1000 * STEP_S and page["service_more"] == 0
    client = connect(lb)
    for i in range(20):
        client.get("/status/500" if i % 4 == 0 else "/")
    lb.wait_total("requests", 20)
    number = page["number"]
    clock.run_on(lb, 2 * STEP_S)
    wait_for(lambda: history_of(lb)["number"] >= number + 2, "two more steps are over", 30)
    lines = history_of(lb)["services"]["appserver"]
    assert [len(line) for line in lines.values()] == [120] * 3
    known = [value for value in lines["rate"] if value is not None]
    assert sum(known) == pytest.approx(20 / STEP_S, rel=0.5) and known[-1] == 0
    assert sum(value or 0 for value in lines["rate_5xx"]) == pytest.approx(5 / STEP_S, rel=0.5)
    assert [value for value in lines["p99_ms"] if value]
    assert lines["rate"][0] is None
    changes = history_of(lb)["changes"]
    assert [(c["before"], c["after"]) for c in changes] == [("gone", "probing"), ("probing", "ready")]
    frame = next_frame(follow(lb))
    assert frame["history"]["number"] >= number + 2
    assert set(frame["sample"]["appserver"]) == {"rate", "rate_5xx", "p99_ms"}


@pytest.mark.slow("more than ten minutes pass, by hand")
def test_old_ones_are_forgotten(tmp_path, start_lb, start_backend, connect, follow, next_frame):
    if sanitizer():
        pytest.skip("the clock cannot be moved on")
    clock = Clock(tmp_path)
    lb = start_lb(backends=[start_backend()], env=clock.env)
    for _ in range(3):
        connect(lb).get()
    lb.wait_total("requests", 3)
    for _ in range(124):
        before = history_of(lb)["number"]
        clock.pass_s(STEP_S)
        wait_for(lambda: history_of(lb)["number"] > before, "a step is over")
    rates = history_of(lb)["services"]["appserver"]["rate"]
    assert len(rates) == 120 and set(rates) == {0}
    assert len(json.loads(lb.ask("/requests").body)["slowest"]) in (0, 3)  # by the wall clock


@pytest.mark.slow("a step of five seconds is waited for")
def test_a_follower_adds_each_sample_to_it(start_lb, start_backend, follow, next_frame):
    lb = start_lb(backends=[start_backend()])
    follower = follow(lb)
    with Traffic(lb.address, kept=2) as traffic:
        first = next_frame(follower)["history"]["number"]
        for _ in range(15):
            frame = next_frame(follower)
            if frame["history"]["number"] == first + 1:
                break
        page = history_of(lb)
        assert page["number"] == first + 1
        last = {name: line[-1] for name, line in page["services"]["appserver"].items()}
        assert frame["sample"]["appserver"] == last and last["rate"] > 0
    assert not traffic.failures
