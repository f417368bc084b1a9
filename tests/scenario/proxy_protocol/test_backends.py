"""Real servers that read the PROXY header which lb writes for TCP services (--proxy-protocol)."""

import pytest

from foreign import needs_haproxy, needs_nginx
from foreign import start_haproxy, start_nginx  # noqa: F401
from support.client import RawClient
from support.free_port import free_port

CLIENT = "127.0.0.7"


@pytest.fixture(name="passing")
def make_passing(start_lb):
    """passing(server, version): an lb that passes connections on to the server; where it listens."""
    def start(server, version, host="127.0.0.1"):
        port = free_port()
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        start_lb(f"--tcp={address}=db", f"--proxy-protocol={version}",
                 "--backend=db=tcp://%s:%d" % server.address)
        return (host, port)
    return start


def ask(address, source=CLIENT):
    """What the server answers, and the port that it was asked from."""
    with RawClient(address, source=source) as client:
        return client.get().body.decode().strip(), client.sock.getsockname()[1]


NGINX = """
    server {{
        listen 127.0.0.1:{port} proxy_protocol;
        location / {{ return 200 "$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr $proxy_protocol_server_port"; }}
    }}
"""


@needs_nginx
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_nginx(version, nginx, passing):
    address = passing(nginx(http=NGINX), version)
    told, port = ask(address)
    assert told == f"{CLIENT} {port} 127.0.0.1 {address[1]}"


@needs_nginx
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_nginx_that_is_told_of_a_client_by_ipv6(version, nginx, passing):
    address = passing(nginx(http=NGINX), version, host="::1")
    told, port = ask(address, source="::1")
    assert told == f"::1 {port} ::1 {address[1]}"


HAPROXY = ("frontend in\n    bind 127.0.0.1:{port} accept-proxy\n"
           "    http-request return status 200 content-type text/plain lf-string "
           "\"%[src] %[src_port] %[dst] %[dst_port]\"\n")


@needs_haproxy
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_haproxy(version, haproxy, passing):
    address = passing(haproxy(HAPROXY, mode="http"), version)
    told, port = ask(address)
    assert told == f"{CLIENT} {port} 127.0.0.1 {address[1]}"


@needs_haproxy
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_one_that_came_with_a_header_of_its_own(version, haproxy, start_lb):
    """What a balancer in front tells is what the server is told."""
    server, port = haproxy(HAPROXY, mode="http"), free_port()
    start_lb(f"--tcp=127.0.0.1:{port}=db", f"--proxy-protocol={version}",
             "--proxy-protocol-from=127.0.0.0/8", "--backend=db=tcp://%s:%d" % server.address)
    with RawClient(("127.0.0.1", port)) as client:
        client.send(b"PROXY TCP4 198.51.100.9 192.0.2.1 555 80\r\n")
        assert client.get().body.decode().strip().startswith("198.51.100.9 555 ")


@needs_nginx
def test_without_it_the_server_refuses(nginx, passing):
    with RawClient(passing(nginx(http=NGINX), "off")) as client:
        client.request()
        assert client.ends() or client.read_response().status == 400
