"""What routes and services are to do, from labels and files to the line."""

import json

import pytest
from fake_docker import FakeDocker, container
from watcher import Watcher

IDS = [f"{number:064x}" for number in range(20)]
OLD, NEW = "2024-01-01T10:00:00.5Z", "2024-01-01T13:00:00+02:00"


@pytest.fixture
def engine(tmp_path):
    with FakeDocker(tmp_path / "docker.sock") as fake:
        yield fake


def watch(engine, *flags, **kwargs):
    return Watcher("--docker=unix://" + engine.path, "--self", "none", *flags, **kwargs)


def plain(number, labels, created=None):
    made = container(IDS[number], f"c{number}")
    made["Config"].update(Labels=labels, ExposedPorts={"80/tcp": {}})
    if created:
        made["Created"] = created
    return made


def options(w):
    return {route["host"]: route.get("options", route.get("answer")) for route in w.last["routes"]}


def remark(w, number):
    return w.last.get("remarks", {}).get(IDS[number], "")


def test_labels_are_options_of_their_own_route(engine):
    engine.add(plain(1, {"lb.host": "a.test,b.test", "lb.rate": "10/s", "lb.access-log": "off",
                         "lb.response-timeout": "3s", "lb.x.host": "x.test", "lb.x.response-timeout": "4s",
                         "lb.plain.host": "plain.test"}))
    with watch(engine) as w:
        w.next()
        ab = {"rate": "10/s", "access-log": "off"}
        assert options(w) == {"a.test": ab, "b.test": ab, "x.test": {"response-timeout": "4s"}, "plain.test": None}
        assert {e["response_timeout_ms"] for s in w.last["services"] for e in s["endpoints"]} == {3000}
        assert remark(w, 1) == ""


def test_route_that_lacks_a_protection_is_held_and_others_are_not(engine):
    engine.add(plain(1, {"lb.host": "a.test", "lb.allow": "10.0.0.0/8\x01", "lb.x.host": "x.test"}))
    engine.add(plain(2, {"lb.host": "b.test", "lb.rates": "10/s"}))
    engine.add(plain(3, {"lb.host": "c.test", "lb.retries": "\x01"}))
    with watch(engine) as w:
        w.next()
        assert options(w) == {"a.test": 503, "x.test": None, "b.test": 503, "c.test": None}
        assert remark(w, 1).startswith('lb.allow "10.0.0.0/8') and "ranges of addresses" in remark(w, 1)
        assert remark(w, 2) == ('the label "lb.rates" is not known (did you mean lb.rate?); "lb.rates" may mean lb.rate; '
                                "its route is answered by 503 until that is mended")
        assert remark(w, 3).endswith("its route goes without")


def test_protection_without_a_route_leaves_the_container_out(engine):
    engine.add(plain(1, {"lb.auth": "u:$apr1$x"}))
    engine.add(plain(2, {"lb.access-log": "off"}))
    with watch(engine) as w:
        w.next()
        assert [e["name"] for s in w.last["services"] for e in s["endpoints"]] == ["c2"]
        left_out, = w.last["left_out"]
        assert (left_out["name"], left_out["reason"]) == ("c1", "bad_label")
        assert left_out["detail"] == "lb.auth belongs to a host or a path, and neither lb.host nor lb.path is given"
        assert remark(w, 2) == "lb.access-log belongs to a host or a path, and neither lb.host nor lb.path is given"


def test_oldest_containers_options_count_and_the_others_are_told(engine):
    engine.add(plain(1, {"lb.host": "a.test", "lb.rate": "1/s"}, created=OLD))
    engine.add(plain(2, {"lb.host": "a.test", "lb.rate": "2/s"}, created=NEW))
    engine.add(plain(3, {"lb.host": "a.test", "lb.rate": "1/s"}, created=NEW))
    with watch(engine) as w:
        w.next()
        assert [route["options"]["rate"] for route in w.last["routes"]
                if route["container_name"] == "c1"] == ["1/s"]
        assert "c1" in remark(w, 2) and remark(w, 3) == ""


# ---- services ---------------------------------------------------------------------------------------


def of_services(w):
    return {service["name"]: service.get("options") for service in w.last["services"]}


def test_labels_ask_something_of_their_services(engine):
    engine.add(plain(1, {"lb.host": "a.test,b.test", "lb.balance": "least-requests", "lb.queue": "10",
                         "lb.x.host": "x.test", "lb.y.host": "y.test", "lb.y.balance": "hash client"}))
    engine.add(plain(2, {"lb.service": "shop", "lb.queue-timeout": "3s"}))
    engine.add(plain(3, {}))
    with watch(engine) as w:
        w.next()
        ab = {"balance": "least-requests", "queue": "10"}
        assert of_services(w) == {"a.test": ab, "b.test": ab, "x": None, "y": {"balance": "hash client"},
                                  "shop": {"queue-timeout": "3s"}, "image": None}
        assert not w.last.get("remarks")


