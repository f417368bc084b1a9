"""Who has a session with one of several services keeps it, whatever the shares say: a canary moves nobody."""

import re

import pytest

from support.client import RawClient
from support.group import ask, group, shared  # noqa: F401
from support.waiting import wait_for

STICKY = ["--hold=0s", "--balance=sticky round-robin"]
ROUTES = [shared("shop=50", "next=50")]


class Browser:
    def __init__(self, lb):
        self.lb, self.cookie, self.set_count = lb, None, 0

    def ask(self):
        """Who serves it: the service."""
        with RawClient(self.lb.address) as client:
            answer = client.get("/", host="a.test", fields=[f"Cookie: {self.cookie}"] if self.cookie else [])
        assert answer.status == 200
        for given in answer.head.all("set-cookie"):
            self.cookie = given.partition("; ")[0]
            self.set_count += 1
        return re.search(rb"served from (\w+)-\d+!", answer.body)[1].decode()


def come(lb, count):
    browsers = [Browser(lb) for _ in range(count)]
    return {browser: browser.ask() for browser in browsers}


def assert_stay(seats):
    for _ in range(3):
        assert {browser: browser.ask() for browser in seats} == seats
    assert all(browser.set_count == 1 for browser in seats)


@pytest.fixture(name="g")
def start(group):
    g = group(*STICKY, shop=2, next=2)
    g.tell(ROUTES)
    return g


def test_sessions_stay_where_they_began(g):
    seats = come(g.lb, 8)
    assert sorted(seats.values()) == ["next"] * 4 + ["shop"] * 4
    assert_stay(seats)


def test_a_weight_of_0_keeps_sessions_and_gets_no_others(g):
    seats = come(g.lb, 8)
    g.tell([shared("shop=100", "next=0")])
    wait_for(lambda: set(come(g.lb, 4).values()) == {"shop"}, "no other gets there")
    assert_stay(seats)


@pytest.mark.parametrize("percent", [0, 100])
def test_an_order_moves_nobody(g, percent):
    seats = come(g.lb, 8)
    g.lb.order(f"/services/next/share?value={percent}")
    assert set(come(g.lb, 8).values()) == {"next" if percent else "shop"}
    assert_stay(seats)


def test_nobody_has_a_weight_any_more(g, connect):
    seats = come(g.lb, 8)
    g.tell([shared("shop=0", "next=0")])
    wait_for(lambda: connect(g.lb).get(host="a.test").status == 503, "new ones go nowhere")
    assert_stay(seats)


def test_one_that_drains_keeps_its_own(g):
    seats = come(g.lb, 8)
    g.tell(ROUTES, states={"next": "draining"})
    assert set(come(g.lb, 8).values()) == {"shop"}
    assert_stay(seats)


def test_who_has_lost_its_server_gets_another_one_and_stays_there(g):
    seats = come(g.lb, 8)
    g.tell(ROUTES, states={"next": "paused"})
    now = {browser: browser.ask() for browser in seats}
    assert set(now.values()) == {"shop"}
    assert all(browser.set_count == (2 if seats[browser] == "next" else 1) for browser in seats)
    g.tell(ROUTES)
    assert {browser: browser.ask() for browser in seats} == now


def test_who_is_paused_lets_its_sessions_wait(g, connect):
    seats = come(g.lb, 8)
    g.lb.order("/services/next/pause?for=1m")
    browser = next(one for one, service in seats.items() if service == "next")
    client = connect(g.lb).request(host="a.test", fields=[f"Cookie: {browser.cookie}"])
    wait_for(lambda: g.lb.totals()["held"] == 1, "it waits")
    g.lb.order("/services/next/resume")
    assert b"served from next" in client.read_response().body
    assert_stay(seats)
