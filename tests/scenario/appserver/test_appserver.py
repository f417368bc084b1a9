"""What appserver answers: paths, framing, limits, hostile input, flags, log."""
import os
import random
import re
import socket
import subprocess
import threading
import time
import zlib

import pytest

from appserver_under_test import Appserver, alphabet, chunked, get, run, wait_until

GREETING = b"Hello World\nHi there, I'm served from demo!\n"


@pytest.fixture(scope="module")
def server():
    with Appserver() as running:
        yield running


def curl(*arguments):
    return subprocess.run(["curl", "-sS", "--max-time", "20", *arguments], capture_output=True)


# ---- the greeting -------------------------------------------------------------------------------

def test_root_is_the_greeting(server):
    answer = server.ask(get("/"))
    assert (answer.status, answer.reason, answer.body) == (200, "OK", GREETING)
    assert answer.fields == {"content-type": "text/plain; charset=utf-8",
                             "content-length": str(len(GREETING))}


def test_root_ignores_the_query_and_takes_absolute_targets(server):
    assert server.ask(get("/?a=b")).body == GREETING
    assert server.ask(get("http://demo/")).body == GREETING
    assert server.ask(get("http://demo")).body == GREETING
    assert server.ask(get("http://demo/healthz?x")).body == b"ok\n"


def test_name_is_the_hostname_unless_given():
    with Appserver(APPSERVER_NAME="from the environment") as server:
        assert server.ask(get("/")).body == GREETING  # the flag wins
    port = str(server.port)
    for env, name in ({}, socket.gethostname()), ({"APPSERVER_NAME": "naïve"}, "naïve"):
        process = subprocess.Popen(
            [server.process.args[0], "--no-log"], stderr=subprocess.DEVNULL,
            env={**os.environ, "APPSERVER_PORT": port, **env})
        try:
            wait_until(server_answers(port), "appserver answers")
            assert curl(f"http://127.0.0.1:{port}/").stdout.decode().endswith(f"from {name}!\n")
        finally:
            process.terminate()
            assert process.wait(15) == 0


def server_answers(port):
    return lambda: curl(f"http://127.0.0.1:{port}/healthz").stdout == b"ok\n"


def test_head_has_the_same_fields_and_no_body(server):
    for path in "/", "/healthz", "/bytes/1000", "/status/404", "/slow/3/0", "/nowhere":
        with server.client() as client:
            client.send(get(path))
            full = client.answer()
            client.send(get(path, method="HEAD") + get("/"))
            short = client.answer(head_only=True)
            assert short.raw_head == full.raw_head
            assert client.answer().body == GREETING


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


def test_chunk_extensions_and_trailers_are_passed_over(server):
    request = get("/echo", "Transfer-Encoding: chunked", method="POST")
    body = b"3;name=value\r\nabc\r\n0\r\nX-Trailer: t\r\n\r\n"
    with server.client() as client:
        client.send(request + body + get("/"))
        assert client.answer().body == request + b"abc"
        assert client.answer().body == GREETING


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
        client.send(get("/", "Expect: 100-continue"))  # without a body there is nothing to go on with
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
        assert client.answer().body == b"received %d bytes, adler32 %08x\n" % (total << 20, checksum)
        assert server.rss_kib() - before_kib < 8192


# ---- faults -------------------------------------------------------------------------------------

def test_delay(server):
    began = time.monotonic()
    assert server.ask(get("/delay/120")).body == b"waited\n"
    assert 0.12 <= time.monotonic() - began < 5


def test_delays_do_not_delay_others(server):
    with server.client() as slow:
        slow.send(get("/delay/5000"))
        began = time.monotonic()
        assert server.ask(get("/")).body == GREETING
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("code", [200, 201, 301, 404, 418, 500, 503, 599])
def test_status(server, code):
    answer = server.ask(get(f"/status/{code}"))
    assert answer.status == code
    assert answer.body.startswith(b"%d " % code)


@pytest.mark.parametrize("code,length", [(204, None), (205, "0"), (304, None)])
def test_status_without_a_body(server, code, length):
    with server.client() as client:
        client.send(get(f"/status/{code}") + get("/"))
        answer = client.answer()
        assert (answer.status, answer.fields.get("content-length")) == (code, length)
        assert client.answer().body == GREETING


