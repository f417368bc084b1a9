"""One line for each request, tunnel and bad request, with what is true of it."""

import datetime
import re
import time

import pytest

from logged import LogFile
from support.client import RawClient
from support.free_port import free_port
from support.program import run

WEBSOCKET = (b"GET /ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")


@pytest.fixture
def log(tmp_path):
    return LogFile(tmp_path / "access.log")


def test_all_that_is_known(start_lb, start_backend, connect, log):
    backend = start_backend()
    lb = start_lb(f"--access-log={log.path}", "--trusted-proxies=127.0.0.1", backends=[backend])
    before = time.time()
    client = connect(lb)
    client.request("PUT", "/a/b?c=d", host="example.com:99", body=b"seven77", fields=[
        "User-Agent: me/1.0", "Referer: http://example.org/", "X-Request-Id: 0123-abc",
        "X-Forwarded-For: 203.0.113.7", "Authorization: Bearer secret1", "Cookie: secret2",
        "Proxy-Authorization: Basic secret3", "X-Api-Key: secret4"]).read_response()
    line, = log.wait_json(1)
    when = datetime.datetime.fromisoformat(line["@timestamp"].replace("Z", "+00:00")).timestamp()
    assert before - 0.01 <= when <= time.time() + 0.01
    assert line["message"] == "PUT /a/b 200"
    assert line["client"] == {"ip": "203.0.113.7"}
    assert line["source"] == {"ip": "127.0.0.1", "port": client.sock.getsockname()[1]}
    assert line["destination"] == {"ip": backend.address[0], "port": backend.address[1]}
    assert line["url"] == {"original": "/a/b?c=d", "path": "/a/b", "scheme": "http", "domain": "example.com",
                           "port": 99}
    assert line["user_agent"] == {"original": "me/1.0"}
    assert line["http"] == {
        "version": "1.1",
        "request": {"id": "0123-abc", "method": "PUT", "referrer": "http://example.org/",
                    "body": {"bytes": 7}},
        "response": {"status_code": 200, "body": {"bytes": 2}}}
    assert line["event"]["outcome"] == "success"
    own = line["lb"]
    assert abs(line["event"]["duration"] / 1e6 - own["total_ms"]) < 0.002
    assert 0 <= own["queue_ms"] <= own["queue_ms"] + own["connect_ms"] <= own["first_byte_ms"]
    assert own["first_byte_ms"] <= own["total_ms"] < 2000
    assert (own["end"], own["attempts"], own["service"]) == ("ok", 1, "appserver")
    address = "%s:%d" % backend.address
    assert own["upstream"]["address"] == own["upstream"]["name"] == address
    assert "error" not in line and "retries" not in own
    assert b"secret" not in log.read()


def test_exactly_one_line_for_each_request(start_lb, start_backend, connect, log):
    lb = start_lb(f"--access-log={log.path}", backends=[start_backend(), start_backend()])
    clients = [connect(lb) for _ in range(8)]
    for number in range(400):
        clients[number % 8].request(target=f"/{number}")
        if number % 8 == 7:
            for client in clients:
                client.read_response()
    lines = log.wait_json(400)
    assert {line["url"]["path"] for line in lines} == {f"/{number}" for number in range(400)}
    by_backend = [line["lb"]["upstream"]["name"] for line in lines]
    assert sorted(by_backend.count(name) for name in set(by_backend)) == [200, 200]


def test_a_tunnel_has_one_line_at_its_end(start_lb, start_appserver, connect, log):
    lb = start_lb(f"--access-log={log.path}", backends=[start_appserver("one")])
    client = connect(lb).send(WEBSOCKET)
    assert client.read_head().status == 101
    client.send(b"x" * 1000)
    client.wire.take_exactly(1000)
    assert log.read() == b""
    client.half_close()
    assert client.ends()
    line, = log.wait_json(1)
    assert (line["lb"]["tunnel"], line["lb"]["end"]) == (True, "ok")
    assert line["http"]["response"] == {"status_code": 101, "body": {"bytes": 1000}}
    assert line["http"]["request"]["body"]["bytes"] == 1000
    assert line["url"]["path"] == "/ws"


