"""/explain: for each container one line that says where it stands and what would change it."""

import json
import re

import pytest

from support.discovery import endpoint, line_of, route_line
from support.waiting import wait_for

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


def left_out(name, reason, detail="", **more):
    return {"id": f"id-{name}", "name": name, "service": "appserver", "reason": reason, "detail": detail,
            "since_ns": 1795312340000000000, **more}


def lines_of(lb, path="/explain"):
    """The lines by the name that each begins with."""
    text = lb.ask(path).body.decode()
    assert text.endswith("\n")
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_every_container_has_its_line(start_lb, start_backend, discovery, connect):
    backends = {name: start_backend() for name in ("ready", "draining", "paused", "unhealthy",
                                                   "starting", "ordered")}
    dead = start_backend(is_listening=False)
    lb = start_lb("--workers=1", *discovery.flags)
    assert lb.ask("/explain").body == b"Discovery has told nothing yet.\n"
    discovery.send_line({**line_of(
        [*(endpoint(n, b.address, state=n if n != "ordered" else "ready")
           for n, b in backends.items()), endpoint("deaf", dead.address)],
        left_out=[left_out("db", "no_shared_network", "it is on: back; lb is on: web"),
                  left_out("old", "not_running"), left_out("new", "unheard_of")])})
    lb.wait_ready(2)
    lb.order("/endpoints/ordered/drain")
    for _ in range(3):
        assert connect(lb).get().status == 200
    wait_for(lambda: "connection refused" in lines_of(lb)["deaf"], "a probe has failed")
    lines = lines_of(lb)
    address = "%s:%d" % backends["ready"].address
    assert re.fullmatch(rf"routed as appserver/ready at {address} since {STAMP}, 3 requests\.",
                        lines.pop("ready"))
    expected = {
        "ordered": rf"not routed, draining since {STAMP}: it is drained, as ordered by admin\. "
                   r"lb ctl undrain brings it back\.",
        "draining": r"not routed, draining since .*: it was told to stop .*\. It comes back when",
        "paused": r"not routed, paused since .*: it is paused\. docker unpause",
        "unhealthy": r"not routed, unhealthy since .*HEALTHCHECK fails\. It gets",
        "starting": r"not routed, starting since .*HEALTHCHECK has not passed yet\. It gets",
        "deaf": r"not routed, probing since .*: nothing has answered on its port yet: "
                r"connection refused\. It gets requests as soon as",
        "db": r"not routed, no_shared_network since 2026-11-22T.*: it is on: back; lb is on: web\. "
              r"docker network connect",
        "old": r"not routed, not_running since .*: it does not run\. docker start",
        "new": r"not routed, unheard_of since .*: discovery left it out\. ",
    }
    assert set(lines) == set(expected)
    for name, pattern in expected.items():
        assert re.match(pattern, lines[name]), lines[name]


def test_one_container(start_lb, start_backend, discovery):
    lb = start_lb(*discovery.flags)
    discovery.send_line(line_of([endpoint("a1", start_backend().address, id="abcdef0123")],
                                left_out=[left_out("db", "no_port", id="fedcba9876")]))
    lb.wait_ready(1)
    for subject in ("a1", "abcdef0123", "abcd"):
        assert set(lines_of(lb, "/explain/" + subject)) == {"a1"}
    for subject in ("db", "fedc"):
        assert set(lines_of(lb, "/explain/" + subject)) == {"db"}
    for subject in ("abc", "bcde", "a", "A1", "xxxx"):
        assert lb.ask("/explain/" + subject).status == 404


@pytest.mark.parametrize("accept, is_json", [
    ("application/json", True), ("text/html, application/json;q=0.9", True),
    ("Application/JSON", True), ("*/*", False), ("text/plain", False), ("", False)])
def test_json_by_accept(accept, is_json, start_lb, start_backend, discovery):
    lb = start_lb(*discovery.flags)
    discovery.send_line(line_of([endpoint("a1", start_backend().address)],
                                left_out=[left_out("db", "no_port", "why not")]))
    lb.wait_ready(1)
    answer = lb.ask("/explain", fields=[f"Accept: {accept}"])
    assert answer.get("Content-Type") == ("application/json" if is_json else
                                          "text/plain; charset=utf-8")
    if is_json:
        first, second = json.loads(answer.body)["containers"]
        assert (first["name"], first["routed"], first["state"]) == ("a1", True, "ready")
        assert (second["name"], second["routed"], second["reason"]) == ("db", False, "no_port")
        assert second["why"] == "why not" and second["remedy"]


