"""Clients that speak TLS, and lb that speaks it with them."""

import socket
import ssl
import struct

from support.certificates import issue, write_pair
from support.client import RawClient
from support.http import Wire
from support.program import split_address
from support.waiting import wait_for


def context_of(ca=None, newest=None, oldest=None, alpn=("http/1.1",), ciphers=None):
    """Of a client: one that trusts `ca` and looks at names, or (None) nobody at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca:
        context.load_verify_locations(ca.root)
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(list(alpn))
    if newest:
        context.maximum_version = newest
    if oldest:
        context.minimum_version = oldest
    if ciphers:
        context.set_ciphers(ciphers)
    return context


class TlsClient(RawClient):
    """A RawClient by TLS. `before`: bytes that go first as they are; `session`: of an earlier one, to be taken up."""

    def __init__(self, address, name="a.test", ca=None, context=None, session=None, before=b"", **options):
        super().__init__(address, **options)
        if before:
            self.sock.sendall(before)
        self.context = context or context_of(ca)
        try:
            self.sock = self.context.wrap_socket(self.sock, server_hostname=name, session=session)
        except OSError:
            self.sock.close()
            raise
        self.wire = Wire(self.sock)

    @property
    def session(self):
        return self.sock.session

    @property
    def is_resumed(self):
        return self.sock.session_reused

    def reset(self):
        raw = socket.socket(fileno=self.sock.detach())
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raw.close()


class TlsLb:
    """lb with --listen-tls and a directory of certificates from `ca`: one for a.test and *.b.test, by RSA and ECDSA."""

    def __init__(self, start_lb, folder, ca, *flags, names=("a.test", "*.b.test"), **options):
        self.ca, self.certificates = ca, folder
        if names:
            write_pair(folder, names[0], issue(ca, names))
        folder.mkdir(exist_ok=True)
        self.lb = start_lb("--listen-tls=127.0.0.1:0", f"--certificates={folder}", *flags, **options)
        self.address = self.find_address()

    def find_address(self):
        found = [message for message in self.lb.messages() if message.startswith("listening on tls ")]
        return split_address(found[-1].split()[-1])

    def connect(self, name="a.test", **options):
        return TlsClient(self.address, name, ca=None if "context" in options else self.ca, **options)

    def get(self, name="a.test", target="/", fields=(), **options):
        with self.connect(name, **options) as client:
            return client.get(target, host=name, fields=fields)

    def count(self, **labels):
        """Handshakes, by result and perhaps reason."""
        return self.lb.metrics().sum("lb_tls_handshakes_total", **labels)

    def wait_count(self, expected, **labels):
        """So many and no more: a client may see how it ends before lb counts it."""
        wait_for(lambda: self.count(**labels) >= expected, f"{expected} handshakes are counted, of {labels}")
        assert self.count(**labels) == expected
