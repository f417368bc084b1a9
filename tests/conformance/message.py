"""HTTP/1.1 messages out of bytes at hand, strictly: an own reader, so that lb is not checked with
the tolerance of a library. Nothing waits here; what is not complete yet is None."""

import dataclasses
import re

TOKEN = re.compile(rb"^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$")
VALUE = re.compile(rb"^[\t\x20-\x7e\x80-\xff]*$")
STATUS_LINE = re.compile(rb"^HTTP/1\.[01] [1-9][0-9][0-9] [\t\x20-\x7e\x80-\xff]*$")
REQUEST_LINE = re.compile(rb"^[^ \x00-\x1f\x7f]+ [^ \x00-\x1f\x7f]+ HTTP/1\.[01]$")
CHUNK_LINE = re.compile(rb"^[0-9a-fA-F]{1,16}$")


class Malformed(Exception):
    """Bytes that no proxy should ever send."""


@dataclasses.dataclass
class Message:
    head: bytes  # start line, fields and the empty line, as they came
    body: bytes = b""
    trailers: bytes = b""
    framing: str = "none"  # none, length, chunked, close
    interim: tuple = ()    # heads of the 1xx responses before this one

    @property
    def start_line(self):
        return self.head[:self.head.index(b"\r\n")]

    @property
    def status(self):
        return int(self.head[9:12])

    @property
    def target(self):
        return self.head.split(b" ", 2)[1]

    def all(self, name):
        return [value for key, value in fields_of(self.head) if key.lower() == name]

    def says_close(self):
        options = b",".join(self.all(b"connection")).lower().replace(b" ", b"").split(b",")
        return b"close" in options or (self.head.startswith(b"HTTP/1.0")
                                       and b"keep-alive" not in options)


def fields_of(head):
    """(name, value) of each line; Malformed where a line is none."""
    fields = []
    for line in head[:-4].split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if not colon or not TOKEN.match(name) or not VALUE.match(value):
            raise Malformed(f"no field line: {line!r}")
        fields.append((name, value.strip(b" \t")))
    return fields


def take_head(data, at, start_line):
    """(head, the offset behind it) or None."""
    end = data.find(b"\r\n\r\n", at)
    if end < 0:
        return None
    head = bytes(data[at:end + 4])
    if not start_line.match(head[:head.index(b"\r\n")]):
        raise Malformed(f"no start line: {head[:100]!r}")
    fields_of(head)
    return head, end + 4


def take_chunked(data, at):
    """(body, trailer lines, the offset behind) or None."""
    body = b""
    while True:
        end = data.find(b"\r\n", at)
        if end < 0:
            return None
        if not CHUNK_LINE.match(data[at:end]):
            raise Malformed(f"no chunk line: {bytes(data[at:end])[:100]!r}")
        size = int(data[at:end], 16)
        at = end + 2
        if size == 0:
            break
        if len(data) < at + size + 2:
            return None
        body += data[at:at + size]
        at += size + 2
        if data[at - 2:at] != b"\r\n":
            raise Malformed("a chunk without its end")
    if data[at:at + 2] == b"\r\n":
        return body, b"", at + 2
    end = data.find(b"\r\n\r\n", at)
    return None if end < 0 else (body, bytes(data[at:end + 2]), end + 4)


def take_framed_body(data, at, message):
    """Fills in a body that says where it ends: the offset behind it, or None."""
    codings, lengths = message.all(b"transfer-encoding"), message.all(b"content-length")
    if codings:
        if [coding.lower() for coding in codings] != [b"chunked"] or lengths:
            raise Malformed(f"ambiguous framing: {message.head!r}")
        message.framing = "chunked"
        taken = take_chunked(data, at)
        if taken is None:
            return None
        message.body, message.trailers, at = taken
    elif lengths:
        if len(lengths) > 1 or not lengths[0].isdigit():
            raise Malformed(f"ambiguous length: {message.head!r}")
        message.framing = "length"
        if len(data) < at + int(lengths[0]):
            return None
        message.body = bytes(data[at:at + int(lengths[0])])
        at += int(lengths[0])
    return at


def take_request_head(data, at=0):
    taken = take_head(data, at, REQUEST_LINE)
    return taken and (Message(taken[0]), taken[1])


def take_request(data, at=0):
    """(message, the offset behind it) or None."""
    taken = take_request_head(data, at)
    if taken is None:
        return None
    end = take_framed_body(data, taken[1], taken[0])
    return None if end is None else (taken[0], end)


def take_reply(data, at, to_head, has_ended):
    """The next final response, or 101; those before it are in `interim`."""
    interim = []
    while True:
        taken = take_head(data, at, STATUS_LINE)
        if taken is None:
            return None
        message, at = Message(taken[0]), taken[1]
        if message.status >= 200 or message.status == 101:
            break
        interim.append(message.head)
    message.interim = tuple(interim)
    if to_head or message.status in (101, 204, 304):
        return message, at
    if not message.all(b"transfer-encoding") and not message.all(b"content-length"):
        message.framing = "close"
        message.body = bytes(data[at:])
        return (message, len(data)) if has_ended else None
    end = take_framed_body(data, at, message)
    return None if end is None else (message, end)
