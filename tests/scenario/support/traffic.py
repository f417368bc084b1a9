"""Clients that ask without a pause while something happens to lb, and count what comes of each single request.

Nothing is sent a second time. A kept connection that lb has closed before a byte of the next request was sent is no
failure; one that ends afterwards is. A connection that was never accepted must neither be refused nor reset."""

import contextlib
import select
import socket
import threading

from support.http import Truncated
from support.waiting import wait_for
from support.client import RawClient

TUNNEL = ["Connection: Upgrade", "Upgrade: echo"]
ANSWER_S = 30


class Failure:
    """`is_refused`: there was no connection. `is_first`: it was the first request of its connection."""

    def __init__(self, kind, error, is_refused=False, is_first=False, is_tunnel=False):
        self.kind, self.error = kind, error
        self.is_refused, self.is_first, self.is_tunnel = is_refused, is_first, is_tunnel

    def __repr__(self):
        words = [self.kind, *(["refused"] if self.is_refused else []), *(["first"] if self.is_first else [])]
        return f"<{' '.join(words)}: {self.error!r}>"


class Traffic:
    """`kinds`: how many clients of each: kept (GET on connections that stay), puts (PUT likewise), fresh (a connection for
    each request), tunnels (echo after 101). More: any callable as `extra`, asked over and over; it raises if it fails."""

    def __init__(self, address, extra=(), **kinds):
        self.address = address
        self.failures, self.counts, self.by = [], {}, {}
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.threads = []
        for kind, count in kinds.items():
            for _ in range(count):
                self._start(kind, getattr(self, f"_be_{kind}"))
        for number, one in enumerate(extra):
            self._start(f"extra-{number}", lambda one=one, number=number: self._be_extra(f"extra-{number}", one))

    def _start(self, kind, target):
        self.counts[kind] = 0
        thread = threading.Thread(target=target, daemon=True)
        self.threads.append(thread)
        thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    # ---- what it tells ---------------------------------------------------------------------------

    def total(self):
        with self.lock:
            return sum(self.counts.values())

    def wait_more(self, count=200):
        """Until so many more were answered, some of each kind."""
        with self.lock:
            before = dict(self.counts)
        total = sum(before.values())
        wait_for(lambda: self.total() >= total + count and
                 all(self.counts[kind] > before[kind] or self._is_idle(kind) for kind in before),
                 f"{count} more requests of {list(before)} are answered; {self.failures[:5]}", 60)
        return self

    def _is_idle(self, kind):
        """A tunnel that broke stays broken."""
        return kind == "tunnels" and any(failure.is_tunnel for failure in self.failures)

    def end(self):
        """Lets each finish what it does."""
        self.is_over.set()
        for thread in self.threads:
            thread.join(2 * ANSWER_S)
            assert not thread.is_alive(), "a client waits for ever"
        return self

    def refused(self):
        return [failure for failure in self.failures if failure.is_refused]

    # ---- the clients -----------------------------------------------------------------------------

    def _note(self, kind, response=None):
        with self.lock:
            self.counts[kind] += 1
            if response is not None:
                by = response.get("X-Served-By") or ""
                self.by[by] = self.by.get(by, 0) + 1

    def _fail(self, kind, error, **more):
        with self.lock:
            self.failures.append(Failure(kind, error, **more))

    def _connect(self, kind):
        try:
            return RawClient(self.address)
        except OSError as error:
            self._fail(kind, error, is_refused=True)
            self.is_over.wait(0.02)
            return None

    def _be_kept(self, kind="kept", **request):
        client, asked = None, 0
        while not self.is_over.is_set():
            if client and asked > 0 and not client.is_silent():  # closed while it was idle
                client.close()
                client = None
            if client is None:
                client, asked = self._connect(kind), 0
                continue
            try:
                response = client.request(**request).read_response()
                assert response.status == 200, response.head.raw
                self._note(kind, response)
                asked += 1
                is_last = response.get("Connection") == "close"
            except (OSError, AssertionError, Truncated) as error:
                self._fail(kind, error, is_first=asked == 0)
                is_last = True
            if is_last:
                client.close()
                client = None
        if client:
            client.close()

    def _be_puts(self):
        self._be_kept("puts", method="PUT", target="/upload", body=b"x" * 3000)

    def _be_slow(self):
        """Each takes a while, so that some run at any moment."""
        self._be_kept("slow", target="/delay/50")

    def _be_fresh(self):
        while not self.is_over.is_set():
            client = self._connect("fresh")
            if client is None:
                continue
            try:
                response = client.get(fields=["Connection: close"])
                assert response.status == 200, response.head.raw
                self._note("fresh", response)
            except (OSError, AssertionError, Truncated) as error:
                self._fail("fresh", error, is_first=True)
            client.close()

    def _be_tunnels(self):
        """One that stays, for as long as all lasts."""
        client = self._connect("tunnels")
        try:
            client.request(target="/ws", fields=TUNNEL)
            assert client.read_head().status == 101
            while not self.is_over.is_set():
                client.send(b"still here")
                assert client.wire.take_exactly(10) == b"still here"
                self._note("tunnels")
                self.is_over.wait(0.005)
        except (OSError, AssertionError, Truncated, AttributeError) as error:
            self._fail("tunnels", error, is_tunnel=True)
        finally:
            with contextlib.suppress(AttributeError, OSError):
                client.close()

    def _be_extra(self, kind, ask):
        while not self.is_over.is_set():
            try:
                ask()
                self._note(kind)
            except (OSError, AssertionError) as error:
                self._fail(kind, error, is_refused=isinstance(error, ConnectionRefusedError))
                self.is_over.wait(0.02)


class Knocking:
    """Connections that are made while lb cannot accept them: each has sent its request, and none was accepted."""

    def __init__(self, address, count):
        self.clients = [RawClient(address).request(target=f"/?knock={number}") for number in range(count)]

    def silent_count(self):
        return sum(client.is_silent() for client in self.clients)

    def read_all(self):
        """The status of each answer, or what came instead."""
        found = []
        for client in self.clients:
            try:
                found.append(client.read_response().status)
            except (OSError, Truncated) as error:
                found.append(error)
            client.close()
        return found


def is_readable(sock):
    return bool(select.select([sock], [], [], 0)[0])


def udp_asker(address, timeout_s=30):
    """An extra: one datagram from a port of its own, and its answer."""
    def ask():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(timeout_s)
            sock.connect(address)
            sock.send(b"are you there")
            assert sock.recv(65536) == b"are you there"
    return ask


def tcp_asker(address, timeout_s=ANSWER_S):
    """An extra: one connection with one exchange, ended in order from both sides."""
    def ask():
        with socket.create_connection(address, timeout=timeout_s) as sock:
            sock.sendall(b"are you there")
            sock.shutdown(socket.SHUT_WR)
            heard = b""
            while piece := sock.recv(65536):
                heard += piece
            assert heard == b"are you there", heard
    return ask
