"""What arrives at Sentry, as an independent receiver (sentry-testkit) has understood it."""

import json
import re

import pytest

from support.waiting import wait_for

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
INCIDENT = {"timestamp": 1700000000.25, "kind": "no_endpoint", "phase": "begun", "level": "error",
            "message": "no endpoint of web is left; look why its containers ended", "subject": "web", "service": "web",
            "endpoint": "172.17.0.3:80", "container": {"name": "web1", "id": "c0ffee012345", "image": "shop/web:7"},
            "host": "docker-1", "trace_id": TRACE, "url": "http://shop.test/cart?session=SECRET#part",
            "extra": {"reason": "died", "requests": 17, "more": {"a": [1, 2]}}}
CRASH = {"timestamp": 1700000001, "reason": "SIGSEGV", "lost_requests": 3, "crashes_in_a_row": 2, "is_crash_loop": True,
         "text": "crashed: signal 11 (SIGSEGV) at address 0x10 in thread 77 (lb-proxy); version 0.1.0, build id "
                 "00112233445566778899aabbccddeeff01234567; code libc.so.6+0x1234 ? lb-proxy+0x1f2e lb-proxy+0x3000 "
                 "libuv.so.1+0x99"}


@pytest.fixture(name="report")
def start(start_report, testkit):
    seen = len(testkit.events())
    report = start_report("--release=lb@9.9", "--sentry-environment=staging", "--server-name=edge-1", dsn=testkit.dsn)
    report.events = lambda count: testkit.wait_events(seen + count)[seen:]
    return report


def change(number):
    return {"timestamp": 1700000000 - 100 + number, "level": "warning", "message": f"change {number}",
            "data": {"service": "web", "container": f"web{number}", "before": "ready", "after": "gone", "cause": "die"}}


@pytest.mark.quick
def test_an_incident(report):
    for number in range(40):
        report.tell("B", change(number))
    report.tell("I", INCIDENT)
    event, = report.events(1)
    assert re.fullmatch("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}", event["event_id"])
    assert event["timestamp"] == "2023-11-14T22:13:20.250000Z"
    assert (event["platform"], event["level"], event["logger"]) == ("native", "error", "lb")
    assert (event["server_name"], event["release"], event["environment"]) == ("edge-1", "lb@9.9", "staging")
    assert event["message"] == {"formatted": INCIDENT["message"]}
    assert event["fingerprint"] == ["no_endpoint", "web", "web"]
    assert event["tags"] == {"incident": "no_endpoint", "phase": "begun", "service": "web", "endpoint": "172.17.0.3:80",
                             "container": "web1", "image": "shop/web:7", "host": "docker-1"}
    assert event["contexts"]["trace"]["trace_id"] == TRACE
    assert event["extra"] == {"subject": "web", "container_id": "c0ffee012345", "url": "http://shop.test/cart",
                              "reason": "died", "requests": "17", "more": '{"a":[1,2]}'}
    assert event["sdk"]["name"] == "lb.c"
    crumbs = event["breadcrumbs"]["values"]
    assert [crumb["message"] for crumb in crumbs] == [f"change {number}" for number in range(10, 40)]
    assert crumbs[0] == {"timestamp": "2023-11-14T22:11:50.000000Z", "level": "warning", "category": "pool", "message": "change 10",
                         "data": {**change(10)["data"]}}
    assert not {"user", "request", "exception"} & set(event)
    wait_for(lambda: report.count("sentry_sent") == 1, "it is counted")


def test_what_is_nobodys_business(report, testkit):
    report.tell("I", {**INCIDENT, "subject": "secrets", "url": "https://user:pw@shop.test/a?token=SECRET"})
    event, = report.events(1)
    text = json.dumps(event)
    key = testkit.dsn.split("//")[1].split("@")[0]
    for secret in (key, "SECRET", "token", "user:", "pw@"):
        assert secret not in text
    assert not any(key in line for line in report.stderr_lines)


def test_queries_where_they_are_asked_for(start_report, testkit):
    seen = len(testkit.events())
    start_report("--sentry-queries", dsn=testkit.dsn).tell("I", {**INCIDENT, "subject": "queries"})
    assert testkit.wait_events(seen + 1)[seen]["extra"]["url"] == INCIDENT["url"]


def test_recovery(report):
    report.tell("I", {**INCIDENT, "phase": "ended", "message": "web has endpoints again", "lasted_seconds": 75.25})
    event, = report.events(1)
    assert event["level"] == "info"
    assert event["message"] == {"formatted": "web has endpoints again; it lasted 75.2 s"}
    assert event["fingerprint"] == ["no_endpoint", "web", "web", "recovered"]
    assert event["tags"]["phase"] == "ended"
    assert event["extra"]["lasted_seconds"] == "75.25"


def test_a_crash(report):
    report.tell("C", CRASH)
    event, = report.events(1)
    exception, = event["exception"]["values"]
    assert event["level"] == "fatal"
    assert exception["type"] == "SIGSEGV"
    assert exception["value"] == "crashed: signal 11 (SIGSEGV) at address 0x10 in thread 77 (lb-proxy)"
    assert exception["mechanism"] == {"type": "signal", "handled": False}
    frames = exception["stacktrace"]["frames"]
    assert [frame["function"] for frame in frames] == ["libuv.so.1+0x99", "lb-proxy+0x3000", "lb-proxy+0x1f2e", "libc.so.6+0x1234"]
    assert frames[2] == {"function": "lb-proxy+0x1f2e", "package": "lb-proxy", "instruction_addr": "0x1f2e", "addr_mode": "rel:0",
                         "in_app": True}
    assert event["debug_meta"]["images"] == [{"type": "elf", "code_file": "lb-proxy",
                                              "code_id": "00112233445566778899aabbccddeeff01234567",
                                              "debug_id": "33221100-5544-7766-8899-aabbccddeeff"}]
    assert event["fingerprint"] == ["proxy_crash", "SIGSEGV", "lb-proxy+0x1f2e"]
    assert event["tags"] == {"incident": "proxy_crash", "phase": "happened", "reason": "SIGSEGV", "crash_loop": "yes"}
    assert event["extra"] == {"lost_requests": "3", "crashes_in_a_row": "2", "report": CRASH["text"]}


def test_foreign_texts(report):
    strange = "\u0001\u202e\U0001F600\"\\\n" + "x" * 9000
    report.tell("I", {**INCIDENT, "message": strange, "service": strange, "subject": "strange"})
    event, = report.events(1)
    assert event["message"]["formatted"] == strange.encode()[:8192].decode()
    assert event["tags"]["service"] == strange.encode()[:200].decode()


def test_the_same_is_grouped(report):
    for _ in range(10):
        report.tell("I", {**INCIDENT, "subject": "the same"})
    report.tell("I", {**INCIDENT, "subject": "another"})
    events = report.events(2)
    assert [event["fingerprint"][2] for event in events] == ["the same", "another"]
    assert report.count("sentry_grouped") == 9
