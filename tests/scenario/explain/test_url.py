"""lb explain URL: which route, why that one, what is done to the request, and who gets it."""

import json

import pytest

from support.discovery import endpoint, route_line
from support.program import run
from support.waiting import wait_for

JSON = "Accept: application/json"
DEFAULT = {"dialect": "lb", "label": "lb.host"}
SHOP = {**DEFAULT, "host": "shop.test", "service": "shop", "container_name": "shop-1", "container": "aaaa01",
        "created_ns": 1000}
API = {**SHOP, "path": "/api", "strip": "/api", "service": "api", "label": "lb.api.path",
       "container_name": "api-1", "container": "aaaa02"}


@pytest.fixture(name="sites")
def make_sites(start_lb, discovery, start_backend):
    """sites(*routes): an lb that has these, and endpoints of shop and api; nobody of empty."""
    shop, api = start_backend(), start_backend()
    lb = start_lb("--workers=1", *discovery.flags)

    def send(*routes):
        discovery.send_line(route_line(
            {"shop": [endpoint("shop-1", shop.address, id="aaaa01")],
             "api": [endpoint("api-1", api.address, id="aaaa02"),
                     endpoint("api-2", shop.address, id="aaaa03", state="paused")]},
            routes, left_out=[{"id": "ffff", "name": "db", "service": "empty", "reason": "no_port",
                               "detail": "it exposes none", "since_ns": 1795312340000000000}]))
        return lb.wait_ready(2)
    return send


def explain(lb, *words, status=0):
    done = run("lb", "explain", *words, "--admin=%s:%d" % lb.admin)
    assert done.returncode == status, done.stderr
    return done.stderr if status else done.stdout


def lines_of(lb, *words):
    """The lines by their first word."""
    return dict(line.split(": ", 1) for line in explain(lb, *words).splitlines())


def asked(lb, query, fields=()):
    return lb.ask("/explain?" + query, fields=[JSON, *fields])


def test_the_route_and_why_and_what_is_done_and_who_gets_it(sites):
    lines = lines_of(sites(SHOP, API), "https://shop.test/api/x?y")
    assert lines["request"] == "GET, host shop.test, path /api/x, query y"
    assert lines["route"] == "host shop.test, path /api: to the service api, without /api, " \
                             "by lb.api.path of api-1 (lb)"
    assert lines["why"] == "its path is a prefix, the other's is any; the next best is " \
                           "host shop.test: to the service shop, by lb.host of shop-1 (lb)"
    assert lines["path"] == "a server gets /x?y, with X-Forwarded-Prefix: /api"
    assert lines["service"] == "api, 1 of 2 endpoints get requests"
    assert lines["api-1"].startswith("routed as api/api-1 at ")
    assert lines["api-2"].startswith("not routed, paused since ")
    assert lines["answer"] == "from an endpoint of api"
    assert "shop-1" not in lines


def test_the_same_as_json(sites):
    lb = sites(SHOP, API)
    answer = asked(lb, "url=https%3A%2F%2FSHOP.test.%3A8443%2F%2561pi%2Fx")
    assert answer.get("Content-Type") == "application/json"
    told = json.loads(answer.body)
    assert (told["host"], told["path"], told["compared_as"]) == ("shop.test", "/%61pi/x", "/api/x")
    assert told["route"]["service"] == told["service"] == "api"
    assert told["route"]["label"] == "lb.api.path" and told["next"]["label"] == "lb.host"
    assert told["sent_path"] == "/x" and told["prefix"] == "/api"
    assert [(c["name"], c["routed"]) for c in told["containers"]] == [("api-1", True), ("api-2", False)]
    assert (told["usable"], told["endpoint_count"]) == (1, 2) and "status" not in told


def test_priority_beats_what_is_more_specific(sites):
    lb = sites(SHOP, API, {**SHOP, "priority": 5, "label": "lb.first.host", "service": "empty"})
    lines = lines_of(lb, "shop.test/api/")
    assert lines["why"].startswith("its priority is 5, the other's is 0; the next best is host shop.test, path /api")
    assert lines["answer"].startswith("503 from lb itself: nobody of the service gets requests")
    assert lines["service"] == "empty, which has no endpoints"
    assert lines["db"] == "not routed, no_port since 2026-11-22T01:52:20.000000Z: it exposes none. " + \
        lines["db"].partition("it exposes none. ")[2]


