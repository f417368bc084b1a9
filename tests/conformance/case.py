"""What one case of the tables consists of, and short ways to write the usual kinds."""

import dataclasses
import re

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CLIENT = b"{client}"  # stands for the client's address in what is expected at the backend
ID = b"{request id}"  # stands for an id that lb has made

# ---- what the client does besides sending bytes --------------------------------------------------

HALF_CLOSE, CLOSE, RESET = "half-close", "close", "reset"


@dataclasses.dataclass
class Wait:
    """Until these bytes have come back; in one segment with the rest there is no waiting."""
    data: bytes


@dataclasses.dataclass
class WaitSeen:
    """Until these bytes have reached the backend."""
    data: bytes


# ---- the tables' rows ----------------------------------------------------------------------------

@dataclasses.dataclass
class Answer:
    """What the backend does with one request."""
    data: bytes = OK       # sent when all of the request is there
    at_head: bytes = b""   # sent as soon as its head is there
    then: str = "keep"     # keep, close, reset
    is_tunnel: bool = False  # bytes after `data` are raw: they are sent back until the client's end
    early: bool = False    # `data` does not wait for the body


@dataclasses.dataclass
class Reply:
    """What the client gets. None: not looked at."""
    status: object             # a number, or several that are all right
    body: bytes = None
    head: bytes = None         # all of it, byte for byte
    interim: tuple = ()        # heads of 1xx responses before it, byte for byte
    framing: str = None
    trailers: bytes = None
    to_head: bool = False


@dataclasses.dataclass
class Case:
    id: str
    rfc: str
    send: object               # bytes, or a list of bytes and of what else the client does
    replies: list = dataclasses.field(default_factory=lambda: [Reply(200, b"ok")])
    forwards: object = ()      # requests the backend must have seen; or their number; None: any
    answers: tuple = (Answer(),)  # the last one for ever
    end: str = "kept"          # kept, closed, truncated, gone (the client went)
    ends: object = None        # words of totals.ends that the case adds, one for each request
    upstream: str = None       # kept, closed: the backend's connection afterwards
    flags: tuple = ()          # of lb
    tunnelled: bytes = None    # raw bytes that the client gets after 101
    may_truncate: bool = False  # instead of an error, a visibly incomplete answer is right as well
    splits_answer: bool = True
    joins: bool = True
    compares: bool = True      # with other proxies
    why: str = ""              # where lb differs from haproxy and nginx: why


# ---- writing requests ----------------------------------------------------------------------------

def req(start_line, *lines, body=b""):
    """A message from its lines."""
    rows = [start_line, *lines]
    return b"\r\n".join([r if isinstance(r, bytes) else r.encode("latin-1") for r in rows]) + \
        b"\r\n\r\n" + body


def get(*lines, target="/", body=b""):
    return req(f"GET {target} HTTP/1.1", "Host: a", *lines, body=body)


def post(*lines, body=b""):
    return req("POST / HTTP/1.1", "Host: a", *lines, body=body)


@dataclasses.dataclass
class Forwarded:
    head: bytes
    body: bytes
    trailers: bytes
    framing: str


def forwarded(start_line, *lines, body=None, chunked=None, trailers=b"", host=None, via="1.1",
              xff=CLIENT, proto=b"http", xfh=None, real_ip=CLIENT, forwarded_field=None,
              max_forwards=None, tail=(), request_id=ID, port=None):
    """A request as the backend must get it: the client's lines and then lb's own, in this order."""
    rows = [r if isinstance(r, bytes) else r.encode("latin-1") for r in (start_line, *lines)]
    if host is None:
        found = [r[5:].strip(b" \t") for r in rows if r[:5].lower() == b"host:"]
        host = found[0] if found else b""
    if chunked is not None:
        rows.append(b"Transfer-Encoding: chunked")
    host = host if xfh is None else xfh
    found = re.search(rb"[^:]:(\d+)$", host)
    usual = b"443" if proto == b"https" else b"80"
    rows += [b"X-Forwarded-For: " + xff, b"X-Forwarded-Proto: " + proto,
             b"X-Forwarded-Host: " + host,
             b"X-Forwarded-Port: " + (port or (found[1] if found else usual)),
             *([b"X-Forwarded-Ssl: on"] if proto == b"https" else []),
             b"X-Real-IP: " + real_ip]
    if forwarded_field is not None:
        rows.append(b"Forwarded: " + forwarded_field)
    if max_forwards is not None:
        rows.append(b"Max-Forwards: %d" % max_forwards)
    rows.append(b"Via: " + via.encode() + b" lb")
    rows += [t.encode("latin-1") for t in tail]
    rows.append(b"X-Request-Id: " + request_id)
    framing = "chunked" if chunked is not None else "length" if body is not None else "none"
    data = chunked if chunked is not None else body or b""
    return Forwarded(b"\r\n".join(rows) + b"\r\n\r\n", data, trailers, framing)


# ---- usual kinds ---------------------------------------------------------------------------------

def refused(id, rfc, send, status=400, ends="bad_request:field", **more):
    """The request is answered with that status, the connection closes, nothing is forwarded."""
    return Case(id, rfc, send, [Reply(status)], more.pop("forwards", 0), end="closed",
                ends=[ends] if ends else None, **more)


def passed(id, rfc, send, *forwards, **more):
    """The request reaches the backend like this, and its answer the client."""
    return Case(id, rfc, send, more.pop("replies", [Reply(200, b"ok")] * len(forwards)),
                list(forwards), ends=more.pop("ends", ["ok"] * len(forwards)), **more)


def bad_answer(id, rfc, data, then="keep", word="upstream_invalid", **more):
    """The backend's answer is not believed: 502, and the client's connection goes on."""
    return Case(id, rfc, more.pop("send", get()), [Reply(502)], more.pop("forwards", 1),
                answers=(Answer(data, then=then),), upstream="closed", ends=[word], **more)


def answered(id, rfc, data, head, body=b"", framing="length", then="keep", **more):
    """The backend's answer reaches the client like this, byte for byte."""
    to_head = more.pop("to_head", False)
    send = more.pop("send", req("HEAD / HTTP/1.1", "Host: a") if to_head else get())
    reply = Reply(int(head[9:12]), body, head, more.pop("interim", ()), framing,
                  more.pop("trailers", b""), to_head)
    return Case(id, rfc, send, [reply], more.pop("forwards", 1), answers=(Answer(data, then=then),),
                ends=more.pop("ends", ["ok"]), **more)


def id_of(head):
    found = re.search(rb"\r\nX-Request-Id: ([^\r]*)\r\n", head)
    return found[1] if found else b""
