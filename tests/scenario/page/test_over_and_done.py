"""/requests and "seen" of /events: which requests are remembered when they are over, of all workers, and what is told of
them; and that the pages agree about them."""

import contextlib
import json
import time

import pytest

from support.backend import OK
from support.discovery import endpoint
from support.traffic import Traffic
from support.waiting import wait_for

SECRET = "s3cr3t"


def requests_of(lb):
    answer = lb.ask("/requests")
    assert answer.status == 200 and answer.get("Content-Type") == "application/json"
    assert SECRET.encode() not in answer.body
    return json.loads(answer.body)


@pytest.fixture(params=["off", "-"], ids=["without_access_log", "with_access_log"])
def access_log(request):
    return f"--access-log={request.param}"


def test_failed(start_lb, start_appserver, connect, access_log):
    lb = start_lb(access_log, backends=[start_appserver("one")])
    client = connect(lb)
    for path in ("/status/503", "/status/404", "/status/200", "/status/500"):
        client.get(f"{path}?token={SECRET}", fields=[f"Authorization: {SECRET}", "X-Request-Id: mine"])
    lb.wait_total("requests", 4)
    page = requests_of(lb)
    assert [(r["path"], r["status"], r["end"]) for r in page["failed"]] == [
        ("/status/500", 500, "ok"), ("/status/503", 503, "ok")]
    assert page["retried"] == []
    first = page["failed"][1]
    [told] = lb.pool()["services"][0]["endpoints"]
    assert first["endpoint"] == f"appserver {told['id']}" and first["service"] == "appserver"
    assert first["listener"] == "%s:%d/http" % lb.address and first["client"] == "127.0.0.1"
    assert (first["method"], first["host"], first["attempts"]) == ("GET", "test", 1)
    assert first["request_id"] and first["ms"] > 0 and first["time"].endswith("Z")
    assert first["sentence"].startswith("The server answered 503 after ")
    assert len(page["slowest"]) == 4  # so few they are


def test_retried_and_failed_of_all_workers(start_lb, start_backend, connect, access_log):
    good, gone = start_backend(), start_backend()
    lb = start_lb(access_log, "--check-mode=off", "--eject-after=off", backends=[good, gone])
    gone.stop_listening()
    for _ in range(24):
        assert connect(lb).get("/a").status == 200
    lb.wait_total("requests", 24)
    page = requests_of(lb)
    retries = lb.metrics().sum("lb_endpoint_retries_total")
    assert 0 < len(page["retried"]) == retries
    for told in page["retried"]:
        assert told["attempts"] == 2 and told["retried_after"] == ["refused"]
        assert told["endpoint"].endswith("%s:%d" % good.address)
        assert ", at attempt 2." in told["sentence"]
    good.stop_listening()
    good.end_connections()
    assert connect(lb).get("/b").status == 502
    wait_for(lambda: [r["end"] for r in requests_of(lb)["failed"]] == ["refused"], "it is remembered")
    [told] = requests_of(lb)["failed"]
    assert told["sentence"].startswith("No server could be reached after ") and told["status"] == 502


def test_only_the_slowest_stay(start_lb, start_appserver, connect, access_log):
    lb = start_lb(access_log, "--workers=1", backends=[start_appserver("one")])
    client = connect(lb)
    for i in range(60):
        client.get(f"/delay/{1 if i % 2 else 60}")
    lb.wait_total("requests", 60)
    slowest = requests_of(lb)["slowest"]
    assert len(slowest) == 50
    assert [r["path"] for r in slowest].count("/delay/60") == 30
    assert [r["ms"] for r in slowest] == sorted((r["ms"] for r in slowest), reverse=True)


def test_what_clients_did_is_no_failure(start_lb, start_backend, connect):
    lb = start_lb(backends=[start_backend(lambda connection: connection.wait_end())])
    client = connect(lb)
    client.send(b"GET / HTTP/1.1\r\n\r\n").wire.take_all()
    client = connect(lb).request()
    wait_for(lambda: lb.metrics().value("lb_requests_in_flight") == 1, "it runs")
    client.reset()
    lb.wait_total("requests", 2)
    assert requests_of(lb)["failed"] == []


def test_connections_of_tcp(start_lb, discovery, connect, start_backend):
    backend = start_backend()
    lb = start_lb(*discovery.flags, "--tcp=127.0.0.1:0=db", "--check-mode=off", "--hold=0s")
    discovery.send_line({"v": 2, "source": "file", "time_ns": 1, "routes": [], "left_out": [], "services": [
        {"name": "db", "endpoints": [endpoint("db1", backend.address, protocol="tcp")]}]})
    wait_for(lambda: lb.pool()["services"], "it is there")
    backend.stop_listening()
    [listener] = lb.pool()["listeners"]
    host, port = listener["address"].rsplit(":", 1)
    with contextlib.suppress(ConnectionError):
        connect((host, int(port))).wire.take_all()
    wait_for(lambda: requests_of(lb)["failed"], "it is remembered")
    told = requests_of(lb)["failed"][0]
    assert (told["service"], told["listener"]) == ("db/tcp", listener["address"] + "/tcp")
    assert told["end"] in ("refused", "no_endpoint")


