"""Large bodies of known length go through pipes inside the kernel. Nobody may notice: bytes, counts,
deadlines, cut-offs and what follows on the connection are those of a copied body."""

import functools
import hashlib
import os
import random
import resource
import signal
import socket

import pytest

from support.http import Truncated
from support.waiting import wait_for, wait_until_still

MIB = 1 << 20
WORTH_IT = 131072  # so much must be left of a body
TOO_MUCH_TO_KEEP = 70000  # of a request, so that it cannot be sent again
PIPES_MAX = 128
SMALL = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@functools.cache
def body_of(size):
    """Bytes without a pattern: what is missing, twice or in the wrong place shows."""
    return random.Random(size).randbytes(size)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def open_descriptors(lb):
    return set(map(int, os.listdir(f"/proc/{lb.proxy_pid}/fd")))


def pipe_count(lb):
    """Pipes that lb has opened since it started: two descriptors each."""
    folder = f"/proc/{lb.proxy_pid}/fd"  # found once: that takes its time on a busy machine

    def is_pipe(fd):
        try:
            return os.readlink(f"{folder}/{fd}").startswith("pipe:")
        except FileNotFoundError:
            return False
    return sum(map(is_pipe, os.listdir(folder))) // 2


@pytest.fixture(name="start")
def make_start(start_lb):
    """lb with one worker; pipes(lb) are those that bodies go through."""
    def start(backend, *flags, **options):
        lb = start_lb("--workers=1", *flags, backends=[backend], **options)
        lb.first_pipe_count = pipe_count(lb)
        return lb
    return start


def pipes(lb):
    return pipe_count(lb) - lb.first_pipe_count


def wait_pipes(lb, count):
    """The last bytes that are copied may arrive before the pipe is there."""
    wait_for(lambda: pipes(lb) == count, f"{count} pipes are in use")


def response_head(size):
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size


def request_head(size, method="POST"):
    return f"{method} / HTTP/1.1\r\nHost: test\r\nContent-Length: {size}\r\n\r\n".encode()


class Steps:
    """What the test tells the backend's script to do next."""

    def __init__(self):
        self.done = set()

    def allow(self, word):
        self.done.add(word)

    def wait(self, word):
        wait_for(lambda: word in self.done, word)


@pytest.fixture(name="steps")
def make_steps():
    return Steps()


def download(size, steps, sent=None):
    """A script: the head, then on "body" so much of the body, then on "end" whatever `size` lacks."""
    body = body_of(size)[:sent]  # made now: it takes longer than some deadlines

    def script(connection):
        while True:
            connection.read_request()
            connection.send(response_head(size))
            steps.wait("body")
            connection.send(body)
            if sent is not None:
                steps.wait("end")
                return
    return script


# ---- both directions, around the size from which it is worth it


@pytest.mark.parametrize("size", [WORTH_IT - 1, WORTH_IT, WORTH_IT + 1, 5 * MIB + 3])
def test_download(size, start, start_backend, connect, steps):
    backend = start_backend(download(size, steps))
    lb = start(backend)
    client = connect(lb).request()
    assert client.read_head().status == 200
    wait_pipes(lb, 1 if size >= WORTH_IT else 0)
    steps.allow("body")
    assert digest(client.wire.take_exactly(size)) == digest(body_of(size))
    assert digest(client.get().body) == digest(body_of(size))  # both connections go on
    assert backend.used_connections() == 1
    lb.wait_total("response_body_bytes", 2 * size)
    lb.wait_total("ends", {"ok": 2})


@pytest.mark.parametrize("left", [WORTH_IT - 1, WORTH_IT, WORTH_IT + 1, 5 * MIB + 3])
def test_upload_and_a_request_behind_it(left, start, start_backend, connect):
    def script(connection):
        message = connection.read_head()
        first.append(connection.wire.take_exactly(TOO_MUCH_TO_KEEP))
        received.append(first[0] + connection.wire.take_exactly(left))
        connection.send(SMALL)
        received.append(connection.read_body(connection.read_head()).body)
        connection.send(SMALL)
        connection.wait_end()
        assert message.get("Content-Length") == str(size)

    first, received = [], []
    size = TOO_MUCH_TO_KEEP + left
    backend = start_backend(script)
    lb = start(backend)
    client = connect(lb).send(request_head(size) + body_of(size)[:TOO_MUCH_TO_KEEP])
    wait_for(lambda: first, "the backend has the first part")
    wait_pipes(lb, 1 if left >= WORTH_IT else 0)
    client.send(body_of(size)[TOO_MUCH_TO_KEEP:] + request_head(3) + b"abc")
    assert client.read_response().body == b"ok"
    assert client.read_response().body == b"ok"
    assert digest(received[0]) == digest(body_of(size))
    assert received[1] == b"abc"
    lb.wait_total("request_body_bytes", size + 3)
    lb.wait_total("ends", {"ok": 2})


