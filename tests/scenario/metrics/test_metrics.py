"""/metrics: it counts what happened, exactly, and forgets containers but not their requests."""

import os
import re
import signal
import time

import pytest

from support.backend import OK
from support.discovery import endpoint
from support.http import Truncated
from support.waiting import wait_for

TUNNEL = (b"GET /ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n"
          b"Sec-WebSocket-Key: x\r\n\r\n")


def answer(status, body=b"ok"):
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


def status_of_target(connection):
    """Answers /404 with 404, and so on."""
    while True:
        request = connection.read_request()
        status = int(request.target[1:] or 200)
        if request.method == "HEAD":
            connection.send(b"HTTP/1.1 %d X\r\nContent-Length: 2\r\n\r\n" % status)
        else:
            connection.send(answer(status))


def test_form(start_lb, start_backend):
    lb = start_lb(backends=[start_backend()])
    page = lb.ask("/metrics")
    assert page.status == 200
    assert page.get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    assert lb.ask("/metrics", method="HEAD").status == 200
    assert lb.metrics().value("lb_workers") == 2


def test_by_method_and_code(start_lb, start_backend, count):
    lb = start_lb(backends=[start_backend(status_of_target) for _ in range(3)])
    asked = count(lb)
    for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        asked.ask(method, times=2, target="/200")
    for status in (201, 299, 302, 404, 418, 500, 503, 599):
        asked.ask(target=f"/{status}", times=3)
    page = asked.wait_agree()
    assert page.sum("lb_requests_total", service="appserver") == asked.total()
    assert page.value("lb_request_duration_seconds_count", service="appserver") == asked.total()
    assert 0 < page.value("lb_request_duration_seconds_sum") < 60
    assert page.table("lb_request_ends_total", "end") == {"ok": asked.total()}
    assert page.sum("lb_upstream_requests_total") == asked.total()
    assert page.sum("lb_endpoint_requests_total") == asked.total()
    assert page.table("lb_endpoint_requests_total", "code") == {
        "2xx": 20, "3xx": 3, "4xx": 6, "5xx": 9}
    assert page.value("lb_requests_in_flight") == 0
    assert page.value("lb_client_connections_accepted_total") == 1


