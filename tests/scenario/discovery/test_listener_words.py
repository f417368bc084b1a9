"""What lb-discovery tells of TCP and UDP: whole lines, of an engine and of a file."""

import json

from fake_docker import container
from watcher import Watcher, down, watch

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


def db(cid, name, service="db", **more):
    made = container(cid, name, service=service, port="", ip="10.9.0.2", ExposedPorts={"5432/tcp": {}},
                     labels={"lb.tcp": "10432", **more})
    made["Created"] = f"2026-01-0{'abc'.index(cid[0]) + 1}T00:00:00Z"
    return made


def without_times(line):
    line = json.loads(json.dumps(line))
    line.pop("time_ns")
    for service in line["services"]:
        for endpoint in service["endpoints"]:
            endpoint.pop("cause_time_ns")
    return line


def test_a_whole_line(engine):
    made = container(A, "all", service="shop", port="", env=["SERVICE_53_NAME=dns"],
                     ExposedPorts={"80/tcp": {}, "5432/tcp": {}, "53/udp": {}},
                     labels={"lb.host": "a.test", "lb.tcp": "5432", "lb.db.tcp": "pg:5432",
                             "lb.db.tcp.sni": "db.test", "lb.db.tcp.drain": "reset",
                             "lb.db.proxy-protocol": "v2", "lb.udp": "10053:53"})
    made["Created"] = "1970-01-01T00:00:01Z"
    engine.add(made)
    of_all = {"container": A, "name": "all", "image": "image", "address": "10.9.0.2", "local": True, "weight": 1, "state": "ready", "cause": "list",
              "address_from": "its network bridge, which the host reaches"}
    here = {"dialect": "lb", "container": A, "container_name": "all", "created_ns": 1000000000}
    with watch(engine) as w:
        w.next()
    tcp = {"id": A + ":5432", "protocol": "tcp", "port": 5432, "port_from": "that of its listener, which it exposes"}
    assert without_times(w.last) == {
        "v": 2, "source": "docker",
        "services": [
            {"name": "db", "options": {"proxy-protocol": "v2", "tcp.drain": "reset"}, "endpoints": [
                {**of_all, **tcp, "service_from": "its listener, by lb.tcp or lb.udp"}]},
            {"name": "shop", "endpoints": [
                {**of_all, "id": A + ":53/udp", "protocol": "udp", "port": 53, "port_from": "the label lb.udp",
                 "service_from": "lb.service"},
                {**of_all, **tcp, "service_from": "lb.service"},
                {**of_all, "id": A + ":80", "protocol": "http", "port": 80,
                 "port_from": "the only TCP port that it exposes", "service_from": "lb.service"}]}],
        "routes": [{**here, "host": "a.test", "service": "shop", "label": "lb.host"}],
        "listeners": [
            {**here, "protocol": "tcp", "listener": "pg", "server_name": "db.test", "service": "db",
             "label": "lb.db.tcp"},
            {**here, "protocol": "tcp", "port": 5432, "service": "shop", "label": "lb.tcp"},
            {**here, "protocol": "udp", "port": 10053, "service": "shop", "label": "lb.udp"}],
        "left_out": []}


def test_listeners_live_as_their_containers_do(engine):
    engine.add(db(A, "one"))
    engine.add(db(B, "two"))
    engine.add(db(C, "three", service="other"))
    with watch(engine) as w:
        rules = w.next()["listeners"]
        assert [(r["container_name"], r["port"], r["service"]) for r in rules] == [
            ("one", 10432, "db"), ("two", 10432, "db"), ("three", 10432, "other")]
        assert w.last["remarks"] == {C: "its listener tcp 10432, by lb.tcp, is overruled: the container one, which is "
                                        "older, wants it for db"}
        w.wait_message("container three: its listener tcp 10432")
        engine.wait_stream()
        for cid in (A, B):
            down(engine, cid)
            engine.event("die", cid, exitCode="0")
        w.wait(lambda w: [r["container_name"] for r in w.last["listeners"]] == ["three"])
        assert "remarks" not in w.last
        down(engine, C)
        engine.event("die", C, exitCode="0")
        w.wait(lambda w: "listeners" not in w.last)


def test_published_ports_of_udp(engine):
    made = container(A, "dns", port="", networks={"none": {"NetworkID": "n" * 64, "IPAddress": ""}},
                     ExposedPorts={"53/udp": {}, "53/tcp": {}})
    made["NetworkSettings"]["Ports"] = {"53/udp": [{"HostIp": "0.0.0.0", "HostPort": "1053"}],
                                        "53/tcp": [{"HostIp": "0.0.0.0", "HostPort": "1054"}]}
    engine.add(made)
    with watch(engine) as w:
        w.next()
        endpoints = {e["id"]: e for e in w.last["services"][0]["endpoints"]}
        udp, tcp = endpoints[A + ":53/udp"], endpoints[A + ":53"]
        assert (udp["protocol"], udp["address"], udp["port"]) == ("udp", "127.0.0.1", 1053)
        assert (tcp["protocol"], tcp["address"], tcp["port"]) == ("http", "127.0.0.1", 1054)


def test_a_file(tmp_path):
    path = tmp_path / "services.json"
    path.write_text(json.dumps({
        "services": [{"name": "dns", "protocol": "udp", "endpoints": [{"address": "10.0.0.1", "port": 53}]},
                     {"name": "db", "protocol": "tcp", "tcp.idle-timeout": "2h",
                      "endpoints": [{"address": "10.0.0.2", "port": 5432}]}],
        "listeners": [{"protocol": "udp", "port": 53, "service": "dns"},
                      {"protocol": "tcp", "listener": "pg", "server_name": "DB.test", "service": "db"}]}))
    with Watcher("--file", path) as w:
        line = w.next()
        (tmp_path / "saved").write_text(json.dumps(line))
    assert [(s["name"], s.get("options"), s["endpoints"][0]["id"], s["endpoints"][0]["protocol"])
            for s in line["services"]] == [("db", {"tcp.idle-timeout": "2h"}, "10.0.0.2:5432", "tcp"),
                                           ("dns", None, "10.0.0.1:53/udp", "udp")]
    of_file = {"dialect": "file", "label": "listeners"}
    assert line["listeners"] == [
        {**of_file, "protocol": "tcp", "listener": "pg", "server_name": "db.test", "service": "db"},
        {**of_file, "protocol": "udp", "port": 53, "service": "dns"}]
    with Watcher("--file", tmp_path / "saved") as w:
        assert w.next()["listeners"] == line["listeners"]


def test_a_listener_of_the_file_comes_before_a_containers(tmp_path, engine):
    path = tmp_path / "services.json"
    path.write_text(json.dumps({"listeners": [{"protocol": "tcp", "port": 10432, "service": "mine"}]}))
    engine.add(db(A, "one"))
    with watch(engine, "--file", path) as w:
        line = w.wait(lambda w: w.last.get("listeners"))
        assert [r["service"] for r in line["listeners"]] == ["mine"]
        assert line["remarks"]["file"] == ("the listener tcp 10432, of the source docker for db, is overruled by that "
                                           "of the source file")
