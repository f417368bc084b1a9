"""lb ctl pause: a service's new requests wait, in order, until it is resumed or the time is over."""

import signal
import time

import pytest

from support.backend import OK, answer_each
from support.discovery import endpoint, line_of, route_line
from support.program import run
from support.waiting import wait_for

WAIT_NOT = "--hold=0s"


def wait_held(lb, count):
    wait_for(lambda: lb.totals()["held"] == count, f"{count} requests are held")


def paused(lb):
    return {one["service"]: one["for_ms"] for one in lb.pool()["paused"]}


@pytest.fixture
def site(start_lb, start_backend, discovery):
    """lb with the services `shop` and `blog`, each with a backend."""
    def start(*flags):
        lb = start_lb(*(flags or [WAIT_NOT]), *discovery.flags)
        lb.backends = {name: start_backend() for name in ("shop", "blog")}
        tell(lb)
        lb.wait_ready(2)
        return lb

    def tell(lb, without=()):
        services = {name: [endpoint(name, backend.address)] for name, backend in lb.backends.items()
                    if name not in without}
        routes = [{"host": f"{name}.test", "service": name} for name in services]
        discovery.send_line(route_line(services, routes))

    start.tell = tell
    return start


def ask(connect, lb, host="shop.test", target="/"):
    client = connect(lb)
    return client.request(target=target, host=host)


def test_requests_wait_and_go_on(site, connect):
    lb = site("--hold=0s", "--workers=1")
    status, answer = lb.order("/services/shop/pause?for=1m")
    assert status == 200 and 0 < answer["paused_for_ms"] <= 60_000
    clients = []
    for number in range(5):
        clients.append(ask(connect, lb, target=f"/{number}"))
        wait_held(lb, number + 1)
    assert ask(connect, lb, host="blog.test").read_response().status == 200
    assert all(client.is_silent() for client in clients)
    assert lb.order("/services/shop/resume")[0] == 200
    assert [client.read_response().status for client in clients] == [200] * 5
    targets = {request.target for request in lb.backends["shop"].requests}  # in which order: test_hold_pause
    assert targets == {f"/{number}" for number in range(5)}
    assert not paused(lb)
    assert ask(connect, lb).read_response().status == 200


def test_it_ends_by_itself(site, connect):
    lb = site()
    lb.order("/services/shop/pause?for=1s")
    began = time.monotonic()
    assert ask(connect, lb).read_response().status == 200
    assert time.monotonic() - began > 0.8
    lb.wait_message("shop: the pause is over")


def test_twice_counts_from_the_second_one_on(site, connect):
    lb = site()
    lb.order("/services/shop/pause?for=1s")
    client = ask(connect, lb)
    wait_held(lb, 1)
    lb.order("/services/shop/pause?for=1m")
    time.sleep(1.5)
    assert client.is_silent() and paused(lb)["shop"] > 50_000
    lb.order("/services/shop/pause?for=100ms")
    assert client.read_response().status == 200


def test_what_runs_goes_on(site, connect, start_backend):
    lb = site()
    client = connect(lb)
    client.request("POST", host="shop.test", fields=["Content-Length: 4"])
    client.send(b"ab")
    lb.backends["shop"].wait_requests(1)
    lb.order("/services/shop/pause")
    client.send(b"cd")
    assert client.read_response().status == 200


def test_its_containers_are_swapped_meanwhile(site, connect):
    """A minute is longer than a route is kept otherwise."""
    lb = site()
    lb.order("/services/shop/pause?for=1m")
    client = ask(connect, lb)
    wait_held(lb, 1)
    site.tell(lb, without=["shop"])
    wait_for(lambda: "shop" not in lb.states(), "it is gone")
    other = ask(connect, lb)
    wait_held(lb, 2)
    site.tell(lb)
    lb.wait_ready(2)
    assert client.is_silent() and other.is_silent()
    lb.order("/services/shop/resume")
    assert [one.read_response().status for one in (client, other)] == [200, 200]


def test_who_finds_no_room_is_told_when_to_come_again(site, connect):
    lb = site("--hold=0s", "--workers=1", "--hold-max=1")
    lb.order("/services/shop/pause?for=40s")
    client = ask(connect, lb)
    wait_held(lb, 1)
    answer = ask(connect, lb).read_response()
    assert answer.status == 503 and 30 <= int(answer.get("Retry-After")) <= 40
    wait_for(lambda: lb.totals()["ends"].get("paused") == 1, "it is counted")
    lb.order("/services/shop/resume")
    assert client.read_response().status == 200


def test_shutdown_answers_those_that_wait(site, connect):
    lb = site()
    lb.order("/services/shop/pause")
    client = ask(connect, lb)
    wait_held(lb, 1)
    lb.signal(signal.SIGTERM)
    assert client.read_response().status == 503


def test_it_survives_a_reload_and_discovery(site, connect, discovery):
    lb = site()
    lb.order("/services/shop/pause")
    lb.reload()
    client = ask(connect, lb)
    wait_held(lb, 1)
    discovery.kill()
    discovery.wait_starts(2)
    site.tell(lb)
    lb.wait_ready(2)
    assert client.is_silent()
    lb.order("/services/shop/resume")
    assert client.read_response().status == 200


def test_it_is_shown_everywhere(site):
    lb = site()
    assert "lb_service_paused" not in lb.ask("/metrics").body.decode()
    lb.order("/services/shop/pause?for=50s")
    [shop] = [one for one in lb.pool()["services"] if one["name"] == "shop"]
    assert 40_000 < shop["paused_for_ms"] <= 50_000
    page = lb.metrics()
    assert page.value("lb_service_paused", service="shop") == 1
    assert 40 < page.value("lb_service_pause_remaining_seconds", service="shop") <= 50
    assert "paused by admin for" in lb.ask("/explain/shop").body.decode()
    assert "paused by admin for" in lb.ask("/explain?url=http://shop.test/").body.decode()
    lb.wait_message("admin: pause shop for 50.0 s")
    assert lb.ask("/readyz").status == 200


def test_orders_that_make_no_sense(site):
    lb = site()
    assert lb.order("/services/shop/resume") == (200, {"service": "shop", "message": "shop was not paused"})
    status, answer = lb.order("/services/shpo/pause")
    assert status == 404 and "did you mean shop?" in answer["message"]
    assert lb.order("/services/zzz/pause")[0] == 404
    for bad in ("2h", "0s", "x", "-1s", "1ms"):
        assert lb.order(f"/services/shop/pause?for={bad}")[0] == 400
    assert not paused(lb)


def ctl(lb, *words):
    return run("lb", "ctl", "--admin=%s:%d" % lb.admin, *words)


def test_from_the_command_line(site, connect):
    lb = site()
    done = ctl(lb, "pause", "shop", "--for", "20s")
    assert done.returncode == 0 and "shop is paused for 20.0 s" in done.stdout
    assert ctl(lb, "resume", "shop").stdout == "shop goes on, those that waited first\n"
    done = ctl(lb, "resume", "shop", "--for", "20s")
    assert done.returncode == 2 and "--for belongs to a pause" in done.stderr
    done = ctl(lb, "pause")
    assert done.returncode == 2 and "SERVICE is missing" in done.stderr