def test_names_cannot_forge_lines(start_lb, discovery):
    lb = start_lb(*discovery.flags)
    discovery.send_line(line_of([], left_out=[left_out("x\ny: routed as\x1b[2J", "no_port")]))
    wait_for(lambda: lb.pool()["left_out"], "the line is read")
    text = lb.ask("/explain").body
    assert text.count(b"\n") == 1 and b"\x1b" not in text and b"x\\x0ay" in text


def test_static_backends(start_lb, start_backend):
    backend = start_backend()
    lb = start_lb(backends=[backend])
    name = "%s:%d" % backend.address
    assert lb.ask(f"/explain/{name}").body.decode().startswith(f"{name}: routed as appserver/{name}")


def test_remarks_on_labels_stand_in_the_containers_row(start_lb, start_backend, discovery):
    backend = start_backend()
    lb = start_lb("--workers=1", *discovery.flags)
    discovery.send_line({**line_of([endpoint("app", backend.address)], left_out=[left_out("db", "no_port")]),
                         "remarks": {"id-of-app": 'the label "lb.prot" is not known', "id-db": "no\nline",
                                     "id-of-nobody": "x", "id-x": 7}})
    lb.wait_ready(1)
    lines = lines_of(lb)
    assert lines["app"].endswith('0 requests. Note: the label "lb.prot" is not known.')
    assert lines["db"].endswith(" Note: no\\x0aline.")
    containers = {c["name"]: c for c in json.loads(
        lb.ask("/explain", fields=["Accept: application/json"]).body)["containers"]}
    assert containers["app"]["remark"] == 'the label "lb.prot" is not known'
    discovery.send_line(line_of([endpoint("app", backend.address)]))
    wait_for(lambda: "Note" not in lines_of(lb)["app"], "the remark is gone")


def test_what_discovery_is_not_told_is_told(start_lb, start_backend, discovery):
    lb = start_lb("--workers=1", *discovery.flags)
    sentence = "GET /networks is refused with status 403: and so on"
    discovery.send_line({**line_of([endpoint("app", start_backend().address)]), "losses": [sentence]})
    lb.wait_ready(1)
    assert f"lb-discovery: {sentence}\n" in lb.ask("/explain").body.decode()
    assert json.loads(lb.ask("/explain", fields=["Accept: application/json"]).body)["losses"] == [sentence]
    discovery.send_line(line_of([endpoint("app", start_backend().address)]))
    wait_for(lambda: "lb-discovery" not in lb.ask("/explain").body.decode(), "nothing is lost")
def said_of(lb, name):
    """Its line, "" before there is one."""
    lines = lb.ask("/explain").body.decode().splitlines()
    return next((line for line in lines if line.startswith(name + ": ")), "")


def test_an_answer_that_the_check_does_not_want_is_no_silence(start_lb, start_backend, discovery):
    backend = start_backend(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    lb = start_lb("--check-path=/health", *discovery.flags)
    discovery.send(endpoint("one", backend.address))
    wait_for(lambda: "404" in said_of(lb, "one"), "the check has failed")
    said = said_of(lb, "one")
    assert "nothing has answered" not in said and "lb.port" not in said
    assert "GET /health" in said and "--check-path" in said and "Address: %s:%d." % backend.address in said


@pytest.mark.parametrize("cause, says, never", [
    ("label", "its labels ask for no new requests (lb.drain", "told to stop"),
    ("file", "the file of services says draining. Another state in the file", "label"),
    ("kill", "it was told to stop", "file of services")])
def test_why_it_drains(cause, says, never, start_lb, start_backend, discovery):
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("one", start_backend().address, state="draining", cause=cause))
    wait_for(lambda: says in said_of(lb, "one"), f"{says!r}; it is {said_of(lb, 'one')!r}")
    assert never not in said_of(lb, "one")


def test_a_fixed_backend_has_no_labels(start_lb, start_backend):
    dead = start_backend(is_listening=False)
    lb = start_lb(backends=[dead], is_ready=False)
    name = "%s:%d" % dead.address
    wait_for(lambda: "connection refused" in said_of(lb, name), "it was tried")
    assert "label" not in said_of(lb, name) and "is --backend right" in said_of(lb, name)


def test_a_file_has_no_labels(start_lb, start_backend, discovery):
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("one", start_backend(is_listening=False).address, cause="file"))
    wait_for(lambda: "connection refused" in said_of(lb, "one"), "it was tried")
    assert "label" not in said_of(lb, "one") and "in the file right" in said_of(lb, "one")


def test_remedy_and_service_of_what_is_left_out(start_lb, discovery):
    lb = start_lb(*discovery.flags)
    discovery.send_line(line_of([], left_out=[
        left_out("a", "no_shared_network", "why", remedy="Do this."),
        left_out("b", "no_shared_network", "why", service="", remedy=5)]))
    wait_for(lambda: said_of(lb, "b"), "the line is read")
    assert said_of(lb, "a").endswith(": why. Do this. Service: appserver.")
    assert "docker network connect" in said_of(lb, "b") and "Service" not in said_of(lb, "b")


