"""The image in the place of another proxy's: what it is started with is what that one was."""
import contextlib
import json
import os
import socket
import ssl
import subprocess
import tempfile
from pathlib import Path

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


# ---- TLS ----------------------------------------------------------------------------------------------


@pytest.fixture(name="certificates")
def make_certificates(cleanup):
    """Of an authority of nobody's, for shop.test. The image's user reads the key."""
    folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
    folder.chmod(0o755)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-subj",
                    "/CN=shop.test", "-addext", "subjectAltName=DNS:shop.test", "-keyout", folder / "shop.test.key",
                    "-out", folder / "shop.test.crt"], check=True, capture_output=True)
    (folder / "shop.test.key").chmod(0o644)
    return folder


@pytest.fixture(name="cleanup")
def make_cleanup():
    with contextlib.ExitStack() as stack:
        yield stack


def get_by_tls(address, name):
    context = ssl._create_unverified_context()  # noqa: SLF001  # pylint: disable=protected-access
    with socket.create_connection((address, 8443), timeout=10) as plain, \
            context.wrap_socket(plain, server_hostname=name) as peer:
        peer.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := peer.recv(65536):
            answer += piece
    return answer.decode()


@pytest.mark.slow("a container that is watched over its start")
def test_a_folder_of_certificates_opens_8443(bench, network, certificates):
    server = bench.appserver(network)
    balancer = bench.run(f"lb:{TAG}", "--volume", f"{SOCKET}:{SOCKET}", *GROUP, "--volume", f"{certificates}:/certificates:ro",
                         "--cap-drop", "ALL", "--read-only", network=network, command=("--default-route", "appserver"))
    there = LoadBalancer(balancer.name, balancer.address(network), 8000, 0)
    wait_for("port 8000", lambda: "listening on 0.0.0.0:8000" in balancer.logs() and there.get()[0] == 200)
    assert "listening on tls 0.0.0.0:8443" in balancer.logs()
    assert server_in(get_by_tls(balancer.address(network), "shop.test")) == server.short_id


@pytest.mark.slow("a container that is watched over its start")
def test_without_certificates_nothing_more_is_open(bench, network):
    bench.appserver(network)
    balancer = bench.run(f"lb:{TAG}", "--volume", f"{SOCKET}:{SOCKET}", *GROUP, network=network,
                         command=("--default-route", "appserver"))
    there = LoadBalancer(balancer.name, balancer.address(network), 8000, 0)
    wait_for("port 8000", lambda: "listening on 0.0.0.0:8000" in balancer.logs() and there.get()[0] == 200)
    assert " tls " not in balancer.logs()
    with pytest.raises(OSError):
        socket.create_connection((balancer.address(network), 8443), timeout=2)


@pytest.mark.slow("a container that is watched over its start")
def test_with_acme_its_folder_is_a_volume_of_the_images_user(bench, network):
    volume = f"{network}-acme"
    docker("volume", "create", "--label", "lbtest=image", volume)
    balancer = bench.run(f"lb:{TAG}", "--volume", f"{SOCKET}:{SOCKET}", *GROUP, "--volume", f"{volume}:/var/lib/lb/acme",
                         "--env", "LB_ACME=x@shop.test", "--env", "LB_ACME_DIRECTORY=https://127.0.0.1:1/directory",
                         "--cap-drop", "ALL", "--read-only", network=network)
    try:
        wait_for("lb-acme", lambda: "gets certificates and renews them" in balancer.logs())
        assert "listening on tls 0.0.0.0:8443" in balancer.logs()
        wait_for("its folder", lambda: docker("exec", balancer.name, "stat", "--format", "%U %a", "/var/lib/lb/acme/live",
                                              check=False).split() == ["lb", "700"])
    finally:
        docker("rm", "--force", balancer.name)
        docker("volume", "rm", volume)


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
