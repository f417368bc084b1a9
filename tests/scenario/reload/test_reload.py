"""SIGHUP: the settings are read again and applied as a whole, and no connection notices."""

import json
import signal

import pytest

from support.discovery import endpoint
from support.waiting import wait_for

REFUSED = r"^SIGHUP: refused, the settings in force stay: "


class Settings:
    """A file for --config."""

    def __init__(self, path):
        self.path = path
        self.flag = f"--config={path}"
        self.write()

    def write(self, **settings):
        self.path.write_text(json.dumps({k.replace("_", "-"): v for k, v in settings.items()}))


@pytest.fixture(name="settings")
def make_settings(tmp_path):
    return Settings(tmp_path / "lb.json")


def config_of(lb):
    return json.loads(lb.ask("/config").body)


def test_without_a_file(start_lb, start_backend, connect):
    lb = start_lb(backends=[start_backend()])
    lb.reload()
    assert connect(lb).get().status == 200


def test_no_connection_is_touched(settings, start_lb, start_appserver, connect):
    lb = start_lb("--workers=1", settings.flag, backends=[start_appserver("one")])
    idle, busy, partial, tunnel = (connect(lb) for _ in range(4))
    assert idle.get().status == 200
    tunnel.request(target="/ws", fields=["Connection: Upgrade", "Upgrade: echo"])
    assert tunnel.read_head().status == 101
    busy.request("GET", "/delay/300")
    partial.send(b"POST /upload HTTP/1.1\r\nHost: test\r\nContent-Length: 6\r\n\r\nabc")
    wait_for(lambda: lb.endpoints()[next(iter(lb.endpoints()))]["inflight"] == 3, "three run")
    connects = lb.totals()["upstream_connects"]
    settings.write(idle_timeout="9s", max_head="2k", response_timeout="5s", forwarded="on")
    lb.reload()
    assert idle.get().status == 200
    assert busy.read_response().body == b"waited\n"
    assert partial.send(b"def").read_response().body.startswith(b"received 6 bytes")
    tunnel.send(b"still here")
    assert tunnel.wire.take_exactly(10) == b"still here"
    assert busy.get().status == 200
    lb.wait_total("clients_accepted", 4)
    assert lb.totals()["upstream_connects"] <= connects + 1


@pytest.mark.parametrize("text, says", [
    ("{", r"lb.json: line 1"),
    ('{"idle-timeout": "5"}', r'idle-timeout: "5" has no unit'),
    ('{"unheard-of": 1}', r'"unheard-of" is not known'),
    ('{"workers": 7}', r"workers: cannot change from 1 to 7 .*restart"),
    ('{"listen": ["127.0.0.1:1"]}', r"listen: cannot change from .*restart"),
    ('{"admin": "off"}', r"admin: cannot change from .* to off .*restart"),
    ('{"docker": true}', r"docker: cannot change .*restart"),
    ('{"listen-also": ["127.0.0.1:1"]}', r"listen-also: cannot change from nothing to 127.0.0.1:1 .*restart"),
    ('{"dialects": "lb"}', r"dialects: cannot change from all to lb .*restart"),
    ('{"require-label": "on"}', r"require-label: cannot change from off to on .*restart"),
    ('{"traefik-exposed": "off"}', r"traefik-exposed: cannot change from on to off .*restart"),
    ('{"traefik-default-rule": "Host(`a`)"}', r"traefik-default-rule: cannot change from nothing to Host.*restart"),
    (None, r"No such file"),
])
def test_bad_file_is_refused_whole(text, says, settings, start_lb, start_backend, connect,
                                   tmp_path, cleanup):
    """The good half of it is not applied either, and lb goes on as before."""
    backend = start_backend()
    settings.write(workers=1, max_body="100", listen=["127.0.0.1:0"], admin="127.0.0.1:0",
                   backend=["%s:%d" % backend.address])
    lb = start_by_file(start_lb, settings)
    client = connect(lb)
    assert client.get().status == 200
    if text is None:
        settings.path.unlink()
    else:
        good = json.loads(settings.path.read_text())
        try:
            changed = {**good, "max-body": "10", **json.loads(text)}
            if "docker" in changed:
                del changed["backend"]
            text = json.dumps(changed)
        except ValueError:
            pass
        settings.path.write_text(text)
    before = config_of(lb)
    assert lb.reload(REFUSED + ".*" + says)
    assert config_of(lb) == before and before["max-body"] == 100
    assert client.request("POST", body=b"x" * 50).read_response().status == 200
    settings.write(**{k.replace("-", "_"): v for k, v in
                      {**json.loads(json.dumps(before)), "max-body": "10",
                       "log-level": "info"}.items()})
    lb.reload()
    assert client.request("POST", body=b"x" * 50).read_response().status == 413


