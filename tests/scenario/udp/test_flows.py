"""Datagrams through the real program: who gets them while the pool changes, and what is told of it."""

import json

import pytest

from support.client import RawClient
from support.datagrams import UdpClient, UdpPool
from support.free_port import free_udp_port
from support.waiting import wait_for


@pytest.fixture
def pool(discovery, cleanup):
    return UdpPool(discovery, cleanup)


@pytest.fixture
def start(start_lb, pool, discovery):
    """start(*flags): an lb with a UDP listener, `udp`, for the service of the pool."""
    def start_it(*flags, host="127.0.0.1", **options):
        port = free_udp_port(host)
        at = f"[{host}]" if ":" in host else host
        lb = start_lb(f"--udp={at}:{port}=names", *discovery.flags, *flags, **options)
        lb.udp = (host, port)
        pool.tell()
        pool.wait_usable(lb, len(pool.servers))
        return lb
    return start_it


def records(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_clients_are_spread_and_stay(start, pool):
    lb = start("--workers=2")
    clients = [UdpClient(lb.udp) for _ in range(60)]
    first = [client.ask() for client in clients]
    assert set(first) == set(pool.servers)
    assert [client.ask() for client in clients] == first
    page = lb.metrics()
    assert page.value("lb_udp_flows_total", service="names") == 60
    assert page.value("lb_udp_open_flows", service="names") == 60
    for client in clients:
        client.close()


def test_drained_server_keeps_what_it_has(start, pool):
    lb = start()
    with UdpClient(lb.udp) as client:
        name = client.ask()
        pool.tell(**{name: "draining"})
        pool.wait_usable(lb, 2)
        for _ in range(20):
            assert client.ask() == name
            with UdpClient(lb.udp) as other:
                assert other.ask() != name
        pool.tell(**{name: None})
        pool.wait_usable(lb, 2)
        wait_for(lambda: client.ask() != name, "the flow has moved")


def test_server_without_a_port_loses_no_question(start, pool):
    """ICMP tells, and another one is asked."""
    lb = start("--eject-after=1000")
    pool.servers["two"].close()
    for _ in range(40):
        with UdpClient(lb.udp) as client:
            assert client.ask() != "two"
    assert lb.metrics().value("lb_udp_lost_datagrams_total", service="names") == 0


def test_one_that_refuses_is_left_out(start, pool):
    lb = start("--eject-after=3", "--eject-time=60s")
    pool.servers["two"].close()

    def look():
        with UdpClient(lb.udp) as client:
            client.ask()
        return lb.states()["two"] == "ejected"
    wait_for(look, "it is ejected")


def test_record_of_a_flow(start, tmp_path):
    log = tmp_path / "access"
    with open(log, "wb") as file:
        lb = start("--udp-idle-timeout=1s", "--access-log=-", stdout=file)
        with UdpClient(lb.udp) as client:
            name = client.ask(b"x" * 100)
            client.ask(b"y" * 10)
        wait_for(lambda: records(log), "a record")
    record = records(log)[0]
    assert record["lb"]["kind"] == "flow"
    assert record["lb"]["end"] == "idle"
    assert record["lb"]["listener"] == "127.0.0.1:%d" % lb.udp[1]
    assert record["lb"]["service"] == "names"
    assert record["event"]["outcome"] == "success"
    assert record["source"]["bytes"] == 110 and record["source"]["packets"] == 2
    answered = 110 + 2 * (len(name) + 1)
    assert record["destination"]["bytes"] == answered and record["destination"]["packets"] == 2


def test_flows_are_bounded(start):
    lb = start("--max-flows=20", "--workers=1")
    clients = [UdpClient(lb.udp) for _ in range(100)]
    for client in clients:
        client.ask()
        client.close()
    page = lb.metrics()
    assert page.value("lb_udp_open_flows", service="names") == 20
    assert page.value("lb_udp_flows_total", service="names") == 100


def test_answer_that_is_due_comes_before_the_end(start, pool):
    lb = start("--workers=1", "--shutdown-grace=10s")
    for server in pool.servers.values():
        server.is_silent = True
    with UdpClient(lb.udp) as client, UdpClient(lb.udp) as never:
        never.send(b"nobody answers this")
        client.send(b"slow?")
        heard = wait_for(lambda: [(server, peer) for server in pool.servers.values()
                                  for peer, data in server.heard if data == b"slow?"], "asked")
        lb.signal()
        lb.wait_message("finishing what runs")
        server, peer = heard[0]
        server.answer(peer, b"slow?")
        assert client.receive() == server.name.encode() + b" slow?"
    lb.wait_end(timeout_s=9)  # nobody waits for the answer that never comes for all of the grace


@pytest.mark.parametrize("host, asked", [("0.0.0.0", "127.0.0.1"), ("0.0.0.0", "127.0.0.99"),
                                         ("::", "::1"), ("::", "127.0.0.98"), ("::1", "::1")])
def test_answers_come_from_the_address_that_was_asked(start, host, asked):
    lb = start(host=host)
    with UdpClient((asked, lb.udp[1])) as client:
        for size in (0, 1, 1200, 65000):
            client.ask(b"z" * size)


def test_flood_does_not_starve_requests(start, pool, start_appserver):
    """One worker: what comes by UDP without end leaves time for others."""
    lb = start("--workers=1")
    with UdpClient(lb.udp) as client, RawClient(lb.address) as web:
        client.sock.setblocking(False)
        for _ in range(50):
            for _ in range(200):
                try:
                    client.sock.send(b"q" * 1000)
                except BlockingIOError:
                    break
            web.request("GET", "/")
            assert web.read_response().status == 503


def test_without_a_server_nothing_comes(start, pool):
    lb = start()
    pool.tell(one=None, two=None, three=None)
    pool.wait_usable(lb, 0)
    with UdpClient(lb.udp) as client:
        client.send(b"hello?")
        assert client.hears_nothing()
        pool.tell()
        pool.wait_usable(lb, 3)
        client.ask()
