"""Connections to backends by https: kept, resumed, ended, cut, and what goes over them."""

import hashlib
import random
import socket
import ssl

import pytest

from secure_backend import say_end
from support.backend import OK, answer_each
from support.http import Truncated
from support.waiting import wait_for

CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
ASK = b"GET /ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
SIZE = 3_000_000
TLS_1_2 = {"maximum_version": ssl.TLSVersion.TLSv1_2}.items()
BOTH = pytest.mark.parametrize("context", [(), TLS_1_2], ids=["1.3", "1.2"])


@BOTH
def test_a_connection_serves_many(context, start_https, start_secure, connect):
    backend = start_secure(context=context)
    lb = start_https("--workers=1", backends=[backend])
    client = connect(lb)
    assert [client.get(f"/{n}").status for n in range(50)] == [200] * 50
    assert backend.used_connections() == 1
    page = lb.metrics()
    assert page.value("lb_upstream_tls_handshakes_total", result="ok") == 1  # a first contact is none of these
    assert page.value("lb_upstream_tls_handshakes_total", result="failed") == 0


@BOTH
def test_sessions_are_resumed(context, start_https, start_secure, papers, connect):
    """Also where certificates are verified: the session was."""
    backend = start_secure(script=one_each, context=context)
    lb = start_https("--workers=1", papers.flag, "--backend-ca=ca.pem", "--backend-name=b.test", backends=[backend])
    client = connect(lb)
    assert [client.get().status for _ in range(10)] == [200] * 10
    used = [seen.is_resumed for seen in backend.good()][-10:]
    assert used.count(True) >= 8, used
    page = lb.metrics()
    assert page.value("lb_upstream_tls_handshakes_total", result="ok") == 10
    assert page.value("lb_upstream_tls_resumed_total") == used.count(True)


def one_each(connection):
    connection.read_request()
    connection.send(CLOSING)
    say_end(connection)


def test_big_bodies_both_ways(start_https, start_secure, connect):
    def echo(connection):
        while True:
            request = connection.read_request()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(request.body) + request.body)
    backend = start_secure(script=echo)
    client = connect(start_https(backends=[backend]))
    noise = random.Random(5).randbytes(SIZE)
    for body in (noise, [noise[i:i + 70000] for i in range(0, SIZE, 70000)], b"", b"x"):
        answer = client.request("POST", body=body).read_response()
        sent = body if isinstance(body, bytes) else b"".join(body)
        assert hashlib.sha256(answer.body).digest() == hashlib.sha256(sent).digest()
    assert not backend.failures


def test_a_body_in_records_of_all_sizes(start_https, start_secure, connect):
    sizes = [1, 2, 3, 100, 5000, 16383, 16384, 16385, 40000, 1]
    noise = random.Random(6).randbytes(sum(sizes))

    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(noise))
        at = 0
        for size in sizes:
            connection.send(noise[at:at + size])
            at += size
        connection.read_request()
        connection.send(OK)
    client = connect(start_https(backends=[start_secure(script=script)]))
    assert client.get().body == noise
    assert client.get().body == b"ok"


def test_a_client_that_reads_slowly(start_https, start_secure, connect):
    """Pressure goes through to the backend, and nothing is lost."""
    noise = random.Random(7).randbytes(SIZE)
    backend = start_secure(script=b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE + noise)
    client = connect(start_https(backends=[backend]), receive_buffer=8192)
    assert client.get().body == noise


