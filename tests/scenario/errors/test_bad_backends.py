"""What the client gets when no good answer comes from behind."""

import socket

import pytest

from support.backend import OK
from support.http import Truncated
from support.waiting import wait_for


def assert_own_answer(response, status, request_id="my-id"):
    assert response.status == status
    assert response.get("Content-Type") == "text/plain; charset=utf-8"
    assert response.get("Cache-Control") == "no-store"
    assert response.body.startswith(f"{status} {response.reason}: ".encode())
    assert response.body.endswith(f"(request {request_id})\n".encode())
    assert response.get("Retry-After") == ("1" if status == 503 else None)


MY_ID = ["X-Request-Id: my-id"]

GARBAGE = {
    "nonsense": b"nonsense\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.2\r\n",
    "http 0.9": b"<html>hello</html>",
    "http 2": b"HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
    "no status": b"HTTP/1.1 OK\r\n\r\n",
    "status 99": b"HTTP/1.1 099 No\r\nContent-Length: 0\r\n\r\n",
    "bad line": b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n",
    "space before colon": b"HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n",
    "zero byte": b"HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 0\r\n\r\n",
    "bare newline": b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "length and chunked": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                          b"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    "bad length": b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok",
    "other coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok",
    "endless line": b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70000,
    "too many lines": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage(name, start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(GARBAGE[name])
        connection.wait_end()

    lb = start_lb(backends=[start_backend(script)])
    client = connect(lb)
    for _ in range(2):
        assert_own_answer(client.get(fields=MY_ID), 502)  # and the client may go on
    lb.wait_total("ends", {"upstream_invalid": 2})


@pytest.mark.parametrize("part", [b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nContent-Le"])
@pytest.mark.parametrize("how", ["close", "reset"])
def test_closed_before_the_head_is_complete(how, part, start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(part)
        if how == "reset":
            connection.reset()

    lb = start_lb(backends=[start_backend(script)])
    response = connect(lb).get(fields=MY_ID)
    assert_own_answer(response, 502)
    assert response.get("Connection") is None


def test_refused(start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb(backends=[backend])
    backend.stop_listening()
    client = connect(lb)
    for _ in range(3):
        assert_own_answer(client.get(fields=MY_ID), 502)
    lb.wait_total("ends", {"refused": 3})


def test_no_endpoint_yet(start_lb, connect, discovery):
    lb = start_lb(*discovery.flags)
    client = connect(lb)
    assert_own_answer(client.get(fields=MY_ID), 503)
    discovery.send()
    lb.wait_message("ready|")
    assert_own_answer(client.get(fields=MY_ID), 503)


def test_static_backend_that_never_listened(start_lb, connect, start_backend):
    lb = start_lb(backends=[start_backend(is_listening=False)], is_ready=False)
    assert_own_answer(connect(lb).get(fields=MY_ID), 503)


def test_made_request_id_is_named(start_lb, connect, discovery):
    body = connect(start_lb(*discovery.flags)).get().body
    assert len(body.split(b"(request ")[1]) == len(b"0123456789abcdef" * 2 + b")\n")


def test_no_answer_in_time(start_lb, start_backend, connect):
    def script(connection):
        while connection.read_request().target != "/never":
            connection.send(OK)
        connection.wait_end()

    lb = start_lb("--response-timeout=100ms", backends=[start_backend(script)])
    client = connect(lb)
    assert client.get().status == 200
    assert_own_answer(client.get("/never", fields=MY_ID), 504)
    assert client.get().status == 200
    lb.wait_total("ends", {"upstream_timeout": 1, "ok": 2})


class Blackhole:
    """An address that takes no new connection and refuses none: its accept queue is full. It has
    room for the probe that lets lb use it."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.address = self.listener.getsockname()
        self.fillers = []

    def fill(self):
        for _ in range(8):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(self.address)
            self.fillers.append(filler)

        def is_full():
            states = [f.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] for f in self.fillers]
            return states[-1] == 2  # SYN-SENT
        wait_for(is_full, "the accept queue is full")

    def close(self):
        self.listener.close()
        for filler in self.fillers:
            filler.close()


@pytest.fixture(name="blackhole")
def make_blackhole(cleanup):
    hole = Blackhole()
    cleanup.callback(hole.close)
    return hole


def test_no_connection_in_time(start_lb, blackhole, connect):
    lb = start_lb("--connect-timeout=100ms", "--last-connect-timeout=200ms", backends=[blackhole])
    blackhole.fill()
    client = connect(lb)
    assert_own_answer(client.get(fields=MY_ID), 504)
    lb.wait_total("ends", {"connect_timeout": 1})


def test_connect_timeout_goes_to_another(start_lb, blackhole, start_backend, connect):
    good = start_backend()
    lb = start_lb("--connect-timeout=50ms", backends=[blackhole, good])
    blackhole.fill()
    client = connect(lb)
    for _ in range(4):
        assert client.request("POST", body=b"x").read_response().status == 200
    assert lb.endpoints()["%s:%d" % blackhole.address]["failures"] >= 2


def test_idle_client_gives_way_to_a_new_one(start_lb, start_backend, connect):
    lb = start_lb("--max-connections=2", "--workers=1", backends=[start_backend()])
    clients = [connect(lb) for _ in range(2)]
    assert [c.get().status for c in clients] == [200, 200]
    third = connect(lb)
    assert third.get().status == 200
    assert clients[0].ends()  # it was idle for the longest
    assert clients[1].get().status == 200


def test_too_many_connections(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        wait_for(lambda: connection.backend.may_go_on, "the third has its answer")
        connection.send(OK)

    backend = start_backend(script)
    backend.may_go_on = []
    lb = start_lb("--max-connections=2", "--workers=1", backends=[backend])
    clients = [connect(lb).request() for _ in range(2)]
    backend.wait_requests(2)
    third = connect(lb)
    response = third.read_response()
    assert (response.status, response.get("Retry-After")) == (503, "1")
    assert third.ends()
    third.close()
    backend.may_go_on.append(True)
    assert [c.read_response().status for c in clients] == [200, 200]
    lb.wait_total("client_connections", 2)
    assert connect(lb).get().status == 200


# ---- answers that are cut off --------------------------------------------------------------------

def cut_off(head, how):
    def script(connection):
        connection.read_request()
        connection.send(head)
        wait_for(lambda: connection.backend.may_cut, "the client has the first part")
        if how == "reset":
            connection.reset()
    return script


LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n"
IN_CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n0123456789"
LAST_CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n"
TO_THE_CLOSE = b"HTTP/1.1 200 OK\r\n\r\n0123456789"


@pytest.mark.parametrize("version", ["1.1", "1.0"])
@pytest.mark.parametrize("how, answer", [
    ("close", LENGTH), ("reset", LENGTH), ("close", CHUNKED), ("reset", CHUNKED),
    ("close", IN_CHUNK), ("reset", IN_CHUNK), ("close", LAST_CHUNK), ("reset", TO_THE_CLOSE)])
def test_truncated_answer_is_never_complete(how, answer, version, start_lb, start_backend, connect):
    backend = start_backend(cut_off(answer, how))
    backend.may_cut = []
    lb = start_lb(backends=[backend])
    client = connect(lb).request(version=version)
    head = client.read_head()
    assert head.status == 200
    got = client.wire.take_until(b"0123456789")
    backend.may_cut.append(True)
    client.wire.take_cut_body(head, got)
    lb.wait_total("ends", {"upstream_truncated": 1})


def test_truncated_answer_read_by_a_client(start_lb, start_backend, connect):
    """As above, through the eyes of a client that reads messages."""
    backend = start_backend(cut_off(CHUNKED, "close"))
    backend.may_cut = [True]
    lb = start_lb(backends=[backend])
    with pytest.raises(Truncated):
        connect(lb).get()


def test_bad_chunk_in_an_answer(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(CHUNKED)
        wait_for(lambda: may_break, "the client has the first part")
        connection.send(b"nonsense\r\n")
        connection.wait_end()

    may_break = []
    lb = start_lb(backends=[start_backend(script)])
    client = connect(lb).request()
    head = client.read_head()
    got = client.wire.take_until(b"0123456789\r\n")
    may_break.append(True)
    assert client.wire.take_cut_body(head, got) == b"a\r\n0123456789\r\n"
    lb.wait_total("ends", {"upstream_invalid": 1})


def test_bad_chunk_at_the_start_of_an_answer(start_lb, start_backend, connect):
    """Nothing has gone to the client yet, so it gets a proper answer."""
    lb = start_lb(backends=[start_backend(CHUNKED + b"nonsense\r\n")])
    assert_own_answer(connect(lb).get(fields=MY_ID), 502)


def test_client_that_goes_away_frees_the_backend(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(LENGTH)
        connection.wait_end()
        ended.append(True)

    ended = []
    lb = start_lb(backends=[start_backend(script)])
    client = connect(lb).request()
    client.read_head()
    client.reset()
    wait_for(lambda: ended, "lb drops the connection to the backend")
    lb.wait_total("ends", {"client_gone": 1})
