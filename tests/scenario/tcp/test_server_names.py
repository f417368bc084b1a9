"""One port for several services, by the server name that a client's TLS asks for; lb has no key of theirs."""

import socket
import ssl
import subprocess

import pytest

from support.tcp import is_reset, say, take
from support.discovery import endpoint, route_line


@pytest.fixture(name="secret", scope="module")
def make_secret(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key",
                    "-out", folder / "cert", "-days", "2", "-subj", "/CN=test"], check=True,
                   capture_output=True)
    return folder


@pytest.fixture(name="tls_server")
def make_tls_server(start_server, secret):
    """tls_server(word): says it to whoever speaks TLS with it."""
    def start(word):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(secret / "cert", secret / "key")

        def script(sock):
            with context.wrap_socket(sock, server_side=True) as wrapped:
                wrapped.sendall(word)
                wrapped.recv(1)
        return start_server(script)
    return start


def ask(address, name, dial):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with context.wrap_socket(dial(address), server_hostname=name) as wrapped:
        return wrapped.recv(100)


def line_of(**servers):
    return route_line({name: [endpoint(name, server.address, protocol="tcp", container=name)]
                       for name, server in servers.items()}, [])


def test_each_name_has_its_service(follow_tcp, discovery, tls_server, start_server, dial):
    lb = follow_tcp("--head-timeout=500ms", names=("/a.test", "/b.test", ""))
    discovery.send_line(line_of(a=tls_server(b"this is a"), b=tls_server(b"this is b"),
                          db=start_server(say(b"220 plain"))))
    lb.wait_ready(3)
    assert ask(lb.tcp, "a.test", dial) == b"this is a"
    assert ask(lb.tcp, "B.test", dial) == b"this is b"
    assert take(dial(lb.tcp), 9) == b"220 plain"  # it is waited for whoever waits
    plain = dial(lb.tcp)
    plain.sendall(b"SELECT")
    assert take(plain, 15) == b"220 plainSELECT"


def test_a_name_of_nobody_is_reset(follow_tcp, discovery, tls_server, dial):
    lb = follow_tcp(names=("/a.test",))
    discovery.send_line(line_of(a=tls_server(b"this is a")))
    lb.wait_ready()
    with pytest.raises((ConnectionResetError, ssl.SSLError, BrokenPipeError)):
        ask(lb.tcp, "c.test", dial)
    plain = dial(lb.tcp)
    plain.sendall(b"SELECT")
    assert is_reset(plain)
    assert ask(lb.tcp, "a.test", dial) == b"this is a"


def test_a_hello_that_trickles_in(follow_tcp, discovery, tls_server, dial):
    lb = follow_tcp(names=("/a.test",))
    discovery.send_line(line_of(a=tls_server(b"this is a")))
    lb.wait_ready()
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    tls = context.wrap_bio(incoming, outgoing, server_hostname="a.test")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    sock = dial(lb.tcp)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    hello = outgoing.read()
    for i in range(0, len(hello), 40):
        sock.sendall(hello[i:i + 40])
    while True:
        try:
            assert tls.read(9) == b"this is a"
            break
        except ssl.SSLWantReadError:
            if outgoing.pending:
                sock.sendall(outgoing.read())
            incoming.write(sock.recv(65536))
