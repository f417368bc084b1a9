"""Incidents and changes of the pool, as lb-report is told them, with an lb-discovery that says what the test likes."""

import json
import socket
import time

import pytest
from reported_lb import DSN, ReportedLb
from support.backend import answer_each
from support.certificates import issue, make_ca, write_pair
from support.discovery import endpoint
from support.waiting import wait_for

BAD = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
LIFE = {"connected": True, "events": {}, "resyncs": {}}


@pytest.fixture
def start(cleanup, tmp_path, discovery):
    def start(*flags, **options):
        lb = ReportedLb(tmp_path / "own", f"--sentry-dsn={DSN}", *discovery.flags, *flags, **options)
        cleanup.callback(lb.stop)
        lb.wait_started()
        return lb
    return start


def test_a_service_whose_last_endpoint_goes_and_comes_again(start, start_backend, discovery):
    lb, one, two = start(), start_backend().address, start_backend().address
    discovery.send(endpoint("one", one), endpoint("two", two))
    lb.wait_ready(2)
    discovery.send(endpoint("two", two))
    lb.wait_ready(1)
    assert lb.incidents() == []
    before = time.time()
    discovery.send()
    begun = lb.wait_incident(kind="no_endpoint", phase="begun")
    assert begun["level"] == "error" and begun["subject"] == begun["service"] == "appserver"
    assert begun["host"] == socket.gethostname() and before - 1 <= begun["timestamp"] <= time.time() + 1
    assert "503" in begun["message"]
    discovery.send(endpoint("one", one))
    ended = lb.wait_incident(kind="no_endpoint", phase="ended")
    assert ended["level"] == "info" and 0 <= ended["lasted_seconds"] < 20
    assert len(lb.incidents()) == 2


def test_what_an_operator_orders_is_no_error(start, start_backend, discovery):
    lb = start()
    discovery.send(endpoint("one", start_backend().address), endpoint("two", start_backend().address))
    lb.wait_ready(2)
    assert lb.order("/endpoints/one/drain")[0] == 200
    assert lb.order("/endpoints/two/disable")[0] == 200
    assert lb.wait_incident(kind="no_endpoint")["level"] == "info"
    assert lb.order("/endpoints/one/undrain")[0] == 200
    lb.wait_incident(kind="no_endpoint", phase="ended", level="info")
    assert lb.incidents(level="error") == []


@pytest.mark.slow("what may only take a moment is told after ten seconds")
def test_at_the_start_nobody_is_ready(start, start_backend, discovery):
    lb = start()
    discovery.send(endpoint("one", start_backend().address, state="starting"))
    lb.wait_states(one="starting")
    time.sleep(1)
    assert lb.incidents() == []
    lb.wait_incident(kind="no_endpoint", phase="begun")


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def test_an_ejection_and_a_panic(start, start_backend, discovery):
    bad, good = start_backend(answer_each(*[BAD] * 1000)), start_backend()
    lb = start("--eject-5xx=3", "--eject-time=1m", "--eject-max=100", "--panic-below=60", "--retry-budget=0", "--check-mode=off")
    discovery.send(endpoint("bad", bad.address, container="c0ffee"), endpoint("good", good.address))
    lb.wait_ready(2)

    def look():
        lb.get("/secret?token=hush", fields=[f"traceparent: 00-{TRACE}-00f067aa0ba902b7-01"])
        return lb.incidents(kind="ejection")
    ejection = wait_for(look, "it is ejected")[0]
    assert ejection["phase"] == "happened" and ejection["level"] == "warning" and ejection["subject"] == "appserver/bad"
    assert ejection["container"] == {"name": "bad", "id": "c0ffee"}
    assert ejection["endpoint"] == "127.0.0.1:%d" % bad.address[1]
    assert ejection["url"] == "http://test/secret" and ejection["trace_id"] == TRACE
    assert lb.wait_incident(kind="panic", phase="begun")["subject"] == "appserver"
    discovery.send(endpoint("good", good.address))
    lb.wait_incident(kind="panic", phase="ended")
    assert all("hush" not in body for kind, body in lb.told() if kind in "IB")


def test_an_ejection_after_requests_without_an_answer(start, start_backend, discovery):
    bad = start_backend(lambda connection: connection.read_request())
    lb = start("--eject-after=3", "--retry-budget=0", "--check-mode=off", "--sentry-queries")
    discovery.send(endpoint("bad", bad.address), endpoint("good", start_backend().address))
    lb.wait_ready(2)

    def look():
        lb.get("/cut?page=7", fields=[f"traceparent: 00-{TRACE}-00f067aa0ba902b7-01"])
        return lb.incidents(kind="ejection")
    ejection = wait_for(look, "it is ejected")[0]
    assert ejection["url"] == "http://test/cut?page=7" and ejection["trace_id"] == TRACE


