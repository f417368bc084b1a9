"""Field lines (RFC 9112 § 5, RFC 9110 § 5)."""

from case import forwarded, get, passed, refused, req

TITLE = "Field lines"
START = "GET / HTTP/1.1"


def bad(id, rfc, line, **more):
    return refused(id, rfc, get(line, "Z: z"), **more)


def good(id, rfc, *lines):
    """The lines reach the backend byte for byte."""
    return passed(id, rfc, get(*lines), forwarded(START, "Host: a", *lines))


def raw(id, rfc, tail, **more):
    """Bytes behind the Host line as they are."""
    return refused(id, rfc, b"GET / HTTP/1.1\r\nHost: a\r\n" + tail, **more)


BARE = "a bare LF ends no line here, so that nobody reads other lines than lb"
FOLD = "RFC 9112 § 5.2 leaves a proxy to refuse it; unfolding is a guess"
VALUE = "RFC 9110 § 5.5 calls such a value dangerous"

CASES = [
    bad("space-before-colon", "9112 § 5.1", "A : b"),
    bad("tab-before-colon", "9112 § 5.1", "A\t: b"),
    bad("name-empty", "9112 § 5", ": b"),
    bad("name-with-space", "9110 § 5.1", "A B: c"),
    bad("name-no-token", "9110 § 5.6.2", "A(B): c"),
    bad("name-non-ascii", "9110 § 5.1", b"\xc4: c"),
    bad("name-nul", "9110 § 5.1", b"A\0B: c"),
    bad("name-control", "9110 § 5.1", b"A\x08: c"),
    bad("name-quoted", "9110 § 5.1", b'"A": c'),
    bad("no-colon", "9112 § 5", "nonsense"),
    bad("fold-space", "9112 § 5.2", "A: b\r\n c", why=FOLD),
    bad("fold-tab", "9112 § 5.2", "A: b\r\n\tc", why=FOLD),
    bad("fold-of-nothing", "9112 § 5.2", "A:\r\n b", why=FOLD),
    bad("fold-hides-length", "9112 § 5.2", "A: b\r\n Content-Length: 9", why=FOLD),
    bad("fold-only-space", "9112 § 5.2", "A: b\r\n ", why=FOLD),
    refused("space-before-first-field", "9112 § 2.2", req(START, " X: y", "Host: a"), ends=None),
    refused("tab-before-first-field", "9112 § 2.2", req(START, "\tX: y", "Host: a"), ends=None),
    bad("value-bare-cr", "9112 § 2.2", "A: b\rc", why=VALUE),
    bad("value-cr-at-end", "9112 § 2.2", "A: b\r", why=VALUE),
    bad("value-bare-lf", "9112 § 2.2", "A: b\nc: d", why=BARE),
    bad("value-lf-hides-coding", "9112 § 2.2", "A: b\nTransfer-Encoding: chunked", why=BARE),
    bad("value-cr-hides-coding", "9112 § 2.2", "A:\rTransfer-Encoding: chunked", why=VALUE),
    bad("value-nul", "9110 § 5.5", b"A: b\0c", why=VALUE),
    bad("value-soh", "9110 § 5.5", b"A: b\x01c", why=VALUE),
    bad("value-vertical-tab", "9110 § 5.5", b"A: b\x0bc", why=VALUE),
    bad("value-form-feed", "9110 § 5.5", b"A: b\x0cc", why=VALUE),
    bad("value-escape", "9110 § 5.5", b"A: \x1b[2J", why=VALUE),
    bad("value-del", "9110 § 5.5", b"A: b\x7fc", why=VALUE),
    raw("end-with-bare-lf", "9112 § 2.2", b"A: b\r\n\n", why=BARE),
    raw("end-with-two-bare-lf", "9112 § 2.2", b"A: b\n\n", why=BARE),
    raw("end-with-cr-cr-lf", "9112 § 2.2", b"A: b\r\n\r\r\n", why=VALUE),
    raw("end-with-cr-and-text", "9112 § 2.2", b"A: b\r\n\rX: y\r\n\r\n", why=VALUE),
    good("value-tab-inside", "9110 § 5.5", "A: b\tc"),
    good("value-obs-text", "9110 § 5.5", b"A: \xff\xc3\xa9\x80"),
    good("value-empty", "9110 § 5.5", "A:", "B: ", "C: \t "),
    good("value-space-around", "9112 § 5.1", "A: \t b \t"),
    good("value-without-space", "9112 § 5.1", "A:b"),
    good("value-with-colons", "9110 § 5.5", "A: b: c:d"),
    good("value-quoted", "9110 § 5.6.4", 'A: "b\\"c, d"'),
    good("value-long", "9110 § 5.4", "A: " + "b" * 700),
    good("fields-in-order", "9110 § 5.3", "B: 1", "A: 2", "B: 3", "b: 4"),
    good("names-keep-case", "9110 § 5.1", "x-LoWeR-uPpEr: a", "DNT: 1"),
    good("name-all-token-characters", "9110 § 5.6.2", "!#$%&'*+-.^_`|~09azAZ: b"),
    good("name-with-underscore", "9110 § 5.1", "A_B: c"),
    good("name-with-dot", "9110 § 5.1", "A.B: c"),
    good("end-to-end-fields", "9110 § 7.6.1", "Authorization: Basic YTpi", "Cookie: a=b; c=d",
         "Accept-Encoding: gzip, br", "Cache-Control: no-cache", "If-None-Match: W/\"1\"",
         "Range: bytes=0-1", "Pragma: no-cache", "User-Agent: x (y)"),
    good("proxy-authorization", "9110 § 11.7.2", "Proxy-Authorization: Basic YTpi"),
    passed("many-fields", "9110 § 5.4", get(*[f"A{i}: {i}" for i in range(90)]),
           forwarded(START, "Host: a", *[f"A{i}: {i}" for i in range(90)])),
]
