"""Servers of TCP and UDP that say again what they hear, and lb in front of them."""

import contextlib
import socket
import ssl
import threading

from support.discovery import endpoint, line_of
from support.program import split_address
from support.tcp import Server, echo


class EchoUdp:
    """Says again what each client says; of an empty datagram it thinks as lb's probes want it: it is silent."""

    def __init__(self):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", 0))
        self.address = self.sock.getsockname()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            data, peer = self.sock.recvfrom(65536)
            if data == b"end":
                return
            if data:
                self.sock.sendto(data, peer)

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", self.address)
        self.thread.join()
        self.sock.close()


class Passing:
    """lb with --tcp …=db and --udp …=dns in front of an echo, db1, and an EchoUdp, dns1; db2 is unhealthy. More
    flags as they are given."""

    def __init__(self, cleanup, start_lb, discovery, *flags):
        self.db, self.dns = Server(echo), EchoUdp()
        cleanup.callback(self.db.close)
        cleanup.callback(self.dns.close)
        self.lb = start_lb("--tcp=127.0.0.1:0=db", "--udp=127.0.0.1:0=dns", *discovery.flags, *flags)
        self.discovery = discovery
        self.tcp = split_address(self.lb.wait_message(r"^listening on tcp (\S+)$")[1])
        self.udp = split_address(self.lb.wait_message(r"^listening on udp (\S+)$")[1])
        self.send()
        self.lb.wait_states(db1="ready", db2="unhealthy", dns1="ready")

    def send(self, is_web=False, **more):
        """The line of all of them, with more of db1; dns1 has a port for HTTP, too, or not."""
        line = line_of([])
        line["services"] = [
            {"name": "db", "endpoints": [
                endpoint("db1", self.db.address, protocol="tcp", id="dbdb01", **more),
                endpoint("db2", self.db.address, protocol="tcp", id="dbdb02", state="unhealthy")]},
            {"name": "dns", "endpoints": [
                endpoint("dns1", self.dns.address, protocol="udp", id="dddd01:53/udp", container="dddd01"),
                *([endpoint("dns1", self.db.address, id="dddd01:80", container="dddd01")] if is_web else [])]}]
        self.discovery.send_line({**line, "v": 2})

    def connect(self):
        sock = socket.create_connection(self.tcp, timeout=20)
        return sock

    def talk(self, data=b"hello"):
        """One connection, said and heard to the end."""
        with self.connect() as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            heard = b""
            while piece := sock.recv(65536):
                heard += piece
            assert heard == data
            return sock.getsockname()

    def ask(self, *datagrams):
        """One flow: each of them is answered."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(20)
            sock.connect(self.udp)
            for data in datagrams:
                sock.send(data)
                assert sock.recv(65536) == data
            return sock.getsockname()


def client_hello(server_name, alpn=()):
    """The first bytes of a TLS client that asks for that name."""
    context = ssl.create_default_context()
    if alpn:
        context.set_alpn_protocols(list(alpn))
    sent = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), sent, server_hostname=server_name)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return sent.read()
