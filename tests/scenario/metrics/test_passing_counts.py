"""What is counted of connections and flows, by service: it is what clients did, and promtool has no complaint."""

import subprocess

from support.waiting import wait_for


def value(lb, name, **labels):
    return lb.metrics().sum(name, **labels)


def test_counts_are_what_clients_did(start_passing):
    passing = start_passing("--udp-idle-timeout=1s")
    lb = passing.lb
    before = lb.metrics()
    assert before.sum("lb_tcp_connections_total", service="db") == 0
    assert before.sum("lb_udp_flows_total", service="dns") == 0
    for size in (10, 2000, 300000):
        passing.talk(b"x" * size)
    passing.ask(b"one", b"two")
    passing.ask(b"three")
    with passing.connect() as sock:
        sock.sendall(b"y")
        assert sock.recv(1) == b"y"
        wait_for(lambda: value(lb, "lb_tcp_open_connections", service="db") == 1, "one is open")
        page = lb.metrics()  # counted as they pass
        assert page.sum("lb_endpoint_requests_in_flight", name="db1", protocol="tcp") == 1
        assert page.sum("lb_tcp_client_bytes_total", service="db") == 302011
    wait_for(lambda: value(lb, "lb_tcp_open_connections", service="db") == 0, "none is open")
    wait_for(lambda: value(lb, "lb_udp_open_flows", service="dns") == 0, "flows are forgotten")
    page = lb.metrics()
    assert page.sum("lb_tcp_connections_total", service="db") == 4
    assert page.sum("lb_tcp_server_bytes_total", service="db") == 302011
    assert page.sum("lb_tcp_connection_ends_total", service="db") == 4
    assert page.sum("lb_tcp_connection_duration_seconds_count", service="db") == 4
    assert page.sum("lb_udp_flows_total", service="dns") == 2
    assert page.sum("lb_udp_flow_ends_total", service="dns", end="idle") == 2
    for side in ("client", "server"):
        assert page.sum(f"lb_udp_{side}_datagrams_total", service="dns") == 3
        assert page.sum(f"lb_udp_{side}_bytes_total", service="dns") == 11
    assert page.sum("lb_upstream_connects_total", service="db", protocol="tcp") == 4
    assert page.sum("lb_endpoint_connects_total", name="db1") == 4
    assert page.sum("lb_requests_total") == page.sum("lb_request_ends_total") == 0
    told = {s["name"]: s for s in lb.pool()["services"]}
    assert told["db"]["protocol"] == "tcp" and told["db"]["connections"]["count"] == 4
    assert told["dns"]["flows"]["client_datagrams"] == 3 and told["dns"]["flows"]["ends"] == {"idle": 2}


def test_promtool_has_no_complaint(start_passing):
    """Not where one name is served in several ways either: dns by requests and by datagrams."""
    passing = start_passing("--tcp=127.0.0.1:0=dns", "--service=dns")
    passing.talk()
    passing.ask(b"one")
    passing.send(is_web=True)
    wait_for(lambda: passing.lb.metrics().sum("lb_endpoints", service="dns", protocol="tcp"), "dns is one of TCP, too")
    page = passing.lb.ask("/metrics").body
    done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