def test_a_bad_request_has_one_line(start_lb, start_backend, connect, log):
    # One worker: only then do the lines stand in the order of the requests.
    lb = start_lb(f"--access-log={log.path}", "--workers=1", backends=[start_backend()])
    for wrong in (b"GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n", b"\x16\x03\x01\n\n\n\n"):
        with RawClient(lb.address) as client:
            client.send(wrong)
            identity = client.read_response().body
    lines = log.wait_json(2)
    assert lines[0]["lb"]["end"] == lines[0]["error"]["code"] == "bad_request:field"
    assert lines[1]["lb"]["end"].startswith("bad_request:")
    assert all(line["source"]["ip"] == "127.0.0.1" for line in lines)
    assert lines[1]["http"]["request"]["id"].encode() in identity


def test_how_it_went_wrong(start_lb, start_backend, connect, log):
    def reset(connection):
        connection.read_request()
        connection.reset()

    dead = ("127.0.0.1", free_port())
    lb = start_lb(f"--access-log={log.path}", backends=[start_backend(reset)], is_ready=True)
    assert connect(lb).request("POST", body=b"x").read_response().status == 502
    line, = log.wait_json(1)
    assert (line["lb"]["end"], line["lb"]["attempts"]) == ("upstream_reset", 1)
    assert line["event"]["outcome"] == "failure"
    assert dead[1] != lb.address[1]


def test_retries_say_why(start_lb, start_backend, connect, log):
    def once(connection):
        connection.read_request()
        connection.reset()

    bad, good = start_backend(once), start_backend()
    lb = start_lb(f"--access-log={log.path}", backends=[bad, good])
    for _ in range(2):
        assert connect(lb).get().status == 200
    lines = log.wait_json(2)
    retried, = [line for line in lines if line["lb"]["attempts"] == 2]
    assert retried["lb"]["retries"] == ["upstream_reset"]
    assert retried["lb"]["replays"] == 1
    assert retried["lb"]["upstream"]["address"] == "%s:%d" % good.address


def test_a_client_that_leaves(start_lb, start_backend, connect, log):
    def silent(connection):
        connection.read_request()
        connection.wait_end()

    lb = start_lb(f"--access-log={log.path}", backends=[start_backend(silent)])
    client = connect(lb).request()
    lb.wait_total("requests", 0)
    client.reset()
    line, = log.wait_json(1)
    assert line["lb"]["end"] == "client_gone"
    assert "status_code" not in line["http"]["response"]
    assert line["event"]["outcome"] == "unknown"


def test_standard_output_is_the_default(start_lb, start_backend, connect, log):
    with open(log.path, "wb") as stdout:
        lb = start_lb(backends=[start_backend()], stdout=stdout)
    connect(lb).get("/x")
    assert log.wait_json(1)[0]["url"]["path"] == "/x"


def test_off(start_lb, start_backend, connect, log):
    with open(log.path, "wb") as stdout:
        lb = start_lb("--access-log=off", backends=[start_backend()], stdout=stdout)
    connect(lb).get("/x")
    lb.stop()
    assert log.read() == b""


def test_all_is_written_before_the_end(start_lb, start_backend, connect, log):
    lb = start_lb(f"--access-log={log.path}", backends=[start_backend()])
    client = connect(lb)
    for _ in range(50):
        client.get()
    lb.stop()
    assert len(log.wait_json(50)) == 50


@pytest.mark.parametrize("flags, words", [
    (["--access-log-format=jsn"], "auto, short, json, combined, logstalgia, haproxy"),
    (["--access-log-format=%{client_ip} %{cookie}"], "%{cookie} is not known; the names are time,"),
    (["--access-log-format=%{end"], "has no }"),
    (["--access-log-format=%{end}\n%{end}"], "control character"),
])
def test_a_format_that_is_none_is_refused_at_start(flags, words):
    for action in ([], ["--check"]):
        done = run("lb", "--backend=127.0.0.1:1", "--listen=127.0.0.1:0", "--admin=off", *flags,
                   *action)
        assert done.returncode == 2
        assert "access-log-format" in done.stderr and words in done.stderr


def test_a_file_that_cannot_be_opened_is_refused_at_start():
    done = run("lb", "--backend=127.0.0.1:1", "--listen=127.0.0.1:0", "--admin=off",
               "--access-log=/no/such/folder/log")
    assert done.returncode == 1
    assert re.search("cannot open /no/such/folder/log: .*--access-log", done.stderr)
