"""Labels of containers lead to no loopback or link-local service and not to lb itself; the operator's own
words do."""

import json

import pytest

from support.discovery import endpoint
from support.free_port import free_port
from support.waiting import wait_for


@pytest.fixture(name="flags")
def make_flags(discovery):
    """As from Docker: the same program, told where to connect by another flag."""
    return [flag.replace("--file=", "--docker=unix://") for flag in discovery.flags]


def left_out(lb):
    return {entry["name"]: (entry["reason"], entry["detail"]) for entry in lb.pool()["left_out"]}


def test_special_addresses_are_left_out_with_the_reason(start_lb, start_backend, discovery, flags):
    lb = start_lb("--workers=1", *flags)
    hosts = ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "169.254.169.254", "fe80::1",
             "0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "::ffff:169.254.169.254"]
    discovery.send(*(endpoint(host, (host, 80)) for host in hosts),
                   endpoint("good", start_backend().address, on_host=True))
    lb.wait_states(good="ready")
    assert {reason for reason, _ in left_out(lb).values()} == {"bad_address"}
    assert set(left_out(lb)) == set(hosts)
    text = lb.ask("/explain/169.254.169.254").body.decode()
    assert "not routed, bad_address" in text and "link-local" in text and "--allow-address" in text


def test_lb_itself_is_left_out_even_where_loopback_is_allowed(start_lb, start_backend, discovery, flags, connect):
    port = free_port()
    lb = start_lb("--workers=1", f"--listen=0.0.0.0:{port}", "--allow-address=127.0.0.0/8,::1", *flags)
    discovery.send(endpoint("admin", lb.admin), endpoint("mapped", ("::ffff:127.0.0.1", lb.admin[1])),
                   endpoint("host", lb.admin, on_host=True), endpoint("public", ("127.0.0.1", port)),
                   endpoint("other", ("127.0.0.2", port)), endpoint("good", start_backend().address))
    lb.wait_states(good="ready")
    assert set(left_out(lb)) == {"admin", "mapped", "host", "public", "other"}
    assert all("lb itself" in detail for _, detail in left_out(lb).values())
    answer = connect(("127.0.0.1", port)).request("POST", "/log-level?value=debug", host="localhost")
    assert answer.read_response().body == b"ok"
    assert json.loads(lb.ask("/config").body)["log-level"] == "info"


def test_a_container_that_moves_there_and_back(start_lb, start_backend, discovery, flags):
    """Lines that differ in one endpoint are read in another way than whole ones."""
    lb = start_lb("--workers=1", "--allow-address=127.0.0.1", *flags)
    one, two = start_backend().address, start_backend().address
    for address in (one, ("169.254.1.1", 80), one, ("127.0.0.2", 80), one):
        discovery.send(endpoint("moves", address), endpoint("stays", two))
        if address == one:
            lb.wait_states(moves="ready", stays="ready")
            assert left_out(lb) == {}
        else:
            wait_for(lambda: "moves" in left_out(lb), "it is left out")
            assert lb.states() == {"stays": "ready"}


def test_leave_is_given_and_taken_by_sighup(start_lb, start_backend, discovery, flags, tmp_path):
    config = tmp_path / "lb.json"
    config.write_text("{}")
    lb = start_lb("--workers=1", f"--config={config}", *flags)
    discovery.send(endpoint("local", start_backend().address))
    wait_for(lambda: "local" in left_out(lb), "it is left out")
    config.write_text('{"allow-address": ["127.0.0.0/8"]}')
    lb.reload()
    lb.wait_states(local="ready")
    config.write_text("{}")
    lb.reload()
    wait_for(lambda: "local" in left_out(lb) and lb.states() == {}, "it is left out again")


def test_files_and_backends_are_the_operators_own_word(start_lb, start_backend, discovery):
    address = start_backend().address
    start_lb("--workers=1", backends=[address])
    lb = start_lb("--workers=1", *discovery.flags)
    discovery.send(endpoint("local", address))
    lb.wait_states(local="ready")
