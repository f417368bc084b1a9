"""SIGHUP: the settings are read again and applied as a whole, and no connection notices."""

import json
import signal
import socket

import pytest

from support.discovery import endpoint
from support.free_port import free_port
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
    (None, r"No such file"),
])
def test_bad_file_is_refused_whole(text, says, settings, start_lb, start_backend, connect):
    """The good half of it is not applied either, and lb goes on as before."""
    backend = start_backend()
    write_all(settings, backend)
    lb = start_by_file(start_lb, settings)
    client = connect(lb)
    assert client.get().status == 200
    if text is None:
        settings.path.unlink()
    else:
        settings.path.write_text(changed(settings, text))
    before = config_of(lb)
    assert lb.reload(REFUSED + ".*" + says)
    assert config_of(lb) == before and before["max-body"] == 100
    assert client.request("POST", body=b"x" * 50).read_response().status == 200
    write_all(settings, backend, max_body="10")
    lb.reload()
    assert client.request("POST", body=b"x" * 50).read_response().status == 413


RENEWED = r"^SIGHUP: %s.*: lb-proxy is started anew beside this one$"


@pytest.mark.parametrize("text, says", [
    ('{"workers": 3}', r"workers changed from 1 to 3"),
    ('{"access-log": "off"}', r"access-log changed from - to off"),
    ('{"upgrade-timeout": "9s"}', r"upgrade-timeout changed from 1m to 9s"),
    ('{"workers": 2, "access-log": "off"}', r"workers changed from 1 to 2, access-log changed"),
])
def test_what_needs_another_process_gets_one(text, says, settings, start_lb, start_backend, connect):
    """Without an answer lost: all of it is in force then, also what the old process could have applied."""
    backend = start_backend()
    write_all(settings, backend)
    lb = start_by_file(start_lb, settings)
    client, before = connect(lb), lb.proxy_pid
    assert client.get().status == 200
    settings.path.write_text(changed(settings, text))
    lb.reload(RENEWED % says)
    wait_for(lambda: lb.proxy_pid != before, "another process serves")
    answer = client.request("POST", body=b"x" * 50).read_response()  # the old one finishes
    assert (answer.status, answer.get("Connection")) == (200, "close")
    assert connect(lb).request("POST", body=b"x" * 50).read_response().status == 413
    wait_for(lambda: len(lb.proxy_pids()) == 1, "the old one has ended")
    for word, value in json.loads(text).items():
        assert str(config_of(lb)[word]) == str(value) or word == "upgrade-timeout"


def test_another_listener(settings, start_lb, start_backend, connect):
    """The address that stays is not closed for a moment, and the one that goes is gone."""
    backend, ports = start_backend(), [free_port() for _ in range(3)]
    write_all(settings, backend, listen=[f"127.0.0.1:{port}" for port in ports[:2]])
    lb = start_by_file(start_lb, settings)
    write_all(settings, backend, listen=[f"127.0.0.1:{port}" for port in ports[1:]])
    lb.reload(RENEWED % "listen changed from")
    wait_for(lambda: connects(ports[2]), "the new one listens")
    wait_for(lambda: not connects(ports[0]), "the old one does not")
    lb.address = ("127.0.0.1", ports[1])
    assert connect(lb).get().status == 200


def test_one_that_cannot_be_had(settings, start_lb, start_backend, connect):
    """The process that there is serves on, as it was."""
    backend = start_backend()
    write_all(settings, backend)
    lb = start_by_file(start_lb, settings)
    before, address = lb.proxy_pid, "%s:%d" % backend.address
    write_all(settings, backend, listen=[address])
    said = len(lb.messages())
    lb.reload(RENEWED % "listen changed from")
    lb.wait_message(f"cannot listen on {address}", since=said)
    wait_for(lambda: lb.proxy_pids() == [before], "the new one has ended")
    assert connect(lb).get().status == 200 and config_of(lb)["max-body"] == 100
    settings.write(workers=1, max_body="10", listen=["127.0.0.1:0"], admin="127.0.0.1:0", backend=[address])
    lb.reload()
    assert lb.proxy_pid == before


def renew(lb, settings, **changed_settings):
    """By another number of workers: until another process serves. Gives the one that did."""
    before, said = lb.proxy_pid, len(lb.messages())
    settings.write(**changed_settings)
    lb.reload(RENEWED % "workers changed from")
    wait_for(lambda: lb.proxy_pid != before, "another process serves")
    lb.wait_message("^admin on", since=said)
    return before


def test_requests_that_wait_in_the_old_process(settings, start_lb, start_backend, discovery, connect):
    """They hear of the backend that the new one is told of."""
    settings.write(workers=1)
    lb = start_lb(settings.flag, "--listen=127.0.0.1:0", "--admin=127.0.0.1:0", "--hold=60s", *discovery.flags,
                  defaults=False)
    discovery.send(endpoint("early", start_backend().address))
    lb.wait_ready(1)
    discovery.send()
    wait_for(lambda: not lb.states(), "there is none")
    waiting = [connect(lb).request() for _ in range(3)]
    wait_for(lambda: lb.totals()["held"] == 3, "they wait")
    old = renew(lb, settings, workers=2)
    discovery.send(endpoint("late", start_backend().address))
    for client in waiting:
        assert client.read_response().status == 200
    wait_for(lambda: old not in lb.proxy_pids(), "the old process has ended")


def connects(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def write_all(settings, backend, max_body="100", listen=("127.0.0.1:0",)):
    settings.write(workers=1, max_body=max_body, listen=list(listen), admin="127.0.0.1:0",
                   backend=["%s:%d" % backend.address])


def changed(settings, text):
    """The file with those, and a smaller max-body; or the text alone, which is none."""
    try:
        return json.dumps({**json.loads(settings.path.read_text()), "max-body": "10", **json.loads(text)})
    except ValueError:
        return text


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
