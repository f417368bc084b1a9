"""Descriptors, ports and routes that lb itself lacks: who comes in is served, and no endpoint is
blamed."""

import contextlib
import errno
import os
import resource
import time

import pytest

from support.http import Truncated
from support.program import BIN_DIR
from support.waiting import wait_for, wait_until_still

FAIL_CONNECT = BIN_DIR.parent / "tests/libfail_connect.so"
CLOSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def let_have(lb, count):
    """From now on it may have so many descriptors."""
    _, most = resource.prlimit(lb.proxy_pid, resource.RLIMIT_NOFILE)
    resource.prlimit(lb.proxy_pid, resource.RLIMIT_NOFILE, (count, most))


def used_by(lb):
    return sorted(int(name) for name in os.listdir(f"/proc/{lb.proxy_pid}/fd"))


def fill_holes(lb, connect):
    """Connections until its descriptors are numbered without a gap; gives how many it has."""
    end = used_by(lb)[-1] + 1
    for _ in range(end - len(used_by(lb))):
        connect(lb)
    wait_for(lambda: used_by(lb) == list(range(end)), "there is no gap")
    return end


def is_served(client):
    with contextlib.suppress(OSError, Truncated):
        return client.get().status == 200


def are_unblamed(lb):
    endpoints = lb.endpoints().values()
    return all(e["state"] == "ready" and e["failures"] == 0 for e in endpoints)


def test_soft_limit_is_raised(start_lb, start_backend):
    lb = start_lb(backends=[start_backend()], rlimits={resource.RLIMIT_NOFILE: (256, 2048)})
    assert lb.metrics().value("process_max_fds") == 2048


def test_clients_that_do_not_read_leave_descriptors_for_others(start_lb, start_appserver, connect):
    """Each takes itself, an upstream and perhaps a pipe; more than all that come in do so. Those who
    came before are served, admin and checks go on."""
    begin = time.monotonic()
    lb = start_lb("--check-mode=tcp", "--check-interval=100ms", "--check-fall=1",
                  backends=[start_appserver("one"), start_appserver("two")],
                  rlimits={resource.RLIMIT_NOFILE: 256}).wait_ready(2)
    good = [connect(lb) for _ in range(4)]
    assert {client.get().status for client in good} == {200}
    greedy = []
    for _ in range(150):
        with contextlib.suppress(OSError):  # too many even to be told so
            greedy.append(connect(lb, receive_buffer=4096).request(target="/bytes/9000000"))
    wait_until_still(lambda: used_by(lb), "lb is full")
    for _ in range(10):
        assert lb.ask("/healthz").status == 200
        assert {client.get().status for client in good if client.is_silent()} <= {200}
        assert are_unblamed(lb)
    for client in greedy:
        client.reset()
    wait_for(lambda: is_served(connect(lb)), "it serves again")
    assert lb.totals()["ends"].keys() <= {"ok", "client_gone", "too_many_connections"}
    assert not lb.find_message("too many open files")
    lb.wait_message("new connections are refused.*ulimit -n")
    said = [message for message in lb.messages() if message.startswith("new connections are refused")]
    assert len(said) <= 1 + (time.monotonic() - begin) / 60  # once a minute


def test_no_descriptor_is_no_fault_of_an_endpoint(start_lb, start_backend, connect):
    """Everything wants new connections and none is to be had: requests, checks, and first contacts."""
    lb = start_lb("--workers=1", "--check-mode=tcp", "--check-interval=20ms", "--check-fall=1",
                  "--eject-after=1", backends=[start_backend(CLOSE), start_backend(CLOSE)])
    client = connect(lb.wait_ready(2))
    assert client.get().status == 200
    let_have(lb, 3)
    for _ in range(20):
        assert client.get().status == 503
    message = lb.wait_message("cannot connect to backends: too many open files; raise the limit")
    lb.wait_message("cannot check backends: too many open files; raise the limit")
    said = len(lb.find_message("cannot connect").re.findall("\n".join(lb.messages())))
    assert message and said == 1
    let_have(lb, 1024)
    assert client.get().status == 200
    lb.wait_total("ends", {"ok": 2, "no_socket": 20})
    assert are_unblamed(lb)
    assert not lb.find_message("is failing|is ejected|was ejected")


def test_idle_upstreams_give_way(start_lb, start_backend, connect):
    """One backend has ended its idle connection, the other one has not, and that has the last
    descriptor: it goes where a new connection to the first is wanted."""
    backends = [start_backend(), start_backend()]
    lb = start_lb("--workers=1", backends=backends)
    client = connect(lb)
    wait_for(lambda: client.get().status == 200 and all(b.used_connections() for b in backends),
             "both have a connection")
    before = len(used_by(lb))
    backends[0].end_connections()
    wait_for(lambda: len(used_by(lb)) == before - 1, "lb has seen its end")
    let_have(lb, fill_holes(lb, connect))
    count = backends[0].request_count
    wait_for(lambda: client.get().status == 200 and backends[0].request_count > count, "it is asked")
    assert used_by(lb)[-1] < resource.prlimit(lb.proxy_pid, resource.RLIMIT_NOFILE)[0]
    let_have(lb, 1024)
    assert are_unblamed(lb)


@pytest.fixture
def start_failing(start_lb, start_backend, built_with, tmp_path):
    """start_failing(*flags): (lb, fail) with two backends; fail(number) lets connects to the second
    one fail with that errno, 0: no more."""
    if built_with:
        pytest.skip("sanitizers want to be preloaded first")

    def start(*flags):
        backends = [start_backend(CLOSE), start_backend(CLOSE)]
        path = tmp_path / "fail"
        lb = start_lb("--workers=1", "--eject-after=1", *flags, backends=backends,
                      env={"LD_PRELOAD": str(FAIL_CONNECT), "LB_FAIL_CONNECT": str(path)})

        def fail(number):
            path.write_text(f"{backends[1].address[1]} {number}")
        return lb, fail
    return start


@pytest.mark.parametrize("name", ["ENETUNREACH", "EADDRNOTAVAIL", "ENOBUFS", "ENOMEM"])
def test_what_lb_lacks_is_no_fault_of_an_endpoint(name, start_failing, connect):
    """It may lack it for one endpoint only: another one is asked, whatever the retry budget says,
    because nobody was troubled by the first try."""
    lb, fail = start_failing("--retry-budget=0")
    client = connect(lb)
    fail(getattr(errno, name))
    for _ in range(150):
        assert client.request("POST", body=b"a").read_response().status == 200
    lb.wait_message("cannot connect to backends: ")
    fail(0)
    assert client.get().status == 200
    assert are_unblamed(lb)


def test_refused_is_a_fault_of_the_endpoint(start_failing, connect):
    """The same way, but for an error that is not lb's own."""
    lb, fail = start_failing("--eject-time=1m")
    client = connect(lb)
    fail(errno.ECONNREFUSED)
    for _ in range(20):
        assert client.get().status == 200
    assert "ejected" in lb.states().values()


def test_checks_that_lb_cannot_make_say_nothing(start_failing):
    lb, fail = start_failing("--check-mode=tcp", "--check-interval=20ms", "--check-fall=1")
    fail(errno.ENETUNREACH)
    lb.wait_message("cannot check backends: there is no route")
    fail(errno.EADDRNOTAVAIL)
    lb.wait_message("cannot check backends: no local port")
    assert are_unblamed(lb)
    fail(errno.ECONNREFUSED)
    wait_for(lambda: "failing" in lb.states().values(), "a check that fails takes it out")
