"""Which server a connection gets, while servers come, go and drain, and lb itself ends."""

import signal

from support.tcp import is_reset, take, tcp_line
from support.discovery import route_line
from support.waiting import wait_for


def ping(sock):
    sock.sendall(b"x")
    assert take(sock, 1) == b"x"


def test_long_ones_spread_evenly_over_all_workers(start_server, follow_tcp, discovery, dial):
    servers = {name: start_server() for name in ("one", "two", "three")}
    lb = follow_tcp()
    discovery.send_line(tcp_line(servers))
    lb.wait_ready(3)
    clients = []
    for _ in range(100):
        clients.append(dial(lb.tcp))
        ping(clients[-1])
    assert sorted(server.open_count for server in servers.values()) in ([33, 33, 34], [32, 33, 35], [32, 34, 34])
    servers["four"] = start_server()
    discovery.send_line(tcp_line(servers))
    lb.wait_ready(4)
    for _ in range(20):
        clients.append(dial(lb.tcp))
        ping(clients[-1])
    assert servers["four"].open_count >= 19


def test_who_comes_while_the_only_server_restarts_gets_the_next(start_server, follow_tcp, discovery, dial):
    first = start_server()
    lb = follow_tcp("--hold=20s")
    discovery.send_line(tcp_line({"one": first}))
    lb.wait_ready()
    ping(dial(lb.tcp))
    first.close()
    discovery.send_line(route_line({}, []))
    wait_for(lambda: not lb.endpoints(), "it is gone")
    client = dial(lb.tcp)
    client.sendall(b"early")
    discovery.send_line(tcp_line({"two": start_server()}))
    assert take(client, 5) == b"early"


def test_one_that_refuses_is_passed_over(start_server, follow_tcp, discovery, dial):
    servers = {"one": start_server(), "two": start_server()}
    lb = follow_tcp()
    discovery.send_line(tcp_line(servers))
    lb.wait_ready(2)
    servers["one"].sock.close()
    for _ in range(6):
        ping(dial(lb.tcp))


def test_one_that_drains_keeps_what_it_has(start_server, follow_tcp, discovery, dial):
    servers = {"one": start_server()}
    lb = follow_tcp()
    discovery.send_line(tcp_line(servers))
    lb.wait_ready()
    old = dial(lb.tcp)
    ping(old)
    servers["two"] = start_server()
    discovery.send_line(tcp_line(servers, {"one": "draining"}))
    lb.wait_states(one="draining", two="ready")
    new = [dial(lb.tcp) for _ in range(4)]
    for client in [old, *new]:
        ping(client)
    wait_for(lambda: (servers["one"].open_count, servers["two"].open_count) == (1, 4), "checks are over")


def is_served(sock):
    try:
        ping(sock)
        return True
    except ConnectionResetError:
        return False


def test_draining_may_reset(start_server, follow_tcp, discovery, dial):
    servers = {"one": start_server()}
    lb = follow_tcp("--tcp-drain=reset")
    discovery.send_line(tcp_line(servers))
    lb.wait_ready()
    old = dial(lb.tcp)
    ping(old)
    servers["two"] = start_server()
    discovery.send_line(tcp_line(servers, {"one": "draining"}))
    assert is_reset(old)
    wait_for(lambda: servers["one"].open_count == 0, "its server knows")
    wait_for(lambda: is_served(dial(lb.tcp)), "the other one serves, and each worker knows")


def test_shutdown_waits_for_open_ones(start_server, start_tcp, dial):
    lb = start_tcp(start_server(), "--shutdown-grace=20s")
    client = dial(lb.tcp)
    ping(client)
    lb.signal(signal.SIGTERM)
    lb.wait_message(r"SIGTERM")
    ping(client)
    client.close()
    assert lb.wait_end(15) == 0


def test_shutdown_ends_them_when_its_grace_is_over(start_server, start_tcp, dial):
    lb = start_tcp(start_server(), "--shutdown-grace=500ms")
    client = dial(lb.tcp)
    ping(client)
    lb.signal(signal.SIGTERM)
    assert is_reset(client)
    assert lb.wait_end(15) == 0
