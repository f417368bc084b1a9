"""Which container lb takes for its own, and which way it reaches ports of the host."""
import os

import pytest

from conftest import TAG, docker, wait_for
from filtering_proxy import FilteringProxy


def explain(balancer):
    return docker("exec", balancer.name, "lb", "explain")


@pytest.mark.slow("containers begin and end one after the other")
@pytest.mark.parametrize("cgroup", ["host", "private"])  # private: the kernel does not tell the id
def test_the_container_that_lends_lb_its_network_is_no_lb(bench, network, cgroup):
    lender = bench.appserver(network)
    other = bench.appserver(network)
    balancer = bench.lb(f"container:{lender.name}", options=("--cgroupns", cgroup),
                        host=lender.address(network))
    balancer.wait_for_active({lender.name, other.name})
    assert {balancer.server(), balancer.server()} == {lender.short_id, other.short_id}
    assert balancer.left_out(balancer.name)["reason"] in ("self", "other_service")
    wait_for("lb's place", lambda: f"lb runs in container {balancer.short_id}" in balancer.logs())


@pytest.mark.slow("containers begin and end one after the other")
def test_an_engine_that_is_late_to_call_lb_running_does_not_hide_it(bench, network, tmp_path):
    """Until the engine has noticed that lb runs, its list says that it is created."""
    lender = bench.appserver(network)
    tmp_path.chmod(0o755)
    with FilteringProxy(tmp_path / "late.sock", [".*"], in_lists=(b'"State":"running"', b'"State":"created"')) as engine:
        os.chmod(engine.path, 0o666)
        balancer = bench.run(f"lb:{TAG}", "--volume", f"{engine.path}:/var/run/docker.sock", "--cgroupns", "private",
                             network=f"container:{lender.name}")
        wait_for("lb's place", lambda: "lb runs in " in balancer.logs())
        assert f"lb runs in container {balancer.short_id}" in balancer.logs()


@pytest.mark.slow("containers begin and end one after the other")
def test_published_ports_are_not_reached_through_an_internal_network(bench):
    """The internal network comes first by name, and has a gateway that leads nowhere."""
    inside, outside, far = f"{bench.name('a')}", f"{bench.name('b')}", bench.network()
    docker("network", "create", "--internal", *bench.labels(), inside)
    docker("network", "create", *bench.labels(), outside)
    service = bench.name("service")  # what is published comes into every lb's reach
    server = bench.appserver(far, "--publish", "8484", "--label", f"lb.service={service}")
    balancer = bench.lb(outside, "--service", service)
    docker("network", "connect", inside, balancer.name)
    balancer.wait_for_active({server.name}, service)
    gateway = docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", outside)
    wait_for("the way out", lambda: balancer.endpoints(service)[server.name]["address"].startswith(gateway + ":"))
    assert balancer.server() == server.short_id
