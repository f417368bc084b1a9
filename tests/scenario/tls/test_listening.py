"""HTTPS listeners: requests by TLS, what is said to who asks wrongly, and what people are told of them."""

import json
import random
import socket
import ssl

import pytest

from support.certificates import issue, write_pair
from support.client import RawClient
from support.free_port import free_port
from support.program import run
from support.tls import TlsClient, context_of


@pytest.mark.parametrize("version", (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3))
def test_a_request_by_each_version(start_tls, ca, version):
    tls = start_tls()
    with tls.connect(context=context_of(ca, version, version)) as client:
        assert client.sock.selected_alpn_protocol() == "http/1.1"
        assert client.get(host="a.test").status == 200
    tls.wait_count(1, result="ok")
    word = "TLSv" + version.name.removeprefix("TLSv").replace("_", ".")
    assert tls.lb.metrics().value("lb_tls_connections_total", version=word) == 1


def test_who_offers_no_protocol_speaks_http_1(start_tls, ca):
    tls = start_tls()
    with tls.connect(context=context_of(ca, alpn=None)) as client:
        assert client.sock.selected_alpn_protocol() is None
        assert client.get(host="a.test").status == 200


def test_an_alpn_without_http_1_is_refused(start_tls, ca):
    tls = start_tls()
    with pytest.raises(ssl.SSLError, match="(?i)no application protocol"):
        tls.connect(context=context_of(ca, alpn=("smtp",)))
    tls.wait_count(1, reason="alpn")


def test_kept_alive_and_pipelined(start_tls, start_backend):
    backend = start_backend()
    tls = start_tls(backends=[backend])
    with tls.connect() as client:
        for _ in range(20):
            assert client.get(host="a.test").body == b"ok"
        client.send(b"GET /p HTTP/1.1\r\nHost: a.test\r\n\r\n" * 50)
        for _ in range(50):
            assert client.read_response().body == b"ok"
    tls.wait_count(1, result="ok")
    assert len(backend.requests) == 70


def test_large_bodies_both_ways(start_tls, start_appserver):
    tls = start_tls(backends=[start_appserver("one")])
    with tls.connect() as client:
        for size in (1, 16384, 16385, 3_000_000, 20_000_000):
            answer = client.get(f"/bytes/{size}", host="a.test")
            assert (answer.status, len(answer.body)) == (200, size)
        sent = random.Random(1).randbytes(30_000_000)
        answer = client.request("POST", "/upload", host="a.test", body=sent).read_response()
        assert str(len(sent)) in answer.body.decode()
        sent = sent[:1_000_000]
        for body in (sent, [sent[:70_000], sent[70_000:70_001], sent[70_001:]]):
            answer = client.request("POST", "/echo", host="a.test", body=body).read_response()
            assert answer.body.endswith(sent)


