"""What routes and services are asked for is told where people look, and passwords are not."""

import pytest

from support.discovery import endpoint
from support.program import run

HASH = "$apr1$vRwcqxF1$lHqI.DDQnL02Q2LXDcLCp/"
SHOP = {"host": "shop.test", "service": "shop", "dialect": "lb", "label": "lb.host", "container": "aaaa01",
        "container_name": "shop-1", "options": {"rate": "1000/s", "auth": "u:" + HASH, "access-log": "off"}}
LATER = {"host": "later.test", "service": "shop", "options": {"tarpit": "9"}}
WISHES = {"balance": "least-requests", "queue": "10"}


@pytest.fixture(name="lb")
def make_lb(start_lb, discovery, start_backend):
    lb = start_lb(*discovery.flags)
    line = {"v": 2, "services": [{"name": "shop", "options": {**WISHES, "later": "x"},
                                  "endpoints": [endpoint("shop-1", start_backend().address, id="aaaa01")]}],
            "routes": [SHOP, LATER]}
    discovery.send_line(line)
    lb.wait_ready(1)
    return lb


def explain(lb, *words):
    done = run("lb", "explain", *words, "--admin=%s:%d" % lb.admin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_options_of_routes_and_services_are_told(lb):
    asked = "balance least-requests, queue 10"
    of_url = explain(lb, "http://shop.test/")
    assert "to the service shop, with rate 1000/s, auth, access-log off, by lb.host of shop-1 (lb)" in of_url
    assert "answer: from an endpoint of shop, to who signs in; lb itself answers all others" in of_url
    assert f"shop, 1 of 1 endpoint gets requests; asked of it: {asked}" in of_url
    of_container = explain(lb, "shop-1")
    assert "with rate 1000/s, auth, access-log off, by lb.host" in of_container
    assert f"Asked of its service: {asked}." in of_container
    assert "with rate 1000/s, auth, access-log off" in explain(lb, "--routes")
    service, = lb.pool()["services"]
    assert service["options"] == WISHES


def test_no_page_shows_a_hash(lb):
    pages = [lb.ask(path, fields=fields).body.decode()
             for path in ("/routes", "/pool", "/explain", "/explain/shop-1", "/explain?url=http%3A%2F%2Fshop.test%2F", "/")
             for fields in ((), ["Accept: application/json"])]
    assert sum("rate" in page for page in pages) >= 5
    assert not any("apr1" in page for page in pages)
    assert "not shown" in lb.ask("/routes", fields=["Accept: application/json"]).body.decode()


def test_route_with_an_option_of_a_later_version_is_held_and_told(lb, connect):
    with connect(lb) as client:
        assert client.get("/", host="later.test").status == 503
    assert "answered with 503, as it asks for what this lb does not know: tarpit" in explain(lb, "http://later.test/")
    lb.wait_message('discovery: passed over: service "shop": the option "later" is not known')
    assert lb.pool()["discovery"]["bad_lines"] == 0