def test_other_methods_and_bad_requests(start_lb, start_backend, count):
    """Nobody can make up series."""
    lb = start_lb(backends=[start_backend()])
    asked = count(lb)
    for method in ("PROPFIND", "get", "X" * 30):
        asked.ask(method)
        asked["OTHER", "200"] += asked.pop((method, "200"))
    asked.ask_badly(b"G@T / HTTP/1.1\r\nHost: a\r\n\r\n")
    asked.ask_badly(b"GET / HTTP/1.1\r\n\r\n")
    asked.ask_badly(b"GET / HTTP/9.1\r\nHost: a\r\n\r\n")
    asked.ask_badly(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    asked.ask("TRACE", fields=["Max-Forwards: 0"])
    page = asked.wait_agree()
    assert page.table("lb_requests_total", "code", service="") == {"400": 2, "505": 1, "414": 1}
    ends = page.table("lb_request_ends_total", "end")
    assert ends.pop("ok") == 3
    assert sum(ends.values()) == 5 and all(e.startswith("bad_request:") for e in ends)


def test_refused_and_retried(start_lb, start_backend, count):
    gone, good = start_backend(), start_backend()
    lb = start_lb(backends=[gone, good])
    gone.stop_listening()
    asked = count(lb)
    asked.ask("POST", times=10, body=b"abc")
    page = asked.wait_agree()
    gone_name = "%s:%d" % gone.address
    retries = page.sum("lb_upstream_retries_total")
    assert retries > 0
    assert page.table("lb_upstream_failures_total", "reason") == {"refused": retries}
    assert page.table("lb_endpoint_failures_total", "name", "reason") == {
        (gone_name, "refused"): retries}
    assert page.sum("lb_upstream_requests_total") == 10 + retries
    assert page.value("lb_request_body_bytes_total") == 30
    assert page.value("lb_response_body_bytes_total") == 20
    good.stop_listening()
    good.end_connections()
    wait_for(lambda: lb.metrics().sum("lb_upstream_connections") == 0, "lb has seen them end")
    asked.ask("POST", body=b"abc")
    page = asked.wait_agree()
    assert asked["POST", "502"] == 1
    assert page.table("lb_request_ends_total", "end") == {"ok": 10, "refused": 1}


def test_each_service_has_its_own_counters(tmp_path, start_lb, start_backend, discovery, count):
    """Those of the one that requests went to before are gone, and begin anew when it is back."""
    settings = tmp_path / "lb.json"
    services = {name: start_backend() for name in ("blue", "green")}
    settings.write_text('{"service": "blue"}')
    lb = start_lb(f"--config={settings}", *discovery.flags)
    discovery.send_line({"v": 1, "source": "file", "time_ns": 1, "routes": [], "left_out": [],
                         "services": [{"name": name, "endpoints": [endpoint(name, one.address)]}
                                      for name, one in services.items()]})
    lb.wait_ready(1)
    asked = count(lb)

    def ask_next(service, times):
        settings.write_text('{"service": "%s"}' % service)
        lb.signal(signal.SIGHUP)
        wait_for(lambda: list(lb.states()) == [service], f"requests go to {service}")
        asked.clear()
        asked.ask(times=times)
        return asked.wait_agree()

    asked.ask(times=3)
    assert asked.wait_agree().table("lb_requests_total", "service") == {"blue": 3}
    for service, times in (("green", 2), ("blue", 4)):
        page = ask_next(service, times)
        for name in ("lb_requests_total", "lb_request_duration_seconds_count",
                     "lb_upstream_requests_total"):
            assert page.table(name, "service") == {service: times}
        assert page.table("lb_upstream_connections", "service") == {service: 1}
    assert page.table("lb_request_ends_total", "end") == {"ok": 9}


def test_no_endpoint(start_lb, discovery, count):
    lb = start_lb(*discovery.flags)
    asked = count(lb)
    asked.ask(times=3)
    page = asked.wait_agree()
    assert asked == {("GET", "503"): 3}
    assert page.value("lb_request_duration_seconds_count", service="appserver") == 0
    assert page.sum("lb_upstream_requests_total") == 0


def test_broken_answers(start_lb, start_backend, connect, count):
    def script(connection):
        request = connection.read_request()
        if request.target == "/truncated":
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        elif request.target == "/garbage":
            connection.send(b"HTTP/1.1 2x0\r\n\r\n")

    lb = start_lb(backends=[start_backend(script)])
    asked = count(lb)
    with connect(lb) as client:
        try:
            client.get("/truncated")
            assert False, "a part was taken for the whole"
        except (Truncated, ConnectionError):
            asked["GET", "200"] += 1
    asked.ask(target="/garbage")
    page = asked.wait_agree()
    assert page.table("lb_upstream_failures_total", "reason") == {
        "upstream_truncated": 1, "upstream_invalid": 1}
    assert page.sum("lb_endpoint_failures_total") == 2


def test_client_that_left_gets_code_0(start_lb, start_backend, connect):
    backend = start_backend(lambda connection: connection.read_request() and connection.wait_end())
    lb = start_lb(backends=[backend])
    client = connect(lb).request()
    backend.wait_requests(1)
    page = lb.metrics()
    assert page.value("lb_requests_in_flight") == 1
    assert page.sum("lb_endpoint_requests_in_flight") == 1
    assert page.table("lb_requests_total", "code") == {}
    client.reset()
    wait_for(lambda: lb.metrics().table("lb_requests_total", "code") == {"0": 1}, "it is counted")
    page = lb.metrics()
    assert page.table("lb_request_ends_total", "end") == {"client_gone": 1}
    assert page.value("lb_requests_in_flight") == 0


def test_tunnel_counts_at_its_end_and_not_as_a_duration(start_lb, start_appserver, connect, count):
    lb = start_lb(backends=[start_appserver("one")])
    asked = count(lb)
    client = connect(lb).send(TUNNEL)
    assert client.read_head().status == 101
    assert lb.metrics().value("lb_requests_in_flight") == 1
    client.send(b"hello")
    assert client.wire.take_exactly(5) == b"hello"
    client.half_close()
    assert client.ends()
    asked["GET", "101"] += 1
    page = asked.wait_agree()
    assert page.value("lb_request_duration_seconds_count") == 0
    assert page.table("lb_endpoint_requests_total", "code") == {"1xx": 1}
    assert page.value("lb_request_body_bytes_total") == 5
    assert page.value("lb_response_body_bytes_total") == 5


def test_durations_and_connects(start_lb, start_backend, count):
    def slow(connection):
        while True:
            connection.read_request()
            time.sleep(0.06)
            connection.send(OK)

    lb = start_lb(backends=[start_backend(slow)])
    asked = count(lb)
    asked.ask(times=3)
    page = asked.wait_agree()
    buckets = {labels["le"]: value for labels, value in page.series(
        "lb_request_duration_seconds_bucket")}
    assert buckets["0.05"] == 0 and buckets["60"] == 3
    assert 0.18 <= page.value("lb_request_duration_seconds_sum") < 30
    assert page.value("lb_upstream_connect_duration_seconds_count") == 1
    assert 0 < page.value("lb_upstream_connect_duration_seconds_sum") < 1
    assert page.sum("lb_upstream_connects_total") == 1
    assert page.sum("lb_upstream_reuses_total") == 2
    assert page.sum("lb_upstream_connections") == 1
    assert page.sum("lb_endpoint_connects_total") == 1
    assert page.sum("lb_endpoint_connect_seconds_total") == \
        page.value("lb_upstream_connect_duration_seconds_sum")


def test_departed_containers_vanish_and_their_requests_stay(start_lb, discovery, start_backend,
                                                            count):
    lb = start_lb(*discovery.flags)
    one, two = start_backend(), start_backend()
    discovery.send(endpoint("one", one.address), endpoint("two", two.address))
    lb.wait_ready(2)
    asked = count(lb)
    asked.ask(times=10)
    page = asked.wait_agree()
    assert page.table("lb_endpoint_requests_total", "name") == {"one": 5, "two": 5}
    assert page.table("lb_endpoints", "state") == {"ready": 2}
    discovery.send(endpoint("two", two.address),
                   endpoint("one", one.address, state="draining", cause="kill"))
    lb.wait_states(one="draining", two="ready")
    page = lb.metrics()
    assert page.table("lb_endpoints", "state") == {"ready": 1, "draining": 1}
    assert page.value("lb_endpoint_ready", name="one") == 0
    discovery.send(endpoint("two", two.address))
    lb.wait_states(two="ready")
    asked.ask(times=4)
    page = asked.wait_agree()
    assert b'"one"' not in lb.ask("/metrics").body
    assert page.table("lb_endpoint_requests_total", "name") == {"two": 9}
    assert page.sum("lb_requests_total") == 14
    assert page.sum("lb_upstream_connect_duration_seconds_count") == 2
    discovery.send()
    wait_for(lambda: not lb.endpoints(), "no endpoint is left")
    page = lb.metrics()
    assert not [f.name for f in page.families.values()
                if f.name.startswith("lb_endpoint_requests") and f.samples]
    assert page.sum("lb_requests_total") == 14


def test_names_are_escaped_and_no_series_comes_twice(start_lb, discovery, start_backend, count):
    names = ['a"b\\c\nd', "twin", "twin", "d\u00e9j\u00e0"]
    lb = start_lb(*discovery.flags)
    discovery.send(*(endpoint(name, start_backend().address, id=str(i))
                     for i, name in enumerate(names)))
    wait_for(lambda: lb.metrics().sum("lb_endpoints", state="ready") == 4, "all are ready")
    asked = count(lb)
    asked.ask(times=8)
    page = asked.wait_agree()
    assert page.table("lb_endpoint_requests_total", "name") == {
        names[0]: 2, "twin": 4, names[3]: 2}
    for twin in ["1", "2"]:
        assert page.value("lb_endpoint_ready", name="twin", id=twin) == 1
        assert page.value("lb_endpoint_requests_total", name="twin", id=twin, code="2xx") == 2


def test_pool_and_activation(start_lb, discovery, start_backend):
    lb = start_lb(*discovery.flags)
    page = lb.metrics()
    assert page.value("lb_pool_version") == 0
    assert not page.series("lb_pool_age_seconds")
    started_ns = time.time_ns()
    backend = start_backend()
    discovery.send(endpoint("one", backend.address, cause_time_ns=started_ns))
    lb.wait_ready(1)
    page = lb.metrics()
    longest_s = (time.time_ns() - started_ns) / 1e9
    assert page.value("lb_pool_version") == lb.pool()["version"]
    assert page.value("lb_endpoint_activation_seconds_count") == 1
    assert 0 < page.value("lb_endpoint_activation_seconds_sum") <= longest_s
    assert 0 <= page.value("lb_pool_age_seconds") <= longest_s
    discovery.send(endpoint("one", backend.address, state="paused", cause="pause"))
    discovery.send(endpoint("one", backend.address, cause="unpause"))
    discovery.send(endpoint("one", backend.address, cause="unpause"),
                   endpoint("two", start_backend().address, cause="list", cause_time_ns=0))
    lb.wait_ready(2)
    assert lb.metrics().value("lb_endpoint_activation_seconds_count") == 1


def test_process(start_lb, start_backend):
    lb = start_lb(backends=[start_backend()])
    page = lb.metrics()
    with open(f"/proc/{lb.proxy_pid}/limits", encoding="ascii") as limits:
        assert page.value("process_max_fds") == int(
            re.search(r"Max open files +(\d+)", limits.read())[1])
    assert 0 <= page.value("process_open_fds") - len(os.listdir(f"/proc/{lb.proxy_pid}/fd")) <= 1
    assert page.value("process_threads") == len(os.listdir(f"/proc/{lb.proxy_pid}/task"))
    assert page.value("process_resident_memory_bytes") == pytest.approx(lb.rss_bytes(), rel=0.2)
    assert page.value("process_virtual_memory_bytes") > page.value("process_resident_memory_bytes")
    assert -5 < time.time() - page.value("process_start_time_seconds") < 60
    assert 0 < page.value("process_cpu_seconds_total") < 60
    (labels, one), = page.series("lb_build_info")
    assert one == 1 and set(labels) == {"version", "libuv", "llhttp", "jansson", "openssl"}
    assert page.value("lb_log_dropped_total") == 0


def test_compatible_names(start_lb, start_backend, count):
    backend = start_backend()
    plain = start_lb(backends=[backend])
    assert b"nginx_" not in plain.ask("/metrics").body
    lb = start_lb("--metrics-compat=on", backends=[backend])
    asked = count(lb)
    asked.ask(times=5)
    page = asked.wait_agree()
    assert page.table("nginx_connections_current", "state") == {"active": 1, "waiting": 1}
    assert page.table("nginx_connections_processed_total", "stage") == {
        "accepted": 1, "handled": 1, "any": 5}
