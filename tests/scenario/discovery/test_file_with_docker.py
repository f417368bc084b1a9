"""lb-discovery with a file and Docker at once: routes by hand in front of containers."""

import json

import pytest
from fake_docker import FakeDocker, container
from watcher import Watcher

A, B = "a" * 64, "b" * 64


@pytest.fixture
def engine(tmp_path):
    with FakeDocker(tmp_path / "docker.sock") as fake:
        yield fake


def watch(engine, path):
    return Watcher("--docker=unix://" + engine.path, "--self=none", "--file", path)


def write(path, **content):
    path.write_text(json.dumps(content))


def test_routes_of_the_file_lead_to_containers(engine, tmp_path):
    path = tmp_path / "services.json"
    write(path, routes=[{"host": "shop.test", "service": "web"}])
    engine.add(container(A, "one"))
    with watch(engine, path) as w:
        line = w.next()
        assert line["source"] == "file+docker"
        assert [(route["host"], route["service"]) for route in line["routes"]] == [("shop.test", "web")]
        assert w.states() == {"one": "ready"} and "remarks" not in line
        engine.wait_stream()
        engine.add(container(B, "two", ip="10.9.0.3"))
        engine.event("start", B)
        w.wait(lambda w: w.states() == {"one": "ready", "two": "ready"})
        assert len(w.last["routes"]) == 1
        write(path, routes=[])
        w.wait(lambda w: not w.last["routes"])
        assert w.states() == {"one": "ready", "two": "ready"}


def test_a_service_has_the_endpoints_of_both_and_the_file_overrules(engine, tmp_path):
    path = tmp_path / "services.json"
    write(path, services=[{"name": "web", "endpoints": [{"address": "127.0.0.1", "port": 1},
                                                        {"address": "127.0.0.1", "port": 2, "id": f"{A}:80"}]}])
    engine.add(container(A, "one"))
    engine.add(container(B, "two", ip="10.9.0.3"))
    with watch(engine, path) as w:
        w.next()
        assert sorted(e["port"] for e in w.endpoints().values()) == [1, 2, 80]
        assert w.reasons() == {"one": "overruled"}
        assert "the source file has an endpoint of the same id" in w.left_out()["one"]["detail"]


def test_each_stays_while_the_other_is_away(engine, tmp_path):
    path = tmp_path / "services.json"
    write(path, routes=[{"host": "a.test", "service": "web"}])
    engine.add(container(A, "one"))
    with watch(engine, path) as w:
        w.next()
        path.write_text("{")
        w.wait_message("the last good state is kept")
        engine.wait_stream()
        engine.add(container(B, "two", ip="10.9.0.3"))
        engine.event("start", B)
        w.wait(lambda w: w.states() == {"one": "ready", "two": "ready"})
        assert len(w.last["routes"]) == 1


def test_nothing_is_told_before_both_were_read(engine, tmp_path):
    path = tmp_path / "services.json"
    engine.add(container(A, "one"))
    with watch(engine, path) as w:
        w.wait_message("waiting for it")
        w.no_line(0.5)
        write(path, routes=[{"host": "a.test", "service": "web"}])
        line = w.next()
        assert len(line["routes"]) == 1 and w.states() == {"one": "ready"}
