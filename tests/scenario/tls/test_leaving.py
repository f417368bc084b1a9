"""Clients by TLS while lb leaves, is renewed, or gets other listeners: nobody's request fails."""

import json
import signal
import socket
import ssl
import threading

import pytest

from support.certificates import issue, write_pair
from support.free_port import free_port
from support.tls import TlsClient, context_of
from support.waiting import wait_for


class Visitors:
    """Clients by TLS: some keep their connection, some make one for each request. `failures` are theirs."""

    def __init__(self, address, ca, kept=3, fresh=3):
        self.address, self.ca = address, ca
        self.failures, self.count = [], 0
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self._run, args=(visit,))
                        for visit in [self._keep] * kept + [self._come] * fresh]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def wait_more(self, count=60):
        wanted = self.count + count
        wait_for(lambda: self.count >= wanted or self.failures, "they are served")

    def _ask(self, client):
        answer = client.get(host="a.test")
        assert answer.status == 200, answer.status
        self.count += 1
        return answer.get("Connection") != "close"

    def _keep(self):
        with TlsClient(self.address, "a.test", self.ca) as client:
            while not self.is_over.is_set() and self._ask(client):
                pass

    def _come(self):
        with TlsClient(self.address, "a.test", self.ca) as client:
            self._ask(client)

    def _run(self, visit):
        while not self.is_over.is_set():
            try:
                visit()
            except (OSError, AssertionError) as error:
                self.failures.append(repr(error))
                return


def test_a_handshake_that_runs_is_finished_and_served(start_tls, ca, connect):
    tls = start_tls("--shutdown-grace=20s")
    context = context_of(ca)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_hostname="a.test")
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    client, idle = connect(tls.address), tls.connect()
    assert idle.get(host="a.test").status == 200
    client.send(outgoing.read())
    wait_for(lambda: tls.lb.metrics().value("lb_tls_handshakes_running") == 1, "it is under way")
    tls.lb.signal(signal.SIGTERM)
    assert idle.sock.recv(1) == b""  # with close_notify
    incoming.write(client.sock.recv(65536))
    session.do_handshake()
    session.write(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
    client.send(outgoing.read())
    while got := client.sock.recv(65536):
        incoming.write(got)
    answer = session.read(65536)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and b"\r\nConnection: close\r\n" in answer
    assert tls.lb.wait_end() == 0


def test_one_that_asks_for_nothing_does_not_keep_lb(start_tls, ca, connect):
    """Hands that are shaken while lb drains are good for a second of waiting, not for --idle-timeout."""
    tls = start_tls("--shutdown-grace=1m")
    client, incoming, outgoing = connect(tls.address), ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context_of(ca).wrap_bio(incoming, outgoing, server_hostname="a.test")
    with pytest.raises(ssl.SSLWantReadError):
        session.do_handshake()
    client.send(outgoing.read())
    wait_for(lambda: tls.lb.metrics().value("lb_tls_handshakes_running") == 1, "it is under way")
    tls.lb.signal(signal.SIGTERM)
    wait_for(lambda: not listens(tls.address), "it drains")
    incoming.write(client.sock.recv(65536))
    session.do_handshake()
    client.send(outgoing.read())
    client.sock.settimeout(20)
    while client.sock.recv(65536):
        pass
    assert tls.lb.wait_end(timeout_s=20) == 0


def test_one_that_does_not_go_on_does_not_keep_lb(start_tls, connect):
    tls = start_tls("--shutdown-grace=300ms")
    client = connect(tls.address)
    client.send(b"\x16\x03\x01")
    wait_for(lambda: tls.lb.metrics().value("lb_tls_handshakes_running") == 1, "it is under way")
    tls.lb.signal(signal.SIGTERM)
    assert tls.lb.wait_end() == 0


def test_no_request_fails_while_lb_leaves(start_tls, ca):
    tls = start_tls("--shutdown-delay=500ms", "--shutdown-grace=10s")
    with Visitors(tls.address, ca, fresh=0) as visitors:
        visitors.wait_more()
        tls.lb.signal(signal.SIGTERM)
        wait_for(lambda: any("not ready any more" in message for message in tls.lb.messages()), "it leaves")
        visitors.is_over.set()
    assert not visitors.failures
    assert tls.lb.wait_end() == 0


def renew(tls, path, **settings):
    path.write_text(json.dumps(settings))
    pid = tls.lb.proxy_pid
    tls.lb.reload(r"^renewal: lb-proxy \d+ serves")
    wait_for(lambda: tls.lb.proxy_pid != pid, "another one serves")


def test_no_request_fails_over_renewals(start_tls, ca, tmp_path):
    """The sockets are handed over, with who waits there."""
    path = tmp_path / "lb.json"
    path.write_text("{}")
    tls = start_tls(f"--config={path}", "--shutdown-grace=20s")
    with Visitors(tls.address, ca) as visitors:
        for number in range(3):
            renew(tls, path, **{"access-log": str(tmp_path / f"log{number}")})
            visitors.wait_more()
    assert not visitors.failures


def test_listeners_that_come_and_go_at_sighup(start_lb, start_backend, ca, tmp_path):
    path, first, second = tmp_path / "lb.json", ("127.0.0.1", free_port()), ("127.0.0.1", free_port())
    write_pair(tmp_path / "certificates", "a.test", issue(ca, ("a.test",)))

    def write(*addresses):
        path.write_text(json.dumps({"certificates": [str(tmp_path / "certificates")],
                                    "listen-tls": ["%s:%d" % address for address in addresses]}))
    write(first)
    lb = start_lb(f"--config={path}", "--shutdown-grace=20s", backends=[start_backend()])
    for addresses, served, gone in (((first, second), second, None), ((second,), second, first), ((first,), first, second)):
        write(*addresses)
        pid = lb.proxy_pid
        lb.reload(r"^renewal: lb-proxy \d+ serves")
        wait_for(lambda: lb.proxy_pid != pid, "another one serves")
        with TlsClient(served, "a.test", ca) as client:
            assert client.get(host="a.test").status == 200
        if gone:
            wait_for(lambda: not listens(gone), "nobody listens there any more")


def listens(address):
    try:
        socket.create_connection(address, 5).close()
        return True
    except ConnectionRefusedError:
        return False


def test_upgraded(start_tls, ca):
    tls = start_tls("--shutdown-grace=20s")
    with Visitors(tls.address, ca) as visitors:
        for _ in range(2):
            said = len(tls.lb.messages())
            tls.lb.signal(signal.SIGUSR2)
            tls.lb.wait_message(r"^upgrade: lb-proxy (\d+) serves", since=said)
            visitors.wait_more()
    assert not visitors.failures


def test_a_certificate_that_comes_later(start_tls, ca, tmp_path):
    tls = start_tls()
    with socket.create_connection(tls.address):
        with pytest.raises(ssl.SSLError, match="(?i)unrecognized.name"):
            tls.connect("new.test", context=context_of())
        write_pair(tmp_path / "certificates", "new.test", issue(ca, ("new.test",)))

        def is_served():
            try:
                return tls.get("new.test").status == 200
            except ssl.SSLError:
                return False
        wait_for(is_served, "it is shown")
