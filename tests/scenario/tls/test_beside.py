"""Names of a TLS listener that are passed on, encrypted as they are, beside those that lb serves."""

import ssl

import pytest

from support.certificates import issue, write_pair
from support.discovery import endpoint, route_line
from support.free_port import free_port
from support.tcp import Server
from support.tls import TlsClient, context_of
from support.waiting import wait_for


@pytest.fixture(name="passed")
def fixture_passed(cleanup, ca, tmp_path):
    """A server of its own certificate for p.test, which says who it is to each who shakes hands."""
    write_pair(tmp_path / "own", "p.test", issue(ca, ("p.test", "*.q.test")))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own" / "p.test.crt", tmp_path / "own" / "p.test.key")

    def script(sock):
        with context.wrap_socket(sock, server_side=True) as wrapped:
            wrapped.sendall(b"this is p")
            wrapped.recv(1)
    server = Server(script)
    cleanup.callback(server.close)
    return server


@pytest.fixture
def start_beside(start_tls, start_lb, start_backend, discovery, passed, ca, tmp_path):
    """start_beside(*rules, **more of the line): (lb with its HTTPS listener, where that is)."""
    def start(*flags, rules=("/p.test=pass",), listeners=(), ready=2):
        port = free_port()
        write_pair(tmp_path / "certificates", "a.test", issue(ca, ("a.test",)))
        lb = start_lb(f"--listen-tls=127.0.0.1:{port}", f"--certificates={tmp_path / 'certificates'}",
                      *(f"--tcp=127.0.0.1:{port}{rule}" for rule in rules), *discovery.flags, *flags)
        line = route_line({"appserver": [endpoint("web", start_backend().address)],
                           "pass": [endpoint("p", passed.address, protocol="tcp", container="p")]}, [])
        line["listeners"] = [dict(one, port=port, service="pass") for one in listeners]
        discovery.send_line(line)
        lb.wait_ready(ready)
        return lb, ("127.0.0.1", port)
    return start


def says(address, name, ca, before=b""):
    with TlsClient(address, name, ca, before=before) as client:
        return client.sock.recv(100)


def test_a_name_is_passed_on_and_all_others_are_served(start_beside, ca):
    lb, address = start_beside(rules=("/p.test=pass", "/*.q.test=pass"))
    for _ in range(3):
        assert says(address, "p.test", ca) == b"this is p"
        assert says(address, "x.q.test", ca) == b"this is p"
        with TlsClient(address, "a.test", ca) as client:
            assert client.get(host="a.test").status == 200
            assert client.get(host="a.test").status == 200
    with pytest.raises(ssl.SSLError, match="(?i)unrecognized.name"):
        TlsClient(address, "other.test")
    with pytest.raises(ssl.SSLError, match="(?i)unrecognized.name"):
        TlsClient(address, None)
    metrics = lb.metrics()
    assert metrics.sum("lb_tls_handshakes_total", result="ok") == 3
    assert metrics.value("lb_client_connections_accepted_total") == 11  # each of them once


def test_a_hello_in_pieces_is_handed_over_whole(start_beside, ca, connect):
    from test_handshakes import shake_in_pieces
    _, address = start_beside()
    sock = connect(address).sock
    session, incoming, outgoing = shake_in_pieces(sock, context_of(ca), 7)
    session.write(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
    sock.sendall(outgoing.read())
    while got := sock.recv(65536):
        incoming.write(got)
    assert session.read(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_plain_http_is_told_there_too(start_beside, connect):
    _, address = start_beside()
    assert connect(address).get(host="a.test").status == 400


def test_a_proxy_header_comes_first_there_too(start_beside, ca):
    lb, address = start_beside("--proxy-protocol-from=127.0.0.0/8", "--max-per-client=1")

    def wait_gone():
        wait_for(lambda: lb.metrics().value("lb_client_connections") == 0, "it is gone")
    header = b"PROXY TCP4 192.0.2.9 192.0.2.1 4711 443\r\n"
    for _ in range(3):  # its share of connections goes with each
        assert says(address, "p.test", ca, before=header) == b"this is p"
        wait_gone()
        with TlsClient(address, "a.test", ca, before=header) as client:
            assert client.get(host="a.test").status == 200
        wait_gone()


def test_one_that_says_nothing_is_closed_in_time(start_beside, connect):
    _, address = start_beside("--tls-handshake-timeout=300ms", "--head-timeout=1h")
    assert connect(address).ends()


def test_containers_ask_for_names(start_beside, ca):
    lb, address = start_beside(rules=(), listeners=({"protocol": "tcp", "server_name": "p.test", "label": "lb.tcp.sni"},))
    assert says(address, "p.test", ca) == b"this is p"
    with TlsClient(address, "a.test", ca) as client:
        assert client.get(host="a.test").status == 200
    said = lb.ask("/listeners").body.decode()
    assert "open for HTTPS, but for names that are somebody else's:" in said
    assert "for the server name p.test: to the service pass" in said


def test_nobody_asks_for_all_of_it(start_beside, ca):
    lb, address = start_beside(rules=(), listeners=({"protocol": "tcp", "label": "lb.tcp"},), ready=1)
    lb.wait_message("is where lb itself speaks TLS")
    with TlsClient(address, "a.test", ca) as client:
        assert client.get(host="a.test").status == 200


def test_rules_survive_sighup(start_beside, ca, tmp_path):
    (tmp_path / "lb.json").write_text('{"via": "on"}')
    lb, address = start_beside(f"--config={tmp_path / 'lb.json'}")
    pid = lb.proxy_pid
    (tmp_path / "lb.json").write_text('{"via": "off"}')
    lb.reload()
    assert lb.proxy_pid == pid
    assert says(address, "p.test", ca) == b"this is p"
    with TlsClient(address, "a.test", ca) as client:
        assert client.get(host="a.test").status == 200
