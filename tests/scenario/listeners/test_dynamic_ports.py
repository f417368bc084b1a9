"""Listeners that containers ask for: opened inside --dynamic-ports, and closed when nobody asks any more."""

import contextlib
import resource
import socket

from listeners.conftest import answer_at, greet, is_refused, name_at
from support.datagrams import UdpServer
from support.discovery import endpoint, route_line
from support.free_port import free_port
from support.waiting import wait_for


def rule(protocol, port, service, **more):
    return {"protocol": protocol, "port": port, "service": service, **more}


def line(services, listeners):
    """`services`: servers of each, of TCP or UDP by their class."""
    listed = {name: [endpoint(f"{name}-{i}", server.address,
                              protocol="udp" if isinstance(server, UdpServer) else "tcp")
                     for i, server in enumerate(servers)] for name, servers in services.items()}
    return route_line(listed, [], listeners=listeners)


def range_flag(*ports):
    return f"--dynamic-ports=127.0.0.1:{min(ports)}-{max(ports)}"


def is_served(address, name):
    with contextlib.suppress(OSError):
        return name_at(address) == name
    return False


def test_opened_when_asked_for_and_there_for_others(discovery, start_lb, start_tcp, start_udp):
    db, dns, port = start_tcp("db"), start_udp("dns"), free_port()
    lb = start_lb(range_flag(port), *discovery.flags)
    discovery.send_line(line({"db": [db]}, []))
    wait_for(lambda: lb.pool()["version"] >= 1, "there is a pool")
    assert is_refused(("127.0.0.1", port))
    discovery.send_line(line({"db": [db], "dns": [dns]},
                             [rule("tcp", port, "db"), rule("udp", port, "dns")]))
    lb.wait_message(f"listening on tcp 127.0.0.1:{port}, as containers ask for it")
    lb.wait_message(f"listening on udp 127.0.0.1:{port}, as containers ask for it")
    wait_for(lambda: is_served(("127.0.0.1", port), "db"), "tcp is served")
    assert answer_at(("127.0.0.1", port)) == "dns"


def test_it_stays_for_a_container_that_comes_again(discovery, start_lb, start_tcp):
    """Within 30 seconds nothing is closed, and the rule stays as well: who comes waits for the new one."""
    db, port = start_tcp("db"), free_port()
    lb = start_lb(range_flag(port), "--hold=20s", *discovery.flags)
    asks = rule("tcp", port, "db", container="id-of-db-0", label="lb.tcp")
    discovery.send_line(line({"db": [db]}, [asks]))
    wait_for(lambda: is_served(("127.0.0.1", port), "db"), "it is served")
    old, _ = greet(("127.0.0.1", port))
    discovery.send_line(line({}, []))
    wait_for(lambda: not lb.pool()["services"], "nobody is listed")
    with socket.create_connection(("127.0.0.1", port), timeout=20) as waiting:
        discovery.send_line(line({"db": [db]}, [asks]))
        assert waiting.recv(100) == b"db\n"
    old.close()
    assert lb.find_message("listening no more") is None


def test_outside_the_range_nothing_is_opened(discovery, start_lb, start_tcp):
    db, port = start_tcp("db"), free_port()
    lb = start_lb(range_flag(port), *discovery.flags)
    discovery.send_line(line({"db": [db]}, [rule("tcp", port, "db"), rule("tcp", port + 1, "db")]))
    wait_for(lambda: is_served(("127.0.0.1", port), "db"), "the one inside is served")
    assert lb.find_message(f"listening on tcp 127.0.0.1:{port + 1}") is None


def test_an_operators_listener_that_is_open_to_containers(discovery, start_lb, start_tcp):
    db, port = start_tcp("db"), free_port()
    lb = start_lb(f"--tcp=127.0.0.1:{port}", *discovery.flags)
    discovery.send_line(line({"db": [db]}, [rule("tcp", port, "db")]))
    wait_for(lambda: is_served(("127.0.0.1", port), "db"), "it is served")
    discovery.send_line(line({"db": [db]}, []))
    assert lb.find_message("as containers ask") is None


def test_one_that_something_else_has_is_told_and_tried_again(discovery, start_lb, start_tcp):
    db = start_tcp("db")
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        other = port + 1 if port < 65535 else port - 1
        lb = start_lb(range_flag(port, other), *discovery.flags)
        discovery.send_line(line({"db": [db]}, [rule("tcp", port, "db")]))
        lb.wait_message(f"cannot listen on tcp 127.0.0.1:{port}: address already in use; something else has it .*; "
                        "it is tried again")
    wait_for(lambda: is_served(("127.0.0.1", port), "db"), "it is served")


def test_no_more_than_open_files_allow(discovery, start_lb, start_tcp):
    """Each takes one of every worker: an eighth of them is for these."""
    db, low = start_tcp("db"), 21000
    lb = start_lb(f"--dynamic-ports=127.0.0.1:{low}-{low + 199}", *discovery.flags,
                  rlimits={resource.RLIMIT_NOFILE: (400, 400)})
    discovery.send_line(line({"db": [db]}, [rule("tcp", low + i, "db") for i in range(100)]))
    told = lb.wait_message(r"cannot listen on tcp .*: (\d+) ports of containers are open, which is all that there "
                           r"are open files \(ulimit -n\) for")
    assert 10 <= int(told[1]) <= 25
    assert lb.ask("/healthz").status == 200
    opened = [m for m in lb.messages() if m.startswith("listening on tcp ")]
    assert len(opened) <= int(told[1])


def test_the_range_changes_at_sighup(discovery, settings, start_lb, start_tcp):
    db, port = start_tcp("db"), free_port()
    settings.write()
    lb = start_lb(settings.flag, *discovery.flags)
    discovery.send_line(line({"db": [db]}, [rule("tcp", port, "db")]))
    wait_for(lambda: lb.pool()["version"] >= 1, "there is a pool")
    assert is_refused(("127.0.0.1", port))
    settings.write(dynamic_ports=f"127.0.0.1:{port}-{port}")
    lb.reload()
    wait_for(lambda: is_served(("127.0.0.1", port), "db"), "it is served")
    settings.write()
    lb.reload()
    wait_for(lambda: is_refused(("127.0.0.1", port)), "it is gone")
