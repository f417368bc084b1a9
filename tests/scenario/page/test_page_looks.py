"""How the page looks: at the width of a desk, a tablet and a phone, in light and dark. Screenshots are left in pytest's
folder for the test, to be looked at."""

import itertools
import json

import pytest

from support.discovery import endpoint
from support.page import SMALLEST_CONTRAST, axe_script, go, is_live

WIDTHS, SCHEMES = (360, 768, 1200), ("light", "dark")
VIEWS = {"overview": "#/", "service": "#/service/appserver", "flow": "#/flow", "requests": "#/requests", "routes": "#/routes",
         "listeners": "#/listeners", "certificates": "#/certificates", "left-out": "#/left-out", "explain": "#/explain?url=shop.test"}


@pytest.fixture(name="lb")
def make_lb(start_lb, discovery, start_backend, connect):
    """Folded ones, one each of what can go wrong, and some traffic."""
    lb, address = start_lb(*discovery.flags), start_backend().address
    states = ("unhealthy", "draining", "paused", "starting")
    discovery.send(*(endpoint(f"app{i}", address, id=f"{i:012x}") for i in range(20)),
                   *(endpoint("a-long-name-" * 9 + state, address, id=f"ff-{state}", state=state) for state in states),
                   endpoint("probing", ("127.0.0.1", 1)),
                   left_out=[{"id": "ff", "name": "x" * 100, "service": "y", "reason": "no_port"}])
    lb.wait_ready(20)
    client = connect(lb)
    for _ in range(30):
        client.get()
    return lb


@pytest.mark.parametrize("width, scheme", itertools.product(WIDTHS, SCHEMES))
def test_layout(width, scheme, lb, open_page, tmp_path):
    page = is_live(open_page(lb, width=width, scheme=scheme))
    for name, view in VIEWS.items():
        go(page, view)
        page.screenshot(tmp_path / f"{name}-{width}-{scheme}.png")
        assert page.run("document.documentElement.scrollWidth") <= width, name
        assert page.run(SMALLEST_CONTRAST) >= 4.5, name
    go(page, "#/service/appserver")
    assert page.run("document.querySelectorAll('#endpoints th[role=rowheader]').length") == 5
    assert page.complaints() == []


@pytest.mark.slow("axe goes through nine views")
@pytest.mark.parametrize("width, scheme", itertools.product(WIDTHS, SCHEMES))
def test_axe(width, scheme, lb, open_page):
    """No violation of axe-core's rules, in any view, nor with a dialog open."""
    script = axe_script()
    page = is_live(open_page(lb, width=width, scheme=scheme))
    page.call("Page.setBypassCSP", enabled=True)
    page.run(script + ";0")

    def violations():
        page.run("window.found = null; axe.run().then(r => found = JSON.stringify(r.violations.map(v => [v.id, v.nodes.map(n => n.html)]))); 0")
        return json.loads(page.wait("found", 120))
    for name, view in VIEWS.items():
        go(page, view)
        assert violations() == [], name
    go(page, "#/service/appserver")
    page.run("document.querySelector('#endpoints tbody button').click()")
    page.wait("document.querySelector('#order').open")
    assert violations() == []
