"""The admin listener: what it says, to whom, and what it withstands."""

import json
import random
import re
import threading

import pytest

from support.client import RawClient
from support.http import Truncated
from support.waiting import wait_for


@pytest.fixture(name="lb")
def make_lb(start_lb, start_backend):
    return start_lb(backends=[start_backend()])


def test_healthz(lb):
    answer = lb.ask("/healthz")
    assert (answer.status, answer.body) == (200, b"ok\n")
    assert answer.get("Content-Type") == "text/plain; charset=utf-8"
    assert answer.get("Cache-Control") == "no-store"
    assert answer.get("X-Content-Type-Options") == "nosniff"


def test_readyz(lb, start_lb, discovery):
    answer = lb.ask("/readyz")
    assert (answer.status, answer.body) == (200, b"ready\n")
    answer = start_lb("--service=shop", *discovery.flags).ask("/readyz")
    assert answer.status == 503
    assert b'no endpoint of the service "shop" is ready; see /explain' in answer.body


def test_pool_of_static_backends(lb, connect):
    client = connect(lb)
    for _ in range(3):
        client.get()
    client.request("POST", body=b"12345").read_response()
    lb.wait_total("requests", 4)
    answer = lb.ask("/pool")
    assert answer.get("Content-Type") == "application/json"
    pool = json.loads(answer.body)
    assert set(pool) == {"version", "service", "shutting_down", "workers", "process", "discovery",
                         "services", "paused", "routes", "listeners", "left_out", "totals"}
    assert (pool["service"], pool["shutting_down"], pool["workers"]) == ("appserver", False, 2)
    assert pool["discovery"] == {"source": "static"}
    assert pool["left_out"] == []
    (service,) = pool["services"]
    assert (service["name"], service["ready"]) == ("appserver", 1)
    (endpoint,) = service["endpoints"]
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$", endpoint.pop("since"))
    address = endpoint["address"]
    assert endpoint == {"id": address, "name": address, "address": address, "state": "ready",
                        "cause": "static", "weight": 1, "inflight": 0, "requests": 4,
                        "failures": 0, "retries": 0, "ejections": 0, "answers": {"2xx": 4},
                        "local": True}
    assert pool["totals"] == {
        "by_status": {"none": 0, "1xx": 0, "2xx": 4, "3xx": 0, "4xx": 0, "5xx": 0},
        "requests": 4, "ends": {"ok": 4}, "retries": 0, "retries_denied": 0,
        "held": 0, "holds": 0, "queued": 0, "client_connections": 1,
        "clients_accepted": 1, "upstream_connects": 1, "upstream_tls_handshakes": 0, "upstream_tls_failed": 0, "request_body_bytes": 5,
        "response_body_bytes": 8}


def test_pool_of_discovery(start_lb, discovery):
    lb = start_lb(*discovery.flags)
    discovery.wait_starts(1)
    assert lb.pool()["discovery"] == {"source": "file", "starts": 1, "lines": 0, "bad_lines": 0,
                                      "last_line": None, "last_line_age_ms": None}
    discovery.send()
    wait_for(lambda: lb.pool()["discovery"]["lines"] == 1, "the line is read")
    discovered = lb.pool()["discovery"]
    assert 0 <= discovered["last_line_age_ms"] < 10000
    assert discovered["last_line"].endswith("Z")


def test_running_requests_are_counted(start_lb, start_appserver, connect):
    lb = start_lb(backends=[start_appserver("one")])
    clients = [connect(lb).request("GET", "/delay/300") for _ in range(3)]
    wait_for(lambda: [e["inflight"] for e in lb.endpoints().values()] == [3], "three run")
    for client in clients:
        assert client.read_response().status == 200
    lb.wait_idle()


@pytest.mark.parametrize("path", ["/nothing", "/metrics/", "/healthz/", "/pool/x", "/HEALTHZ", "/../pool",
                                  "/%70ool", "//pool"])
def test_404(path, lb):
    answer = lb.ask(path)
    assert (answer.status, answer.get("Content-Type")) == (404, "application/json")
    error = json.loads(answer.body)
    assert error["error"] == "not_found"
    for page in ("/healthz", "/readyz", "/pool", "/explain", "/config", "/endpoints/*/drain"):
        assert page in error["message"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "ANY"])
