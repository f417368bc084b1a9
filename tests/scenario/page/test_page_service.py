"""The page of one service: many endpoints are folded, and stay cheap."""

import json
import time

import pytest

from support.discovery import endpoint, line_of
from support.page import ENDPOINTS, is_live
from support.waiting import wait_for

SERVICE = "#/service/appserver"
SQUARES = "[...document.querySelectorAll('#squares i')].map(square => square.className.split(' ')[0])"
CPU_SHARE_MAX = 0.10
BYTES_PER_SECOND_MAX = 300_000


def names(page):
    return [row[0] for row in page.run(ENDPOINTS)]


@pytest.fixture(name="start_many")
def make_start_many(start_lb, discovery, start_backend):
    """start_many(count): an lb with so many, all but two of them ready."""
    def start(count):
        lb, address = start_lb(*discovery.flags), start_backend().address
        states = {3: "unhealthy", 5: "paused"}
        discovery.send_line(line_of([endpoint(f"app-{i}", address, id=f"{i:012x}", state=states.get(i, "ready"))
                                     for i in range(1, count + 1)]))
        return lb.wait_ready(count - 2)
    return start


def test_a_dozen_are_rows(start_many, open_page):
    page = is_live(open_page(start_many(14), SERVICE))
    page.wait(f"{ENDPOINTS}.length === 14")
    assert names(page)[:2] == ["app-3", "app-5"]  # problems first
    assert names(page)[2:5] == ["app-1", "app-2", "app-4"] and names(page)[-1] == "app-14"
    assert page.run("document.querySelector('#filter-box').hidden")


def test_more_are_squares(start_many, open_page):
    page = is_live(open_page(start_many(40), SERVICE))
    page.wait(f"{ENDPOINTS}.length === 2")
    assert names(page) == ["app-3", "app-5"]
    squares = page.run(SQUARES)
    assert len(squares) == 40 and (squares[2], squares[4]) == ("bad", "waiting") and squares.count("good") == 38
    assert page.text("#endpoints caption small") == "38 ready ones folded; a square opens one"
    page.run("document.querySelectorAll('#squares i')[9].click()")
    assert names(page) == ["app-3", "app-5", "app-10"]
    page.run("document.querySelectorAll('#squares i')[9].click()")
    assert names(page) == ["app-3", "app-5"]


def test_squares_by_the_keyboard(start_many, open_page):
    page = is_live(open_page(start_many(40), SERVICE))
    page.wait(f"{ENDPOINTS}.length === 2")
    page.run("document.querySelector('#squares').focus()")
    page.press("ArrowRight", 2)
    active = "document.getElementById(document.querySelector('#squares').getAttribute('aria-activedescendant'))"
    assert page.run(f"{active}.title") == "app-2: ready"
    page.press_enter()
    assert names(page) == ["app-3", "app-5", "app-2"]
    assert page.run(f"{active}.getAttribute('aria-selected')") == "true"
    page.press("End")
    page.press("Space")
    assert "app-40" in names(page)


def test_the_filter(start_many, open_page):
    page = is_live(open_page(start_many(60), SERVICE))
    page.wait(f"{ENDPOINTS}.length === 2")
    page.run("document.querySelector('#filter').focus()")
    page.type("APP-2")
    assert names(page) == ["app-2"] + [f"app-{i}" for i in range(20, 30)]
    assert page.text("#endpoints caption small") == "11 of 60"
    page.run("document.querySelector('#filter').select()")
    page.type("unhealthy")
    assert names(page) == ["app-3"]


def test_a_change_moves_a_square_into_the_rows(start_many, open_page):
    lb = start_many(40)
    page = is_live(open_page(lb, SERVICE))
    page.wait(f"{ENDPOINTS}.length === 2")
    lb.order("/endpoints/app-30/drain")
    page.wait(f"{ENDPOINTS}.length === 3")
    assert names(page) == ["app-3", "app-5", "app-30"] and page.run(SQUARES)[29] == "waiting"


@pytest.mark.slow("a thousand endpoints, and a look at ten seconds of them")
def test_a_thousand_endpoints_are_cheap(start_many, open_page, connect, record_property, built_with):
    lb = start_many(1000)
    page = is_live(open_page(lb, SERVICE))
    page.wait(f"{SQUARES}.length === 1000")
    page.call("Performance.enable", timeDomain="threadTicks")

    def spent():
        metrics = {m["name"]: m["value"] for m in page.call("Performance.getMetrics")["metrics"]}
        return metrics["TaskDuration"]

    def received():
        return sum(event["encodedDataLength"] for event in page._events("Network.dataReceived"))  # pylint: disable=protected-access
    client = connect(lb)
    page.run("window.made = 0; new MutationObserver(all => made += all.reduce((n, m) => n + m.addedNodes.length, 0))"
             ".observe(document.querySelector('main'), {childList: true, subtree: true})")
    before, bytes_before, began = spent(), received(), time.monotonic()
    while time.monotonic() - began < 10:
        for _ in range(100):
            client.get()
    took = time.monotonic() - began
    share, rate = (spent() - before) / took, (received() - bytes_before) / took
    record_property("cpu", f"{100 * share:.1f} % of a core")
    record_property("bytes", f"{rate / 1000:.1f} kB/s")
    print(json.dumps({"cpu_percent": round(100 * share, 1), "bytes_per_second": round(rate)}))
    assert built_with or share < CPU_SHARE_MAX
    assert rate < BYTES_PER_SECOND_MAX
    wait_for(lambda: page.run(SQUARES).count("good") == 998, "all are shown")
    assert page.run("document.querySelectorAll('main *').length") < 3500
