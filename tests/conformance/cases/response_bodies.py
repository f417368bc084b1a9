"""Where a response's body ends, and how it reaches clients of either version (RFC 9112 § 6.3)."""

from case import Answer, Case, Reply, answered, get, req

TITLE = "Response bodies"
LINE = "HTTP/1.1 200 OK"
CHUNKED = "Transfer-Encoding: chunked"
OLD = req("GET / HTTP/1.0", "Host: a")
OLD_KEPT = req("GET / HTTP/1.0", "Host: a", "Connection: keep-alive")


def body(id, rfc, lines, data, head, got, framing="chunked", **more):
    """An answer of these lines and that body, as the client gets it."""
    return answered(id, rfc, req(LINE, *lines, body=data), req(LINE, *head), got, framing, **more)


def cut(id, rfc, *lines, data, then="close", start=LINE, ends=None, **more):
    """The client sees that the answer is not complete."""
    return Case(id, rfc, more.pop("send", get()), more.pop("replies", [Reply(502)]), 1,
                answers=(Answer(req(start, *lines, body=data), then=then),), end="truncated",
                may_truncate=True, ends=ends, **more)


def no_body(id, rfc, status, *lines, keeps=None, tail=b"", **more):
    """A status that never has a body; `tail` would be one."""
    keeps = lines if keeps is None else keeps
    return answered(id, rfc, req(status, *lines, body=tail), req(status, *keeps), b"", "none",
                    **more)


def to_head(id, *lines, keeps=None, **more):
    return no_body(id, "9110 § 9.3.2", LINE, *lines, keeps=keeps, to_head=True, **more)


JUNK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"

