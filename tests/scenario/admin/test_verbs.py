"""Orders of the operator: what they do to requests, how long they hold, and from whom they are taken."""

import json

import pytest

from support.discovery import endpoint, line_of
from support.program import run
from support.waiting import wait_for


@pytest.fixture(name="backends")
def make_backends(start_backend):
    return {name: start_backend() for name in ("a1", "a2")}


def tell(discovery, backends, **more):
    discovery.send(*(endpoint(name, backend.address, id=f"{i}23456789abc{name}")
                     for i, (name, backend) in enumerate(backends.items())), **more)


@pytest.fixture(name="lb")
def make_lb(start_lb, discovery, backends):
    lb = start_lb("--workers=1", *discovery.flags)
    tell(discovery, backends)
    return lb.wait_ready(2)


def counts(lb, connect, backends, total=12):
    """How often each backend answers, of so many requests."""
    before = [backend.request_count for backend in backends.values()]
    client = connect(lb)
    for _ in range(total):
        assert client.get().status == 200
    return [b.request_count - n for b, n in zip(backends.values(), before)]


@pytest.mark.parametrize("out, back, state", [("drain", "undrain", "draining"),
                                              ("disable", "enable", "disabled")])
def test_taken_out_and_back(out, back, state, lb, backends, connect):
    status, answer = lb.order(f"/endpoints/a1/{out}")
    assert status == 200
    assert (answer["name"], answer["state"]) == ("a1", state)
    assert lb.endpoints()["a1"]["ordered"] == {"by": "admin", "order": out}
    assert lb.endpoints()["a1"]["cause"] == "admin"
    assert counts(lb, connect, backends) == [0, 12]
    assert lb.order(f"/endpoints/a1/{out}")[0] == 200
    assert lb.order(f"/endpoints/a1/{back}")[1]["state"] == "ready"
    assert "ordered" not in lb.endpoints()["a1"]
    assert lb.endpoints()["a1"]["cause"] == "admin"
    assert counts(lb, connect, backends) == [6, 6]
    assert lb.order(f"/endpoints/a1/{back}")[0] == 200


def test_drained_one_finishes_what_it_has(start_lb, start_appserver, connect):
    servers = [start_appserver("one"), start_appserver("two")]
    lb = start_lb("--workers=1", backends=servers)
    name = "%s:%d" % servers[0].address
    clients = [connect(lb).request("GET", "/delay/300") for _ in range(2)]
    tunnels = [connect(lb).send(b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
                                b"Upgrade: echo\r\n\r\n") for _ in range(2)]
    assert all(tunnel.read_head().status == 101 for tunnel in tunnels)
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 4, "all run")
    status, answer = lb.order(f"/endpoints/{name.replace(':', '%3A')}/drain")
    assert (status, answer["state"], answer["inflight"]) == (200, "draining", 2)
    assert all(client.read_response().body == b"waited\n" for client in clients)
    for tunnel in tunnels:
        assert tunnel.send(b"hello").wire.take_exactly(5) == b"hello"
    assert lb.endpoints()[name]["inflight"] == 1  # the tunnel stays
    assert "1 still running" in lb.ask("/explain/" + name).body.decode()


def test_orders_hold_over_lines_and_restarts_until_the_container_is_gone(lb, backends, discovery):
    lb.order("/endpoints/a1/drain")
    lb.order("/endpoints/a2/weight?value=7")
    tell(discovery, backends, note=1)
    discovery.kill()
    discovery.wait_starts(2)
    lines = lb.pool()["discovery"]["lines"]
    tell(discovery, backends, note=2)
    wait_for(lambda: lb.pool()["discovery"]["lines"] > lines, "the line is read")
    assert lb.states() == {"a1": "draining", "a2": "ready"}
    assert lb.endpoints()["a2"]["weight"] == 7
    stopped = {"id": "023456789abca1", "name": "a1", "service": "appserver",
               "reason": "not_running", "detail": "", "since_ns": 1}
    both = [endpoint(n, b.address, id=f"{i}23456789abc{n}")
            for i, (n, b) in enumerate(backends.items())]
    discovery.send_line(line_of(both[1:], left_out=[stopped]))  # stopped, but there
    wait_for(lambda: set(lb.states()) == {"a2"}, "a1 is out")
    tell(discovery, backends)
    lb.wait_states(a1="draining", a2="ready")
    discovery.send_line(line_of(both[1:]))  # removed
    wait_for(lambda: set(lb.states()) == {"a2"}, "a1 is gone")
    tell(discovery, backends)
    lb.wait_states(a1="ready", a2="ready")
    assert lb.endpoints()["a2"]["ordered"] == {"by": "admin", "order": "none", "weight": 7}


