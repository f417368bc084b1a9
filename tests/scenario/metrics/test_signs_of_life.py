"""What lb-discovery tells about itself, and what lb does when it falls silent."""

import json
import os
import signal
import time

import pytest

from support.clock import Clock
from support.discovery import endpoint
from support.program import sanitizer
from support.waiting import wait_for

SILENCE = "--discovery-timeout=300ms"


def alive(connected=True, events=None, resyncs=None, last_event_ns=0, last_sync_ns=0):
    return {"v": 1, "time_ns": time.time_ns(),
            "alive": {"connected": connected, "events": events or {}, "resyncs": resyncs or {},
                      "last_event_ns": last_event_ns, "last_sync_ns": last_sync_ns}}


@pytest.fixture(name="file")
def make_file(tmp_path):
    """file(*backends): writes the file of services and gives its path."""
    path = tmp_path / "services.json"

    def write(*backends):
        endpoints = [{"address": b.address[0], "port": b.address[1]} for b in backends]
        fresh = tmp_path / "services.json.new"
        fresh.write_text(json.dumps({"services": [{"name": "appserver", "endpoints": endpoints}]}))
        fresh.rename(path)
        return path
    return write


def test_page_and_pool_show_what_was_told(start_lb, discovery):
    lb = start_lb(*discovery.flags)
    discovery.wait_starts(1)
    assert not lb.metrics().series("lb_discovery_connected")
    assert "connected" not in lb.pool()["discovery"]
    discovery.send_line(alive(True, {"start": 3, "health_status: healthy": 1},
                              {"start": 1, "timer": 2}, 1500000000_250000000, 1500000001_000000000))
    wait_for(lambda: lb.metrics().series("lb_discovery_connected"), "it is taken")
    page = lb.metrics()
    assert page.value("lb_discovery_connected") == 1
    assert page.table("lb_discovery_events_total", "action") == {
        "start": 3, "health_status: healthy": 1}
    assert page.table("lb_discovery_resyncs_total", "reason") == {"start": 1, "timer": 2}
    assert page.value("lb_discovery_last_event_timestamp_seconds") == 1500000000.25
    assert page.value("lb_discovery_last_sync_timestamp_seconds") == 1500000001
    assert page.table("lb_discovery_lines_total", "result") == {}
    told = lb.pool()["discovery"]
    assert told["connected"] is True
    assert told["last_event"] == "2017-07-14T02:40:00.250000Z"
    assert told["last_sync"] == "2017-07-14T02:40:01.000000Z"
    discovery.send_line(alive(False))
    wait_for(lambda: lb.metrics().value("lb_discovery_connected") == 0, "it is taken")
    assert lb.pool()["discovery"]["last_event"] is None


def test_a_sign_of_life_changes_no_pool(start_lb, discovery, start_backend):
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("one", start_backend().address))
    lb.wait_ready(1)
    version = lb.pool()["version"]
    discovery.send_line(alive(events={"kill": 1}))
    wait_for(lambda: lb.metrics().series("lb_discovery_connected"), "it is taken")
    assert lb.pool()["version"] == version
    assert lb.states() == {"one": "ready"}
    assert lb.pool()["discovery"]["lines"] == 1


@pytest.mark.parametrize("change, words", [
    ({"connected": 1}, "alive.connected: want true or false"),
    ({"events": []}, "alive.events: want at most 64 words"),
    ({"events": {"start": -1}}, "alive.events: want at most 64 words"),
    ({"events": {"start": "1"}}, "alive.events: want at most 64 words"),
    ({"resyncs": {str(i): 1 for i in range(65)}}, "alive.resyncs: want at most 64 words"),
    ({"resyncs": {"x" * 65: 1}}, "alive.resyncs: want at most 64 words"),
    ({"resyncs": {"": 1}}, "alive.resyncs: want at most 64 words"),
])
def test_bad_signs_of_life_are_refused(start_lb, discovery, change, words):
    lb = start_lb(*discovery.flags)
    line = alive(events={"start": 7})
    discovery.send_line(line)
    line["alive"].update(change)
    discovery.send_line(line)
    lb.wait_message("a line of lb-discovery was refused: " + words)
    page = lb.metrics()
    assert page.table("lb_discovery_events_total", "action") == {"start": 7}
    assert page.table("lb_discovery_lines_total", "result") == {"refused": 1}


def test_a_source_without_signs_of_life_is_not_watched(start_lb, discovery, start_backend):
    lb = start_lb("--discovery-timeout=20ms", *discovery.flags)
    discovery.send(endpoint("one", start_backend().address))
    lb.wait_ready(1)
    end = time.monotonic() + 0.3
    while time.monotonic() < end:
        assert lb.pool()["discovery"]["starts"] == 1
        time.sleep(0.02)


def test_silence_after_a_sign_of_life(start_lb, discovery, start_backend, connect):
    lb = start_lb(SILENCE, *discovery.flags)
    discovery.send(endpoint("one", start_backend().address))
    discovery.send_line(alive())
    lb.wait_ready(1)
    lb.wait_message(r"is being ended: no sign of life for 300 ms; the last pool stays in use")
    discovery.wait_starts(2)
    lb.wait_message(r"^lb-discovery \d+ is being ended: no sign of life")
    assert lb.states() == {"one": "ready"}
    assert connect(lb).get().status == 200
    discovery.wait_starts(3)  # the new one hangs too, and says nothing at all


def test_any_line_is_a_sign_of_life(start_lb, discovery, start_backend):
    lb = start_lb("--discovery-timeout=2s", *discovery.flags)
    one = endpoint("one", start_backend().address)
    discovery.send_line(alive())
    end = time.monotonic() + 3
    while time.monotonic() < end:
        discovery.send(one)
        time.sleep(0.05)
    assert lb.pool()["discovery"]["starts"] == 1


def test_stopped_discovery_is_replaced_and_nobody_notices(tmp_path, start_lb, file, start_backend, connect):
    """The real lb-discovery, stopped as if it hung. Its signs of life come every five seconds."""
    one, two = start_backend(), start_backend()
    clock = Clock(tmp_path)
    timeout_s = 7 if sanitizer() else 40  # the time of this test comes on top of what passes
    lb = start_lb(f"--discovery-timeout={timeout_s}s", f"--file={file(one)}", env=clock.env).wait_ready(1)
    wait_for(lambda: lb.metrics().series("lb_discovery_connected"), "it has given a sign of life")
    client = connect(lb)
    hung = lb.discovery_pid
    os.kill(hung, signal.SIGSTOP)
    file(one, two)  # it does not see this
    clock.run_on(lb, timeout_s / 2)
    assert sanitizer() or not lb.find_message("no sign of life")
    clock.run_on(lb, timeout_s / 2 + 1)
    lb.wait_message(f"no sign of life for {timeout_s}000 ms")
    assert client.get().status == 200
    lb.wait_ready(2)
    assert lb.discovery_pid != hung
    assert client.get().status == 200
    assert lb.metrics().value("lb_discovery_starts_total") == 2


def test_stopped_discovery_does_not_outlive_lb(start_lb, file, start_backend):
    lb = start_lb(f"--file={file(start_backend())}").wait_ready(1)
    hung = lb.discovery_pid
    os.kill(hung, signal.SIGSTOP)
    lb.stop()
    wait_for(lambda: not os.path.exists(f"/proc/{hung}"), "the stopped process is gone")
