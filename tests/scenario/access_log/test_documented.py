"""lb/observe/ACCESS_LOG.md says what the code does: its tables are compared with it."""

import re

from logged import LogFile
from support.program import ROOT, run
from support.waiting import wait_for

PAGE = (ROOT / "lb/observe/ACCESS_LOG.md").read_text(encoding="utf-8")


def words_of(title):
    """What stands in backquotes in the first column of the table under a title, in order."""
    part = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (.*?)(?<!\\) \|", part, re.MULTILINE)
    return [word for row in rows for word in re.findall("`(.*?)`", row)]


def test_ends():
    header = (ROOT / "lb/base/err.h").read_text(encoding="utf-8")
    known = re.findall(r'XX\(\w+, \d+, "([^"]+)"', header)
    assert len(known) > 30
    assert words_of("How a request ends") == known


def test_names_in_templates():
    refusal = run("lb", "--access-log-format=%{x}", "--check").stderr
    known = re.search(r"the names are (.*)", refusal)[1].split(", ")
    assert sorted(words_of("Templates")) == sorted(known)


def keys_of(value, path=""):
    if not isinstance(value, dict):
        return {path}
    return {key for name, part in value.items()
            for key in keys_of(part, f"{path}.{name}" if path else name)}


def test_keys_of_json(start_lb, start_backend, connect, tmp_path):
    def reset_once(connection):
        connection.read_request()
        connection.reset()

    log = LogFile(tmp_path / "log")
    backends = [start_backend(reset_once), start_backend()]
    lb = start_lb(f"--access-log={log.path}", "--hold=10s", "--trace-context=generate", backends=backends)
    for _ in range(2):
        connect(lb).get(host="a:1", fields=["User-Agent: a", "Referer: b"])
    connect(lb).request("POST", body=b"x").read_response()
    connect(lb).request("POST", body=b"x").read_response()
    for backend in backends:
        lb.order("/endpoints/%s%%3A%d/disable" % backend.address)
    client = connect(lb).request("GET")
    wait_for(lambda: lb.totals()["held"] == 1, "a request waits")
    lb.order("/endpoints/%s%%3A%d/enable" % backends[1].address)
    assert client.read_response().status == 200
    seen = set().union(*map(keys_of, log.wait_json(5)))
    seen.update({"lb.route", "lb.busy_ms"})  # tests/scenario/routes, tests/scenario/queue
    seen.update({  # of connections and flows: tests/unit/observe/test_access_haproxy.c
        "source.bytes", "source.packets", "destination.bytes", "destination.packets",
        "network.transport", "tls.client.server_name", "lb.kind", "lb.listener"})
    seen.update({  # by TLS: tests/scenario/https
        "tls.version", "tls.version_protocol", "tls.cipher", "tls.resumed", "tls.client.subject"})
    assert sorted(seen) == sorted(words_of("JSON"))
