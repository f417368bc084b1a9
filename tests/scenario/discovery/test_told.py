"""What is not followed is told in three places: lb explain NAME, the log, once, and /pool; and it holds up nobody else."""

import json
import re

import pytest
from fake_docker import FakeDocker, container

from support.program import run
from support.waiting import wait_for

ROUTER = "traefik.http.routers.r."
MIDDLEWARE = "traefik.http.middlewares.m."
HOST = {ROUTER + "rule": "Host(`r.test`)", ROUTER + "middlewares": "m"}
# name of the row: labels, environment, what is told
ROWS = {
    "lb-misspelt": ({"lb.wieght": "3"}, [], r'the label "lb.wieght" is not known \(did you mean lb.weight\?\)'),
    "lb-capitals": ({"LB.ENABLE": "true"}, [], r'the label "LB.ENABLE" is not known \(did you mean lb.enable\?\)'),
    "lb-left-out": ({"lb.enabled": "false"}, [], r'the label "lb.enabled" is not known \(did you mean lb.enable\?\)'),
    "lb-underscore": ({"lb_host": "x.test"}, [], r'the label "lb_host" is not known'),
    "lb-unknown": ({"lb.flavour": "x"}, [], r'the label "lb.flavour" is not known'),
    "lb-site": ({"lb.host": "a b"}, [], r"lb.host"),
    "nginx-word": ({}, ["VIRTUAL_HOST=n.test", "VIRTUAL_PROTO=fastcgi"], r"VIRTUAL_PROTO"),
    "nginx-yaml": ({}, ["VIRTUAL_HOST_MULTIPORTS=a: ["], r"VIRTUAL_HOST_MULTIPORTS cannot be used"),
    "nginx-label": ({"com.github.nginx-proxy.nginx-proxy.debug-endpoint": "true"}, ["VIRTUAL_HOST=l.test"],
                    r"com.github.nginx-proxy.nginx-proxy.debug-endpoint is not supported"),
    "traefik-auth": ({**HOST, MIDDLEWARE + "digestauth.users": "u:r:p"}, [],
                     r"the router r answers 503: the middleware m \(digestauth\) is not supported"),
    "traefik-missing": ({**HOST, ROUTER + "rule": "Host(`rr.test`)", ROUTER + "middlewares": "auth@file"}, [],
                        r"answers 404: no label of a container defines the middleware auth@file"),
    "traefik-passes": ({**HOST, ROUTER + "rule": "Host(`rp.test`)", MIDDLEWARE + "compress": "true"}, [], r"is not supported"),
    "traefik-rule": ({ROUTER + "rule": "Hots(`r.test`)"}, [], r"Hots"),
    "traefik-tcp": ({"traefik.tcp.routers.t.rule": "HostSNI(`*`)"}, [],
                    r"the TCP router t is left out: it names no entry point"),
    "lb-tcp": ({"lb.tcp": "0.0.0.0:5432"}, [], r'lb.tcp="0.0.0.0:5432" cannot be used: a port of lb\'s or the name of a '
               r"listener.*that rule is left out"),
    "lb-sni": ({"lb.tcp": "443", "lb.tcp.snl": "a.test"}, [], r"may say which connections are meant; lb.tcp is left out"),
    "registrator": ({}, ["SERVICE_CHECK_SCRIPT=curl"], r"SERVICE_CHECK_SCRIPT"),
    "fabio-auth": ({}, ["SERVICE_TAGS=urlprefix-f.test/ auth=../x"], r"auth= takes the name of a file in --htpasswd-dir; nothing is served"),
    "fabio-option": ({}, ["SERVICE_TAGS=urlprefix-o.test/ pxyproto=true"], r"of its options one is not supported"),
    "contest": ({"lb.host": "first.test", "lb.service": "second"}, [],
                r"its route for first.test, by lb.host, is overruled: the container first, which is older, wants them for first"),
    "priority": ({"lb.host": "same.test", "lb.service": "same"}, [],
                 r"its priority 0 for same.test, by lb.host, is overruled: the container same gives the same route the priority 5"),
    "outranked": ({"lb.host": "young.test", "lb.service": "outranked"}, [],
                  r"its route for young.test, by lb.host, is overruled: the container young, which has a higher priority, wants them for young"),
}
GOOD = {"first": {"lb.host": "first.test", "lb.service": "first"},
        "same": {"lb.host": "same.test", "lb.service": "same", "lb.priority": "5"},
        "young": {"lb.host": "young.test", "lb.service": "young", "lb.priority": "5"}}


def made(number, name, labels, env=(), year=2025):
    found = container(f"{number:064x}", name, ip=f"10.9.1.{number}")
    found["Config"].update(Labels=labels, Env=list(env), Image=name, ExposedPorts={"80/tcp": {}})
    found["Created"] = f"{year}-01-01T10:00:00Z"
    return found


@pytest.fixture(name="told")
def start(tmp_path, start_lb):
    """All rows at once, beside containers with which nothing is wrong."""
    with FakeDocker(tmp_path / "docker.sock") as engine:
        for number, (name, labels) in enumerate(GOOD.items()):
            engine.add(made(number + 1, name, labels, year=2026 if name == "young" else 2020))
        for number, (name, (labels, env, _)) in enumerate(ROWS.items()):
            # names of middlewares are all containers' own
            labels = {key.replace(".m.", f".{name}.").replace(".r.", f".{name}."): value if value != "m" else name
                      for key, value in labels.items()} if name.startswith("traefik") else labels
            engine.add(made(number + 10, name, labels, env))
        lb = start_lb("--docker=unix://" + engine.path, "--check-mode=off", is_ready=False, env={"LB_CONTAINER_ID": "none"})
        wait_for(lambda: lb.pool()["discovery"].get("lines"), "the first line")
        lb.engine = engine
        yield lb


