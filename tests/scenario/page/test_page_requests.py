"""Requests that failed, were retried or were slow, those that come, and ten minutes of history."""

import pytest

from support.page import SERVICES, go, is_live
from support.waiting import wait_for

ROWS = """[...document.querySelectorAll("#%s tbody tr")].map(row => [...row.children].map(cell =>
    [...cell.children].map(part => part.textContent).join("|")))"""
SERVICE = "#/service/appserver"
LINE = "document.querySelector('#charts .line').getAttribute('d')"
MARKS = "(document.querySelector('#charts .marks').getAttribute('d') || '').split('M').length - 1"


@pytest.fixture(name="lb")
def make_lb(start_lb, start_appserver):
    return start_lb(backends=[start_appserver("one"), start_appserver("two")])


def test_failed_and_slow_ones(lb, open_page, connect):
    page = is_live(open_page(lb, "#/requests"))
    client = connect(lb)
    assert client.get("/status/503?secret=1", host="a.test").status == 503
    assert client.get("/delay/150").status == 200
    page.wait(f"{ROWS % 'failed'}.length === 1 && {ROWS % 'slowest'}.some(row => row[0].includes('/delay/150'))")
    (row,) = page.run(ROWS % "failed")
    assert row[0].startswith("GET a.test/status/503|") and "secret" not in "".join(row)
    assert row[2].startswith("appserver|") and row[3].startswith("503")
    assert "answered 503" in row[5] and len(row[5].partition("|")[2]) >= 16  # its id, to be looked for in a log
    slow = next(row for row in page.run(ROWS % "slowest") if "/delay/150" in row[0])
    assert 150 <= float(slow[4].split()[0]) < 5000
    for view in ("#/", SERVICE):
        go(page, view)
        page.wait("document.querySelector('#lately').innerText.includes('503 GET a.test/status/503')")
    assert page.complaints() == []


def test_retried_ones(start_lb, start_backend, open_page, connect):
    """One of them takes the connection and hangs up."""
    lb = start_lb(backends=[start_backend(), start_backend(lambda connection: connection.reset())], is_ready=False)
    page = is_live(open_page(lb, "#/requests"))

    def ask():
        connect(lb).get()
        return page.run(f"{ROWS % 'retried'}.length") > 0
    wait_for(ask, "one that was retried is shown", 30, 0.2)
    assert "after " in page.run(ROWS % "retried")[0][5]


def test_those_that_come(lb, open_page, connect):
    page = is_live(open_page(lb, "#/requests"))
    client = connect(lb)
    client.get("/seen-1")
    page.wait(f"{ROWS % 'seen'}.some(row => row[0].includes('/seen-1'))")
    page.run("document.querySelector('#hold').click()")
    client.get("/seen-2")
    page.wait("JSON.stringify(world.seen).includes('/seen-2')")  # it has come, and is not shown
    page.run("document.querySelector('#hold').click()")
    client.get("/seen-3")
    page.wait(f"{ROWS % 'seen'}.some(row => row[0].includes('/seen-3'))")
    assert not any("/seen-2" in row[0] for row in page.run(ROWS % "seen"))


@pytest.mark.slow("a sample of history each five seconds")
def test_history_stays_over_a_reload(lb, open_page, connect):
    page = is_live(open_page(lb, SERVICE))
    client = connect(lb)

    def has_samples(count):
        client.get()
        return page.run(f"({LINE} || '').split('L').length") >= count
    wait_for(lambda: has_samples(3), "three samples are drawn", 40, 0.1)
    marks = page.run(MARKS)
    assert marks > 0  # both came
    lb.order("/endpoints/" + page.run("document.querySelector('#endpoints tbody th span').textContent") + "/drain")
    page.wait(f"{MARKS} === {marks} + 1", 20)
    page.reload()
    is_live(page)
    page.wait(f"{MARKS} === {marks} + 1 && {LINE}.split('L').length >= 3")
    box = page.run("(box => [box.right - 2, box.top + 9])(document.querySelector('#charts svg').getBoundingClientRect())")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1])
    page.wait(r"/^\d\d:\d\d:\d\d/.test(document.querySelector('#pointed').textContent)")
    go(page, "#/")
    page.wait(f"{SERVICES}.length === 1 && document.querySelector('#services .line').getAttribute('d').length > 5")
