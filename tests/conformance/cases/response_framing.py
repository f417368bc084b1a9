"""What is not believed of a backend: status line, field lines, lengths (RFC 9112 § 4 to § 6)."""

from case import Case, Answer, Reply, answered, bad_answer, get, req

TITLE = "Responses that are refused, or nearly"
OK_LENGTH = "Content-Length: 2"


def line(id, rfc, text, **more):
    """A status line that is none."""
    return bad_answer(id, rfc, req(text, OK_LENGTH, body=b"ok"), **more)


def field(id, rfc, text, **more):
    return bad_answer(id, rfc, req("HTTP/1.1 200 OK", text, OK_LENGTH, body=b"ok"), **more)


def length(id, rfc, *lines, body=b"ok", **more):
    return bad_answer(id, rfc, req("HTTP/1.1 200 OK", *lines, body=body), **more)


STRICT = "a backend is held to the same rules as a client: a malformed answer is not passed on"
TWICE = "a length that stands there twice is not repaired"
CHUNKS = b"2\r\nok\r\n0\r\n\r\n"

CASES = [
    line("status-line-nonsense", "9112 § 4", "nonsense"),
    bad_answer("status-line-of-another-protocol", "9112 § 4", b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    bad_answer("status-line-http-0.9", "9112 § 4", b"<html>hello</html>\r\n\r\n", then="close"),
    bad_answer("status-line-bare-lf", "9112 § 2.2", b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
               why=STRICT),
    bad_answer("status-line-after-empty-line", "9112 § 2.2",
               b"\r\n" + req("HTTP/1.1 200 OK", OK_LENGTH, body=b"ok"),
               why="RFC 9112 § 2.2 has empty lines before requests only"),
    line("status-line-version-2", "9112 § 2.3", "HTTP/2.0 200 OK", why=STRICT),
    line("status-line-version-0.9", "9112 § 2.3", "HTTP/0.9 200 OK", why=STRICT),
    line("status-line-version-2.0", "9112 § 2.3", "HTTP/2.0 200 OK", why=STRICT),
    answered("status-line-version-1.2", "9110 § 2.5",
             req("HTTP/1.2 200 OK", "Content-Length: 2", body=b"ok"),
             req("HTTP/1.1 200 OK", "Content-Length: 2"), b"ok", upstream="kept"),
    line("status-line-lower-case", "9112 § 2.3", "http/1.1 200 OK"),
    line("status-line-no-status", "9112 § 4", "HTTP/1.1 OK"),
    line("status-line-no-space", "9112 § 4", "HTTP/1.1200 OK"),
    line("status-line-two-spaces", "9112 § 4", "HTTP/1.1  200 OK", why=STRICT),
    line("status-line-tab", "9112 § 4", "HTTP/1.1\t200 OK", why=STRICT),
    line("status-line-reason-glued", "9112 § 4", "HTTP/1.1 200OK"),
    line("status-two-digits", "9110 § 15", "HTTP/1.1 20 OK", why=STRICT),
    line("status-four-digits", "9110 § 15", "HTTP/1.1 2000 OK", why=STRICT),
    line("status-letter", "9110 § 15", "HTTP/1.1 2x0 OK"),
    line("status-minus", "9110 § 15", "HTTP/1.1 -20 OK"),
    line("status-099", "9110 § 15", "HTTP/1.1 099 No", why=STRICT),
    *[answered(f"status-{status}", "9110 § 15",
               req(f"HTTP/1.1 {status} No", "Content-Length: 2", body=b"ok"),
               req(f"HTTP/1.1 {status} No", "Content-Length: 2"), b"ok", upstream="kept")
      for status in (600, 999)],
    answered("answer-with-date", "9110 § 6.6.1",
             req("HTTP/1.1 200 OK", "date: then", "Content-Length: 2", body=b"ok"),
             req("HTTP/1.1 200 OK", "date: then", "Content-Length: 2"), b"ok"),
    line("reason-nul", "9112 § 4", b"HTTP/1.1 200 O\0K", why=STRICT),
    line("reason-bare-cr", "9112 § 4", "HTTP/1.1 200 O\rK", why=STRICT),
    line("reason-control", "9112 § 4", b"HTTP/1.1 200 O\x01K", why=STRICT),
    answered("reason-empty", "9112 § 4", req("HTTP/1.1 200 ", OK_LENGTH, body=b"ok"),
             req("HTTP/1.1 200 ", OK_LENGTH), b"ok"),
    answered("reason-and-space-missing", "9112 § 4", req("HTTP/1.1 200", OK_LENGTH, body=b"ok"),
             req("HTTP/1.1 200 ", OK_LENGTH), b"ok"),
    answered("reason-non-ascii", "9112 § 4", req(b"HTTP/1.1 200 \xc3\xa9 \xff", OK_LENGTH,
                                                 body=b"ok"),
             req(b"HTTP/1.1 200 \xc3\xa9 \xff", OK_LENGTH), b"ok"),
    answered("status-unknown", "9110 § 15", req("HTTP/1.1 299 Odd", OK_LENGTH, body=b"ok"),
             req("HTTP/1.1 299 Odd", OK_LENGTH), b"ok"),
    answered("status-599", "9110 § 15", req("HTTP/1.1 599 Odd", OK_LENGTH, body=b"ok"),
             req("HTTP/1.1 599 Odd", OK_LENGTH), b"ok"),

    field("response-space-before-colon", "9112 § 5.1", "A : b", why="RFC 9112 § 5.1 would let the "
          "proxy mend it; the backend is at fault and is told so"),
    field("response-name-empty", "9112 § 5", ": b"),
    field("response-name-no-token", "9110 § 5.6.2", "A(B: c"),
    field("response-no-colon", "9112 § 5", "nonsense"),
    field("response-fold", "9112 § 5.2", "A: b\r\n c", why=STRICT),
    field("response-fold-hides-length", "9112 § 5.2", "A: b\r\n Content-Length: 9", why=STRICT),
    field("response-space-before-first-field", "9112 § 2.2", " A: b", why=STRICT),
    field("response-value-nul", "9110 § 5.5", b"A: b\0c", why=STRICT),
    field("response-value-control", "9110 § 5.5", b"A: b\x01c", why=STRICT),
    field("response-value-bare-cr", "9112 § 2.2", "A: b\rc", why=STRICT),
    field("response-value-bare-lf", "9112 § 2.2", "A: b\nB: c", why=STRICT),
    field("response-value-cr-hides-coding", "9112 § 2.2", "A:\rTransfer-Encoding: chunked",
          why=STRICT),
    bad_answer("response-end-bare-lf", "9112 § 2.2", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
               b"\nok", why=STRICT),
    bad_answer("response-head-too-large", "9110 § 5.4",
               b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70000 + b"\r\n\r\n", splits_answer=False),
    bad_answer("response-fields-too-many", "9110 § 5.4",
               b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", splits_answer=False),

    length("response-length-and-chunked", "9112 § 6.3", OK_LENGTH, "Transfer-Encoding: chunked",
           body=CHUNKS, why="RFC 9112 § 6.3: such a response may be an attack"),
    length("response-chunked-and-length", "9112 § 6.3", "Transfer-Encoding: chunked", OK_LENGTH,
           body=CHUNKS, why="RFC 9112 § 6.3: such a response may be an attack"),
    length("response-length-twice", "9112 § 6.3", OK_LENGTH, "Content-Length: 3"),
    length("response-length-twice-the-same", "9112 § 6.3", OK_LENGTH, OK_LENGTH, why=TWICE),
    length("response-length-list", "9112 § 6.3", "Content-Length: 2, 3"),
    length("response-length-list-the-same", "9112 § 6.3", "Content-Length: 2, 2", why=TWICE),
    length("response-length-plus", "9110 § 8.6", "Content-Length: +2"),
    length("response-length-minus", "9110 § 8.6", "Content-Length: -2"),
    length("response-length-hex", "9110 § 8.6", "Content-Length: 0x2"),
    length("response-length-letters", "9110 § 8.6", "Content-Length: two"),
    length("response-length-empty", "9110 § 8.6", "Content-Length:"),
    length("response-length-2-to-64-plus-2", "9110 § 8.6", "Content-Length: 18446744073709551618",
           why=STRICT),
    length("response-coding-gzip", "9112 § 6.1", "Transfer-Encoding: gzip", why=STRICT),
    length("response-coding-gzip-chunked", "9112 § 6.1", "Transfer-Encoding: gzip, chunked",
           body=CHUNKS, why="lb sends no TE: gzip, so nobody may answer so"),
    length("response-coding-identity", "9112 § 6.1", "Transfer-Encoding: identity", why=STRICT),
    length("response-coding-unknown", "9112 § 6.1", "Transfer-Encoding: xchunked", body=CHUNKS,
           why=STRICT),
    length("response-coding-empty", "9112 § 6.1", "Transfer-Encoding:", body=CHUNKS, why=STRICT),
    length("response-coding-twice", "9112 § 6.1", "Transfer-Encoding: chunked",
           "Transfer-Encoding: chunked", body=CHUNKS, why=STRICT),
    length("response-coding-chunked-identity", "9112 § 6.1",
           "Transfer-Encoding: chunked, identity", body=CHUNKS, why=STRICT),
    bad_answer("response-http-1.0-chunked", "9112 § 6.1",
               req("HTTP/1.0 200 OK", "Transfer-Encoding: chunked", body=CHUNKS),
               why="RFC 9112 § 6.1: its framing is faulty"),

    bad_answer("response-ends-in-status-line", "9112 § 8", b"HTTP/1.1 2", then="close",
               word="upstream_truncated"),
    bad_answer("response-ends-in-fields", "9112 § 8", b"HTTP/1.1 200 OK\r\nContent-Le",
               then="close", word="upstream_truncated"),
    Case("response-never-comes", "9112 § 9.3.1", get(), [Reply(502)], None,
         answers=(Answer(b"", then="close"),), upstream="closed", ends=["upstream_reset"],
         why="a GET is sent once more before that"),
    Case("response-never-comes-to-post", "9110 § 9.2.2",
         req("POST / HTTP/1.1", "Host: a", "Content-Length: 2", body=b"hi"), [Reply(502)], 1,
         answers=(Answer(b"", then="close"),), upstream="closed", ends=["upstream_reset"]),
    bad_answer("response-switching-unasked", "9110 § 15.2.2",
               req("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: x"),
               why="a 101 that nobody asked for would make a tunnel past all checks"),
]
