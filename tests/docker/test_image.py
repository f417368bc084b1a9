"""The image in the place of another proxy's: what it is started with is what that one was."""
import json
import os

import pytest

from conftest import TAG, LoadBalancer, docker, free_port, get, server_in, wait_for

SOCKET = "/var/run/docker.sock"
GROUP = ("--group-add", str(os.stat(SOCKET).st_gid))
HOLDS_NOT = ("--hold", "0")


def answers(port):
    try:
        return get("127.0.0.1", port, timeout=5)[0] in (200, 404, 503)
    except OSError:
        return False


@pytest.mark.slow("a container that is watched over its start")
def test_its_ports_are_80_and_8000_and_the_socket_may_be_in_tmp(bench, network):
    """As users of nginx-proxy have it: -p 80:80, and the socket at /tmp/docker.sock."""
    server = bench.appserver(network)
    port, other_port = free_port(), free_port()
    balancer = bench.run(f"lb:{TAG}", "--publish", f"{port}:80", "--publish", f"{other_port}:8000", "--volume",
                         f"{SOCKET}:/tmp/docker.sock:ro", *GROUP, network=network,
                         command=("--default-route", "appserver"))
    wait_for("both ports", lambda: answers(port) and answers(other_port))
    for each in (port, other_port):
        assert server_in(get("127.0.0.1", each)[1]) == server.short_id
    assert "following the engine at unix:///tmp/docker.sock" in balancer.logs()


@pytest.mark.slow("a container that is watched over its start")
def test_what_is_said_of_the_socket_wins(bench, network):
    balancer = bench.run(f"lb:{TAG}", "--volume", f"{SOCKET}:/tmp/docker.sock", "--volume", f"{SOCKET}:/run/engine.sock",
                         "--env", "DOCKER_HOST=unix:///run/engine.sock", *GROUP, network=network)
    wait_for("the engine", lambda: "following the engine at unix:///run/engine.sock" in balancer.logs())


@pytest.mark.slow("a container that is watched over its start")
def test_without_port_80_it_goes_on_and_says_so(bench, network):
    """The kernel keeps low ports for root there, as it does on most machines' own network."""
    server = bench.appserver(network)
    balancer = bench.run(f"lb:{TAG}", "--volume", f"{SOCKET}:{SOCKET}", *GROUP, "--sysctl",
                         "net.ipv4.ip_unprivileged_port_start=1024", network=network,
                         command=("--default-route", "appserver", *HOLDS_NOT))
    there = LoadBalancer(balancer.name, balancer.address(network), 8000, 0)
    wait_for("port 8000", lambda: "listening on 0.0.0.0:8000" in balancer.logs() and there.get()[0] == 200)
    assert there.server() == server.short_id
    assert "cannot listen on 0.0.0.0:80 as well: permission denied" in balancer.logs()
    assert "going on without it" in balancer.logs()


@pytest.mark.slow("a container that is watched over its start")
def test_any_user_without_capabilities_has_port_80(bench, network):
    """In a network of its own, where an engine from 20.10 on lets everybody have low ports."""
    server = bench.appserver(network)
    balancer = bench.run(f"lb:{TAG}", "--volume", f"{SOCKET}:/tmp/docker.sock:ro", *GROUP, "--user", "4711:4711",
                         "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only", network=network,
                         command=("--default-route", "appserver"))
    there = LoadBalancer(balancer.name, balancer.address(network), 80, 0)
    wait_for("port 80", lambda: "listening on 0.0.0.0:80\"" in balancer.logs() and there.get()[0] == 200)
    assert there.server() == server.short_id


@pytest.mark.slow("a container that is watched over its start")
def test_a_port_80_that_is_asked_for_and_cannot_be_had_is_told_with_the_remedy(bench, network):
    balancer = bench.run(f"lb:{TAG}", "--volume", f"{SOCKET}:{SOCKET}", *GROUP, "--sysctl",
                         "net.ipv4.ip_unprivileged_port_start=1024", network=network, command=("--listen", "80"))
    wait_for("its end", lambda: docker("container", "inspect", "--format", "{{.State.Running}}", balancer.name) == "false")
    assert "cannot listen on 0.0.0.0:80: permission denied" in balancer.logs()
    assert "NET_BIND_SERVICE" in balancer.logs()


@pytest.mark.slow("a container that is watched over its start")
def test_without_the_group_of_the_socket_it_says_which_one_is_missing(bench, network):
    balancer = bench.run(f"lb:{TAG}", "--volume", f"{SOCKET}:/tmp/docker.sock:ro", network=network)
    wait_for("the obstacle", lambda: f"--group-add {GROUP[1]}" in balancer.logs())
    assert f"--group-add {GROUP[1]}" in docker("exec", balancer.name, "lb", "explain")


@pytest.mark.slow("a container that is watched over its start")
def test_who_says_where_to_listen_has_that_and_nothing_else(bench, network):
    balancer = bench.run(f"lb:{TAG}", "--volume", f"{SOCKET}:{SOCKET}", *GROUP, network=network,
                         command=("--listen", "9000"))
    wait_for("port 9000", lambda: "listening on 0.0.0.0:9000" in balancer.logs())
    assert "listening on 0.0.0.0:80" not in balancer.logs()
    assert docker("container", "inspect", "--format", "{{.State.Running}}", balancer.name) == "true"
    with pytest.raises(OSError):
        get(balancer.address(network), 80, timeout=2)


def test_labels_and_users():
    """OCI's labels that need no --build-arg, both users with their fixed ids, and lb's own number is that of the label."""
    def in_image(*words):
        return docker("run", "--rm", "--network", "none", "--label", "lbtest=image", "--entrypoint", words[0], f"lb:{TAG}", *words[1:])
    labels = json.loads(docker("image", "inspect", "--format", "{{json .Config.Labels}}", f"lb:{TAG}"))
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in labels.items()}
    assert {"title": "lb", "licenses": "MIT", "vendor": "the lb authors"}.items() <= labels.items()
    assert in_image("lb", "--version").startswith(f"lb {labels['version']}")
    users = [line.split(":")[:3:2] for line in in_image("getent", "passwd", "lb", "lb-discovery").splitlines()]
    assert users == [["lb", "10001"], ["lb-discovery", "10002"]]
    assert in_image("id", "-u").strip() == "10001"
    assert in_image("sh", "-c", "ls /usr/bin/lb*").split() == ["/usr/bin/lb", "/usr/bin/lb-acme", "/usr/bin/lb-discovery", "/usr/bin/lb-proxy",
                                                                    "/usr/bin/lb-report"]
