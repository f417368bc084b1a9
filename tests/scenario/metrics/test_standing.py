"""What was decided shows in /metrics: orders, weights, who is left out, settings that were read again; and what each
service and each endpoint did."""

import json
import threading
import time

from support.discovery import endpoint
from support.waiting import wait_for

SUCCESSFUL = "lb_config_last_reload_successful"
SINCE = "lb_config_last_reload_success_timestamp_seconds"


def test_reloads(start_lb, start_backend, tmp_path):
    file = tmp_path / "lb.json"
    file.write_text("{}")
    lb = start_lb(f"--config={file}", backends=[start_backend()])
    page = lb.metrics()
    assert page.value(SUCCESSFUL) == 1
    assert abs(page.value(SINCE) - time.time()) < 60
    began = page.value(SINCE)
    file.write_text('{"idle-timeout": "nonsense"}')
    lb.reload(r"^SIGHUP: refused, the settings in force stay: ")
    wait_for(lambda: lb.metrics().value(SUCCESSFUL) == 0, "it is told")
    assert lb.metrics().value(SINCE) == began
    file.write_text('{"idle-timeout": "9s"}')
    lb.reload()
    wait_for(lambda: lb.metrics().value(SUCCESSFUL) == 1, "it is told")
    assert lb.metrics().value(SINCE) > began


def test_orders_and_weights(start_lb, discovery, start_backend):
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("one", start_backend().address), {**endpoint("two", start_backend().address), "weight": 5},
                   left_out=[{"id": "x", "name": "x", "reason": "no_port"}, {"id": "y", "name": "y", "reason": "no_port"}])
    lb.wait_states(one="ready", two="ready")
    page = lb.metrics()
    assert page.table("lb_endpoint_weight", "name") == {"one": 1, "two": 5}
    assert page.table("lb_endpoint_ordered", "name", "order") == {}
    assert page.table("lb_left_out_containers", "reason") == {"no_port": 2}
    assert page.table("lb_service_panic", "service") == {}
    assert lb.order("/endpoints/one/drain")[0] == 200
    assert lb.order("/endpoints/two/weight?value=9")[0] == 200
    lb.wait_states(one="draining", two="ready")
    page = lb.metrics()
    assert page.table("lb_endpoint_ordered", "name", "order") == {("one", "drain"): 1, ("two", "weight"): 1}
    assert page.table("lb_endpoint_weight", "name") == {"one": 1, "two": 9}
    discovery.send(endpoint("three", start_backend().address))
    lb.wait_states(three="ready")
    assert lb.metrics().table("lb_endpoint_ordered", "name", "order") == {}


def test_each_service_and_each_endpoint(start_lb, discovery, start_appserver, connect):
    """Series of an endpoint go with it; those of its service stay."""
    lb = start_lb(*discovery.flags)
    one, two = (endpoint(name, start_appserver(name).address) for name in ("one", "two"))
    discovery.send(one)
    lb.wait_states(one="ready")
    with connect(lb) as client:
        for _ in range(3):
            client.get("/delay/30")
        client.request("POST", "/upload", body=b"x" * 100)
        client.read_response()
    wait_for(lambda: lb.metrics().sum("lb_service_request_ends_total", service="appserver") == 4, "all are counted")
    page = lb.metrics()
    assert page.table("lb_service_request_ends_total", "end", service="appserver") == {"ok": 4}
    assert page.value("lb_service_request_body_bytes_total", service="appserver") == 100
    assert page.value("lb_service_response_body_bytes_total", service="appserver") == page.value("lb_response_body_bytes_total")
    durations = "lb_endpoint_request_duration_seconds"
    assert page.value(f"{durations}_count", name="one") == 4
    assert page.value(f"{durations}_bucket", name="one", le="0.025") <= 1
    assert 0.09 <= page.value(f"{durations}_sum", name="one") < 60
    assert page.value("lb_endpoint_durations_omitted") == 0
    discovery.send(two)
    lb.wait_states(two="ready")
    page = lb.metrics()
    assert not page.series(f"{durations}_count", name="one")
    assert page.value(f"{durations}_count", name="two") == 0
    assert page.value("lb_service_request_body_bytes_total", service="appserver") == 100
    assert json.loads(lb.ask("/pool").body)["services"]


def test_a_queue_is_told_by_service(start_lb, start_backend, connect):
    may_answer = threading.Event()

    def script(connection):
        while connection.read_request():
            may_answer.wait(60)
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    lb = start_lb("--max-inflight=1", "--workers=1", backends=[start_backend(script)])
    first, second = connect(lb).request(), connect(lb)
    wait_for(lambda: lb.metrics().value("lb_requests_in_flight") == 1, "it runs")
    second.request()
    wait_for(lambda: lb.metrics().value("lb_queued_requests") == 1, "it waits")
    may_answer.set()
    assert first.read_response().status == second.read_response().status == 200
    wait_for(lambda: lb.metrics().sum("lb_service_queue_duration_seconds_count") == 1, "it is counted")
    page = lb.metrics()
    assert page.sum("lb_service_queue_duration_seconds_sum") == page.value("lb_queue_duration_seconds_sum") > 0
