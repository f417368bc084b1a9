"""/events over raw sockets: what the objects say, who may follow, and what followers cannot do."""

import json
import time

import pytest

from support.backend import OK
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


def test_first_everything_then_what_changed(lb, follow, next_told, connect):
    follower = follow(lb)
    first = next_told(follower)
    assert first["full"] is True and first["time"].endswith("Z")
    assert set(first) == {
        "full", "time", "about", "source", "listeners", "routes", "certificates", "services",
        "service_numbers", "service_more", "endpoints", "endpoint_numbers", "endpoint_more",
        "totals", "saturation", "changes", "left_out", "left_out_count", "history", "sample",
        "notable", "seen"}
    for _ in range(3):
        told = next_told(follower)
        assert "full" not in told and not {"about", "endpoints", "services", "changes"} & set(told)
    assert connect(lb).get().status == 200
    while "seen" not in told:
        told = next_told(follower)
    assert len(told["endpoint_numbers"]) == 1  # of two


def test_who_begins_later_knows_the_same(lb, follow, next_frame, connect):
    first = follow(lb)
    next_frame(first)
    for i in range(5):
        assert connect(lb).get(f"/{i}").status == 200
    wait_frame(next_frame, first, lambda f: f["totals"]["totals"]["requests"] == 5)
    second = follow(lb)
    next_frame(second)
    for _ in range(3):
        assert next_frame(first) == {**next_frame(second), "full": True}


def test_agrees_with_pool(lb, follow, next_frame, connect):
    follower, client = follow(lb), connect(lb)
    first = next_frame(follower)
    assert (first["totals"]["rate"], first["totals"]["window_ms"]) == (None, 0)
    for i in range(40):
        assert client.get(f"/{i}").status == 200
    lb.wait_total("requests", 40)
    frame = wait_frame(next_frame, follower, lambda f: f["totals"]["totals"]["requests"] == 40)
    pool = lb.pool()
    assert frame["totals"]["totals"] == pool["totals"]
    assert (frame["routes"]["version"], frame["routes"]["service"]) == (pool["version"], pool["service"])
    assert frame["source"] == pool["discovery"] and frame["about"]["process"] == pool["process"]
    assert frame["about"]["workers"] == pool["workers"] == 2
    for told in pool["services"][0]["endpoints"]:
        key = f"appserver {told['id']}"
        numbers = frame["endpoint_numbers"][key]
        assert {**frame["endpoints"][key], **numbers}.items() >= {
            name: told[name] for name in ("id", "name", "address", "state", "since", "cause",
                                          "weight", "requests")}.items()
        assert numbers["rate"] == pytest.approx(20000 / frame["totals"]["window_ms"], rel=0.01)
        assert told["answers"] == {"2xx": 20}
    assert frame["totals"]["rate"] == pytest.approx(40000 / frame["totals"]["window_ms"], rel=0.01)
    numbers = frame["service_numbers"]["appserver"]
    assert 0 < numbers["p50_ms"] <= numbers["p99_ms"]
    assert frame["services"] == {"appserver": {
        "name": "appserver", "kind": "http", "default": True, "ready": 2, "usable": 2,
        "endpoint_count": 2, "states": {"ready": 2}, "panic": False}}


def test_one_object_a_second(lb, follow, next_frame, connect):
    """And who looks at the end of a second sees what came in it."""
    follower, client = follow(lb), connect(lb)
    next_frame(follower)
    for _ in range(10):
        client.get()
    began = time.monotonic()
    first = wait_frame(next_frame, follower, lambda f: f["totals"]["rate"]
                       and f["totals"]["totals"]["requests"] == 10)
    second = next_frame(follower)
    assert time.monotonic() - began < 5
    assert 900 < second["totals"]["window_ms"] - first["totals"]["window_ms"] < 3000
    assert second["totals"]["rate"] < first["totals"]["rate"]  # the same ten, of a longer time


