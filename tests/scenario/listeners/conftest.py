"""TCP and UDP listeners: servers that say who they are, and settings that change."""

import contextlib
import json
import socket
import threading

import pytest

from support.program import split_address
from support.waiting import wait_for


class NamedTcp:
    """Sends its name to each who connects, and then all that comes, until the client ends."""

    def __init__(self, name):
        self.name = name
        self.server = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.address = self.server.getsockname()
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with contextlib.suppress(OSError), sock:
            sock.settimeout(60)
            sock.sendall(self.name.encode() + b"\n")
            while data := sock.recv(4096):
                sock.sendall(data)

    def close(self):
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join()


class NamedUdp:
    """Answers each datagram with its name, a blank, and what came."""

    def __init__(self, name):
        self.name = name
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.address = self.sock.getsockname()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            data, peer = self.sock.recvfrom(65536)
            if data == b"end":
                return
            with contextlib.suppress(OSError):
                self.sock.sendto(self.name.encode() + b" " + data, peer)

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", self.address)
        self.thread.join()
        self.sock.close()


@pytest.fixture
def start_tcp(cleanup):
    def start(name):
        server = NamedTcp(name)
        cleanup.callback(server.close)
        return server
    return start


@pytest.fixture
def start_udp(cleanup):
    def start(name):
        server = NamedUdp(name)
        cleanup.callback(server.close)
        return server
    return start


class Settings:
    """A file for --config with TCP and UDP listeners."""

    def __init__(self, path):
        self.path = path
        self.flag = f"--config={path}"

    def write(self, **settings):
        self.path.write_text(json.dumps({k.replace("_", "-"): v for k, v in settings.items()}))


@pytest.fixture
def settings(tmp_path):
    return Settings(tmp_path / "lb.json")


def listening_at(lb, kind, number=0):
    """The address of listener `number` of that kind, in the order they were opened."""
    def look():
        found = [m.split()[3].rstrip(",") for m in lb.messages()
                 if m.startswith(f"listening on {kind} ")]
        return len(found) > number and split_address(found[number])
    return wait_for(look, f"{kind} listener {number} is open")


def greet(address, timeout_s=20):
    """A connection, and the name of the server that has it."""
    sock = socket.create_connection(address, timeout=timeout_s)
    name = b""
    while not name.endswith(b"\n"):
        piece = sock.recv(100)
        if not piece:
            sock.close()
            raise ConnectionError("it ended before its server said anything")
        name += piece
    return sock, name.decode().strip()


def name_at(address):
    sock, name = greet(address)
    sock.close()
    return name


def answer_at(address, text=b"x", tries=40):
    """Whose answer a datagram gets; one that is lost is sent again, from the same port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.5)
        sock.connect(address)
        for _ in range(tries):
            with contextlib.suppress(TimeoutError, ConnectionRefusedError):
                sock.send(text)
                return sock.recv(65536).decode().split(" ")[0]
    raise AssertionError("no answer")


def is_refused(address):
    try:
        socket.create_connection(address, timeout=20).close()
    except ConnectionRefusedError:
        return True
    return False
