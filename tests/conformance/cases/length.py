"""Where a request's body ends: Content-Length and Transfer-Encoding (RFC 9112 § 6)."""

from case import Answer, Case, Reply, forwarded, get, passed, post, refused, req

TITLE = "Length of requests"
START = "POST / HTTP/1.1"
EVIL = b"GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n"
CHUNKED = b"2\r\nok\r\n0\r\n\r\n"


def bad(id, rfc, *lines, body=b"12345", ends="bad_request:length", status=400, **more):
    return refused(id, rfc, post(*lines, body=body), status, ends, **more)


def coding(id, value, status=400, ends="bad_request:length", rfc="9112 § 6.3", **more):
    line = value if isinstance(value, bytes) else f"Transfer-Encoding: {value}"
    return bad(id, rfc, line, body=CHUNKED + EVIL, status=status, ends=ends, **more)


def chunked(id, rfc, line):
    """The body is read as chunked."""
    return passed(id, rfc, post(line, body=CHUNKED), forwarded(START, "Host: a", chunked=b"ok"))


def length(id, rfc, line, body):
    return passed(id, rfc, post(line, body=body), forwarded(START, "Host: a", line, body=body))


BOTH = "RFC 9112 § 6.1 lets a server refuse such a message; it may be an attack"
ONE = "a length that stands there twice is not repaired"
NOT_ALONE = "only a coding that is exactly `chunked` is understood, nothing is skipped"

