"""What routes ask for beside their service, from a line of discovery to the wire."""

import pytest

from support.discovery import endpoint
from support.waiting import wait_for


@pytest.fixture
def site(start_lb, start_backend, discovery, connect, tmp_path):
    """site(options) serves a.test by a route with these; site.ask() gives the response and what the backend got."""
    backend, log = start_backend(), tmp_path / "log"
    lbs = []

    def serve(options, *flags):
        if not lbs:
            lbs.append(start_lb("--hold=0", f"--access-log={log}", *discovery.flags, *flags))
        taken = lbs[0].pool()["discovery"].get("lines", 0)
        services = [{"name": "app", "endpoints": [endpoint("app", backend.address)]}]
        routes = [{"host": "a.test", "service": "app", "options": options}]
        discovery.send_line({"v": 2, "source": "file", "time_ns": 1, "services": services, "routes": routes, "left_out": []})
        wait_for(lambda: lbs[0].pool()["discovery"].get("lines", 0) > taken, "the new routes")
        lbs[0].wait_ready(1)

    def ask(target="/", method="GET", fields=(), body=None):
        backend.requests.clear()
        with connect(lbs[0]) as client:
            words = {"body": body} if body is not None else {}
            response = client.request(method, target, host="a.test", fields=list(fields), **words).read_response()
        return response, backend.requests[0] if backend.requests else None

    serve.ask, serve.log = ask, log
    return serve


def test_each_option_does_what_it_says(site):
    site({"allow": "10.0.0.0/8"})
    assert site.ask(fields=["X-Forwarded-For: 10.1.2.3"])[0].status == 403
    site({"deny": "10.0.0.0/8", "allow": "127.0.0.0/8"})
    assert site.ask()[0].status == 200
    site({"redirect": "301 https"})
    response, request = site.ask("/x?y=z")
    assert (response.status, response.get("Location"), request) == (301, "https://a.test/x?y=z", None)
    assert site.ask("/x", "POST", body=b"hi")[0].status == 308
    site({"replace-path": "~^/old/(.*) /new/$1"})
    assert site.ask("/old/x?y=/old")[1].target == "/new/x?y=/old"
    site({"request-headers": "set X-A: v | remove Cookie", "response-headers": "set X-B: w"})
    response, request = site.ask(fields=["Cookie: a", "X-A: theirs"])
    assert (request.get("X-A"), request.get("Cookie"), response.get("X-B")) == ("v", None, "w")
    site({"max-body": "3"})
    assert site.ask(method="POST", body=b"four")[0].status == 413
    assert site.ask(method="POST", body=b"two")[0].status == 200


def test_a_trusted_proxy_names_the_client_and_the_scheme(site):
    site({"allow": "10.0.0.0/8", "redirect": "https"}, "--trusted-proxies=127.0.0.0/8")
    assert site.ask()[0].status == 403
    assert site.ask(fields=["X-Forwarded-For: 10.1.2.3, 192.0.2.1"])[0].status == 403
    assert site.ask(fields=["X-Forwarded-For: 192.0.2.1, 10.1.2.3"])[0].status == 302
    assert site.ask(fields=["X-Forwarded-For: 10.1.2.3", "X-Forwarded-Proto: https"])[0].status == 200


def test_a_quiet_route_is_not_logged_and_is_counted(site):
    site({"access-log": "off"})
    assert site.ask("/quiet")[0].status == 200
    site({})
    assert site.ask("/loud")[0].status == 200
    wait_for(lambda: "/loud" in site.log.read_text(), "the line of the access log")
    assert "/quiet" not in site.log.read_text()


def test_all_at_once_in_order(site):
    site({"allow": "127.0.0.0/8", "redirect": "~^http://a.test/away https://b.test/", "max-body": "10", "replace-path": "/all",
          "request-headers": "X-A: v", "response-headers": "X-B: w", "response-timeout": "5s", "retries": "0", "access-log": "off"})
    response, request = site.ask("/x")
    assert (response.status, response.get("X-B"), request.target, request.get("X-A")) == (200, "w", "/all", "v")
    response, request = site.ask("/away", "POST", body=b"more than ten bytes")
    assert (response.status, request) == (307, None)  # before the body is too large