def test_405(method, lb):
    answer = lb.ask("/pool", method)
    assert (answer.status, answer.get("Allow")) == (405, "GET, HEAD")
    assert json.loads(answer.body)["error"] == "method_not_allowed"


def test_head_and_query(lb):
    answer = lb.ask("/healthz", "HEAD")
    assert (answer.status, answer.get("Content-Length"), answer.body) == (200, "3", b"")
    assert lb.ask("/healthz?a=b").status == 200
    assert lb.ask("/nothing", "HEAD").status == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/pool"])
def test_proxy_listener_does_not_tell(path, start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb(backends=[backend])
    assert connect(lb).get(path).body == b"ok"
    assert backend.requests[0].target == path
    lb_without = start_lb(backends=[start_backend(is_listening=False)], is_ready=False)
    assert connect(lb_without).get(path).status == 503


def test_admin_listener_does_not_proxy(lb, connect):
    client = connect(lb.admin)
    assert client.get("http://test/x").status == 404
    assert client.ends()


@pytest.mark.parametrize("hostile", [
    b"\0" * 100, b"\r\n" * 100, b"GET /pool\r\n\r\n", b"GET /pool HTTP/9.9\r\n\r\n",
    b"GET /pool HTTP/1.1\r\n\r\n", b"GET /" + b"a" * 100000, b"\x16\x03\x01\x02\x00\x01",
    b"GET /pool HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 5000,
    b"POST /pool HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
    b"GET /pool HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"])
def test_hostile_bytes_get_an_error(hostile, lb, connect):
    client = connect(lb.admin).send(hostile)
    response = client.read_response()
    assert 400 <= response.status <= 505 and response.get("Connection") == "close"
    client.close()
    assert lb.ask("/healthz").status == 200


def test_noise(lb):
    """Bytes at random, and good requests with bytes changed, must not harm it."""
    rng = random.Random(7)
    good = b"GET /pool HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n"
    for i in range(300):
        data = bytearray(good) if i % 2 else bytearray(rng.randbytes(rng.randrange(1, 300)))
        for _ in range(rng.randrange(4)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        with RawClient(lb.admin) as client:
            try:
                client.send(bytes(data))
            except OSError:
                pass  # refused before all of it was sent
            if rng.random() < 0.3:
                client.reset()

    def answers():
        try:
            return lb.ask("/healthz").status == 200
        except OSError:
            return False  # so many have just come that it has not let go of them yet
    wait_for(answers, "it answers")


def test_slow_and_many(lb, connect):
    """More connections than it keeps, silent and half-done ones, do not stop it for good."""
    clients = [connect(lb.admin) for _ in range(100)]
    for client in clients[:50]:
        try:
            client.send(b"GET /po")
        except OSError:
            pass  # it was one too many
    for client in clients:
        client.close()

    def answers():
        try:
            return lb.ask("/healthz").status == 200
        except (OSError, Truncated):
            return False
    wait_for(answers, "it answers again")


def test_half_sent_heads_keep_nobody_out(lb, connect):
    """The oldest gives way, so that who asks is answered at once, however many never finish."""
    slow = [connect(lb.admin).send(b"GET /healthz HTTP/1.1\r\nHost: ") for _ in range(200)]
    for _ in range(3):
        assert lb.ask("/healthz").status == 200
    wait_for(lambda: slow[0].ends(), "the oldest was closed")
    assert slow[-1].is_silent()


def test_askers_who_do_not_go_keep_nobody_out(lb, connect):
    """Neither those who leave their answer unread nor those who have it and stay."""
    rude = [connect(lb.admin, receive_buffer=1024).request(target="/metrics") for _ in range(200)]
    assert lb.ask("/healthz").status == 200
    assert rude[-1].read_response().status == 200


def test_half_closed_asker_is_answered(lb, connect):
    client = connect(lb.admin).send(b"GET /pool HTTP/1.1\r\nHost: a\r\n\r\n").half_close()
    assert client.read_response().status == 200


def test_asked_in_the_middle_of_the_traffic(start_lb, start_appserver):
    """Counters are read while workers write them; the sum is right at the end."""
    lb = start_lb(backends=[start_appserver("one"), start_appserver("two")])

    def work():
        with RawClient(lb.address) as client:
            for _ in range(100):
                assert client.get().status == 200

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    last = 0
    while any(thread.is_alive() for thread in threads):
        now = lb.totals()["requests"]
        assert last <= now <= 800
        last = now
    lb.wait_total("requests", 800)
