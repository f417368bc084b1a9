"""SIGTERM ends lb without costing anybody an answer, and within the grace."""

import os
import re
import signal
import socket
import time

import pytest

from support.discovery import endpoint
from support.processes import read
from support.waiting import wait_for, wait_until_still

PATIENT = "--shutdown-grace=60s"  # whoever ends sooner than this did so by itself


def wait_running(lb, count):
    def look():
        return sum(e["inflight"] for e in lb.endpoints().values()) == count
    wait_for(look, f"{count} requests run")


def begin_stop(lb, number=signal.SIGTERM):
    lb.signal(number)
    lb.wait_message(r"SIG(TERM|INT): finishing what runs")


def wait_no_listener(address):
    def is_refused():
        with socket.socket() as probe:
            return probe.connect_ex(address) != 0
    wait_for(is_refused, "nobody listens any more")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGQUIT, signal.SIGINT])
def test_nothing_runs(number, start_lb, start_appserver):
    lb = start_lb(PATIENT, backends=[start_appserver("one")])
    lb.signal(number)
    assert lb.wait_end(timeout_s=30) == 0
    assert lb.messages()[-1] == "stopped"


def test_stray_signals_end_nothing(start_lb, start_appserver, connect):
    lb = start_lb(backends=[start_appserver("one")])
    client = connect(lb).request("GET", "/delay/200")
    wait_running(lb, 1)
    strays = {signal.SIGPIPE, signal.SIGALRM, signal.SIGUSR1, signal.SIGVTALRM,
              signal.SIGPROF, signal.SIGIO, signal.SIGPWR, signal.SIGXCPU, signal.SIGXFSZ,
              signal.SIGSTKFLT, signal.SIGHUP, signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH,
              signal.SIGCONT, signal.SIGRTMIN, signal.SIGRTMIN + 3, signal.SIGRTMAX}
    for number in strays:
        lb.signal(number)
    assert client.read_response().status == 200
    assert client.get().status == 200


def test_quit_is_like_term(start_lb, start_appserver, connect):
    lb = start_lb(DELAY, backends=[start_appserver("one")])
    lb.signal(signal.SIGQUIT)
    lb.wait_message(r"^SIGQUIT: not ready any more, going on")
    wait_for(lambda: connect(lb).get().get("Connection") == "close", "the worker knows")


def test_running_request_is_finished(start_lb, start_appserver, connect):
    lb = start_lb(PATIENT, backends=[start_appserver("one")])
    clients = [connect(lb).request("GET", "/delay/300") for _ in range(5)]
    wait_running(lb, 5)
    begin_stop(lb)
    wait_no_listener(lb.address)
    for client in clients:
        response = client.read_response()
        assert (response.status, response.body) == (200, b"waited\n")
        assert response.get("Connection") == "close"
        assert client.ends()
    lb.wait_end()  # it does not wait for anything else


def test_running_download_is_finished(start_lb, start_appserver, connect):
    lb = start_lb(PATIENT, backends=[start_appserver("one")])
    slow = connect(lb).request("GET", "/slow/5/50")
    large = connect(lb, receive_buffer=4096).request("GET", "/bytes/20000000")
    assert slow.read_head().status == 200
    large.wire.take_until(b"\r\n\r\n")
    begin_stop(lb)
    wait_no_listener(lb.address)
    body = large.wire.take_exactly(20000000)
    assert body == (b"abcdefghijklmnopqrstuvwxyz" * 800000)[:20000000]
    assert slow.wire.take_until(b"\r\n0\r\n\r\n").count(b"piece") == 5
    lb.wait_end()


