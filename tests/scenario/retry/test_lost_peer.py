"""A backend that falls off the network without a word (a container taken off its network, a host that
lost power), or is paused: nothing comes back, no reset either."""

import itertools
import os
import subprocess
import threading
import time

import pytest

from support.backend import OK, RecordingBackend
from support.discovery import endpoint

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="makes a network namespace")
numbers = itertools.count(1)


def ip(*words):
    subprocess.run(["ip", *words], check=True, timeout=10)


@pytest.fixture
def cable(cleanup):
    """A namespace and the pair of devices to it; `far` is an address there."""
    name = f"lbt{os.getpid()}x{next(numbers)}"
    near, far = f"{name}n", f"{name}f"  # at most 15 characters
    subnet = f"10.213.{os.getpid() % 256}"  # others may run beside it
    ip("netns", "add", name)
    cleanup.callback(ip, "netns", "delete", name)
    ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", name)
    cleanup.callback(ip, "link", "delete", near)
    ip("address", "add", f"{subnet}.1/30", "dev", near)
    ip("link", "set", near, "up")
    ip("-netns", name, "address", "add", f"{subnet}.2/30", "dev", far)
    ip("-netns", name, "link", "set", far, "up")

    class Cable:
        def listen(self, script):
            """A backend at the other end. A socket belongs to the namespace it was made in."""
            made = []

            def make():
                with open(f"/run/netns/{name}", encoding="ascii") as namespace:
                    os_setns(namespace.fileno())
                made.append(RecordingBackend(script, host=f"{subnet}.2"))
            thread = threading.Thread(target=make)
            thread.start()
            thread.join()
            cleanup.callback(made[0].close)
            return made[0]

        def cut(self):
            ip("-netns", name, "link", "set", far, "down")

        def mend(self):
            ip("-netns", name, "link", "set", far, "up")

        def swallow(self, address):
            """Packets to that address go to the other end, which does not know it."""
            ip("route", "add", address, "via", f"{subnet}.2", "dev", near)
    return Cable()


def os_setns(descriptor):
    import ctypes
    clone_newnet = 0x40000000
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, clone_newnet) != 0:
        raise OSError(ctypes.get_errno(), "setns")


@needs_root
def test_sent_on_an_idle_connection_after_the_cut(cable, start_lb, start_backend, connect):
    far, near = cable.listen(OK), start_backend()
    lb = start_lb("--workers=1", backends=[far, near])
    client = connect(lb)
    assert [client.get().status for _ in range(2)] == [200, 200]
    cable.cut()
    assert [client.get().status for _ in range(2)] == [200, 200]
    assert (far.request_count, near.request_count) == (1, 3)
    lb.wait_total("retries", 1)


