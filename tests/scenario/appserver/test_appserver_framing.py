"""Requests and answers on one connection: order, bodies, another protocol."""
import random
import signal
import socket
import threading
import time
import zlib

import pytest

from appserver_under_test import Appserver, GREETING, alphabet, chunked, get


# ---- requests on one connection -----------------------------------------------------------------

def test_keep_alive(server):
    with server.client() as client:
        for _ in range(5):
            client.send(get("/"))
            assert client.answer().body == GREETING


def test_ten_pipelined_requests_in_one_segment(server):
    paths = [f"/bytes/{n * 17}" for n in range(9)] + ["/healthz"]
    with server.client() as client:
        client.send(b"".join(get(path) for path in paths))
        for n in range(9):
            assert client.answer().body == alphabet(n * 17)
        assert client.answer().body == b"ok\n"


def test_pipelining_more_than_any_buffer_holds(server):
    """The client reads nothing until its own sending is stuck for lack of room."""
    count = 30000
    rest = memoryview(get("/bytes/3000", "X-Filler: " + "f" * 500) * count)
    with server.client() as client:
        client.sock.settimeout(0.3)
        with pytest.raises(socket.timeout):
            while rest:
                rest = rest[client.sock.send(rest[:65536]):]
        before_kib = server.rss_kib()
        client.sock.settimeout(10)
        sender = threading.Thread(target=client.send, args=[rest])
        sender.start()
        for _ in range(count):
            assert client.answer().body == alphabet(3000)
        sender.join()
        assert server.rss_kib() - before_kib < 8192


def test_pipelined_requests_wait_for_a_delayed_one(server):
    with server.client() as client:
        client.send(get("/delay/50") + get("/slow/2/10") + get("/"))
        assert client.answer().body == b"waited\n"
        assert client.answer().body == b"piece 1 of 2\npiece 2 of 2\n"
        assert client.answer().body == GREETING


def test_a_request_byte_by_byte(server):
    body = b"0123456789"
    request = get("/echo", "Transfer-Encoding: chunked", method="POST") + chunked(body, 3)
    with server.client() as client:
        for byte in request:
            client.send(bytes([byte]))
        head = request[:request.index(b"\r\n\r\n") + 4]
        assert client.answer().body == head + body
        client.send(get("/"))
        assert client.answer().body == GREETING


def test_every_split_in_two_segments(server):
    request = get("/echo", "Content-Length: 5", method="POST") + b"hello"
    with server.client() as client:
        for at in range(1, len(request)):
            client.send(request[:at])
            time.sleep(0.0005)  # only makes two segments likely; the answer must be right anyway
            client.send(request[at:])
            assert client.answer().body == request


def test_connection_close_is_honoured(server):
    with server.client() as client:
        client.send(get("/", "Connection: close") + get("/healthz"))
        answer = client.answer()
        assert answer.fields["connection"] == "close"
        assert client.at_end()


def test_half_closed_client_gets_its_answers(server):
    with server.client() as client:
        client.send(get("/delay/30") + get("/"))
        client.sock.shutdown(socket.SHUT_WR)
        assert client.answer().body == b"waited\n"
        assert client.answer().body == GREETING
        assert client.at_end()


