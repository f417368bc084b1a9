"""The flow: a picture of the traffic as it runs, in Chromium. What is drawn is asked of the page's own `flow`."""

import pytest

from support.discovery import endpoint
from support.page import go, is_live
from support.traffic import Traffic

NODES = "flow.nodes.map(node => [node.level, node.name])"
CANVAS = "document.querySelector('#flow-canvas')"
# How many colours there are in the middle of the picture.
COLOURS = f"""(() => {{
    const canvas = {CANVAS}, data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data, found = new Set();
    for (let i = 0; i < data.length; i += 4)
        found.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
    return found.size;
}})()"""


@pytest.fixture(name="lb")
def make_lb(start_lb, start_backend):
    return start_lb(backends=[start_backend() for _ in range(3)])


@pytest.fixture(name="traffic")
def make_traffic(lb):
    with Traffic(lb.address, kept=1) as traffic:
        yield traffic


def place_of(page, node):
    """Where a node is on the screen."""
    return page.run(f"""(() => {{
        const box = {CANVAS}.getBoundingClientRect(), node = flow.nodes.find({node});
        return {{x: box.x + node.x + 20, y: box.y + node.y}};
    }})()""")


def point(page, kind, node, **more):
    page.call("Input.dispatchMouseEvent", type=kind, **place_of(page, node), **more)


@pytest.mark.usefixtures("traffic")
def test_it_draws_the_way_of_requests(lb, open_page):
    page = is_live(open_page(lb, "#/flow"))
    page.wait("flow.nodes.filter(node => node.value > 0).length >= 7 && flow.dots.length > 0")
    nodes = page.run(NODES)
    assert [0, "127.0.0.1"] in nodes and [1, "%s:%d/http" % lb.address] in nodes and [3, "appserver"] in nodes
    assert sum(level == 4 for level, _ in nodes) == 3
    rates = page.run("[0, 1, 2, 3].map(level => flow.nodes.filter(node => node.level === level).reduce((sum, node) => sum + node.value, 0))")
    assert rates == pytest.approx([rates[0]] * 4)
    assert page.run(COLOURS) > 20
    page.wait(f"/^[\\d.,]+ requests a second flow to appserver .*3 of 3 endpoints get requests/.test({CANVAS}.getAttribute('aria-label'))")
    assert page.run(f"{CANVAS}.getAttribute('role')") == "img"
    assert page.complaints() == []


@pytest.mark.usefixtures("traffic")
def test_dots_move_and_end_with_the_view(lb, open_page):
    page = is_live(open_page(lb, "#/flow"))
    page.wait("flow.dots.length > 5 && flow.timer")
    before = page.run(f"{CANVAS}.toDataURL()")
    page.wait(f"{CANVAS}.toDataURL() !== {before!r}")
    go(page, "#/")
    page.wait("flow.dots.length === 0 && !flow.timer")
    go(page, "#/flow")
    page.wait("flow.dots.length > 0")


@pytest.mark.usefixtures("traffic")
def test_it_is_still_where_motion_is_not_wanted(lb, open_page):
    page = open_page(lb)
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    page.run("window.pictures = 0; const draw = flowLayout; flowLayout = (...size) => { pictures++; draw(...size); }")
    go(is_live(page), "#/flow")
    page.wait("pictures > 3 && flow.nodes.some(node => node.level === 4 && node.value > 0)")
    assert page.run("[flow.dots.length, Boolean(flow.timer)]") == [0, False]


def test_it_is_off_on_a_phone_until_it_is_wanted(lb, open_page):
    page = is_live(open_page(lb, "#/flow", width=360))
    page.wait("!document.querySelector('#flow-view').hidden")
    assert page.run(f"[document.querySelector('#flow-on').checked, {CANVAS}.hidden, flow.nodes.length]") == [False, True, 0]
    page.run("document.querySelector('#flow-on').click()")
    page.wait(f"!{CANVAS}.hidden && flow.nodes.length === 4")
    assert page.run("document.documentElement.scrollWidth") <= 360
    page.run("document.querySelector('#flow-on').click()")
    page.wait(f"{CANVAS}.hidden")


