"""/events over raw sockets: what the objects say, who may follow, and what followers cannot do."""

import json
import time

import pytest

from support.clock import Clock
from support.discovery import endpoint
from support.waiting import wait_for

FOLLOWER_MAX = 16
TOKEN = "0123456789abcdef-secret"


@pytest.fixture(name="lb")
def make_lb(start_lb, start_backend):
    return start_lb(backends=[start_backend(), start_backend()])


def wait_frame(next_frame, client, condition, count=15):
    """The first object of which the condition holds."""
    for _ in range(count):
        frame = next_frame(client)
        if condition(frame):
            return frame
    raise AssertionError(f"not in {count} objects; the last: {frame}")


def test_head(lb, follow):
    head = follow(lb).head
    assert head.get("Content-Type") == "text/event-stream"
    assert head.get("Content-Length") is None and head.get("Connection") == "close"
    assert head.get("Cache-Control") == "no-store"
    assert head.get("X-Content-Type-Options") == "nosniff"
    assert lb.ask("/events", "HEAD").status == 200
    assert lb.ask("/events", "POST").status == 405


def test_agrees_with_pool(lb, follow, next_frame, connect):
    follower, client = follow(lb), connect(lb)
    first = next_frame(follower)
    assert (first["rate"], first["window_ms"], first["latency"]["p50_ms"]) == (None, 0, None)
    for i in range(40):
        assert client.get(f"/{i}").status == 200
    lb.wait_total("requests", 40)
    frame = wait_frame(next_frame, follower, lambda f: f["totals"]["requests"] == 40)
    pool = lb.pool()
    assert frame["totals"] == pool["totals"]
    assert (frame["version"], frame["service"]) == (pool["version"], pool["service"])
    assert frame["discovery"] == pool["discovery"] and frame["process"] == pool["process"]
    rates = [e.pop("rate") for e in frame["endpoints"]]
    assert frame["endpoints"] == pool["services"][0]["endpoints"]
    assert rates[0] == rates[1] == pytest.approx(20000 / frame["window_ms"], abs=0.01)
    assert frame["rate"] == pytest.approx(40000 / frame["window_ms"], abs=0.01)
    assert frame["latency"]["count"] == 40 and frame["errors"] == 0
    assert 0 < frame["latency"]["p50_ms"] <= frame["latency"]["p90_ms"] <= frame["latency"]["p99_ms"]
    assert (frame["usable_count"], frame["endpoint_count"], frame["states"]) == (2, 2, {"ready": 2})


def test_one_object_a_second(lb, follow, next_frame, connect):
    """And who looks at the end of a second sees what came in it."""
    follower, client = follow(lb), connect(lb)
    next_frame(follower)
    for _ in range(10):
        client.get()
    began = time.monotonic()
    first = wait_frame(next_frame, follower, lambda f: f["rate"] and f["totals"]["requests"] == 10)
    second = next_frame(follower)
    assert time.monotonic() - began < 5
    assert 900 < second["window_ms"] - first["window_ms"] < 3000
    assert second["rate"] < first["rate"]  # the same ten, of a longer time


def test_latency_and_errors(start_lb, start_appserver, follow, next_frame, connect):
    lb = start_lb(backends=[start_appserver("one")])
    follower = follow(lb)
    next_frame(follower)
    clients = [connect(lb).request("GET", "/delay/120") for _ in range(4)]
    assert [c.read_response().status for c in clients] == [200] * 4
    assert connect(lb).get("/status/500").status == 500
    frame = wait_frame(next_frame, follower, lambda f: f["latency"]["count"] == 5)
    assert 100 <= frame["latency"]["p50_ms"] <= 250
    assert frame["errors"] == 1


def test_running_requests(start_lb, start_backend, follow, next_frame, connect):
    lb = start_lb(backends=[start_backend(lambda connection: connection.wait_end())])
    follower = follow(lb)
    client = connect(lb).request()
    frame = wait_frame(next_frame, follower, lambda f: f["inflight"] == 1)
    assert frame["endpoints"][0]["inflight"] == 1
    client.reset()
    wait_frame(next_frame, follower, lambda f: f["inflight"] == 0)


