"""Containers that ask for listeners of TCP: who gets one, and what the others are told."""

import socket

import pytest

from support.discovery import endpoint
from support.free_port import free_port
from support.waiting import wait_for

DB = "4f9cab" + "0" * 58
OTHER = "77aacd" + "0" * 58


def tcp_port_of(container, name, address):
    return endpoint(name, address, id=f"{container}:{address[1]}", container=container, protocol="tcp")


def claim(container, name, port, service, created_ns=5, **more):
    return {"protocol": "tcp", "port": port, "service": service, "dialect": "lb", "label": "lb.tcp",
            "container": container, "container_name": name, "created_ns": created_ns, **more}


def line(services, listeners):
    listed = [{"name": name, "endpoints": endpoints} for name, endpoints in services.items()]
    return {"v": 2, "source": "docker", "services": listed, "routes": [], "left_out": [],
            "listeners": listeners}


def connected(port):
    """The port may be opened a moment after its rule is in force."""
    def connect():
        try:
            return socket.create_connection(("127.0.0.1", port), 10)
        except ConnectionRefusedError:
            return None
    return wait_for(connect, "the port is open")


def ask(port):
    """What a backend answers through that port of lb's, by its first line."""
    with connected(port) as sock:
        sock.settimeout(10)
        sock.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        return sock.recv(65536).split(b"\r\n")[0]


@pytest.fixture(name="backend")
def make_backend(start_backend):
    return start_backend()


def test_one_that_asks_in_vain_is_told_how_it_would_not(start_lb, discovery, backend):
    lb = start_lb(*discovery.flags)
    services = {"db": [tcp_port_of(DB, "db1", backend.address)]}
    asking = line(services, [claim(DB, "db1", 10432, "db")])
    discovery.send_line(asking)
    why = ("lb.tcp: tcp port 10432 is not open to containers: --tcp 10432 would open it, or "
           "--dynamic-ports a range that has it")
    lb.wait_message("listeners: 1 is asked for in vain; the first: db1: " + why)
    left, = lb.pool()["left_out"]
    assert (left["name"], left["reason"], left["remark"]) == ("db1", "other_protocol", why)
    assert why in lb.ask("/explain/db1").body.decode()
    before = lb.pool()["version"]
    discovery.send_line({**asking, "new": 1})
    wait_for(lambda: lb.pool()["version"] > before, "the next line is taken")
    assert len([m for m in lb.messages() if "in vain" in m]) == 1


def test_the_older_container_has_the_port_and_the_other_one_is_told(start_lb, discovery, backend):
    port = free_port()
    lb = start_lb(f"--dynamic-ports=127.0.0.1:{port}-{port}", *discovery.flags)
    services = {"db": [tcp_port_of(DB, "db1", backend.address)], "other": []}
    discovery.send_line(line(services, [claim(DB, "db1", port, "db"),
                                        claim(OTHER, "late", port, "other", created_ns=6)]))
    lb.wait_message(f'the first: late: lb.tcp: tcp port {port} is db1\'s, which is older, '
                    'for the service "db"')
    lb.wait_message("db: db1 ready, 1 endpoint")
    assert lb.pool()["left_out"] == []
    assert ask(port) == b"HTTP/1.1 200 OK"


def test_what_was_opened_waits_for_its_container(start_lb, discovery, backend):
    """As its routes do: nobody else gets the port meanwhile."""
    port = free_port()
    lb = start_lb(f"--dynamic-ports=127.0.0.1:{port}-{port}", *discovery.flags)
    here = {"db": [tcp_port_of(DB, "db1", backend.address)]}
    discovery.send_line(line(here, [claim(DB, "db1", port, "db")]))
    lb.wait_message("db: db1 ready, 1 endpoint")
    assert ask(port) == b"HTTP/1.1 200 OK"
    discovery.send_line(line({}, [claim(OTHER, "late", port, "other", created_ns=6)]))
    lb.wait_message("late: lb.tcp: tcp port .* is db1's, which is gone and may come back within 30 s")
    anew = "5" * 64
    since = len(lb.messages())
    discovery.send_line(line({"db": [tcp_port_of(anew, "db1", backend.address)]},
                             [claim(anew, "db1", port, "db", created_ns=4)]))
    lb.wait_message("db: db1 ready, 1 endpoint", since)
    assert ask(port) == b"HTTP/1.1 200 OK"
