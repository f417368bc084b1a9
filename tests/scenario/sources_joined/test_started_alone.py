"""lb starts, or its lb-discovery does, while one of several sources is away."""

import os
import signal

from fake_docker import container
from pretended_catalog import entry
from support.waiting import wait_for
from watcher import Watcher

A, B = "a" * 64, "b" * 64


def flags(engine, catalog, *more):
    return [f"--docker=unix://{engine.path}", f"--consul={catalog.url}", "--service=web", "--allow-address=127.0.0.0/8",
            *more]


def put_backend(catalog, backend):
    host, port = backend.address[:2]
    catalog.put("web", entry("web", 1, address=host, port=port))


def names(lb):
    return set(lb.endpoints())


def kill_discovery(lb):
    starts = lb.pool()["discovery"]["starts"]
    os.kill(lb.discovery_pid, signal.SIGKILL)
    wait_for(lambda: lb.pool()["discovery"]["starts"] > starts, "lb-discovery is started again")


def test_the_others_are_told_without_the_one_that_is_away(engine, catalog):
    catalog.stop()
    engine.add(container(A, "one"))
    with Watcher(f"--docker=unix://{engine.path}", "--self=none", "--consul", catalog.url, "--consul-service=web") as w:
        w.wait(lambda w: w.states() == {"one": "ready"})
        assert w.last["unread"] == ["consul"] and w.last["source"] == "docker+consul"
        catalog.put("web", entry("web", 2))
        catalog.start()
        w.wait(lambda w: w.states() == {"one": "ready", "web-2": "ready"}, timeout_s=30)
        assert "unread" not in w.last


def test_docker_may_be_the_one_that_is_away(engine, catalog):
    engine.stop()
    catalog.put("web", entry("web", 2))
    with Watcher(f"--docker=unix://{engine.path}", "--self=none", "--consul", catalog.url, "--consul-service=web") as w:
        w.wait(lambda w: w.states() == {"web-2": "ready"})
        assert w.last["unread"] == ["docker"]


def test_lb_serves_what_there_is(engine, catalog, start_lb, start_backend, connect):
    """And goes on so when the one that is away comes."""
    catalog.stop()
    backend = start_backend()
    engine.add(container(A, "one", ip="127.0.0.1", labels={"lb.service": "web", "lb.port": str(backend.address[1])}))
    lb = start_lb(*flags(engine, catalog)).wait_ready()
    assert connect(lb).get().status == 200
    put_backend(catalog, start_backend())
    catalog.start()
    wait_for(lambda: names(lb) == {"one", "web-1"}, "Consul is followed", timeout_s=30)


def test_a_new_lb_discovery_leaves_what_it_cannot_read(engine, catalog, start_lb, start_backend, connect):
    """Killed while Consul is away: its endpoints stay, Docker's come and go, not one request fails."""
    put_backend(catalog, start_backend())
    lb = start_lb(*flags(engine, catalog)).wait_ready()
    catalog.stop()
    client = connect(lb)
    kill_discovery(lb)
    other = start_backend()
    engine.add(container(B, "two", ip="127.0.0.1", labels={"lb.service": "web", "lb.port": str(other.address[1])}))

    def is_there(*wanted):
        assert client.get().status == 200
        assert "web-1" in names(lb)
        return names(lb) == set(wanted)
    wait_for(lambda: is_there("web-1", "two"), "the new container is followed")
    engine.wait_stream()
    del engine.containers[B]
    engine.event("die", B)
    engine.event("destroy", B)
    wait_for(lambda: is_there("web-1"), "the container goes")
    catalog.put("web")
    catalog.start()
    wait_for(lambda: "web-1" not in names(lb), "what Consul no longer has goes", timeout_s=30)
