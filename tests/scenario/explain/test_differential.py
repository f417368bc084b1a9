"""What lb explain says of a URL is what lb does: random routes, random requests, and both are asked."""

import json
import random
from urllib.parse import quote

import pytest

from support.discovery import endpoint
from support.waiting import wait_for

JSON = ["Accept: application/json"]
SERVICES = ["appserver", "one", "two", "three"]
HOSTS = ["a.test", "b.a.test", "www.a.test", "b.test", "[::1]"]
HOST_PATTERNS = [*HOSTS, "*.test", "*.a.test", "www.*", None, None]
PATHS = ["/", "/app", "/app/", "/app/x", "/%61pp", "/APP", "/a b"]
TARGETS = ["/", "/app", "/app/", "/app/x", "/apple", "/%61pp/y", "/app/../x", "/app/./x", "/app//x", "/app../x", "/app/%2e%2e/app/x",
           "/app/..%2fx", "/app%2Fx", "/x/..%5cy", "/APP", "/a%20b/c", "/app/%C3%A9"]
QUERIES = ["", "", "?k=v", "?k=w&k=v", "?x"]
OPTIONS = [("allow", "10.0.0.0/8"), ("deny", "127.0.0.0/8"), ("allow", "127.0.0.1"), ("redirect", "301 https:8443"),
           ("redirect", "http://b.test"), ("redirect", "/app"), ("redirect", "308 ~^http://([^/]+)/app(.*) https://$1/base$2"),
           ("redirect", "~/app(.*) $1"), ("replace-path", "/app/new"), ("replace-path", "~^/app(.*) $1"),
           ("replace-path", "~/(a+)+$ /b"), ("access-log", "on"), ("request-headers", "X-A: v")]
FIELDS = ["X-Key: v", "x-key: w", "X-Other: v"]


def a_condition(dice):
    kind = dice.choice(["method", "header", "header_regex", "query", "query_regex", "client"])
    row = {"method": {"value": dice.choice(["GET", "POST"])}, "header": {"name": "X-Key", "value": "v"},
           "header_regex": {"name": "X-Key", "value": "^[vw]"}, "query": {"name": "k", "value": "v"},
           "query_regex": {"name": "k", "value": "w"}, "client": {"value": dice.choice(["127.0.0.0/8", "10.0.0.0/8"])}}
    return {"kind": kind, **row[kind], **({"not": True} if dice.random() < 0.3 else {})}


def a_route(dice, number):
    route = {"label": f"routes[{number}]", "service": dice.choice(SERVICES[1:]), "created_ns": dice.randrange(3)}
    host = dice.choice(HOST_PATTERNS)
    if host:
        route["host"] = host
    elif dice.random() < 0.3:
        route["host_regex"] = dice.choice(["^b", "a[.]test$", "^nobody"])
    if dice.random() < 0.7:
        kind = dice.choice(["path", "path_exact", "path_start", "path_regex"])
        path = dice.choice(PATHS)
        route[kind] = "^" + path if kind == "path_regex" else path
        if kind != "path_regex" and path != "/" and dice.random() < 0.4:
            route["strip"] = path
    if dice.random() < 0.2:
        route["add"] = dice.choice(["/base", "/base/"])
    if dice.random() < 0.4:
        route["conditions"] = [a_condition(dice) for _ in range(dice.randint(1, 2))]
    if dice.random() < 0.2:
        route["priority"] = dice.randint(-2, 2)
    if dice.random() < 0.2:
        route["rank"] = dice.randint(1, 9)
    if dice.random() < 0.3:
        route["options"] = dict([dice.choice(OPTIONS)])
    if dice.random() < 0.1:
        del route["service"]
        route = {key: value for key, value in route.items() if key not in ("strip", "add")}
        route.update(answer=dice.choice([403, 404, 503]), why="it is closed")
    return route


def line_of(backends, routes):
    return {"v": 2, "source": "x", "time_ns": 1, "left_out": [], "routes": routes,
            "services": [{"name": name, "endpoints": [endpoint(name, backend.address)]} for name, backend in backends.items()]}


def name_of(route):
    host = "~" + route["host_regex"] if "host_regex" in route else route.get("host", "*")
    path = "~" + route["path_regex"] if "path_regex" in route else \
        route.get("path", route.get("path_exact", route.get("path_start", "")))
    return host + path


@pytest.mark.parametrize("flags", [(), ("--service=appserver",), ("--default-route=503",)], ids=["plain", "by-hand", "503"])
def test_explain_says_what_lb_does(start_lb, start_backend, discovery, connect, tmp_path, flags):
    seen, log = set(), tmp_path / "log"
    backends = {name: start_backend() for name in SERVICES[:-1]}  # nobody serves the last one
    lb = start_lb("--workers=1", "--hold=0", f"--access-log={log}", *discovery.flags, *flags)
    asked = []

    def compare(host, target, method, field):
        query = f"url={quote('http://' + host + target, safe='')}&method={method}&client=127.0.0.1" + \
            (f"&header={quote(field)}" if field else "")
        answer = lb.ask("/explain?" + query, fields=JSON)
        assert answer.status == 200, answer.body
        said = json.loads(answer.body)
        for backend in backends.values():
            backend.requests.clear()
        with connect(lb) as client:
            response = client.request(method, target, host=host, fields=[field] if field else []).read_response()
        status = response.status
        got = [(name, request) for name, backend in backends.items() for request in backend.requests]
        what = (host, target, method, field, said)
        assert status == said.get("status", 200), what
        assert "location" not in said or response.get("Location") == said["location"], what
        assert [name for name, _ in got] == ([] if "status" in said else [said["service"]]), what
        if got:
            request = got[0][1]
            sent = said.get("sent_path", target.partition("?")[0]) + target[len(target.partition("?")[0]):]
            assert (request.target, request.get("X-Forwarded-Prefix")) == (sent, said.get("prefix")), what
        asked.append((status, name_of(said["route"]) if "route" in said else None, what))
        seen.add((status, "route" in said))

    for seed in range(12):
        dice = random.Random(f"{seed} {flags}")
        discovery.send_line(line_of(backends, [a_route(dice, i) for i in range(dice.choice([1, 5, 40]))]))
        wait_for(lambda: lb.pool()["discovery"]["lines"] == seed + 1, "the line is taken")
        wait_for(lambda: all(e["state"] == "ready" for e in lb.endpoints().values()), "all answer")
        for _ in range(40):
            compare(dice.choice([*HOSTS, "A.Test:81", "nowhere.example"]), dice.choice(TARGETS) + dice.choice(QUERIES),
                    dice.choice(["GET", "POST"]), dice.choice([None, *FIELDS]))
    discovery.send_line(line_of(backends, [{"host": "a.test", "path_start": "/app", "strip": "/app", "service": "one"}]))
    wait_for(lambda: lb.pool()["discovery"]["lines"] == 13, "the last line is taken")
    for target in TARGETS:
        compare("a.test", target, "GET", None)
    wait_for(lambda: len(log.read_text().splitlines()) == len(asked), "a line for each")
    for logged, (status, route, what) in zip(map(json.loads, log.read_text().splitlines()), asked):
        assert status == logged["http"]["response"]["status_code"]
        assert status == 400 or logged["lb"].get("route") == route, what
    assert {(200, True), (404, False) if flags[:1] != ("--default-route=503",) else (503, False), (503, True), (400, False)} <= seen
    assert not flags or flags[0] != "--service=appserver" or (200, False) in seen
