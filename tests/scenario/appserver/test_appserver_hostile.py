"""Input that no client should send."""
import random
import socket

import pytest

from appserver_under_test import Appserver, GREETING, chunked, curl, get, wait_until


MALFORMED = {
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "unknown method": get("/", method="BREW"),
    "no Host": b"GET / HTTP/1.1\r\n\r\n",
    "two Hosts": get("/", "Host: other"),
    "folded field": get("/", "X-Folded: a", " b"),
    "space before the colon": get("/", "X-Field : a"),
    "no field name": get("/", ": a"),
    "control byte": get("/", "X-Field: a\x01b"),
    "NUL": get("/", "X-Field: a\x00b"),
    "bare LF": b"GET / HTTP/1.1\nHost: demo\n\n",
    "bad Content-Length": get("/", "Content-Length: 1x"),
    "signed Content-Length": get("/", "Content-Length: +1"),
    "two Content-Lengths": get("/", "Content-Length: 1", "Content-Length: 2"),
    "length and chunked": get("/", "Content-Length: 1", "Transfer-Encoding: chunked"),
    "chunked in 1.0": b"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunk size": get("/", "Transfer-Encoding: chunked") + b"xyz\r\n",
    "bad chunk end": get("/", "Transfer-Encoding: chunked") + b"1\r\nabc\r\n0\r\n\r\n",
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_input_is_refused_and_closed(server, case):
    with server.client() as client:
        client.send(MALFORMED[case] + get("/"))
        answer = client.answer()
        assert (answer.status, answer.fields["connection"]) == (400, "close")
        assert answer.body.startswith(b"400 Bad Request")
        assert client.at_end()


@pytest.mark.parametrize("request_bytes,status", [
    (get("/", version="HTTP/2.0"), 505),
    (get("/", "Transfer-Encoding: gzip, chunked"), 501),
    (b"CONNECT demo:80 HTTP/1.1\r\nHost: demo:80\r\n\r\n", 501),
])
def test_what_is_not_implemented(server, request_bytes, status):
    with server.client() as client:
        client.send(request_bytes)
        assert client.answer().status == status
        assert client.at_end()


def test_head_limit(server):
    def head_of(size):
        spare = size - len(get("/", "X-Filler: "))
        return get("/", "X-Filler: " + "f" * spare)

    assert len(head_of(16384)) == 16384
    assert server.ask(head_of(16384)).status == 200
    assert server.ask(head_of(16385)).status == 431
    with server.client() as client:  # an endless head, and an endless line
        client.send(b"GET /" + b"a" * 200000)
        assert client.answer().status == 431
    with server.client() as client:
        client.send(b"\r\n" * 20000)
        assert client.answer().status == 431


def test_random_bytes_never_stop_it(server):
    chance = random.Random(5)
    seeds = [*MALFORMED.values(), get("/echo", "Content-Length: 9", method="POST") + b"123456789",
             get("/echo", "Transfer-Encoding: chunked", method="POST") + chunked(b"abcdefgh", 3),
             get("/ws", "Connection: Upgrade", "Upgrade: echo"),
             get("/ws", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==") +
             bytes.fromhex("818537fa213d7f9f4d5158" "898037fa213d" "888037fa213d")]
    for _ in range(400):
        data = bytearray(chance.choice(seeds) * chance.choice([1, 1, 3]))
        for _ in range(chance.randrange(6)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        with server.client() as client:
            client.send(bytes(data[:chance.randrange(1, len(data) + 1)]))
            if chance.random() < 0.5:
                client.sock.shutdown(socket.SHUT_WR)
                try:
                    client.read_to_end()
                except ConnectionResetError:
                    pass
    assert server.ask(get("/")).body == GREETING


def test_more_connections_than_descriptors():
    """40 descriptors, 32 of them kept for other things: 8 connections."""
    with Appserver(wrapper=["prlimit", "--nofile=40:40"]) as server:
        clients = []
        for _ in range(8):
            clients.append(server.client())
            clients[-1].send(get("/"))
            assert clients[-1].answer().body == GREETING
        with server.client() as refused:
            assert refused.at_end()
        clients.pop().sock.close()
        wait_until(lambda: curl(server.url("/")).stdout == GREETING, "there is room for one")
        for client in clients:
            client.send(get("/"))
            assert client.answer().body == GREETING
            client.sock.close()
