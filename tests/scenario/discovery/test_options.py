"""What routes and services are to do, from labels and files to the line."""

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