def test_answer_that_is_still_being_read_is_not_cut_off(start_lb, start_appserver, connect):
    """The backend is through with it, and what the kernel did not take yet lies in lb."""
    lb = start_lb(PATIENT, "--workers=1", backends=[start_appserver("one")])
    client = connect(lb, receive_buffer=4096)
    client.send(b"GET /bytes/20000 HTTP/1.1\r\nHost: test\r\n\r\n" * 1000)
    served = wait_until_still(lambda: lb.totals()["requests"], "no more is served")
    assert 0 < served < 1000
    begin_stop(lb)
    wait_no_listener(lb.address)
    for _ in range(served):
        assert len(client.read_response().body) == 20000
    while not client.ends():  # one more may have been under way
        assert len(client.read_response().body) == 20000
    client.close()
    lb.wait_end()


def test_running_upload_is_finished(start_lb, start_appserver, connect):
    lb = start_lb(PATIENT, backends=[start_appserver("one")])
    client = connect(lb)
    client.send(b"POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 2000000\r\n\r\n")
    client.send(b"x" * 1000000)
    wait_running(lb, 1)
    begin_stop(lb)
    wait_no_listener(lb.address)
    client.send(b"x" * 1000000)
    assert client.read_response().body.startswith(b"received 2000000 bytes")
    lb.wait_end()


def test_idle_connections_are_closed_at_once(start_lb, start_appserver, connect):
    lb = start_lb(PATIENT, "--workers=1", backends=[start_appserver("one")])
    used, busy = connect(lb), connect(lb)
    assert used.get().status == 200
    lb.wait_total("client_connections", 2)
    busy.request("GET", "/delay/500")
    wait_running(lb, 1)
    begin_stop(lb)
    assert used.ends()
    assert busy.is_silent()  # while it still waits
    assert busy.read_response().status == 200
    lb.wait_end()


def test_head_that_has_begun_is_served(start_lb, start_appserver, connect):
    lb = start_lb(PATIENT, "--workers=1", backends=[start_appserver("one")])
    busy = connect(lb).request("GET", "/delay/300")
    client = connect(lb).send(b"GET / HTTP/1.1\r\nHo")
    wait_running(lb, 1)
    lb.wait_total("client_connections", 2)
    begin_stop(lb)
    wait_no_listener(lb.address)
    client.send(b"st: test\r\n\r\n")
    response = client.read_response()
    assert (response.status, response.get("Connection")) == (200, "close")
    assert client.ends()
    assert busy.read_response().status == 200
    lb.wait_end()