def test_where_a_service_has_nobody_whoever_brought_the_route_says_why(sites):
    """A container with a label that cannot be used is left out of the service that its route leads to."""
    lb = sites(SHOP, API, {**SHOP, "host": "left.test", "service": "left", "container": "ffff"})
    lines = lines_of(lb, "left.test/")
    assert lines["service"] == "left, which has no endpoints"
    assert "it exposes none" in lines["db"] and "shop-1" not in lines
    told = json.loads(asked(lb, "url=http%3A%2F%2Fleft.test%2F").body)
    assert [(c["name"], c["routed"]) for c in told["containers"]] == [("db", False)]


def test_who_gets_copies_is_told_and_that_nobody_does(sites):
    lb = sites({**SHOP, "options": {"mirror": "api 10%"}}, API,
               {**SHOP, "host": "other.test", "options": {"mirror": "absent 10%"}})
    assert lines_of(lb, "shop.test/")["mirror"] == "copies go to the service api, 1 of 2 endpoints get requests"
    lines = lines_of(lb, "other.test/")
    assert lines["mirror"] == "copies go to the service absent, which has no endpoints; none are made"
    assert lines["answer"] == "from an endpoint of shop"
    assert json.loads(asked(lb, "url=http%3A%2F%2Fother.test%2F").body)["mirror"] == lines["mirror"]


def test_who_leaves_the_client_out_where_it_counts_is_told(sites):
    """Else it reads as if everybody were kept out."""
    lb = sites({**SHOP, "conditions": [{"kind": "client", "value": "10.0.0.0/8"}]},
               {**SHOP, "answer": 403}, API, {**API, "host": "other.test"})
    hint = "; a route here looks at the client, and none is given: ask again with --client IP"
    assert lines_of(lb, "shop.test/")["why"] == "no other route holds for this request" + hint
    assert "--client" not in lines_of(lb, "shop.test/", "--client=10.1.2.3")["why"]
    assert "--client" not in lines_of(lb, "other.test/api/")["why"]


def test_conditions_are_asked_by_method_header_and_client(sites):
    conditions = [{"kind": "method", "value": "POST"}, {"kind": "header", "name": "X-Key", "value": "a: b"},
                  {"kind": "client", "value": "10.0.0.0/8"}]
    lb = sites(SHOP, API, {"host": "shop.test", "service": "api", "label": "narrow", "conditions": conditions})
    given = ["--method", "POST", "--header=x-other: 1", "--header", "x-key: a: b", "--client=10.1.2.3"]
    assert "by narrow" in lines_of(lb, "http://shop.test/", *given)["route"]
    for left_out in range(2, len(given)):
        if not given[left_out].startswith("--header=") and left_out != 4:
            less = given[:3] + given[5:] if left_out == 3 else given[:left_out]
            assert "by lb.host" in lines_of(lb, "http://shop.test/", *less)["route"], less
    assert "by lb.host" in lines_of(lb, "http://else.test/x", "--header", "Host: shop.test:81")["route"]


UNROUTED = "What no route matches gets 404: there are routes and no --service is given."


def test_none_holds(sites):
    lb = sites(SHOP, API, {"host": "only.test", "path": "/a", "service": "api", "label": "near",
                           "conditions": [{"kind": "method", "value": "PUT"}]},
               {"host": "only.test", "path": "/b", "service": "api"})
    lines = explain(lb, "http://only.test/a").splitlines()
    assert lines[1].startswith("near: host only.test, path /a, method PUT: to the service api, by near")
    assert lines[1].endswith("It does not hold: method PUT")
    assert lines[2].endswith("It does not hold: the path is another one")
    assert lines[3].startswith("answer: 404 from lb itself: no route holds, though 2 are for the host only.test. "
                               f"{UNROUTED} ")
    assert json.loads(asked(lb, "url=http://only.test/a").body)["status"] == 404