def test_latency_and_errors(start_lb, start_appserver, follow, next_frame, connect):
    lb = start_lb(backends=[start_appserver("one")])
    follower = follow(lb)
    next_frame(follower)
    clients = [connect(lb).request("GET", "/delay/120") for _ in range(4)]
    assert [c.read_response().status for c in clients] == [200] * 4
    assert connect(lb).get("/status/500").status == 500
    frame = wait_frame(next_frame, follower, lambda f: f["totals"]["totals"]["requests"] == 5)
    for numbers in frame["totals"], frame["service_numbers"]["appserver"]:
        assert 100 <= numbers["p50_ms"] <= 250
        assert numbers["percent_5xx"] == 20 and numbers["rate_4xx"] == 0 < numbers["rate_5xx"]
    [numbers] = frame["endpoint_numbers"].values()
    assert numbers["percent_5xx"] == 20 and "rate_4xx" not in numbers
    assert 100 <= numbers["p50_ms"] <= numbers["p99_ms"] <= 500


def slowly(connection):
    while connection.read_request():
        time.sleep(0.06)
        connection.send(OK)


def test_a_slow_one_stands_out(start_lb, start_backend, follow, next_frame, connect):
    slow = start_backend(slowly)
    lb = start_lb(backends=[start_backend(), slow, start_backend()])
    follower, client = follow(lb), connect(lb)

    def ask_and_look():
        for _ in range(75):
            client.get()
        frame = next_frame(follower)
        return {key: n for key, n in frame["endpoint_numbers"].items() if n.get("outlier")}
    marked = wait_for(ask_and_look, "somebody stands out")
    [(key, numbers)] = marked.items()
    assert key == "appserver %s:%d" % slow.address
    assert numbers["p99_ms"] >= 25


def test_running_requests(start_lb, start_backend, follow, next_frame, connect):
    lb = start_lb(backends=[start_backend(lambda connection: connection.wait_end())])
    follower = follow(lb)
    client = connect(lb).request()
    frame = wait_frame(next_frame, follower, lambda f: f["totals"]["inflight"] == 1)
    assert [n["inflight"] for n in frame["endpoint_numbers"].values()] == [1]
    assert frame["service_numbers"]["appserver"]["inflight"] == 1
    client.reset()
    frame = wait_frame(next_frame, follower, lambda f: f["totals"]["inflight"] == 0)
    assert "inflight" not in list(frame["endpoint_numbers"].values())[0]


def states_of(frame):
    return {name: service["states"] for name, service in frame["services"].items()}


