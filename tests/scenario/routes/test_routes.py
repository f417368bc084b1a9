"""Many sites behind one lb: which service gets a request, and what becomes of it on the way."""

import json
import signal

import pytest

from support.discovery import endpoint
from support.waiting import wait_for

WAIT_NOT = "--hold=0"


def line(backends, routes, without=()):
    services = [{"name": name, "endpoints": [endpoint(name, backend.address)]}
                for name, backend in backends.items() if name not in without]
    return {"v": 2, "source": "file", "time_ns": 1, "services": services, "routes": routes, "left_out": []}


@pytest.fixture
def sites(start_lb, start_backend, discovery, connect):
    """Starts lb with backends of these names; gives a function that asks and tells who was asked for what."""
    def start(names, routes, *flags, ready_count=None, env=None):
        backends = {name: start_backend() for name in names}
        lb = start_lb(*(flags or [WAIT_NOT]), *discovery.flags, env=env)
        discovery.send_line(line(backends, routes))
        lb.wait_ready(ready_count or len(backends))

        def ask(host, target="/", method="GET", fields=()):
            for backend in backends.values():
                backend.requests.clear()
            with connect(lb) as client:
                response = client.request(method, target, host=host, fields=fields).read_response(method == "HEAD")
            asked = [(name, request) for name, backend in backends.items() for request in backend.requests]
            assert len(asked) <= 1
            return response, *(asked[0] if asked else (None, None))

        ask.lb, ask.backends = lb, backends
        return ask

    return start


def test_each_host_has_its_service(sites):
    ask = sites(["shop", "blog"], [{"host": "shop.test", "service": "shop"}, {"host": "*.blog.test", "service": "blog"}])
    for host, wanted in {"shop.test": "shop", "SHOP.Test.:8080": "shop", "a.b.blog.test": "blog"}.items():
        response, service, _ = ask(host)
        assert (response.status, service) == (200, wanted)
    for host in ("blog.test", "other.test", "test"):
        response, service, _ = ask(host)
        assert (response.status, service) == (404, None)
        assert b"No service answers for this address." in response.body


def test_paths_go_by_segments_and_what_is_routed_is_what_arrives(sites):
    ask = sites(["site", "api"], [{"host": "a.test", "service": "site"},
                                  {"host": "a.test", "path": "/api", "service": "api"}])
    rows = {"/api": ("api", "/api"), "/api/x?y=/../z": ("api", "/api/x?y=/../z"), "/apix": ("site", "/apix"),
            "/%61pi": ("api", "/%61pi"), "/api%2Fx": ("site", "/api%2Fx"), "/x/../api/./y?q": ("api", "/api/y?q"),
            "/api/../x": ("site", "/x"), "/api/%2e%2e/%7Bx": ("site", "/%7Bx"), "//api": ("site", "//api")}
    for target, wanted in rows.items():
        response, service, request = ask("a.test", target)
        assert (response.status, service, request.target) == (200, *wanted)
    for target in ("/api/..%2fx", "/api/..\\x", "/api/..;/x"):
        response, service, _ = ask("a.test", target)
        assert (response.status, service) == (400, None)


def test_a_stripped_path_begins_with_a_slash_and_tells_its_prefix(sites):
    ask = sites(["api"], [{"host": "a.test", "path": "/api", "strip": "/api", "service": "api"},
                          {"host": "b.test", "add": "/base", "service": "api"}])
    rows = {("a.test", "/api/x?y"): ("/x?y", "/api"), ("a.test", "/api/"): ("/", "/api"),
            ("a.test", "/api/a%2Fb"): ("/a%2Fb", "/api"), ("a.test", "/%61pi/x"): ("/x", "/api"),
            ("b.test", "/x"): ("/base/x", None)}
    for (host, target), (wanted, prefix) in rows.items():
        response, _, request = ask(host, target, fields=["X-Last: 1"])
        assert (response.status, request.target) == (200, wanted)
        assert request.get("X-Forwarded-Prefix") == prefix and request.get("X-Last") == "1"
        assert request.get("Host") == host


@pytest.mark.parametrize("flags, wanted", [((), "/api"), (("--trusted-proxies=127.0.0.0/8",), "/out, /api")])
def test_the_prefix_of_a_trusted_client_stays_before_lbs_own(sites, flags, wanted):
    ask = sites(["api"], [{"host": "a.test", "path": "/api", "strip": "/api", "service": "api"}], WAIT_NOT, *flags)
    _, _, request = ask("a.test", "/api/x", fields=["X-Forwarded-Prefix: /out"])
    assert request.get("X-Forwarded-Prefix") == wanted