@pytest.mark.slow("the kernel's own timers tell that a peer is lost")
@needs_root
def test_cut_while_the_answer_is_awaited(cable, start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.wait_end()

    far, near = cable.listen(script), start_backend()
    lb = start_lb("--workers=1", backends=[far, near])
    clients = [connect(lb).request() for _ in range(2)]
    far.wait_requests(1)
    cable.cut()
    assert [client.read_response().status for client in clients] == [200, 200]
    assert near.request_count == 2


@needs_root
def test_all_that_was_kept_is_let_go_after_the_cut(cable, start_lb, start_backend, connect):
    """One request finds out; the others do not wait for each kept connection, and no GET fails."""
    kept = 6
    all_there = threading.Barrier(kept)

    def script(connection):
        for number in itertools.count():
            connection.read_request()
            if number == 0:
                all_there.wait(15)
            connection.send(OK)

    far, near = cable.listen(script), start_backend()
    lb = start_lb("--workers=1", backends=[far, near])
    clients = [connect(lb).request() for _ in range(2 * kept)]
    assert {client.read_response().status for client in clients} == {200}
    assert far.request_count == kept
    cable.cut()
    begun = time.monotonic()
    assert [clients[0].get().status for _ in range(10)] == [200] * 10
    assert time.monotonic() - begun < 2 * kept - 4  # at 2 s for each, the kernel's own six seconds aside
    assert lb.totals()["retries"] < kept
    assert far.request_count == kept


@pytest.mark.slow("a host is away for three seconds")
@needs_root
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_away_for_three_seconds_is_not_lost(cable, method, start_lb, connect):
    """A machine that moves: what must not be sent twice is waited for, as long as its kernel comes back."""
    far = cable.listen(OK)
    lb = start_lb("--workers=1", backends=[far])
    client = connect(lb)
    assert client.get().status == 200
    cable.cut()
    client.request(method, body=b"x" if method == "POST" else None)
    threading.Event().wait(3)
    cable.mend()
    assert client.read_response().status == 200
    assert far.request_count == 2


@pytest.mark.slow("three times the shortest time after which a host is lost")
def test_a_process_that_takes_nothing_is_not_lost(start_lb, start_backend, connect):
    """Stopped while a request comes in: its kernel acknowledges, and says that it has no room."""
    def script(connection):
        head = connection.read_head()
        threading.Event().wait(12)
        connection.read_body(head)
        connection.send(OK)

    backend = start_backend(script)
    lb = start_lb("--workers=1", "--upstream-dead-after=4s", "--max-body=100m", backends=[backend])
    assert connect(lb).request("POST", body=b"x" * (24 << 20)).read_response().status == 200
    assert backend.request_count == 1


@pytest.mark.slow("the shortest time after which a host is lost")
@needs_root
def test_a_post_ends_when_the_host_is_lost(cable, start_lb, connect):
    far = cable.listen(OK)
    lb = start_lb("--workers=1", "--upstream-dead-after=4s", backends=[far])
    client = connect(lb)
    assert client.get().status == 200
    cable.cut()
    assert client.request("POST", body=b"x").read_response().status == 502


@needs_root
def test_slow_is_not_lost(cable, start_lb, connect):
    """Longer than the first look, with its bytes acknowledged."""
    def script(connection):
        connection.read_request()
        threading.Event().wait(3)
        connection.send(OK)

    far = cable.listen(script)
    assert connect(start_lb("--workers=1", backends=[far])).get().status == 200
    assert far.request_count == 1


@needs_root
@pytest.mark.parametrize("address, flag", [("10.213.78.9", "--connect-timeout"),
                                           ("192.0.2.9", "--far-connect-timeout")])
def test_connect_deadline_by_kind_of_address(address, flag, cable, start_lb):
    """The probe tells how long a connect may take: private and public addresses have their own."""
    cable.swallow(address)
    other = ({"--connect-timeout", "--far-connect-timeout"} - {flag}).pop()
    lb = start_lb(f"{flag}=50ms", f"{other}=1h", backends=[(address, 80)], is_ready=False)
    lb.wait_problem("connect timed out")


@pytest.mark.parametrize("method, goes_elsewhere", [("GET", True), ("PUT", True), ("POST", False)])
def test_paused_backend_is_not_waited_for(method, goes_elsewhere, start_lb, start_backend, connect,
                                          discovery):
    """A paused container answers when somebody lets it; what can be sent again need not wait."""
    def script(connection):
        connection.read_request()
        connection.backend.may_answer.wait(15)
        connection.send(OK)

    paused, other = start_backend(script), start_backend()
    paused.may_answer = threading.Event()
    lb = start_lb("--workers=1", *discovery.flags)
    discovery.send(endpoint("paused", paused.address))
    lb.wait_ready(1)
    client = connect(lb).request(method, body=b"x" if method != "GET" else None)
    paused.wait_requests(1)
    discovery.send(endpoint("paused", paused.address, state="paused"),
                   endpoint("other", other.address))
    lb.wait_states(paused="paused", other="ready")
    if not goes_elsewhere:
        paused.may_answer.set()
    assert client.read_response().status == 200
    assert other.request_count == goes_elsewhere
    paused.may_answer.set()
