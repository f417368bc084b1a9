"""Real servers of UDP behind lb: dnsmasq in containers that come and go, asked by dnsperf and by single clients."""
import re
import secrets
import socket

import pytest

from conftest import docker, wait_for
from peers import Askers, ask_echo_udp, start_client
from test_tcp import SECONDS, SLOW, peers_image, serve, serve_echo  # noqa: F401


def ask_dns(address, timeout=3):
    """Who answered: each server gives its own address for every name."""
    number = secrets.token_bytes(2)
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.connect(address)
        sock.send(number + b"\1\0\0\1\0\0\0\0\0\0" + b"\4name\4test\0" + b"\0\1\0\1")
        answer = sock.recv(512)
        assert answer[:2] == number and answer[3] & 15 == 0, answer
        return socket.inet_ntoa(answer[-4:])


@pytest.fixture
def serve_dns(serve):
    def start(service):
        return serve("dns", f"lb.service={service}", "lb.udp=53", "lb.check.mode=udp")
    return start


@SLOW
def test_dnsperf_loses_nothing_while_replicas_come_and_go(bench, network, serve_dns):
    """Its flows are on servers that stay; new flows lose an answer only with their server."""
    service = bench.name("dns")
    staying = [serve_dns(service) for _ in range(2)]
    addresses = {server.address(network) for server in staying}
    names = [server.name for server in staying]
    balancer = bench.lb(network, "--udp", f"0.0.0.0:53={service}")
    balancer.wait_for_active(names, service, protocol="udp")
    client = start_client(network, "sh", "-c", "seq -f 'name%g.test A' 1000 >/tmp/names && exec dnsperf "
                          f"-s {balancer.host} -d /tmp/names -l {SECONDS} -c 20 -Q 2000 -t 3")
    wait_for("its flows", lambda: not client.runs or balancer.service(service, "udp")["flows"]["open"] >= 20)
    gone = 0
    with Askers(lambda: ask_dns((balancer.host, 53))) as askers:
        while client.runs:
            new = serve_dns(service)
            address = new.address(network)
            balancer.wait_for_active([*names, new.name], service, protocol="udp")
            wait_for("a client on it", lambda: address in askers.seen or not client.runs)
            docker("stop", new.name)
            balancer.wait_for_active(names, service, protocol="udp")
            gone += 1
    printed = client.end()
    sent, lost = (int(re.search(rf"Queries {word}:\s+(\d+)", printed)[1]) for word in ("sent", "lost"))
    print(printed, f"{gone} came and went, {askers.done} more flows, {len(askers.faults)} lost with their server")
    assert sent > 100 * SECONDS and lost == 0, printed
    assert gone and askers.seen >= addresses
    assert len(askers.faults) <= 3 * gone, askers.faults  # one each of three that ask at once


def test_the_port_of_lb_is_published(bench, network, serve_dns):
    service = bench.name("dns")
    server = serve_dns(service)
    balancer = bench.lb(network, "--udp", f"0.0.0.0:53={service}", options=("-p", "127.0.0.1:0:53/udp"))
    balancer.wait_for_active([server.name], service, protocol="udp")
    port = int(docker("port", balancer.name, "53/udp").splitlines()[0].rpartition(":")[2])
    assert ask_dns(("127.0.0.1", port)) == server.address(network)


def test_a_container_opens_a_listener_of_udp(bench, network, serve_echo):
    balancer = bench.lb(network, "--dynamic-ports", "10000-10999")
    one = serve_echo("one", f"lb.service={bench.name('game')}", "lb.udp=10053:7002")

    def answer():
        try:
            return ask_echo_udp((balancer.host, 10053), 1)
        except OSError:
            return None

    assert wait_for("an answer", answer) == "one"
    docker("rm", "--force", one.name)
    wait_for("its end", lambda: not answer())
    two = serve_echo("two", f"lb.service={bench.name('game')}", "lb.udp=10053:7002")
    assert wait_for("an answer of the next", answer) == "two"
    docker("rm", "--force", two.name)


@SLOW
def test_a_flow_stays_with_its_server_and_leaves_it_when_it_ends(bench, network, serve_echo):
    service = bench.name("game")
    servers = {name: serve_echo(name, f"lb.service={service}", "lb.udp=9000:7002", options=("--env", "LB_GRACE=3"))
               for name in ("one", "two")}
    balancer = bench.lb(network, "--udp", f"0.0.0.0:9000={service}")
    wait_for("both", lambda: len(balancer.active(service, "udp")) == 2)
    sock = socket.socket(type=socket.SOCK_DGRAM)
    sock.settimeout(5)
    sock.connect((balancer.host, 9000))

    def ask():
        sock.send(b"x")
        return sock.recv(100).split()[0].decode()

    with sock:
        first = ask()
        assert {ask() for _ in range(20)} == {first}
        other = "two" if first == "one" else "one"
        docker("stop", servers[first].name)
        wait_for("its end", lambda: balancer.active(service, "udp") == {servers[other].name})
        assert {ask() for _ in range(20)} == {other}
        docker("start", servers[first].name)
        wait_for("both", lambda: len(balancer.active(service, "udp")) == 2)
        assert {ask() for _ in range(20)} == {other}
