"""A real Prometheus and promtool read /metrics."""

import shutil
import subprocess

import pytest

from support.discovery import endpoint
from support.prometheus_server import PrometheusServer
from support.waiting import wait_for

pytestmark = pytest.mark.skipif(not shutil.which("prometheus"), reason="prometheus is not installed")


@pytest.fixture(name="start_prometheus")
def make_prometheus(cleanup, tmp_path):
    def start(*targets):
        prometheus = PrometheusServer(tmp_path, *targets)
        cleanup.callback(prometheus.close)
        wait_for(lambda: len(prometheus.query("up == 1")) == len(targets),
                 "Prometheus scrapes all targets", timeout_s=60, pause_s=0.1)
        return prometheus
    return start


def test_promtool_has_no_complaint(start_lb, discovery, start_backend, count):
    """Neither of an empty page, nor of one that shows all there can be."""
    lb = start_lb("--metrics-compat=on", *discovery.flags)
    pages = [lb.ask("/metrics").body]
    discovery.send(endpoint('a"b\\c\nd', start_backend().address))
    discovery.send_line({"v": 1, "alive": {"connected": True, "events": {"start": 1},
                                           "resyncs": {"timer": 1}, "last_event_ns": 1,
                                           "last_sync_ns": 1}})
    wait_for(lambda: lb.metrics().sum("lb_endpoints", state="ready"), "it is ready")
    wait_for(lambda: lb.metrics().series("lb_discovery_connected"), "the sign of life is taken")
    asked = count(lb)
    asked.ask(times=3)
    asked.ask_badly(b"nonsense\r\n\r\n")
    asked.wait_agree()
    pages.append(lb.ask("/metrics").body)
    for page in pages:
        done = subprocess.run(["promtool", "check", "metrics"], input=page, capture_output=True,
                              timeout=30, check=False)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.slow("a real Prometheus, which begins and scrapes")
def test_sums_of_a_real_scrape(start_lb, discovery, start_backend, connect, count,
                               start_prometheus):
    """Two containers come and go; every request is in the sums, and series of those that went are
    stale at the next scrape."""
    lb = start_lb(*discovery.flags)
    backends = {name: start_backend() for name in ("one", "two", "three")}
    one, two, three = (endpoint(name, b.address) for name, b in backends.items())
    discovery.send(one, two)
    lb.wait_ready(2)
    prometheus = start_prometheus(lb.admin)
    asked = count(lb)
    asked.ask(times=50)
    asked.ask("POST", times=20, body=b"x" * 100)
    discovery.send(two, three)
    lb.wait_states(two="ready", three="ready")
    backends["two"].stop_listening()  # new connections to it fail, and go to the other
    backends["two"].end_connections()
    asked.ask(times=30)
    asked.ask_badly(b"GET / HTTP/1.1\r\n\r\n")
    discovery.send(three)
    lb.wait_states(three="ready")
    asked.ask(times=7)
    page = asked.wait_agree()
    expected = {key: float(value) for key, value in asked.items()}
    wait_for(lambda: prometheus.by("lb_requests_total", "method", "code") == expected,
             f"Prometheus sums {expected}; it has "
             f"{prometheus.by('lb_requests_total', 'method', 'code')}", timeout_s=60, pause_s=0.1)
    sums = {"lb_requests_total": asked.total(), "lb_request_duration_seconds_count": asked.total() - 1,
            "lb_upstream_retries_total": page.sum("lb_upstream_retries_total")}
    for name, value in sums.items():  # nothing is there when the last scrape was too slow
        wait_for(lambda name=name, value=value: prometheus.query(f"sum({name})") == {(): value}, f"{name} is {value}",
                 timeout_s=60, pause_s=0.1)
    wait_for(lambda: prometheus.by("lb_endpoint_ready", "name") == {("three",): 1.0},
             "the series of the departed are stale", timeout_s=60, pause_s=0.1)
    (quantile,) = wait_for(lambda: prometheus.query(
        "histogram_quantile(0.5, sum by (le) (lb_request_duration_seconds_bucket))"), "a quantile", pause_s=0.1).values()
    assert 0 < quantile < 60
    (start,) = wait_for(lambda: prometheus.query("time() - process_start_time_seconds"), "its start", pause_s=0.1).values()
    assert -5 < start < 120
    # It asks for OpenMetrics, where a family of counters is called without the suffix.
    assert prometheus.ask("/api/v1/metadata", metric="lb_requests")["lb_requests"][0]["type"] == "counter"
