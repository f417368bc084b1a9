"""/metrics as OpenMetrics, which whoever wants it names in Accept: held against the parser of Prometheus' own client
library, and against a real Prometheus, which keeps its exemplars."""

import shutil

import pytest

from support.discovery import endpoint
from support.prometheus_server import PrometheusServer
from support.waiting import wait_for

parser = pytest.importorskip("prometheus_client.openmetrics.parser", reason="python3-prometheus-client is not installed")

OPEN = "application/openmetrics-text"
TRACES = [f"{number:032x}" for number in (1, 2, 3)]


def ask_open(lb):
    answer = lb.ask("/metrics", fields=[f"Accept: {OPEN};version=1.0.0,text/plain;version=0.0.4;q=0.5"])
    assert answer.status == 200
    assert answer.get("Content-Type") == f"{OPEN}; version=1.0.0; charset=utf-8"
    return answer.body.decode()


def families_of(text):
    return {family.name: family for family in parser.text_string_to_metric_families(text)}


def series_of(families):
    """{(name, labels)} of all samples; numbers of buckets as numbers."""
    return {(sample.name, tuple(sorted((key, float(value) if key == "le" else value) for key, value in sample.labels.items())))
            for family in families.values() for sample in family.samples}


def ask_with_traces(lb, connect, traces=TRACES):
    with connect(lb) as client:
        for trace in traces:
            assert client.get(fields=[f"traceparent: 00-{trace}-00f067aa0ba902b7-01"]).status == 200


def exemplars_in(families):
    return {sample.exemplar.labels["trace_id"]: sample for sample in families["lb_request_duration_seconds"].samples
            if sample.exemplar}


@pytest.mark.parametrize("accept", ["*/*", "text/plain;version=0.0.4", f"{OPEN};q=0", f"{OPEN};version=7,text/plain",
                                    f"{OPEN};q=0.3,text/plain;q=0.4"])
def test_the_text_format_unless_another_is_asked_for(start_lb, start_backend, accept):
    lb = start_lb(backends=[start_backend()])
    answer = lb.ask("/metrics", fields=[f"Accept: {accept}"])
    assert answer.get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    assert b"# EOF" not in answer.body and b"# UNIT" not in answer.body


def test_both_formats_tell_the_same(start_lb, discovery, start_backend, count, connect):
    """The parser refuses what is not to the letter of the specification: names, units, order, numbers, the end."""
    lb = start_lb("--metrics-compat=on", *discovery.flags)
    discovery.send(endpoint('a"b\\c\nd', start_backend().address), left_out=[{"id": "x", "name": "x", "reason": "no_port"}])
    lb.wait_states(**{'a"b\\c\nd': "ready"})
    asked = count(lb)
    asked.ask(times=3)
    asked.ask_badly(b"nonsense\r\n\r\n")
    asked.wait_agree()
    ask_with_traces(lb, connect)
    wait_for(lambda: lb.metrics().sum("lb_requests_total") == 7, "all are counted")
    families, plain = families_of(ask_open(lb)), lb.metrics()
    assert series_of(families) == {(name, tuple(sorted((key, float(value) if key == "le" else value)
                                                       for key, value in labels.items())))
                                   for family in plain.families.values() for name, labels, _ in family.samples}
    assert {name.removesuffix("_total") for name in plain.families} == set(families)
    for family in families.values():
        assert family.documentation and family.type in ("counter", "gauge", "histogram")
    assert families["lb_request_duration_seconds"].unit == "seconds"
    assert families["lb_service_response_body_bytes"].unit == "bytes"


def test_exemplars_are_of_the_requests(start_lb, start_appserver, connect):
    lb = start_lb(backends=[start_appserver("one")])
    with connect(lb) as client:
        client.get("/delay/120", fields=[f"traceparent: 00-{TRACES[0]}-00f067aa0ba902b7-01"])
        client.get("/")  # without a trace
    wait_for(lambda: exemplars_in(families_of(ask_open(lb))), "the trace is there")
    (trace, sample), = exemplars_in(families_of(ask_open(lb))).items()
    assert trace == TRACES[0]
    assert sample.name == "lb_request_duration_seconds_bucket"
    assert 0.12 <= sample.exemplar.value <= float(sample.labels["le"])
    assert abs(float(sample.exemplar.timestamp) - lb.metrics().value("process_start_time_seconds")) < 600


@pytest.mark.slow("a real Prometheus, which begins and scrapes")
@pytest.mark.skipif(not shutil.which("prometheus"), reason="prometheus is not installed")
def test_a_real_prometheus_keeps_them(start_lb, start_backend, connect, cleanup, tmp_path):
    lb = start_lb(backends=[start_backend()])
    prometheus = PrometheusServer(tmp_path, lb.admin)
    cleanup.callback(prometheus.close)
    wait_for(lambda: prometheus.query("up == 1"), "it scrapes", timeout_s=30, pause_s=0.1)
    ask_with_traces(lb, connect)

    def kept():
        found = prometheus.ask("/api/v1/query_exemplars", query="lb_request_duration_seconds_bucket", start="0", end="9999999999")
        return {exemplar["labels"]["trace_id"] for series in found or () for exemplar in series["exemplars"]}
    wait_for(lambda: kept() & set(TRACES), "the exemplar is kept", timeout_s=20, pause_s=0.1)
    assert kept() <= set(TRACES)
    wait_for(lambda: prometheus.by('lb_request_duration_seconds_bucket{le="1.0"}', "service"),
             "its last scrape was in time", timeout_s=20, pause_s=0.1)
