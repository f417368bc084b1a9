"""An exception of appserver, through lb: one trace in lb's log, in appserver's and in what Sentry's receiver got, with the
calls that led to it."""

import json
import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scenario"))
sys.path.insert(0, str(Path(__file__).parents[1] / "scenario/appserver"))

from appserver_under_test import BINARY, Appserver  # noqa: E402
from support.fixtures import *  # noqa: E402,F401,F403
from support.waiting import wait_for  # noqa: E402

ID = "0af7651916cd43dd8448eb211c80319c"
CALLS = ["exception_raise", "exception_serve_order", "exception_find_price", "exception_happen"]


def event_of(testkit, event_id):
    found = []
    wait_for(lambda: found.extend(e for e in testkit.events() if e["event_id"] == event_id) or found,
             f"the exception {event_id} arrives", pause_s=0.05)
    return found[0]


def build_id():
    notes = subprocess.run(["readelf", "--notes", BINARY], capture_output=True, text=True, check=True).stdout
    return re.search(r"Build ID: ([0-9a-f]{40})", notes)[1]


def addresses(event):
    return [int(frame["instruction_addr"], 16) for frame in event["exception"]["values"][0]["stacktrace"]["frames"]]


class Backend:
    def __init__(self, server):
        self.address = (server.host, server.port)


def test_arrives_with_its_frames_and_its_trace(testkit, start_lb, connect, tmp_path):
    log = tmp_path / "access.log"
    with Appserver(name="shop", SENTRY_DSN=testkit.dsn) as server:
        lb = start_lb(f"--access-log={log}", backends=[Backend(server)])
        answer = connect(lb).get("/raise?message=out%20of%20%22paper%22&token=SECRETTOKEN",
                                 fields=[f"traceparent: 00-{ID}-b7ad6b7169203331-01"])
        assert answer.status == 500
        body = json.loads(answer.body)
        event = event_of(testkit, body["event_id"])
        theirs = server.log_line("/raise?message=out%20of%20%22paper%22&token=SECRETTOKEN")
    wait_for(lambda: log.exists() and log.read_text().endswith("\n"), "lb's line")
    ours = json.loads(log.read_text())
    assert ours["trace"]["id"] == theirs["trace"]["id"] == event["contexts"]["trace"]["trace_id"] == body["trace_id"] == ID

    (exception,) = event["exception"]["values"]
    assert (exception["type"], exception["value"]) == ("AppserverError", 'out of "paper"')
    assert exception["mechanism"]["type"] == "generic" and exception["mechanism"]["handled"] is False
    frames = exception["stacktrace"]["frames"]
    names = [frame.get("function") for frame in frames]
    assert names[0] == "_start" and names[-4:] == CALLS and "server_run" in names
    assert all(frame["in_app"] and frame["package"] == "appserver" for frame in frames[-4:])
    assert any(not frame["in_app"] and frame["package"].startswith("libuv") for frame in frames)
    assert all(int(frame["instruction_addr"], 16) > int(frame["image_addr"], 16) for frame in frames)

    assert event["server_name"] == "shop" and event["level"] == "error" and event["release"].startswith("appserver@")
    assert event["tags"]["url"] == "/raise" and event["tags"]["http.method"] == "GET"
    assert "SECRETTOKEN" not in json.dumps(event)


def test_images_tell_where_the_frames_are(testkit, start_lb, connect):
    with Appserver(SENTRY_DSN=testkit.dsn) as server:
        lb = start_lb("--trace-context=generate", backends=[Backend(server)])
        body = json.loads(connect(lb).get("/raise").body)
        event = event_of(testkit, body["event_id"])
    assert re.fullmatch("[0-9a-f]{32}", body["trace_id"])  # that lb has made
    assert event["contexts"]["trace"]["trace_id"] == body["trace_id"]
    images = event["debug_meta"]["images"]
    own = next(image for image in images if image["code_file"].endswith("appserver"))
    assert own["code_id"] == build_id()
    spans = [(int(image["image_addr"], 16), int(image["image_addr"], 16) + image["image_size"]) for image in images]
    for address in addresses(event):
        assert any(begin <= address < end for begin, end in spans), hex(address)


def test_a_receiver_that_hangs_keeps_nobody_waiting(hostile, connect):
    silent = hostile(None)
    with Appserver(SENTRY_DSN=silent.dsn) as server:
        for _ in range(3):
            answer = connect((server.host, server.port)).get("/raise")
            assert json.loads(answer.body)["is_reported"] is True
        wait_for(lambda: silent.requests, "one of them is on its way")
        assert connect((server.host, server.port)).get("/").status == 200