def test_names_of_strangers(start_lb, start_appserver, connect):
    lb = start_lb(backends=[start_appserver("one")])
    path = "/status/500/" + "%E2%82%AC<script>" * 30
    client = connect(lb)
    client.send(b"GET %s?%s HTTP/1.1\r\nHost: a\"b.test\r\n\r\n" % (path.encode(), SECRET.encode()))
    client.read_response()
    client = connect(lb)
    client.send(b"GET /status/500/\xff\xfe HTTP/1.1\r\nHost: a.test\r\nX-Request-Id: \xff\"</script>\r\n\r\n")
    client.read_response()
    for told in requests_of(lb)["failed"]:
        assert len(told["path"]) <= 128


# ---- seen ----------------------------------------------------------------------------------------

def test_seen_while_somebody_follows(start_lb, start_appserver, follow, next_told, connect, access_log):
    lb = start_lb(access_log, backends=[start_appserver("one")])
    connect(lb).get("/before")
    wait_for(lambda: any(r["path"] == "/before" for r in requests_of(lb)["slowest"]), "it is over, and was noted")
    follower = follow(lb)
    assert next_told(follower)["seen"] == []
    for i in range(6):
        assert connect(lb).get(f"/status/200?{SECRET}{i}").status == 200
    seen = []
    while len(seen) < 6:
        seen += next_told(follower).get("seen", [])
    assert [r["path"] for r in seen] == ["/status/200"] * 6
    assert SECRET not in json.dumps(seen)
    assert {r["end"] for r in seen} == {"ok"} and len({r["request_id"] for r in seen}) == 6


def test_no_more_than_20_and_of_both_workers(start_lb, start_appserver, follow, next_told):
    lb = start_lb(backends=[start_appserver("one")])
    follower = follow(lb)
    next_told(follower)
    with Traffic(lb.address, kept=4, fresh=2) as traffic:
        traffic.wait_more(200)
        counts = [len(next_told(follower).get("seen", [])) for _ in range(4)]
    assert max(counts) == 20
    assert not traffic.failures


def test_an_unlogged_route_is_not_seen(start_lb, discovery, start_backend, follow, next_told, connect):
    """Who asks that its requests are not logged is not told of here either."""
    backend = start_backend()
    lb = start_lb(*discovery.flags)
    discovery.send_line({"v": 2, "source": "file", "time_ns": 1, "left_out": [], "services": [
        {"name": "web", "endpoints": [endpoint("web1", backend.address)]}],
        "routes": [{"service": "web", "host": "quiet.test", "options": {"access-log": "off"}},
                   {"service": "web", "host": "loud.test"}]})
    wait_for(lambda: lb.pool()["routes"]["count"] == 2 and lb.states(), "they are there")
    lb.wait_states(web1="ready")
    follower = follow(lb)
    next_told(follower)
    for host in ("quiet.test", "loud.test"):
        assert connect(lb).get("/", host=host).status == 200
    told = {}
    while not told.get("seen"):
        told = next_told(follower)
    assert [(r["host"], r["route"]) for r in told["seen"]] == [("loud.test", "loud.test")]


# ---- agreement -----------------------------------------------------------------------------------

def fail_sometimes(connection):
    for number in range(1 << 30):
        if not connection.read_request():
            return
        if number % 7 == 3:
            connection.send(b"HTTP/1.1 503 X\r\nContent-Length: 2\r\n\r\nno")
        elif number % 7 == 5:
            connection.send(b"HTTP/1.1 404 X\r\nContent-Length: 2\r\n\r\nno")
        else:
            connection.send(OK)


def endpoints_of(lb):
    return lb.pool()["services"][0]["endpoints"]


@pytest.mark.slow("thousands of requests, and an endpoint that comes back after its ejection")
def test_pages_agree_under_load(start_lb, start_backend, follow, next_frame):
    """With three workers, failures, retries and an endpoint that is ejected again and again: at the end /events, /pool
    and /metrics say the same of each endpoint."""
    bad = start_backend(lambda connection: (connection.read_request(), connection.reset()))
    lb = start_lb("--workers=3", "--eject-time=100ms",
                  backends=[start_backend(fail_sometimes), start_backend(fail_sometimes), bad])
    follower = follow(lb)
    next_frame(follower)
    with Traffic(lb.address, kept=6, fresh=2) as traffic:
        traffic.wait_more(2000)
        wait_for(lambda: any(e["ejections"] for e in endpoints_of(lb)), "it is ejected")
        next_frame(follower)
    wait_for(lambda: lb.totals()["client_connections"] == 0, "all is over")
    total = lb.totals()["requests"]
    until = time.monotonic() + 30
    world = next_frame(follower)
    while time.monotonic() < until and (world["totals"]["totals"]["requests"] != total
                                        or "inflight" in str(world["endpoint_numbers"])):
        world = next_frame(follower)
    page, pool = lb.metrics(), lb.pool()
    assert world["totals"]["totals"] == pool["totals"]
    assert page.sum("lb_requests_total") == pool["totals"]["requests"]
    assert sum(e["retries"] for e in endpoints_of(lb)) == page.sum("lb_endpoint_retries_total") > 0
    for told in endpoints_of(lb):
        numbers = world["endpoint_numbers"][f"appserver {told['id']}"]
        for key in ("requests", "failures", "retries", "ejections"):
            assert numbers.get(key, 0) == told[key], key
        answers = page.table("lb_endpoint_requests_total", "code", id=told["id"])
        assert {code: count for code, count in answers.items() if count} == told["answers"]
        assert sum(answers.values()) == told["requests"]
        assert page.sum("lb_endpoint_failures_total", id=told["id"]) == told["failures"]
        assert page.value("lb_endpoint_retries_total", id=told["id"]) == told["retries"]
        assert page.value("lb_endpoint_ejections_total", id=told["id"]) == told["ejections"]