CASES = [
    body("body-of-length", "9112 § 6.2", ["Content-Length: 5"], b"12345", ["Content-Length: 5"],
         b"12345", "length", upstream="kept"),
    body("body-of-length-zero", "9112 § 6.2", ["Content-Length: 0"], b"", ["Content-Length: 0"],
         b"", "length", upstream="kept"),
    body("body-chunked", "9112 § 7.1", [CHUNKED], b"5\r\n12345\r\n0\r\n\r\n", [CHUNKED], b"12345",
         upstream="kept"),
    body("body-chunked-empty", "9112 § 7.1", [CHUNKED], b"0\r\n\r\n", [CHUNKED], b"",
         upstream="kept"),
    body("body-chunked-any-case", "9112 § 7", ["TRANSFER-encoding:\tChunked "],
         b"5\r\n12345\r\n0\r\n\r\n", [CHUNKED], b"12345"),
    body("body-chunk-extensions-dropped", "9112 § 7.1.1", [CHUNKED],
         b'5;a="b"\r\n12345\r\n0;c\r\n\r\n', [CHUNKED], b"12345"),
    body("body-trailers", "9112 § 7.1.2", [CHUNKED], b"2\r\nok\r\n0\r\nA: b\r\nC: d\r\n\r\n",
         [CHUNKED], b"ok", trailers=b"A: b\r\nC: d\r\n",
         send=get("TE: trailers", "Connection: TE")),
    body("body-trailers-framing-dropped", "9110 § 6.5.1", [CHUNKED],
         b"2\r\nok\r\n0\r\nContent-Length: 9\r\nA: b\r\n\r\n", [CHUNKED], b"ok",
         trailers=b"A: b\r\n", send=get("TE: trailers", "Connection: TE")),
    body("body-up-to-close", "9112 § 6.3", [], b"12345", [CHUNKED], b"12345", then="close",
         upstream="closed"),
    body("body-up-to-close-empty", "9112 § 6.3", [], b"", [CHUNKED], b"", then="close"),
    body("body-up-to-close-looks-like-response", "9112 § 6.3", [], JUNK, [CHUNKED], JUNK,
         then="close"),
    answered("body-of-http-1.0", "9112 § 9.3", req("HTTP/1.0 200 OK", body=b"12345"),
             req(LINE, CHUNKED), b"12345", "chunked", then="close", upstream="closed"),
    answered("body-of-http-1.0-with-length", "9112 § 9.3",
             req("HTTP/1.0 200 OK", "Content-Length: 5", body=b"12345"),
             req(LINE, "Content-Length: 5"), b"12345", upstream="closed"),
    answered("body-of-http-1.0-kept-alive", "9112 § 9.3",
             req("HTTP/1.0 200 OK", "Connection: keep-alive", "Content-Length: 5", body=b"12345"),
             req(LINE, "Content-Length: 5"), b"12345", upstream="kept"),
    body("more-than-length", "9112 § 6.3", ["Content-Length: 2"], b"ok" + JUNK,
         ["Content-Length: 2"], b"ok", "length", upstream="closed", splits_answer=False),
    body("more-than-chunks", "9112 § 6.3", [CHUNKED], b"2\r\nok\r\n0\r\n\r\n" + JUNK, [CHUNKED],
         b"ok", upstream="closed", splits_answer=False),

    to_head("head-with-length", "Content-Length: 5", upstream="kept"),
    to_head("head-with-chunked", CHUNKED, keeps=[], upstream="kept"),
    to_head("head-with-nothing", upstream="kept"),
    to_head("head-with-a-body", "Content-Length: 2", tail=b"ok", upstream="closed",
            splits_answer=False),
    no_body("204", "9110 § 15.3.5", "HTTP/1.1 204 No Content", upstream="kept"),
    no_body("204-with-length", "9110 § 8.6", "HTTP/1.1 204 No Content", "Content-Length: 5",
            keeps=[], upstream="kept"),
    no_body("204-with-chunked", "9112 § 6.1", "HTTP/1.1 204 No Content", CHUNKED, keeps=[],
            upstream="kept"),
    no_body("204-with-a-body", "9112 § 6.3", "HTTP/1.1 204 No Content", "Content-Length: 2",
            keeps=[], tail=b"ok", upstream="closed", splits_answer=False),
    no_body("304-with-length", "9110 § 15.4.5", "HTTP/1.1 304 Not Modified", "Content-Length: 5",
            'ETag: "x"', upstream="kept"),
    no_body("304-with-chunked", "9112 § 6.3", "HTTP/1.1 304 Not Modified", CHUNKED, keeps=[],
            upstream="kept"),
    answered("205", "9110 § 15.3.6", req("HTTP/1.1 205 Reset Content", "Content-Length: 0"),
             req("HTTP/1.1 205 Reset Content", "Content-Length: 0")),
    answered("error-of-backend", "9110 § 15.6.1",
             req("HTTP/1.1 500 Oh", "Content-Length: 2", body=b"no"),
             req("HTTP/1.1 500 Oh", "Content-Length: 2"), b"no", upstream="kept"),

    cut("length-cut", "9112 § 8", "Content-Length: 9", data=b"12345",
        ends=["upstream_truncated"]),
    cut("length-cut-by-reset", "9112 § 8", "Content-Length: 9", data=b"12345", then="reset"),
    cut("chunks-cut", "9112 § 8", CHUNKED, data=b"5\r\n123", ends=["upstream_truncated"]),
    cut("chunks-cut-between", "9112 § 8", CHUNKED, data=b"2\r\nok\r\n",
        ends=["upstream_truncated"]),
    cut("chunks-cut-before-last-line", "9112 § 8", CHUNKED, data=b"2\r\nok\r\n0\r\n",
        ends=["upstream_truncated"]),
    cut("chunk-size-bad", "9112 § 7.1", CHUNKED, data=b"2\r\nok\r\n-1\r\n", then="keep",
        ends=["upstream_invalid"]),
    cut("chunk-size-space", "9112 § 7.1", CHUNKED, data=b"2\r\nok\r\n 2\r\nok\r\n0\r\n\r\n",
        then="keep", ends=["upstream_invalid"]),
    cut("chunk-size-overflow", "9112 § 7.1", CHUNKED, data=b"10000000000000002\r\nok\r\n0\r\n\r\n",
        then="keep", ends=["upstream_invalid"]),
    cut("chunk-data-end-bad", "9112 § 7.1", CHUNKED, data=b"2\r\nokXX0\r\n\r\n", then="keep",
        ends=["upstream_invalid"]),
    cut("chunk-bare-lf", "9112 § 7.1", CHUNKED, data=b"2\nok\n0\n\n", then="keep",
        ends=["upstream_invalid"], why="a bare LF ends no line here"),
    cut("trailer-bad", "9112 § 7.1.2", CHUNKED, data=b"2\r\nok\r\n0\r\nA b\r\n\r\n", then="keep",
        ends=["upstream_invalid"]),

    answered("http-1.0-client-gets-length", "9112 § 9.3",
             req(LINE, "Content-Length: 5", body=b"12345"),
             req(LINE, "Content-Length: 5", "Connection: close"), b"12345", send=OLD, end="closed"),
    answered("http-1.0-client-keeps-alive", "9112 § 9.3",
             req(LINE, "Content-Length: 5", body=b"12345"),
             req(LINE, "Content-Length: 5", "Connection: keep-alive"), b"12345", send=OLD_KEPT,
             end="kept"),
    answered("http-1.0-client-gets-no-chunks", "9112 § 6.1",
             req(LINE, CHUNKED, body=b"2\r\nok\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n"),
             req(LINE, "Connection: close"), b"okabc", "close", send=OLD, end="closed"),
    answered("http-1.0-client-kept-alive-gets-no-chunks", "9112 § 6.1",
             req(LINE, CHUNKED, body=b"2\r\nok\r\n0\r\n\r\n"),
             req(LINE, "Connection: close"), b"ok", "close", send=OLD_KEPT, end="closed"),
    answered("http-1.0-client-body-up-to-close", "9112 § 6.3", req(LINE, body=b"12345"),
             req(LINE, "Connection: close"), b"12345", "close", then="close", send=OLD,
             end="closed"),
    cut("http-1.0-client-sees-chunks-cut", "9112 § 8", CHUNKED, data=b"5\r\n123", send=OLD,
        why="a reset, as a plain end would make it look complete"),
]
