"""Interim responses, expectations, early answers, clients and backends that leave, Max-Forwards."""

from case import (CLOSE, HALF_CLOSE, OK, RESET, Answer, Case, Reply, Wait, WaitSeen, answered,
                  forwarded, get, passed, post, refused, req)

TITLE = "Semantics"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
EXPECT = post("Expect: 100-continue", "Content-Length: 5")
EXPECTED = forwarded("POST / HTTP/1.1", "Host: a", "Expect: 100-continue", "Content-Length: 5",
                     body=b"12345")
TOO_LARGE = req("HTTP/1.1 413 Too Large", "Content-Length: 2", body=b"no")
OK_HEAD = req("HTTP/1.1 200 OK", "Content-Length: 2")
MAY_READ = "RFC 9112 § 9.6: a client that sends no more may still read"
OWN = "the last hop answers by itself (RFC 9110 § 7.6.2)"


def interim(id, rfc, *heads, passes=None, **more):
    """1xx responses before the answer."""
    return answered(id, rfc, b"".join(heads) + OK, OK_HEAD, b"ok",
                    interim=heads if passes is None else passes, **more)


def max_forwards(id, method, value, forwards, target="*", **more):
    return passed(id, "9110 § 7.6.2",
                  req(f"{method} {target} HTTP/1.1", "Host: a", f"Max-Forwards: {value}"),
                  forwards, **more)


