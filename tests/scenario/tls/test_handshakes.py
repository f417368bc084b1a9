"""Handshakes that are slow, many, in pieces, or behind a PROXY header."""

import socket
import ssl
import time

import pytest

from support.client import RawClient
from support.tls import TlsClient, context_of
from support.waiting import wait_for


def hello_of(name="a.test"):
    """The first bytes of a client."""
    out = ssl.MemoryBIO()
    tls = context_of().wrap_bio(ssl.MemoryBIO(), out, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return out.read()


def shake_in_pieces(sock, context, size):
    """Shakes hands, and says each message in pieces of that size."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="a.test")
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        try:
            tls.do_handshake()
            is_done = True
        except ssl.SSLWantReadError:
            is_done = False
        said = outgoing.read()
        for at in range(0, len(said), size):
            sock.sendall(said[at:at + size])
        if is_done:
            return tls, incoming, outgoing
        got = sock.recv(65536)
        assert got, "lb has hung up"
        incoming.write(got)


@pytest.mark.parametrize("version", (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3))
def test_byte_by_byte(version, start_tls, ca, connect):
    tls = start_tls()
    sock = connect(tls.address).sock
    session, incoming, outgoing = shake_in_pieces(sock, context_of(ca, version, version), 1)
    session.write(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
    for byte in outgoing.read():
        sock.sendall(bytes([byte]))
    while got := sock.recv(65536):
        incoming.write(got)
    assert session.read(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_one_that_does_not_go_on_is_closed(start_tls, connect):
    tls = start_tls("--tls-handshake-timeout=500ms")
    silent, begun = connect(tls.address), connect(tls.address)
    begun.send(hello_of()[:100])
    assert silent.ends() and begun.ends()
    tls.wait_count(2, reason="timeout")
    tls.lb.wait_message("it was not over in time")
    assert tls.get().status == 200


def test_one_that_goes_away_is_counted_and_not_told(start_tls, connect):
    tls = start_tls()
    client = connect(tls.address)
    client.send(hello_of()[:100]).close()
    tls.wait_count(1, reason="client_gone")
    assert not any("TLS handshake" in message for message in tls.lb.messages())


def test_five_hundred_half_open_ones_beside_requests(start_tls, connect):
    tls = start_tls("--tls-handshake-timeout=5m")  # however busy the machine is
    hello = hello_of()
    for i in range(500):
        client = connect(tls.address)
        if i % 2:
            client.send(hello[:1 + i % len(hello)] if i % 3 else hello)
    wait_for(lambda: tls.lb.metrics().value("lb_tls_handshakes_running") >= 400, "they are under way")
    with RawClient(tls.lb.address) as plain, tls.connect() as kept:
        for _ in range(50):
            assert plain.get().status == 200
            assert kept.get(host="a.test").status == 200
            assert tls.get().status == 200
    assert tls.count(result="failed") == 0


def test_above_the_bound_the_longest_gives_way(start_tls, connect):
    tls = start_tls("--max-handshakes=4", "--workers=1", "--tls-handshake-timeout=1m")
    held = [connect(tls.address) for _ in range(4)]
    wait_for(lambda: tls.lb.metrics().value("lb_tls_handshakes_running") == 4, "all places are taken")
    begun = time.monotonic()
    with tls.connect() as client:  # it waits for its turn, and takes that of the first
        assert 0.9 < time.monotonic() - begun < 20
        assert client.get(host="a.test").status == 200
    assert held[0].ends()
    tls.wait_count(1, reason="gave_way")
    assert all(client.is_silent() for client in held[1:])
    tls.lb.wait_message("it had been under way for longest")
    assert tls.get().status == 200  # by the place that has become free


def test_a_burst_above_the_bound_waits(start_tls):
    """Nobody gives way who is quick."""
    tls = start_tls("--max-handshakes=2", "--workers=1")
    socks = [socket.create_connection(tls.address, 30) for _ in range(40)]
    context = context_of(tls.ca)
    # The first two keep their places for a moment, all others are behind them.
    wait_for(lambda: tls.lb.metrics().value("lb_tls_handshakes_waiting") == 38, "they wait")
    for sock in socks:
        with context.wrap_socket(sock, server_hostname="a.test") as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 200 OK")
    tls.wait_count(40, result="ok")
    assert tls.count(result="failed") == 0


def test_what_came_with_a_proxy_header_waits_too(start_tls, connect):
    tls = start_tls("--max-handshakes=1", "--workers=1", "--proxy-protocol-from=127.0.0.0/8")
    first = connect(tls.address)
    first.send(HEADER)
    wait_for(lambda: tls.lb.metrics().value("lb_tls_handshakes_running") == 1, "the place is taken")
    second = connect(tls.address)
    second.send(HEADER + hello_of())
    wait_for(lambda: tls.lb.metrics().value("lb_tls_handshakes_waiting") == 1, "it waits")
    first.close()
    assert second.sock.recv(3) == b"\x16\x03\x03"


# ---- behind a balancer, and limits ----------------------------------------------------------------------------------------

HEADER = b"PROXY TCP4 192.0.2.9 192.0.2.1 4711 443\r\n"


def test_a_proxy_header_comes_before_tls(start_tls, start_backend):
    backend = start_backend()
    tls = start_tls("--proxy-protocol-from=127.0.0.0/8", backends=[backend])
    with tls.connect(before=HEADER) as client:
        assert client.get(host="a.test").status == 200
    assert backend.requests[-1].get("X-Forwarded-For") == "192.0.2.9"
    sock = socket.create_connection(tls.address, 30)
    for byte in HEADER + hello_of():  # in pieces, and in one with the ClientHello
        sock.sendall(bytes([byte]))
    assert sock.recv(3) == b"\x16\x03\x03"
    sock.close()
    sock = socket.create_connection(tls.address, 30)
    sock.sendall(HEADER + hello_of())
    assert sock.recv(3) == b"\x16\x03\x03"
    sock.close()


def test_a_wrong_proxy_header_is_closed(start_tls):
    tls = start_tls("--proxy-protocol-from=127.0.0.0/8")
    with pytest.raises((ssl.SSLError, OSError)):
        tls.connect(before=b"PROXY TCP4 nonsense\r\n")
    assert tls.get().status == 200  # a loopback address may do without


def test_a_proxy_header_that_does_not_come_is_closed(start_tls, connect):
    """Without a word, as the client would not understand one."""
    tls = start_tls("--proxy-protocol-from=127.0.0.0/8", "--head-timeout=300ms")
    client = connect(tls.address)
    client.send(HEADER[:10])
    assert client.ends()
    tls.wait_count(1, reason="timeout")


def test_too_many_of_one_address_are_told(start_tls):
    tls = start_tls("--max-per-client=2")
    first, second = tls.connect(), tls.connect()
    with tls.connect() as third:
        answer = third.read_response()
        assert answer.status == 503 and b"Too many connections from your address" in answer.body
    first.close()
    second.close()
    wait_for(lambda: tls.lb.metrics().value("lb_client_connections") == 0, "they are gone")
    assert tls.get().status == 200


def test_one_that_is_idle_gives_way_to_one_by_tls(start_tls):
    tls = start_tls("--max-connections=2", "--workers=1")
    with RawClient(tls.lb.address) as plain, tls.connect() as client:
        assert plain.get().status == 200
        assert client.get(host="a.test").status == 200
        assert tls.get().status == 200
        assert plain.ends()


def test_an_idle_one_is_closed_with_a_word(start_tls):
    """By close_notify, so that it knows that nothing is missing."""
    tls = start_tls("--idle-timeout=300ms")
    with tls.connect() as client:
        assert client.get(host="a.test").status == 200
        assert client.sock.recv(1) == b""  # an end without the word is an SSLEOFError


def test_the_name_is_shown_in_any_letters(start_tls):
    tls = start_tls()
    assert TlsClient(tls.address, "A.TEST", ca=None).get(host="a.test").status == 200