def test_pipelined_requests_get_the_running_answer_and_a_close(start_lb, start_appserver, connect):
    lb = start_lb(PATIENT, backends=[start_appserver("one")])
    client = connect(lb)
    client.send(b"GET /delay/200 HTTP/1.1\r\nHost: test\r\n\r\n"
                b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    wait_running(lb, 1)
    begin_stop(lb)
    response = client.read_response()
    assert (response.body, response.get("Connection")) == (b"waited\n", "close")
    assert client.ends()
    client.close()
    lb.wait_end()


def assert_cut_off(client):
    """As the manual says: 503, as no answer has begun."""
    answer = client.read_response()
    assert answer.status == 503 and answer.get("Connection") == "close"
    assert client.ends()


def test_grace_is_over(start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.wait_end()

    lb = start_lb("--shutdown-grace=200ms", backends=[start_backend(script)])
    client = connect(lb).request()
    wait_running(lb, 1)
    started = time.monotonic()
    begin_stop(lb)
    assert_cut_off(client)
    assert time.monotonic() - started >= 0.18
    lb.wait_end(timeout_s=30)
    assert lb.find_message("the shutdown grace is over")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_second_signal_ends_it_at_once(number, start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.wait_end()

    lb = start_lb(PATIENT, backends=[start_backend(script)])
    client = connect(lb).request()
    wait_running(lb, 1)
    begin_stop(lb)
    assert client.is_silent()
    lb.signal(number)
    assert_cut_off(client)
    lb.wait_end(timeout_s=30)


@pytest.mark.parametrize("sent", [
    b"GET / HTTP/1.1\r\nHost: a", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nbody",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n",
], ids=["half a head", "half a body", "pipelined"])
def test_who_is_cut_off_is_told(sent, start_lb, start_backend, connect):
    """Once, whatever else it has sent."""
    def script(connection):
        connection.read_request()
        connection.wait_end()

    lb = start_lb("--shutdown-grace=200ms", backends=[start_backend(script)])
    client = connect(lb).send(sent)
    wait_for(lambda: lb.totals()["client_connections"] == 1, "it is there")
    begin_stop(lb)
    assert_cut_off(client)
    lb.wait_end(timeout_s=30)


def test_admin_tells_of_it(start_lb, start_appserver, connect):
    lb = start_lb(PATIENT, backends=[start_appserver("one")])
    client = connect(lb).request("GET", "/delay/400")
    wait_running(lb, 1)
    assert lb.ask("/readyz").status == 200
    begin_stop(lb)
    ready = lb.ask("/readyz")
    assert (ready.status, ready.body) == (503, b"shutting down\n")
    assert lb.ask("/healthz").status == 200
    assert lb.pool()["shutting_down"] is True
    assert client.read_response().status == 200
    lb.wait_end()


def test_clients_that_linger_do_not_hold_it_up(start_lb, start_backend, connect):
    """Refused clients may still send; when they are gone, so is lb."""
    lb = start_lb(PATIENT, "--max-body=10", backends=[start_backend()])
    client = connect(lb).request("POST", body=b"x" * 100000)
    assert client.read_response().status == 413
    begin_stop(lb)
    wait_no_listener(lb.address)
    client.close()
    lb.wait_end()


def test_discovery_ends_with_it(start_lb, discovery):
    lb = start_lb(PATIENT, *discovery.flags)
    discovery.wait_starts(1)
    lb.signal(signal.SIGTERM)
    lb.wait_end()
    assert discovery.connections[0].recv(1) == b""  # the program has ended


def test_it_ends_while_discovery_is_down(start_lb, tmp_path):
    lb = start_lb(PATIENT, f"--file={tmp_path}/none", f"--discovery={tmp_path}/none")
    lb.wait_message("cannot be started")
    lb.signal(signal.SIGTERM)
    lb.wait_end(timeout_s=30)


# ---- the delay before it stops accepting ---------------------------------------------------------

DELAY = "--shutdown-delay=60s"  # ended by the test with a second signal


def begin_leaving(lb):
    lb.signal(signal.SIGTERM)
    lb.wait_message("SIGTERM: not ready any more")


def test_readyz_fails_first_and_everything_goes_on(start_lb, start_appserver, connect):
    lb = start_lb(DELAY, backends=[start_appserver("one"), start_appserver("two")])
    idle, busy = connect(lb), connect(lb)
    assert idle.get().get("Connection") != "close"
    busy.request("GET", "/delay/300")
    wait_running(lb, 1)
    begin_leaving(lb)
    assert (lb.ask("/readyz").status, lb.ask("/healthz").status) == (503, 200)
    assert lb.pool()["shutting_down"] is True
    assert idle.is_silent()
    for client in (idle, busy, connect(lb)):  # one that comes now is served, too
        response = busy.read_response() if client is busy else client.get()
        assert (response.status, response.get("Connection")) == (200, "close")
        assert client.ends()
    assert not lb.find_message("no new connections")
    lb.signal()
    lb.wait_end(timeout_s=30)


def test_answer_that_promised_more_keeps_its_promise(start_lb, start_appserver, connect):
    """Its head went out before the signal: the connection takes one more request."""
    lb = start_lb(DELAY, backends=[start_appserver("one")])
    client = connect(lb).request("GET", "/slow/3/100")
    assert client.read_head().get("Connection") is None
    begin_leaving(lb)
    client.wire.take_until(b"\r\n0\r\n\r\n")
    assert client.get().get("Connection") == "close"
    assert client.ends()
    lb.signal()
    lb.wait_end(timeout_s=30)


def test_the_pool_is_followed_meanwhile(start_lb, start_backend, connect, discovery):
    backends = [start_backend() for _ in range(2)]
    lb = start_lb(DELAY, *discovery.flags)
    discovery.send(endpoint("one", backends[0].address))
    lb.wait_ready(1)
    begin_leaving(lb)
    discovery.send(endpoint("two", backends[1].address))
    lb.wait_states(two="ready")
    assert connect(lb).get().status == 200 and backends[1].request_count == 1
    lb.signal()
    lb.wait_end(timeout_s=30)


def test_then_it_stops_accepting(start_lb, start_appserver, connect):
    lb = start_lb("--shutdown-delay=300ms", PATIENT, backends=[start_appserver("one")])
    idle = connect(lb)
    assert idle.get().status == 200
    started = time.monotonic()
    lb.signal()
    lb.wait_message("no new connections; finishing what runs")
    assert time.monotonic() - started >= 0.25
    assert idle.ends()
    wait_no_listener(lb.address)
    lb.wait_end(timeout_s=30)


def test_ctrl_c_waits_for_nobody(start_lb, start_appserver):
    lb = start_lb(DELAY, PATIENT, backends=[start_appserver("one")])
    lb.signal(signal.SIGINT)
    lb.wait_message("SIGINT: finishing what runs")
    lb.wait_end(timeout_s=30)


def test_idle_connections_end_without_a_reset(start_lb, start_appserver, connect):
    """A request that crosses the goodbye meets the end of the connection, not a reset that could
    take an answer with it."""
    lb = start_lb(PATIENT, "--workers=1", backends=[start_appserver("one")])
    clients = [connect(lb) for _ in range(20)]
    assert all(client.get().status == 200 for client in clients)
    begin_stop(lb)
    for client in clients:
        assert client.sock.recv(1) == b""  # FIN
        client.send(b"GET / HTTP/1.1\r\n")
    for client in clients:
        client.send(b"Host: a\r\n\r\n")  # raises after a reset
        client.close()
    lb.wait_end(timeout_s=30)


def test_request_that_had_come_is_answered(start_lb, start_appserver, connect):
    """Requests and connections that lie in the kernel when the signal comes are served."""
    lb = start_lb(PATIENT, "--workers=1", backends=[start_appserver("one")])
    idle = [connect(lb) for _ in range(10)]
    assert all(client.get().status == 200 for client in idle)
    serving = lb.proxy_pid
    os.kill(serving, signal.SIGSTOP)
    fresh = [connect(lb) for _ in range(10)]
    for client in idle + fresh:
        client.request()
    lb.signal(signal.SIGTERM)
    os.kill(serving, signal.SIGCONT)
    for client in idle + fresh:
        assert client.read_response().status == 200
    lb.wait_end(timeout_s=30)


def threads_that_take(pid, number):
    """The signal may come to those: one that has its default then ends the program."""
    blocked = {int(task): re.search(r"^SigBlk:\s+(\w+)", read(pid, f"task/{task}/status"), re.M)
               for task in os.listdir(f"/proc/{pid}/task")}
    return {task for task, mask in blocked.items() if mask and not int(mask[1], 16) & 1 << (number - 1)}


def test_one_thread_takes_the_signals(start_lb, start_appserver, tmp_path):
    """None of those that libuv has begun, which work for a reload: as lb ends, the one blocks them, and nobody dies."""
    lb = start_lb("--listen-tls=127.0.0.1:0", f"--certificates={tmp_path}", backends=[start_appserver("one")])
    lb.reload()
    pid = lb.proxy_pid
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        taking = wait_for(lambda number=number: threads_that_take(pid, number), "it takes them, but for moments")
        assert taking == {pid}


def test_signals_while_it_ends_change_nothing(start_lb, start_appserver):
    """It ends with status 0, however often it is told to."""
    for round_number in range(5):
        lb = start_lb(backends=[start_appserver("one")])
        if round_number % 2 == 0:
            lb.reload()  # with the threads that work for one
        lb.signal()
        until = time.monotonic() + 5
        while lb.process.poll() is None and time.monotonic() < until:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
                lb.signal(number)
            time.sleep(0.001)  # without it, lb would do nothing but read signals
        assert lb.wait_end() == 0
