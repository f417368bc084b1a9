"""Which way lb reaches a port that is published on the engine's host."""

import contextlib
import os
import socket

import pytest
from fake_docker import FakeDocker, container
from watcher import Watcher

LB, OTHER = "a" * 64, "b" * 64
OWN_NETWORKS = {"a": "127.0.0.7", "b": "127.0.0.8", "c": "127.0.0.9"}


@pytest.fixture
def engine(tmp_path):
    """lb is on three networks; a port of OTHER, which is on none of them, is published."""
    with FakeDocker(tmp_path / "docker.sock") as fake:
        fake.networks = [{"Id": name, "Name": name, "Driver": "bridge", "Internal": False}
                         for name in OWN_NETWORKS]
        fake.add(container(LB, "lb", networks={
            name: {"NetworkID": name, "IPAddress": "10.9.0.2", "Gateway": gateway}
            for name, gateway in OWN_NETWORKS.items()}, service=""))
        yield fake


def publish(engine, port, **more):
    other = container(OTHER, "other", networks={"back": {"NetworkID": "back", "IPAddress": "10.8.0.2"}}, **more)
    other["NetworkSettings"]["Ports"] = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": str(port)}]}
    engine.add(other)


def watch(engine, **how):
    return Watcher("--docker=unix://" + engine.path, "--self", LB, **how)


@contextlib.contextmanager
def listening(address, port=0):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen()
        yield listener.getsockname()[1]


@contextlib.contextmanager
def deaf(address, port):
    """Nobody is answered there: the queue of connections is full, and a SYN is dropped."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(0)
        for _ in range(3):
            sock = waiting.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex((address, port))
        yield


def address_of_other(w):
    return w.endpoints()["other"]["address"]


def test_published_ports_are_not_reached_through_an_internal_network(engine):
    engine.networks[0]["Internal"] = True
    with listening("127.0.0.8") as port:
        publish(engine, port)
        with watch(engine) as w:
            w.next()
            assert address_of_other(w) == "127.0.0.8"
            w.no_line()


def test_the_next_gateway_is_taken_when_the_first_does_not_answer(engine):
    with listening("127.0.0.9") as port, deaf("127.0.0.7", port):  # and 127.0.0.8 refuses
        publish(engine, port)
        with watch(engine) as w:
            w.wait(lambda w: w.endpoints() and address_of_other(w) == "127.0.0.9")
            w.wait_message("the host does not answer at 127.0.0.7")
            w.wait_message("127.0.0.8: ports published on it are reached at 127.0.0.9")
            w.no_line()


def test_when_no_gateway_answers_the_first_one_stays(engine):
    publish(engine, 1)
    with watch(engine) as w:
        w.wait(lambda w: w.endpoints() and address_of_other(w) == "127.0.0.9")
        w.wait(lambda w: address_of_other(w) == "127.0.0.7")
        w.wait_message("127.0.0.9: ports published on it are reached at 127.0.0.7")
        w.no_line()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may have a network of its own")
def test_without_a_network_nothing_is_known_of_gateways(engine):
    """As with docker run --network none, beside an lb that has one."""
    publish(engine, 1)
    with watch(engine, before=("unshare", "--net")) as w:
        w.next()
        w.no_line()
        assert address_of_other(w) == "127.0.0.7"
        assert not any("does not answer" in message for message in w.messages)


def test_containers_on_the_hosts_network_are_reached_the_same_way(engine):
    with listening("127.0.0.8") as port:
        engine.add(container(OTHER, "other", networks={"host": {"NetworkID": "h", "IPAddress": ""}},
                             port=str(port)))
        engine.containers[OTHER]["HostConfig"]["NetworkMode"] = "host"
        with watch(engine) as w:
            w.wait(lambda w: w.endpoints() and address_of_other(w) == "127.0.0.8")
            w.no_line()


def test_no_gateway_is_tried_by_a_port_of_udp(engine):
    engine.add(container(OTHER, "other", networks={"host": {"NetworkID": "h", "IPAddress": ""}}, port="1",
                         labels={"lb.protocol": "udp"}))
    engine.containers[OTHER]["HostConfig"]["NetworkMode"] = "host"
    with watch(engine) as w:
        w.next()
        assert address_of_other(w) == "127.0.0.7"
        w.no_line()
        assert not any("does not answer" in message for message in w.messages)


def test_a_network_that_lb_joins_later_may_be_the_only_way_out(engine):
    for network in engine.networks:
        network["Internal"] = True
    own = engine.containers[LB]["NetworkSettings"]["Networks"]
    with listening("127.0.0.1") as port:
        publish(engine, port)
        with watch(engine) as w:
            w.next()
            assert w.reasons()["other"] == "no_shared_network"
            engine.wait_stream()
            own["zoo"] = {"NetworkID": "zoo", "IPAddress": "10.7.0.2", "Gateway": "127.0.0.1"}
            engine.event("connect", LB, "network")
            w.wait(lambda w: w.endpoints() and address_of_other(w) == "127.0.0.1")