def test_the_bare_prefix_is_found_with_a_slash(sites):
    ask = sites(["api"], [{"host": "a.test", "path": "/api", "strip": "/api", "service": "api"}])
    for method in ("GET", "HEAD"):
        response, service, _ = ask("a.test", "/api?x=1", method)
        assert (response.status, service, response.get("Location")) == (308, None, "/api/?x=1")
    response, service, request = ask("a.test", "/api", "POST")
    assert (response.status, service, request.target) == (200, "api", "/")


def test_further_conditions(sites):
    ask = sites(["plain", "posted", "beta"],
                [{"host": "a.test", "service": "plain"},
                 {"host": "a.test", "service": "posted", "conditions": [{"kind": "method", "value": "POST"}]},
                 {"host": "a.test", "service": "beta", "priority": 1,
                  "conditions": [{"kind": "header_regex", "name": "X-Beta", "value": "^[1-9]"},
                                 {"kind": "client", "value": "127.0.0.0/8"},
                                 {"kind": "query", "name": "old", "value": "", "not": True}]}])
    assert ask("a.test")[1] == "plain"
    assert ask("a.test", method="POST")[1] == "posted"
    assert ask("a.test", method="POST", fields=["x-beta: 0", "X-BETA: 7"])[1] == "beta"
    assert ask("a.test", "/?old", fields=["X-Beta: 7"])[1] == "plain"


def test_a_route_outlives_its_servers(sites, discovery):
    """Neither a less specific route nor another site gets its requests."""
    routes = [{"host": "a.test", "service": "site"}, {"host": "a.test", "path": "/api", "service": "api"},
              {"host": "*.test", "service": "site"}]
    ask = sites(["site", "api"], routes)
    assert ask("a.test", "/api")[1] == "api"
    discovery.send_line(line(ask.backends, routes, without=["api"]))
    wait_for(lambda: list(ask.lb.states()) == ["site"], "api has no server")
    response, service, _ = ask("a.test", "/api")
    assert (response.status, service, response.get("Retry-After")) == (503, None, "1")
    discovery.send_line(line(ask.backends, routes[:1] + routes[2:], without=["api"]))  # its container is gone
    wait_for(lambda: ask.lb.pool()["discovery"]["lines"] >= 3, "the line is taken")
    assert ask("a.test", "/api")[0].status == 503
    assert ask("a.test", "/")[1] == "site"
    discovery.send_line(line(ask.backends, routes))
    ask.lb.wait_ready(2)
    assert ask("a.test", "/api")[1] == "api"


def test_who_waits_gets_the_service_that_it_asked_for(sites, discovery, connect):
    routes = [{"host": "a.test", "service": "a"}, {"host": "b.test", "path": "/x", "strip": "/x", "service": "b"}]
    ask = sites(["a", "b"], routes, "--hold=60s")
    discovery.send_line(line(ask.backends, routes, without=["a", "b"]))
    wait_for(lambda: not ask.lb.states(), "both are gone")
    for backend in ask.backends.values():
        backend.requests.clear()
    with connect(ask.lb) as first, connect(ask.lb) as second:
        first.request(host="a.test")
        second.request(host="b.test", target="/x/y")
        wait_for(lambda: ask.lb.totals()["held"] == 2, "both wait")
        discovery.send_line(line(ask.backends, routes, without=["a"]))
        assert second.read_response().status == 200 and first.is_silent()
        discovery.send_line(line(ask.backends, routes))
        assert first.read_response().status == 200
    assert [request.target for request in ask.backends["a"].requests] == ["/"]
    assert [request.target for request in ask.backends["b"].requests] == ["/y"]


def test_who_comes_before_the_first_line_goes_by_its_routes(start_lb, start_backend, discovery, connect):
    backends = {"a": start_backend(), "b": start_backend()}
    lb = start_lb("--hold=60s", *discovery.flags)
    with connect(lb) as client, connect(lb) as lost:
        client.request(host="b.test", target="/x/y?z")
        lost.request(host="c.test")
        wait_for(lambda: lb.totals()["held"] == 2, "both wait")
        discovery.send_line(line(backends, [{"host": "b.test", "path": "/x", "strip": "/x", "service": "b"}]))
        assert client.read_response().status == 200
        assert lost.read_response().status == 404
    assert [request.target for request in backends["b"].requests] == ["/y?z"]


def test_without_routes_all_goes_to_the_default_service(sites):
    ask = sites(["appserver"], [])
    assert ask("any.test", "/a/../b")[2].target == "/a/../b"


ONE_ROUTE = [{"host": "a.test", "service": "a"}]


