"""What changes while lb runs: settings, lines, protocols; and checks that look on."""

import socket
import ssl

import pytest

from secure_backend import https_line, write_config
from support.discovery import endpoint, line_of, route_line
from support.program import split_address
from support.waiting import wait_for

CHECKS = ("--check-path=/check", "--check-interval=20ms", "--check-fall=2", "--check-rise=2")


def test_another_policy_takes_no_old_connection(start_lb, start_secure, papers, discovery, connect):
    """Another name in a line: what was trusted before is not what is asked for now."""
    backend = start_secure()
    lb = start_lb("--workers=1", "--hold=10s", papers.flag, *discovery.flags)
    discovery.send_line(https_line(backend))
    client = connect(lb.wait_ready())
    assert [client.get().status for _ in range(3)] == [200] * 3
    assert backend.used_connections() == 1
    discovery.send_line(https_line(backend, backend_ca="ca.pem", backend_name="b.test"))
    wait_for(lambda: any(seen.server_name == "b.test" for seen in backend.good()), "another handshake")
    assert [client.get().status for _ in range(3)] == [200] * 3
    assert backend.used_connections() == 2
    discovery.send_line(https_line(backend, backend_ca="ca.pem", backend_name="other.test"))
    lb.wait_states(b0="probing")
    lb.wait_problem("b.test")
    assert backend.request_count == 6


def test_a_contact_of_before_admits_nobody(start_lb, start_secure, papers, discovery):
    """It was under way, for another name, when the line came that wants this one."""
    backend = start_secure()
    backend.gate.clear()
    lb = start_lb("--check-timeout=1m", papers.flag, *discovery.flags)
    discovery.send_line(https_line(backend, backend_ca="ca.pem", backend_name="b.test"))
    wait_for(lambda: backend.connections, "it is contacted")
    discovery.send_line(https_line(backend, backend_ca="ca.pem", backend_name="other.test"))
    wait_for(lambda: len(backend.connections) > 1, "it is contacted by the new words")
    backend.gate.set()
    lb.wait_problem("not other.test")
    assert lb.states() == {"b0": "probing"}
    assert not lb.find_message("b0 ready")


def test_settings_that_are_read_again(start_lb, start_secure, papers, connect, tmp_path):
    backend = start_secure()
    settings = {"backend": [f"https://127.0.0.1:{backend.address[1]}"], "backend-certificates": str(papers.files)}
    flag = write_config(tmp_path / "lb.json", **settings)
    lb = start_lb(flag, "--workers=1").wait_ready()
    client = connect(lb)
    assert client.get().status == 200
    write_config(tmp_path / "lb.json", **settings, **{"backend-ca": "stranger.pem"})
    lb.reload()
    lb.wait_problem("certificate")
    assert client.get().status == 503
    write_config(tmp_path / "lb.json", **settings, **{"backend-ca": "ca.pem", "backend-name": "b.test"})
    lb.reload()
    lb.wait_ready()
    assert client.get().status == 200
    assert backend.good()[-1].server_name == "b.test"
    assert backend.used_connections() == 2


@pytest.mark.parametrize("first", ["http", "https"])
def test_another_protocol_at_the_same_address(first, start_lb, start_secure, start_backend, discovery, connect):
    """A connection of before would say the one to who hears the other."""
    makers = {"http": start_backend, "https": start_secure}
    second = "https" if first == "http" else "http"
    one = makers[first]()
    lb = start_lb("--workers=1", "--hold=10s", *discovery.flags)
    discovery.send(endpoint("one", one.address, protocol=first))
    client = connect(lb.wait_ready())
    assert client.get().status == 200
    one.stop_listening()  # its connection stays
    one.placeholder.close()
    other = makers[second](port=one.address[1])
    discovery.send(endpoint("one", one.address, protocol=second))
    wait_for(lambda: lb.endpoints()["one"].get("protocol", "http") == second, "it speaks the other")
    lb.wait_ready()
    assert client.get().status == 200
    assert (one.request_count, other.request_count) == (1, 1)