def test_states_and_changes(start_lb, discovery, start_backend, follow, next_frame):
    backend = start_backend()
    lb = start_lb(*discovery.flags)
    follower = follow(lb)
    frame = next_frame(follower)
    assert (frame["endpoints"], frame["changes"], frame["routes"]["version"]) == ({}, {}, 0)
    discovery.send(endpoint("a1", backend.address), endpoint("a2", ("127.0.0.1", 1)),
                   endpoint("a3", backend.address, state="unhealthy"),
                   left_out=[{"id": "ff", "name": "x", "service": "y", "reason": "no_port"}])
    frame = wait_frame(next_frame, follower, lambda f: f["services"]
                       and f["services"]["appserver"]["usable"] == 1)
    assert states_of(frame) == {"appserver": {"ready": 1, "probing": 1, "unhealthy": 1}}
    assert frame["left_out_count"] == 1
    assert frame["left_out"]["ff"].items() >= {"name": "x", "reason": "no_port"}.items()
    explained = lb.ask("/explain/x").body.decode()
    assert frame["left_out"]["ff"]["sentence"] in explained
    assert frame["left_out"]["ff"]["remedy"] in explained
    by_name = {e["name"]: e for e in frame["endpoints"].values()}
    assert "why" not in by_name["a1"] and "HEALTHCHECK" in by_name["a3"]["why"]
    assert "lb.port" in by_name["a2"]["remedy"]
    frame = wait_frame(next_frame, follower, lambda f: any("refused" in e.get("problem", "")
                                                           for e in f["endpoints"].values()))
    discovery.send(endpoint("a2", ("127.0.0.1", 1)))
    frame = wait_frame(next_frame, follower, lambda f: len(f["endpoints"]) == 1)
    assert frame["left_out"] == {} and frame["left_out_count"] == 0
    told = [(c["name"], c["before"], c["after"], c["cause"])
            for c in sorted(frame["changes"].values(), key=lambda c: -c["number"])]
    assert set(told[:2]) == {("a1", "ready", "gone", ""), ("a3", "unhealthy", "gone", "")}
    assert told[2] == ("a1", "probing", "ready", "start")
    assert set(told[3:]) == {("a1", "gone", "probing", "start"), ("a2", "gone", "probing", "start"),
                             ("a3", "gone", "unhealthy", "start")}
    assert set(frame["changes"]) == set("123456")
    assert frame["changes"]["1"]["service"] == "appserver"
    assert lb.order("/endpoints/a2/disable")[0] == 200
    frame = wait_frame(next_frame, follower, lambda f: states_of(f) == {"appserver": {"disabled": 1}})
    assert (frame["changes"]["7"]["after"], frame["changes"]["7"]["cause"]) == ("disabled", "admin")
    [key] = frame["endpoints"]
    assert frame["changes"]["7"]["endpoint"] == key
    assert frame["endpoints"][key]["ordered"] == {"by": "admin", "order": "disable"}


def test_the_last_200_changes_stay(start_lb, discovery, follow, next_frame):
    lb = start_lb(*discovery.flags)
    follower = follow(lb)
    discovery.send(*(endpoint(f"a{i}", ("127.0.0.1", 1), state="paused") for i in range(150)))
    wait_for(lambda: len(lb.states()) == 150, "all are listed")
    wait_frame(next_frame, follower, lambda f: len(f["changes"]) == 150)
    discovery.send(*(endpoint(f"a{i}", ("127.0.0.1", 1), state="unhealthy") for i in range(150)))
    frame = wait_frame(next_frame, follower, lambda f: "300" in f["changes"])
    assert set(frame["changes"]) == {str(i) for i in range(101, 301)}


def test_hostile_names_are_data(start_lb, discovery, follow, next_frame):
    name = "a\n\ndata: {}\n\n\u2028\r\x1b[2J</script>"
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint(name, ("127.0.0.1", 1)))
    wait_for(lambda: lb.states(), "it is listed")
    frame = next_frame(follow(lb))
    assert [e["name"] for e in frame["endpoints"].values()] == [name]
    assert frame["changes"]["1"]["name"] == name


def test_very_many_endpoints_are_counted_not_listed(start_lb, discovery, follow, next_frame):
    lb = start_lb(*discovery.flags)
    discovery.send(*(endpoint(f"a{i}", ("127.0.0.1", 1), state="paused" if i else "unhealthy")
                     for i in range(2300)))
    wait_for(lambda: lb.states(), "they are listed")
    frame = next_frame(follow(lb))
    assert (len(frame["endpoints"]), frame["endpoint_more"]) == (2000, 300)
    assert len(frame["endpoint_numbers"]) == 2000
    assert states_of(frame) == {"appserver": {"paused": 2299, "unhealthy": 1}}


def test_discovery_goes_away(start_lb, discovery, start_backend, follow, next_frame):
    lb = start_lb(*discovery.flags)
    alive = {"connected": True, "events": {"start": 1}, "resyncs": {"start": 1},
             "last_event_ns": time.time_ns(), "last_sync_ns": time.time_ns()}
    discovery.send(endpoint("a1", start_backend().address))
    discovery.send_line({"v": 1, "alive": alive})
    follower = follow(lb)
    frame = wait_frame(next_frame, follower, lambda f: f["source"].get("connected"))
    assert frame["source"]["last_event"].endswith("Z")
    discovery.send_line({"v": 1, "alive": {**alive, "connected": False}})
    wait_frame(next_frame, follower, lambda f: f["source"]["connected"] is False)