def test_labels_ask_something_of_services_that_other_words_name(engine):
    made = plain(1, {"lb.queue": "10"})
    made["Config"]["Env"] = ["VIRTUAL_HOST=a.test"]
    engine.add(made)
    engine.add(plain(2, {}))
    with watch(engine) as w:
        w.next()
        assert of_services(w) == {"a.test": {"queue": "10"}, "image": None}


def test_oldest_container_decides_for_its_service_and_the_others_are_told(engine):
    engine.add(plain(1, {"lb.service": "s", "lb.queue": "2"}, created=NEW))
    engine.add(plain(2, {"lb.service": "s", "lb.queue": "1"}, created=OLD))
    engine.add(plain(3, {"lb.service": "s", "lb.queue": "1", "lb.balance": "hash client"}, created=NEW))
    with watch(engine) as w:
        w.next()
        assert of_services(w) == {"s": {"queue": "1", "balance": "hash client"}}
        assert remark(w, 1) == ('its queue for the service s is overruled: the container c2, which is older, wants "1"')
        assert remark(w, 2) == remark(w, 3) == ""


def test_service_goes_without_an_option_that_cannot_be_used(engine):
    engine.add(plain(1, {"lb.service": "s", "lb.queue": "a\x01", "lb.blance": "hash client"}))
    with watch(engine) as w:
        w.next()
        assert of_services(w) == {"s": None}
        assert "lb.queue" in remark(w, 1) and "; its service goes without" in remark(w, 1)
        assert "did you mean lb.balance?" in remark(w, 1)


# ---- what a label says is what a file says is what a line says ---------------------------------------

ROUTE_OPTIONS = {
    "allow": "10.0.0.0/8,::1", "deny": "10.1.2.3", "rate": "10/s", "redirect": "301 https://new.test",
    "auth": "u:$apr1$vRwcqxF1$lHqI.DDQnL02Q2LXDcLCp/", "auth-file": "users", "auth-realm": "here", "auth-header": "X-User",
    "auth-keep": "true", "max-body": "10m", "replace-path": "/x", "request-headers": "set X-A: v | remove X-B",
    "response-headers": "set X-A: v", "response-timeout": "3s", "body-timeout": "off", "stream-timeout": "1h",
    "retries": "2", "access-log": "off", "error-pages": "shop", "mirror": "next 10%"}
SERVICE_OPTIONS = {"balance": "sticky least-requests", "sticky": "secure max-age=1h", "queue": "10", "queue-timeout": "3s"}


def said(line):
    """Of the route and its service."""
    route, = line["routes"]
    return route["options"], next(s["options"] for s in line["services"] if s["name"] == "shop")


def test_labels_files_and_lines_say_the_same(engine, tmp_path):
    words = {**ROUTE_OPTIONS, **SERVICE_OPTIONS}
    engine.add(plain(1, {"lb.shop.host": "a.test", **{f"lb.shop.{word}": value for word, value in words.items()}}))
    path = tmp_path / "services.json"
    service = {"name": "shop", "endpoints": [{"address": "10.9.0.2", "port": 80}]}
    with watch(engine) as w:
        line = w.next()
        assert said(line) == (ROUTE_OPTIONS, SERVICE_OPTIONS) and not line.get("remarks")
        assert list(line["routes"][0]["options"]) == list(ROUTE_OPTIONS)  # one order, however they were written down
    for route, of_service in (ROUTE_OPTIONS, SERVICE_OPTIONS), ({"options": ROUTE_OPTIONS}, {"options": SERVICE_OPTIONS}):
        path.write_text(json.dumps({"services": [{**service, **of_service}],
                                    "routes": [{"host": "a.test", "service": "shop", **route}]}))
        with Watcher("--file", path, "--once") as w:
            assert said(w.next()) == (ROUTE_OPTIONS, SERVICE_OPTIONS) and not w.last.get("remarks")
    path.write_text(json.dumps(line))  # a line is a file
    with Watcher("--file", path, "--once") as w:
        assert said(w.next()) == (ROUTE_OPTIONS, SERVICE_OPTIONS) and not w.last.get("remarks")


def test_file_comes_before_labels(engine, tmp_path):
    engine.add(plain(1, {"lb.service": "shop", "lb.queue": "10", "lb.balance": "hash client"}))
    path = tmp_path / "services.json"
    path.write_text(json.dumps({"services": [{"name": "shop", "queue": 20}]}))
    with watch(engine, "--file", path) as w:
        w.next()
        assert of_services(w) == {"shop": {"queue": "20", "balance": "hash client"}}
        assert "the queue of the service shop, of the source docker, is overruled" in w.last["remarks"]["file"]