def test_upload_that_can_be_sent_again_is_copied(start, start_backend, connect):
    """Only what is too much to be kept goes through a pipe, so that retries are what they were."""
    def script(connection):
        while True:
            if connection.read_head().method == "POST":
                for count in (1000, 1000, size - 2000):
                    received.append(connection.wire.take_exactly(count))
            connection.send(SMALL)

    size = 300000
    received = []
    lb = start(start_backend(script))
    client = connect(lb).send(request_head(size) + body_of(size)[:1000])
    for part in (1, 2):
        wait_for(lambda part=part: len(received) == part, "the backend has all so far")
        assert connect(lb).get().status == 200  # the one worker has nothing left to do
        assert pipes(lb) == 0
        client.send(body_of(size)[1000:2000] if part == 1 else body_of(size)[2000:])
    assert client.read_response().body == b"ok"
    assert digest(b"".join(received)) == digest(body_of(size))


def test_echo_of_a_large_body(start, start_backend, connect):
    """Both directions of one exchange at once."""
    size = 8 * MIB

    def script(connection):
        connection.read_head()
        connection.send(response_head(size))
        left = size
        while left > 0:
            piece = connection.wire.take_exactly(min(left, 50000))
            connection.send(piece)
            left -= len(piece)
        connection.wait_end()

    lb = start(start_backend(script))
    client = connect(lb).send(request_head(size))
    assert client.read_head().status == 200
    got = []
    for at in range(0, size, 50000):
        piece = body_of(size)[at:at + 50000]
        client.send(piece)
        got.append(client.wire.take_exactly(len(piece)))
    assert digest(b"".join(got)) == digest(body_of(size))
    wait_pipes(lb, 2)
    lb.wait_total("ends", {"ok": 1})


def test_http_1_0_and_head(start, start_backend, connect, steps):
    size = MIB
    steps.allow("body")
    lb = start(start_backend(download(size, steps)))
    client = connect(lb).request(version="1.0")
    assert digest(client.read_response().body) == digest(body_of(size))
    assert client.ends()


# ---- many, and none to be had


