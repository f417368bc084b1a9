"""The chunked coding of requests (RFC 9112 § 7.1)."""

from case import Case, Reply, forwarded, passed, post, refused

TITLE = "Chunked requests"
EVIL = b"GET /evil HTTP/1.1\r\nHost: evil\r\n\r\n"


def bad(id, body, rfc="9112 § 7.1", **more):
    return refused(id, rfc, post("Transfer-Encoding: chunked", body=body + EVIL), 400,
                   "bad_request:chunk", **more)


def good(id, body, data, rfc="9112 § 7.1", trailers=b"", lines=(), tail=(), **more):
    if trailers:
        more.setdefault("why", BOTH_WAYS)
    return passed(id, rfc, post("Transfer-Encoding: chunked", *lines, body=body),
                  forwarded("POST / HTTP/1.1", "Host: a", chunked=data, trailers=trailers,
                            tail=tail), **more)


END = b"\r\n0\r\n\r\n"
GUESS = "what is no chunk line is not read as one"
BOTH_WAYS = "lb forwards trailers, the others drop them"
TRAILER = "a trailer line is a field line and is checked like one"

CASES = [
    good("chunk-empty-body", b"0\r\n\r\n", b""),
    good("chunk-several", b"1\r\na\r\n2\r\nbc\r\n3\r\ndef" + END, b"abcdef"),
    good("chunk-hex-lower", b"a\r\n0123456789" + END, b"0123456789"),
    good("chunk-hex-upper", b"A\r\n0123456789" + END, b"0123456789"),
    good("chunk-leading-zeros", b"0005\r\n12345" + END, b"12345"),
    good("chunk-last-of-many-zeros", b"5\r\n12345\r\n0000\r\n\r\n", b"12345"),
    good("chunk-data-looks-like-chunks", b"a\r\n0\r\n\r\nGET /" + END, b"0\r\n\r\nGET /"),
    good("chunk-extension-dropped", b"5;a=b\r\n12345" + END, b"12345", "9112 § 7.1.1"),
    good("chunk-extension-without-value", b"5;a\r\n12345" + END, b"12345", "9112 § 7.1.1"),
    good("chunk-extension-quoted", b'5;a="b;c d"\r\n12345' + END, b"12345", "9112 § 7.1.1"),
    good("chunk-extensions", b"5;a;b\r\n12345" + END, b"12345", "9112 § 7.1.1"),
    good("chunk-extensions-with-values", b"5;a=1;b=2\r\n12345" + END, b"12345", "9112 § 7.1.1"),
    good("chunk-extension-on-last", b"5\r\n12345\r\n0;a=b\r\n\r\n", b"12345", "9112 § 7.1.1"),
    bad("chunk-extension-too-long", b"5;a=" + b"b" * 20000 + b"\r\n12345" + END, "9112 § 7.1.1",
        compares=False),
    bad("chunk-extension-of-5000", b"5;a=" + b"b" * 5000 + b"\r\n12345" + END, "9112 § 7.1.1",
        compares=False),
    bad("chunk-extensions-in-sum", b"1;a=%s\r\nx\r\n" % (b"b" * 200) * 100 + b"0\r\n\r\n",
        "9112 § 7.1.1", compares=False, joins=False),
    good("chunk-extensions-with-enough-body", b"64;a=%s\r\n%s\r\n" % (b"b" * 200, b"x" * 100) * 100
         + b"0\r\n\r\n", b"x" * 10000, "9112 § 7.1.1", compares=False, joins=False),
    good("chunks-of-one-byte", b"1;a=b\r\nx\r\n" * 3000 + b"0\r\n\r\n", b"x" * 3000, "9112 § 7.1.1",
         compares=False, joins=False),
    bad("chunk-extension-bare-lf", b"5;a\nX\r\n12345" + END, "9112 § 7.1.1", why=GUESS),
    bad("chunk-extension-bare-cr", b"5;a\rX\r\n12345" + END, "9112 § 7.1.1", why=GUESS),
    bad("chunk-extension-nul", b"5;a\0\r\n12345" + END, "9112 § 7.1.1", why=GUESS),
    bad("chunk-extension-without-semicolon", b"5 a\r\n12345" + END, "9112 § 7.1.1"),
    bad("chunk-size-plus", b"+5\r\n12345" + END),
    bad("chunk-size-minus", b"-5\r\n12345" + END),
    bad("chunk-size-prefix", b"0x5\r\n12345" + END),
    bad("chunk-size-space-before", b" 5\r\n12345" + END, why=GUESS),
    bad("chunk-size-space-inside", b"5 5\r\n12345" + END, why=GUESS),
    bad("chunk-size-space-behind", b"5 \r\n12345" + END,
        why="RFC 9112 § 7.1 has no space there"),
    bad("chunk-size-letters", b"g\r\n12345" + END),
    bad("chunk-size-letters-behind", b"5g\r\n12345" + END),
    bad("chunk-size-empty", b"\r\n12345" + END),
    bad("chunk-size-only-extension", b";a\r\n12345" + END),
    bad("chunk-size-underscore", b"1_0\r\n0123456789abcdef" + END),
    bad("chunk-size-2-to-63", b"8000000000000000\r\n12345" + END),
    bad("chunk-size-2-to-64-minus-1", b"ffffffffffffffff\r\n12345" + END),
    bad("chunk-size-2-to-64", b"10000000000000000\r\n12345" + END),
    bad("chunk-size-2-to-64-plus-5", b"10000000000000005\r\n12345" + END),
    bad("chunk-size-bare-lf", b"5\n12345" + END, why=GUESS),
    bad("chunk-size-bare-cr", b"5\r12345" + END),
    bad("chunk-size-cr-cr-lf", b"5\r\r\n12345" + END),
    bad("chunk-data-too-long", b"3\r\n12345" + END),
    bad("chunk-data-without-end", b"5\r\n123450\r\n\r\n"),
    bad("chunk-data-bare-lf", b"5\r\n12345\n0\r\n\r\n", why=GUESS),
    bad("chunk-data-bare-cr", b"5\r\n12345\r0\r\n\r\n"),
    bad("chunk-end-bare-lf", b"5\r\n12345\r\n0\n\r\n", why=GUESS),
    bad("chunk-end-two-bare-lf", b"5\r\n12345\r\n0\r\n\n", why=GUESS),
    bad("chunk-end-text", b"5\r\n12345\r\n0\r\nX\r\n\r\n"),
    good("trailer", b"2\r\nok\r\n0\r\nA: b\r\n\r\n", b"ok", "9112 § 7.1.2", b"A: b\r\n"),
    good("trailers-in-order", b"2\r\nok\r\n0\r\nB: 1\r\nA: 2\r\nb: 3\r\n\r\n", b"ok",
         "9112 § 7.1.2", b"B: 1\r\nA: 2\r\nb: 3\r\n"),
    good("trailer-announced", b"2\r\nok\r\n0\r\nA: b\r\n\r\n", b"ok", "9110 § 6.6.2", b"A: b\r\n",
         lines=["Trailer: A"]),
    good("trailer-framing-dropped", b"2\r\nok\r\n0\r\nContent-Length: 9\r\nA: b\r\n"
         b"\r\n", b"ok", "9110 § 6.5.1", b"A: b\r\n"),
    bad("trailer-coding", b"2\r\nok\r\n0\r\nTransfer-Encoding: gzip\r\n\r\n", "9110 § 6.5.1",
        why=TRAILER),
    good("trailer-routing-dropped", b"2\r\nok\r\n0\r\nHost: evil\r\nX-Forwarded-For: 1.2.3.4\r\n"
         b"Connection: close\r\n\r\n", b"ok", "9110 § 6.5.1"),
    bad("trailer-fold", b"2\r\nok\r\n0\r\nA: b\r\n c\r\n\r\n", "9112 § 5.2", why=TRAILER),
    bad("trailer-without-colon", b"2\r\nok\r\n0\r\nA\r\n\r\n", "9112 § 7.1.2", why=TRAILER),
    bad("trailer-name-empty", b"2\r\nok\r\n0\r\n: b\r\n\r\n", "9112 § 7.1.2", why=TRAILER),
    bad("trailer-space-before-colon", b"2\r\nok\r\n0\r\nA : b\r\n\r\n", "9112 § 5.1", why=TRAILER),
    bad("trailer-nul", b"2\r\nok\r\n0\r\nA: b\0\r\n\r\n", "9110 § 5.5", why=TRAILER),
    bad("trailer-bare-lf", b"2\r\nok\r\n0\r\nA: b\n\r\n", "9112 § 2.2", why=TRAILER),
    bad("trailers-too-many", b"2\r\nok\r\n0\r\n" + b"A: b\r\n" * 200 + b"\r\n", "9112 § 7.1.2",
        compares=False),
    Case("chunked-then-next", "9112 § 9.3",
         post("Transfer-Encoding: chunked", body=b"2\r\nok" + END)
         + post("Content-Length: 2", body=b"no"), [Reply(200, b"ok")] * 2,
         [forwarded("POST / HTTP/1.1", "Host: a", chunked=b"ok"),
          forwarded("POST / HTTP/1.1", "Host: a", "Content-Length: 2", body=b"no")]),
]
