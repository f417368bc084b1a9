"""Bodies pass whole and intact, both ways, in every framing."""

import random
import zlib

import pytest

from support.backend import answer_each

SIZES = [0, 1, 65535, 65536, 65537, 5 << 20]


def noise(size):
    return random.Random(size).randbytes(size)


def pieces_of(body, seed=1):
    """The body cut into chunks of very different sizes."""
    rng, at, pieces = random.Random(seed), 0, []
    while at < len(body):
        size = rng.choice([1, 2, 100, 4096, 65536, 200000])
        pieces.append(body[at:at + size])
        at += size
    return pieces


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_upload(framing, size, start_lb, start_backend, connect):
    body = noise(size)
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    for _ in range(2):
        client.request("POST", body=body if framing == "length" else pieces_of(body))
        assert client.read_response().body == b"ok"
    for request in backend.requests:
        assert request.framing == framing
        assert request.body == body
    assert backend.used_connections() == 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_download(framing, size, start_lb, start_backend, connect):
    body = noise(size)
    if framing == "length":
        script = answer_each(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + body)
    elif framing == "chunked":
        script = answer_each(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(
            b"%X\r\n%s\r\n" % (len(p), p) for p in pieces_of(body)) + b"0\r\n\r\n")
    else:
        def script(connection):
            connection.read_request()
            connection.send(b"HTTP/1.1 200 OK\r\n\r\n" + body)
    client = connect(start_lb(backends=[start_backend(script)]))
    for _ in range(2):
        response = client.get()
        assert response.framing == ("length" if framing == "length" else "chunked")
        assert response.body == body


@pytest.mark.parametrize("size", SIZES)
def test_appserver_agrees_on_the_checksum(size, start_lb, start_appserver, connect):
    body = noise(size)
    lb = start_lb(backends=[start_appserver("one")])
    client = connect(lb)
    for sent in (body, pieces_of(body)):
        answer = client.request("PUT", "/upload", body=sent).read_response().body.decode()
        assert answer == f"received {size} bytes, adler32 {zlib.adler32(body):08x}\n"
    expected = (b"abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size]
    assert client.get(f"/bytes/{size}").body == expected
    lb.wait_total("requests", 3)
    lb.wait_total("request_body_bytes", 2 * size)


def test_chunks_in_ugly_pieces(start_lb, start_backend, connect):
    """Extensions go, body and trailers stay, wherever the segments are cut."""
    backend = start_backend()
    client = connect(start_lb(backends=[backend]))
    message = (b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
               b"3;a=\"b c\"\r\nabc\r\n0001\r\nd\r\n0a\r\nefghijklmn\r\n"
               b"0\r\nX-Trailer: 1\r\nContent-Type: late\r\nX-Other: \r\n\r\n")
    for size in (1, 2, 3, 5, 7, len(message)):
        for at in range(0, len(message), size):
            client.send(message[at:at + size])
        assert client.read_response().body == b"ok"
    assert [r.body for r in backend.requests] == [b"abcdefghijklmn"] * 6
    for request in backend.requests:
        assert request.trailers[0] == b"X-Trailer: 1\r\n"


def test_trailers_of_a_response(start_lb, start_backend, connect):
    answer = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
              b"2\r\nok\r\n0\r\nX-Sum: 1\r\nTransfer-Encoding: evil\r\n\r\n")
    client = connect(start_lb(backends=[start_backend(answer)]))
    for _ in range(2):
        response = client.get(fields=["TE: trailers", "Connection: TE"])
        assert (response.body, response.trailers) == (b"ok", [b"X-Sum: 1\r\n"])
    assert client.get(version="1.0").body == b"ok"


def test_both_directions_at_once(start_lb, start_backend, connect):
    """The answer is on its way while the request's body still comes."""
    def script(connection):
        connection.read_head()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(20):
            piece = connection.wire.take_exactly(1000)
            connection.send(b"3e8\r\n" + piece + b"\r\n")
        connection.send(b"0\r\n\r\n")
        connection.wait_end()

    client = connect(start_lb(backends=[start_backend(script)]))
    client.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 20000\r\n\r\n")
    assert client.read_head().status == 200
    got = b""
    for i in range(20):
        piece = noise(1000 + i)[:1000]
        client.send(piece)
        while len(got) < 1000 * (i + 1):
            size = int(client.wire.take_until(b"\r\n"), 16)
            got += client.wire.take_exactly(size)
            assert client.wire.take_exactly(2) == b"\r\n"
        assert got[-1000:] == piece
    assert client.wire.take_until(b"\r\n\r\n") == b"0\r\n\r\n"
