"""So many requests of a backend at a time, over all workers; the others wait in order of arrival."""

import concurrent.futures
import json
import random
import signal
import time

import pytest

from support.discovery import endpoint
from support.waiting import wait_for

WORKERS = "--workers=4"


def wait_queued(lb, count):
    wait_for(lambda: lb.totals()["queued"] == count, f"{count} requests wait")


def ask_in_order(lb, connect, backend, count, targets=None):
    """Requests on connections of their own, each of which is known to be there before the next one."""
    clients = []
    limit_waits = 0
    for i in range(count):
        before = len(backend.targets)
        clients.append(connect(lb).request("GET", targets[i] if targets else f"/{i}"))
        wait_for(lambda: len(backend.targets) > before or lb.totals()["queued"] > limit_waits, "it is there")
        limit_waits = lb.totals()["queued"]
    return clients


def assert_kept(backend, limit):
    assert backend.most_connections <= limit
    assert backend.most_requests <= limit


def test_maxconn_4_with_50_clients(start_lb, start_busy, connect):
    """As in the original haproxy.cfg: nobody is refused, though lb has four workers."""
    backend = start_busy(0.01)
    lb = start_lb(WORKERS, "--max-inflight=4", backends=[backend.address])

    def ask_five_times(_):
        with connect(lb) as client:
            return [client.request("GET").read_response().status for _ in range(5)]
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        for statuses in pool.map(ask_five_times, range(50)):
            assert statuses == [200] * 5
    assert backend.most_requests == 4
    assert_kept(backend, 4)
    assert lb.totals()["ends"] == {"ok": 250}
    assert lb.totals()["queued"] == 0


@pytest.mark.parametrize("workers", [1, 4])
def test_in_order_of_arrival(workers, start_lb, start_busy, connect):
    """By one worker strictly, and by several the one goes first that has waited longest."""
    backend = start_busy()
    lb = start_lb(f"--workers={workers}", "--max-inflight=2", "--queue-timeout=60s", backends=[backend.address])
    clients = ask_in_order(lb, connect, backend, 12)
    wait_queued(lb, 10)
    for i in range(12):
        backend.release()
        wait_for(lambda: len(backend.targets) == min(12, i + 3), "the next one came")
    assert backend.targets == [f"/{i}" for i in range(12)]
    for client in clients:
        assert client.read_response().status == 200
    assert_kept(backend, 2)


def test_a_server_of_one_connection_serves_four_clients(start_lb, start_busy, connect):
    """Idle connections of one worker hold nobody up who has come to another one."""
    backend = start_busy(0)
    lb = start_lb(WORKERS, "--max-inflight=1", backends=[backend.address])
    clients = [connect(lb) for _ in range(8)]
    longest_s = 0
    for _ in range(25):
        for client in clients:
            began_s = time.monotonic()
            assert client.request("GET").read_response().status == 200
            longest_s = max(longest_s, time.monotonic() - began_s)
    assert longest_s < 1
    assert_kept(backend, 1)


def test_sessions_with_servers_of_one_connection(start_lb, start_busy, connect):
    """It is the idle connection of its own server that each waits for."""
    backends = [start_busy(0), start_busy(0)]
    lb = start_lb(WORKERS, "--max-inflight=1", "--balance=sticky", backends=[one.address for one in backends])
    cookies = [connect(lb).get().get("Set-Cookie").partition(";")[0] for _ in range(2)]
    assert cookies[0] != cookies[1]
    clients = [connect(lb) for _ in range(16)]
    rng = random.Random(3)
    for _ in range(100):
        began_s = time.monotonic()
        assert rng.choice(clients).get(fields=["Cookie: " + rng.choice(cookies)]).status == 200
        assert time.monotonic() - began_s < 2
    for backend in backends:
        assert_kept(backend, 1)


def test_patience(start_lb, start_busy, connect):
    backend = start_busy()
    lb = start_lb("--max-inflight=1", "--queue-timeout=600ms", backends=[backend.address])
    first = ask_in_order(lb, connect, backend, 1)[0]
    began_s = time.monotonic()
    answer = connect(lb).request("GET").read_response()
    assert 0.6 <= time.monotonic() - began_s < 2
    assert answer.status == 503
    assert answer.get("Retry-After") == "1"
    wait_for(lambda: lb.totals()["ends"] == {"queue_timeout": 1}, "it is counted")
    backend.release()
    assert first.read_response().status == 200
    assert lb.metrics().value("lb_queue_duration_seconds_count") == 1


