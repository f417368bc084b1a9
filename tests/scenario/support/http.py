"""Reading HTTP/1.1 messages strictly, from anything with recv(): an own reader, so that lb is not
checked with the tolerance of a library."""

import re

TOKEN = re.compile(rb"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$")


class Truncated(Exception):
    """The connection ended inside a message."""


class Head:
    """A start line and its fields; names keep their case, `get` ignores it."""

    def __init__(self, raw):
        self.raw = raw
        lines = raw[:-4].split(b"\r\n")
        self.start_line = lines[0].decode("latin-1")
        self.fields = []
        for line in lines[1:]:
            name, colon, value = line.partition(b":")
            assert colon and TOKEN.match(name), f"no field line: {line!r}"
            self.fields.append((name.decode(), value.strip(b" \t").decode("latin-1")))

    def all(self, name):
        return [v for k, v in self.fields if k.lower() == name.lower()]

    def get(self, name, default=None):
        """The only value of a field; more than one is a failure."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} came {len(values)} times: {values}"
        return values[0] if values else default

    def names(self):
        return [name for name, _ in self.fields]


class Message:
    def __init__(self, head):
        self.head = head
        self.body = b""
        self.chunks = []
        self.trailers = []  # whole lines
        self.framing = "none"
        self.interim = []  # heads of the 1xx responses before this one

    def get(self, name, default=None):
        return self.head.get(name, default)

    @property
    def method(self):
        return self.head.start_line.split(" ")[0]

    @property
    def target(self):
        return self.head.start_line.split(" ")[1]

    @property
    def status(self):
        return int(self.head.start_line.split(" ")[1])

    @property
    def reason(self):
        return self.head.start_line.split(" ", 2)[2]


class Wire:
    """Buffered reading from a socket (None: one that has ended); `raw` keeps every byte that came, if asked to."""

    def __init__(self, sock, keep_raw=False):
        self.sock = sock
        self.buffer = bytearray()
        self.raw = bytearray()
        self.keep_raw = keep_raw

    def put(self, data):
        """As if it had come."""
        self.buffer += data
        return self

    def _fill(self):
        data = self.sock.recv(262144) if self.sock else b""
        if self.keep_raw:
            self.raw += data
        self.buffer += data
        return bool(data)

    def _take(self, count):
        part = bytes(self.buffer[:count])
        del self.buffer[:count]
        return part

    def take_until(self, mark):
        at = self.buffer.find(mark)
        while at < 0:
            if not self._fill():
                raise Truncated(f"the connection ended after {bytes(self.buffer)[:200]!r}")
            at = self.buffer.find(mark)
        return self._take(at + len(mark))

    def take_exactly(self, count):
        while len(self.buffer) < count:
            if not self._fill():
                raise Truncated(f"{len(self.buffer)} of {count} bytes came")
        return self._take(count)

    def take_cut_body(self, message, got=b""):
        """What comes of a body that is cut, as it is on the wire; `got` came of it before. The cut must
        be seen: by chunks or a length that are not complete, with an end in order then, so that
        nothing that was written is lost; where neither is there, by a reset and nothing else."""
        try:
            got, was_reset = got + self.take_all(), False
        except ConnectionResetError:
            got, was_reset = got + self.take_buffered(), True
        is_framed = not {"transfer-encoding", "content-length"}.isdisjoint(
            name.lower() for name in message.head.names())
        assert was_reset == (not is_framed), f"{'reset' if was_reset else 'FIN'} after {got[-40:]!r}"
        if is_framed:
            try:
                Wire(None).put(got).take_request_body(message)
            except Truncated:
                return got
            raise AssertionError(f"a whole body: it ends with {got[-40:]!r}")
        return got

    def take_all(self):
        """Everything up to the end of the connection."""
        while self._fill():
            pass
        return self._take(len(self.buffer))

    def take_buffered(self):
        """What has come already, and was not taken."""
        return self._take(len(self.buffer))

    def at_end(self):
        """True when the connection ends here, in order; waits for either."""
        return not self.buffer and not self._fill()

    def take_head(self):
        return Head(self.take_until(b"\r\n\r\n"))

    def take_chunked(self, message):
        message.framing = "chunked"
        while True:
            line = self.take_until(b"\r\n")
            assert re.match(rb"^[0-9a-fA-F]+\r\n$", line), f"no chunk line: {line!r}"
            size = int(line, 16)
            if size == 0:
                break
            message.chunks.append(self.take_exactly(size))
            assert self.take_exactly(2) == b"\r\n", "a chunk without its end"
        while (line := self.take_until(b"\r\n")) != b"\r\n":
            message.trailers.append(line)
        message.body = b"".join(message.chunks)

    def take_request_body(self, message):
        length = message.get("Content-Length")
        if message.get("Transfer-Encoding") is not None:
            assert message.get("Transfer-Encoding") == "chunked" and length is None
            self.take_chunked(message)
        elif length is not None:
            message.framing = "length"
            message.body = self.take_exactly(int(length))

    def take_response_body(self, message, to_head):
        if to_head or message.status in (204, 304) or message.status < 200:
            return
        if message.get("Transfer-Encoding") is None and message.get("Content-Length") is None:
            message.framing = "close"
            message.body = self.take_all()
        else:
            self.take_request_body(message)

    def take_response(self, to_head=False):
        """The next final response; interim ones are collected in it."""
        interim = []
        while True:
            message = Message(self.take_head())
            if message.status >= 200:
                break
            interim.append(message.head)
        message.interim = interim
        self.take_response_body(message, to_head)
        return message
