"""The picture of the traffic where there is no room for it, or very much to show."""

import pytest

from support.discovery import endpoint, route_line
from support.page import go, is_live

SIZES = [(0, 0), (1, 1), (300, 10), (1200, 30), (5000, 45)]


@pytest.fixture(name="page")
def make_page(start_lb, discovery, start_backend, open_page):
    """Of an lb with hundreds of services, most of them without an endpoint."""
    lb, address = start_lb(*discovery.flags), start_backend().address
    services = {f"s{i}": [endpoint(f"e{i}", address, id=f"{i:012x}")] for i in range(20)}
    discovery.send_line(route_line(services, [{"service": f"s{i}", "host": f"h{i}.test"} for i in range(500)]))
    lb.wait_ready(20)
    return is_live(open_page(lb))


def test_no_room(page):
    go(page, "#/flow")
    for width, height in SIZES:
        page.run(f"""(() => {{
            const {{style}} = document.querySelector("#flow-canvas");
            Object.assign(style, {{width: "{width}px", height: "{height}px", minHeight: 0}});
            flowDraw();
            world.endpoints = new Map();
            flowDraw();
        }})()""")
    assert not page.complaints()


def test_endpoints_that_are_gone_are_forgotten(page):
    go(page, "#/flow")
    assert page.run("""(() => {
        world.endpoint_numbers = new Map([["s1 a", {retries: 2}]]);
        flowLearn([]);
        world.endpoint_numbers = new Map([["s1 b", {}]]);
        flowLearn([]);
        return [...flow.retried.keys()];
    })()""") == ["s1 b"]