def test_full(start_lb, start_busy, connect):
    backend = start_busy()
    lb = start_lb(WORKERS, "--max-inflight=1", "--queue=3", "--queue-timeout=60s", backends=[backend.address])
    clients = ask_in_order(lb, connect, backend, 4)
    wait_queued(lb, 3)
    assert lb.metrics().value("lb_queued_requests") == 3
    for _ in range(8):
        answer = connect(lb).request("GET").read_response()
        assert answer.status == 503 and answer.get("Retry-After") == "1"
    wait_for(lambda: lb.totals()["ends"] == {"queue_full": 8}, "all eight are counted")
    for client in clients:
        backend.release()
        assert client.read_response().status == 200


def test_a_pool_that_changes(start_lb, start_busy, connect, discovery):
    """One more server, a higher limit, a server that goes: those that wait go at once."""
    backend, other = start_busy(), start_busy()
    lb = start_lb(WORKERS, "--queue-timeout=60s", "--hold=60s", *discovery.flags)
    one = {"name": "one", "address": backend.address}
    discovery.send(endpoint(**one, max_inflight=1))
    lb.wait_ready(1)
    ask_in_order(lb, connect, backend, 8)
    wait_queued(lb, 7)
    discovery.send(endpoint(**one, max_inflight=2))
    wait_queued(lb, 6)
    discovery.send(endpoint(**one, max_inflight=2), endpoint("two", other.address, max_inflight=3))
    wait_queued(lb, 3)
    assert lb.pool()["services"][0]["waiting"] == 3
    assert [row["max_inflight"] for row in lb.pool()["services"][0]["endpoints"]] == [2, 3]
    discovery.send(endpoint(**one, max_inflight=2, state="draining"),
                   endpoint("two", other.address, max_inflight=0))
    wait_queued(lb, 0)
    wait_for(lambda: len(other.targets) == 6, "all others went there")
    assert (backend.most_requests, other.most_requests) == (2, 6)


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_server_that_leaves_and_comes_back(is_alone, start_lb, start_busy, connect, discovery):
    """What it still works on counts: nobody is sent to it before one of those ends."""
    backend = start_busy()
    lb = start_lb(WORKERS, "--queue-timeout=60s", "--hold=60s", *discovery.flags)
    one = endpoint("one", backend.address, max_inflight=2)
    others = [] if is_alone else [endpoint("two", start_busy().address, state="draining")]
    discovery.send(one, *others)
    lb.wait_ready(1)
    clients = ask_in_order(lb, connect, backend, 2)
    discovery.send(*others)
    wait_for(lambda: "one" not in lb.states(), "it has left")
    clients += [connect(lb).request("GET", f"/{i}") for i in range(2, 6)]
    discovery.send(one, *others)
    wait_for(lambda: lb.states().get("one") == "probing", "it is back, and has no place for a first contact")
    time.sleep(0.3)
    assert len(backend.targets) == 2
    for i in range(6):
        backend.release()
        wait_for(lambda: len(backend.targets) == min(6, i + 3), "the next one came")
    for client in clients:
        assert client.read_response().status == 200
    assert_kept(backend, 2)


def test_a_server_that_dies(start_lb, start_busy, connect, discovery):
    backend, other = start_busy(), start_busy()
    lb = start_lb(WORKERS, "--queue-timeout=60s", *discovery.flags)
    discovery.send(endpoint("one", backend.address, max_inflight=1), endpoint("two", other.address, max_inflight=1))
    lb.wait_ready(2)
    clients = [connect(lb).request("GET") for _ in range(6)]
    wait_queued(lb, 4)
    backend.close()
    for _ in range(6):
        wait_for(lambda: len(other.unanswered) == 1, "one is asked")
        other.release()
    for client in clients:
        assert client.read_response().status == 200
    assert_kept(other, 1)


def test_clients_that_leave(start_lb, start_busy, connect):
    backend = start_busy()
    lb = start_lb(WORKERS, "--max-inflight=1", "--queue-timeout=60s", backends=[backend.address])
    clients = ask_in_order(lb, connect, backend, 8)
    wait_queued(lb, 7)
    for client in clients[1:7]:
        client.reset()
    wait_queued(lb, 1)
    backend.release()
    assert clients[0].read_response().status == 200
    wait_for(lambda: backend.targets == ["/0", "/7"], "the last one came")
    backend.release()
    assert clients[7].read_response().status == 200


def test_the_first_that_wait_leave_as_a_place_is_free(start_lb, start_busy, connect):
    """What was meant for them is not lost."""
    backend = start_busy(0.002)
    lb = start_lb(WORKERS, "--max-inflight=1", "--queue-timeout=60s", backends=[backend.address])
    for _ in range(40):
        clients = [connect(lb).request("GET") for _ in range(6)]
        for client in clients[:5]:
            client.reset()
        assert clients[5].read_response().status == 200
    wait_queued(lb, 0)


