"""lb with several sources: what it tells of each, and how SIGHUP tells lb-discovery something else."""

import json

from pretended_catalog import entry
from support.waiting import wait_for


def flags(engine, catalog, *more):
    return [f"--docker=unix://{engine.path}", f"--consul={catalog.url}", "--allow-address=127.0.0.0/8", "--service=web",
            *more]


def put_backend(catalog, service, backend, number=1):
    host, port = backend.address[:2]
    catalog.put(service, entry(service, number, address=host, port=port))


def source_of(lb, word):
    return next((s for s in lb.pool()["discovery"].get("sources", []) if s["source"] == word), None)


def test_each_source_is_told(engine, catalog, start_lb, start_backend, connect):
    put_backend(catalog, "web", start_backend())
    lb = start_lb(*flags(engine, catalog)).wait_ready()
    assert lb.pool()["discovery"]["source"] == "docker+consul"
    wait_for(lambda: source_of(lb, "consul"), "the sources are told")
    catalog.stop()
    wait_for(lambda: "problem" in source_of(lb, "consul"), "Consul's absence is told")
    assert "problem" not in source_of(lb, "docker")
    explained = lb.ask("/explain").body.decode()
    assert "lb-discovery: consul is not followed since " in explained and "stays in use" in explained
    assert lb.metrics().sum("lb_discovery_source_connected", source="consul") == 0
    assert lb.metrics().sum("lb_discovery_source_connected", source="docker") == 1
    assert lb.ask("/readyz").status == 200
    assert connect(lb).get().status == 200
    catalog.start()
    wait_for(lambda: source_of(lb, "consul")["connected"], "Consul is followed again", timeout_s=30)


def test_sighup_tells_lb_discovery_anew(engine, catalog, start_lb, start_backend, connect, tmp_path):
    """The pool stays meanwhile: not one request fails."""
    settings = tmp_path / "lb.json"
    settings.write_text("{}")
    put_backend(catalog, "web", start_backend())
    put_backend(catalog, "db", start_backend())
    lb = start_lb(*flags(engine, catalog, f"--config={settings}")).wait_ready()
    assert "db-1" not in lb.endpoints()
    lb.reload()
    assert lb.pool()["discovery"]["starts"] == 1  # nothing else is to be told
    settings.write_text(json.dumps({"consul-service": ["other"], "tcp": ["127.0.0.1:0=db"]}))
    lb.reload(r"^SIGHUP: lb-discovery is to be told something else")

    def is_there():
        assert connect(lb).get().status == 200
        return "db-1" in lb.endpoints()
    wait_for(is_there, "the service is followed")
    assert lb.pool()["discovery"]["starts"] == 2
    assert not [m for m in lb.messages() if "is started again" in m]
    assert catalog.asked("/v1/health/service/other")
