"""Sockets that systemd opened: systemd-socket-activate opens them, waits for who comes first, and becomes lb."""

import contextlib
import os
import pathlib
import select
import shutil
import signal
import socket

import pytest

from support.client import RawClient
from support.discovery import endpoint, line_of
from support.free_port import free_port
from support.program import Program, environment
from support.waiting import wait_for

pytestmark = pytest.mark.skipif(not shutil.which("systemd-socket-activate"), reason="no systemd-socket-activate here")


@pytest.fixture(name="activate")
def make_activate(cleanup):
    """activate([(host, port)…], *flags, names=…): a Program, once somebody has come to the first of them."""
    def start(addresses, *flags, names=None, datagrams=False):
        words = ["systemd-socket-activate", *(["--datagram"] if datagrams else [])]
        words += [f"--listen={host}:{port}" for host, port in addresses]
        words += [f"--fdname={':'.join(names)}"] if names else []
        # It gives an environment of its own making to what it starts.
        words += [f"--setenv={name}={value}" for name, value in environment().items() if "SAN_OPTIONS" in name]
        program = Program("lb", "--admin=off", "--shutdown-grace=2s", "--shutdown-delay=0s", "--hold=0s", "--workers=2",
                          *flags, before=words)
        cleanup.callback(program.stop)
        wait_for(lambda: any("Listening on" in line for line in list(program.stderr_lines)), "the sockets")
        return program
    return start


def children_of(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def answer_of(address):
    with RawClient(address) as client:
        return client.get("/").status


@pytest.mark.quick
def test_who_came_before_it_is_answered(activate, start_backend):
    here = ("127.0.0.1", free_port())
    backend = start_backend()
    lb = activate([here], f"--listen=127.0.0.1:{here[1]}", f"--backend=127.0.0.1:{backend.address[1]}")
    with RawClient(here) as first:
        first.request()
        lb.wait_message(f"^listening on 127.0.0.1:{here[1]}$")
        assert first.read_response().status == 200
    with contextlib.ExitStack() as stack:  # of both workers, who wait at the same socket
        clients = [stack.enter_context(RawClient(here)) for _ in range(40)]
        assert {client.get("/").status for client in clients} == {200}


def test_who_came_before_its_pool_waits_at_the_door(activate, discovery, start_backend):
    """Nobody is told that there is no backend before the first list has come; nobody waits inside, as --hold is 0."""
    here = ("127.0.0.1", free_port())
    activate([here], f"--listen=127.0.0.1:{here[1]}", *discovery.flags)
    with RawClient(here) as first:
        first.request()
        discovery.wait_starts(1)  # after lb-proxy was told to serve
        with RawClient(here) as second:
            second.request()
            assert not select.select([first.sock, second.sock], [], [], 0.3)[0]
            discovery.send(endpoint("one", start_backend().address))
            assert (first.read_response().status, second.read_response().status) == (200, 200)


def test_nothing_is_to_be_had(activate, discovery):
    here = ("127.0.0.1", free_port())
    activate([here], f"--listen=127.0.0.1:{here[1]}", *discovery.flags)
    with RawClient(here) as first:
        first.request()
        discovery.send()
        assert first.read_response().status == 503


def test_it_can_be_ended_while_they_wait(activate, discovery):
    here = ("127.0.0.1", free_port())
    lb = activate([here], f"--listen=127.0.0.1:{here[1]}", *discovery.flags)
    with RawClient(here) as first:
        first.request()
        discovery.wait_starts(1)
        lb.stop()
        assert first.ends()


def test_nothing_of_it_reaches_the_children(activate, start_backend):
    here = ("127.0.0.1", free_port())
    lb = activate([here], f"--listen=127.0.0.1:{here[1]}", f"--backend=127.0.0.1:{start_backend().address[1]}")
    assert answer_of(here) == 200
    children = children_of(lb.pid)
    assert children
    for child in children:
        assert b"LISTEN_" not in pathlib.Path(f"/proc/{child}/environ").read_bytes()


def test_one_that_nobody_wants_is_told_with_the_remedy(activate, start_backend):
    here, other = ("127.0.0.1", free_port()), ("127.0.0.2", free_port())
    lb = activate([here, other], f"--listen=127.0.0.1:{here[1]}", f"--backend=127.0.0.1:{start_backend().address[1]}",
                  names=["http", "else"])
    assert answer_of(here) == 200
    lb.wait_message(f"^nobody wants 127.0.0.2:{other[1]}, .*--listen 127.0.0.2:{other[1]}")
    assert not lb.find_message(f"nobody wants 127.0.0.1:{here[1]}")


def test_one_that_lb_cannot_use_is_told(cleanup, activate, start_backend, tmp_path):
    here = ("127.0.0.1", free_port())
    path = tmp_path / "odd.sock"
    words = ["systemd-socket-activate", f"--listen=127.0.0.1:{here[1]}", f"--listen={path}", "--fdname=http:odd"]
    words += [f"--setenv={name}={value}" for name, value in environment().items() if "SAN_OPTIONS" in name]
    lb = Program("lb", "--admin=off", "--shutdown-delay=0s", f"--listen=127.0.0.1:{here[1]}",
                 f"--backend=127.0.0.1:{start_backend().address[1]}", before=words)
    cleanup.callback(lb.stop)
    wait_for(lambda: sum("Listening on" in line for line in list(lb.stderr_lines)) == 2, "the sockets")
    assert answer_of(here) == 200
    assert lb.find_message('the socket "odd" of systemd .* no TCP socket')


def test_it_outlives_a_crash(activate, start_backend):
    here = ("127.0.0.1", free_port())
    lb = activate([here], f"--listen=127.0.0.1:{here[1]}", f"--backend=127.0.0.1:{start_backend().address[1]}")
    assert answer_of(here) == 200
    before = children_of(lb.pid)
    for child in before:
        os.kill(child, signal.SIGKILL)
    assert answer_of(here) == 200  # it waits for the next one, and is not refused
    assert children_of(lb.pid) != before


def test_datagrams_of_a_client_come_to_one_worker(activate, discovery):
    from support.passing import EchoUdp
    here = ("127.0.0.1", free_port())
    echo = EchoUdp()
    lb = activate([here], "--listen=127.0.0.1:0", f"--udp=127.0.0.1:{here[1]}=dns", *discovery.flags, datagrams=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.sendto(b"first", here)
        line = line_of([])
        line["services"] = [{"name": "dns",
                             "endpoints": [endpoint("dns1", echo.address, protocol="udp", id="d01:53/udp", container="d01")]}]
        discovery.send_line({**line, "v": 2})
        lb.wait_message(r"^listening on udp ")
        answers = set()
        for number in range(50):
            def ask(text=b"%d" % number):
                client.sendto(text, here)
                client.settimeout(1)
                with contextlib.suppress(OSError):
                    answers.add(client.recv(100))
                return text in answers
            wait_for(ask, "an answer")
    echo.close()
