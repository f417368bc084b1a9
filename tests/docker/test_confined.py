"""Under the default seccomp profile of the engine lb runs with no capability, no new privileges and no file to write; and
started as root each of its processes becomes a user of its own."""
import os

import pytest
from conftest import TAG, LoadBalancer, docker, wait_for
from confined import CONFINED, check_sealed, status_of, wait_for_three

SOCKET = "/var/run/docker.sock"
GROUP = str(os.stat(SOCKET).st_gid) if os.path.exists(SOCKET) else "0"


@pytest.mark.slow("containers begin and end one after the other")
def test_nothing_is_needed_but_the_group_of_the_socket(bench, network):
    server = bench.appserver(network)
    balancer = bench.lb(network, options=CONFINED)
    balancer.wait_for_active([server.name])
    assert balancer.server() == server.short_id
    check_sealed(balancer.name)
    assert "jail" not in "".join(line for line in balancer.logs().splitlines() if '"warn"' in line)


@pytest.mark.slow("containers begin and end one after the other")
def test_started_as_root_there_are_three_users(bench, network):
    server = bench.appserver(network)
    balancer = bench.lb(network, options=("--user", "0:0"))
    balancer.wait_for_active([server.name])
    assert balancer.server() == server.short_id
    three = wait_for_three(balancer.name)
    users = {word: set(status_of(balancer.name, pid)["Uid"]) for word, pid in three.items()}
    assert users["lb"] == {"0"}
    assert len(users["lb-proxy"]) == len(users["lb-discovery"]) == 1
    assert len(users["lb"] | users["lb-proxy"] | users["lb-discovery"]) == 3
    assert GROUP not in status_of(balancer.name, three["lb-proxy"])["Groups"]
    assert status_of(balancer.name, three["lb-discovery"])["Groups"] == [GROUP]


@pytest.mark.slow("containers begin and end one after the other")
def test_the_proxy_of_such_a_container_is_started_again_after_a_crash(bench, network):
    server = bench.appserver(network)
    balancer = bench.lb(network, options=CONFINED)
    balancer.wait_for_active([server.name])
    before = wait_for_three(balancer.name)["lb-proxy"]
    docker("exec", balancer.name, "sh", "-c", f"kill -SEGV {before}")
    wait_for("another one", lambda: wait_for_three(balancer.name)["lb-proxy"] != before)
    there = LoadBalancer(balancer.name, balancer.host, balancer.port, balancer.admin_port)
    wait_for("an answer", lambda: there.get()[0] == 200)
    assert docker("container", "inspect", "--format", "{{.RestartCount}}", balancer.name) == "0"