def test_continue(start_https, start_secure, connect):
    def script(connection):
        request = connection.read_head()
        assert request.get("Expect") == "100-continue"
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.read_body(request)
        connection.send(OK)
    client = connect(start_https(backends=[start_secure(script=script)]))
    client.send(b"POST / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
    assert client.read_head().status == 100
    client.send(b"hello")
    assert client.read_response().body == b"ok"


def close_delimited(connection):
    connection.read_request()
    connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf")


def test_an_end_that_is_said(start_https, start_secure, connect):
    """close_notify right behind an answer without a length: it is whole."""
    def script(connection):
        close_delimited(connection)
        say_end(connection)
    client = connect(start_https(backends=[start_secure(script=script)]))
    assert client.get().body == b"half"


def test_an_end_that_is_not_said(start_https, start_secure, connect):
    """Whoever cuts the connection could cut an answer: it is not passed on as a whole one."""
    lb = start_https(backends=[start_secure(script=close_delimited)])
    client = connect(lb).request()
    head = client.read_head()
    assert client.wire.take_cut_body(head)[-20:].find(b"half") >= 0
    lb.wait_total("ends", {"upstream_truncated": 1})


def test_an_end_that_is_not_said_behind_a_length(start_https, start_secure, connect):
    def script(connection):
        connection.read_request()
        connection.send(OK)
    client = connect(start_https(backends=[start_secure(script=script)]))
    assert [client.get().body for _ in range(5)] == [b"ok"] * 5


def test_an_answer_with_its_end_in_one_packet(start_https, start_secure, connect):
    """Answer, close_notify and FIN lie there together when lb looks."""
    backend = start_secure(script=one_each)
    client = connect(start_https(backends=[backend]))
    assert [client.get().body for _ in range(20)] == [b"ok"] * 20


def test_a_connection_that_the_backend_ends_between(start_https, start_secure, connect):
    """Idle, by close_notify and FIN: the next request takes another one, whatever its method."""
    backend = start_secure()
    client = connect(start_https("--workers=1", backends=[backend]))
    for number in range(5):
        assert client.request("POST", body=b"x").read_response().status == 200
        assert backend.used_connections() == number + 1
        used = backend.connections[-1]
        ended = used.sock
        say_end(used)
        used.end()
        wait_for(lambda ended=ended: ended.fileno() < 0, "it has ended")


def test_a_tunnel(start_https, start_secure, connect):
    def script(connection):
        connection.read_head()
        connection.send(SWITCH + b"hello")
        while data := connection.sock.recv(65536):
            connection.send(data)
        say_end(connection)
    lb = start_https(backends=[start_secure(script=script)])
    client = connect(lb).send(ASK)
    assert client.read_head().status == 101
    assert client.wire.take_exactly(5) == b"hello"
    noise = random.Random(8).randbytes(SIZE)
    for size in (1, 100, 70000, SIZE):
        client.send(noise[:size])
        assert client.wire.take_exactly(size) == noise[:size]
    client.half_close()
    assert client.ends()
    lb.wait_total("ends", {"ok": 1})


def test_a_tunnel_whose_backend_says_its_end(start_https, start_secure, connect):
    def script(connection):
        connection.read_head()
        connection.send(SWITCH + b"x" * 300000)
        say_end(connection)
    client = connect(start_https(backends=[start_secure(script=script)])).send(ASK)
    assert client.read_head().status == 101
    assert client.wire.take_all() == b"x" * 300000


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_handshake_that_fails_goes_elsewhere(method, start_https, start_secure, papers, connect):
    """Nothing was sent: any method. Whose certificate has become bad gets no requests after some of that."""
    good, bad = start_secure(), start_secure()
    lb = start_https(papers.flag, "--backend-ca=ca.pem", "--backend-name=b.test", "--upstream-keepalive=off",
                     "--eject-time=1m", backends=[good, bad])
    bad.context = papers.context("other")
    client = connect(lb)
    asked = 0
    while not lb.find_message("ejected"):
        assert client.request(method, body=b"x").read_response().status == 200
        asked += 1
        assert asked < 100
    assert good.request_count == asked - bad.request_count
    lb.wait_message(r"no connection by https: its certificate is for other\.test, not b\.test")
    assert lb.metrics().value("lb_upstream_tls_handshakes_total", result="failed") >= 3


def test_nobody_is_trusted(start_https, start_secure, papers, connect, tmp_path):
    backend = start_secure()
    lb = start_https(papers.flag, "--backend-ca=ca.pem", "--backend-name=b.test", "--upstream-keepalive=off",
                     "--eject-after=0", f"--access-log={tmp_path / 'log'}", backends=[backend])
    backend.context = papers.context("other")
    answer = connect(lb).get()
    assert answer.status == 502
    wait_for(lambda: '"upstream_tls"' in (tmp_path / "log").read_text(encoding="utf-8"), "a line with the reason")
    lb.wait_total("ends", {"upstream_tls": 1})


def test_a_backend_that_keeps_silent(start_lb, connect):
    """It accepts and shakes no hands: as one that accepts nobody."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        lb = start_lb(f"--backend=https://127.0.0.1:{silent.getsockname()[1]}", "--check-mode=tcp",
                      "--connect-timeout=50ms", "--last-connect-timeout=300ms")
        lb.wait_ready()
        assert connect(lb).get().status == 504
        lb.wait_total("ends", {"connect_timeout": 1})


def test_stray_bytes_behind_an_answer(start_https, start_secure, connect):
    """What nobody asked for is no answer to the next request."""
    def script(connection):
        while True:
            connection.read_request()
            connection.send(OK + OK.replace(b"ok", b"no"))
    client = connect(start_https("--workers=1", backends=[start_secure(script=script)]))
    assert [client.get().body for _ in range(4)] == [b"ok"] * 4


def test_answers_in_turn(start_https, start_secure, connect):
    bodies = [b"a" * n for n in (1, 20000, 3, 70000)]
    answers = [b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(b) + b for b in bodies]
    backend = start_secure(script=answer_each(*answers))
    client = connect(start_https("--workers=1", backends=[backend]))
    assert [client.get().body for _ in bodies] == bodies


def test_an_answer_that_is_cut(start_https, start_secure, connect):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        say_end(connection)
    client = connect(start_https(backends=[start_secure(script=script)])).request()
    with pytest.raises(Truncated):
        client.read_response()
