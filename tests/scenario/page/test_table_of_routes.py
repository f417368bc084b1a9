"""The page's table of routes, and its box that says where a request goes."""

import json

import pytest

from support.discovery import endpoint, route_line
from support.page import fact

HOSTILE = "<img src=x onerror=document.title='owned'>"
ROWS = """[...document.querySelectorAll("#routes tbody tr")].map(row =>
    [...row.children].map(cell => cell.innerText))"""
SHOP = {"host": "shop.test", "service": "shop", "label": "lb.host", "container_name": "shop-1",
        "container": "aaaa01", "dialect": "lb", "created_ns": 1}
API = {**SHOP, "path": "/api", "strip": "/api",
       "conditions": [{"kind": "method", "value": "POST"}, {"kind": "header", "name": "K", "value": "a+b"}]}


@pytest.fixture(name="sites")
def make_sites(start_lb, discovery, start_backend):
    """sites(routes): an lb that has these, and an endpoint of shop."""
    def start(routes, *flags):
        lb = start_lb(*discovery.flags, *flags)
        discovery.send_line(route_line({"shop": [endpoint("shop-1", start_backend().address)]}, routes))
        return lb if flags else lb.wait_ready(1)
    return start


def ask(page, **values):
    for key, value in values.items():
        page.run(f"document.querySelector('#{key}').value = {json.dumps(value)}")
    page.run("document.querySelector('#explained').textContent = '…'")
    page.run("document.querySelector('#ask').requestSubmit()")
    page.wait("!['', '…'].includes(document.querySelector('#explained').textContent)")
    return page.run("document.querySelector('#explained').textContent")


def test_who_has_no_route_is_not_said_to_get_requests(start_lb, discovery, start_backend, open_page):
    lb = start_lb(*discovery.flags)
    discovery.send_line(route_line({"shop": [endpoint("shop-1", start_backend().address)],
                                    "appserver": [endpoint("app-1", start_backend().address)]}, [SHOP]))
    page = open_page(lb)
    page.wait("document.querySelector('#summary').textContent === '1 of 2 endpoints get requests.'")
    assert "no route leads to it" in page.text("#services")


def test_the_table_follows(sites, open_page, discovery):
    page = open_page(sites([SHOP, {**SHOP, "service": "other", "container_name": HOSTILE, "created_ns": 2}]), "#/routes")
    page.wait(f"{ROWS}.length === 2")
    first, second = page.run(ROWS)
    assert first == ["host shop.test", "to the service shop", "by lb.host of shop-1 (lb)"]
    assert second[2].startswith(f"by lb.host of {HOSTILE} (lb)")
    assert "Overruled: the same requests go to the service shop" in second[2]
    assert page.text("#routes caption small") == "2, the first that holds gets the request"
    assert page.run("document.querySelectorAll('img').length") == 0 and page.run("document.title") != "owned"
    discovery.send_line(route_line({}, [SHOP, {**SHOP, "host": "new.test"}]))
    page.wait(f"{ROWS}.some(row => row[0] === 'host new.test')")
    assert page.complaints() == []


def test_a_url_is_explained(sites, open_page):
    page = open_page(sites([SHOP, API]), "#/routes")
    page.wait(f"{ROWS}.length === 2")
    text = ask(page, url="shop.test/api/x+y?a=b+c&d")
    assert text.startswith("request: GET, host shop.test, path /api/x+y, query a=b+c&d\nroute: host shop.test: ")
    text = ask(page, url="shop.test/api/x", method="POST", headers="X: y\nK: a+b\n", client="10.0.0.1")
    assert "\nroute: host shop.test, path /api, method POST, header K: a+b: to the service shop" in text
    assert "no IP address" in ask(page, url="shop.test", client="nobody")
    assert "has no valid host" in ask(page, url="<b>", client="")
    assert len(page.complaints()) == 2  # the console's own line for each 400


def test_without_routes_there_is_no_table_and_nothing_is_asked(start_lb, start_backend, open_page):
    lb = start_lb(backends=[start_backend()])
    page = open_page(lb, "#/routes")
    page.wait("document.querySelector('#link').textContent === 'live'")
    assert page.text("#default-route") == "There are no routes: all requests go to the service appserver (--service)."
    assert page.run(ROWS) == []
    assert not any("routes" in url for url in page.requested_urls())
    assert "answer: from an endpoint of appserver" in ask(page, url="any.test/")


def test_only_the_first_of_many_are_shown(sites, open_page):
    page = open_page(sites([{**SHOP, "host": f"h{i:04}.test"} for i in range(3000)]), "#/routes")
    page.wait(f"{ROWS}.length === 200")
    assert page.text("#routes caption small") == "3,000, the first that holds gets the request; 2,800 more at /routes"


def test_the_token_is_sent(sites, open_page, tmp_path):
    token = "0123456789abcdef-secret"
    (tmp_path / "token").write_text(token)
    (tmp_path / "token").chmod(0o600)
    page = open_page(sites([SHOP], f"--admin-token-file={tmp_path / 'token'}"), "#/routes")
    page.wait("!document.querySelector('#login').hidden")
    page.type(token)
    page.press_enter()
    page.wait(f"{ROWS}.length === 1")
    assert "route: host shop.test" in ask(page, url="shop.test/")


@pytest.mark.parametrize("width", (360, 1200))
def test_layout(width, sites, open_page, tmp_path):
    page = open_page(sites([SHOP, API, {**SHOP, "host": "x" * 60 + ".test", "path": "/" + "y" * 200}]), "#/routes", width=width)
    page.wait(f"{ROWS}.length === 3")
    ask(page, url="shop.test/" + "z" * 300)
    assert page.run("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(tmp_path / f"routes-{width}.png")


def test_shares_in_force_limits_and_who_waits_are_shown(sites, open_page, connect, discovery, start_backend):
    lb = sites([SHOP], "--hold=0s", "--workers=1", "--queue-timeout=60s")

    def script(connection):
        connection.read_request()
        connection.wait_end()
    backends = {name: start_backend(script).address for name in ("shop", "next")}
    shares = [{"service": "shop", "weight": 3}, {"service": "next", "weight": 1}]
    discovery.send_line(route_line({name: [endpoint(name, address, max_inflight=1)] for name, address in backends.items()},
                                   [{**SHOP, "shares": shares, "options": {"rate": "100/s"}}]))
    lb.wait_ready(2)
    page = open_page(lb, "#/routes")
    page.wait(f"{ROWS}.some(row => row[1].endsWith('; in force: shop 75 %, next 25 %'))")
    assert "rate 100/s" in page.run(ROWS)[0][1]
    lb.order("/services/next/share?value=50")
    page.wait(f"{ROWS}.some(row => row[1].endsWith('in force: shop 50 %, next 50 % by order'))")
    lb.order("/services/next/share?value=0")
    clients = [connect(lb).request("GET", host="shop.test") for _ in range(3)]
    page.run("location.hash = '#/'")
    page.wait(fact("traffic", "Waiting") + " === '2'")
    lb.order("/services/shop/pause?for=1m")
    page.wait("document.querySelector('#summary').textContent.includes('shop is paused for')")
    for client in clients:
        client.close()
    assert page.complaints() == []
