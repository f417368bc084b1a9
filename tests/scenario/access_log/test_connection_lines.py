"""One line for each connection of a TCP listener and each flow of a UDP listener, in every form, with what is true
of it."""

import contextlib
import re
import socket

import pytest

from logged import LogFile
from support.passing import client_hello
from support.waiting import wait_for

# As patterns of others have them (HAPROXYTCP and COMBINEDAPACHELOG of grok).
TCPLOG = re.compile(r"(?P<ip>\S+):(?P<port>\d+) \[(?P<date>[^\]]+)\] (?P<frontend>\S+) (?P<backend>[^/ ]+)/(?P<server>\S+) "
                    r"(?P<queue>-?\d+)/(?P<connect>-?\d+)/(?P<duration>\S+) (?P<bytes>\S+) (?P<state>\S+) "
                    r"\d+/\d+/\d+/\d+/(?P<retries>\S+) \d+/\d+(?P<rest>.*)")
APACHE = re.compile(r'(?P<ip>\S+) (?P<ident>\S+) (?P<auth>\S+) \[(?P<date>[^\]]+)\] '
                    r'"(?P<verb>\w+) (?P<request>\S+)(?: HTTP/(?P<version>[\d.]+))?" (?P<status>\d+) '
                    r'(?P<bytes>\d+|-) "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)"')


@pytest.fixture(name="log")
def make_log(tmp_path):
    return LogFile(tmp_path / "access.log")


def place(address):
    return "%s:%d" % address


def test_a_connection(start_passing, log):
    passing = start_passing(f"--access-log={log.path}")
    peer = passing.talk(b"x" * 100000)
    line, = log.wait_json(1)
    assert line["message"] == f"tcp {place(passing.tcp)} ok"
    assert line["event"]["category"] == ["network"] and line["event"]["type"] == ["connection", "end"]
    assert line["event"]["outcome"] == "success"
    assert line["network"] == {"transport": "tcp"}
    assert line["client"] == {"ip": "127.0.0.1"}
    assert line["source"] == {"ip": "127.0.0.1", "port": peer[1], "bytes": 100000}
    assert line["destination"] == {"ip": "127.0.0.1", "port": passing.db.address[1], "bytes": 100000}
    own = line["lb"]
    assert own["upstream"] == {"name": "db1", "id": "dbdb01", "address": place(passing.db.address)}
    assert (own["kind"], own["end"], own["service"], own["attempts"]) == ("connection", "ok", "db", 1)
    assert own["listener"] == place(passing.tcp)
    assert 0 <= own["queue_ms"] <= own["queue_ms"] + own["connect_ms"] <= own["first_byte_ms"] <= own["total_ms"]
    assert not {"http", "url", "user_agent", "error"} & set(line)


def test_a_flow(start_passing, log):
    passing = start_passing(f"--access-log={log.path}", "--udp-idle-timeout=1s")
    peer = passing.ask(b"one", b"three")
    line, = log.wait_json(1)
    assert line["message"] == f"udp {place(passing.udp)} idle"
    assert line["event"]["outcome"] == "success" and "error" not in line
    assert line["source"] == {"ip": "127.0.0.1", "port": peer[1], "bytes": 8, "packets": 2}
    assert line["destination"] == {"ip": "127.0.0.1", "port": passing.dns.address[1], "bytes": 8, "packets": 2}
    assert (line["lb"]["kind"], line["lb"]["service"], line["lb"]["upstream"]["name"]) == ("flow", "dns", "dns1")
    assert line["lb"]["upstream"]["id"] == "dddd01"


def test_a_server_name(start_passing, log):
    passing = start_passing(f"--access-log={log.path}", "--tcp=127.0.0.1:0/a.test=db")
    where = passing.lb.wait_message(r"^listening on tcp (\S+)$", since=2)[1]
    hello = client_hello("a.test")
    for address in [place(passing.tcp), where]:
        host, port = address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=20) as sock:
            sock.sendall(hello)
            assert sock.recv(65536) == hello
    lines = {line["lb"]["listener"]: line for line in log.wait_json(2)}
    assert len(lines) == 2
    named = [line for line in lines.values() if "tls" in line]
    assert [line["tls"] for line in named] == [{"client": {"server_name": "a.test"}}]
    assert named[0]["message"].endswith("/a.test ok") or named[0]["message"].endswith("/a.test client_gone")


@pytest.mark.parametrize("form", ["haproxy", "combined", "logstalgia",
                                  "%{kind} %{protocol} %{listener} %{service} %{container} %{end} "
                                  "%{request_bytes} %{response_bytes} %{status}"])
def test_other_forms(start_passing, log, form):
    passing = start_passing(f"--access-log={log.path}", f"--access-log-format={form}")
    peer = passing.talk(b"hello")
    log.wait_lines(1)
    passing.discovery.send()  # nobody is left
    wait_for(lambda: not passing.lb.endpoints(), "nobody is left")
    with contextlib.suppress(OSError), passing.connect() as sock:
        assert sock.recv(1) == b""
    good, bad = log.wait_lines(2)
    if form == "haproxy":
        good, bad = TCPLOG.fullmatch(good), TCPLOG.fullmatch(bad)
        assert (good["ip"], int(good["port"]), good["frontend"]) == ("127.0.0.1", peer[1], place(passing.tcp))
        assert (good["backend"], good["server"], good["bytes"], good["state"]) == ("db", "db1", "5", "--")
        assert (bad["backend"], bad["server"], bad["bytes"], bad["state"]) == ("db", "<NOSRV>", "0", "SC")
    elif form == "combined":
        good, bad = APACHE.fullmatch(good), APACHE.fullmatch(bad)
        assert (good["verb"], good["request"], good["status"], good["bytes"]) == ("TCP", place(passing.tcp), "200", "5")
        assert (bad["verb"], bad["status"], bad["bytes"]) == ("TCP", "503", "0")
    elif form == "logstalgia":
        assert good.split("|")[1:6] == ["127.0.0.1", place(passing.tcp), "200", "5", "1"]
        assert good.split("|")[10] == "db1" and bad.split("|")[3:6] == ["503", "0", "0"]
    else:
        assert good == f"connection tcp {place(passing.tcp)} db db1 ok 5 5 200"
        assert bad == f"connection tcp {place(passing.tcp)} db - no_endpoint 0 0 503"