def remarks_of(pool):
    rows = [row for service in pool["services"] for row in service["endpoints"]] + pool["left_out"]
    return {row["name"]: row["remark"] for row in rows if "remark" in row}


def explain(lb, *words):
    done = run("lb", "explain", *words, "--admin=%s:%d" % lb.admin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_not_followed_is_told_in_three_places(told):
    def pieces(name):
        piece = ROWS[name][2]
        return piece if not name.startswith("traefik") else \
            piece.replace("router r ", f"router {name} ").replace("middleware m ", f"middleware {name} ")

    remarks, explained, logged = remarks_of(told.pool()), {}, "\n".join(told.messages())
    for name in ROWS:
        explained[name] = explain(told, name)
    missing = {name: [place for place, text in (("pool", remarks.get(name, "")), ("explain", explained[name]), ("log", logged))
                      if not re.search(pieces(name), text)] for name in ROWS}
    assert {name: places for name, places in missing.items() if places} == {}, (remarks, logged)
    assert all("Note: " in text for text in explained.values())
    assert not set(GOOD) & set(remarks) and all("Note: " not in explain(told, name) for name in GOOD)
    # neither an event nor a new connection says it again
    lines = told.pool()["discovery"]["lines"]
    told.engine.end_streams()
    told.engine.wait_stream()
    told.engine.add(made(200, "late", {"lb.host": "late.test"}))
    told.engine.event("start", f"{200:064x}")
    wait_for(lambda: told.pool()["discovery"]["lines"] > lines, "the event is followed")
    logged = "\n".join(told.messages())
    twice = [name for name in ROWS if len(re.findall(rf"container {name}: ", logged)) != 1]
    assert twice == [], logged


def test_what_asks_for_a_protection_is_closed(told):
    for host, status, why in (("r.test", 503, "digestauth"), ("rr.test", 404, "auth@file"), ("f.test", 503, "auth= takes")):
        answer = json.loads(told.ask(f"/explain?url=http://{host}/x", fields=["Accept: application/json"]).body)
        assert answer["status"] == status and why in answer["answer"], answer
        assert why in next(line for line in explain(told, "--routes").splitlines() if f"host {host}" in line)


def test_a_route_of_a_file_and_of_a_container_is_told_in_three_places(tmp_path, start_lb):
    path = tmp_path / "services.json"
    path.write_text(json.dumps({"routes": [{"host": "a.test", "service": "b"}]}))
    told = "the route for a.test, of the source docker, by lb.host of one, is overruled by that of the source file, by routes[0]"
    with FakeDocker(tmp_path / "docker.sock") as engine:
        engine.add(made(1, "one", {"lb.host": "a.test", "lb.service": "a"}))
        lb = start_lb("--docker=unix://" + engine.path, f"--file={path}", is_ready=False, env={"LB_CONTAINER_ID": "none"})
        wait_for(lambda: lb.pool()["discovery"].get("lines"), "the first line")
        engine.add(made(2, "two", {"lb.host": "b.test"}))
        engine.event("start", f"{2:064x}")
        wait_for(lambda: lb.pool()["routes"]["count"] == 3, "the event is followed")
        assert told in lb.pool()["discovery"]["remark"] and told in explain(lb)
        assert "\n".join(lb.messages()).count(told) == 1
        assert '"service":"b"' in lb.ask("/explain?url=http://a.test/", fields=["Accept: application/json"]).body.decode()
        assert "Overruled" in explain(lb, "one")


def test_a_file_is_told_of_in_three_places(tmp_path, start_lb):
    path = tmp_path / "services.json"
    rows = {"services": [{"name": "a", "wieght": 2, "endpoints": [{"address": "127.0.0.1", "port": 1, "name": "a-1"}]}],
            "routes": [{"host": "a.test", "service": "a"}, {"host": "a.test", "path": "/x", "clinet": "10.0.0.0/8", "service": "a"},
                       {"host": "a.test", "answer": 404}]}
    told = ["services[0].wieght: this word is not known (did you mean weight?)",
            "routes[1].clinet: this word is not known (did you mean client?); a protection may be meant",
            "routes[2]: it is overruled for a.test: routes[0], which stands before it, does something else with the same requests"]
    path.write_text(json.dumps(rows))
    lb = start_lb(f"--file={path}", "--check-mode=off", is_ready=False)
    wait_for(lambda: lb.pool()["discovery"].get("lines"), "the first line")
    for number in (1, 2):  # as it was, and written anew with something else that is wrong
        places = {"pool": lb.pool()["discovery"]["remark"], "explain": explain(lb), "name": explain(lb, "a-1"),
                  "log": "\n".join(lb.messages())}
        assert {place: [piece for piece in told if piece not in text] for place, text in places.items()} == \
            {place: [] for place in places}
        assert [places["log"].count(piece) for piece in told] == [1] * len(told)
        assert json.loads(lb.ask("/explain", fields=["Accept: application/json"]).body)["remark"] == places["pool"]
        if number == 1:
            rows["services"][0]["checks"] = {}
            told.append("services[0].checks: this word is not known (did you mean check?)")
            path.write_text(json.dumps(rows))
            wait_for(lambda: "checks" in lb.pool()["discovery"]["remark"], "it is read again")
    answer = json.loads(lb.ask("/explain?url=http://a.test/x", fields=["Accept: application/json"]).body)
    assert answer["status"] == 503 and "by a word that is not known" in answer["answer"]
