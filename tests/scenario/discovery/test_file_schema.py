"""lb-discovery --print-schema against lb-discovery --file: what the one accepts, the other takes without a remark."""

import json
import re
import subprocess

import jsonschema
import pytest
from watcher import PROGRAM, ROOT

ENDPOINT = {"address": "127.0.0.1", "port": 80}
SHOP = {"name": "shop", "endpoints": [ENDPOINT]}
ROUTE = {"host": "shop.test", "service": "shop"}


@pytest.fixture(scope="module")
def schema():
    printed = json.loads(subprocess.run([PROGRAM, "--print-schema"], check=True, capture_output=True).stdout)
    jsonschema.Draft202012Validator.check_schema(printed)
    return jsonschema.Draft202012Validator(printed)


def refused(schema, tmp_path, content):
    """What the schema and what the program say of it."""
    path = tmp_path / "services.json"
    path.write_text(json.dumps(content))
    process = subprocess.Popen([PROGRAM, "--file", path, "--once", "--log-format=plain"], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    said = ""
    for sentence in process.stderr:  # it ends by itself when it has a line to print
        said += sentence
        if "waiting for it" in sentence:
            process.kill()
    process.communicate()
    return [error.message for error in schema.iter_errors(content)], re.findall(r".* warn .*", said)


def service(**words):
    return {"services": [{**SHOP, **words}]}


def endpoint(**words):
    return {"services": [{"name": "shop", "endpoints": [{**ENDPOINT, **words}]}]}


def route(**words):
    return {"services": [SHOP], "routes": [{**ROUTE, **words}]}


def listener(**words):
    return {"services": [SHOP], "listeners": [{"protocol": "tcp", "service": "shop", **words}]}


GOOD = {
    "nothing": {"services": []}, "no endpoints": {"services": [{"name": "shop"}]},
    "both": {"$schema": "x.json", "services": [SHOP], "routes": [ROUTE]},
    "service": service(weight=0, check={"path": "/h", "rise": 2, "status": "200-399"}, drain=False),
    "times": service(**{"slow-start": "30s", "response-timeout": "off", "body-timeout": False, "stream-timeout": 0}),
    "times as in lines": endpoint(slow_start_ms=0, response_timeout_ms=5, abort_on_close=True),
    "capacity": endpoint(keepalive=False, **{"max-inflight": "off"}), "capacity as in lines": service(max_inflight=4),
    "endpoint": endpoint(id="a", name="b", state="paused", protocol="h2c", **{"abort-on-close": True}),
    "list": route(host=["a.test", "*.b.test"], path=["/x", "/y"], method="GET, POST"),
    "named": route(header={"X-A": ["1", "2"]}, query={"q": "1"}, header_regex={"X-B": "^a"}, query_regex={"r": "b"}),
    "not": route(**{"not": {"client": "10.0.0.0/8", "path_exact": "/x"}}),
    "conditions": route(conditions=[{"kind": "header", "name": "X-A", "value": "1", "not": True}]),
    "done": route(path="/api", strip=True, add="/v1", priority=-3),
    "strip": route(path="/api/v1", strip="/api"), "answer": route(answer=404),
    "options": route(rate="10/s", retries=2, options={"access-log": "off", "allow": "10.0.0.0/8"}),
    "service options": service(balance="least-requests", options={"queue": 10, "queue-timeout": "3s"}),
    "shares": route(shares=[{"service": "shop", "weight": 5}, {"service": "shop2", "weight": 0}]),
    "protocol": service(protocol="udp"), "listeners alone": {"listeners": []},
    "listener": listener(port=443, server_name="*.a.test", alpn="h2"), "named listener": listener(listener="db"),
    "udp": listener(protocol="udp", port=53),
    "options of connections": service(**{"proxy-protocol": "v1", "tcp.drain": "reset", "udp.idle-timeout": "9s"}),
}

BAD = {
    "neither": {}, "no object": [], "unknown": {"services": [], "x": 1}, "nameless": {"services": [{"endpoints": []}]},
    "service option": service(blance="x"), "port": endpoint(port=0), "weight": endpoint(weight=257),
    "state": endpoint(state="up"), "time": service(**{"slow-start": "30"}), "check": service(check={"pat": "/"}),
    "max": endpoint(max_inflight=-1), "keep": endpoint(keepalive="off"), "word": route(clinet="10.0.0.0/8"), "host": route(host=1), "hosts": route(host=[]), "answer": route(answer=200),
    "strip": route(path="/x", strip=1), "priority": route(priority="1"), "kind": route(conditions=[{"kind": "x"}]),
    "nowhere": {"routes": [{"host": "a.test"}]}, "not": route(**{"not": {"service": "x"}}), "header": route(header="x"),
    "option": route(rate=1.5), "options": route(options={"rates": "1/s"}), "shares": route(shares=[{"service": "x"}]),
    "options of a service": service(options={"blance": "x"}), "no options": route(options=["rate"]),
    "protocol": service(protocol="sctp"), "listener": listener(), "two listeners": listener(port=1, listener="db"),
    "listener of http": listener(protocol="http", port=1), "datagrams have no name": listener(
        protocol="udp", port=1, server_name="a.test"),
    "narrower": listener(port=1, sni="a.test"), "listener to nowhere": {"listeners": [{"protocol": "tcp", "port": 1}]},
}


@pytest.mark.parametrize("name", GOOD)
def test_both_accept(schema, tmp_path, name):
    assert refused(schema, tmp_path, GOOD[name]) == ([], [])


@pytest.mark.parametrize("name", BAD)
def test_both_tell(schema, tmp_path, name):
    errors, warnings = refused(schema, tmp_path, BAD[name])
    assert errors and warnings


def test_the_words_are_those_of_lines_and_labels(schema):
    definitions = schema.schema["$defs"]
    kinds = re.findall(r'XX\(\w+,[\s\\]*"(\w+)"\)', (ROOT / "lb/contract/route.h").read_text())
    checks = re.search(r"The words: (.*?)\.", (ROOT / "lb/contract/check.h").read_text().replace("\n * ", " "))[1]
    assert list(definitions["match"]["properties"]) == kinds
    assert definitions["condition"]["properties"]["kind"]["enum"] == kinds
    assert set(definitions["route"]["properties"]) > set(kinds)
    assert list(definitions["check"]["properties"]) == checks.split(", ")
    for name, of in ("route_options", "route"), ("service_options", "service"):
        header = (ROOT / f"lb/contract/{of}_option.h").read_text()
        words = re.findall(r'XX\(\w+, "([\w.-]+)"\)', header)
        assert list(definitions[name]["properties"]) == words and set(definitions[of]["properties"]) > set(words)
        assert all(word["description"] for word in definitions[name]["properties"].values())


def test_every_word_is_in_the_manual(schema):
    manual = (ROOT / "discovery/FORMAT.md").read_text().split("## The file of services")[1]
    manual = re.sub("```.*?```", "", manual, flags=re.DOTALL)
    told = set(re.findall(r"`([^`]+)`", manual))
    for name in ("service", "endpoint", "route", "match", "condition", "share", "listener", "certificate"):
        for word, says in schema.schema["$defs"][name]["properties"].items():
            assert word in told or "passed over" in says["description"], word