def test_a_host_that_nobody_has(sites):
    lb = sites(SHOP, API)
    assert explain(lb, "http://shpo.test/x").splitlines()[1:] == [
        "answer: 404 from lb itself: no route is for the host shpo.test; there is one for shop.test. "
        f"{UNROUTED} Give a container a route for it, for example by its label lb.host; lb explain --routes lists "
        "those there are."]
    assert "there is one" not in explain(lb, "http://nowhere.example/")


ALL_TO_DEFAULT = "There are no routes: all requests go to the service appserver (--service)."


def test_without_routes_all_goes_to_the_default_service(start_lb, start_backend):
    lb = start_lb(backends=[start_backend()])
    lines = lines_of(lb, "http://any.test/")
    assert lines["route"] == ALL_TO_DEFAULT
    assert lines["service"] == "appserver, 1 of 1 endpoint gets requests"
    assert explain(lb, "--routes") == ALL_TO_DEFAULT + "\n"


def test_nothing_is_known_yet(start_lb, discovery):
    lb = start_lb(*discovery.flags)
    assert explain(lb, "http://a/", status=1) == "lb: Discovery has told nothing yet: requests wait (--hold).\n"


def test_a_bare_prefix_that_is_taken_away_is_redirected(sites):
    lb = sites(SHOP, API)
    lines = lines_of(lb, "http://shop.test/api")
    assert lines["answer"].startswith("308 from lb itself: ")
    assert lines["service"] == "api, 1 of 2 endpoints get requests"
    assert lines_of(lb, "http://shop.test/api", "--method=POST")["path"].startswith("a server gets /, with")


def test_a_path_that_servers_read_differently_is_refused(sites):
    lb = sites(SHOP, API)
    assert lines_of(lb, "http://shop.test/api/..%2Fx")["answer"].startswith("400 from lb itself: ")
    assert lines_of(lb, "http://shop.test/x/../y")["path"] == "a server gets /y"


def test_conflicts_and_overruled_routes_are_told(sites):
    younger = {**SHOP, "service": "api", "container_name": "api-1", "container": "aaaa02", "created_ns": 2000}
    lb = sites(SHOP, API, younger, {**younger, "service": "shop", "container_name": "shop-2"})
    lines = lines_of(lb, "http://shop.test/")
    assert lines["route"].endswith("by lb.host of shop-1 (lb); 1 more says the same")
    assert lines["conflict"] == "host shop.test: to the service api, by lb.host of api-1 (lb). It never gets " \
                                "a request, as the route above wins: its container is older. Change one of the two"
    *table, last = explain(lb, "--routes").splitlines()
    assert last == "# " + UNROUTED
    assert [line.partition(". ")[0] for line in table] == ["1", "2", "3", "4"]
    assert "Overruled: the same requests go to the service shop, by lb.host of shop-1 (lb): " \
           "its container is older" in table[2]
    assert "Overruled" not in table[0] + table[1] + table[3]
    assert "Overruled" in explain(lb, "api-1")


def test_a_route_whose_container_is_gone_stays_for_a_while(sites, discovery):
    lb = sites(SHOP, API)
    discovery.send_line(route_line({}, [API]))
    wait_for(lambda: "no endpoints" in explain(lb, "http://shop.test/"), "shop is gone")
    lines = lines_of(lb, "http://shop.test/")
    assert "Its container is gone; the route stays for " in lines["route"]
    assert lines["answer"].startswith("503 from lb itself")
    assert "Its container is gone" in explain(lb, "shop-1")


def test_routes_of_a_container(sites):
    lb = sites(SHOP, API, {**API, "host": "other.test"})
    lines = explain(lb, "api-1").splitlines()
    assert lines[0].startswith("api-1: routed as api/api-1 at ")
    assert [line[:30] for line in lines[1:]] == ["api-1: route host other.test, ", "api-1: route host shop.test, p"]
    assert len(explain(lb, "aaaa03").splitlines()) == 1
    told = json.loads(lb.ask("/explain/aaaa02", fields=[JSON]).body)
    assert [r["route"]["host"] for r in told["routes"]] == ["other.test", "shop.test"]


