"""Each view has a link of its own, and a URL can be explained by one."""

import pytest

from support.page import SERVICES, go, is_live

VIEWS = ("flow", "requests", "routes", "listeners", "certificates", "left-out", "explain")
SHOWN = "[...document.querySelectorAll('main > section')].filter(section => !section.hidden).map(section => section.id)"


@pytest.fixture(name="lb")
def make_lb(start_lb, start_backend):
    return start_lb(backends=[start_backend(), start_backend()])


@pytest.mark.parametrize("view", VIEWS)
def test_a_link_leads_to_its_view(lb, open_page, view):
    page = is_live(open_page(lb, f"#/{view}"))
    assert page.run(SHOWN) == [f"{view}-view"]
    assert page.run("document.querySelectorAll('nav [aria-current=true]').length") == (0 if view == "explain" else 1)


def test_back_and_forth(lb, open_page):
    page = is_live(open_page(lb))
    page.wait(f"{SERVICES}.length === 1")
    page.run("document.querySelector('#services a').click()")
    page.wait(f"{SHOWN}[0] === 'service-view' && document.activeElement.id === 'service-view'")
    assert page.run("location.hash") == "#/service/appserver"
    page.run("history.back()")
    page.wait(f"{SHOWN}[0] === 'overview-view'")
    for nowhere in ("no-such-view", "constructor", "__proto__"):
        go(page, f"#/{nowhere}")
        assert page.run(SHOWN) == ["overview-view"]


def test_a_link_that_leads_nowhere(lb, open_page):
    for nowhere in ("toString", "__proto__", "service/%E0%A4%A"):
        is_live(open_page(lb, f"#/{nowhere}"))


def test_a_url_is_explained_by_a_link(lb, open_page):
    page = is_live(open_page(lb, "#/explain?url=shop.test%2Fa%2Bb&method=POST"))
    page.wait("document.querySelector('#explained').textContent.includes('host shop.test, path /a+b')")
    assert page.run("document.querySelector('#explained').textContent").startswith("request: POST")
    assert page.run("document.querySelector('#url').value + document.querySelector('#method').value") == "shop.test/a+bPOST"


def test_the_box_of_every_view(lb, open_page):
    page = is_live(open_page(lb, "#/listeners"))
    page.run("document.querySelector('#url').focus()")
    page.type("any.test/x y")
    page.press_enter()
    page.wait(f"{SHOWN}[0] === 'explain-view' && document.querySelector('#explained').textContent.length > 5")
    assert page.run("document.querySelector('#url').value") == "any.test/x y"


# As if a sample had come: of services whose names any object of JavaScript has already, and with a change long ago.
SAMPLE = """(() => {
    world.sample = new Map([["__proto__", {rate: 7, rate_5xx: 0, p99_ms: null}], ["constructor", {rate: 8}]]);
    world.history = {number: kept.number + 1};
    kept.changes = [{service: "constructor", time: "2001-01-01T00:00:00Z"}];
    addSample();
    const last = key => seriesOf(key).rate?.at(-1) ?? null;
    return [last("__proto__"), last("constructor"), last("toString"), {}.rate ?? null, Object.keys(kept.services).length,
            kept.changes.length];
})()"""


def test_services_named_like_what_every_object_has(lb, open_page):
    page = is_live(open_page(lb))
    assert page.run(SAMPLE) == [7, 8, None, None, 2, 0]
