"""lb itself gets a certificate: it is wished for by a line, lb-acme orders, lb answers the challenge, and serves it."""
import socket
import ssl
import time

import pytest

from acme_program import mode_of
from pebble import HTTP_PORT, TLS_PORT
from support.discovery import FakeDiscovery, endpoint, line_of
from support.waiting import wait_for

pytestmark = pytest.mark.slow("orders of a real server, whose turns are a second each")


@pytest.fixture
def start_with_acme(start_lb, start_appserver, tmp_path, cleanup):
    """start_with_acme(pebble, *flags): lb where pebble asks, and the discovery that tells it."""
    def start(pebble, *flags):
        discovery = FakeDiscovery(tmp_path)
        cleanup.callback(discovery.listener.close)
        server = start_appserver("one")
        lb = start_lb(f"--listen={pebble.address}:{HTTP_PORT}", f"--listen-tls={pebble.address}:{TLS_PORT}",
                      "--acme=you@example.org", f"--acme-directory={pebble.url}", f"--acme-ca={pebble.ca}",
                      f"--acme-dir={tmp_path / 'state' / 'acme'}", "--log-level=debug", *discovery.flags, *flags)

        def wish(*certificates):
            discovery.send_line({**line_of([endpoint("one", server.address)]), "certificates":
                                 [{"names": list(names), "email": "", "dialect": "lb", "label": "lb.tls"}
                                  for names in certificates]})
        return lb, wish
    return start


def served(pebble, name, root):
    """The certificate that is shown for the name, verified; None: none is."""
    context = ssl.create_default_context(cadata=root)
    try:
        with socket.create_connection((pebble.address, TLS_PORT), timeout=5) as plain, \
                context.wrap_socket(plain, server_hostname=name) as sock:
            return sock.getpeercert()
    except (ssl.SSLError, ConnectionError, socket.timeout):
        return None


def wait_served(lb, pebble, name, root):
    try:
        return wait_for(lambda: served(pebble, name, root), f"{name} is served", 60, 0.1)
    except AssertionError as reason:
        raise AssertionError(f"{reason}: " + "\n".join(lb.messages())) from None


@pytest.mark.parametrize("challenge", ["http-01", "tls-alpn-01"])
def test_from_wish_to_handshake(challenge, start_pebble, start_with_acme, tmp_path):
    pebble = start_pebble(nonce_reject=20)
    root = pebble.root()
    lb, wish = start_with_acme(pebble, f"--acme-challenge={challenge}")
    wish(["one.lb.example", "two.lb.example"])
    begun = time.monotonic()
    certificate = wait_served(lb, pebble, "two.lb.example", root)
    print(f"{challenge}: wished to served in {time.monotonic() - begun:.1f} s")
    assert ("DNS", "one.lb.example") in certificate["subjectAltName"]
    folder = tmp_path / "state" / "acme"
    assert mode_of(folder) == 0o700 and mode_of(folder / "live/one.lb.example/privkey.pem") == 0o600
    wish(["one.lb.example", "two.lb.example"], ["later.lb.example"])
    wait_served(lb, pebble, "later.lb.example", root)
    assert served(pebble, "one.lb.example", root)
    assert pebble.order_count() == 2