def start_by_file(start_lb, settings):
    """An lb that has nothing on its command line that the file says."""
    return start_lb(settings.flag, defaults=False)


def test_limits_hold_on_connections_that_are_open(settings, start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb(settings.flag, "--workers=1", backends=[backend])
    client = connect(lb)
    field = "X-Long: " + "x" * 3000
    assert client.get(fields=[field]).status == 200
    settings.write(max_head="2k")
    lb.reload()
    assert client.get().status == 200
    assert client.get(fields=[field]).status == 431
    settings.write(max_requests=1)
    lb.reload()
    assert connect(lb).get().get("Connection") == "close"
    settings.write(idle_timeout="50ms")
    lb.reload()
    client = connect(lb)
    assert client.get().status == 200
    assert client.ends()


def test_head_that_is_being_read_meets_a_smaller_limit(settings, start_lb, start_backend, connect):
    """It must not overrun the limit that it has passed already."""
    lb = start_lb(settings.flag, "--workers=1", backends=[start_backend()])
    client = connect(lb).send(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 3000)
    lb.wait_total("client_connections", 1)
    settings.write(max_head="1k")
    lb.reload()
    assert connect(lb).get().status == 200
    client.send(b"x" * 3000 + b"\r\n\r\n")
    assert client.read_response().status == 431


def test_trusted_proxies_and_forwarded(settings, start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb(settings.flag, backends=[backend])
    fields = ["X-Forwarded-For: 192.0.2.1"]
    connect(lb).get(fields=fields)
    settings.write(trusted_proxies=["127.0.0.0/8"], forwarded="on")
    lb.reload()
    connect(lb).get(fields=fields)
    first, second = backend.requests
    assert first.get("X-Forwarded-For") == "127.0.0.1" and first.get("Forwarded") is None
    assert second.get("X-Forwarded-For") == "192.0.2.1, 127.0.0.1"
    assert "for=192.0.2.1" in second.get("Forwarded") or "for=127.0.0.1" in second.get("Forwarded")


def test_clients_of_one_address(settings, start_lb, start_backend, connect):
    """A limit comes, changes and goes; those that came before it was there are not counted."""
    lb = start_lb(settings.flag, "--workers=1", backends=[start_backend()])
    old = connect(lb)
    assert old.get().status == 200
    settings.write(max_per_client=1)
    lb.reload()
    first = connect(lb)
    assert first.get().status == 200 and connect(lb).get().status == 503
    settings.write(max_per_client=2)
    lb.reload()
    second = connect(lb)
    assert second.get().status == 200 and connect(lb).get().status == 503
    first.close()
    old.close()
    lb.wait_total("client_connections", 1)
    assert connect(lb).get().status == 200
    settings.write()
    lb.reload()
    assert [connect(lb).get().status for _ in range(5)] == [200] * 5


def test_log_level(settings, start_lb, start_backend):
    lb = start_lb(settings.flag, backends=[start_backend()])
    assert config_of(lb)["log-level"] == "info"
    settings.write(log_level="error")
    lb.signal(signal.SIGHUP)
    wait_for(lambda: config_of(lb)["log-level"] == "error", "the level changes")
    lb.order("/log-level?value=debug")
    assert config_of(lb)["log-level"] == "debug"
    settings.write(log_level="info")
    lb.reload()
    assert config_of(lb)["log-level"] == "info"


def test_backends_are_replaced_without_a_gap(settings, start_lb, start_backend, connect):
    backends = [start_backend() for _ in range(4)]
    names = ["%s:%d" % backend.address for backend in backends]
    settings.write(backend=names[:2])
    lb = start_lb(settings.flag).wait_ready(2)
    client = connect(lb)
    for _ in range(25):
        for chosen in (names[2:], names[:3], names[:1], names[3:]):
            settings.write(backend=chosen)
            lb.signal(signal.SIGHUP)
            for _ in range(4):
                assert client.get().status == 200
    wait_for(lambda: set(lb.endpoints()) == {names[3]}, "the last file is in force")


def test_new_backend_that_does_not_listen_costs_nobody_an_answer(settings, start_lb, start_backend,
                                                                 connect):
    good, bad = start_backend(), start_backend(is_listening=False)
    settings.write(backend=["%s:%d" % good.address])
    lb = start_lb(settings.flag).wait_ready(1)
    settings.write(backend=["%s:%d" % good.address, "%s:%d" % bad.address])
    lb.reload()
    assert [connect(lb).get().status for _ in range(6)] == [200] * 6
    assert lb.states()["%s:%d" % bad.address] == "probing"


def test_nobody_is_believed_where_nobody_was_in_use(settings, start_lb, start_backend):
    bad = start_backend(is_listening=False)
    settings.write(backend=["%s:%d" % bad.address])
    lb = start_lb(settings.flag)
    lb.reload()
    assert lb.states() == {"%s:%d" % bad.address: "probing"}


def test_service_changes_without_a_gap(settings, start_lb, start_backend, connect, discovery):
    services = {name: start_backend(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n" + name)
                for name in (b"blue", b"gree")}
    settings.write(service="blue")
    lb = start_lb(settings.flag, *discovery.flags)
    discovery.send_line({"v": 1, "source": "file", "time_ns": 1, "routes": [], "left_out": [],
                         "services": [{"name": name.decode(), "endpoints": [
                             endpoint("at-" + name.decode(), backend.address)]}
                             for name, backend in services.items()]})
    lb.wait_ready(1)
    client = connect(lb)
    assert client.get().body == b"blue"
    for name in (b"gree", b"blue") * 10:
        settings.write(service=name.decode())
        lb.signal(signal.SIGHUP)
        wait_for(lambda wanted=name: client.get().body == wanted, f"{name} answers")
    assert set(lb.totals()["by_status"]) and lb.totals()["by_status"]["5xx"] == 0
    assert lb.pool()["service"] == "blue" and list(lb.states()) == ["at-blue"]
    assert [left["reason"] for left in lb.pool()["left_out"]] == ["other_service"]


def test_what_no_route_matches(settings, start_lb, start_backend, connect, discovery):
    settings.write(default_route="404")
    lb = start_lb(settings.flag, *discovery.flags)
    discovery.send(endpoint("at-app", start_backend().address))
    lb.wait_ready(1)
    client = connect(lb)
    assert client.get().status == 404
    for route, status in {"503": 503, "appserver": 200, "other": 503, "404": 404}.items():
        settings.write(default_route=route)
        lb.reload()
        wait_for(lambda wanted=status: client.get().status == wanted, f"{route} is in force")


def test_where_labels_may_lead(settings, start_lb, start_backend, discovery):
    flags = [flag.replace("--file=", "--docker=unix://") for flag in discovery.flags]
    lb = start_lb(settings.flag, *flags)
    discovery.send(endpoint("near", start_backend().address))
    wait_for(lambda: [left["reason"] for left in lb.pool()["left_out"]] == ["bad_address"], "it is left out")
    settings.write(allow_address=["127.0.0.0/8"])
    lb.reload()
    lb.wait_states(near="ready")
    settings.write()
    lb.reload()
    wait_for(lambda: lb.states() == {}, "it is left out again")


def test_token_is_replaced(settings, start_lb, start_backend, tmp_path):
    token = tmp_path / "token"
    token.write_text("0123456789abcdef\n")
    lb = start_lb(f"--admin-token-file={token}", backends=[start_backend()], is_ready=False)
    old, new = (["Authorization: Bearer " + word] for word in ("0123456789abcdef", "f" * 20))
    assert [lb.ask("/pool", fields=f).status for f in (old, new)] == [200, 401]
    token.write_text("f" * 20)
    lb.reload()
    assert [lb.ask("/pool", fields=f).status for f in (old, new)] == [401, 200]
    token.write_text("short")
    lb.reload(REFUSED + ".*is shorter than 16")
    assert lb.ask("/pool", fields=new).status == 200


def test_many_in_the_middle_of_the_traffic(settings, start_lb, start_appserver, connect):
    lb = start_lb(settings.flag, "--workers=2",
                  backends=[start_appserver("one"), start_appserver("two")])
    clients = [connect(lb) for _ in range(4)]
    for i in range(100):
        settings.write(max_body=f"{i + 1}m", service=f"name{i % 3}", forwarded=["off", "on"][i % 2],
                       trusted_proxies=[f"10.{i}.0.0/16"], max_per_client=i % 2 * 1000)
        lb.signal(signal.SIGHUP)
        for client in clients:
            assert client.get().status == 200
    settings.write(service="last")
    lb.reload()
    wait_for(lambda: lb.pool()["service"] == "last", "the last one is in force")
    lb.wait_total("client_connections", 4)


def test_too_late(start_lb, start_appserver, connect, settings):
    """While lb leaves, nothing changes any more."""
    lb = start_lb(settings.flag, "--shutdown-grace=60s", backends=[start_appserver("one")])
    client = connect(lb).request("GET", "/delay/300")
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 1, "it runs")
    lb.signal(signal.SIGTERM)
    lb.wait_message("SIGTERM: finishing")
    settings.write(max_body="7m")
    lb.reload("^SIGHUP: too late, lb is leaving")
    assert config_of(lb)["max-body"] == 0
    assert client.read_response().status == 200
    lb.wait_end()
