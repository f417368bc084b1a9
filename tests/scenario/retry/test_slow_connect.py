"""A backend whose queue of new connections is full for a moment: the kernel drops the connect and sends it
again after a second, and after two more. It is tried elsewhere meanwhile, and not given up."""

import select
import socket
import threading
import time

import pytest

from support.backend import OK
from support.waiting import wait_for

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


class Narrow:
    """A server with a short queue, and one thread that answers one connection after the other, as the
    simplest servers do. `open` lets it begin: until then it takes nobody."""

    def __init__(self, backlog):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(backlog)
        self.address = self.listener.getsockname()
        self.answered = 0
        self.is_closed = False
        self.fillers = []
        self.thread = None

    def name(self):
        return "%s:%d" % self.address

    def fill(self):
        """Until the kernel takes no more connections."""
        while True:
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(self.address)
            self.fillers.append(filler)
            if not select.select([], [filler], [], 0.1)[1]:
                return

    def open(self):
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def open_later(self, seconds):
        threading.Timer(seconds, self.open).start()

    def _serve(self):
        while not self.is_closed:
            try:
                sock, _ = self.listener.accept()
                sock.settimeout(5)
                if self.fillers and sock.getpeername() in self.filler_names():
                    sock.close()
                    continue
                if sock.recv(65536):
                    time.sleep(0.002)
                    sock.sendall(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
                    self.answered += 1
                sock.close()
            except OSError:
                continue

    def filler_names(self):
        return {filler.getsockname() for filler in self.fillers}

    def close(self):
        self.is_closed = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        if self.thread:
            self.thread.join(10)
        self.listener.close()
        for filler in self.fillers:
            filler.close()


@pytest.fixture
def narrow(cleanup):
    def start(backlog=1):
        server = Narrow(backlog)
        cleanup.callback(server.close)
        return server
    return start


def all_answers(clients):
    return [client.read_response().status for client in clients]


def is_calm(lb):
    assert set(lb.states().values()) == {"ready"}
    assert lb.totals()["ends"] == {"ok": lb.totals()["requests"]}
    return True


def test_servers_with_short_queues(start_lb, narrow, connect):
    """Two of the simplest servers there are, and thirty requests at once."""
    servers = [narrow(5).open() for _ in range(2)]
    lb = start_lb(backends=servers)
    for _ in range(2):
        clients = [connect(lb) for _ in range(30)]
        for client in clients:
            client.send(GET)
        assert all_answers(clients) == [200] * 30
    lb.wait_total("requests", 60)
    assert is_calm(lb)


@pytest.mark.parametrize("count", [1, 2])
def test_queues_that_are_full_for_a_moment(count, start_lb, narrow, connect):
    """Nobody else is there, or nobody else is quicker: the first connection that stands is taken."""
    servers = [narrow() for _ in range(count)]
    lb = start_lb("--workers=1", backends=servers)
    for server in servers:
        server.fill()
    clients = [connect(lb).send(GET) for _ in range(6)]
    for server in servers:
        server.open_later(0.7)
    assert all_answers(clients) == [200] * 6
    lb.wait_total("requests", 6)
    assert is_calm(lb)


def test_first_one_wins_though_another_was_tried_after_it(start_lb, narrow, connect):
    slow, slower = narrow(), narrow()
    lb = start_lb("--workers=1", "--connect-timeout=100ms", backends=[slow, slower])
    slow.fill()
    slower.fill()
    clients = [connect(lb).send(GET) for _ in range(2)]
    slow.open_later(0.5)
    assert all_answers(clients) == [200] * 2
    wait_for(lambda: slow.answered == 2, "the first one has answered both")
    lb.wait_total("requests", 2)
    assert is_calm(lb)
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 0, "none is counted for good")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_one_that_refuses_does_not_end_the_wait_for_the_other(method, start_lb, narrow, start_backend,
                                                              connect):
    slow, gone = narrow(), start_backend()
    lb = start_lb("--workers=1", "--connect-timeout=100ms", "--eject-after=0", backends=[slow, gone])
    gone.stop_listening()
    slow.fill()
    clients = [connect(lb).request(method, body=b"x" if method == "POST" else None) for _ in range(2)]
    slow.open_later(0.5)
    assert all_answers(clients) == [200] * 2


def test_quick_one_is_taken_and_who_never_accepts_is_ejected(start_lb, narrow, start_backend, connect):
    away, good = narrow(), start_backend()
    lb = start_lb("--workers=1", "--connect-timeout=50ms", "--eject-time=1m", backends=[away, good])
    away.fill()
    client = connect(lb)
    asked = 0
    while lb.endpoints()[away.name()]["failures"] < 3 and asked < 100:  # where the good one was not quick, none
        asked += 1
        assert client.request("POST", body=b"x").read_response().status == 200
    wait_for(lambda: lb.states()[away.name()] == "ejected", "it is out")
    for _ in range(4):
        assert client.request("POST", body=b"x").read_response().status == 200
    assert lb.endpoints()[away.name()]["failures"] == 3
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 0, "none is counted for good")


def test_all_are_away(start_lb, narrow, connect):
    """Each is waited for, then the client is told; nobody is ejected, as nobody is better."""
    servers = [narrow() for _ in range(2)]
    lb = start_lb("--workers=1", "--connect-timeout=50ms", "--last-connect-timeout=300ms",
                  "--eject-after=1", backends=servers)
    for server in servers:
        server.fill()
    clients = [connect(lb).send(GET) for _ in range(4)]
    assert all_answers(clients) == [504] * 4
    lb.wait_total("ends", {"connect_timeout": 4})
    assert set(lb.states().values()) == {"ready"}
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 0, "none is counted for good")


def test_client_that_leaves_while_several_connect(start_lb, narrow, connect):
    servers = [narrow() for _ in range(3)]
    lb = start_lb("--workers=1", "--connect-timeout=20ms", backends=servers)
    for server in servers:
        server.fill()
    client = connect(lb).send(GET)
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 3, "all three are tried")
    client.reset()
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 0, "none is any more")
