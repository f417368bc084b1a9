"""deploy/stack/logstash by a model of its filters: a table of messages and the documents that must come of them."""

import copy
import json

import pytest
from index_template import leaves_of, misfits
from logstash_model import Pipeline
from stack import FIELDS, PIPELINE, STACK, by_docker

AT = 1795314600.123
ACCESS = {
    "@timestamp": "2026-11-22T02:29:59.987654Z", "message": "GET /a/b 200", "ecs": {"version": "8.11.0"},
    "log": {"level": "info", "logger": "access"},
    "event": {"kind": "event", "category": ["web"], "type": ["access"], "dataset": "lb.access", "outcome": "success",
              "duration": 5004321},
    "service": {"name": "lb", "type": "load-balancer"},
    "http": {"request": {"body": {"bytes": 12}, "id": "0123", "method": "GET", "referrer": "https://example.org/"},
             "response": {"body": {"bytes": 345}, "status_code": 200}, "version": "1.1"},
    "trace": {"id": "0af7651916cd43dd8448eb211c80319c"},
    "url": {"original": "/a/b?c=d", "path": "/a/b", "domain": "example.com", "port": 8000},
    "client": {"ip": "203.0.113.7"}, "source": {"ip": "172.18.0.1", "port": 40112},
    "destination": {"ip": "172.19.0.2", "port": 8080}, "user_agent": {"original": "curl/8.1"},
    "lb": {"end": "ok", "attempts": 2, "replays": 1, "retries": ["refused"], "reused": False, "tunnel": False,
           "total_ms": 5.004, "queue_ms": 1.0, "connect_ms": 0.25, "first_byte_ms": 4.501, "route": "example.com/a",
           "service": "appserver",
           "upstream": {"name": "appserver1", "id": "3f0c5e", "address": "172.19.0.2:8080"}}}
CHANGE = {"service": "appserver", "state": "ready", "state_before": "probing", "cause": "start",
          "upstream": {"name": "appserver3", "id": "3f0c5e", "address": "172.19.0.2:8080"}}
OPERATOR = {"@timestamp": "2026-11-22T02:29:59.987654Z", "log.level": "info",
            "message": "appserver: appserver3 ready, 1 endpoint, 3.1 ms after start", "ecs.version": "8.11.0",
            "log.logger": "lb", "event": {"kind": "event", "dataset": "lb.log", "action": "pool-change"},
            "service": {"name": "lb"}, "process.pid": 7, "lb": CHANGE}
SPOKEN = {key: value for key, value in OPERATOR.items() if key not in ("lb", "event", "process.pid")}
ANSWERED = {"time": "2026-11-22T02:29:59.987654Z", "method": "GET", "path": "/a?b=c", "status": 200, "bytes": 5, "ms": 0.123,
            "peer": "172.19.0.3:40112", "trace": {"id": "0af7651916cd43dd8448eb211c80319c"}}
UNREADABLE = {**{key: value for key, value in ANSWERED.items() if key != "trace"},
              "method": None, "path": None, "status": 0, "peer": "[fd00::1]:7"}


def who(name="lb"):
    return {"host": {"name": "docker1"}, "labels": {"tag": name},
            "container": {"id": "0123456789ab" * 5, "name": name, "image": {"name": f"{name}:test"}}}


def stream(dataset):
    return {"data_stream": {"type": "logs", "dataset": dataset, "namespace": "default"}}


def without(document, *keys):
    return {key: value for key, value in document.items() if key not in keys}


def message_of(line, **options):
    return by_docker(line if isinstance(line, str) else json.dumps(line), timestamp=AT, **options)