def test_order_survives_a_rename(lb, backends, discovery):
    """A renamed endpoint is another object, of the same container."""
    lb.order("/endpoints/a1/disable")
    lb.order("/endpoints/a1/weight?value=4")
    discovery.send(endpoint("b1", backends["a1"].address, id="023456789abca1"),
                   endpoint("a2", backends["a2"].address, id="123456789abca2"))
    lb.wait_states(b1="disabled", a2="ready")
    assert lb.order("/endpoints/b1/enable")[1]["state"] == "ready"  # no second probe
    assert lb.endpoints()["b1"]["weight"] == 4


def test_weight(lb, backends, connect):
    assert lb.order("/endpoints/a1/weight?value=3")[1]["weight"] == 3
    assert counts(lb, connect, backends) == [9, 3]
    assert lb.order("/endpoints/a1/weight?value=default")[1]["weight"] == 1
    assert counts(lb, connect, backends) == [6, 6]
    for value in ("0", "257", "-1", "x", "", "1.5"):
        status, error = lb.order(f"/endpoints/a1/weight?value={value}")
        assert (status, error["error"]) == (400, "bad_value")
        assert error["message"].startswith("A weight is 1 to 256, or default")
    assert lb.order("/endpoints/a1/weight")[0] == 400
    assert lb.endpoints()["a1"]["weight"] == 1


def test_by_id(lb, backends):
    assert lb.order("/endpoints/0234/drain")[1]["name"] == "a1"
    assert lb.order("/endpoints/023456789abca1/undrain")[1]["name"] == "a1"
    assert lb.order("/endpoints/023/drain")[0] == 404  # three digits are too few


def test_ambiguous(start_lb, discovery, start_backend):
    backend = start_backend()
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("a1", backend.address, id="abcdef01"),
                   endpoint("a2", backend.address, id="abcdef02"))
    lb.wait_ready(2)
    status, error = lb.order("/endpoints/abcdef/drain")
    assert (status, error["error"]) == (409, "ambiguous")
    assert lb.order("/endpoints/abcdef02/drain")[1]["name"] == "a2"


def test_other_order_must_be_named(lb):
    lb.order("/endpoints/a1/drain")
    status, error = lb.order("/endpoints/a1/enable")
    assert (status, error["error"]) == (409, "other_order") and "undrain" in error["message"]
    assert lb.states()["a1"] == "draining"
    assert lb.order("/endpoints/a1/disable")[1]["state"] == "disabled"
    assert lb.order("/endpoints/a1/undrain")[0] == 409


@pytest.mark.parametrize("path", ["/endpoints/nobody/drain", "/endpoints/%00/drain",
                                  "/endpoints/%zz/drain", "/endpoints/%4/drain",
                                  "/endpoints//drain", "/endpoints/a1/explode", "/endpoints/a1",
                                  "/endpoints/a1/drain/x", "/explain/nobody"])
def test_unknown(path, lb):
    method = "GET" if "explain" in path else "POST"
    answer = lb.ask(path, method, host="localhost")
    assert answer.status == 404
    error = json.loads(answer.body)
    assert error["error"] in ("no_such_endpoint", "no_such_container", "not_found")
    assert error["message"].endswith(".")


def test_get_gives_no_order(lb):
    answer = lb.ask("/endpoints/a1/drain")
    assert (answer.status, answer.get("Allow")) == (405, "POST")
    assert lb.states()["a1"] == "ready"


