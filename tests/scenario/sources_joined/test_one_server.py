"""Docker and Consul at once: a container that is registered there is one endpoint."""

import json

from fake_docker import container
from pretended_catalog import entry
from watcher import Watcher

A, B = "a" * 64, "b" * 64


def registered(number, of, **more):
    """The entry of a container's port, as lb registers it."""
    return entry("web", number, Meta={"lb-owner": "engine", "lb-container": of, "lb-port": "80"}, **more)


def watch(engine, catalog, *args):
    return Watcher(f"--docker=unix://{engine.path}", "--self=none", "--consul", catalog.url, *args)


def test_a_container_and_its_entry_are_one(engine, catalog):
    engine.add(container(A, "one"))
    catalog.put("web", registered(1, A), registered(2, B, node="n2"))
    with watch(engine, catalog, "--consul-service=web") as w:
        w.wait(lambda w: w.states() == {"one": "ready", "web-2": "ready"})
        assert w.last["source"] == "docker+consul" and not w.last["left_out"] and "remarks" not in w.last
        one, other = w.endpoints()["one"], w.endpoints()["web-2"]
        assert (one["source"], one["local"]) == ("docker", True)
        assert (other["source"], other["id"]) == ("consul", "n2/web-2") and "local" not in other
        catalog.put("web", registered(1, A, status="critical", output="it fails"), registered(2, B, node="n2"))
        w.wait(lambda w: w.states() == {"one": "unhealthy", "web-2": "ready"})
        catalog.put("web", registered(1, A))
        w.wait(lambda w: w.states() == {"one": "ready"})


def test_an_entry_goes_with_its_container(engine, catalog):
    """The catalog learns of it later, and here never: no request goes there."""
    engine.add(container(A, "one"))
    engine.add(container(B, "two", ip="10.9.0.3"))
    catalog.put("web", registered(1, A))
    with watch(engine, catalog, "--consul-service=web") as w:
        w.wait(lambda w: w.states() == {"one": "ready", "two": "ready"})
        engine.wait_stream()
        del engine.containers[A]
        engine.event("die", A)
        engine.event("destroy", A)
        w.wait(lambda w: w.states() == {"two": "ready"})
        catalog.put("web", registered(1, A), entry("web", 3))  # it is still there
        w.wait(lambda w: w.states() == {"two": "ready", "web-3": "ready"})


def test_each_stays_while_the_other_is_away(engine, catalog):
    engine.add(container(A, "one"))
    catalog.put("web", registered(1, A), entry("web", 2))
    with watch(engine, catalog, "--consul-service=web") as w:
        w.wait(lambda w: w.states() == {"one": "ready", "web-2": "ready"})
        engine.wait_stream()
        catalog.stop()
        engine.add(container(B, "two", ip="10.9.0.3"))
        engine.event("start", B)
        w.wait(lambda w: w.states() == {"one": "ready", "two": "ready", "web-2": "ready"})


def test_what_is_followed_for_registering_only_is_not_told(engine, catalog, tmp_path):
    engine.add(container(A, "one"))
    path = tmp_path / "services.json"
    path.write_text(json.dumps({"services": [{"name": "web", "endpoints": [{"address": "10.9.0.9", "port": 1}]}]}))
    with Watcher("--file", path, f"--register={catalog.url}", environment={"DOCKER_HOST": f"unix://{engine.path}"}) as w:
        w.next()
        assert w.last["source"] == "file" and set(w.states()) == {"10.9.0.9:1"} and not w.last["left_out"]
        engine.wait_stream()
        catalog.wait_asked("/v1/agent/")
        engine.stop()
        alive = w.wait_sign(lambda alive: any(s["source"] == "docker" and "obstacle" in s for s in alive["sources"]))
        assert alive["connected"] and "obstacle" not in alive  # nobody is served by it
        assert [s["source"] for s in alive["sources"]] == ["file", "docker", "register"]


def test_alone_it_prints_nothing(engine, catalog):
    engine.add(container(A, "one"))
    with Watcher("--register", catalog.url, environment={"DOCKER_HOST": f"unix://{engine.path}"}) as w:
        catalog.wait_asked("/v1/agent/")
        w.no_line()
        assert not w.signs_of_life