def test_tunnels_hold_places(start_lb, start_busy, connect):
    backend = start_busy(0)
    lb = start_lb(WORKERS, "--max-inflight=1", "--queue-timeout=60s", backends=[backend.address])
    tunnel = connect(lb).request("GET", "/", ["Connection: upgrade", "Upgrade: x"])
    assert tunnel.read_head().status == 101
    client = connect(lb).request("GET", "/next")
    wait_queued(lb, 1)
    assert client.is_silent()
    tunnel.close()
    assert client.read_response().status == 200
    assert_kept(backend, 1)


def test_shutdown(start_lb, start_busy, connect):
    """Who waits is served as long as there is grace, and then told."""
    backend = start_busy()
    lb = start_lb(WORKERS, "--max-inflight=1", "--queue-timeout=60s", "--shutdown-delay=0s", "--shutdown-grace=1s",
                  backends=[backend.address])
    clients = ask_in_order(lb, connect, backend, 4)
    wait_queued(lb, 3)
    lb.signal(signal.SIGTERM)
    lb.wait_message("finishing what runs")
    backend.release()
    assert clients[0].read_response().status == 200
    backend.release()
    assert clients[1].read_response().status == 200
    assert clients[3].read_response().status == 503
    assert lb.wait_end() == 0


def test_reload_while_they_wait(start_lb, start_busy, connect, tmp_path):
    settings = tmp_path / "lb.json"

    def write(**words):
        settings.write_text(json.dumps({"max-inflight": 1, "queue-timeout": "60s", **words}))
    write()
    backend = start_busy()
    lb = start_lb(WORKERS, f"--config={settings}", backends=[backend.address])
    clients = ask_in_order(lb, connect, backend, 6)
    wait_queued(lb, 5)
    write(**{"max-inflight": 3})
    lb.reload()
    wait_queued(lb, 3)
    write(**{"max-inflight": "off"})
    lb.reload()
    wait_queued(lb, 0)
    backend.release(6)
    for client in clients:
        assert client.read_response().status == 200


CHECKS = ["--check-path=/health", "--check-interval=100ms", "--check-timeout=400ms", "--check-fall=1", "--check-rise=1"]


def test_checks_take_places_too(start_lb, start_busy, connect):
    """Never more than the limit at the server; one that is busy is not called dead, one that is idle is asked."""
    backend = start_busy(0)
    lb = start_lb(WORKERS, "--max-inflight=1", *CHECKS, backends=[backend.address])
    clients = [connect(lb) for _ in range(4)]
    for client in clients:
        assert client.get().status == 200
    count = backend.targets.count("/health")
    wait_for(lambda: backend.targets.count("/health") > count + 2, "it is checked though a connection is idle")
    backend.takes_s = None
    wait_for(lambda: not backend.unanswered, "no check runs")
    long = clients[0].request("GET", "/long")
    wait_for(lambda: "/long" in backend.targets, "it is busy")
    waiting = clients[1].request("GET", "/next")
    time.sleep(1)  # longer than a check may take
    assert set(lb.states().values()) == {"ready"}
    backend.takes_s = 0
    backend.release()
    assert long.read_response().status == 200
    assert waiting.read_response().status == 200
    assert_kept(backend, 1)


def test_one_request_a_connection(start_lb, start_busy, connect, discovery):
    backend = start_busy(0)
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("one", backend.address, keepalive=False))
    lb.wait_ready(1)
    client = connect(lb)
    for _ in range(3):
        assert client.request("GET").read_response().status == 200
    assert all(b"\r\nConnection: close" in head for head in backend.heads)
    assert lb.metrics().value("lb_upstream_connects_total", service="appserver") == 3
    discovery.send(endpoint("one", backend.address, keepalive=True))
    wait_for(lambda: client.request("GET").read_response().status == 200 and
             b"Connection: close" not in backend.heads[-1], "it is kept now")


def test_the_log_tells_how_long(start_lb, start_busy, connect, tmp_path):
    backend = start_busy()
    log = tmp_path / "access.log"
    with log.open("wb") as out:
        lb = start_lb("--max-inflight=1", backends=[backend.address], stdout=out)
        clients = ask_in_order(lb, connect, backend, 2)
        backend.release()
        assert clients[0].read_response().status == 200
        backend.release()
        assert clients[1].read_response().status == 200
        lb.stop()
    lines = [json.loads(line)["lb"] for line in log.read_text().splitlines()]
    usual, waited = sorted(lines, key=lambda line: "busy_ms" in line)  # of two workers, in any order
    assert 0 < waited["busy_ms"] <= waited["queue_ms"] <= waited["total_ms"]
    assert waited["end"] == "ok" and waited["attempts"] == 1 and "busy_ms" not in usual
