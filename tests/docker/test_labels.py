"""Labels about health and drain, on real containers."""
import os
import signal

from conftest import docker, get, wait_for


def test_lb_drain_keeps_a_container_out(bench, network):
    kept = bench.appserver(network)
    drained = bench.appserver(network, "--label", "lb.drain=true")
    balancer = bench.lb(network)
    wait_for("both to be known", lambda: len(balancer.endpoints()) == 2)
    balancer.wait_for_active([kept.name])
    assert balancer.endpoints()[drained.name]["state"] == "draining"
    assert {balancer.server() for _ in range(6)} == {kept.short_id}


def test_the_check_of_a_label_decides(bench, network):
    """Two containers of one image; only what they are to answer differs."""
    good = bench.appserver(network, "--label", "lb.check.path=/",
                           "--label", "lb.check.text=Hello World")
    bad = bench.appserver(network, "--label", "lb.check.path=/status/503")
    balancer = bench.lb(network)
    balancer.wait_for_active([good.name])
    wait_for("the first look", lambda: "503" in balancer.endpoints()[bad.name].get("problem", ""))
    assert balancer.endpoints()[bad.name]["state"] == "probing"
    line = next(line for line in explain(balancer).splitlines() if line.startswith(bad.name))
    assert "not routed, probing" in line and "503" in line
    assert {balancer.server() for _ in range(6)} == {good.short_id}


def test_a_check_that_begins_to_fail(bench, network):
    """The server closes its port to the check alone: its process is paused behind Docker's back."""
    first = bench.appserver(network, "--label", "lb.check.path=/", "--label",
                            "lb.check.interval=100ms", "--label", "lb.check.timeout=200ms")
    second = bench.appserver(network)
    balancer = bench.lb(network)
    balancer.wait_for_active([first.name, second.name])
    pid = docker("container", "inspect", "--format", "{{.State.Pid}}", first.name)
    os.kill(int(pid), signal.SIGSTOP)
    try:
        balancer.wait_for_active([second.name])
        assert balancer.endpoints()[first.name]["state"] == "failing"
        assert {balancer.server() for _ in range(4)} == {second.short_id}
    finally:
        os.kill(int(pid), signal.SIGCONT)
    balancer.wait_for_active([first.name, second.name])


def test_a_label_that_cannot_be_used(bench, network):
    bad = bench.appserver(network, "--label", "lb.slow-start=soon")
    balancer = bench.lb(network)
    entry = wait_for("the refusal", lambda: balancer.left_out(bad.name))
    assert entry["reason"] == "bad_label" and "lb.slow-start" in entry["detail"]


def explain(balancer):
    status, body = get(balancer.host, balancer.admin_port, "/explain")
    assert status == 200
    return body
