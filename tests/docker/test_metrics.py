"""/metrics of an lb that follows a real engine."""
import pytest

from conftest import docker, get, wait_for
from support.prometheus import Page


def metrics(balancer):
    status, body = get(balancer.host, balancer.admin_port, "/metrics")
    assert status == 200
    return Page(body.encode())


@pytest.mark.slow("containers begin and end one after the other")
def test_events_activations_and_series_that_go(bench, network):
    balancer = bench.lb(network)
    wait_for("the first sign of life", lambda: metrics(balancer).series("lb_discovery_connected"))
    one = bench.appserver(network)
    two = bench.appserver(network)
    balancer.wait_for_active([one.name, two.name])
    for _ in range(10):
        balancer.server()
    page = metrics(balancer)
    assert page.value("lb_endpoint_activation_seconds_count") == 2
    assert 0 < page.value("lb_endpoint_activation_seconds_sum") < 10
    assert page.table("lb_endpoint_requests_total", "name") == {one.name: 5, two.name: 5}
    docker("rm", "--force", one.name)
    balancer.wait_for_active([two.name])
    wait_for("its series to go",
             lambda: not metrics(balancer).series("lb_endpoint_ready", name=one.name))
    page = metrics(balancer)
    assert page.table("lb_requests_total", "code") == {"200": 10}
    assert page.table("lb_endpoint_requests_total", "name") == {two.name: 5}
    # Other containers of this engine may come and go meanwhile.
    wait_for("the events to be told",
             lambda: metrics(balancer).table("lb_discovery_events_total", "action").get("die"))
    page = metrics(balancer)
    events = page.table("lb_discovery_events_total", "action")
    assert events["start"] >= 2 and events["kill"] >= 1
    assert page.value("lb_discovery_connected") == 1
    assert page.value("lb_discovery_resyncs_total", reason="start") == 1