CASES = {
    "a request": (message_of(ACCESS), {
        **ACCESS, "@timestamp": "2026-11-22T02:29:59.987Z", **who(), **stream("lb.access")}),
    "a change of the pool": (message_of(OPERATOR, level=3), {
        "@timestamp": "2026-11-22T02:29:59.987Z", "message": OPERATOR["message"], "ecs": {"version": "8.11.0"},
        "log": {"level": "info", "logger": "lb"},
        "event": {"kind": "event", "dataset": "lb.log", "action": "pool-change"}, "service": {"name": "lb"},
        "process": {"pid": 7}, "lb": CHANGE, **who(), **stream("lb.log")}),
    "a word of lb-discovery": (message_of({**SPOKEN, "log.logger": "lb-discovery", "log.level": "warn",
                                           "message": "the engine is away"}), {
        "@timestamp": "2026-11-22T02:29:59.987Z", "message": "the engine is away", "ecs": {"version": "8.11.0"},
        "log": {"level": "warn", "logger": "lb-discovery"}, "event": {"kind": "event", "dataset": "lb.log"},
        "service": {"name": "lb"}, **who(), **stream("lb.log")}),
    "a word of appserver": (message_of({**SPOKEN, "log.logger": "appserver", "message": "x: a b, 1 endpoint"},
                                       name="appserver1"), {
        "@timestamp": "2026-11-22T02:29:59.987Z", "message": "x: a b, 1 endpoint", "ecs": {"version": "8.11.0"},
        "log": {"level": "info", "logger": "appserver"}, "event": {"kind": "event", "dataset": "appserver.log"},
        "service": {"name": "appserver"}, **who("appserver1"), **stream("appserver.log")}),
    "appserver answers": (message_of(ANSWERED, name="appserver1"), {
        "@timestamp": "2026-11-22T02:29:59.987Z", "message": json.dumps(ANSWERED), "ecs": {"version": "8.11.0"},
        "log": {"level": "info"},
        "event": {"kind": "event", "category": "web", "type": "access", "dataset": "appserver.access"},
        "service": {"name": "appserver"},
        "http": {"request": {"method": "GET"}, "response": {"status_code": 200, "body": {"bytes": 5}}},
        "url": {"original": "/a?b=c", "path": "/a"}, "source": {"ip": "172.19.0.3", "port": 40112},
        "appserver": {"duration_ms": 0.123}, "trace": ANSWERED["trace"], **who("appserver1"), **stream("appserver.access")}),
    "appserver could not read it": (message_of(UNREADABLE, name="appserver1"), {
        "@timestamp": "2026-11-22T02:29:59.987Z",
        "message": json.dumps(UNREADABLE),
        "ecs": {"version": "8.11.0"}, "log": {"level": "info"},
        "event": {"kind": "event", "category": "web", "type": "access", "dataset": "appserver.access"},
        "service": {"name": "appserver"}, "http": {"response": {"body": {"bytes": 5}}},
        "source": {"ip": "fd00::1", "port": 7}, "appserver": {"duration_ms": 0.123}, **who("appserver1"),
        **stream("appserver.access")}),
    "plain text": (message_of("ready to accept connections", name="redis", level=3), {
        "@timestamp": "2026-11-22T02:30:00.123Z", "message": "ready to accept connections",
        "event": {"kind": "event", "dataset": "docker"}, "log": {"syslog": {"severity": {"code": 3}}}, **who("redis"),
        **stream("docker")}),
    "a line that Docker has cut": (message_of(json.dumps(ACCESS)[:300]), {
        "@timestamp": "2026-11-22T02:30:00.123Z", "message": json.dumps(ACCESS)[:300], "tags": ["broken_line"],
        "event": {"kind": "event", "dataset": "docker"}, "log": {"syslog": {"severity": {"code": 6}}}, **who(),
        **stream("docker")}),
    "JSON of a stranger": (message_of({"level": "info", "host": "x", "event": "y", "a": {"b": 1}}, name="grafana"), {
        "@timestamp": "2026-11-22T02:30:00.123Z",
        "message": json.dumps({"level": "info", "host": "x", "event": "y", "a": {"b": 1}}),
        "event": {"kind": "event", "dataset": "docker"}, "log": {"syslog": {"severity": {"code": 6}}}, **who("grafana"),
        **stream("docker")}),
    "who pretends to be another one": (message_of({**ACCESS, "host": "x", "container": {"name": "other"}, "tags": ["a"],
                                                   "data_stream": {"dataset": "y"}, "labels": "z"}), {
        **ACCESS, "@timestamp": "2026-11-22T02:29:59.987Z", **who(), **stream("lb.access")}),
    "natively, by --gelf": ({"version": "1.1", "host": "box", "short_message": json.dumps(OPERATOR), "timestamp": AT,
                             "level": 6, "_tag": "lb", "_logger": "lb"}, {
        "@timestamp": "2026-11-22T02:29:59.987Z", "message": OPERATOR["message"], "ecs": {"version": "8.11.0"},
        "log": {"level": "info", "logger": "lb"},
        "event": {"kind": "event", "dataset": "lb.log", "action": "pool-change"}, "service": {"name": "lb"},
        "process": {"pid": 7}, "lb": CHANGE, "host": {"name": "box"}, "labels": {"tag": "lb"}, **stream("lb.log")}),
}


