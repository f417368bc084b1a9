"""--proxy-protocol-from on HTTP listeners: who is believed, who is refused, and what it is for."""

import json
import socket

import pytest

from support.client import RawClient
from support.discovery import endpoint, route_line
from support.waiting import wait_for

V2 = b"\r\n\r\n\x00\r\nQUIT\n"
FROM_HERE = "--proxy-protocol-from=127.0.0.0/8"


def header(client="198.51.100.9", port=555):
    return b"PROXY TCP4 %s 192.0.2.1 %d 80\r\n" % (client.encode(), port)


def header_v2(client="198.51.100.9", port=555):
    return (V2 + b"\x21\x11\x00\x0c" + socket.inet_aton(client) + socket.inet_aton("192.0.2.1") +
            port.to_bytes(2, "big") + b"\x00\x50")


def own_address():
    """One of this host that is no loopback address, to connect from and to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this host has no other address than loopback ones")
        return sock.getsockname()[0]


# ---- who asks ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("said", [header(), header_v2()], ids=["v1", "v2"])
def test_each_byte_by_itself(said, start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb(FROM_HERE, backends=[backend]))
    for byte in said + b"GET / HTTP/1.1\r\nHost: test\r\n\r\n":
        client.send(bytes([byte]))
    assert client.read_response().status == 200
    assert client.get().status == 200
    assert [request.get("X-Forwarded-For") for request in backend.requests] == ["198.51.100.9"] * 2


def test_limits_are_by_the_client_that_the_header_names(start_lb, start_backend, connect):
    lb = start_lb(FROM_HERE, "--max-per-client=1", "--workers=1", backends=[start_backend()])
    first, second, other = (connect(lb) for _ in range(3))
    assert first.send(header()).get().status == 200
    assert second.send(header()).get().status == 503
    assert other.send(header("198.51.100.10")).get().status == 200
    first.close()
    wait_for(lambda: connect(lb).send(header()).get().status == 200, "its share is free again")


def test_rules_by_client_go_by_it(start_lb, start_backend, connect, discovery):
    office, anybody = start_backend(), start_backend()
    lb = start_lb(FROM_HERE, *discovery.flags)
    routes = [{"service": "office", "host": "a.test",
               "conditions": [{"kind": "client", "value": "198.51.100.0/24"}]},
              {"service": "anybody", "host": "a.test"}]
    discovery.send_line(route_line({"office": [endpoint("o", office.address)],
                                    "anybody": [endpoint("a", anybody.address)]}, routes))
    lb.wait_ready(2)
    assert connect(lb).send(header()).get(host="a.test").status == 200
    assert connect(lb).send(header("203.0.113.5")).get(host="a.test").status == 200
    assert connect(lb).get(host="a.test").status == 200  # a probe
    assert (len(office.requests), len(anybody.requests)) == (1, 2)


def test_who_is_not_named_is_not_read(start_lb, start_backend, connect, tmp_path):
    log = tmp_path / "access.log"
    lb = start_lb("--proxy-protocol-from=10.0.0.0/8,fd00::/8", f"--access-log={log}",
                  backends=[start_backend()])
    assert connect(lb).send(header()).get().status == 400
    assert connect(lb).get().status == 200
    wait_for(lambda: log.read_bytes().count(b"\n") == 2, "two lines")
    for line in map(json.loads, log.read_bytes().splitlines()):
        assert line["client"]["ip"] == line["source"]["ip"] == "127.0.0.1"


# ---- who is refused --------------------------------------------------------------------------------------

@pytest.mark.parametrize("said", [
    b"PROXY TCP4 198.51.100.9 192.0.2.1 555\r\n", b"PROXY TCP4 198.51.100.9 192.0.2.1 555 80\n",
    b"PROXY " + b"x" * 200, V2 + b"\x31\x11\x00\x00", V2 + b"\x21\x11\x00\x01x", V2 + b"\x21\x11\xff\xff"])
def test_a_malformed_one_is_refused_counted_and_told(said, start_lb, start_backend, connect, tmp_path):
    backend, log = start_backend(), tmp_path / "access.log"
    lb = start_lb(FROM_HERE, f"--access-log={log}", backends=[backend])
    client = connect(lb).send(said)
    answer = client.read_response()
    assert (answer.status, answer.get("Connection")) == (400, "close")
    assert b"PROXY header" in answer.body
    assert client.ends()
    wait_for(lambda: log.read_bytes().count(b"\n") == 1, "a line")
    line = json.loads(log.read_bytes())
    assert (line["lb"]["end"], line["client"]["ip"]) == ("bad_request:proxy_header", "127.0.0.1")
    assert 'end="bad_request:proxy_header"' in lb.ask("/metrics").body.decode()
    assert not backend.requests


def test_a_missing_one_is_refused_but_from_this_host(start_lb, start_backend, connect):
    here = own_address()
    lb = start_lb(f"--proxy-protocol-from=127.0.0.0/8,{here}", "--listen=0.0.0.0:0",
                  backends=[start_backend()])
    port = lb.address[1]
    assert connect(("127.0.0.1", port)).get().status == 200
    with RawClient((here, port), source=here) as other:
        assert other.get().status == 400
    with RawClient((here, port), source=here) as other:
        assert other.send(header()).get().status == 200


def test_one_that_does_not_come_has_the_time_of_a_head(start_lb, start_backend, connect):
    lb = start_lb(FROM_HERE, "--head-timeout=300ms", backends=[start_backend()])
    silent, partial = connect(lb), connect(lb).send(b"PROXY TCP4 198")
    assert silent.read_response().status == partial.read_response().status == 408
    assert silent.ends() and partial.ends()


def test_the_admin_listener_reads_none(start_lb, start_backend, connect):
    lb = start_lb(FROM_HERE, backends=[start_backend()])
    assert lb.ask("/healthz").status == 200
    assert connect(lb.admin).send(header()).get("/healthz").status == 400


# ---- what changes -----------------------------------------------------------------------------------------

def test_ranges_change_while_lb_runs(start_lb, start_backend, connect, tmp_path):
    """Connections that there are stay as they are, and whoever waits with a header."""
    settings, backend = tmp_path / "lb.json", start_backend()
    settings.write_text("{}")
    lb = start_lb(f"--config={settings}", "--workers=1", backends=[backend])
    old = connect(lb)
    assert old.get().status == 200
    settings.write_text(json.dumps({"proxy-protocol-from": ["127.0.0.0/8"]}))
    lb.reload()
    waiting = connect(lb).send(b"PROXY TCP4 198.51.100.9 ")
    assert connect(lb).send(header("198.51.100.10")).get().status == 200
    assert old.get().status == 200
    settings.write_text("{}")
    lb.reload()
    assert waiting.send(b"192.0.2.1 555 80\r\n").get().status == 200
    assert connect(lb).send(header()).get().status == 400
    assert [request.get("X-Forwarded-For") for request in backend.requests] == [
        "127.0.0.1", "198.51.100.10", "127.0.0.1", "198.51.100.9"]
