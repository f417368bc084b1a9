"""lb in a container with little memory: clients that make it hold bytes do not kill it, and others
are served meanwhile."""

import errno
import selectors
import socket
import threading

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


# ---- connections that are passed on ----------------------------------------------------------------


class Server:
    """Accepts all that comes, and says `said` to each again and again, as far as it is taken."""

    def __init__(self, host, said):
        self.said, self.clients, self.received = said, [], 0
        self.listener = socket.create_server((host, 0), backlog=1000)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)  # of those that it accepts
        self.ready = selectors.DefaultSelector()
        self.ready.register(self.listener, selectors.EVENT_READ)
        self.is_over = False
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.is_over:
            for key, _ in self.ready.select(timeout=0.2):
                if key.fileobj is self.listener:
                    self.accept()
                else:
                    self.talk(key.fileobj)

    def accept(self):
        client = self.listener.accept()[0]
        client.setblocking(False)
        self.clients.append(client)
        self.ready.register(client, selectors.EVENT_WRITE if self.said else selectors.EVENT_READ)

    def talk(self, client):
        try:
            if self.said:
                client.send(self.said)
                return
            if said := client.recv(100):
                client.send(said)
                return
        except OSError:
            pass
        self.ready.unregister(client)
        client.close()

    def close(self):
        self.is_over = True
        self.thread.join()
        for sock in (self.listener, *self.clients):
            sock.close()


def counted(lb):
    """Connections to the crowd's server that are open, and those that lb has cut off because others need the room."""
    told = lb.service("crowd", "tcp")["connections"]
    return told["open"], told["ends"].get("buffers_full", 0)


TCP_KINDS = {"idle connections": (5000, b""), "readers that do not read": (1000, 65536 * b"s")}


@pytest.mark.parametrize("kind", TCP_KINDS)
def test_small_container_survives_what_it_passes_on(bench, network, kind):
    count, said = TCP_KINDS[kind]
    gateway = docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", network)
    servers = {"db": Server(gateway, b""), "crowd": Server(gateway, said)}
    ports = {name: server.listener.getsockname()[1] for name, server in servers.items()}
    clients = []
    try:
        lb = bench.lb(network, "--max-connections", "6000", "--tcp", "0.0.0.0:5432=db", "--tcp", "0.0.0.0:5433=crowd", *[
            f"--backend={name}=tcp://{gateway}:{port}" for name, port in ports.items()],
            options=("--memory", "48m", "--memory-swap", "48m", "--ulimit", "nofile=20000:20000"))
        wait_for("both", lambda: lb.active("db", "tcp") and lb.active("crowd", "tcp"))
        clients = crowd((lb.host, 5433), count, b"x")
        wait_for("all of them", lambda: sum(counted(lb)) == count)
        assert said or counted(lb) == (count, 0)
        for _ in range(20):
            with socket.create_connection((lb.host, 5432), 20) as sock:
                sock.sendall(b"hello")
                assert sock.recv(5, socket.MSG_WAITALL) == b"hello"
    finally:
        for sock in clients:
            sock.close()
        for server in servers.values():
            server.close()
    wait_for("the end of all", lambda: counted(lb)[0] == 0)
    assert docker("container", "inspect", "--format", "{{.State.OOMKilled}} {{.RestartCount}} {{.State.Running}}",
                  lb.name) == "false 0 true"
