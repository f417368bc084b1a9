"""lb in a container with little memory: clients that make it hold bytes do not kill it, and others
are served meanwhile."""

import errno
import selectors
import socket

import pytest

from conftest import docker, wait_for

HOST = b"Host: test\r\n"
LARGE = b"GET /bytes/30000000 HTTP/1.1\r\n" + HOST + b"\r\n"
SLOW = b"GET /delay/60000 HTTP/1.1\r\n" + HOST + b"\r\n"
KINDS = {
    "readers that do not read": (1500, LARGE),
    "requests behind a slow one": (1500, SLOW + 4 * (b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"a" * 15000 + b"\r\n\r\n")),
    "heads that are not complete": (2500, b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"a" * 15000),
    "bodies that nobody takes": (1500, b"POST /delay/60000 HTTP/1.1\r\n" + HOST + b"Content-Length: 900000\r\n\r\n" + 200000 * b"b"),
}


def crowd(address, count, said):
    """So many clients that say it, as far as it is taken, and read nothing."""
    clients, left = [], selectors.DefaultSelector()
    for _ in range(count):
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        assert sock.connect_ex(address) in (0, errno.EINPROGRESS)
        left.register(sock, selectors.EVENT_WRITE)
        clients.append(sock)
    while left.get_map() and (ready := left.select(timeout=0.5)):
        for key, _ in ready:
            left.unregister(key.fileobj)
            try:
                key.fileobj.send(said)
            except OSError:
                pass  # it was cut off, as some may be
    return clients


@pytest.mark.parametrize("kind", KINDS)
def test_small_container_survives(bench, network, kind):
    bench.appserver(network, name=bench.name("a"))
    lb = bench.lb(network, options=("--memory", "48m", "--memory-swap", "48m"))
    wait_for("a ready server", lambda: lb.get()[0] == 200)
    count, said = KINDS[kind]
    clients = crowd((lb.host, lb.port), count, said)
    for _ in range(20):
        assert lb.get()[0] == 200
    assert lb.pool()["version"] > 0
    for sock in clients:
        sock.close()
    assert lb.get()[0] == 200
    state = docker("container", "inspect", "--format",
                   "{{.State.OOMKilled}} {{.RestartCount}} {{.State.Running}}", lb.name)
    assert state == "false 0 true"