CASES = [
    bad("length-and-chunked", "9112 § 6.1", "Content-Length: 5", "Transfer-Encoding: chunked",
        body=CHUNKED + EVIL, why=BOTH),
    bad("chunked-and-length", "9112 § 6.1", "Transfer-Encoding: chunked", "Content-Length: 5",
        body=CHUNKED + EVIL, why=BOTH),
    bad("length-zero-and-chunked", "9112 § 6.1", "Content-Length: 0", "Transfer-Encoding: chunked",
        body=CHUNKED, why=BOTH),
    bad("length-and-empty-coding", "9112 § 6.1", "Content-Length: 5", "Transfer-Encoding:"),
    bad("length-and-identity", "9112 § 6.1", "Content-Length: 5", "Transfer-Encoding: identity"),
    bad("length-twice", "9112 § 6.3", "Content-Length: 5", "Content-Length: 6"),
    bad("length-twice-the-same", "9112 § 6.3", "Content-Length: 5", "Content-Length: 5", why=ONE),
    bad("length-list", "9112 § 6.3", "Content-Length: 5, 6"),
    bad("length-list-the-same", "9112 § 6.3", "Content-Length: 5, 5", why=ONE),
    bad("length-plus", "9110 § 8.6", "Content-Length: +5"),
    bad("length-minus", "9110 § 8.6", "Content-Length: -5"),
    bad("length-minus-zero", "9110 § 8.6", "Content-Length: -0"),
    bad("length-hex", "9110 § 8.6", "Content-Length: 0x5"),
    bad("length-letters", "9110 § 8.6", "Content-Length: five"),
    bad("length-letters-behind", "9110 § 8.6", "Content-Length: 5a"),
    bad("length-space-inside", "9110 § 8.6", "Content-Length: 5 5"),
    bad("length-semicolon", "9110 § 8.6", "Content-Length: 5;"),
    bad("length-comma-behind", "9110 § 8.6", "Content-Length: 5,"),
    bad("length-fraction", "9110 § 8.6", "Content-Length: 5.0"),
    bad("length-exponent", "9110 § 8.6", "Content-Length: 5e0"),
    bad("length-quoted", "9110 § 8.6", 'Content-Length: "5"'),
    bad("length-empty", "9110 § 8.6", "Content-Length:"),
    bad("length-other-digits", "9110 § 8.6", b"Content-Length: \xd9\xa5"),
    bad("length-2-to-63", "9110 § 8.6", "Content-Length: 9223372036854775808"),
    bad("length-2-to-64", "9110 § 8.6", "Content-Length: 18446744073709551616"),
    bad("length-2-to-64-plus-5", "9110 § 8.6", "Content-Length: 18446744073709551621"),
    bad("length-many-digits", "9110 § 8.6", "Content-Length: " + "9" * 40),
    bad("length-space-before-colon", "9112 § 5.1", "Content-Length : 5", ends="bad_request:field"),
    bad("length-nul", "9110 § 5.5", b"Content-Length: 5\0", ends=None),
    length("length", "9112 § 6.2", "Content-Length: 5", b"12345"),
    length("length-zero", "9112 § 6.2", "Content-Length: 0", b""),
    length("length-leading-zeros", "9110 § 8.6", "Content-Length: 00005", b"12345"),
    length("length-any-case", "9110 § 5.1", "cOnTeNt-LeNgTh:5", b"12345"),
    length("length-tab-before", "9112 § 5.1", "Content-Length:\t 5", b"12345"),
    length("length-space-behind", "9112 § 5.1", "Content-Length: 5  ", b"12345"),
    length("length-body-looks-like-request", "9112 § 6.2", f"Content-Length: {len(EVIL)}", EVIL),
    length("length-body-of-all-bytes", "9112 § 6.2", "Content-Length: 256", bytes(range(256))),
    passed("length-on-get", "9110 § 9.3.1", get("Content-Length: 5", body=b"12345"),
           forwarded("GET / HTTP/1.1", "Host: a", "Content-Length: 5", body=b"12345")),
    passed("length-on-head", "9110 § 9.3.2",
           req("HEAD / HTTP/1.1", "Host: a", "Content-Length: 5", body=b"12345"),
           forwarded("HEAD / HTTP/1.1", "Host: a", "Content-Length: 5", body=b"12345"),
           replies=[Reply(200, b"", to_head=True)],
           answers=(Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"),)),
    passed("no-length-no-body", "9112 § 6.3", post(), forwarded(START, "Host: a")),
    Case("http-1.0-length", "9112 § 6.2",
         req("POST / HTTP/1.0", "Host: a", "Content-Length: 5", body=b"12345"), [Reply(200, b"ok")],
         [forwarded(START, "Host: a", "Content-Length: 5", body=b"12345", via="1.0")], end="closed",
         ends=["ok"]),
    Case("length-not-reached", "9112 § 8", [post("Content-Length: 9", body=b"12345"), "half-close"],
         [], 0, end="closed", ends=["client_gone"]),
    Case("chunked-not-ended", "9112 § 8",
         [post("Transfer-Encoding: chunked", body=b"2\r\nok\r\n"), "half-close"],
         [], 0, end="closed", ends=["client_gone"]),
    Case("head-not-ended", "9112 § 8", [b"GET / HTTP/1.1\r\nHost: a\r\n", "half-close"],
         [], 0, end="closed"),
    chunked("chunked", "9112 § 7.1", "Transfer-Encoding: chunked"),
    chunked("chunked-any-case", "9112 § 7", "TRANSFER-ENCODING: ChUnKeD"),
    chunked("chunked-space-around", "9112 § 5.1", "Transfer-Encoding: \t chunked \t"),
    chunked("chunked-without-space", "9112 § 5.1", "Transfer-Encoding:chunked"),
    coding("coding-gzip", "gzip"),
    coding("coding-gzip-chunked", "gzip, chunked", 501, "bad_request:coding", "9112 § 6.1",
           why=NOT_ALONE),
    coding("coding-identity", "identity"),
    coding("coding-unknown", "xchunked"),
    coding("coding-parameter", "chunked;q=1"),
    coding("coding-quoted", '"chunked"'),
    coding("coding-empty", ""),
    coding("coding-chunked-not-last", "chunked, gzip"),
    coding("coding-chunked-identity", "chunked, identity"),
    coding("coding-chunked-twice", "chunked, chunked"),
    coding("coding-comma-before", ", chunked", why=NOT_ALONE),
    coding("coding-comma-behind", "chunked,", why=NOT_ALONE),
    coding("coding-space-inside", "chun ked"),
    coding("coding-two-lines", "chunked\r\nTransfer-Encoding: chunked", (400, 501), None),
    coding("coding-identity-and-chunked", "identity\r\nTransfer-Encoding: chunked",
           (400, 501), None),
    coding("coding-chunked-and-other", "chunked\r\nTransfer-encoding: cow", (400, 501), None),
    coding("coding-vertical-tab", b"Transfer-Encoding: \x0bchunked", 400, "bad_request:field"),
    coding("coding-nul", b"Transfer-Encoding: chunked\0", (400, 501), None),
    coding("coding-non-ascii", b"Transfer-Encoding: \xa0chunked", (400, 501), None),
    coding("coding-space-before-colon", b"Transfer-Encoding : chunked", 400, None,
           rfc="9112 § 5.1"),
    coding("coding-folded", b"Transfer-Encoding:\r\n chunked", 400, None, rfc="9112 § 5.2"),
    coding("coding-fold-behind", b"Transfer-Encoding: chunked\r\n , x", 400, None,
           rfc="9112 § 5.2"),
    refused("http-1.0-chunked", "9112 § 6.1",
            req("POST / HTTP/1.0", "Host: a", "Transfer-Encoding: chunked", body=CHUNKED), 400,
            "bad_request:length", why="RFC 9112 § 6.1: its framing is faulty"),
    passed("underscore-is-another-field", "9110 § 5.1",
           post("Transfer_Encoding: chunked", "Content-Length: 5", body=b"12345"),
           forwarded(START, "Host: a", "Transfer_Encoding: chunked", "Content-Length: 5",
                     body=b"12345")),
]
