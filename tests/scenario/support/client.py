"""A client that sends exactly the bytes it is told to."""

import select
import socket
import struct

from support.http import Message, Wire

TIMEOUT_S = 30


class RawClient:
    def __init__(self, address, receive_buffer=None, source=None):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.sock.settimeout(TIMEOUT_S)
        if source:
            self.sock.bind((source, 0))
        self.sock.connect(address)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.wire = Wire(self.sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, data):
        self.sock.sendall(data)
        return self

    def request(self, method="GET", target="/", fields=(), body=None, version="1.1",
                host="test"):
        """Sends a request; `body` is sent with Content-Length, a list of bytes as chunks."""
        lines = [f"{method} {target} HTTP/{version}"]
        if host is not None:
            lines.append(f"Host: {host}")
        lines += fields
        payload = b""
        if isinstance(body, (list, tuple)):
            lines.append("Transfer-Encoding: chunked")
            payload = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in body) + b"0\r\n\r\n"
        elif body is not None:
            lines.append(f"Content-Length: {len(body)}")
            payload = body
        return self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + payload)

    def read_response(self, to_head=False):
        return self.wire.take_response(to_head)

    def read_head(self):
        """The next head alone, as a message without body."""
        return Message(self.wire.take_head())

    def get(self, target="/", **options):
        return self.request("GET", target, **options).read_response()

    def ends(self):
        """Waits for the connection's end: true if nothing but the end came."""
        try:
            return self.wire.at_end()
        except ConnectionResetError:
            return True

    def is_silent(self):
        """True when neither a byte nor the end is there now."""
        return not self.wire.buffer and not select.select([self.sock], [], [], 0)[0]

    def half_close(self):
        self.sock.shutdown(socket.SHUT_WR)
        return self

    def close(self):
        self.sock.close()

    def reset(self):
        """Closes with a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()
