"""A pause and a limit: whoever waits for either goes on in order of arrival, and never too many at a time; a session
waits for its own server though others have places."""

from support.discovery import endpoint
from support.waiting import wait_for


def waiting(lb):
    totals = lb.totals()
    return totals["held"] + totals["queued"]


def come(lb, connect, count, first=0, **options):
    """Each is known to wait before the next one comes."""
    clients, before = [], waiting(lb)
    for i in range(count):
        clients.append(connect(lb).request("GET", f"/{first + i}", **options))
        wait_for(lambda: waiting(lb) == before + i + 1, "it waits")
    return clients


def drain(backend, count):
    for i in range(count):
        wait_for(lambda: len(backend.targets) > i, "one is asked")
        backend.release()


def targets(*numbers):
    return [f"/{number}" for number in numbers]


def test_who_waited_for_the_end_of_a_pause_goes_on_in_order_of_arrival(start_lb, start_busy, connect):
    backend = start_busy()
    lb = start_lb("--workers=1", "--max-inflight=1", "--hold=0s", "--queue-timeout=60s", backends=[backend.address])
    lb.order("/services/appserver/pause?for=1m")
    clients = come(lb, connect, 8)
    assert backend.targets == []
    assert lb.order("/services/appserver/resume")[0] == 200
    drain(backend, 8)
    assert [client.read_response().status for client in clients] == [200] * 8
    assert backend.targets == targets(*range(8))
    assert (backend.most_requests, backend.most_connections) == (1, 1)


def test_those_of_the_queue_were_there_before_those_of_the_pause(start_lb, start_busy, connect):
    """The pause begins while some wait for a place: these stay first, and nobody goes before it ends."""
    backend = start_busy()
    lb = start_lb("--workers=1", "--max-inflight=1", "--hold=0s", "--queue-timeout=60s", backends=[backend.address])
    running = connect(lb).request("GET", "/0")
    wait_for(lambda: backend.targets == ["/0"], "it runs")
    queued = come(lb, connect, 3, first=1)
    lb.order("/services/appserver/pause?for=1m")
    paused = come(lb, connect, 3, first=4)
    backend.release()
    assert running.read_response().status == 200
    assert all(client.is_silent() for client in queued + paused)
    assert backend.targets == ["/0"]
    lb.order("/services/appserver/resume")
    drain(backend, 7)
    assert [client.read_response().status for client in queued + paused] == [200] * 6
    assert backend.targets == targets(*range(7))
    assert backend.most_requests == 1


def test_a_full_queue_refuses_nobody_who_waits_for_a_pause(start_lb, start_busy, connect):
    """They are as many as --hold-max says; once it is over, as many as the queue takes."""
    backend = start_busy()
    lb = start_lb("--workers=1", "--max-inflight=1", "--hold=0s", "--queue=2", "--queue-timeout=60s",
                  backends=[backend.address])
    lb.order("/services/appserver/pause?for=1m")
    clients = come(lb, connect, 5)
    lb.order("/services/appserver/resume")
    drain(backend, 3)
    assert [client.read_response().status for client in clients] == [200] * 3 + [503] * 2
    assert lb.totals()["ends"]["queue_full"] == 2


def test_a_session_waits_for_its_own_server(start_lb, start_busy, connect, discovery):
    one, two = start_busy(0), start_busy(0)
    lb = start_lb("--workers=1", "--balance=sticky round-robin", "--queue-timeout=60s", *discovery.flags)
    discovery.send(*[endpoint(name, backend.address, max_inflight=1) for name, backend in (("one", one), ("two", two))])
    lb.wait_ready(2)
    answer = connect(lb).get()
    cookie = "Cookie: " + answer.get("Set-Cookie").partition(";")[0]
    own, other = (one, two) if one.targets else (two, one)
    own.takes_s = None
    running = connect(lb).request("GET", "/running", [cookie])
    wait_for(lambda: "/running" in own.targets, "its server is busy")
    client = come(lb, connect, 1, fields=[cookie])[0]
    assert connect(lb).get("/new").status == 200 and "/new" in other.targets
    assert client.is_silent() and waiting(lb) == 1
    own.release(2)
    assert running.read_response().status == 200
    answer = client.read_response()
    assert answer.status == 200 and answer.get("Set-Cookie") is None
    assert own.targets[-1] == "/0" and "/0" not in other.targets
