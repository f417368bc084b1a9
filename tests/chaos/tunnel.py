"""A WebSocket (RFC 6455) to the demo server, which echoes: it must live through everything."""
import base64
import hashlib
import os
import random
import socket
import threading
import time

PROTOCOL_KEY = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
FIN, MASKED = 0x80, 0x80
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(first, payload):
    """As a client sends it: masked, and with its length in the shortest form."""
    size = len(payload)
    if size < 126:
        length = bytes([MASKED | size])
    elif size < 1 << 16:
        length = bytes([MASKED | 126]) + size.to_bytes(2, "big")
    else:
        length = bytes([MASKED | 127]) + size.to_bytes(8, "big")
    mask = os.urandom(4)
    masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return bytes([first]) + length + mask + masked


class Tunnel:
    """Sends a message or a ping five times a second; each must come back whole, in time and in order."""

    PAUSE_SECONDS = 0.2
    DEADLINE_SECONDS = 25   # longer than any pause of the container

    def __init__(self, target, seed):
        host, _, port = target.rpartition(":")
        self.random = random.Random(seed)
        self.echoes = 0
        self.slowest_ms = 0.0
        self.problem = self.broke_at = None
        self.is_over = threading.Event()
        self.socket = socket.create_connection((host, int(port)), timeout=self.DEADLINE_SECONDS)
        self.input = self.socket.makefile("rb")
        self.shake_hands()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def shake_hands(self):
        key = base64.b64encode(os.urandom(16))
        self.socket.sendall(b"GET /ws HTTP/1.1\r\nHost: chaos\r\nConnection: Upgrade\r\n"
                            b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                            b"Sec-WebSocket-Key: " + key + b"\r\n\r\n")
        status = self.input.readline()
        fields = {}
        while (line := self.input.readline().strip()):
            name, _, value = line.partition(b":")
            fields[name.lower()] = value.strip()
        accept = base64.b64encode(hashlib.sha1(key + PROTOCOL_KEY).digest())
        if not status.startswith(b"HTTP/1.1 101 ") or fields.get(b"sec-websocket-accept") != accept:
            raise OSError(f"the upgrade was answered with {status!r} {fields!r}")

    def run(self):
        while not self.is_over.wait(self.PAUSE_SECONDS):
            try:
                self.exchange()
            except OSError as problem:
                self.problem, self.broke_at = repr(problem), time.time()
                return

    def exchange(self):
        """A text, a binary message, one in two fragments with a ping between them, or a ping alone."""
        payload = os.urandom(self.random.choice([0, 2, 100, 5000, 70000]))
        kind = self.random.choice(["text", "binary", "fragments", "ping"])
        if kind == "text":
            sent = [(FIN | TEXT, payload.hex().encode())]
        elif kind == "binary":
            sent = [(FIN | BINARY, payload)]
        elif kind == "fragments":
            sent = [(BINARY, payload), (FIN | PING, b"between"), (FIN | CONTINUATION, b"the end")]
        else:
            sent = [(FIN | PING, payload[:125])]
        begun = time.monotonic()
        self.socket.sendall(b"".join(frame(*each) for each in sent))
        for first, expected in sent:
            first = FIN | PONG if first == FIN | PING else first
            if self.read_frame() != (first, expected):
                raise OSError(f"{kind} of {len(payload)} bytes: something else came back")
        self.echoes += 1
        self.slowest_ms = max(self.slowest_ms, 1000 * (time.monotonic() - begun))

    def read_exactly(self, count):
        data = self.input.read(count)
        if len(data) < count:
            raise OSError("closed")
        return data

    def read_frame(self):
        """(first byte, payload) as a server sends it."""
        first, length = self.read_exactly(2)
        if length >= 126:
            length = int.from_bytes(self.read_exactly(2 if length == 126 else 8), "big")
        if length > 1 << 20:
            raise OSError(f"a frame of {length} bytes came back")
        return first, self.read_exactly(length)

    def say_goodbye(self):
        """The closing handshake: the answer has the same code, and then the connection ends."""
        code = (1000).to_bytes(2, "big")
        try:
            self.socket.sendall(frame(FIN | CLOSE, code))
            if self.read_frame() != (FIN | CLOSE, code) or self.input.read(1):
                raise OSError("close was answered with something else")
        except OSError as problem:
            self.problem, self.broke_at = repr(problem), time.time()

    def end(self):
        self.is_over.set()
        self.thread.join(self.DEADLINE_SECONDS + 1)
        if not self.problem:
            self.say_goodbye()
        self.input.close()      # or the descriptor would stay open
        self.socket.close()
        return {"echoes": self.echoes, "slowest_ms": round(self.slowest_ms, 1), "problem": self.problem,
                "broke_at": self.broke_at}
