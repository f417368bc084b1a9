"""Retries have a budget, so that they cannot multiply an outage."""

import time

from support.backend import OK
from support.discovery import endpoint
from support.waiting import wait_for

STOCK = 100  # retries that are there at the start


def breaks_off(connection):
    """Takes the request, and ends the connection."""
    connection.read_request()


def test_an_outage_is_not_multiplied(start_lb, start_backend, connect):
    backends = [start_backend(breaks_off) for _ in range(3)]
    lb = start_lb("--workers=1", "--retry-budget=20", backends=backends)
    client = connect(lb)
    for _ in range(400):
        assert client.get().status == 502
    lb.wait_total("requests", 400)
    totals = lb.totals()
    assert STOCK <= totals["retries"] <= STOCK + 400 * 0.20
    assert totals["retries_denied"] >= 400 - totals["retries"]
    assert sum(backend.request_count for backend in backends) == 400 + totals["retries"]


def test_no_budget_no_retry(start_lb, start_backend, connect):
    bad, good = start_backend(breaks_off), start_backend()
    lb = start_lb("--workers=1", "--retry-budget=0", backends=[bad, good])
    client = connect(lb)
    assert sorted(client.get().status for _ in range(2)) == [200, 502]
    lb.wait_total("requests", 2)
    assert lb.totals()["retries"] == 0


def test_refusals_cost_nothing(start_lb, start_backend, discovery, connect):
    """29 of thirty refuse, and none is taken out: far more retries than the budget has, and each
    request finds the one that is well."""
    backends = [start_backend() for _ in range(30)]
    lb = start_lb("--workers=1", "--retry-budget=1", "--eject-after=0", *discovery.flags)
    discovery.send(*(endpoint(f"b{i:02}", backend.address) for i, backend in enumerate(backends)))
    lb.wait_ready(30)
    for backend in backends[1:]:
        backend.stop_listening()
    client = connect(lb)
    for i in range(500):
        assert client.get().status == 200, f"request {i}"
    lb.wait_total("requests", 500)
    totals = lb.totals()
    assert totals["by_status"]["5xx"] == 0 and totals["retries_denied"] == 0
    assert totals["retries"] > 500 * 10
    assert backends[0].request_count == 500


def test_who_refused_is_no_second_choice(start_lb, start_backend, discovery, connect):
    """The same where attempts that fail count: most requests need no third connect."""
    backends = [start_backend() for _ in range(30)]
    lb = start_lb("--workers=1", "--eject-max=1", *discovery.flags)
    discovery.send(*(endpoint(f"b{i:02}", backend.address) for i, backend in enumerate(backends)))
    lb.wait_ready(30)
    for backend in backends[1:]:
        backend.stop_listening()
    client = connect(lb)
    for i in range(500):
        assert client.get().status == 200, f"request {i}"
    lb.wait_total("requests", 500)
    totals = lb.totals()
    assert totals["retries_denied"] == 0
    assert totals["retries"] <= 500 + 30


def test_all_of_many_refuse_and_nobody_gives_news(start_lb, start_backend, connect):
    """The client is told at once. The first request asks all, who comes soon after it a few."""
    backends = [start_backend() for _ in range(30)]
    lb = start_lb("--workers=1", "--retry-budget=0", "--eject-after=0", backends=backends)
    for backend in backends:
        backend.stop_listening()
    asked_at = time.monotonic()
    client = connect(lb)
    for _ in range(10):
        assert client.get().status == 502
    assert time.monotonic() - asked_at < 2
    lb.wait_total("ends", {"refused": 10})
    failures = [e["failures"] for e in lb.endpoints().values()]
    assert min(failures) > 0
    assert 30 + 9 * 16 <= sum(failures) <= 3 * 30 + 9 * 16


def test_what_is_spent_is_earned_again(start_lb, start_backend, connect):
    """At 50 % two requests pay for one retry."""
    def script(connection):
        connection.read_request()
        while connection.backend.is_good:
            connection.send(OK)
            connection.read_request()

    backend = start_backend(script)
    backend.is_good = False
    lb = start_lb("--workers=1", "--retry-budget=50", backends=[backend])
    client = connect(lb)
    wait_for(lambda: client.get().status and lb.totals()["retries_denied"] >= 2, "nothing is left",
             timeout_s=30)
    lb.wait_idle()
    before = lb.totals()["retries"]
    backend.is_good = True
    for _ in range(20):
        assert client.get().status == 200
    backend.is_good = False
    for _ in range(20):
        client.get()
    lb.wait_idle()
    assert 10 <= lb.totals()["retries"] - before <= 10 + 20 // 2 + 1
