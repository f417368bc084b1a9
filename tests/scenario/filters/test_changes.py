"""Routes that change while requests wait: nobody gets through with less than the route asks for by then."""

import base64

import pytest

from support.discovery import endpoint, route_line
from support.waiting import wait_for

SECRET = "bob:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="
BOB = "Authorization: Basic " + base64.b64encode(b"bob:secret").decode()


@pytest.fixture
def site(start_lb, start_backend, discovery, connect):
    """site(before, after, *fields): the answer to a request that waits for a paused endpoint while the options change."""
    def ask(before, after, *fields):
        backend = start_backend()
        lb = start_lb("--hold=20s", "--workers=1", *discovery.flags)

        def tell(state, options):
            taken = lb.pool()["discovery"].get("lines", 0)
            discovery.send_line(route_line({"site": [endpoint("one", backend.address, state)]},
                                           [{"host": "a.test", "service": "site", "options": options}]))
            wait_for(lambda: lb.pool()["discovery"].get("lines", 0) > taken, "the line is read")

        tell("paused", before)
        client = connect(lb).request(host="a.test", fields=fields)
        wait_for(lambda: lb.totals()["held"] == 1, "the request waits")
        tell("paused", after)
        tell("ready", after)
        return client.read_response().status, backend.request_count
    return ask


@pytest.mark.parametrize("after, status", [({"auth": SECRET}, 401), ({"deny": "127.0.0.0/8"}, 403), ({"redirect": "https"}, 302)])
def test_protection_that_comes_while_a_request_waits(site, after, status):
    assert site({}, after) == (status, 0)


def test_who_waited_may_sign_in(site):
    assert site({}, {"auth": SECRET}, BOB) == (200, 1)
