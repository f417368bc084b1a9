"""A connection that lb has accepted, or the kernel for it, and that has not asked yet gets its answer
when lb is told to stop: nobody has told its client to expect an end."""

import os
import signal
import socket
import threading
import time

import pytest

from support.http import Truncated
from support.waiting import is_stopped, wait_for

PATIENT = "--shutdown-grace=60s"  # whoever ends sooner than this did so by itself


def begin_stop(lb, number=signal.SIGTERM):
    lb.signal(number)
    lb.wait_message(r"SIG(TERM|INT): finishing what runs|no new connections")


def wait_no_listener(address):
    def is_refused():
        with socket.socket() as probe:
            return probe.connect_ex(address) != 0
    wait_for(is_refused, "nobody listens any more")


def assert_last_answer(client):
    response = client.read_response()
    assert (response.status, response.get("Connection")) == (200, "close")
    assert client.ends()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_asks_after_the_signal(number, start_lb, start_appserver, connect):
    lb = start_lb(PATIENT, backends=[start_appserver("one")])
    clients = [connect(lb) for _ in range(6)]
    lb.wait_total("clients_accepted", 6)
    begin_stop(lb, number)
    wait_no_listener(lb.address)
    for client in clients[:3]:
        client.request("GET")
    for client in clients[3:]:
        client.send(b"GET / HTTP/1.1\r\nHo")
    for client in clients[3:]:
        client.send(b"st: test\r\n\r\n")
    for client in clients:
        assert_last_answer(client)
    assert lb.wait_end() == 0


def test_it_never_asks(start_lb, start_appserver, connect):
    """It is not waited for until the grace is over."""
    lb = start_lb(PATIENT, backends=[start_appserver("one")])
    client = connect(lb)
    lb.wait_total("clients_accepted", 1)
    begin_stop(lb)
    assert client.ends()
    assert lb.wait_end(timeout_s=15) == 0


def test_it_waits_to_be_accepted(start_lb, start_appserver, connect):
    """More of them than are accepted in one turn; some have asked, the others do so later."""
    lb = start_lb(PATIENT, backends=[start_appserver("one")])
    serving = lb.proxy_pid
    os.kill(serving, signal.SIGSTOP)
    wait_for(lambda: is_stopped(serving), "lb does nothing")
    asked = [connect(lb).request("GET") for _ in range(150)]
    fresh = [connect(lb) for _ in range(150)]
    lb.signal()
    os.kill(serving, signal.SIGCONT)
    lb.wait_message("SIGTERM: finishing what runs")
    for client in fresh:
        client.request("GET")
    for client in asked + fresh:
        assert client.read_response().status == 200
    assert lb.wait_end() == 0


@pytest.mark.parametrize("delay", ["0s", "50ms"])
def test_new_connections_all_the_time(delay, start_lb, start_appserver, connect):
    """Each request on a connection of its own, hundreds a second, up to the moment when connections
    are refused; and the same with the next lb."""
    server = start_appserver("one")
    failed = []

    def ask(lb, done):
        while True:
            try:
                client = connect(lb)
            except ConnectionRefusedError:
                return
            except ConnectionResetError:
                failed.append("reset while it connected")
                return
            try:
                time.sleep(0.001)  # lb accepts it meanwhile
                if client.get().status == 200:
                    done.append(1)
                    continue
                failed.append("status")
            except (Truncated, OSError) as error:
                failed.append(repr(error))
            finally:
                client.close()

    for _ in range(4):
        lb = start_lb("--shutdown-delay=" + delay, PATIENT, backends=[server])
        done = []
        askers = [threading.Thread(target=ask, args=(lb, done)) for _ in range(8)]
        for asker in askers:
            asker.start()
        wait_for(lambda: len(done) > 60, "it has work")
        lb.signal()
        for asker in askers:
            asker.join()
        assert lb.wait_end() == 0
    assert failed == []
