"""Which ends of a container excuse a POST that failed, and how a container comes back though the engine fails meanwhile."""
from datetime import datetime, timezone

import pytest

import patience
from engine import ApiError
from report import judge_post

ENDS = [{"app": "web-1", "flavour": "polite", "event": "restart", "at": 1000.0, "over": 1006.0},
        {"app": "web-2", "flavour": "abrupt", "event": "disconnect", "at": 1000.0, "over": 1001.0}]


def excuse(begun, failed, words="The server closed the connection.", ends=ENDS, **more):
    begun, failed = (datetime.fromtimestamp(seconds, timezone.utc).isoformat() for seconds in (begun, failed))
    return judge_post({"begun": begun, "failed": failed, "kind": "status_502", "text": f"502 Bad Gateway: {words}", **more}, ends, "lb")


def test_what_was_on_it_when_it_ended_is_lost_however_long_that_took():
    assert excuse(1000, 1005.5, app="web-1") == "restart, polite"
    assert excuse(995, 1015, app="web-2") == "disconnect, abrupt"   # its answer never comes
    assert excuse(995, 1006, app="web-1", ends=[{**ENDS[0], "over": 1000.1}]) == "restart, polite"  # seen late
    assert excuse(995, 1006, ends=[{**ENDS[0], "over": 1000.1}]) is None


@pytest.mark.parametrize("begun,failed,app", [(999, 1000.5, "web-3"), (990, 999, "web-1"), (1008, 1009, "web-1"), (1003, 1009, "web-2")])
def test_anything_else_is_not(begun, failed, app):
    assert excuse(begun, failed, app=app) is None
    assert excuse(1000, 1001, "No server answered.", app="web-1") is None


def test_where_nobody_says_who_had_it_any_may_have():
    assert excuse(1000, 1002) and not excuse(1008, 1009)


class FakeEngine:
    """Fails as it is told, call by call, then does all."""

    def __init__(self, *problems):
        self.problems, self.calls, self.made = list(problems), [], 0

    def call(self, method, path):
        self.calls.append((method, path))
        if self.problems:
            raise self.problems.pop(0)

    def create(self):
        self.made += 1
        return f"c{self.made}"


def test_an_engine_that_is_away_is_asked_again():
    engine = FakeEngine(ConnectionRefusedError(), ApiError("it ends", 500))
    assert patience.starts(engine, "c") and len(engine.calls) == 3


def test_what_was_done_already_is_not_done_again():
    engine = FakeEngine(ApiError("no such container", 404))
    patience.insist(engine, "DELETE", "/containers/c")
    assert len(engine.calls) == 1


def test_one_that_can_never_start_is_replaced():
    engine = FakeEngine(ApiError("POST /containers/c1/start: 500 task c1: already exists", 500))
    assert patience.make(engine, engine.create) == "c2"
    assert engine.calls == [("POST", "/containers/c1/start"), ("DELETE", "/containers/c1?force=true"), ("POST", "/containers/c2/start")]


def test_a_refusal_that_stays_is_told():
    with pytest.raises(TimeoutError, match="no room"):
        patience.patiently(lambda: FakeEngine(ApiError("no room", 500)).call("GET", "/"), 0.1)