def test_itself(lb, follow, next_frame, connect):
    """Where it listens, who it is, and how busy."""
    follower = follow(lb)
    held = [connect(lb) for _ in range(3)]
    for client in held:
        assert client.get().status == 200
    frame = wait_frame(next_frame, follower, lambda f: f["saturation"]["connections"]["open"] == 3
                       and f["saturation"]["workers"][0]["cpu_percent"] is not None)
    http, admin = ("%s:%d" % at for at in (lb.address, lb.admin))
    assert frame["listeners"] == {
        f"{http}/http": {"protocol": "http", "address": http, "state": "open"},
        f"{admin}/admin": {"protocol": "admin", "address": admin, "state": "open"}}
    assert frame["about"]["name"] == "lb" and frame["about"]["host"]
    assert frame["about"]["pid"] == lb.proxy_pid
    saturation = frame["saturation"]
    assert len(saturation["workers"]) == 2
    assert 3 < saturation["descriptors"]["open"] < saturation["descriptors"]["max"]
    assert saturation["connections"]["max"] > 3 and saturation["buffers"]["max"] > 0
    assert saturation["memory_bytes"] > 1 << 20


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


class Stirred:
    """500 endpoints with long names, all of which change when they are stirred: some 800 kB of news."""

    def __init__(self, lb, discovery):
        self.discovery, self.times = discovery, 0
        self.stir()
        wait_for(lambda: lb.states(), "they are listed")

    def stir(self):
        self.times += 1
        self.discovery.send(*(endpoint(f"a{i}" + "x" * 400, ("127.0.0.1", 1),
                                       state=("paused", "unhealthy")[self.times % 2])
                              for i in range(500)))


def test_who_does_not_read_is_dropped(tmp_path, start_lb, discovery, follow, next_frame, connect, built_with):
    """After fifteen seconds. And costs no more memory than the one object that waits."""
    clock = Clock(tmp_path)
    lb = start_lb(*discovery.flags, env=clock.env)
    stirred = Stirred(lb, discovery)
    good = follow(lb)
    next_frame(good)
    before = lb.peak_rss_bytes()
    lazy = [follow(lb, receive_buffer=4096) for _ in range(FOLLOWER_MAX - 1)]
    for _ in range(8):
        stirred.stir()
        next_frame(good)
    assert not take_place(lb, connect)
    clock.run_on(lb, 16)
    wait_for(lambda: next_frame(good) and take_place(lb, connect), "the lazy ones are dropped")
    assert built_with or lb.peak_rss_bytes() - before < 32 << 20
    for client in lazy:
        client.reset()


def test_who_was_too_slow_is_told_everything_anew(start_lb, discovery, follow, next_told, next_frame):
    lb = start_lb(*discovery.flags)
    stirred = Stirred(lb, discovery)
    good, lazy = follow(lb), follow(lb, receive_buffer=4096)
    for _ in range(10):
        stirred.stir()
        next_frame(good)
    assert next_told(lazy)["full"]
    wait_for(lambda: next_told(lazy).get("full"), "it has missed something, and is told all of it")
    next_told(lazy)  # and goes on


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
    assert next_frame(follower)["routes"]["shutting_down"] is False
    lb.signal()
    assert wait_frame(next_frame, follower, lambda f: f["routes"]["shutting_down"], 3)
    lb.signal()
    lb.wait_end()


def test_token(start_lb, start_backend, follow, next_frame):
    lb = start_lb(f"--admin-token={TOKEN}", backends=[start_backend()], is_ready=False)
    follow(lb, status=401)
    follow(lb, ["Authorization: Bearer wrong"], status=401)
    assert next_frame(follow(lb, [f"Authorization: Bearer {TOKEN}"]))["routes"]["service"] == "appserver"
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
