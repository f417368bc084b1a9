"""Several messages on one connection (RFC 9112 § 9.3)."""

from case import Answer, Case, HALF_CLOSE, Reply, forwarded, get, post, req

TITLE = "Persistence and pipelining"
A, B, C = (get(target=f"/{name}") for name in "abc")


def fw(name):
    return forwarded(f"GET /{name} HTTP/1.1", "Host: a")


def say(text, *lines, then="keep"):
    return Answer(req("HTTP/1.1 200 OK", *lines, f"Content-Length: {len(text)}",
                      body=text.encode()), then=then)


ONE, TWO, THREE = say("one"), say("two"), say("three")
THREE_REPLIES = [Reply(200, b"one"), Reply(200, b"two"), Reply(200, b"three")]
POST = post("Content-Length: 2", body=b"hi")
POSTED = forwarded("POST / HTTP/1.1", "Host: a", "Content-Length: 2", body=b"hi")

CASES = [
    Case("pipeline", "9112 § 9.3.2", A + B + C, THREE_REPLIES, [fw("a"), fw("b"), fw("c")],
         (ONE, TWO, THREE), ends=["ok"] * 3, upstream="kept"),
    Case("pipeline-with-empty-lines", "9112 § 2.2", A + b"\r\n" + B + b"\r\n" + C, THREE_REPLIES,
         [fw("a"), fw("b"), fw("c")], (ONE, TWO, THREE), ends=["ok"] * 3),
    Case("pipeline-with-bodies", "9112 § 9.3.2", POST + A + POST, THREE_REPLIES,
         [POSTED, fw("a"), POSTED], (ONE, TWO, THREE), ends=["ok"] * 3),
    Case("pipeline-backend-says-close", "9112 § 9.6", A + B + C, THREE_REPLIES,
         [fw("a"), fw("b"), fw("c")], (say("one", "Connection: close", then="close"), TWO, THREE),
         ends=["ok"] * 3, upstream="closed"),
    Case("pipeline-backend-closes-after-each", "9112 § 9.6", A + B + C, THREE_REPLIES,
         [fw("a"), fw("b"), fw("c")],
         tuple(say(t, "Connection: close", then="close") for t in ("one", "two", "three")),
         ends=["ok"] * 3),
    Case("pipeline-half-close", "9112 § 9.6", [A + B + C, HALF_CLOSE], THREE_REPLIES,
         [fw("a"), fw("b"), fw("c")], (ONE, TWO, THREE), end="closed", ends=["ok"] * 3,
         why="RFC 9112 § 9.6: a client that sends no more may still read"),
    Case("pipeline-after-close", "9112 § 9.6", get("Connection: close", target="/a") + B,
         [Reply(200, b"one")], [fw("a")], (ONE, TWO), end="closed", ends=["ok"]),
    Case("pipeline-bad-second", "9112 § 9.3.2", A + b"GET  /b HTTP/1.1\r\n\r\n" + C,
         [Reply(200, b"one"), Reply(400)], [fw("a")], (ONE, TWO), end="closed",
         ends=["ok", "bad_request:start_line"], why="a malformed line is not mended by guessing"),
    Case("pipeline-bad-answer-to-first", "9112 § 9.3.2", A + B,
         [Reply(502), Reply(200, b"two")], [fw("a"), fw("b")],
         (Answer(b"nonsense\r\n\r\n"), TWO), ends=["upstream_invalid", "ok"],
         why="the first request's bad answer costs the second nothing"),
    Case("pipeline-head-then-get", "9110 § 9.3.2", req("HEAD /a HTTP/1.1", "Host: a") + B,
         [Reply(200, b"", to_head=True), Reply(200, b"two")],
         [forwarded("HEAD /a HTTP/1.1", "Host: a"), fw("b")],
         (Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"), TWO), ends=["ok"] * 2),
    Case("pipeline-204-then-get", "9112 § 6.3", A + B, [Reply(204, b""), Reply(200, b"two")],
         [fw("a"), fw("b")], (Answer(b"HTTP/1.1 204 No Content\r\n\r\n"), TWO), ends=["ok"] * 2),
    Case("pipeline-chunked-answers", "9112 § 7.1", A + B, [Reply(200, b"one"), Reply(200, b"two")],
         [fw("a"), fw("b")],
         tuple(Answer(req("HTTP/1.1 200 OK", "Transfer-Encoding: chunked",
                          body=b"3\r\n" + t + b"\r\n0\r\n\r\n")) for t in (b"one", b"two")),
         ends=["ok"] * 2),
    Case("pipeline-answers-up-to-close", "9112 § 6.3", A + B,
         [Reply(200, b"one", framing="chunked"), Reply(200, b"two", framing="chunked")],
         [fw("a"), fw("b")], tuple(Answer(req("HTTP/1.1 200 OK", body=t), then="close")
                                   for t in (b"one", b"two")), ends=["ok"] * 2),
    Case("pipeline-of-http-1.0", "9112 § 9.3",
         req("GET /a HTTP/1.0", "Host: a", "Connection: Keep-Alive")
         + req("GET /b HTTP/1.0", "Host: a"), [Reply(200, b"one"), Reply(200, b"two")],
         [forwarded(f"GET /{n} HTTP/1.1", "Host: a", via="1.0") for n in "ab"], (ONE, TWO),
         end="closed", ends=["ok"] * 2),
    Case("garbage-after-request", "9112 § 9.3", A + b"garbage\r\n\r\n",
         [Reply(200, b"one"), Reply(400)], [fw("a")], (ONE,), end="closed",
         ends=["ok", "bad_request:start_line"]),
    Case("body-longer-than-length", "9112 § 6.3", POST + b"more\r\n\r\n",
         [Reply(200, b"one"), Reply(400)], [POSTED], (ONE,), end="closed",
         ends=["ok", "bad_request:start_line"]),
    Case("backend-closes-while-idle", "9112 § 9.3.1",
         A, [Reply(200, b"one")], [fw("a")], (say("one", then="close"),), ends=["ok"],
         upstream="closed"),
]
