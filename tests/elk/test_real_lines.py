"""Lines that lb and appserver really write, of every kind, through the pipeline: no field without a type, no value that its type
refuses, and what was in the line is in the document."""

import datetime
import json
import re
import socket
import time

import pytest
from gelf_receivers import Pipe, UdpReceiver
from index_template import leaves_of, misfits
from logged import LogFile
from stack import FIELDS, PIPELINE, POLICY, TEMPLATE, by_docker
from support.discovery import endpoint, line_of
from support.passing import client_hello
from support.program import ROOT, Program
from support.waiting import wait_for

WEBSOCKET = (b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")


def words_of(title):
    """As tests/scenario/access_log has it, which holds the table against the code."""
    page = (ROOT / "lb/observe/ACCESS_LOG.md").read_text(encoding="utf-8")
    part = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return [word for row in re.findall(r"^\| (.*?)(?<!\\) \|", part, re.MULTILINE) for word in re.findall("`(.*?)`", row)]


def check(line, dataset, **wrap):
    """Its document, which fits."""
    document = PIPELINE.document(by_docker(line, **wrap))
    assert misfits(document, FIELDS) == [], line
    assert document["data_stream"]["dataset"] == dataset, line
    assert "tags" not in document, line
    return document


def check_access(line):
    document, told = check(line, "lb.access"), json.loads(line)
    found = dict(leaves_of(document))
    for field, value in leaves_of(told):
        if field == "@timestamp":
            assert found[field] == value[:-4] + "Z"
        else:
            assert field in found and (found[field] == value or value in values_of(document, field)), field
    return document


def values_of(document, field):
    for part in field.split("."):
        document = document[part]
    return document if isinstance(document, list) else [document]


@pytest.fixture(name="log")
def make_log(tmp_path):
    return LogFile(tmp_path / "access.log")


def test_every_key_of_the_access_log_has_a_type():
    words = words_of("JSON")
    assert len(words) > 50
    assert set(words) <= set(FIELDS)


def test_requests(start_lb, start_backend, start_appserver, connect, log):
    """With all that one can have; retried, held, a tunnel, refused ones, hostile ones."""
    def reset_once(connection):
        connection.read_request()
        connection.reset()

    backends = [start_backend(reset_once), start_appserver("one")]
    lb = start_lb(f"--access-log={log.path}", "--hold=10s", "--trusted-proxies=127.0.0.0/8", "--log-format=json",
                  backends=backends)
    for number in range(2):
        connect(lb).get(host="a.test:81", target=f"/a/{number}?b=c", fields=[
            "User-Agent: a", "Referer: https://me:secret@b/", "X-Forwarded-For: 203.0.113.7",
            "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])
    connect(lb).get(fields=["X-Forwarded-For: unknown, 127.0.0.1"])
    tunnel = connect(lb).send(WEBSOCKET)
    while tunnel.read_head().status != 101:  # the first backend may still be asked
        tunnel = connect(lb).send(WEBSOCKET)
    tunnel.half_close()
    assert tunnel.ends()
    for wrong in (b"GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n", b"\x16\x03\x01\n\n\n\n"):
        connect(lb).send(wrong).read_response()
    for hostile in (b"\xff\xfe", "é€😀".encode(), b"x" * 6000):
        connect(lb).send(b"GET /" + b"y" * 7000 + b" HTTP/1.1\r\nHost: a\r\nUser-Agent: " + hostile +
                         b"\r\nReferer: " + hostile + b"\r\n\r\n").read_response()
    for backend in backends:
        lb.order("/endpoints/%s%%3A%d/disable" % backend.address)
    held = connect(lb).request("GET")
    wait_for(lambda: lb.totals()["held"] >= 1, "it waits")
    lb.order("/endpoints/%s%%3A%d/enable" % backends[1].address)
    assert held.read_response().status == 200
    wait_for(lambda: b'"hold_ms"' in log.read() and b'"tunnel":true' in log.read() and log.read().count(b"\n") >= 10,
             "all lines")
    documents = [check_access(line) for line in log.read().decode().splitlines()]
    paths = {document.get("url", {}).get("path") for document in documents}
    assert {"/a/0", "/a/1"} <= paths
    traced = [document for document in documents if "trace" in document]
    assert {document["trace"]["id"] for document in traced} == {"0af7651916cd43dd8448eb211c80319c"}
    ends = {document["lb"]["end"] for document in documents}
    assert {"ok", "bad_request:field"} <= ends


def test_connections_and_flows(start_passing, log):
    passing = start_passing(f"--access-log={log.path}", "--udp-idle-timeout=1s", "--tcp=127.0.0.1:0/a.test=db")
    passing.talk(b"x" * 1000)
    passing.ask(b"one", b"three")
    where = passing.lb.wait_message(r"^listening on tcp (\S+)$", since=2)[1]
    host, _, port = where.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as sock:
        sock.sendall(client_hello("a.test"))
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass
    documents = [check_access(json.dumps(line, ensure_ascii=False)) for line in log.wait_json(3)]
    kinds = sorted(document["lb"]["kind"] for document in documents)
    assert kinds == ["connection", "connection", "flow"]
    assert {"a.test"} == {d["tls"]["client"]["server_name"] for d in documents if "tls" in d}


def test_operator_log(start_lb, start_appserver, discovery):
    """Each line is a document of its own stream, and changes of the pool are known as such."""
    server = start_appserver("one")
    lb = start_lb("--log-format=json", "--log-level=debug", *discovery.flags)
    discovery.send_line(line_of_one(server.address))
    lb.wait_ready(1)
    discovery.send_line(line_of_one(server.address, state="unhealthy"))
    wait_for(lambda: set(lb.states().values()) == {"unhealthy"}, "it is out")
    lb.stop()
    lines = [line for line in lb.stderr_lines if line.startswith("{")]
    assert len(lines) > 5
    changes = []
    for line in lines:
        document, told = check(line, "lb.log", level=3), json.loads(line)
        assert document["message"] == told["message"]
        assert document["log"] == {"level": told["log.level"], "logger": told["log.logger"]}
        if document["event"].get("action") == "pool-change":
            changes.append(document["message"])
            assert document["lb"] == told["lb"] and document["process"]["pid"] == told["process.pid"]
            assert document["lb"]["service"] == "appserver" and document["lb"]["upstream"]["name"] == "one"
    words = [re.search(r" (\w+), \d+ endpoint", change)[1] for change in changes]
    assert {"ready", "unhealthy"} <= set(words), lines
    told = [json.loads(line)["message"] for line in lines]
    assert changes == [message for message in told if re.search(r"\w+, \d+ endpoints?\b", message)]


def line_of_one(address, **more):
    return line_of([endpoint("one", address, **more)])


def test_appserver(cleanup, connect, tmp_path):
    with open(tmp_path / "lines", "wb") as lines:
        server = Program("appserver", "--listen=127.0.0.1:0", "--name=one", stdout=lines)
    cleanup.callback(server.stop)
    address = server.wait_listening()[0]
    connect(address).get(target="/?a=b", fields=["traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])
    connect(address).send(b"no request\r\n\r\n").read_response()
    wait_for(lambda: (tmp_path / "lines").read_bytes().count(b"\n") >= 2, "both lines")
    documents = [check(line, "appserver.access", name="appserver1")
                 for line in (tmp_path / "lines").read_text(encoding="utf-8").splitlines()]
    assert documents[0]["url"] == {"original": "/?a=b", "path": "/"}
    assert documents[0]["http"]["response"]["status_code"] == 200
    assert documents[0]["trace"] == {"id": "0af7651916cd43dd8448eb211c80319c"}
    assert documents[0]["source"]["ip"] == "127.0.0.1" and documents[0]["source"]["port"] > 0
    assert abs(time.time() - time_of(documents[0])) < 3600
    for line in server.stderr_lines:
        if line.startswith("{"):
            check(line, "appserver.log", name="appserver1", level=3)


def time_of(document):
    return datetime.datetime.fromisoformat(document["@timestamp"].replace("Z", "+00:00")).timestamp()


def test_natively(start_lb, start_backend, connect, log, tmp_path):
    """The same document, whether lb/gelf sends a line or Docker's driver does."""
    lb = start_lb(f"--access-log={log.path}", "--log-format=json", backends=[start_backend()])
    connect(lb).get()
    log.wait_lines(1)
    lines = [*log.read().decode().splitlines(), *(line for line in lb.stderr_lines if line.startswith("{"))]
    receiver = UdpReceiver()
    try:
        pipe = Pipe(tmp_path, receiver.url, "gzip")
        pipe.put(*lines)
        pipe.close()
        wait_for(lambda: len(receiver.messages) == len(lines), "all")
    finally:
        receiver.close()
    for line, message in zip(lines, receiver.messages, strict=True):
        native, docker = PIPELINE.document(message), PIPELINE.document(by_docker(line))
        assert misfits(native, FIELDS) == []
        of_driver = {"host", "container", "labels"}
        assert {k: v for k, v in native.items() if k not in of_driver} == \
            {k: v for k, v in docker.items() if k not in of_driver}
        assert native["host"] == {"name": "box"} and native["labels"] == {"tag": "lb"}


def test_template_and_policy():
    assert TEMPLATE["template"]["settings"]["index"]["lifecycle"]["name"] == "lb-logs"
    assert POLICY["policy"]["phases"]["delete"] == {"min_age": "7d", "actions": {"delete": {}}}
    assert "rollover" in POLICY["policy"]["phases"]["hot"]["actions"]
    assert TEMPLATE["data_stream"] == {} and TEMPLATE["template"]["mappings"]["dynamic"] is False
    datasets = {"lb.access", "lb.log", "appserver.access", "appserver.log", "docker"}
    assert set(TEMPLATE["index_patterns"]) == {f"logs-{dataset}-*" for dataset in datasets}
    assert TEMPLATE["priority"] > 200  # of Elasticsearch's own for logs-*
    assert FIELDS["@timestamp"] == {"type": "date", "ignore_malformed": False}