def test_a_drain_is_seen(start_lb, discovery, start_backend, open_page):
    lb, address = start_lb(*discovery.flags), start_backend().address
    discovery.send(endpoint("a", address), endpoint("b", address))
    lb.wait_ready(2)
    page = is_live(open_page(lb, "#/flow"))
    page.wait("flow.nodes.filter(node => node.level === 4).length === 2")
    page.run("window.dashes = []; const link = flowLink; flowLink = (pen, one) => { link(pen, one); dashes.push(one.to.name + pen.getLineDash()); }")
    discovery.send(endpoint("a", address), endpoint("b", address, state="draining"))
    page.wait("flow.nodes.some(node => node.name === 'b' && node.words === 'draining' && node.tone === 'waiting')")
    page.wait("dashes.includes('b5,4')")
    assert "a5,4" not in page.run("dashes")


def test_a_retry_is_seen(start_lb, start_backend, open_page, connect):
    gone, good = start_backend(), start_backend()
    lb = start_lb("--eject-after=0", backends=[gone, good])
    page = is_live(open_page(lb, "#/flow"))
    page.wait("flow.nodes.some(node => node.level === 4)")
    page.run("window.ways = []; const dot = flowDot; flowDot = (...all) => { dot(...all); ways.push(flow.dots.at(-1)); }")
    gone.stop_listening()
    client = connect(lb)
    for _ in range(10):
        assert client.get().status == 200
    page.wait("flow.nodes.some(node => node.level === 4 && node.retries > 0)")
    assert page.run("flow.nodes.find(node => node.retries > 0).name") == "%s:%d" % gone.address
    # the way of such a request leads back to the service
    page.wait("ways.some(({way, color}) => color === 'waiting' && way.filter(node => node.level === 3).length === 2)")


def test_what_has_no_room_is_folded(start_lb, discovery, start_backend, open_page):
    lb, address = start_lb(*discovery.flags), start_backend().address
    discovery.send(*(endpoint(f"app-{i}", address, id=f"{i:012x}", state="unhealthy" if i == 777 else "ready") for i in range(1000)))
    lb.wait_ready(999)
    page = is_live(open_page(lb, "#/flow"))
    page.wait("flow.nodes.filter(node => node.level === 4).length > 10")
    shown = page.run("flow.nodes.filter(node => node.level === 4).map(node => node.name)")
    assert len(shown) <= 30 and "app-777" in shown
    assert shown[-1] == f"and {1000 - len(shown) + 1} more"
    assert page.run("flow.links.length") == len(shown)


@pytest.mark.usefixtures("traffic")
def test_a_node_shows_its_numbers_and_leads_to_its_page(lb, open_page):
    page = is_live(open_page(lb, "#/flow"))
    service = "node => node.level === 3 && node.value > 0"
    page.wait(f"flow.nodes.some({service})")
    point(page, "mouseMoved", service)
    page.wait("!flowTip.hidden && /^appserver\\n[\\d.,]+ requests\\/s/.test(flowTip.textContent)")
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        point(page, kind, service, button="none" if kind == "mouseMoved" else "left", clickCount=1)
    page.wait("location.hash === '#/service/appserver'")


def test_sharp_on_a_fine_screen_and_after_a_resize(lb, open_page):
    page = is_live(open_page(lb, "#/flow"))
    page.call("Emulation.setDeviceMetricsOverride", width=1000, height=700, deviceScaleFactor=2, mobile=False)
    page.wait(f"{CANVAS}.width === 2 * {CANVAS}.clientWidth && {CANVAS}.clientWidth < 1000")
    assert page.run(f"[...flow.nodes].every(node => node.x < {CANVAS}.clientWidth && node.y < {CANVAS}.clientHeight)")


@pytest.mark.usefixtures("traffic")
def test_the_sentence_does_not_chatter(lb, open_page):
    page = is_live(open_page(lb, "#/flow"))
    page.run(f"window.told = 0; new MutationObserver(all => told += all.length).observe({CANVAS}, {{attributeFilter: ['aria-label']}})")
    page.run("window.pictures = 0; const draw = flowLayout; flowLayout = (...size) => { pictures++; draw(...size); }")
    page.wait("pictures >= 5")
    assert page.run("told") <= 1