@pytest.mark.parametrize("host, fields, status", [
    ("localhost", [], 200), ("localhost:8001", [], 200), ("127.0.0.1:1", [], 200),
    ("[::1]:8001", [], 200), ("10.1.2.3", [], 200),
    ("evil.example", [], 403), ("evil.example:8001", [], 403), ("127.0.0.1.evil.example", [], 403),
    ("localhost.evil.example", [], 403),
    ("localhost:1", ["Origin: http://localhost:1"], 200),
    ("localhost:1", ["Origin: http://evil.example"], 403),
    ("localhost:1", ["Origin: null"], 403),
    ("localhost:1", ["Origin: http://localhost:2"], 403),
    ("localhost:1", ["Origin: http://localhost:1", "Origin: http://evil.example"], 403),
    ("evil.example", ["Origin: http://evil.example"], 403),
])
def test_browsers_of_others_give_no_orders(host, fields, status, lb):
    answer = lb.ask("/endpoints/a1/drain", "POST", fields, host=host)
    assert answer.status == status
    assert lb.states()["a1"] == ("draining" if status == 200 else "ready")
    if status == 403:
        assert json.loads(answer.body)["error"].startswith("foreign_")


def test_nothing_of_it_on_the_proxy_listener(lb, backends, connect):
    for path in ("/endpoints/a1/drain", "/endpoints/a2/disable", "/log-level?value=debug"):
        answer = connect(lb).request("POST", path, host="localhost").read_response()
        assert answer.body == b"ok"
    for path in ("/config", "/explain", "/pool", "/healthz", "/readyz"):
        assert connect(lb).get(path).body == b"ok"
    assert set(lb.states().values()) == {"ready"}
    seen = [request.target for backend in backends.values() for request in backend.requests]
    assert sorted(seen)[:2] == ["/config", "/endpoints/a1/drain"]


def test_log_level(lb):
    status, answer = lb.order("/log-level?value=debug")
    assert (status, answer["log-level"]) == (200, "debug")
    for value in ("loud", "", "DEBUG", "debugdebugdebugdebug"):
        assert lb.order(f"/log-level?value={value}")[1]["error"] == "bad_value"
    assert json.loads(lb.ask("/config").body)["log-level"] == "debug"


def test_no_orders_while_lb_leaves(start_lb, start_appserver, connect):
    server = start_appserver("one")
    lb = start_lb("--shutdown-grace=60s", backends=[server])
    client = connect(lb).request("GET", "/delay/300")
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 1, "it runs")
    lb.signal()
    lb.wait_message("SIGTERM: finishing")
    status, error = lb.order("/endpoints/%s%%3A%d/drain" % server.address)
    assert (status, error["error"]) == (503, "shutting_down")
    assert client.read_response().status == 200
    lb.wait_end()


# ---- the token -----------------------------------------------------------------------------------

TOKEN = "0123456789abcdef-secret"


@pytest.fixture(name="guarded")
def make_guarded(start_lb, start_backend):
    return start_lb("--admin=0.0.0.0:0", f"--admin-token={TOKEN}", backends=[start_backend()],
                    is_ready=False)


@pytest.mark.parametrize("field, status", [
    (f"Authorization: Bearer {TOKEN}", 200), (f"authorization: bearer  {TOKEN}", 200),
    (f"Authorization: Bearer {TOKEN}x", 401), (f"Authorization: Bearer {TOKEN[:-1]}", 401),
    ("Authorization: Bearer", 401), ("Authorization: Bearer ", 401),
    (f"Authorization: Basic {TOKEN}", 401), (f"Authorization: {TOKEN}", 401),
    (f"Authorization: Bearer {TOKEN}{TOKEN}", 401), (f"X-Token: {TOKEN}", 401)])
def test_token(field, status, guarded):
    for path in ("/pool", "/explain", "/config"):
        answer = guarded.ask(path, fields=[field])
        assert answer.status == status
        if status == 401:
            assert json.loads(answer.body)["error"] == "no_token"
            assert answer.get("WWW-Authenticate").startswith("Bearer")
    assert guarded.ask("/log-level?value=info", "POST", [field], host="any.name").status == status
    assert guarded.ask("/nothing", fields=[field]).status == (404 if status == 200 else 401)