@pytest.mark.parametrize("setting, service, status", [
    ("auto", None, 404), ("404", None, 404), ("503", None, 503), ("appserver", "appserver", 200), ("other", "other", 200)])
def test_what_no_route_matches_goes_by_the_setting(sites, setting, service, status):
    """The services appserver and other have no route: containers that say nothing, beside a site."""
    ask = sites(["a", "appserver", "other"], ONE_ROUTE, WAIT_NOT, "--default-route", setting, ready_count=2)
    assert ask("a.test")[1] == "a"
    response, asked, _ = ask("unknown.test", "/x")
    assert (response.status, asked) == (status, service)
    assert response.get("Retry-After") == ("1" if status == 503 else None)


@pytest.mark.parametrize("setting, service, status", [
    ("auto", "appserver", 200), ("404", None, 404), ("503", None, 503), ("other", "other", 200)])
def test_what_there_are_no_routes_for_goes_by_the_setting(sites, setting, service, status):
    ask = sites(["appserver", "other"], [], WAIT_NOT, "--default-route", setting, ready_count=1)
    response, asked, _ = ask("unknown.test", "/x")
    assert (response.status, asked) == (status, service)


def test_the_log_names_route_and_service(sites, tmp_path):
    log = tmp_path / "log"
    ask = sites(["a", "appserver"], [{"host": "a.test", "path": "/x", "strip": "/x", "service": "a"},
                                     {"host": "a.test", "path": "/no", "answer": 403}], WAIT_NOT, f"--access-log={log}")
    wanted = {"/x/y": (200, "ok", "a.test/x", "a"), "/x": (308, "slash", "a.test/x", None),
              "/no": (403, "forbidden", "a.test/no", None), "/": (404, "no_route", None, None)}
    for target, row in wanted.items():
        response, _, _ = ask("a.test", target)
        assert response.status == row[0]
        assert row[0] != 403 or b"This address is not open to you." in response.body
    wait_for(lambda: len(log.read_text().splitlines()) == len(wanted), "a line for each")
    for logged in map(json.loads, log.read_text().splitlines()):
        own, status = logged["lb"], logged["http"]["response"]["status_code"]
        path = logged["url"]["path"] if status != 200 else "/x/y"  # as it was forwarded
        assert (status, own["end"], own.get("route"), own.get("service")) == wanted[path]


def test_the_default_route_is_changed_by_sighup(sites, start_lb, start_backend, discovery, connect, tmp_path):
    path = tmp_path / "lb.json"
    path.write_text('{"default-route": "404"}')
    ask = sites(["a", "appserver"], ONE_ROUTE, WAIT_NOT, f"--config={path}")
    assert ask("unknown.test")[0].status == 404
    for setting, status, service in (("503", 503, None), ("appserver", 200, "appserver"), ("a", 200, "a"), ("auto", 404, None)):
        path.write_text(f'{{"default-route": "{setting}"}}')
        ask.lb.signal(signal.SIGHUP)
        wait_for(lambda: (lambda answer: (answer[0].status, answer[1]))(ask("unknown.test")) == (status, service), setting)


def test_a_lost_route_stays_over_sighup(sites, discovery, tmp_path):
    """Whatever becomes of what no route knows: nobody else gets its requests."""
    path = tmp_path / "lb.json"
    path.write_text('{"default-route": "b"}')
    ask = sites(["a", "b"], ONE_ROUTE, WAIT_NOT, f"--config={path}")
    discovery.send_line(line(ask.backends, [], without=["a"]))  # its container is gone
    wait_for(lambda: ask.lb.pool()["discovery"]["lines"] >= 2, "the line is taken")
    assert (ask("a.test")[0].status, ask("unknown.test")[1]) == (503, "b")
    for setting, status, service in (("404", 404, None), ("503", 503, None), ("b", 200, "b")):
        path.write_text(f'{{"default-route": "{setting}"}}')
        ask.lb.reload()
        wait_for(lambda: (lambda answer: (answer[0].status, answer[1]))(ask("unknown.test")) == (status, service), setting)
        assert ask("a.test")[0].status == 503 and ask.lb.pool()["routes"]["count"] == 1
    discovery.send_line(line(ask.backends, ONE_ROUTE))
    wait_for(lambda: ask("a.test")[1] == "a", "it is back")


