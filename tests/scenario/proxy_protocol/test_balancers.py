"""Real balancers in front of an HTTP listener: their PROXY headers say who the client is."""

import json
import subprocess

import pytest

from foreign import needs_haproxy, needs_nginx
from foreign import start_haproxy, start_nginx  # noqa: F401
from support.client import RawClient
from support.waiting import wait_for

FROM_HERE = "--proxy-protocol-from=127.0.0.0/8,::1"
CLIENT = "127.0.0.7"


@pytest.fixture(name="site")
def make_site(start_lb, start_backend, tmp_path):
    """site(*flags): lb and its backend; `lines()` gives its access log."""
    class Site:
        def __init__(self, *flags):
            self.log = tmp_path / "access.log"
            self.backend = start_backend()
            self.lb = start_lb(FROM_HERE, f"--access-log={self.log}", *flags, backends=[self.backend])

        def wait_line(self, count):
            wait_for(lambda: self.log.read_bytes().count(b"\n") == count, f"{count} lines")
            return json.loads(self.log.read_bytes().splitlines()[-1])
    return Site


def ask(balancer, site, source=CLIENT, host="127.0.0.1"):
    """One connection with two requests through the balancer: what the backend was told of them."""
    with RawClient((host, balancer.address[1]), source=source) as client:
        port = client.sock.getsockname()[1]
        assert client.get().status == client.get().status == 200
    told = [request.get("X-Forwarded-For") for request in site.backend.requests if request.target == "/"]  # no checks
    assert told[-2:] == [source, source]
    return port


def check_log(site, client, balancer="127.0.0.1"):
    line = site.wait_line(2)
    assert line["client"] == {"ip": client}
    assert line["source"]["ip"] == balancer


SENDERS = ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id,authority"]


@needs_haproxy
@pytest.mark.parametrize("sender", SENDERS)
def test_haproxy(sender, haproxy, site):
    site = site()
    balancer = haproxy("listen in\n    bind 127.0.0.1:{port}\n"
                       f"    server one 127.0.0.1:{site.lb.address[1]} {sender}\n")
    ask(balancer, site)
    check_log(site, CLIENT)


@needs_haproxy
@pytest.mark.parametrize("sender", SENDERS[:2])
def test_haproxy_by_ipv6(sender, haproxy, site):
    site = site()
    balancer = haproxy("listen in\n    bind 127.0.0.1:{port}\n    bind ::1:{port}\n"
                       f"    server one 127.0.0.1:{site.lb.address[1]} {sender}\n")
    ask(balancer, site, source="::1", host="::1")
    check_log(site, "::1")


@needs_haproxy
@pytest.mark.parametrize("sender", SENDERS[:2])
def test_haproxy_that_speaks_http(sender, haproxy, site):
    """It adds X-Forwarded-For as well, of the same client: nobody's word but the header's counts."""
    site = site()
    balancer = haproxy("listen in\n    option forwardfor\n    bind 127.0.0.1:{port}\n"
                       f"    server one 127.0.0.1:{site.lb.address[1]} {sender}\n", mode="http")
    ask(balancer, site)
    check_log(site, CLIENT)


@needs_haproxy
@pytest.mark.parametrize("sender", ["send-proxy", "send-proxy-v2"])
def test_checks_of_haproxy(sender, haproxy, site):
    """UNKNOWN or LOCAL: it asks for itself."""
    site = site()
    balancer = haproxy("listen in\n    bind 127.0.0.1:{port}\n    option httpchk GET /check\n"
                       f"    server one 127.0.0.1:{site.lb.address[1]} {sender} check inter 100\n")
    request = site.backend.wait_requests(2)[1]
    assert (request.target, request.get("X-Forwarded-For")) == ("/check", "127.0.0.1")
    ask(balancer, site)


@needs_nginx
def test_nginx(nginx, site):
    site = site()
    balancer = nginx(stream="server {{ listen 127.0.0.1:{port}; proxy_protocol on; "
                            f"proxy_pass 127.0.0.1:{site.lb.address[1]}; }}}}")
    ask(balancer, site)
    check_log(site, CLIENT)


@needs_nginx
def test_nginx_by_ipv6(nginx, site):
    site = site()
    balancer = nginx(stream="server {{ listen 127.0.0.1:{port}; listen [::1]:{port}; "
                            f"proxy_protocol on; proxy_pass 127.0.0.1:{site.lb.address[1]}; }}}}")
    ask(balancer, site, source="::1", host="::1")
    check_log(site, "::1")


@needs_haproxy
def test_two_balancers_one_behind_the_other(haproxy, site):
    """The second one reads the first one's header, and writes its own."""
    site = site()
    second = haproxy("listen in\n    bind 127.0.0.1:{port} accept-proxy\n"
                     f"    server one 127.0.0.1:{site.lb.address[1]} send-proxy-v2\n")
    with RawClient(second.address) as client:
        client.send(b"PROXY TCP4 198.51.100.9 192.0.2.1 555 80\r\n")
        assert client.get().status == 200
    assert site.backend.requests[0].get("X-Forwarded-For") == "198.51.100.9"


def test_curl(site):
    site = site()
    subprocess.run(["curl", "-sf", "--haproxy-protocol", "--interface", CLIENT,
                    "http://%s:%d/" % site.lb.address], check=True, timeout=20)
    assert site.backend.requests[0].get("X-Forwarded-For") == CLIENT
