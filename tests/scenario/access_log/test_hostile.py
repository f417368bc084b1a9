"""Every form is read back by its own parser, whatever clients put into URLs and fields."""

import ipaddress
import json
import subprocess
import shutil

import pytest

from logged import COMBINED, HAPROXY, LOGSTALGIA, LogFile, json_lines, unescape

# What a client can send so that lb still forwards it: bytes of a target, and of a field's value.
TARGETS = [
    "/", "/\"", "/a|b|c", "/%0d%0a%22", "/\\", "/\\x0a", "/{}|{", "/'\"><script>", "/%", "/a:b@c",
    "/\"}}", "/" + "x" * 7000, "/" + "%22" * 2300, "/?" + "q" * 7000, "/-", "//evil/", "/$(id)",
    "/\xff\xfe", "/\xc3\xa9", "/\xc2\x9b31m", "/?u=http://me:secret@host/",
]
VALUES = [
    "plain", "with space", "quo\"te", "back\\slash", "}}{{", "a|b", "tab\there", "\xff\xfe\xfd",
    "\xc3\xa9\xe2\x82\xac", "\xc2\x9b31mred", "\" 200 0 \"-\" \"x", "\\\" 500", "x" * 4000,
    "\xff" * 4000, "\", \"lb\":{\"end\":\"ok\"}", "%{client_ip}%s%n", "\xed\xa0\x80", "\xc0\xaf",
]


def ask_all(lb, connect):
    """One request for each; gives the (target, value) of those that lb took."""
    taken = []
    for number in range(max(len(TARGETS), len(VALUES))):
        target, value = TARGETS[number % len(TARGETS)], VALUES[number % len(VALUES)]
        fields = [f"User-Agent: {value}", f"Referer: http://me:secret@host/{value}",
                  f"X-Request-Id: {value}"]
        response = connect(lb).request(target=target, fields=fields).read_response()
        assert response.status in (200, 400, 414), (target, response.status)
        if response.status == 200:
            taken.append((target, value))
    assert len(taken) > 15
    return taken


@pytest.fixture
def ask(start_lb, start_backend, connect, tmp_path):
    def start(form):
        log = LogFile(tmp_path / "access.log")
        lb = start_lb(f"--access-log={log.path}", f"--access-log-format={form}",
                      "--max-head=64k", "--workers=1", backends=[start_backend()])
        taken = ask_all(lb, connect)
        lines = log.wait_lines(max(len(TARGETS), len(VALUES)))
        assert "secret" not in "".join(lines)
        return taken, lines
    return start


def is_cut_of(logged, sent, mark):
    """Whether it is what was sent, or its beginning and the mark."""
    return logged == sent or (logged.endswith(mark) and sent.startswith(logged[:-len(mark)]))


def masked(text):
    return text.replace("me:secret@", "***@")


def test_json(ask):
    taken, lines = ask("json")
    parsed = [line for line in json_lines("".join(f"{line}\n" for line in lines).encode())
              if "url" in line]
    assert len(parsed) == len(taken)
    for line, (target, value) in zip(parsed, taken):
        as_text = masked(target).encode("latin-1").decode("utf-8", "replace")
        assert is_cut_of(line["url"]["original"], as_text, "…")
        # A maximal run of bytes that are no UTF-8 is one mark for Python, and one for each byte here.
        agent = line["user_agent"]["original"]
        sent = value.encode("latin-1")
        if "\ufffd" not in agent:
            assert is_cut_of(agent, sent.decode("utf-8"), "…")
        assert line["lb"]["end"] == "ok"


def test_combined(ask):
    taken, lines = ask("combined")
    parsed = [COMBINED.fullmatch(line) for line in lines]
    assert all(parsed)
    parsed = [match for match in parsed if match["method"]]
    for match, (target, value) in zip(parsed, taken, strict=True):
        assert is_cut_of(unescape(match["target"]), masked(target), "...")
        assert is_cut_of(unescape(match["agent"]), value, "...")
        assert match["status"] == "200"


