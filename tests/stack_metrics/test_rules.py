"""Rules and settings by Prometheus' own checkers, and each alert by its unit tests: when it fires, and when it does not."""

import json
import subprocess

import pytest
import yaml

from deployed import ALERTMANAGER, PROMETHEUS, rules

RULES = rules(yaml)
ALERTS = sorted(rule["alert"] for rule in RULES if "alert" in rule)

LB = 'job="lb", instance="lb"'
APP = f'{LB}, service="app"'


def steady(name, labels, value):
    return f"{name}{{{labels}}}", f"{value}+0x80"


def growing(name, labels, step):
    return f"{name}{{{labels}}}", f"0+{step}x80"


def requests(step_ok, step_5xx=0):
    """Per 15 s."""
    series = [growing("lb_requests_total", f'{APP}, method="GET", code="200"', step_ok)]
    return series + ([growing("lb_requests_total", f'{APP}, method="GET", code="502"', step_5xx)] if step_5xx else [])


def durations(step_quick, step_slow):
    """Up to 0.1 s, and up to 2.5 s."""
    bucket = "lb_request_duration_seconds_bucket"
    return [growing(bucket, f'{APP}, le="0.1"', step_quick), growing(bucket, f'{APP}, le="2.5"', step_quick + step_slow),
            growing(bucket, f'{APP}, le="+Inf"', step_quick + step_slow)]


NEWS = "lb_discovery_last_sync_timestamp_seconds"
TIMER = steady("lb_discovery_resyncs_total", f'{LB}, reason="timer"', 3)
READY = f'{APP}, state="ready"'

DAY_S = 86400
CERTIFICATE = f'{LB}, name="a.test", file="/certs/a.test.crt"'


def running_out(days):
    return [steady("lb_certificate_not_after_seconds", CERTIFICATE, int(days * DAY_S))]


# Alert: ([series with which it fires], …), ([series with which it does not], …); time is 0 to 20 minutes.
CASES = {
    "LbCertificateSoon": ([running_out(13.9), running_out(0)], [running_out(14.5)]),
    "LbCertificateNear": ([running_out(2.9), running_out(0)], [running_out(3.5)]),
    "LbCertificatesRefused": ([[steady("lb_certificates_refused", LB, 1)]],
                              [[steady("lb_certificates_refused", LB, 0)]]),
    "LbAcmeFailed": ([[steady("lb_acme_orders", f'{LB}, state="failed"', 1)]],
                     [[steady("lb_acme_orders", f'{LB}, state="failed"', 0), steady("lb_acme_orders", f'{LB}, state="waiting"', 2)],
                      [(f'lb_acme_orders{{{LB}, state="failed"}}', "0x60 1x20")]]),  # not for long enough
    "MonitorServiceDown": ([[steady("up", LB, 0)]], [[steady("up", LB, 1)]]),
    "LbNoReadyEndpoint": (
        [[steady("lb_endpoints", READY, 0), steady("lb_endpoints", f'{APP}, state="failing"', 2)]],
        [[steady("lb_endpoints", READY, 1), steady("lb_endpoints", f'{APP}, state="failing"', 2)],
         [steady("lb_endpoints", READY, 0), steady("lb_service_paused", APP, 1)],
         [(f"lb_endpoints{{{READY}}}", "1+0x79 0")]]),  # not for long enough
    "LbNobodyThere": ([[growing("lb_request_ends_total", f'{LB}, end="no_endpoint"', 1)]],
                      [[steady("lb_request_ends_total", f'{LB}, end="no_endpoint"', 9)],
                       [growing("lb_request_ends_total", f'{LB}, end="ok"', 1)]]),
    "LbErrors": ([requests(90, 10)], [requests(99, 1), requests(100), [(series, values.replace("+", "+0.0")) for series, values in requests(1, 9)]]),
    "LbSlow": ([durations(90, 10) + requests(100)], [durations(999, 1) + requests(100)]),
    "LbPanic": ([[steady("lb_service_panic", APP, 1)]], [[steady("lb_service_panic", APP, 0)]]),
    "LbDiscoveryStale": (
        [[steady("lb_discovery_connected", LB, 0)], [steady("lb_discovery_source_connected", f'{LB}, source="consul"', 0)],
         [steady("lb_discovery_connected", LB, 1), steady(NEWS, LB, 10), TIMER]],
        [[steady("lb_discovery_connected", LB, 1), growing(NEWS, LB, 15), TIMER],
         [steady("lb_discovery_connected", LB, 1), steady(NEWS, LB, 10)]]),  # a file that does not change
    "LbPoolFlaps": ([[growing("lb_pool_version", LB, 1)]], [[steady("lb_pool_version", LB, 7)]]),
    "LbCrashed": ([[steady("lb_last_crash_timestamp_seconds", LB, 1000)]], [[steady("lb_last_crash_timestamp_seconds", LB, 5)]]),
    "LbRestarts": ([[growing("process_start_time_seconds", LB, 15)],
                    [(f"lb_process_starts_total{{{LB}}}", "1x60 5x20")]],  # all of them between two scrapes
                   [[steady("process_start_time_seconds", LB, 5), steady("lb_process_starts_total", LB, 9)],
                    [(f"lb_process_starts_total{{{LB}}}", "1x60 3x20")],
                    [growing("process_start_time_seconds", 'job="other"', 15)]]),
    "LbReloadFailed": ([[steady("lb_config_last_reload_successful", LB, 0)]], [[steady("lb_config_last_reload_successful", LB, 1)]]),
    "LbReportDrops": (
        [[growing("lb_report_dropped_total", f'{LB}, by="gelf", reason="queue"', 1)],
         [growing("lb_report_outbox_dropped_total", f'{LB}, what="log"', 1)]],
        [[steady("lb_report_dropped_total", f'{LB}, by="gelf", reason="queue"', 5),
          steady("lb_report_outbox_dropped_total", f'{LB}, what="log"', 5)]]),
    "LbLogDrops": ([[growing("lb_log_dropped_total", LB, 1)]], [[steady("lb_log_dropped_total", LB, 5)]]),
    "ContainerRestarts": ([[growing("container_start_time_seconds", 'job="cadvisor", name="one"', 15)]],
                          [[steady("container_start_time_seconds", 'job="cadvisor", name="one"', 15)],
                           [growing("container_start_time_seconds", 'job="cadvisor", name=""', 15)]]),
}


