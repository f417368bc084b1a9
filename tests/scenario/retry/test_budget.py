"""Retries have a budget, so that they cannot multiply an outage."""

from support.backend import OK
from support.waiting import wait_for

STOCK = 100  # retries that are there at the start


def test_an_outage_is_not_multiplied(start_lb, start_backend, connect):
    backends = [start_backend() for _ in range(3)]
    lb = start_lb("--workers=1", "--retry-budget=20", backends=backends)
    for backend in backends:
        backend.stop_listening()
    client = connect(lb)
    for _ in range(400):
        assert client.get().status == 502
    lb.wait_total("requests", 400)
    totals = lb.totals()
    assert STOCK <= totals["retries"] <= STOCK + 400 * 0.20
    assert totals["retries_denied"] >= 400 - totals["retries"]


def test_no_budget_no_retry(start_lb, start_backend, connect):
    gone, good = start_backend(), start_backend()
    lb = start_lb("--workers=1", "--retry-budget=0", backends=[gone, good])
    gone.stop_listening()
    client = connect(lb)
    assert sorted(client.get().status for _ in range(2)) == [200, 502]
    lb.wait_total("requests", 2)
    assert lb.totals()["retries"] == 0


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
