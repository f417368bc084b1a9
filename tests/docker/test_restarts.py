"""What outlasts what: names that Docker's own resolver tells, and orders in a volume."""
import json
import urllib.request

import pytest

from conftest import docker, wait_for


@pytest.mark.slow("containers begin and end one after the other")
def test_names_of_docker_are_followed(bench, network):
    """lb does not look at the engine: it asks the resolver of its network for an alias that containers
    share, also before any of them exists."""
    balancer = bench.lb(network, "--backend", "backend:8484", "--resolve-interval", "300ms")
    wait_for("an explanation", lambda: balancer.left_out("backend:8484"))
    assert balancer.left_out("backend:8484")["reason"] == "unresolved"

    def start():
        container = bench.appserver(network, "--network-alias", "backend")
        return container.name, f"{container.address(network)}:8484"

    first, second = start(), start()
    balancer.wait_for_active([first[1], second[1]])
    assert balancer.get()[0] == 200
    docker("rm", "--force", first[0])
    balancer.wait_for_active([second[1]])
    third = start()
    balancer.wait_for_active([second[1], third[1]])
    assert {balancer.get()[0] for _ in range(10)} == {200}


@pytest.mark.slow("lb's container is begun twice, after its servers")
def test_orders_outlast_the_container_of_lb(bench, network):
    volume = bench.name("state")
    docker("volume", "create", *bench.labels(), volume)
    options = ("--volume", f"{volume}:/var/lib/lb", "--read-only", "--cap-drop", "ALL")
    try:
        names = [bench.appserver(network).name for _ in range(2)]
        balancer = bench.lb(network, "--state", "/var/lib/lb/state.json", options=options)
        balancer.wait_for_active(names)
        order = urllib.request.Request(
            f"http://{balancer.host}:{balancer.admin_port}/endpoints/{names[0]}/drain", method="POST")
        with urllib.request.urlopen(order) as answer:
            assert "could not be" not in json.load(answer)["message"]
        docker("rm", "--force", balancer.name)
        again = bench.lb(network, "--state", "/var/lib/lb/state.json", options=options)
        again.wait_for_active(names[1:])
        assert again.endpoints()[names[0]]["state"] == "draining"
        docker("rm", "--force", again.name)
    finally:
        docker("volume", "rm", "--force", volume)