@pytest.mark.parametrize("path", ["/status/199", "/status/600", "/status/", "/status/2x0",
                                  "/bytes/", "/bytes/-1", "/bytes/1e9", "/bytes/99999999999999999999",
                                  "/delay/3600001", "/delay/", "/slow/1", "/slow/1/", "/slow/x/1",
                                  "/slow/1/2/3", "/slow/1000001/1"])
def test_bad_arguments_are_named(server, path):
    answer = server.ask(get(path))
    assert answer.status == 400
    assert path[:path.index("/", 1)].encode() in answer.body


@pytest.mark.parametrize("path", ["/nowhere", "/bytes", "/healthz/", "//", "*"])
def test_unknown_paths(server, path):
    assert server.ask(get(path, method="OPTIONS")).status == 404


def test_drop(server):
    with server.client() as client:
        client.send(get("/drop"))
        assert client.at_end()
    assert curl(server.url("/drop")).returncode == 52  # "empty reply from server"


def test_slow_sends_piece_by_piece(server):
    with server.client() as client:
        began = time.monotonic()
        client.send(get("/slow/4/60"))
        answer = client.answer()
        assert [chunk for _, chunk in answer.chunks] == [b"piece %d of 4\n" % n for n in (1, 2, 3, 4)]
        for n, (when, _) in enumerate(answer.chunks):
            assert when - began >= n * 0.06
        client.send(get("/slow/0/60") + get("/slow/1/5000"))
        assert client.answer().body == b""
        assert client.answer().body == b"piece 1 of 1\n"


def test_health_switches():
    with Appserver() as server:
        assert server.ask(get("/healthz")).body == b"ok\n"
        refused = server.ask(get("/unhealthy"))
        assert (refused.status, refused.fields["allow"]) == (405, "POST")
        assert server.ask(get("/unhealthy", method="POST")).status == 200
        assert server.ask(get("/healthz")).status == 503
        assert server.ask(get("/")).status == 200
        assert server.ask(get("/healthy", method="POST")).status == 200
        assert server.ask(get("/healthz")).status == 200


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
        client.send(get("/", *upgrade) + get("/echo", *upgrade, "Content-Length: 3", method="POST") +
                    b"abc" + get("/ws?body", *upgrade, "Content-Length: 3") + b"abc" + get("/"))
        assert client.answer().body == GREETING
        assert client.answer().body.endswith(b"\r\n\r\nabc")
        assert client.answer().status == 400
        assert client.answer().body == GREETING


# ---- hostile input ------------------------------------------------------------------------------

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
             get("/ws", "Connection: Upgrade", "Upgrade: echo")]
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
    with Appserver(wrapper=["prlimit", "--nofile=40:40"]) as server:
        clients = [server.client() for _ in range(60)]
        for client in clients:
            client.sock.close()
        wait_until(lambda: curl(server.url("/")).stdout == GREETING, "it serves again")


# ---- log, flags, curl ---------------------------------------------------------------------------

def test_one_json_line_per_request():
    with Appserver() as server:
        with server.client() as client:
            client.send(get("/?x=\"q\"\\") + get("/bytes/1000") + get("/status/204") +
                        get("/delay/30", method="HEAD") + get("/drop"))
            client.read_to_end()
            port = client.sock.getsockname()[1]
        with server.client() as client:
            client.send(b"rubbish\r\n\r\n")
            client.read_to_end()
        wait_until(lambda: len(server.log_lines()) == 6, "six log lines")
        lines = server.log_lines()
        for line in lines:
            assert list(line) == ["time", "method", "path", "status", "bytes", "ms", "peer"]
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["time"])
        assert [(line["method"], line["path"], line["status"], line["bytes"]) for line in lines] == [
            ("GET", "/?x=\"q\"\\", 200, len(GREETING)), ("GET", "/bytes/1000", 200, 1000),
            ("GET", "/status/204", 204, 0), ("HEAD", "/delay/30", 200, 0),
            ("GET", "/drop", 0, 0), (None, None, 400, lines[5]["bytes"])]
        assert 30 <= lines[3]["ms"] < 5000
        assert lines[0]["peer"] == f"127.0.0.1:{port}"


