"""While nobody is there for a moment, requests wait for whoever comes first."""

import json
import shutil
import signal
import subprocess
import time

import pytest

from support.backend import OK, answer_each
from support.discovery import endpoint
from support.waiting import wait_for

PATIENT = "--hold=60s"  # whoever is answered sooner than this was woken
LEFT_OUT = {"id": "id-of-one", "name": "one", "reason": "not_running"}


def wait_held(lb, count):
    wait_for(lambda: lb.totals()["held"] == count, f"{count} requests are held")


def ask_and_wait(lb, connect, requests):
    """Requests, each on a connection of its own, one after the other in the queue."""
    clients = []
    for request in requests:
        client = connect(lb)
        clients.append(client.request(**request))
        wait_held(lb, len(clients))
    return clients


GET, HEAD = {"method": "GET"}, {"method": "HEAD"}
POST = {"method": "POST", "body": b"x" * 5000}
CHUNKS = {"method": "POST", "body": [b"chunk"] * 3}


def assert_ok(clients):
    for client in clients:
        assert client.read_response().status == 200


@pytest.mark.parametrize("before", ["ready", "paused", "starting", "draining"])
def test_all_are_out_for_a_moment(before, start_lb, start_appserver, discovery, connect):
    """The one that is known gets no requests, or is gone altogether, and comes back."""
    server = start_appserver("one").address
    lb = start_lb(PATIENT, *discovery.flags)
    discovery.send(endpoint("one", server))
    lb.wait_ready(1)
    if before == "ready":
        discovery.send(left_out=[LEFT_OUT])
        wait_for(lambda: not lb.states(), "it is gone")
    else:
        discovery.send(endpoint("one", server, state=before))
        lb.wait_states(one=before)
    clients = ask_and_wait(lb, connect, [GET, POST, CHUNKS])
    assert all(client.is_silent() for client in clients)
    discovery.send(endpoint("one", server))
    assert_ok(clients)
    wait_held(lb, 0)
    lb.wait_total("holds", 3)
    assert lb.metrics().value("lb_hold_total") == 3
    assert lb.metrics().value("lb_held_requests") == 0
    lb.wait_total("ends", {"ok": 3})


def test_before_the_first_line(start_lb, start_appserver, discovery, connect):
    lb = start_lb(PATIENT, *discovery.flags)
    clients = ask_and_wait(lb, connect, [GET, POST])
    discovery.send(endpoint("one", start_appserver("one").address))
    assert_ok(clients)


def test_the_first_line_has_nobody(start_lb, discovery, connect):
    """Nobody was ever there, and nobody is expected: those that wait are told, and the next ones."""
    lb = start_lb(PATIENT, *discovery.flags)
    clients = ask_and_wait(lb, connect, [GET, GET])
    discovery.send()
    for client in [*clients, connect(lb).request("GET")]:
        answer = client.read_response()
        assert answer.status == 503 and answer.get("Retry-After") == "1"
    wait_for(lambda: lb.totals()["ends"] == {"no_endpoint": 3}, "all three are counted")


def test_backend_that_does_not_listen_yet(start_lb, start_backend, connect):
    late = start_backend(is_listening=False)
    lb = start_lb(PATIENT, backends=[late], is_ready=False)
    clients = ask_and_wait(lb, connect, [GET, POST])
    late.listen()
    assert_ok(clients)


def test_first_in_first_out(start_lb, start_backend, discovery, connect):
    backend = start_backend(answer_each(OK))
    lb = start_lb(PATIENT, "--workers=1", *discovery.flags)
    clients = ask_and_wait(lb, connect, [{"target": f"/{i}"} for i in range(20)])
    discovery.send(endpoint("one", backend.address))
    assert_ok(clients)
    requests = sorted(backend.requests, key=lambda request: request.connection)
    assert [request.target for request in requests] == [f"/{i}" for i in range(20)]


def test_patience_ends(start_lb, discovery, connect):
    lb = start_lb("--hold=300ms", *discovery.flags)
    asked_at = time.monotonic()
    client = connect(lb)
    answer = client.get()
    assert answer.status == 503 and answer.get("Retry-After") == "1"
    assert time.monotonic() - asked_at > 0.28
    assert client.get().status == 503, "the connection is kept"