CASES = [
    Case("continue-client-waits", "9110 § 10.1.1",
         [EXPECT, Wait(b"100 Continue\r\n\r\n"), b"12345"],
         [Reply(200, b"ok", interim=[CONTINUE])], [EXPECTED], (Answer(at_head=CONTINUE),),
         ends=["ok"], upstream="kept"),
    Case("continue-client-does-not-wait", "9110 § 10.1.1", EXPECT + b"12345",
         [Reply(200, b"ok", interim=[CONTINUE])], [EXPECTED], (Answer(at_head=CONTINUE),),
         ends=["ok"]),
    Case("continue-backend-says-none", "9110 § 10.1.1", EXPECT + b"12345", [Reply(200, b"ok")],
         [EXPECTED], ends=["ok"]),
    Case("continue-chunked", "9110 § 10.1.1",
         [post("Expect: 100-Continue", "Transfer-Encoding: chunked"), Wait(b"100 Continue\r\n\r\n"),
          b"5\r\n12345\r\n0\r\n\r\n"], [Reply(200, b"ok", interim=[CONTINUE])],
         [forwarded("POST / HTTP/1.1", "Host: a", "Expect: 100-Continue", chunked=b"12345")],
         (Answer(at_head=CONTINUE),), ends=["ok"]),
    Case("continue-refused-by-backend", "9110 § 10.1.1", EXPECT,
         [Reply(413, b"no")], 0, (Answer(TOO_LARGE, early=True),), end="closed", ends=["ok"],
         joins=False, why="whether the body comes after that nobody knows, so the connection ends"),
    Case("continue-http-1.0", "9110 § 10.1.1",
         req("POST / HTTP/1.0", "Host: a", "Expect: 100-continue", "Content-Length: 5",
             body=b"12345"), [Reply(200, b"ok")],
         [forwarded("POST / HTTP/1.1", "Host: a", "Content-Length: 5", body=b"12345", via="1.0")],
         end="closed", ends=["ok"]),
    refused("expect-other", "9110 § 10.1.1", post("Expect: 200-ok", "Content-Length: 5",
                                                  body=b"12345"), 417, "bad_request:expect",
            why="RFC 9110 § 10.1.1 offers 417 for it"),
    refused("expect-list", "9110 § 10.1.1", post("Expect: 100-continue, x", "Content-Length: 5",
                                                 body=b"12345"), 417, "bad_request:expect",
            why="RFC 9110 § 10.1.1 offers 417 for it"),
    interim("interim-100-unasked", "9110 § 15.2.1", CONTINUE),
    interim("interim-102", "9110 § 15.2", b"HTTP/1.1 102 Processing\r\n\r\n"),
    interim("interim-103", "8297 § 2", HINTS),
    interim("interim-several", "9110 § 15.2", CONTINUE, HINTS, HINTS),
    interim("interim-with-length", "9110 § 8.6",
            b"HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n",
            passes=[b"HTTP/1.1 103 Early Hints\r\n\r\n"]),
    Case("interim-not-for-http-1.0", "9110 § 15.2", req("GET / HTTP/1.0", "Host: a"),
         [Reply(200, b"ok")], 1, (Answer(CONTINUE + HINTS + OK),), end="closed", ends=["ok"]),

    Case("early-refusal", "9112 § 9.5", [post("Content-Length: 9", body=b"12345"),
                                         Wait(b"\r\n\r\nno")],
         [Reply(413, b"no")], 0, (Answer(TOO_LARGE, early=True, then="close"),), end="closed",
         ends=["ok"], joins=False),
    Case("early-refusal-then-body", "9112 § 9.5",
         [post("Content-Length: 9", body=b"12345"), Wait(b"\r\n\r\nno"), b"6789"],
         [Reply(413, b"no")], 0, (Answer(TOO_LARGE, early=True, then="close"),), end="closed",
         ends=["ok"], joins=False),
    Case("early-refusal-of-chunks", "9112 § 9.5",
         [post("Transfer-Encoding: chunked", body=b"2\r\nok\r\n"), Wait(b"\r\n\r\nno")],
         [Reply(413, b"no")], 0, (Answer(TOO_LARGE, early=True, then="close"),), end="closed",
         ends=["ok"], joins=False),
    Case("early-success", "9112 § 9.5",
         [post("Content-Length: 9", body=b"12345"), Wait(b"\r\n\r\nok"), b"6789"],
         [Reply(200, b"ok")], None, (Answer(early=True),), end="closed", ends=["ok"], joins=False),

    Case("half-close", "9112 § 9.6", [get(), HALF_CLOSE], [Reply(200, b"ok")],
         [forwarded("GET / HTTP/1.1", "Host: a")], end="closed", ends=["ok"], why=MAY_READ),
    Case("half-close-after-body", "9112 § 9.6",
         [post("Content-Length: 5", body=b"12345"), HALF_CLOSE], [Reply(200, b"ok")],
         [forwarded("POST / HTTP/1.1", "Host: a", "Content-Length: 5", body=b"12345")],
         end="closed", ends=["ok"], why=MAY_READ),
    Case("client-closes-in-body", "9112 § 8",
         [post("Content-Length: 9", body=b"12345"), WaitSeen(b"12345"), CLOSE], [], 0, end="gone",
         ends=["client_gone"], joins=False),
    Case("client-resets-in-body", "9112 § 8",
         [post("Content-Length: 9", body=b"12345"), WaitSeen(b"12345"), RESET], [], 0, end="gone",
         ends=["client_gone"], joins=False),
    Case("client-resets-in-chunk", "9112 § 8",
         [post("Transfer-Encoding: chunked", body=b"5\r\n123"), WaitSeen(b"3\r\n"), RESET], [], 0,
         end="gone", ends=["client_gone"], joins=False),
    Case("client-leaves-before-answer", "9112 § 9.6",
         [get(), WaitSeen(b"\r\n\r\n"), RESET], [], 1, (Answer(b""),), end="gone",
         ends=["client_gone"], joins=False),

    max_forwards("max-forwards-options", "OPTIONS", 5,
                 forwarded("OPTIONS * HTTP/1.1", "Host: a", max_forwards=4)),
    max_forwards("max-forwards-trace", "TRACE", 1,
                 forwarded("TRACE / HTTP/1.1", "Host: a", max_forwards=0), target="/"),
    max_forwards("max-forwards-get-untouched", "GET", 0,
                 forwarded("GET / HTTP/1.1", "Host: a", "Max-Forwards: 0"), target="/"),
    max_forwards("max-forwards-no-number", "OPTIONS", "x",
                 forwarded("OPTIONS * HTTP/1.1", "Host: a", "Max-Forwards: x")),
    Case("max-forwards-0-options", "9110 § 7.6.2",
         req("OPTIONS * HTTP/1.1", "Host: a", "Max-Forwards: 0"), [Reply(200)], 0,
         ends=["last_hop"], why=OWN),
    Case("max-forwards-0-trace", "9110 § 7.6.2",
         req("TRACE / HTTP/1.1", "Host: a", "Max-Forwards: 0"), [Reply((405, 501))], 0, why=OWN,
         ends=["bad_request:method"]),
]