def test_http_1_0(server):
    with server.client() as client:
        client.send(b"GET / HTTP/1.0\r\n\r\n")
        answer = client.answer()
        assert (answer.body, answer.fields["connection"]) == (GREETING, "close")
        assert client.at_end()
    with server.client() as client:
        for _ in range(2):
            client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert client.answer().fields["connection"] == "keep-alive"
        client.send(b"GET /slow/3/5 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        answer = client.answer()
        assert "transfer-encoding" not in answer.fields
        assert answer.body == b"piece 1 of 3\npiece 2 of 3\npiece 3 of 3\n"


def test_keepalive_ms():
    with Appserver("--keepalive-ms", "0") as server, server.client() as client:
        client.send(get("/"))
        assert client.answer().fields["connection"] == "close"
        assert client.at_end()
    with Appserver("--keepalive-ms", "150") as server, server.client() as client:
        for _ in range(2):
            client.send(get("/"))
            assert "connection" not in client.answer().fields
        began = time.monotonic()
        assert client.at_end()
        assert 0.1 < time.monotonic() - began < 5


def test_wait_ms():
    with Appserver("--wait-ms", "200") as server:
        with server.client() as client:  # says nothing at all
            assert client.at_end()
        for part in get("/")[:20], get("/", "Content-Length: 9", method="POST") + b"half":
            with server.client() as client:
                client.send(part)
                answer = client.answer()
                assert (answer.status, answer.fields["connection"]) == (408, "close")
                assert client.at_end()
        with server.client() as client:  # the second request is not measured by --keepalive-ms
            client.send(get("/"))
            assert client.answer().status == 200
            client.send(get("/")[:20])
            assert client.answer().status == 408
        with server.client() as client:  # a byte now and then does not help
            began = time.monotonic()
            for byte in get("/", "X-Filler: " + "f" * 500):
                try:
                    client.send(bytes([byte]))
                except OSError:
                    break
                time.sleep(0.02)
            assert time.monotonic() - began < 5
        with server.client() as client:  # does not read
            client.send(get("/bytes/1000000000"))
            line = server.log_line("/bytes/1000000000")
            assert 0 < line["bytes"] < 1000000000


# ---- bodies -------------------------------------------------------------------------------------

def test_echo_gives_the_head_as_received(server):
    request = (b"PATCH /echo?q=%20 HTTP/1.1\r\nhOsT:demo\r\nX-Odd:   two  spaces \t\r\n"
               b"X-High: \xff\xfe\r\nX-Odd: again\r\nContent-Length: 4\r\n\r\nab\x00\xff")
    assert server.ask(request).body == request
    assert server.ask(b"\r\n\r\n" + get("/echo")).body == get("/echo")


def test_echo_takes_one_mebibyte_and_no_more(server):
    body = random.Random(1).randbytes(1 << 20)
    head = get("/echo", f"Content-Length: {len(body)}", method="PUT")
    assert server.ask(head + body).body == head + body
    with server.client() as client:
        client.send(get("/echo", f"Content-Length: {len(body) + 1}", method="PUT"))
        answer = client.answer()
        assert (answer.status, answer.fields["connection"]) == (413, "close")
    with server.client() as client:  # the answer survives all that is still being sent
        client.send(get("/echo", "Transfer-Encoding: chunked", method="PUT") +
                    chunked(body + body, 70001))
        assert client.answer().status == 413
        assert client.at_end()


@pytest.mark.parametrize("size", [1, 7, 4095, 65536])
def test_chunked_upload_split_at_odd_boundaries(server, size):
    chance = random.Random(size)
    body = chance.randbytes(20000 if size < 10 else 300000)
    stream = get("/upload", "Transfer-Encoding: chunked", method="POST") + chunked(body, size)
    with server.client() as client:
        while stream:
            cut = chance.choice([1, 2, 3, 5, 1000, 8191, 40000])
            client.send(stream[:cut])
            stream = stream[cut:]
        expected = b"received %d bytes, adler32 %08x\n" % (len(body), zlib.adler32(body))
        assert client.answer().body == expected


def test_a_head_that_ends_where_the_input_buffer_ends():
    """All of it is in the kernel before the server reads, so it comes in one piece of 64 KiB."""
    body = random.Random(2).randbytes(200000)
    with Appserver() as server, server.client() as client:
        head = get("/upload", f"Content-Length: {len(body)}", method="POST")
        filler = get("/", "X-Filler: " + "f" * 10000)
        last = get("/", "X-Filler: " + "f" * (65536 - 6 * len(filler) - len(head) -
                                             len(get("/", "X-Filler: "))))
        stream = filler * 6 + last + head
        assert len(stream) == 65536
        server.signal(signal.SIGSTOP)
        client.send(stream)
        server.signal(signal.SIGCONT)
        for _ in range(7):
            assert client.answer().body == GREETING
        client.send(body)
        assert client.answer().body == b"received 200000 bytes, adler32 %08x\n" % zlib.adler32(body)


def test_chunk_extensions_and_trailers_are_passed_over(server):
    request = get("/echo", "Transfer-Encoding: chunked", method="POST")
    body = b"3;name=value\r\nabc\r\n0\r\nX-Trailer: t\r\n\r\n"
    with server.client() as client:
        client.send(request + body + get("/"))
        assert client.answer().body == request + b"abc"
        assert client.answer().body == GREETING


def test_a_length_of_zero_is_no_body(server):
    for length in "0", "00":
        assert server.ask(get("/", f"Content-Length: {length}", method="POST")).body == GREETING


def test_any_path_reads_and_discards_a_body(server):
    with server.client() as client:
        for path, status in ("/", 200), ("/nowhere", 404), ("/status/503", 503):
            client.send(get(path, "Content-Length: 100000", method="POST") + b"x" * 100000)
            assert client.answer().status == status


def test_expect_100_continue(server):
    with server.client() as client:
        client.send(get("/echo", "Content-Length: 2", "Expect: 100-continue", method="POST"))
        assert client.answer().status == 100
        client.send(b"ok")
        assert client.answer().body.endswith(b"\r\n\r\nok")
        expecting = get("/echo", "Content-Length: 2", "Expect: 100-continue", method="POST")
        client.send(expecting + b"ok")
        assert client.answer().status == 200  # the body was there already
        client.send(get("/", "Expect: 100-continue"))  # nothing to go on with
        assert client.answer().status == 200
    assert server.ask(get("/", "Expect: a-miracle")).status == 417
    assert server.ask(get("/echo", "Content-Length: 2000000", "Expect: 100-continue",
                          method="POST")).status == 413


@pytest.mark.parametrize("count", [0, 1, 25, 26, 27, 106495, 106496, 106497, 30000001])
def test_bytes_are_the_alphabet(server, count):
    assert server.ask(get(f"/bytes/{count}")).body == alphabet(count)


def test_a_reader_that_stops_costs_no_memory(server):
    with server.client() as client:
        before_kib = server.rss_kib()
        client.send(get(f"/bytes/{16 << 30}"))
        client.read_until(b"\r\n\r\n")
        taken = 0
        while taken < 40 << 20:
            data = client.read_exactly(26 * 4096)
            assert data == alphabet(26 * 4096)
            taken += len(data)
        time.sleep(0.2)  # the server would fill its memory now
        assert server.rss_kib() - before_kib < 8192
        assert server.ask(get("/")).body == GREETING
    assert server.ask(get(f"/bytes/{16 << 30}", method="HEAD"),
                      head_only=True).fields["content-length"] == str(16 << 30)


def test_a_large_upload_costs_no_memory(server):
    block = random.Random(3).randbytes(1 << 20)
    total = 200
    with server.client() as client:
        client.send(get("/upload", f"Content-Length: {total << 20}", method="PUT"))
        before_kib = server.rss_kib()
        checksum = 1
        for _ in range(total):
            client.send(block)
            checksum = zlib.adler32(block, checksum)
        expected = b"received %d bytes, adler32 %08x\n" % (total << 20, checksum)
        assert client.answer().body == expected
        assert server.rss_kib() - before_kib < 8192


# ---- another protocol ---------------------------------------------------------------------------

def test_upgrade_echoes_bytes(server):
    data = random.Random(4).randbytes(3 << 20)
    with server.client() as client:
        client.send(get("/ws", "Connection: keep-alive, Upgrade", "Upgrade: chat/2") + b"early")
        answer = client.answer()
        assert (answer.status, answer.fields["upgrade"]) == (101, "chat/2")
        assert answer.fields["connection"].lower() == "upgrade"
        assert client.read_exactly(5) == b"early"
        for at in range(0, len(data), 100000):
            client.send(data[at:at + 100000])
            assert client.read_exactly(len(data[at:at + 100000])) == data[at:at + 100000]
        client.send(get("/"))
        assert client.read_exactly(len(get("/"))) == get("/")
        client.sock.shutdown(socket.SHUT_WR)
        assert client.at_end()
    line = server.log_line("/ws")
    assert (line["status"], line["bytes"]) == (101, len(data) + 5 + len(get("/")))


def test_a_tunnel_that_nobody_reads_costs_no_memory(server):
    with server.client() as client:
        client.send(get("/ws", "Connection: Upgrade", "Upgrade: echo", "X-Case: unread"))
        assert client.answer().status == 101
        before_kib = server.rss_kib()
        client.sock.settimeout(0.5)
        with pytest.raises(socket.timeout):
            while True:
                client.send(b"x" * 65536)
        assert server.rss_kib() - before_kib < 8192


@pytest.mark.parametrize("fields", [[], ["Upgrade: echo"], ["Connection: Upgrade"],
                                    ["Connection: Upgrade", "Upgrade: h2c"],
                                    ["Connection: Upgrade", "Upgrade: H2C"],
                                    ["Connection: Upgrade", "Upgrade: a, b"],
                                    ["Connection: Upgrade", "Upgrade: " + "x" * 65]])
def test_no_upgrade_without_one_good_protocol(server, fields):
    with server.client() as client:
        client.send(get("/ws?no", *fields) + get("/"))
        answer = client.answer()
        assert (answer.status, answer.fields["upgrade"]) == (426, "echo")
        assert client.answer().body == GREETING


def test_upgrade_is_ignored_elsewhere_and_with_a_body(server):
    upgrade = ["Connection: Upgrade", "Upgrade: echo"]
    with server.client() as client:
        client.send(get("/", *upgrade) +
                    get("/echo", *upgrade, "Content-Length: 3", method="POST") + b"abc" +
                    get("/ws?body", *upgrade, "Content-Length: 3") + b"abc" + get("/"))
        assert client.answer().body == GREETING
        assert client.answer().body.endswith(b"\r\n\r\nabc")
        assert client.answer().status == 400
        assert client.answer().body == GREETING