@pytest.mark.parametrize("flags", [["--hold=0"], ["--hold=0s"], ["--hold=10s", "--hold-max=0"]])
def test_none_is_held(flags, start_lb, discovery, connect):
    lb = start_lb(*flags, *discovery.flags)
    assert connect(lb).get().status == 503
    assert lb.totals()["holds"] == 0


def test_more_than_may_wait(start_lb, start_appserver, discovery, connect):
    lb = start_lb(PATIENT, "--hold-max=3", "--workers=1", *discovery.flags)
    clients = ask_and_wait(lb, connect, [GET, GET, GET])
    assert connect(lb).get().status == 503
    discovery.send(endpoint("one", start_appserver("one").address))
    assert_ok(clients)


def test_client_that_leaves(start_lb, start_backend, discovery, connect):
    """It is dropped at once, also when a part of its body keeps lb from reading on: no backend works
    for it. Who shuts its sending side only is told at once."""
    backend = start_backend()
    lb = start_lb(PATIENT, *discovery.flags)
    clients = ask_and_wait(lb, connect, [GET, GET, POST, GET])
    clients[0].close()
    clients[1].reset()
    clients[3].half_close()
    assert clients[3].read_response().status == 503
    wait_held(lb, 1)
    clients[2].close()
    discovery.send(endpoint("one", backend.address))
    wait_held(lb, 0)
    wait_for(lambda: lb.totals()["ends"] == {"client_gone": 4}, "all four are gone")
    assert backend.requests == []


def test_large_body_is_not_read_meanwhile(start_lb, start_appserver, discovery, connect):
    lb = start_lb(PATIENT, *discovery.flags)
    client = connect(lb)
    size = 50_000_000
    client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
    wait_held(lb, 1)
    client.sock.setblocking(False)
    sent = 0
    quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < 0.2:
        try:
            sent += client.sock.send(bytes(65536))
            quiet_since = time.monotonic()
        except BlockingIOError:
            time.sleep(0.01)
    assert sent < size / 2
    client.sock.settimeout(15)
    discovery.send(endpoint("one", start_appserver("one").address))
    client.send(bytes(size - sent))
    assert client.read_response().status == 200


def test_pipelined_requests_wait_in_order(start_lb, start_backend, discovery, connect):
    backend = start_backend()
    lb = start_lb(PATIENT, *discovery.flags)
    client = connect(lb)
    client.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % i for i in range(5)))
    wait_held(lb, 1)
    discovery.send(endpoint("one", backend.address))
    for _ in range(5):
        assert client.read_response().status == 200
    assert [request.target for request in backend.requests] == [f"/{i}" for i in range(5)]


def test_refused_by_the_last_one(start_lb, start_appserver, discovery, connect):
    """It has died, and the news of that come a moment later: nothing was sent, so it is tried
    again with the next one."""
    first = start_appserver("one")
    lb = start_lb(PATIENT, *discovery.flags)
    discovery.send(endpoint("one", first.address))
    lb.wait_ready(1)
    first.expected_status = -signal.SIGKILL
    first.signal(signal.SIGKILL)
    first.wait_end()
    client = connect(lb).request("POST", body=b"x")
    wait_held(lb, 1)
    discovery.send(left_out=[LEFT_OUT])
    wait_for(lambda: not lb.states(), "it is gone")
    assert client.is_silent()
    discovery.send(endpoint("two", start_appserver("two").address))
    answer = client.read_response()
    assert answer.status == 200 and answer.get("X-Served-By", "two") == "two"


def test_refused_and_no_news_come(start_lb, start_appserver, discovery, connect):
    first = start_appserver("one")
    lb = start_lb("--hold=2s", "--eject-after=0", *discovery.flags)
    discovery.send(endpoint("one", first.address))
    lb.wait_ready(1)
    first.expected_status = -signal.SIGKILL
    first.signal(signal.SIGKILL)
    first.wait_end()
    assert connect(lb).get().status == 502