def test_more_than_there_are_pipes(start, start_appserver, connect):
    size, count = 4 * MIB, PIPES_MAX + 30
    lb = start(start_appserver("one"), "--body-timeout=1h")  # the last waits for all others
    clients = [connect(lb, receive_buffer=4096).request("GET", f"/bytes/{size}")
               for _ in range(count)]
    for client in clients:
        assert client.read_head().status == 200
    wait_pipes(lb, PIPES_MAX)
    expected = digest((bytes(range(ord("a"), ord("z") + 1)) * (size // 26 + 1))[:size])
    for client in clients:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MIB)
        assert digest(client.wire.take_exactly(size)) == expected
    lb.wait_total("response_body_bytes", count * size)
    assert pipes(lb) <= 16  # a few are kept
    lb.wait_total("ends", {"ok": count})


def test_no_descriptors_left(start, start_backend, connect, steps):
    size = 5 * MIB
    lb = start(start_backend(download(size, steps)))
    steps.allow("body")
    before = wait_until_still(lambda: open_descriptors(lb), "what asked lb is gone")
    client = connect(lb)
    client.send(b"GET / HTTP/1.1\r\nHost: te")
    wait_for(lambda: len(open_descriptors(lb)) > len(before), "the client is in")
    used = wait_until_still(lambda: open_descriptors(lb), "its worker has what a first client needs")
    free = min(set(range(1000)) - used)
    resource.prlimit(lb.proxy_pid, resource.RLIMIT_NOFILE, (free + 1, 20000))  # one, for the backend
    client.send(b"st\r\n\r\n")
    assert digest(client.read_response().body) == digest(body_of(size))
    assert pipes(lb) == 0
    resource.prlimit(lb.proxy_pid, resource.RLIMIT_NOFILE, (20000, 20000))
    assert digest(client.get().body) == digest(body_of(size))
    wait_pipes(lb, 1)


# ---- whoever goes away in the middle


@pytest.mark.parametrize("how", ["close", "reset"])
def test_backend_cuts_off_its_answer(how, start, start_backend, connect, steps):
    size, sent = 4 * MIB, MIB

    def script(connection):
        download(size, steps, sent)(connection)
        getattr(connection, how)()

    lb = start(start_backend(script))
    client = connect(lb).request()
    head = client.read_head()
    steps.allow("body")
    got = client.wire.take_exactly(sent)
    assert digest(got) == digest(body_of(size)[:sent])
    wait_pipes(lb, 1)
    steps.allow("end")
    assert client.wire.take_cut_body(head, got) == got
    lb.wait_total("ends", {"upstream_truncated": 1})
    lb.wait_total("response_body_bytes", sent)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_client_leaves_its_download(how, start, start_backend, connect, steps):
    size = 64 * MIB

    def script(connection):
        connection.read_request()
        connection.send(response_head(size))
        try:
            for _ in range(size // MIB):
                connection.send(body_of(MIB))
        except OSError:
            steps.allow("backend was let go")

    lb = start(start_backend(script))
    client = connect(lb, receive_buffer=65536).request()
    client.wire.take_exactly(MIB)
    wait_pipes(lb, 1)
    getattr(client, how)()
    steps.wait("backend was let go")
    lb.wait_total("ends", {"client_gone": 1})


@pytest.mark.parametrize("how", ["close", "reset"])
def test_client_leaves_its_upload(how, start, start_backend, connect):
    size, sent = 8 * MIB, 2 * MIB

    def script(connection):
        connection.read_head()
        connection.wire.take_exactly(sent)
        took.append(sent)
        ended.append(connection.wait_end())

    took, ended = [], []
    lb = start(start_backend(script))
    client = connect(lb).send(request_head(size) + body_of(size)[:sent])
    wait_for(lambda: took, "the backend has all so far")
    wait_pipes(lb, 1)
    getattr(client, how)()
    wait_for(lambda: ended, "the backend is let go")
    assert ended == [b""]
    lb.wait_total("ends", {"client_gone": 1})
    lb.wait_total("request_body_bytes", sent)


@pytest.mark.parametrize("how", ["close", "reset"])
def test_backend_leaves_an_upload(how, start, start_backend, connect):
    """It is not sent again: its first part is not kept any more."""
    size = 64 * MIB

    def script(connection):
        connection.read_head()
        connection.wire.take_exactly(MIB)
        getattr(connection, how)()

    backend = start_backend(script)
    lb = start(backend)
    client = connect(lb).send(request_head(size))
    try:
        for _ in range(size // MIB):
            client.send(body_of(MIB))
    except (ConnectionResetError, BrokenPipeError):
        pass
    lb.wait_total("ends", {"upstream_reset": 1})
    assert len(backend.requests) == 1
    assert pipes(lb) <= 1


def test_backend_refuses_an_upload(start, start_backend, connect):
    size = 8 * MIB

    def script(connection):
        connection.read_head()
        connection.wire.take_exactly(MIB)
        connection.send(b"HTTP/1.1 413 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        connection.wait_end()

    lb = start(start_backend(script))
    client = connect(lb).send(request_head(size) + body_of(size)[:2 * MIB])
    response = client.read_response()
    assert (response.status, response.body) == (413, b"no")
    assert response.get("Connection") == "close"
    assert client.half_close().ends()
    lb.wait_total("ends", {"ok": 1})


# ---- whoever stands still


def test_backend_stops_sending(start, start_backend, connect, steps):
    size, sent = 4 * MIB, MIB
    lb = start(start_backend(download(size, steps, sent)), "--body-timeout=300ms")
    client = connect(lb).request()
    head = client.read_head()
    steps.allow("body")
    got = client.wire.take_exactly(sent)
    assert client.wire.take_cut_body(head, got) == got
    lb.wait_total("ends", {"upstream_stalled": 1})
    steps.allow("end")


def test_client_stops_reading(start, start_backend, connect, steps):
    size = 64 * MIB
    steps.allow("body")
    lb = start(start_backend(download(size, steps)), "--body-timeout=500ms")
    client = connect(lb, receive_buffer=65536).request()
    assert client.read_head().status == 200
    lb.wait_total("ends", {"client_stalled": 1})
    wait_pipes(lb, 0)  # it was full, so it was closed
    with pytest.raises(ConnectionResetError):
        client.wire.take_all()


def test_client_stops_sending(start, start_backend, connect):
    def script(connection):
        connection.read_head()
        ended.append(connection.wait_end())

    ended = []
    size, sent = 4 * MIB, 2 * MIB
    body_of(size)
    lb = start(start_backend(script), "--body-timeout=300ms")
    client = connect(lb).send(request_head(size) + body_of(size)[:sent])
    assert client.read_response().status == 408
    wait_for(lambda: ended, "the backend is let go, too")
    assert digest(ended[0]) == digest(body_of(size)[:sent])
    lb.wait_total("ends", {"body_timeout": 1})


def test_backend_stops_reading(start, start_backend, connect, steps):
    def script(connection):
        connection.read_head()
        steps.wait("end")

    size = 64 * MIB
    body_of(MIB)  # made now: it takes longer than some deadlines
    lb = start(start_backend(script), "--body-timeout=2s")
    client = connect(lb).send(request_head(size))
    client.sock.settimeout(0.5)
    with pytest.raises(socket.timeout):
        for _ in range(size // MIB):
            client.send(body_of(MIB))
    wait_pipes(lb, 1)
    client.sock.settimeout(30)
    assert client.read_response().status == 504
    lb.wait_total("ends", {"upstream_stalled": 1})
    steps.allow("end")


@pytest.mark.parametrize("waits", [True, False])
def test_trickle_comes_at_once(waits, start, start_backend, connect):
    """A few bytes at a time are not kept back for more, in either state of the sink."""
    size = MIB

    def script(connection):
        connection.read_request()
        connection.send(response_head(size))
        for at in range(size - WORTH_IT, size - WORTH_IT + 20):
            wait_for(lambda at=at: at in asked, "the client has the byte before")
            connection.send(body_of(size)[:size - WORTH_IT] if at == size - WORTH_IT
                            else body_of(size)[at - 1:at])
        connection.wait_end()

    asked = set()
    lb = start(start_backend(script), "--body-timeout=2s")
    client = connect(lb, receive_buffer=4096 if waits else None).request()
    assert client.read_head().status == 200
    asked.add(size - WORTH_IT)
    client.wire.take_exactly(size - WORTH_IT)
    client.sock.settimeout(1)
    for at in range(size - WORTH_IT + 1, size - WORTH_IT + 20):
        asked.add(at)
        assert client.wire.take_exactly(1) == body_of(size)[at - 1:at]


# ---- the end of lb


def test_shutdown_lets_a_download_end(start, start_backend, connect, steps):
    size = 16 * MIB
    lb = start(start_backend(download(size, steps)), "--shutdown-grace=60s")
    client = connect(lb, receive_buffer=65536).request()
    assert client.read_head().status == 200
    steps.allow("body")
    first = client.wire.take_exactly(MIB)
    lb.signal(signal.SIGTERM)
    lb.wait_message(r"SIGTERM: finishing what runs")
    assert digest(first + client.wire.take_exactly(size - MIB)) == digest(body_of(size))
    assert client.ends()
    lb.wait_end()


def test_end_of_the_grace_cuts_it_off(start, start_backend, connect, steps):
    size = 64 * MIB
    steps.allow("body")
    lb = start(start_backend(download(size, steps)), "--shutdown-grace=300ms")
    client = connect(lb, receive_buffer=65536).request()
    assert client.read_head().status == 200
    wait_until_still(lambda: pipes(lb), "the download is held back")
    lb.signal(signal.SIGTERM)
    lb.wait_end()
    with pytest.raises((ConnectionResetError, Truncated)):
        client.wire.take_exactly(size)
