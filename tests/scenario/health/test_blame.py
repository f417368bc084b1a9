"""What a client brought about is not its server's fault: it counts for no ejection and in no failure."""

import socket
import threading

import pytest

from support.backend import OK, RecordingBackend
from support.client import RawClient
from support.waiting import wait_for

STRICT = ["--eject-after=2", "--eject-5xx=2", "--eject-time=1m"]
HEAD = b"%s / HTTP/1.1\r\nHost: test\r\n%s\r\n\r\n"
LENGTH = b"Content-Length: 100"
CHUNKED = b"Transfer-Encoding: chunked"
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 4\r\nConnection: close\r\n\r\nslow"
BROKEN = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\n\r\nbad"
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
BIG = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (1 << 28)


@pytest.fixture(name="pair")
def make_pair(cleanup, start_lb):
    """pair(script, *flags): lb and two servers that run the script."""
    def start(script, *flags):
        backends = [RecordingBackend(script) for _ in range(2)]
        for backend in backends:
            cleanup.callback(backend.close)
        lb = start_lb(*STRICT, *flags, backends=backends).wait_ready(2)
        return lb, backends
    return start


def assert_blameless(lb, *backends):
    """That nothing has come is seen once something else has: a good request, after all of them."""
    for backend in backends:
        backend.script = lambda connection: (connection.read_request(), connection.send(OK))
    for _ in range(2):
        with RawClient(lb.address) as client:
            assert client.get(fields=["Connection: close"]).status == 200
    assert set(lb.states().values()) == {"ready"}
    assert {e["failures"] for e in lb.endpoints().values()} == {0}
    assert not lb.find_message("ejected|panic")


def wait_one_byte(connection):
    connection.read_head()
    connection.wire.take_exactly(1)


def give_up(connection):
    wait_one_byte(connection)


def give_up_rudely(connection):
    wait_one_byte(connection)
    connection.reset()


def say_so(connection):
    wait_one_byte(connection)
    connection.send(TIMED_OUT)


def break_down(connection):
    wait_one_byte(connection)
    connection.send(BROKEN)


def begin_and_give_up(connection):
    wait_one_byte(connection)
    connection.send(BIG + b"some")


@pytest.mark.parametrize("method", [b"POST", b"PUT"])
@pytest.mark.parametrize("framing", [LENGTH, CHUNKED])
@pytest.mark.parametrize("script, status", [(give_up, 502), (give_up_rudely, 502), (say_so, 408),
                                            (break_down, 503), (begin_and_give_up, 200)])
def test_a_slow_upload_ejects_nobody(script, status, framing, method, pair):
    lb, backends = pair(script)
    first = b"x" if framing == LENGTH else b"64\r\nx"
    clients = [RawClient(lb.address).send(HEAD % (method, framing) + first) for _ in range(8)]
    for client in clients:
        with client:
            assert client.read_head().status == status
    assert_blameless(lb, *backends)


def test_what_the_server_says_of_a_slow_upload_is_passed_on(pair):
    lb, _ = pair(say_so)
    with RawClient(lb.address).send(HEAD % (b"POST", LENGTH) + b"x") as client:
        answer = client.read_response()
        assert (answer.status, answer.body) == (408, b"slow")
        assert client.ends()


@pytest.mark.parametrize("sent", [HEAD % (b"GET", b"A: b"), HEAD % (b"POST", LENGTH) + b"x"])
def test_clients_that_leave_eject_nobody(sent, pair):
    def wait(connection):
        wait_one_byte(connection) if sent.startswith(b"POST") else connection.read_request()
        connection.wait_end()
    lb, backends = pair(wait)
    for _ in range(4):
        seen = sum(b.request_count for b in backends)
        with RawClient(lb.address).send(sent) as client:
            wait_for(lambda seen=seen: sum(b.request_count for b in backends) > seen, "it is asked")
            client.reset()
    lb.wait_idle()
    assert_blameless(lb, *backends)


@pytest.mark.parametrize("rest, status", [(b"zz\r\n", 400), (b"99\r\n" + b"x" * 0x99, 413)])
def test_bad_and_large_bodies_eject_nobody(rest, status, pair):
    def read(connection):
        connection.read_head()
        connection.wait_end()
    lb, backends = pair(read, "--max-body=100")
    for _ in range(4):
        with RawClient(lb.address).send(HEAD % (b"POST", CHUNKED) + rest) as client:
            assert client.read_head().status == status
    lb.wait_idle()
    assert_blameless(lb, *backends)


def test_clients_that_do_not_read_eject_nobody(pair):
    """The servers have enough of it after a while; then the clients read on, and meet the end."""
    gave_up = []
    gate = threading.Semaphore(0)

    def flood(connection):
        connection.read_head()
        connection.sock.settimeout(0.7)
        try:
            connection.send(BIG)
            while True:
                connection.send(b"x" * 65536)
        except socket.timeout:
            gave_up.append(connection)
            gate.acquire()
            connection.reset()
    lb, backends = pair(flood)
    clients = [RawClient(lb.address, receive_buffer=4096).request() for _ in range(4)]
    wait_for(lambda: len(gave_up) == 4, "the servers have enough")
    for _ in clients:
        gate.release()
    for client in clients:
        with client:
            assert client.read_head().status == 200
            with pytest.raises(OSError):
                while client.sock.recv(1 << 20):
                    pass
                raise ConnectionResetError  # an end is as good
    lb.wait_idle()
    assert_blameless(lb, *backends)


def test_tunnels_that_break_eject_nobody(pair):
    def switch_and_break(connection):
        connection.read_head()
        connection.send(SWITCHING)
        connection.wire.take_exactly(1)
        connection.reset()
    lb, backends = pair(switch_and_break)
    for _ in range(4):
        with RawClient(lb.address) as client:
            client.request(fields=["Connection: upgrade", "Upgrade: x"])
            assert client.read_head().status == 101
            client.send(b"x")
            assert client.ends()
    lb.wait_idle()
    assert_blameless(lb, *backends)


def test_failures_of_whole_requests_count(pair):
    """The same server, and the request was all there: that is its own fault."""
    def fail(connection):
        connection.read_request()
        connection.reset()
    lb, _ = pair(fail)
    for _ in range(4):
        with RawClient(lb.address).send(HEAD % (b"POST", b"Content-Length: 1") + b"x") as client:
            assert client.read_response().status == 502
    wait_for(lambda: "ejected" in lb.states().values(), "one of them is ejected")
    assert sum(e["failures"] for e in lb.endpoints().values()) >= 2