def test_all_of_many_refuse_and_one_listens_again(start_lb, start_backend, discovery, connect):
    """All that wait are told of it, though each has asked it before."""
    backends = [start_backend() for _ in range(30)]
    lb = start_lb("--workers=1", "--hold=30s", *discovery.flags)
    discovery.send(*[endpoint(f"b{i}", backend.address) for i, backend in enumerate(backends)])
    lb.wait_ready(30)
    for backend in backends:
        backend.stop_listening()
    clients = ask_and_wait(lb, connect, [GET, POST] * 10)
    time.sleep(1.2)
    assert all(client.is_silent() for client in clients)
    start_backend(port=backends[17].address[1])
    listens_at = time.monotonic()
    assert_ok(clients)
    assert time.monotonic() - listens_at < 5
    lb.wait_total("ends", {"ok": 20})


def test_refused_and_it_listens_again(start_lb, start_backend, discovery, connect):
    """What listened in a container ended and is started again there: no source has news of that."""
    backend = start_backend()
    lb = start_lb(PATIENT, *discovery.flags)
    discovery.send(endpoint("one", backend.address))
    lb.wait_ready(1)
    backend.stop_listening()
    client = connect(lb).request("POST", body=b"x")
    wait_held(lb, 1)
    again = start_backend(port=backend.address[1])
    assert client.read_response().status == 200
    assert again.request_count == 1


def test_while_lb_is_told_to_stop(start_lb, start_appserver, discovery, connect):
    """What waits may be answered within the grace."""
    lb = start_lb(PATIENT, "--shutdown-grace=60s", *discovery.flags)
    clients = ask_and_wait(lb, connect, [GET, POST])
    lb.signal(signal.SIGTERM)
    lb.wait_message("SIGTERM: finishing what runs")
    discovery.send(endpoint("one", start_appserver("one").address))
    for client in clients:
        answer = client.read_response()
        assert answer.status == 200 and answer.get("Connection") == "close"
    assert lb.wait_end() == 0


def test_grace_ends(start_lb, discovery, connect):
    lb = start_lb(PATIENT, "--shutdown-grace=200ms", *discovery.flags)
    clients = ask_and_wait(lb, connect, [GET, POST])
    lb.signal(signal.SIGTERM)
    for client in clients:
        answer = client.read_response()
        assert answer.status == 503 and answer.get("Connection") == "close"
    assert lb.wait_end() == 0


def test_the_log_has_the_wait(start_lb, start_appserver, discovery, connect, tmp_path):
    log = tmp_path / "access.log"
    with log.open("wb") as out:
        lb = start_lb(PATIENT, "--workers=1", *discovery.flags, stdout=out)
        clients = ask_and_wait(lb, connect, [GET])
        discovery.send(endpoint("one", start_appserver("one").address))
        assert_ok(clients)
        assert connect(lb).get().status == 200
        lb.stop()
    waited, usual = [json.loads(line)["lb"] for line in log.read_text().splitlines()]
    assert 0 < waited["hold_ms"] <= waited["queue_ms"] <= waited["total_ms"]
    assert waited["end"] == "ok" and waited["attempts"] == 1 and "hold_ms" not in usual


def test_line_that_replaces_all_under_wrk(start_lb, start_appserver, discovery):
    """Over and over, and wrk sees no error."""
    servers = [start_appserver(name).address for name in ("a", "b", "c", "d")]
    lb = start_lb("--hold=10s", *discovery.flags)

    def tell(count):
        """Two new ones each time, at the addresses of two that others had before."""
        discovery.send(*(endpoint(f"m{count}-{i}", servers[count % 2 * 2 + i]) for i in (0, 1)))
        wait_for(lambda: lb.pool()["discovery"]["lines"] > count, "the line is read")

    tell(0)
    lb.wait_ready(2)
    load = subprocess.Popen(
        [shutil.which("wrk"), "-t2", "-c64", "-d4s", "--timeout", "5s",
         "http://%s:%d/" % lb.address], stdout=subprocess.PIPE, text=True)
    count = 1
    while load.poll() is None:
        tell(count)
        count += 1
    report = load.communicate()[0]
    assert "Socket errors" not in report and "Non-2xx" not in report, report
    assert count > 10