def test_health_needs_no_token(guarded):
    assert guarded.ask("/healthz").status == 200
    assert guarded.ask("/readyz").status in (200, 503)
    assert TOKEN not in guarded.ask("/config", fields=[f"Authorization: Bearer {TOKEN}"]).body.decode()
    assert run("lb", "--healthcheck", "--admin=%s:%d" % guarded.admin).returncode == 0


def test_reachable_from_elsewhere_needs_a_decision(start_lb, start_backend):
    flags = ["--admin=0.0.0.0:0", "--backend=127.0.0.1:1"]
    for more in ([], ["--check"]):
        done = run("lb", *flags, *more)
        assert done.returncode == 2
        assert "--admin-token-file" in done.stderr and "--admin-open" in done.stderr
    lb = start_lb("--admin=0.0.0.0:0", "--admin-open", backends=[start_backend()], is_ready=False)
    assert lb.ask("/pool").status == 200


# ---- lb ctl and lb explain -----------------------------------------------------------------------

def test_ctl(lb, backends, connect):
    admin = "--admin=%s:%d" % lb.admin
    done = run("lb", "ctl", "drain", "a1", admin)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("a1 is draining")
    assert counts(lb, connect, backends) == [0, 12]
    assert run("lb", admin, "ctl", "undrain", "0234").stdout.startswith("a1 is ready")
    assert run("lb", "ctl", "disable", "a2", admin).stdout.startswith("a2 is disabled")
    assert run("lb", "ctl", "enable", "a2", admin).returncode == 0
    assert "weight 9" in run("lb", "ctl", "weight", "a2", "9", env={"LB_ADMIN": admin[8:]}).stdout
    assert run("lb", "ctl", "log-level", "debug", admin).returncode == 0
    assert json.loads(run("lb", "ctl", "pool", admin).stdout)["service"] == "appserver"
    assert json.loads(run("lb", "ctl", "config", admin).stdout)["log-level"] == "debug"
    assert run("lb", "ctl", "explain", admin).stdout == run("lb", "explain", admin).stdout
    assert run("lb", "explain", "a1", admin).stdout.startswith("a1: routed as appserver/a1 at ")


@pytest.mark.parametrize("words, said", [
    ("ctl weight a1", "lb ctl weight a1: 1..256|default is missing; give lb ctl weight CONTAINER 1..256|default"),
    ("ctl weight", "lb ctl weight: CONTAINER is missing; give lb ctl weight CONTAINER 1..256|default"),
    ("ctl weight a1 2 3", "lb ctl weight a1 2: takes nothing behind that: 3; give lb ctl weight CONTAINER 1..256|default"),
    ("ctl drain", "lb ctl drain: CONTAINER is missing; give lb ctl drain CONTAINER"),
    ("ctl drain a b", "lb ctl drain a: takes nothing behind that: b; give lb ctl drain CONTAINER"),
    ("ctl log-level", "lb ctl log-level: debug|info|warn|error is missing; give lb ctl log-level debug|info|warn|error"),
    ("ctl pool all", "lb ctl pool: takes nothing behind that: all; give lb ctl pool"),
    ("explain a b\x1b", "lb explain a: takes nothing behind that: b\\x1b; give lb explain [CONTAINER|SERVICE|URL]"),
])
def test_what_is_missing_behind_an_order_is_told_and_no_more(words, said):
    done = run("lb", *words.split())
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"lb: {said}\n")


def test_ctl_fails_with_a_sentence(lb, guarded):
    admin = "--admin=%s:%d" % lb.admin
    for words in (["ctl", "drain", "nobody"], ["explain", "nobody"]):
        done = run("lb", *words, admin)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("lb: No ") and '"nobody"' in done.stderr
    for words in (["ctl"], ["ctl", "explode", "a1"]):
        done = run("lb", *words, admin)
        assert done.returncode == 2 and "lb ctl drain CONTAINER" in done.stderr
    done = run("lb", "explain", "--admin=127.0.0.1:1")
    assert done.returncode == 1 and "127.0.0.1:1 does not answer" in done.stderr
    there = "--admin=%s:%d" % guarded.admin
    assert run("lb", "explain", there).returncode == 1
    assert run("lb", "explain", there, f"--admin-token={TOKEN}").returncode == 0
    assert run("lb", "explain", there, env={"LB_ADMIN_TOKEN": TOKEN}).returncode == 0