def test_states_and_changes(start_lb, discovery, start_backend, follow, next_frame):
    backend = start_backend()
    lb = start_lb(*discovery.flags)
    follower = follow(lb)
    frame = next_frame(follower)
    assert (frame["endpoints"], frame["changes"], frame["version"]) == ([], [], 0)
    discovery.send(endpoint("a1", backend.address), endpoint("a2", ("127.0.0.1", 1)),
                   endpoint("a3", backend.address, state="unhealthy"),
                   left_out=[{"id": "ff", "name": "x", "service": "y", "reason": "no_port"}])
    frame = wait_frame(next_frame, follower, lambda f: f["usable_count"] == 1)
    assert frame["states"] == {"ready": 1, "probing": 1, "unhealthy": 1}
    assert frame["left_out_count"] == 1
    by_name = {e["name"]: e for e in frame["endpoints"]}
    assert "why" not in by_name["a1"] and "HEALTHCHECK" in by_name["a3"]["why"]
    assert "lb.port" in by_name["a2"]["remedy"]
    frame = wait_frame(next_frame, follower, lambda f: any("refused" in e.get("problem", "")
                                                           for e in f["endpoints"]))
    discovery.send(endpoint("a2", ("127.0.0.1", 1)))
    frame = wait_frame(next_frame, follower, lambda f: f["endpoint_count"] == 1)
    told = [(c["name"], c["before"], c["after"], c["cause"]) for c in frame["changes"]]
    assert set(told[:2]) == {("a1", "ready", "gone", ""), ("a3", "unhealthy", "gone", "")}
    assert told[2] == ("a1", "probing", "ready", "start")
    assert set(told[3:]) == {("a1", "gone", "probing", "start"), ("a2", "gone", "probing", "start"),
                             ("a3", "gone", "unhealthy", "start")}
    assert [c["number"] for c in frame["changes"]] == [6, 5, 4, 3, 2, 1]
    assert lb.order("/endpoints/a2/disable")[0] == 200
    frame = wait_frame(next_frame, follower, lambda f: f["states"] == {"disabled": 1})
    assert (frame["changes"][0]["after"], frame["changes"][0]["cause"]) == ("disabled", "admin")


def test_the_last_50_changes_stay(start_lb, discovery, follow, next_frame):
    lb = start_lb(*discovery.flags)
    discovery.send(*(endpoint(f"a{i}", ("127.0.0.1", 1), state="paused") for i in range(70)))
    wait_for(lambda: len(lb.states()) == 70, "all are listed")
    changes = next_frame(follow(lb))["changes"]
    assert [c["number"] for c in changes] == list(range(70, 20, -1))


def test_hostile_names_are_data(start_lb, discovery, follow, next_frame):
    name = "a\n\ndata: {}\n\n\u2028\r\x1b[2J</script>"
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint(name, ("127.0.0.1", 1)))
    wait_for(lambda: lb.states(), "it is listed")
    frame = next_frame(follow(lb))
    assert [e["name"] for e in frame["endpoints"]] == [name]
    assert frame["changes"][0]["name"] == name


def test_very_many_endpoints_are_counted_not_listed(start_lb, discovery, follow, next_frame):
    lb = start_lb(*discovery.flags)
    discovery.send(*(endpoint(f"a{i}", ("127.0.0.1", 1), state="paused" if i else "unhealthy")
                     for i in range(700)))
    wait_for(lambda: lb.states(), "they are listed")
    frame = next_frame(follow(lb))
    assert (len(frame["endpoints"]), frame["endpoint_count"]) == (500, 700)
    assert frame["states"] == {"paused": 699, "unhealthy": 1}


def test_discovery_goes_away(start_lb, discovery, start_backend, follow, next_frame):
    lb = start_lb(*discovery.flags)
    alive = {"connected": True, "events": {"start": 1}, "resyncs": {"start": 1},
             "last_event_ns": time.time_ns(), "last_sync_ns": time.time_ns()}
    discovery.send(endpoint("a1", start_backend().address))
    discovery.send_line({"v": 1, "alive": alive})
    follower = follow(lb)
    frame = wait_frame(next_frame, follower, lambda f: f["discovery"].get("connected"))
    assert frame["discovery"]["last_event"].endswith("Z")
    discovery.send_line({"v": 1, "alive": {**alive, "connected": False}})
    wait_frame(next_frame, follower, lambda f: f["discovery"]["connected"] is False)


# ---- who follows ---------------------------------------------------------------------------------