def test_logstalgia(ask):
    taken, lines = ask("logstalgia")
    parsed = [LOGSTALGIA.fullmatch(line) for line in lines]
    assert all(parsed)
    parsed = [match for match in parsed if match[3] != "-"]
    for match, (_, value) in zip(parsed, taken, strict=True):
        assert (match[2], match[4], match[6]) == ("127.0.0.1", "200", "1")
        assert is_cut_of(unescape(match[9]), value, "...")
        assert match[11].startswith("127.0.0.1:")


def test_haproxy(ask):
    taken, lines = ask("haproxy")
    parsed = [HAPROXY.fullmatch(line) for line in lines]
    assert all(parsed), lines[parsed.index(None)]
    parsed = [match for match in parsed if match["method"]]
    for match, (_, value) in zip(parsed, taken, strict=True):
        assert (match["end"], match["ended"], match["status"]) == ("ok", "--", "200")
        assert is_cut_of(unescape(match["agent"]), value, "...")
    check_halog(lines, len(parsed))


def check_halog(lines, good_count):
    """haproxy's own reader of such lines, which expects what syslog puts before them."""
    if not shutil.which("halog"):
        return
    text = "".join(f"Nov 22 02:30:00 here haproxy[1]: {line}\n" for line in lines)
    done = subprocess.run(["halog", "-srv"], input=text, capture_output=True, text=True, timeout=20,
                          check=True)
    assert f"{len(lines)} lines in" in done.stderr and "0 parsing errors" in done.stderr
    servers = [line.split() for line in done.stdout.splitlines() if line.startswith("appserver/1")]
    assert [int(words[2]) for words in servers] == [good_count], done.stdout


def test_template(ask):
    taken, lines = ask('%{method} %{target} "%{user_agent}" %{status} %{end}')
    for line, (_, value) in zip([line for line in lines if line.endswith(" ok")], taken,
                                strict=True):
        words, agent, rest = line.split('"')
        assert words.startswith("GET ") and rest == " 200 ok"
        assert is_cut_of(unescape(agent), value, "...")


def test_json_inside_of_json(ask):
    """A line can go through another JSON string, as in GELF, and come back."""
    _, lines = ask("json")
    for line in lines:
        assert json.loads(json.loads(json.dumps({"short_message": line}))["short_message"])


CLIENTS = {"203.0.113.7": {"ip": "203.0.113.7"},
           "203.0.113.7:5678": {"ip": "203.0.113.7", "address": "203.0.113.7:5678"},
           "[2001:db8::1]:443": {"ip": "2001:db8::1", "address": "[2001:db8::1]:443"},
           "unknown": {"address": "unknown"}, "_hidden": {"address": "_hidden"},
           "fe80::1%eth0": {"address": "fe80::1%eth0"}, "1.2.3": {"address": "1.2.3"},
           "010.0.0.1": {"address": "010.0.0.1"}, "0x7f.1": {"address": "0x7f.1"},
           "1.2.3.4/8": {"address": "1.2.3.4/8"}, "host.example": {"address": "host.example"}}


def test_a_client_ip_is_an_ip_address(start_lb, start_backend, connect, tmp_path):
    log = LogFile(tmp_path / "log")
    lb = start_lb(f"--access-log={log.path}", "--trusted-proxies=127.0.0.1", "--workers=1",
                  backends=[start_backend()])
    client = connect(lb)
    for claimed in CLIENTS:
        client.get(fields=[f"X-Forwarded-For: {claimed}"])
    lines = log.wait_json(len(CLIENTS))
    assert [line["client"] for line in lines] == list(CLIENTS.values())
    for line in lines:
        for kind in ("client", "source", "destination"):
            if "ip" in line[kind]:
                ipaddress.ip_address(line[kind]["ip"])


def test_a_client_ip_in_a_template_is_an_ip_address(start_lb, start_backend, connect, tmp_path):
    log = LogFile(tmp_path / "log")
    lb = start_lb(f"--access-log={log.path}", "--trusted-proxies=127.0.0.1", "--workers=1",
                  "--access-log-format=%{client_ip} %{client_address}", backends=[start_backend()])
    for claimed in ("unknown", "203.0.113.7:5678", "::1"):
        connect(lb).get(fields=[f"X-Forwarded-For: {claimed}"])
    assert log.wait_lines(3) == ["- unknown", "203.0.113.7 203.0.113.7:5678", "::1 ::1"]
