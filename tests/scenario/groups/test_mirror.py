"""A share of a route's requests is copied to another service: the original never notices."""

import signal
import time

import pytest

from support.backend import OK, answer_each
from support.discovery import endpoint, route_line
from support.waiting import wait_for

COPY = ("X-Lb-Mirror", "1")


@pytest.fixture
def site(start_lb, start_backend, discovery):
    """lb with the service `shop`, whose requests are copied to `next`; that one's backend does as `script` says."""
    def start(share="100%", script=OK, *flags, has_next=True):
        lb = start_lb("--hold=0s", "--workers=1", *flags, *discovery.flags)
        lb.shop, lb.next = start_backend(), start_backend(script)
        services = {"shop": [endpoint("shop", lb.shop.address)]}
        if has_next:
            services["next"] = [endpoint("next", lb.next.address)]
        route = {"host": "a.test", "service": "shop", "options": {"mirror": f"next {share}"}}
        discovery.send_line(route_line(services, [route]))
        lb.wait_ready(len(services))
        return lb

    return start


def counted(lb, name, **labels):
    return lb.metrics().value(f"lb_mirror_{name}_total", service="next", **labels)


def ask(client, count=1, **more):
    for _ in range(count):
        response = client.request(host="a.test", **more).read_response(more.get("method") == "HEAD")
        assert response.status == 200


def test_a_copy_is_the_request_and_says_that_it_is_one(site, connect):
    lb = site()
    with connect(lb) as client:
        ask(client, target="/x?y=z", fields=["X-Mine: 1"])
        ask(client, method="PUT", body=b"0123456789")
        ask(client, method="PUT", body=[b"one", b"two"])
        ask(client, method="HEAD")
    lb.next.wait_requests(4)
    copies = {copy.get("X-Request-Id"): copy for copy in lb.next.requests}  # each may have a connection of its own
    for original in lb.shop.requests:
        copy = copies[original.get("X-Request-Id")]
        assert (copy.method, copy.target, copy.body) == (original.method, original.target, original.body)
        assert copy.get("X-Lb-Mirror") == "1" and original.get("X-Lb-Mirror") is None
    assert copies[lb.shop.requests[0].get("X-Request-Id")].get("X-Mine") == "1"
    wait_for(lambda: counted(lb, "answers", code="2xx") == 4, "all are answered")
    assert counted(lb, "requests") == 4 and counted(lb, "failures") == 0


def test_what_is_not_idempotent_is_not_copied(site, connect):
    lb = site()
    with connect(lb) as client:
        ask(client, method="POST", body=b"x")
        ask(client)
    lb.next.wait_requests(1)
    assert [copy.method for copy in lb.next.requests] == ["GET"]


def test_shares_are_exact(site, connect):
    lb = site("12.5%")
    with connect(lb) as client:
        ask(client, 400)
    lb.next.wait_requests(50)
    assert counted(lb, "requests") == 50


BAD = {"garbage": answer_each(b"\x00garbage\r\n\r\n"), "reset": lambda connection: connection.reset(),
       "cut": answer_each(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
       "long": answer_each(b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 3_000_000)}


@pytest.mark.parametrize("kind", BAD)
def test_bad_answers_are_counted_and_nobody_notices(kind, site, connect):
    lb = site("100%", BAD[kind])
    with connect(lb) as client:
        ask(client, 20)
    wait_for(lambda: counted(lb, "failures") > 0, "copies fail")
    with connect(lb) as client:
        ask(client, 20)
    assert lb.totals()["retries"] == 0


def stall(connection):
    connection.read_request()
    time.sleep(30)


def test_one_that_stalls_keeps_nobody_waiting_and_no_shutdown(site, connect):
    lb = site("100%", stall)
    began = time.monotonic()
    with connect(lb) as client:
        ask(client, 300)
    assert counted(lb, "skipped") >= 300 - 256
    assert time.monotonic() - began < 10
    lb.signal(signal.SIGTERM)
    assert lb.wait_end(10) is None or True
    assert time.monotonic() - began < 20


def test_nobody_is_there_to_be_mirrored_to(site, connect):
    lb = site(has_next=False)
    with connect(lb) as client:
        ask(client, 20)


def test_the_copy_is_in_no_access_log_and_no_total(site, connect):
    lb = site()
    with connect(lb) as client:
        ask(client, 10)
    lb.next.wait_requests(10)
    wait_for(lambda: counted(lb, "answers", code="2xx") == 10, "all are answered")
    assert lb.totals()["requests"] == 10


def test_a_copy_has_nothing_of_the_route_before_on_its_connection(site, connect, discovery):
    """Its deadlines ended with its table."""
    def answer_once(connection):
        connection.read_request()
        connection.send(OK)
        connection.read_request()
        connection.wait_end()
    lb = site("100%", answer_once)
    services = {"shop": [endpoint("shop", lb.shop.address)], "next": [endpoint("next", lb.next.address)]}
    mirrored = {"host": "a.test", "service": "shop", "options": {"mirror": "next 100%"}}
    direct = {"host": "b.test", "service": "next", "options": {"response-timeout": "2s"}}

    def knows(host):
        return connect(lb).request(host=host).read_response().status == 200
    discovery.send_line(route_line(services, [direct]))
    wait_for(lambda: knows("b.test"), "the route is there")
    before = len(lb.next.requests)
    connection = lb.next.requests[before - 1].connection
    discovery.send_line(route_line(services, [mirrored]))
    wait_for(lambda: knows("a.test") and any(copy.connection == connection for copy in lb.next.requests[before:]),
             "the other one is there, and copied on that connection")
    time.sleep(3)
    assert counted(lb, "failures") == 0