def test_a_client_that_leaves_is_logged():
    with Appserver() as server:
        with server.client() as client:
            client.send(get("/upload", "Content-Length: 10", method="POST") + b"half")
        line = server.log_line("/upload")
        assert (line["method"], line["status"]) == ("POST", 0)


def test_no_log():
    with Appserver("--no-log") as server:
        assert server.ask(get("/")).body == GREETING
    assert server.log_lines() == []


def test_log_survives_a_closed_pipe():
    with Appserver() as server:
        pass
    process = subprocess.Popen([server.process.args[0], "--port", str(server.port), "--name", "demo"],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    process.stdout.close()
    try:
        wait_until(server_answers(server.port), "appserver answers")
        assert curl(server.url("/")).stdout == GREETING
    finally:
        process.terminate()
        assert process.wait(15) == 0


@pytest.mark.parametrize("arguments,says", [
    (["--port", "65536"], ["--port", "65536", "0 to 65535"]),
    (["--port", ""], ["--port", "0 to 65535"]),
    (["--port"], ["--port", "missing"]),
    (["--listen", "localhost:80"], ["--listen", "localhost:80", "IP:PORT"]),
    (["--name", ""], ["--name", "1 to 255 bytes"]),
    (["--name", "a\nb"], ["--name", "control characters"]),
    (["--keepalive-ms", "-1"], ["--keepalive-ms", "-1", "milliseconds"]),
    (["--linger-ms=1s"], ["--linger-ms", "1s", "milliseconds"]),
    (["--grace-ms", "86400001"], ["--grace-ms", "86400000"]),
    (["--wait-ms", "0"], ["--wait-ms", "at least 1"]),
    (["--wat"], ["--wat", "--help"]),
    (["-x"], ["-x", "--help"]),
    (["extra"], ["extra", "--help"]),
    (["--healthcheck", "nopath"], ["--healthcheck", "nopath", "/"]),
])
def test_bad_flags(arguments, says):
    result = run(*arguments)
    assert result.returncode == 2
    for word in says:
        assert word in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("name,value", [("APPSERVER_PORT", "x"), ("APPSERVER_NAME", "\t"),
                                        ("APPSERVER_LINGER_MS", "x")])
def test_bad_environment(name, value):
    result = run(**{name: value})
    assert result.returncode == 2
    assert name in result.stderr


def test_help_and_version():
    result = run("--help")
    assert result.returncode == 0
    for word in "--listen", "--no-drain", "--healthcheck", "/bytes/N", "APPSERVER_PORT", "8484":
        assert word in result.stdout
    result = run("--version")
    assert result.returncode == 0
    assert re.fullmatch(r"appserver \S+ \(libuv \S+, llhttp \S+\)\n", result.stdout)


def test_a_taken_port_is_an_error(server):
    result = run("--listen", f"127.0.0.1:{server.port}")
    assert result.returncode == 1
    assert str(server.port) in result.stderr and "--listen" in result.stderr


def test_ipv6():
    with Appserver(listen="::") as server:
        assert server.ask(get("/")).body == GREETING
        assert curl(f"http://127.0.0.1:{server.port}/").stdout == GREETING


def test_curl(server, tmp_path):
    assert curl(server.url("/")).stdout == GREETING
    assert curl("--http1.0", server.url("/")).stdout == GREETING
    assert curl("-I", server.url("/")).stdout.startswith(b"HTTP/1.1 200 OK\r\n")
    upload = tmp_path / "upload"
    upload.write_bytes(random.Random(6).randbytes(3000000))
    expected = b"received 3000000 bytes, adler32 %08x\n" % zlib.adler32(upload.read_bytes())
    assert curl("-T", str(upload), server.url("/upload")).stdout == expected
    assert curl("-T", str(upload), "-H", "Transfer-Encoding: chunked",
                server.url("/upload")).stdout == expected
    reused = curl("-w", "%{num_connects}", server.url("/healthz"), server.url("/healthz"))
    assert reused.stdout == b"ok\n1ok\n0"
