"""First contacts and checks of servers behind TCP and UDP listeners, whatever is said for those of HTTP."""

import socket

import pytest

from patient import CHECK_PATH
from support.discovery import line_of
from support.free_port import free_port
from support.waiting import wait_for

TYPES = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


@pytest.fixture
def server(cleanup):
    """server(kind, port): a socket of a server on loopback, which says nothing."""
    def start(kind, port=0):
        made = socket.socket(socket.AF_INET, TYPES[kind])
        cleanup.callback(made.close)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        if kind == "tcp":
            made.listen(64)
        made.settimeout(10)
        return made
    return start


@pytest.fixture
def serve(start_lb):
    """serve(kind, port, flag…): an lb with one server of that kind."""
    def start(kind, port, *flags):
        listener = f"--{kind}=127.0.0.1:{free_port()}=db"
        return start_lb(listener, f"--backend=db={kind}://127.0.0.1:{port}", *flags, is_ready=False)
    return start


def only(lb):
    endpoints = list(lb.endpoints().values())
    return endpoints[0] if len(endpoints) == 1 else {"state": f"{len(endpoints)} endpoints"}


def wait_state(lb, state):
    wait_for(lambda: only(lb)["state"] == state, f"it is {state}; it is {only(lb)}", 20)


@pytest.mark.parametrize("flags", [(), (f"--check-path={CHECK_PATH}",), ("--check-mode=http",)])
@pytest.mark.parametrize("kind", ["tcp", "udp"])
def test_a_silent_server_is_in_whatever_is_asked_of_http(kind, flags, server, serve):
    lb = serve(kind, server(kind).getsockname()[1], *flags)
    wait_state(lb, "ready")


@pytest.mark.parametrize("kind, told", [("tcp", "refused"), ("udp", "udp: nobody listens on that port")])
def test_a_port_that_nobody_has(kind, told, server, serve):
    port = free_port()
    lb = serve(kind, port)
    wait_for(lambda: told in only(lb).get("problem", ""), f"{told}; it is {only(lb)}")
    assert only(lb)["state"] == "probing"
    server(kind, port)
    wait_state(lb, "ready")


def test_udp_gets_an_empty_datagram_and_no_more(server, serve):
    one = server("udp")
    lb = serve("udp", one.getsockname()[1], "--check-interval=10ms", "--check-mode=tcp")
    wait_state(lb, "ready")
    assert one.recv(100) == b""
    one.settimeout(0.2)
    with pytest.raises(TimeoutError):
        one.recv(100)


def test_udp_that_goes_and_comes_back(server, serve):
    one = server("udp")
    port = one.getsockname()[1]
    lb = serve("udp", port, "--check-mode=udp", "--check-interval=20ms", "--check-fall=2", "--check-rise=1")
    wait_state(lb, "ready")
    one.close()
    wait_state(lb, "failing")
    assert only(lb)["problem"] == "udp: nobody listens on that port"
    server("udp", port)
    wait_state(lb, "ready")


def test_udp_that_is_asked_and_answers(server, serve):
    one = server("udp")
    lb = serve("udp", one.getsockname()[1], "--check-send=ping\\x00", "--check-expect=pong", "--check-interval=20ms",
               "--check-fall=1", "--check-rise=1", "--check-timeout=5s")
    for answer, state in ((b"pong!", "ready"), (b"gone", "failing"), (b"pong", "ready")):
        def once(answer=answer, state=state):
            question, peer = one.recvfrom(100)
            assert question == b"ping\0"
            one.sendto(answer, peer)
            return only(lb)["state"] == state
        wait_for(once, f"it is {state}")


@pytest.mark.parametrize("version, header", [
    ("v1", b"PROXY UNKNOWN\r\n"),
    ("v2", b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"),
])
@pytest.mark.parametrize("mode", ["tcp", "redis"])
def test_a_server_that_wants_a_proxy_header_gets_one(mode, version, header, server, serve):
    one = server("tcp")
    lb = serve("tcp", one.getsockname()[1], f"--proxy-protocol={version}", f"--check-mode={mode}", "--check-interval=20ms")
    words = b"PING\r\n" if mode == "redis" else b""
    for _ in range(3):
        client, _ = one.accept()
        with client:
            client.settimeout(10)
            said = b""
            while len(said) < len(header + words):
                said += client.recv(len(header + words) - len(said))
            assert said == header + words
            if mode == "redis":
                client.sendall(b"+PONG\r\n")
            else:
                assert client.recv(10) == b""
    wait_state(lb, "ready")
