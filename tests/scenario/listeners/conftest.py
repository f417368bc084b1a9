"""TCP and UDP listeners: servers that say who they are, and settings that change."""

import contextlib
import json
import socket

import pytest

from support.datagrams import UdpServer
from support.program import split_address
from support.tcp import Server, say
from support.waiting import wait_for


@pytest.fixture
def start_tcp(cleanup):
    """Servers that send their name to each who connects, and then all that comes."""
    def start(name):
        server = Server(say(name.encode() + b"\n"), name=name)
        cleanup.callback(server.close)
        return server
    return start


@pytest.fixture
def start_udp(cleanup):
    def start(name):
        server = UdpServer(name, ("127.0.0.1", 0))
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