@pytest.mark.parametrize("has_line", [False, True])
def test_a_lost_route_stays_while_the_source_is_started_again(has_line, sites, discovery):
    """Its process dies, and the next one says nothing yet, or the same."""
    ask = sites(["a", "appserver"], ONE_ROUTE, WAIT_NOT, "--service=appserver")
    less = line(ask.backends, [], without=["a"])
    discovery.send_line(less)
    wait_for(lambda: ask.lb.pool()["discovery"]["lines"] >= 2, "the line is taken")
    assert ask("a.test")[0].status == 503
    discovery.kill()
    discovery.wait_starts(2)
    if has_line:
        discovery.send_line(less)
        wait_for(lambda: ask.lb.pool()["discovery"]["lines"] >= 3, "the line is taken")
    assert (ask("a.test")[0].status, ask("unknown.test")[1]) == (503, "appserver")
    discovery.send_line(line(ask.backends, ONE_ROUTE))
    wait_for(lambda: ask("a.test")[1] == "a", "it is back")
    assert ask("unknown.test")[1] == "appserver"


def test_routes_stay_while_the_source_is_silent(sites, discovery):
    """What was known last counts, however often it is started."""
    ask = sites(["a", "appserver"], ONE_ROUTE, WAIT_NOT, "--service=appserver")
    for starts in (2, 3):
        discovery.kill()
        discovery.wait_starts(starts)
        assert (ask("a.test")[1], ask("unknown.test")[1]) == ("a", "appserver")
    assert ask.lb.pool()["routes"]["count"] == 1


def test_a_service_given_by_hand_gets_what_no_route_knows(sites):
    """A container of a stranger that has a route takes nothing from it, and gives nothing to it."""
    routes = [{"host": "a.test", "path": "/app", "service": "a"}, {"host": "*.b.test", "service": "a", "conditions": [
        {"kind": "method", "value": "POST"}]}, {"path": "/api", "service": "a", "conditions": [{"kind": "method", "value": "POST"}]}]
    ask = sites(["a", "shop", "appserver"], routes, WAIT_NOT, "--service=shop", ready_count=2)
    rows = {("a.test", "/app/x"): "a", ("a.test", "/"): None, ("A.test:81", "/apple"): None, ("x.b.test", "/"): None,
            ("any.test", "/api"): None, ("any.test", "/api/x"): None, ("any.test", "/"): "shop", ("b.test", "/apis"): "shop",
            ("any.test", "/x/../api"): None, ("any.test", "/api/../x"): "shop"}
    for (host, target), wanted in rows.items():
        response, service, _ = ask(host, target)
        assert (response.status, service) == (200 if wanted else 404, wanted), (host, target)
    assert ask("any.test", "/api", "POST")[1] == "a" and ask("x.b.test", "/", "POST")[1] == "a"
    assert b"No service answers for this address." in ask("a.test", "/")[0].body


@pytest.mark.parametrize("how", ["flag", "environment", "file"])
def test_where_a_service_is_given_by_hand(sites, tmp_path, how):
    """Also the one that is meant where none is given."""
    path = tmp_path / "lb.json"
    path.write_text('{"service": "appserver"}' if how == "file" else "{}")
    env = {"LB_SERVICE": "appserver"} if how == "environment" else None
    flags = ["--service=appserver"] if how == "flag" else []
    ask = sites(["a", "appserver"], ONE_ROUTE, WAIT_NOT, f"--config={path}", *flags, env=env)
    assert ask("unknown.test")[1] == "appserver"
    assert ask("a.test")[1] == "a"
    if how == "file":
        path.write_text("{}")
        ask.lb.signal(signal.SIGHUP)
        wait_for(lambda: ask("unknown.test")[0].status == 404, "nobody is named any more")
        path.write_text('{"service": "a"}')
        ask.lb.signal(signal.SIGHUP)
        wait_for(lambda: ask("unknown.test")[1] == "a", "another one")


def test_routes_that_come_and_go_move_what_nobody_knows(sites, discovery):
    ask = sites(["a", "appserver"], [], ready_count=1)
    assert ask("unknown.test")[1] == "appserver"
    discovery.send_line(line(ask.backends, ONE_ROUTE))
    wait_for(lambda: ask("unknown.test")[0].status == 404, "there are routes")
    discovery.send_line(line(ask.backends, []))
    wait_for(lambda: ask.lb.pool()["discovery"]["lines"] >= 3, "the line is taken")
    assert ask("unknown.test")[0].status == 404  # they stay for a while


def test_a_bad_route_changes_nothing(sites, discovery):
    ask = sites(["a"], [{"host": "a.test", "service": "a"}])
    discovery.send_line(line(ask.backends, [{"host": "a b", "service": "a"}]))
    ask.lb.wait_message(r'routes\[0\]: host "a b" has a blank inside')
    assert ask("a.test")[1] == "a"