def check(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def promtool_says(folder, alert, series, expected):
    test = {"rule_files": [str(path) for path in sorted((PROMETHEUS / "rules").glob("*.yml"))],
            "evaluation_interval": "15s",
            "tests": [{"interval": "15s", "input_series": [{"series": name, "values": values} for name, values in series],
                       "promql_expr_test": [{"expr": f'count(ALERTS{{alertname="{alert}",alertstate="firing"}})',
                                             "eval_time": "20m", "exp_samples": expected}]}]}
    path = folder / "test.yml"
    path.write_text(json.dumps(test), encoding="utf-8")  # JSON is YAML
    done = check("promtool", "test", "rules", str(path))
    return done.returncode, done.stdout + done.stderr


def test_prometheus_takes_its_settings():
    done = check("promtool", "check", "config", str(PROMETHEUS / "prometheus.yml"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("rules found") == 2


def test_alertmanager_takes_its_settings():
    done = check("amtool", "check-config", str(ALERTMANAGER))
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_has_its_cases():
    assert ALERTS == sorted(CASES)
    for rule in RULES:
        if "alert" in rule:
            assert rule["labels"]["severity"] in ("page", "ticket")
            assert rule["annotations"]["summary"] and rule["annotations"]["remedy"]


@pytest.mark.parametrize("alert", sorted(CASES))
def test_it_fires_and_it_does_not(alert, tmp_path):
    fires, is_silent = CASES[alert]
    for series in fires:
        assert promtool_says(tmp_path, alert, series, [{"labels": "{}", "value": 1}]) == (0, f"Unit Testing:  {tmp_path}/test.yml\n  SUCCESS\n\n")
    for series in is_silent:
        assert promtool_says(tmp_path, alert, series, []) == (0, f"Unit Testing:  {tmp_path}/test.yml\n  SUCCESS\n\n")
