"""lb's lines in Logstalgia's format: which become what, and which are left out and counted."""

import json
import random
import re

import pytest

from logstalgia_lines import COLOURS, GROUP_MAX, Converter, group_flags, summary

# As Logstalgia's own source has it (custom.cpp), with all optional fields.
LOGSTALGIA = re.compile(r"(\d+)\|([^|]+)\|([^|]*)\|(\d{3})\|(\d+)\|([01])\|([0-9A-F]{6})\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]+)")


def line(**more):
    entry = {"@timestamp": "2026-11-22T02:30:00.123456Z", "event": {"dataset": "lb.access", "outcome": "success"},
             "http": {"response": {"body": {"bytes": 345}, "status_code": 200}}, "client": {"ip": "203.0.113.7"},
             "url": {"path": "/a/b", "domain": "example.com"}, "source": {"ip": "172.18.0.1"},
             "lb": {"upstream": {"name": "appserver1"}}}
    entry.update(more)
    return json.dumps(entry)


def test_usual_line():
    assert Converter().convert(line()) == \
        "1795314600|203.0.113.7|/appserver1/a/b|200|345|1|73BF69|||example.com|appserver1"


@pytest.mark.parametrize("status, success, colour", [
    (200, 1, "73BF69"), (302, 1, "8AB8FF"), (404, 0, "FADE2A"), (503, 0, "F2495C"), (0, 0, "F2495C"), (99999, 0, "F2495C")])
def test_status(status, success, colour):
    fields = Converter().convert(line(http={"response": {"status_code": status}})).split("|")
    assert fields[5:7] == [str(success), colour]


def test_without_what_is_not_known():
    """lb's own answers have no container, bad requests no path, connections neither, nor a status."""
    converter = Converter()
    assert converter.convert(line(lb={"end": "no_endpoint"})).split("|")[2] == "/lb/a/b"
    assert converter.convert(line(url={}, lb={})).split("|")[2] == "/lb/bad request"
    made = converter.convert(line(url={}, http={}, network={"transport": "tcp"}, destination={"bytes": 12},
                                  lb={"listener": "0.0.0.0:5432", "upstream": {"name": "db1"}}))
    assert made.split("|")[2:5] == ["/db1/tcp/0.0.0.0:5432", "200", "12"]
    assert converter.convert(line(client={})).split("|")[1] == "172.18.0.1"
    assert converter.convert(line(client={}, source={})).split("|")[1] == "unknown"


@pytest.mark.parametrize("text, why", [
    ("", "no JSON"), ("not JSON", "no JSON"), ("{", "no JSON"), ("[" * 100000, "no JSON"), ("[]", "no line of the access log"),
    ("null", "no line of the access log"), ('"lb.access"', "no line of the access log"),
    ('{"event":"lb.access"}', "no line of the access log"), ('{"message":"ready"}', "no line of the access log"),
    (line(**{"@timestamp": "yesterday"}), "without a time"), (line(**{"@timestamp": 7}), "without a time"),
    (line(**{"@timestamp": None}), "without a time"), (line(event={"dataset": "lb.other"}), "no line of the access log")])
def test_left_out_and_counted(text, why):
    converter = Converter()
    assert converter.convert(text) is None and converter.convert(line())
    assert converter.skipped == {why: 1} and converter.count == 1
    assert summary(converter) == f"1 lines shown; left out: 1 {why}"


@pytest.mark.parametrize("value", ["a|b", "a\nb", "a\x1b[31mb", "\x85\x9b", "\ud800", "x" * 9999, "../..", "%s%n", "🚀", "", 7,
                                   None, [], {}, True, -1, 10 ** 30])
def test_hostile_values(value):
    """Whatever stands where: one line of eleven fields, not longer than a screen's worth."""
    converter = Converter()
    for entry in (line(url={"path": value, "domain": value}), line(client={"ip": value}), line(lb=value),
                  line(lb={"upstream": {"name": value}}), line(http={"response": {"status_code": value, "body": {"bytes": value}}}),
                  line(http=value, url=value, network=value, source=value, event={"dataset": "lb.access", "outcome": value})):
        made = converter.convert(entry)
        assert LOGSTALGIA.fullmatch(made), made
        assert len(made) < 1000
        made.encode("utf-8")
    for flag in group_flags(converter.groups)[1::2]:
        assert re.fullmatch(r"[\w.-]+,URI=\^/[\w.\\-]+/,\d+,[0-9A-F]{6}", flag), flag


def test_any_bytes():
    rng, converter = random.Random(7), Converter()
    for _ in range(2000):
        text = bytearray(line().encode())
        for _ in range(rng.randrange(1, 6)):
            text[rng.randrange(len(text))] = rng.randrange(256)
        made = converter.convert(text.decode("utf-8", "replace"))
        assert made is None or LOGSTALGIA.fullmatch(made), made


def test_groups_are_bounded():
    converter = Converter()
    made = [converter.convert(line(lb={"upstream": {"name": f"app{i}"}})) for i in range(100)]
    assert len(converter.groups) == GROUP_MAX and made[-1].split("|")[2].startswith("/others/")
    flags = group_flags(converter.groups)
    assert len(flags) == 2 * GROUP_MAX and len({flag[-6:] for flag in flags[1::2]}) == len(COLOURS) == GROUP_MAX
