"""101 before the request is complete: what the backend says goes to the client at once, and the tunnel goes on where
the request ends."""

import random
import signal
import socket
import threading

import pytest

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
POST = b"POST /attach HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n"
FIVE = POST + b"Content-Length: 5\r\n\r\n"
MUCH = 10 << 20
NOISE = random.Random(7).randbytes(MUCH)


class Early:
    """A backend that says 101 behind the head, and then what the test says."""

    def __init__(self, start_backend):
        self.connection = None
        self.is_over = threading.Event()
        self.backend = start_backend(self._serve)

    def _serve(self, connection):
        connection.read_head()
        self.connection = connection
        connection.send(SWITCH)
        self.is_over.wait(30)

    def say(self, data):
        self.connection.send(data)

    def half_close(self):
        self.connection.sock.shutdown(socket.SHUT_WR)

    def take(self, size):
        return self.connection.wire.take_exactly(size)


@pytest.fixture
def early(start_backend):
    one = Early(start_backend)
    yield one
    one.is_over.set()


@pytest.fixture
def start(start_lb, connect, early):
    def start_with(*options, ask=FIVE, **client_options):
        lb = start_lb(*options, backends=[early.backend])
        client = connect(lb, **client_options).send(ask)
        assert client.read_head().status == 101
        return lb, client
    return start_with


def end_both(early, client):
    client.half_close()
    assert early.connection.wait_end() == b""
    early.half_close()
    assert client.ends()


@pytest.mark.parametrize("method, framing, pieces, body", [
    ("POST", "Content-Length: 5", [b"12", b"345"], b"12345"),
    ("HEAD", "Content-Length: 5", [b"12", b"345"], b"12345"),
    ("POST", "Content-Length: 5\r\nExpect: 100-continue", [b"", b"12345"], b"12345"),
    ("POST", "Transfer-Encoding: chunked", [b"2\r\n12\r\n", b"3\r\n345\r\n0\r\n\r\n"],
     b"2\r\n12\r\n3\r\n345\r\n0\r\n\r\n"),
], ids=["length", "head", "expect", "chunks"])
def test_bytes_go_both_ways_before_and_behind_the_end_of_the_body(method, framing, pieces, body, start, early):
    ask = POST.replace(b"POST", method.encode()) + framing.encode() + b"\r\n\r\n" + pieces[0]
    lb, client = start(ask=ask)
    for byte in (b"a", b"b"):
        early.say(byte)
        assert client.wire.take_exactly(1) == byte
    client.send(pieces[1] + b"behind")
    assert early.take(len(body) + 6) == body + b"behind"
    early.say(b"c")
    assert client.wire.take_exactly(1) == b"c"
    end_both(early, client)
    lb.wait_total("ends", {"ok": 1})


@pytest.mark.parametrize("when", ["before", "meanwhile", "behind"])
def test_ten_megabytes_arrive_once_and_in_order(when, start, early):
    """The client completes its request before, while or after it takes what the backend says."""
    lb, client = start(ask=FIVE + b"12", receive_buffer=8192)
    speaker = threading.Thread(target=early.say, args=(NOISE,))
    speaker.start()
    got = b""
    for at, moment in enumerate(["before", "meanwhile", "behind"]):
        if moment == when:
            client.send(b"345!")
        if at < 2:
            got += client.wire.take_exactly(MUCH // 2)
    speaker.join(15)
    assert got == NOISE
    assert early.take(6) == b"12345!"
    end_both(early, client)
    lb.wait_total("ends", {"ok": 1})


def test_a_client_that_does_not_read_holds_the_backend_back(start, early):
    _, client = start(receive_buffer=8192)
    early.connection.sock.settimeout(0.5)
    sent = 0
    with pytest.raises(OSError):
        while sent < 4 * MUCH:
            sent += early.connection.sock.send(NOISE[sent % MUCH:sent % MUCH + 65536])
    assert 0 < sent < 4 * MUCH
    assert client.wire.take_exactly(sent) == (4 * NOISE)[:sent]


def test_the_backend_ends_first_and_gets_the_rest(start, early):
    lb, client = start()
    early.say(b"bye")
    early.half_close()
    assert client.wire.take_all() == b"bye"
    client.send(b"12345behind")
    assert early.take(11) == b"12345behind"
    client.half_close()
    assert early.connection.wait_end() == b""
    lb.wait_total("ends", {"ok": 1})


def test_a_backend_that_resets(start, early):
    lb, client = start()
    early.say(b"bye")
    assert client.wire.take_exactly(3) == b"bye"
    early.connection.reset()
    lb.wait_total("ends", {"upstream_truncated": 1})
    assert client.ends()


def test_a_body_that_does_not_come(start, early):
    """Its deadline goes on, whatever the backend says meanwhile."""
    lb, client = start("--body-timeout=500ms")
    with pytest.raises(OSError):
        for _ in range(300):
            early.say(b"x")
            threading.Event().wait(0.05)
    lb.wait_total("ends", {"body_timeout": 1})
    assert set(bytes(client.wire.buffer)) <= {ord("x")}


def test_a_client_that_ends_in_its_body(start, early):
    lb, client = start(ask=FIVE + b"12")
    client.half_close()
    lb.wait_total("ends", {"client_gone": 1})
    assert early.take(2) == b"12"
    assert early.connection.wait_end() == b""


def test_lb_is_stopped_meanwhile(start, early):
    lb, client = start("--shutdown-grace=5s", ask=FIVE + b"12")
    lb.signal(signal.SIGTERM)
    early.say(b"still here")
    assert client.wire.take_exactly(10) == b"still here"
    client.send(b"345!")
    assert early.take(6) == b"12345!"
    end_both(early, client)
    assert lb.wait_end() == 0