def test_ranked_routes_are_listed_apart(sites):
    lb = sites(SHOP, API, {"host": "r.test", "service": "api", "rank": 7, "dialect": "traefik", "label": "r"})
    assert explain(lb, "--routes").splitlines() == [
        "# by rank among themselves, else as those below",
        "1. host r.test: to the service api, by r (traefik, rank 7)",
        "# by priority, host, path, conditions, age",
        "2. host shop.test, path /api: to the service api, without /api, by lb.api.path of api-1 (lb)",
        "3. host shop.test: to the service shop, by lb.host of shop-1 (lb)",
        "# " + UNROUTED]


@pytest.mark.parametrize("words, said", [
    ("http:///x", "has no host; write http://HOST/PATH"),
    ("ftp://shop.test/", "is of another scheme"),
    ("http://a b/", "has no valid host"),
    ("http://münchen.test/", "A-labels"),
    ("http://shop.test/a b", "write a blank as %20"),
    ("http://shop.test/ --method=P(", "is no method"),
    ("http://shop.test/ --header=x", "is no header; write 'NAME: VALUE'"),
    ("http://shop.test/ --client=shop", "is no IP address"),
])
def test_a_bad_question_is_refused_with_a_remedy(words, said, start_lb):
    lb = start_lb(backends=[("127.0.0.1", 1)], is_ready=False)
    words = words.split(" --", 1)
    assert said in explain(lb, words[0], *["--" + more for more in words[1:]], status=1)


@pytest.mark.parametrize("words, said", [
    ("--routes x", "--routes lists all of them, and takes nothing beside: x"),
    ("--routes --method=A", "takes no other flag beside it"),
    ("--routes=1", "--routes: takes no value; give the flag alone"),
    ("shop --method=A", "--method belongs to a URL; give lb explain http://HOST/PATH --method ..."),
    ("http://a/ b", "one URL at a time; a word too many: b"),
    ("http://a/ --header", "--header: has no value; give a header, as in --header 'Name: value'"),
    ("http://a/ --heder=a", "--heder"),
])
def test_wrong_usage_is_told_before_anybody_is_asked(words, said):
    done = run("lb", "explain", *words.split())
    assert done.returncode == 2 and done.stdout == "" and said in done.stderr, done.stderr


def test_a_dotted_name_that_is_no_container_may_be_a_url(sites):
    assert "A URL has a slash, as in lb explain http://shop.test/." in explain(sites(SHOP, API), "shop.test", status=1)


def test_foreign_text_moves_no_cursor(sites):
    evil = "\x1b[31m\u202eevil\nroute: x"
    lb = sites(SHOP, API, {**SHOP, "host": "evil.test", "label": evil, "container_name": evil, "dialect": evil,
                           "container": "cccc01"})
    for words in (["http://evil.test/"], ["--routes"], ["cccc01"]):
        text = explain(lb, *words)
        assert "evil" in text and "\x1b" not in text and "\u202e" not in text
        assert "\nroute: x" not in text
    assert "\x1b" not in lb.ask("/explain?url=http://evil.test/%1b%5b").body.decode()
    assert "\x1b" not in lb.ask("/routes").body.decode()


def test_ten_thousand_routes_are_listed_a_part_at_a_time(sites):
    many = [{"host": f"h{i:05}.test", "service": "shop", "label": "l"} for i in range(10000)]
    lb = sites(SHOP, API, *many)
    lines = explain(lb, "--routes").splitlines()
    assert len(lines) == 10003 and lines[0].startswith("1. ") and lines[-2].startswith("10002. ")
    assert lines[-1] == "# " + UNROUTED
    part = lb.ask("/routes").body.decode().splitlines()
    assert len(part) == 1001 and part[-1] == "# 1000 of 10002 routes; the next: /routes?from=1000"
    told = json.loads(lb.ask("/routes?from=10000&count=5", fields=[JSON]).body)
    assert told["count"] == 10002 and [r["number"] for r in told["routes"]] == [10001, 10002]
    assert "next" not in told
    assert "by l" in explain(lb, "http://h09999.test/")