@pytest.mark.parametrize("name", CASES)
def test_documents(name):
    message, document = CASES[name]
    assert PIPELINE.document(copy.deepcopy(message)) == document


@pytest.mark.parametrize("name", CASES)
def test_documents_fit_the_template(name):
    assert misfits(CASES[name][1], FIELDS) == []


@pytest.mark.parametrize("line", ["{", "{}", "[]", "null", '{"event":1}', '{"event":{"dataset":"lb.access"}}', '{"a":"\\u0000"}',
                                  '{"event":{"dataset":"lb.access"},"@timestamp":7,"lb":"text"}', "é \ufffd",
                                  '{"log.logger":"lb"}', '{"log.logger":["lb"],"log.level":{}}',
                                  '{"time":1,"ms":2,"peer":3}', '{"[a][b]":1,"@metadata":{"gelf":{"host":"x"}}}'])
def test_whatever_comes_is_kept(line):
    """With the host that the driver told, and in some stream that the template is for."""
    document = PIPELINE.document(message_of(line))
    assert document["host"] == {"name": "docker1"} and document["container"]["name"] == "lb"
    assert document["data_stream"]["dataset"] in ("docker", "lb.access", "lb.log", "appserver.access")
    assert document["message"] == line
    assert all(field in FIELDS for field, _ in leaves_of(without(document, "lb")))


def test_input_and_output():
    listening, = PIPELINE.sections["input"]
    assert listening.name == "gelf"
    assert listening.options == {"id": "gelf", "port": 12201, "use_udp": True, "use_tcp": True}
    output, = PIPELINE.sections["output"]
    assert output.name == "elasticsearch"
    assert output.options["hosts"] == ["${ELASTICSEARCH_URL:http://elasticsearch:9200}"]
    assert output.options["data_stream"] is True


def test_each_branch_is_in_the_table(monkeypatch):
    """So that none of the pipeline's filters is there untried."""
    seen = set()
    import logstash_model
    for name, (run, known) in logstash_model.FILTERS.items():
        def note(event, options, run=run):
            seen.add(options["id"])
            run(event, options)
        monkeypatch.setitem(logstash_model.FILTERS, name, (note, known))
    pipeline = Pipeline((STACK / "logstash/pipeline/lb.conf").read_text(encoding="utf-8"))
    for message, _ in CASES.values():
        pipeline.document(copy.deepcopy(message))
    assert seen == set(pipeline.ids)


@pytest.mark.parametrize("text, what", [
    ('filter { grok { id => "x" } }', "grok"),
    ('filter { mutate { id => "x" lowercase => ["a"] } }', "lowercase"),
    ('filter { mutate { id => "x" id => "y" } }', "twice"),
    ('filter { if [a] { mutate { id => "x" } }', "expected"),
    ('filter { if [a] and [b] or [c] { } }', "parentheses"),
])
def test_the_model_refuses_what_it_does_not_know(text, what):
    with pytest.raises((ValueError, KeyError, AssertionError), match=what):
        Pipeline("input {} output {} " + text)