def test_16_may_follow(lb, follow, next_frame, connect):
    followers = [follow(lb) for _ in range(FOLLOWER_MAX)]
    refused = follow(lb, status=503)
    body = refused.wire.take_exactly(int(refused.head.get("Content-Length")))
    assert json.loads(body)["error"] == "too_many_followers"
    assert lb.pool()["version"] > 0  # the other pages are there
    for follower in followers:
        next_frame(follower)
        next_frame(follower)
    followers[0].close()
    followers[1].reset()
    for _ in range(2):
        wait_for(lambda: take_place(lb, connect), "a place is free")
    follow(lb, status=503)


def test_who_takes_all_places_gives_one_to_another_host(lb, follow, next_frame):
    greedy = [follow(lb) for _ in range(FOLLOWER_MAX)]
    other = [follow(lb, source="127.0.0.2") for _ in range(FOLLOWER_MAX // 2)]
    follow(lb, source="127.0.0.2", status=503)  # both have half of the places by now
    for follower in other + greedy[len(other):]:
        next_frame(follower)
        next_frame(follower)
    for follower in greedy[:len(other)]:
        follower.wire.take_all()


def take_place(lb, connect):
    """Whether there was a place for one more, which now follows."""
    client = connect(lb.admin).request("GET", "/events")
    if client.read_head().status == 200:
        return True
    client.close()
    return False


def test_half_closed_and_chattering_followers(lb, follow, next_frame):
    chatty = follow(lb)
    next_frame(chatty)
    chatty.send(b"GET /pool HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
    next_frame(chatty)
    assert chatty.half_close().wire.take_all().count(b"data: ") <= 1


def test_who_does_not_read_is_dropped(tmp_path, start_lb, discovery, follow, next_frame, connect, built_with):
    """After fifteen seconds. And costs no more memory than the one object that waits."""
    clock = Clock(tmp_path)
    lb = start_lb(*discovery.flags, env=clock.env)
    discovery.send(*(endpoint(f"a{i}" + "x" * 400, ("127.0.0.1", 1), state="paused")
                     for i in range(500)))
    wait_for(lambda: lb.states(), "they are listed")
    good = follow(lb)
    next_frame(good)
    before = lb.peak_rss_bytes()
    lazy = [follow(lb, receive_buffer=4096) for _ in range(FOLLOWER_MAX - 1)]
    for _ in range(3):
        next_frame(good)
    assert not take_place(lb, connect)
    clock.run_on(lb, 16)
    wait_for(lambda: next_frame(good) and take_place(lb, connect), "the lazy ones are dropped")
    assert built_with or lb.peak_rss_bytes() - before < 24 << 20
    for client in lazy:
        client.reset()


def test_followers_do_not_hold_up_the_end(lb, follow, next_frame):
    followers = [follow(lb) for _ in range(3)]
    for follower in followers:
        next_frame(follower)
    started = time.monotonic()
    lb.stop()
    assert time.monotonic() - started < 5
    for follower in followers:
        follower.wire.take_all()


def test_shutting_down_is_told(start_lb, start_backend, follow, next_frame):
    lb = start_lb("--shutdown-delay=60s", backends=[start_backend()])
    follower = follow(lb)
    assert next_frame(follower)["shutting_down"] is False
    lb.signal()
    assert wait_frame(next_frame, follower, lambda f: f["shutting_down"], 3)
    lb.signal()
    lb.wait_end()


def test_token(start_lb, start_backend, follow, next_frame):
    lb = start_lb(f"--admin-token={TOKEN}", backends=[start_backend()], is_ready=False)
    follow(lb, status=401)
    follow(lb, ["Authorization: Bearer wrong"], status=401)
    assert next_frame(follow(lb, [f"Authorization: Bearer {TOKEN}"]))["service"] == "appserver"
    page = lb.ask("/")
    assert page.status == 200 and TOKEN not in page.body.decode()


def test_another_token_ends_what_the_old_one_opened(start_lb, start_backend, follow, next_frame,
                                                    tmp_path):
    file = tmp_path / "token"
    file.write_text(TOKEN)
    lb = start_lb(f"--admin-token-file={file}", backends=[start_backend()], is_ready=False)
    follower = follow(lb, [f"Authorization: Bearer {TOKEN}"])
    next_frame(follower)
    lb.reload()
    next_frame(follower)
    next_frame(follower)  # the same token: nothing is cut off
    file.write_text(TOKEN[::-1])
    lb.reload()
    follower.wire.take_all()
    follow(lb, [f"Authorization: Bearer {TOKEN}"], status=401)
    follow(lb, [f"Authorization: Bearer {TOKEN[::-1]}"])
