"""An lb with a TCP listener, and servers behind it."""

import socket

import pytest

from support.free_port import free_port
from support.tcp import Server, echo, tcp_line


@pytest.fixture
def start_server(cleanup):
    def start(script=echo, **options):
        server = Server(script, **options)
        cleanup.callback(server.close)
        return server
    return start


@pytest.fixture
def dial(cleanup):
    """dial(address): a connected socket that waits for nothing longer than 20 s."""
    def connect(address):
        sock = socket.create_connection(address, 20)
        cleanup.callback(sock.close)
        return sock
    return connect


@pytest.fixture
def follow_tcp(start_lb, discovery):
    """follow_tcp(*flags): an lb that is told by `discovery` who serves db; `tcp` is where."""
    def start(*flags, names=("",), **options):
        port = free_port()
        lb = start_lb(*[f"--tcp=127.0.0.1:{port}{name}={name.strip('/').split('.')[0] or 'db'}"
                        for name in names], *discovery.flags, *flags, **options)
        lb.tcp = ("127.0.0.1", port)
        return lb
    return start


@pytest.fixture
def start_tcp(follow_tcp, discovery):
    """start_tcp(server, *flags): an lb that passes connections on to it; `tcp` is where."""
    def start(server, *flags, **options):
        lb = follow_tcp(*flags, **options)
        discovery.send_line(tcp_line({"one": server}))
        return lb.wait_ready()
    return start
