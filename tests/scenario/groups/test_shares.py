"""Several services share a route's requests by their weights, whatever the number of their containers."""

import json
import signal

import pytest

from support.group import ask, group, shared  # noqa: F401
from support.waiting import wait_for

TURNS = 10_000


def near(counts, **wanted):
    """Within a percent of what each is to get."""
    for service, count in wanted.items():
        assert abs(counts.get(service, 0) - count) <= max(count // 100, 2), counts


@pytest.mark.slow("it counts ten thousand requests, so that a percent can be seen")
def test_shares_are_exact_whatever_the_number_of_containers(group, ask):
    g = group(shop=1, next=3)
    g.tell([shared("shop=95", "next=5")])
    ask(g.lb, TURNS)
    near(g.counts(), shop=9500, next=500)


def test_three_services_and_one_that_gets_none(group, ask):
    g = group(a=2, b=1, c=1)
    g.tell([shared("a=3", "b=1", "c=0")])
    ask(g.lb, 1000)
    assert g.counts() == {"a": 750, "b": 250, "c": 0}


def test_who_has_no_servers_gives_its_share_to_the_others_and_gets_it_back(group, ask):
    g = group(a=1, b=1, c=1)
    routes = [shared("a=1", "b=1", "c=2")]
    g.tell(routes)
    ask(g.lb, 400)
    assert g.counts() == {"a": 100, "b": 100, "c": 200}
    g.tell(routes, without=["c"])
    ask(g.lb, 400)
    near(g.counts(), a=200, b=200)
    g.tell(routes, states={"c": "paused"})
    ask(g.lb, 400)
    near(g.counts(), a=200, b=200)
    g.tell(routes)
    ask(g.lb, 400)
    near(g.counts(), a=100, b=100, c=200)


def test_one_that_dies_unseen_loses_no_request(group, ask):
    g = group("--hold=5s", a=1, b=1)
    g.tell([shared("a=1", "b=1")])
    ask(g.lb, 10)
    g.servers["b"][0].expected_status = -signal.SIGKILL
    g.servers["b"][0].signal(signal.SIGKILL)
    ask(g.lb, 200)


def test_what_the_dead_one_leaves_is_shared_by_the_others_weights(group, ask):
    g = group("--hold=5s", "--eject-after=0", a=1, b=1, c=1)
    g.tell([shared("a=50", "b=30", "c=20")])
    g.servers["b"][0].expected_status = -signal.SIGKILL
    g.servers["b"][0].signal(signal.SIGKILL)
    ask(g.lb, 700)
    near(g.counts(), a=500, c=200)


def test_nobody_is_there_and_whoever_comes_gets_those_that_wait(group, connect):
    g = group("--hold=60s", a=1, b=1)
    routes = [shared("a=1", "b=9")]
    g.tell(routes)
    g.tell(routes, states={"a": "paused", "b": "paused"})
    clients = [connect(g.lb) for _ in range(4)]
    for client in clients:
        client.request(host="a.test")
    wait_for(lambda: g.lb.totals()["held"] == 4, "all wait")
    g.counts()
    g.tell(routes, states={"b": "paused"})
    assert [client.read_response().status for client in clients] == [200] * 4
    assert g.counts()["a"] == 4


def test_nobody_has_a_weight(group, connect):
    g = group(a=1, b=1)
    g.tell([shared("a=0", "b=0")])
    with connect(g.lb) as client:
        assert client.get(host="a.test").status == 503


def test_a_live_order_loses_no_request_and_is_kept(group, ask, tmp_path):
    g = group("--hold=0s", f"--state={tmp_path}/orders", shop=1, next=1)
    routes = [shared("shop=95", "next=5")]
    g.tell(routes)
    assert g.lb.order("/services/next/share?value=20")[0] == 200
    ask(g.lb, 1000)
    assert g.counts() == {"shop": 800, "next": 200}
    for percent in (0, 100, 50) * 4:
        g.lb.order(f"/services/next/share?value={percent}")
        ask(g.lb, 50)
    g.counts()
    ask(g.lb, 100)
    assert g.counts() == {"shop": 50, "next": 50}
    assert '"service":"next","percent":50' in (tmp_path / "orders").read_text()
    assert "shop 50 %, next 50 %" in g.lb.ask("/explain?url=http://a.test/").body.decode()
    assert "In force: shop 50 %, next 50 % by order" in g.lb.ask("/routes").body.decode()
    [route] = json.loads(g.lb.ask("/routes", fields=["Accept: application/json"]).body)["routes"]
    assert route["in_force"] == "shop 50 %, next 50 % by order"
    [next_one] = [one for one in g.lb.pool()["services"] if one["name"] == "next"]
    assert next_one["ordered_share"] == 50
    g.lb.order("/services/next/share?value=default")
    ask(g.lb, 1000)
    assert g.counts() == {"shop": 950, "next": 50}


def test_an_order_is_in_force_again_and_forgotten_with_its_service(group, ask, tmp_path, start_lb):
    path = tmp_path / "orders"
    path.write_text('{"v":1,"orders":[],"shares":[{"service":"next","percent":50},{"service":"gone","percent":5}]}')
    g = group("--hold=0s", f"--state={path}", shop=1, next=1)
    g.tell([shared("shop=95", "next=5")])
    ask(g.lb, 100)
    assert g.counts() == {"shop": 50, "next": 50}
    wait_for(lambda: "gone" not in path.read_text(), "nobody leads to the other one")


def test_orders_about_shares_that_make_no_sense(group):
    g = group(shop=1, next=1)
    g.tell([shared("shop=95", "next=5"), {"host": "b.test", "service": "alone"}])
    for bad in ("101", "-1", "x", "", "1.5"):
        assert g.lb.order(f"/services/next/share?value={bad}")[0] == 400
    assert g.lb.order("/services/alone/share?value=5")[0] == 409
    status, answer = g.lb.order("/services/nxet/share?value=5")
    assert status == 404 and "did you mean next?" in answer["message"]


def test_who_waits_for_a_paused_one_stays_with_it_whatever_else_changes(group, connect):
    g = group("--hold=0s", "--workers=1", shop=1, next=2)
    routes = [shared("shop=50", "next=50")]
    g.tell(routes)
    g.lb.order("/services/shop/pause?for=1m")
    clients = [connect(g.lb).request(host="a.test") for _ in range(8)]
    wait_for(lambda: g.lb.totals()["held"] == 4, "half of them wait")
    for percent in (90, 50):
        g.lb.order(f"/services/next/share?value={percent}")
    g.tell([*routes, {"host": "b.test", "service": "next"}])
    assert g.lb.totals()["held"] == 4
    g.lb.order("/services/shop/resume")
    assert [client.read_response().status for client in clients] == [200] * 8
    assert g.counts()["shop"] == 4