def test_a_container_that_crashes_again_and_again(start, start_backend, discovery):
    lb, one, two = start(), start_backend().address, start_backend().address
    stays = endpoint("stays", two)
    for number in range(5):
        discovery.send(stays, endpoint("loops", one, id=f"{number}:80", container=f"id-{number}", image="shop:7"))
        lb.wait_ready(2)
        discovery.send(stays)
        lb.wait_ready(1)
    assert lb.incidents() == []
    discovery.send(stays, endpoint("loops", one, id="5:80", container="id-5", image="shop:7"))
    told = lb.wait_incident(kind="container_crash_loop", phase="happened", subject="appserver/loops")
    assert told["container"] == {"name": "loops", "id": "id-5", "image": "shop:7"}
    assert "5 times" in told["message"]


@pytest.mark.slow("what may only take a moment is told after ten seconds")
def test_discovery_that_is_lost_for_more_than_a_moment(start, start_backend, discovery):
    lb = start()
    discovery.send(endpoint("one", start_backend().address))
    lb.wait_ready(1)
    away = {**LIFE, "connected": False, "obstacle": {"why": "the engine is away", "remedy": "Start it.", "since_ns": 1}}
    discovery.send_line({"v": 1, "alive": away})
    wait_for(lambda: "the engine is away" in lb.ask("/pool").body.decode(), "the obstacle is known")
    assert lb.incidents() == []
    begun = lb.wait_incident(kind="discovery_lost", phase="begun")
    assert begun["level"] == "error" and "the engine is away. Start it." in begun["message"]
    discovery.send_line({"v": 1, "alive": LIFE})
    assert lb.wait_incident(kind="discovery_lost", phase="ended")["lasted_seconds"] > 8
    assert lb.get().status == 200


def test_changes_are_told_as_they_come(start, start_backend, discovery):
    lb, one = start(), start_backend().address
    discovery.send()
    discovery.send(endpoint("one", one, container="c0ffee"))
    lb.wait_ready(1)
    ready = wait_for(lambda: [change for change in lb.changes() if change["message"] == "one ready"], "the change is told")[0]
    assert ready["level"] == "info"
    assert ready["data"] == {"service": "appserver", "container": "c0ffee", "endpoint": "127.0.0.1:%d" % one[1],
                             "before": "probing", "after": "ready", "cause": "start"}
    discovery.send()
    wait_for(lambda: [change for change in lb.changes() if change["message"] == "one gone"], "its end is told")


def test_a_thousand_at_once_are_a_few_messages(start, start_backend, discovery):
    lb, address = start(), start_backend().address
    discovery.send()
    wait_for(lambda: lb.pool()["discovery"]["lines"] >= 1, "there is a pool")
    many = [endpoint(f"c{number}", ("127.0.%d.%d" % divmod(number, 250), address[1]), state="paused") for number in range(1000)]
    discovery.send(*many)
    wait_for(lambda: any(" more changes within a second" in change["message"] for change in lb.changes()), "the rest is counted")
    assert len(lb.changes()) < 100
    process = json.loads(lb.ask("/process").body)
    assert process["report"]["outbox_dropped"] == {"access": 0, "log": 0, "incident": 0}


def test_without_sentry_nothing_of_it_is_told(cleanup, tmp_path, start_backend, discovery):
    lb = ReportedLb(tmp_path / "own", "--gelf=udp://logs.test", *discovery.flags)
    cleanup.callback(lb.stop)
    lb.wait_started()
    discovery.send(endpoint("one", start_backend().address))
    lb.wait_ready(1)
    discovery.send()
    wait_for(lambda: any("one gone" in line["message"] for line in lb.lines("L")), "the log is told")
    assert lb.incidents() == [] and lb.changes() == []


def test_a_certificate_that_runs_out_and_is_renewed(start, tmp_path):
    ca, folder = make_ca(tmp_path / "ca"), tmp_path / "certificates"
    write_pair(folder, "soon.test", issue(ca, ("soon.test",), begins=-80, days=10))
    write_pair(folder, "near.test", issue(ca, ("near.test",), begins=-80, days=2))
    write_pair(folder, "far.test", issue(ca, ("far.test",)))
    lb = start("--listen-tls=127.0.0.1:0", f"--certificates={folder}")
    soon = lb.wait_incident(kind="certificate", phase="begun", subject="soon.test")
    near = lb.wait_incident(kind="certificate", phase="begun", subject="near.test")
    assert soon["level"] == "warning" and "soon.test.crt runs out in 9 days" in soon["message"]
    assert near["level"] == "error" and "renew it" in near["message"]
    assert lb.incidents(phase="ended") == []
    write_pair(folder, "near.test", issue(ca, ("near.test",)))
    ended = lb.wait_incident(kind="certificate", phase="ended", subject="near.test")
    assert ended["level"] == "info" and ended["lasted_seconds"] < 60
    assert lb.incidents(subject="far.test") == []
