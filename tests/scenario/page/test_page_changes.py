"""Recent changes are folded: what belongs together is one line."""

import json

import pytest

from support.browser import Tab
from support.discovery import endpoint
from support.page import is_live
from support.program import ROOT

NOON = "2026-01-01T12:%02d:%02dZ"


@pytest.fixture(name="fold", scope="module")
def make_fold(browser):
    """fold(steps): the lines, as the page's own script makes them. There is no lb behind it."""
    tab = Tab(browser).open("about:blank")
    folder = ROOT / "lb" / "admin" / "page"
    tab.run("".join((folder / name).read_text() for name in ("words.js", "world.js", "changes.js")) + "\n;0")

    def run(*steps, service="shop"):
        changes = [{"number": number, "time": NOON % divmod(at, 60), "service": service, "name": name, "endpoint": name, "before": before,
                    "after": after, "cause": cause, "problem": problem}
                   for number, (at, name, before, after, cause, problem) in enumerate(steps, 1)]
        return [f"{who} {text}" for who, text in
                tab.run(f"foldChanges({json.dumps(changes)}).map(change => [change.head, change.text])")]
    yield run
    tab.call("Page.close")


def test_one_change_is_said_as_it_is(fold):
    assert fold((0, "a", "ready", "ejected", "requests", "connection refused")) == ["a ready → ejected: connection refused"]


def test_a_flapping_endpoint_is_one_line(fold):
    steps = []
    for i in range(6):
        steps += [(45 * i, "appserver1", "ready", "ejected", "requests", ""), (45 * i + 20, "appserver1", "ejected", "ready", "probe", "")]
    assert fold(*steps) == ["appserver1 flapped 6 times in 4 min, now ready, by probe"]


def test_pairs(fold):
    assert fold((0, "a", "gone", "probing", "start", ""), (3, "a", "probing", "ready", "start", "")) == ["a came, ready"]
    assert fold((0, "a", "ready", "draining", "stop", ""), (5, "a", "draining", "gone", "stop", "")) == \
        ["a is gone, was ready → draining, by stop"]
    assert fold((0, "a", "ready", "ejected", "requests", "reset"), (12, "a", "ejected", "ready", "probe", "")) == \
        ["a was ejected for 12 s, ready again: reset"]


def test_many_that_do_the_same_are_one_line(fold):
    steps = [(0, f"a{i}", "gone", "ready", "start", "") for i in range(5)] + [(1, "b", "ready", "failing", "probe", "")]
    assert fold(*steps) == ["b ready → failing, by probe", "5 endpoints came, ready"]
    assert fold(*steps[:2]) == ["a0, a1 came, ready"]


def test_what_is_long_ago_is_another_story(fold):
    assert len(fold((0, "a", "ready", "ejected", "requests", ""), (600, "a", "ejected", "ready", "probe", ""))) == 2


def test_on_the_page(start_lb, discovery, start_backend, open_page):
    lb, address = start_lb(*discovery.flags), start_backend().address
    discovery.send(*(endpoint(f"a{i}", address, id=f"{i:012x}") for i in range(5)))
    lb.wait_ready(5)
    page = is_live(open_page(lb))
    page.wait("document.querySelector('#changes').innerText.includes('5 endpoints came, ready')")
    for state in ("unhealthy", "ready") * 3:
        discovery.send(*(endpoint(f"a{i}", address, id=f"{i:012x}", state=state if i == 0 else "ready") for i in range(5)))
        lb.wait_ready(5 if state == "ready" else 4)
    page.wait("document.querySelector('#changes li').innerText.includes('a0 flapped 3 times in')")
