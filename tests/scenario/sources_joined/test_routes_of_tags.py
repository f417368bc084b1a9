"""lb follows the routes of tags in Consul: it takes the lines that tell them."""

from pretended_catalog import entry
from support.waiting import wait_for


def test_a_tag_leads_to_its_entry(engine, catalog, start_lb, start_backend, connect):
    backend = start_backend()
    host, port = backend.address[:2]
    catalog.put("shop", entry("shop", 1, address=host, port=port, tags=["lb.host=a.test"]))
    lb = start_lb(f"--docker=unix://{engine.path}", f"--consul={catalog.url}", "--allow-address=127.0.0.0/8")
    client = connect(lb)
    wait_for(lambda: client.get(host="a.test").status == 200, "the route leads to the entry")
    assert not lb.pool()["discovery"]["bad_lines"]
