"""Listeners of the operator's: by flags, with fixed backends, and what a start refuses."""

import socket

import pytest

from listeners.conftest import answer_at, greet, listening_at, name_at
from support.free_port import free_port
from support.program import run


def flag_of(server, protocol, service=None):
    host, port = server.address
    return f"--backend={service + '=' if service else ''}{protocol}://{host}:{port}"


def test_tcp_and_udp_of_their_services(start_lb, start_tcp, start_udp):
    db, cache, dns = start_tcp("db"), start_tcp("cache"), start_udp("dns")
    lb = start_lb("--tcp=127.0.0.1:0=db", "--tcp=127.0.0.1:0=cache", "--udp=127.0.0.1:0=dns",
                  flag_of(db, "tcp", "db"), flag_of(cache, "tcp", "cache"),
                  flag_of(dns, "udp", "dns"))
    assert name_at(listening_at(lb, "tcp", 0)) == "db"
    assert name_at(listening_at(lb, "tcp", 1)) == "cache"
    assert answer_at(listening_at(lb, "udp")) == "dns"


def test_a_backend_without_words_serves_both(start_lb, start_appserver, connect):
    server = start_appserver("one")
    lb = start_lb("--tcp=127.0.0.1:0=appserver", backends=[server], is_ready=False)
    assert connect(lb).get().status == 200
    assert connect(listening_at(lb, "tcp")).get().status == 200


def test_one_number_for_tcp_and_udp(start_lb, start_tcp, start_udp):
    tcp, udp, port = start_tcp("tcp"), start_udp("udp"), free_port()
    lb = start_lb(f"--tcp=127.0.0.1:{port}=a", f"--udp=127.0.0.1:{port}=a",
                  flag_of(tcp, "tcp", "a"), flag_of(udp, "udp", "a"))
    assert name_at(listening_at(lb, "tcp")) == "tcp"
    assert answer_at(listening_at(lb, "udp")) == "udp"


@pytest.mark.parametrize("kind, type_", [("tcp", socket.SOCK_STREAM), ("udp", socket.SOCK_DGRAM)])
def test_a_start_needs_all_of_them(kind, type_):
    with socket.socket(socket.AF_INET, type_) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == "tcp":
            taken.listen()
        port = taken.getsockname()[1]
        flags = ["--listen=127.0.0.1:0", "--admin=off", "--backend=127.0.0.1:1",
                 f"--{kind}=127.0.0.1:{port}=a"]
        done = run("lb", *flags)
        assert done.returncode == 1
        assert f"cannot listen on {kind} 127.0.0.1:{port}: address already in use" in done.stderr
        assert "ss -lntup" in done.stderr
        done = run("lb", *flags, "--check")
        assert done.returncode == 2 or done.returncode == 1
        assert f'--{kind}: "127.0.0.1:{port}" cannot be listened on' in done.stderr


def test_an_address_of_another_machine():
    done = run("lb", "--listen=127.0.0.1:0", "--admin=off", "--backend=127.0.0.1:1",
               "--tcp=192.0.2.1:80=a")
    assert done.returncode == 1
    assert "cannot listen on tcp 192.0.2.1:80: address not available; give an address of this machine" in done.stderr


def test_at_the_end_connections_may_finish(start_lb, start_tcp):
    server = start_tcp("db")
    lb = start_lb("--tcp=127.0.0.1:0=db", "--shutdown-grace=20s", flag_of(server, "tcp", "db"))
    sock, name = greet(listening_at(lb, "tcp"))
    assert name == "db"
    lb.signal()
    lb.wait_message("finishing what runs")
    sock.sendall(b"still here")
    assert sock.recv(100) == b"still here"
    sock.close()
    assert lb.wait_end() == 0