def test_a_connection_that_is_upgraded(start_tls, start_backend):
    def serve(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello")
        while data := connection.sock.recv(65536):
            connection.send(data)

    tls = start_tls(backends=[start_backend(serve)])
    with tls.connect() as client:
        client.request(host="a.test", fields=["Connection: Upgrade", "Upgrade: websocket"])
        assert client.read_head().status == 101
        said = random.Random(2).randbytes(400_000)
        client.sock.settimeout(30)
        got = client.wire.take_exactly(5)
        assert got == b"hello"
        for at in range(0, len(said), 50_000):
            client.send(said[at:at + 50_000])
            assert client.wire.take_exactly(50_000) == said[at:at + 50_000]


def test_a_name_without_a_certificate_gets_an_alert(start_tls):
    tls = start_tls()
    for name in ("other.test", "test", "x.y.b.test", None):
        with pytest.raises(ssl.SSLError, match="(?i)unrecognized.name"):
            tls.connect(name, context=context_of())
    tls.wait_count(4, reason="unknown_name")
    assert tls.get("x.b.test").status == 200  # by the wildcard
    tls.lb.wait_message("no certificate is there for the name")


def test_a_default_certificate_is_for_all_others(start_tls, ca, tmp_path):
    write_pair(tmp_path / "certificates", "default", issue(ca, ("any.test",)))
    tls = start_tls()
    for name in ("other.test", None):
        with tls.connect(name, context=context_of()) as client:
            shown = ssl.DER_cert_to_PEM_cert(client.sock.getpeercert(True))
            assert shown != ""
            assert client.get(host="any.test").status == 200
    with tls.connect("any.test"):
        pass


def test_plain_http_is_told(start_tls):
    tls = start_tls()
    with RawClient(tls.address) as client:
        answer = client.get(host="a.test")
        assert answer.status == 400
        assert b"speaks TLS" in answer.body
        assert client.ends()
    tls.wait_count(1, reason="plain_http")


def test_what_is_neither_is_closed(start_tls):
    tls = start_tls()
    with RawClient(tls.address) as client:
        client.send(b"\x00\x01\x02\x03" * 100)
        client.sock.settimeout(10)
        try:
            while client.sock.recv(1000):
                pass
        except ConnectionResetError:
            pass
    tls.wait_count(1, result="failed")


def test_it_goes_on_beside_plain_http(start_tls):
    tls = start_tls()
    with RawClient(tls.lb.address) as plain, tls.connect() as client:
        for _ in range(3):
            assert plain.get().status == 200
            assert client.get(host="a.test").status == 200


# ---- what people are told -----------------------------------------------------------------------------------------------


def test_listeners_are_told(start_tls):
    tls = start_tls()
    where = "%s:%d" % tls.address
    found = [one for one in json.loads(tls.lb.ask("/listeners?format=json", fields=["Accept: application/json"]).body)["listeners"]
             if one["address"] == where]
    assert found[0]["https"] is True and found[0]["state"] == "open"
    admin = "--admin=%s:%d" % tls.lb.admin
    assert f"tcp {where}: open for HTTPS." in run("lb", "explain", admin, "--listeners").stdout
    said = run("lb", "explain", admin, f"tcp://{where}/a.test").stdout
    assert "from lb itself: it speaks TLS there (--listen-tls)" in said and "lb explain https://a.test/" in said


def test_version_names_openssl():
    assert "OpenSSL 3." in run("lb", "--version").stdout


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("lb", "--check", f"--listen-tls=127.0.0.1:{port}", "--listen=127.0.0.1:0", "--admin=off", "--backend=127.0.0.1:1")
        assert done.returncode != 0
        assert f'--listen-tls: "127.0.0.1:{port}" cannot be listened on' in done.stderr
        done = run("lb", f"--listen-tls=127.0.0.1:{port}", "--listen=127.0.0.1:0", "--admin=off", "--backend=127.0.0.1:1")
        assert done.returncode != 0
        assert f"cannot listen on 127.0.0.1:{port}" in done.stderr and "--listen-tls" in done.stderr


def test_by_file_and_environment(start_lb, start_backend, tmp_path):
    first, second = free_port(), free_port()
    (tmp_path / "lb.json").write_text(json.dumps({"listen-tls": [f"127.0.0.1:{first}"], "tls-policy": "modern"}))
    lb = start_lb(f"--config={tmp_path / 'lb.json'}", backends=[start_backend()])
    lb.wait_message(f"listening on tls 127.0.0.1:{first}")
    lb = start_lb(backends=[start_backend()], env={"LB_LISTEN_TLS": f"127.0.0.1:{second}"})
    lb.wait_message(f"listening on tls 127.0.0.1:{second}")


def test_without_certificates_it_says_so(start_lb, start_backend):
    lb = start_lb("--listen-tls=127.0.0.1:0", backends=[start_backend()])
    address = lb.wait_message(r"^listening on tls (\S+)")[1].split(":")
    with pytest.raises(ssl.SSLError, match="(?i)unrecognized.name"):
        TlsClient((address[0], int(address[1])), "a.test")
