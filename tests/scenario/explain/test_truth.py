"""What is said of a URL is what becomes of the request: each is explained, then made."""

import itertools
import json
import urllib.parse

import pytest

from support.discovery import endpoint, route_line

ROUTES = [
    {"host": "shop.test", "service": "shop"},
    {"host": "shop.test", "path": "/api", "strip": "/api", "service": "api"},
    {"host": "shop.test", "path": "/add", "strip": "/add", "add": "/v1/", "service": "api"},
    {"host": "shop.test", "path": "/put", "add": "/v2", "service": "api"},
    {"host": "*.shop.test", "service": "api"},
    {"host": "shop.test", "path_exact": "/only", "strip": "/only", "service": "api"},
    {"host": "shop.test", "path": "/e", "service": "empty"},
    {"host": "shop.test", "path": "/no", "service": "shop", "answer": 404},
    {"host": "shop.test", "service": "api", "conditions": [{"kind": "header", "name": "X-K", "value": "v"}]},
    {"host_regex": "^r[0-9]+[.]test$", "path_regex": "^/x", "service": "shop"},
    {"host": "ranked.test", "service": "shop", "rank": 1}, {"host": "ranked.test", "path": "/a", "service": "api", "rank": 2},
]
PATHS = ["/", "/api", "/api/", "/api/x?y=1", "/apix", "/%61pi/x", "/api/../x", "/x/../api/%C3%BC", "/add", "/add/a/../b",
         "/put/x", "/only", "/e/x", "/no", "/x", "/a", "/api/..%2Fx", "/a//b", "/api//b?c?d"]
HOSTS = ["shop.test", "SHOP.test.:80", "a.shop.test", "r1.test", "ranked.test", "else.test"]


@pytest.fixture(name="site")
def make_site(start_lb, discovery, start_backend):
    site = {name: start_backend() for name in ("shop", "api")}
    lb = start_lb("--workers=1", *discovery.flags)
    discovery.send_line(route_line({name: [endpoint(name, backend.address)] for name, backend in site.items()}, ROUTES))
    return lb.wait_ready(2), site


def explained(lb, method, host, path, fields):
    asked = [("url", f"http://{host}{path}"), ("method", method), *(("header", field) for field in fields)]
    answer = lb.ask("/explain?" + urllib.parse.urlencode(asked, quote_via=urllib.parse.quote),
                    fields=["Accept: application/json"])
    told = json.loads(answer.body)
    sent = told.get("sent_path", path.partition("?")[0])
    if "?" in path:
        sent += "?" + path.partition("?")[2]
    if "status" in told:
        return told["status"]
    return told["service"], sent, told.get("prefix")


def made(lb, site, connect, method, host, path, fields):
    before = {name: backend.request_count for name, backend in site.items()}
    status = connect(lb).request(method, path, fields=fields, host=host).read_response(method == "HEAD").status
    for name, backend in site.items():
        if backend.request_count > before[name]:
            request = backend.requests[-1]
            return name, request.target, request.get("X-Forwarded-Prefix")
    return status


def test_what_is_said_is_what_happens(site, connect):
    lb, backends = site
    wrong, seen = [], set()
    for host, path, (method, fields) in itertools.product(
            HOSTS, PATHS, (("GET", []), ("POST", []), ("GET", ["X-K: v"]))):
        said = explained(lb, method, host, path, fields)
        done = made(lb, backends, connect, method, host, path, fields)
        seen.add(said if isinstance(said, int) else said[0])
        if said != done:
            wrong.append((method, host, path, fields, said, done))
    assert not wrong
    assert seen == {308, 400, 404, 503, "shop", "api"}