@pytest.mark.parametrize("reason", ["not_running", "no_port", "no_shared_network", "disabled", "bad_label"])
def test_nothing_is_advised_to_a_container_of_another_service(reason, start_lb, discovery):
    """Whatever is done there, it gets no requests."""
    lb = start_lb(*discovery.flags)
    discovery.send_line(line_of([], left_out=[
        left_out("db", reason, "why", service="postgres", remedy="Do this.",
                 service_from="the name of its image", port=5432, port_from="the only one")]))
    wait_for(lambda: said_of(lb, "db"), "the line is read")
    assert re.search(rf"{reason} since .*: why\. Nothing is routed to its service: the label lb\.service .* "
                     r"Port: 5432 \(the only one\)\. Service: postgres \(the name of its image\)\.$",
                     said_of(lb, "db"))
    assert "docker" not in said_of(lb, "db") and "Do this" not in said_of(lb, "db")


def test_beside_routes_a_container_of_a_site_is_told_what_helps_it(start_lb, discovery):
    """A service that a route leads to is one of lb's; and who does not run may bring a route along."""
    lb = start_lb(*discovery.flags)
    discovery.send_line(route_line({"other": [endpoint("o1", ("127.0.0.9", 1))]}, [
        {"host": "shop.test", "service": "shop", "dialect": "lb"}], left_out=[
            left_out("served", "no_shared_network", "why", service="shop", remedy="Do this."),
            left_out("ended", "not_running", "why", service="away", remedy="Start it."),
            left_out("db", "no_shared_network", "why", service="postgres", remedy="Do that.")]))
    wait_for(lambda: said_of(lb, "db"), "the line is read")
    assert "why. Do this. " in said_of(lb, "served")
    assert "why. Start it. " in said_of(lb, "ended")
    assert "why. Nothing is routed to its service: " in said_of(lb, "db")
    assert ": there are routes, and none leads to its service. Nothing is routed to its service: " in said_of(lb, "o1")


def test_who_serves_in_a_site_is_not_left_out_of_its_own_service(start_lb, start_backend, discovery):
    """As a container of registrator does whose tags of fabio make it a site."""
    shop = endpoint("s1", start_backend().address)
    lb = start_lb("--workers=1", *discovery.flags)
    discovery.send_line(route_line({"shop.test": [shop], "shop": [shop]}, [
        {"host": "shop.test", "service": "shop.test", "dialect": "fabio"}]))
    lb.wait_ready(1)
    lines = lb.ask("/explain").body.decode().splitlines()
    assert len(lines) == 1 and lines[0].startswith("s1: routed as shop.test/s1 at ")
    assert lb.pool()["left_out"] == []


def test_where_it_all_comes_from(start_lb, start_backend, discovery):
    good, dead = start_backend(), start_backend(is_listening=False)
    lb = start_lb("--workers=1", *discovery.flags)
    origins = {"service_from": "the label", "port_from": "the only one", "address_from": "its network"}
    discovery.send_line(line_of([
        endpoint("good", good.address, health="exit code 1: old news", **origins),
        endpoint("dead", dead.address, **origins),
        endpoint("ill", dead.address, state="unhealthy", health="exit code 1: no\x1b[2J database"),
        endpoint("odd", dead.address, state="paused", service_from=5, port_from="", address_from="x" * 513,
                 health=["x"])]))
    lb.wait_ready(1)
    wait_for(lambda: "connection refused" in said_of(lb, "dead"), "it was tried")
    assert said_of(lb, "good").endswith("0 requests. Address: its network. Port: the only one. Service: the label.")
    assert said_of(lb, "dead").endswith(" Address: %s:%d (its network). Port: %d (the only one). "
                                        "Service: appserver (the label)." % (*dead.address, dead.address[1]))
    assert r": its HEALTHCHECK fails: exit code 1: no\x1b[2J database. It gets" in said_of(lb, "ill")
    assert said_of(lb, "odd").endswith("brings it back. Address: %s:%d. Service: appserver." % dead.address)
    said = {c["name"]: c for c in json.loads(
        lb.ask("/explain", fields=["Accept: application/json"]).body)["containers"]}
    assert {key: said["good"][key] for key in origins} == origins and said["good"]["port"] == good.address[1]
    assert said["ill"]["health"].startswith("exit code 1: no") and "database" in said["ill"]["why"]
    assert not {"service_from", "port_from", "address_from", "health"} & set(said["odd"])
