"""lb's image on Docker 26, which Debian 13 has: it tells of a container's end in another order than
Docker 20.10 (network disconnect, stop, die). The engine ends with the tests.
"""
import json
import os
import time

import pytest

from conftest import TAG, TOP, docker, wait_for
from second_engine import SecondEngine, Unavailable
# What holds on the engine of this machine holds on this one.
from test_confined import (  # noqa: F401
    test_nothing_is_needed_but_the_group_of_the_socket, test_started_as_root_there_are_three_users)
from test_hold import Clients
from test_pool import (  # noqa: F401
    test_drains_at_the_stop_signal_and_not_at_others, test_lb_and_containers_on_the_host_network,
    test_no_appserver_then_the_first, test_on_another_network_is_left_out_until_connected,
    test_paused_leaves_and_comes_back, test_renamed_keeps_its_place, test_unhealthy_leaves_and_comes_back)
from test_self import test_the_container_that_lends_lb_its_network_is_no_lb  # noqa: F401


pytestmark = pytest.mark.xdist_group("docker_26")  # one engine for all


@pytest.fixture(scope="module", autouse=True)
def engine(images, tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("a second engine needs root")
    folder = tmp_path_factory.mktemp("docker26")
    group = os.stat("/var/run/docker.sock").st_gid  # as Bench.lb has it
    try:
        made = SecondEngine(TOP / "build" / "engine-trixie", folder, group)
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))
    try:
        made.load(f"lb:{TAG}", f"appserver:{TAG}")
        with made.inside():
            yield made
    finally:
        made.end()


def told_of(container_id):
    """The words of the engine's events about a container, up to now."""
    lines = docker("events", "--since", "2020-01-01", "--until", f"{time.time():.9f}",
                   "--format", "{{json .}}")
    events = [json.loads(line) for line in lines.splitlines()]
    return [event["Action"] for event in events
            if container_id in (event["Actor"]["ID"], event["Actor"]["Attributes"].get("container"))]


@pytest.mark.parametrize("how, rest, code", [("stop", {"stop", "die"}, 0), ("kill", {"die"}, 137)])
def test_ends_in_this_engine_s_order_cost_no_request(how, rest, code, bench, network):
    """The network is told of before the death; a stop, which has no exit code, beside it."""
    assert int(docker("version", "--format", "{{.Server.Version}}").split(".")[0]) >= 26
    stays, leaves = (bench.appserver(network) for _ in range(2))
    full_id = docker("container", "inspect", "--format", "{{.Id}}", leaves.name)
    balancer = bench.lb(network)
    balancer.wait_for_active([stays.name, leaves.name])
    before = len(told_of(full_id))
    with Clients(balancer, count=2) as clients:
        docker(how, leaves.name)
        balancer.wait_for_active([stays.name])
        wait_for("the exit code", lambda: f"code {code}" in str(balancer.left_out(leaves.name)))
        told = told_of(full_id)[before:]
        assert told[:2] == ["kill", "disconnect"] and set(told[2:]) == rest, told
        docker("start", leaves.name)
        balancer.wait_for_active([stays.name, leaves.name])
        asked = clients.done
        wait_for("traffic", lambda: clients.done > asked + 50)
    assert clients.faults == []


@pytest.mark.slow("two rounds of all that can be done to four containers")
def test_a_storm_costs_no_request(bench, network):
    apps = [bench.appserver(network) for _ in range(4)]
    balancer = bench.lb(network)
    balancer.wait_for_active(app.name for app in apps)
    with Clients(balancer, count=3) as clients:
        for one, other in zip(apps[:2], apps[2:]):
            docker("stop", one.name)
            docker("kill", other.name)
            docker("start", one.name, other.name)
            docker("restart", other.name)
            docker("pause", one.name)
            docker("rm", "--force", other.name)
            docker("unpause", one.name)
            apps[apps.index(other)] = bench.appserver(network)
            balancer.wait_for_active(app.name for app in apps)
        wait_for("traffic", lambda: clients.done > 300)
    assert clients.faults == []
    assert balancer.pool()["totals"]["by_status"]["5xx"] == 0