def test_two_services_share_a_server(start_lb, start_secure, papers, discovery, connect):
    """Each by its own words: neither takes a connection that the other has opened."""
    backend = start_secure()
    lb = start_lb("--workers=1", papers.flag, *discovery.flags)
    shared = endpoint("one", backend.address, protocol="https")
    line = route_line({"a": [shared], "b": [shared]},
                      [{"host": "a.test", "service": "a"}, {"host": "b.test", "service": "b"}])
    line["services"][0]["options"] = {"backend-name": "b.test", "backend-ca": "ca.pem"}
    line["services"][1]["options"] = {"backend-name": "other.test", "backend-ca": "ca.pem"}
    discovery.send_line(line)
    wait_for(lambda: connect(lb).get(host="a.test").status == 200, "one is served")
    for _ in range(3):
        assert connect(lb).get(host="a.test").status == 200
        assert connect(lb).get(host="b.test").status == 502
    assert {request.get("Host") for request in backend.requests} == {"a.test"}


def test_checks_go_by_https(start_lb, start_secure, papers, discovery, connect):
    backend, other = start_secure(), start_secure()
    lb = start_lb(papers.flag, *CHECKS, *discovery.flags)
    discovery.send_line(https_line(backend, other, backend_ca="ca.pem", backend_name="b.test"))
    lb.wait_ready(2)
    wait_for(lambda: sum(r.target == "/check" for r in backend.requests) > 3, "it is checked")
    backend.context = papers.context("expired")
    lb.wait_states(b0="failing", b1="ready")
    assert "certificate" in lb.endpoints()["b0"]["problem"]
    assert connect(lb).get().status == 200
    backend.context = papers.context("good")
    lb.wait_ready(2)


def test_a_check_at_another_port(start_lb, start_secure, start_backend, discovery):
    """There it is plain, unless the word is https."""
    backend, plain, secure = start_secure(), start_backend(), start_secure()
    lb = start_lb(*discovery.flags, "--check-interval=20ms")
    by_http = {"path": "/check", "port": str(plain.address[1])}
    by_https = {"mode": "https", "path": "/check", "port": str(secure.address[1])}
    discovery.send(endpoint("one", backend.address, protocol="https", check=by_http),
                   endpoint("two", backend.address, protocol="https", check=by_https))
    wait_for(lambda: plain.request_count > 2 and secure.request_count > 2, "both are asked")
    lb.wait_ready(2)
    assert backend.request_count == 0


def test_a_connect_is_all_where_that_is_said(start_lb, start_backend, discovery):
    plain = start_backend()
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("one", plain.address, protocol="https", check={"mode": "tcp"}))
    lb.wait_ready()


def test_connections_of_tcp_stay_as_they_are(start_lb, start_secure, papers, discovery):
    """A service of a TCP listener gets bytes: its client speaks TLS with the server itself, and a connect is all that lb
    asks before, so that one whose certificate lb would not believe is served."""
    backend = start_secure("own")
    lb = start_lb("--tcp=127.0.0.1:0=db", "--backend-verify=yes", *discovery.flags)
    discovery.send_line(line_of([endpoint("one", backend.address, protocol="https")], service="db"))
    at = split_address(lb.wait_message(r"^listening on tcp (\S+)$")[1])
    lb.wait_ready()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(at, timeout=20) as plain, context.wrap_socket(plain, server_hostname="a.test") as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.recv(4096).endswith(b"ok")
    assert {seen.server_name for seen in backend.good()} == {"a.test"}


def test_mirrored_requests(start_lb, start_secure, start_backend, discovery, connect):
    shop, mirror = start_backend(), start_secure()
    services = {"shop": [endpoint("one", shop.address)], "next": [endpoint("two", mirror.address, protocol="https")]}
    lb = start_lb(*discovery.flags)
    discovery.send_line(route_line(services, [{"host": "a.test", "service": "shop", "options": {"mirror": "next 100%"}}]))
    lb.wait_ready(2)
    for _ in range(3):
        assert connect(lb).get(host="a.test").status == 200
    assert {r.get("X-Lb-Mirror") for r in mirror.wait_requests(3)} == {"1"}
