"""Upgrade and what flows through the tunnel (RFC 9110 § 7.8, RFC 6455)."""

from case import HALF_CLOSE, Answer, Case, Reply, Wait, forwarded, get, passed, post, req

TITLE = "Upgrade"
LINES = ["Connection: Upgrade", "Upgrade: websocket"]
KEY = ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]
ASK = get(*LINES, *KEY)
ASKED = forwarded("GET / HTTP/1.1", "Host: a", *KEY, tail=LINES)
ACCEPT = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
LINE = "HTTP/1.1 101 Switching Protocols"
SWITCH = req(LINE, ACCEPT, "Upgrade: websocket", "Connection: Upgrade")
CHAT = req(LINE, "Upgrade: chat/2", "Connection: Upgrade")
HALVES = "each side of a tunnel may end by itself"
H2C = "an h2c tunnel would go past all checks"
ECHO = Answer(SWITCH, is_tunnel=True)


def tunnel(id, rfc, send, got, answer=ECHO, forwards=(ASKED,), **more):
    """101, then these bytes come back and the tunnel ends."""
    return Case(id, rfc, send, [Reply(101, head=more.pop("switched", SWITCH))], list(forwards),
                (answer,), "closed", tunnelled=got, ends=["ok"], why=HALVES, **more)


def plain(id, rfc, *lines, keeps=(), **more):
    """An ordinary request, without Upgrade."""
    return passed(id, rfc, get(*lines), forwarded("GET / HTTP/1.1", "Host: a", *keeps), **more)


CASES = [
    tunnel("websocket", "6455 § 4", [ASK, Wait(b"\r\n\r\n"), b"\x81\x02hi", HALF_CLOSE],
           b"\x81\x02hi"),
    tunnel("websocket-bytes-before-101", "9110 § 7.8", [ASK + b"\x81\x02hi", HALF_CLOSE],
           b"\x81\x02hi"),
    tunnel("websocket-backend-speaks-first", "9110 § 7.8", [ASK, HALF_CLOSE], b"\x81\x02yo",
           Answer(SWITCH + b"\x81\x02yo", is_tunnel=True)),
    tunnel("websocket-backend-ends", "9110 § 7.8", [ASK, Wait(b"\r\n\r\nbye"), HALF_CLOSE], b"bye",
           Answer(SWITCH + b"bye", then="close")),
    tunnel("tunnel-bytes-look-like-http", "9110 § 7.8",
           [ASK, Wait(b"\r\n\r\n"), get(target="/evil") + b"0\r\n\r\n", HALF_CLOSE],
           get(target="/evil") + b"0\r\n\r\n"),
    tunnel("upgrade-any-case", "9110 § 7.8",
           [get("connection: keep-alive, UPGRADE", "upgrade: websocket", *KEY), HALF_CLOSE], b""),
    tunnel("upgrade-other-protocol", "9110 § 7.8",
           [get("Connection: upgrade", "Upgrade: chat/2"), Wait(b"\r\n\r\n"), b"hello", HALF_CLOSE],
           b"hello", Answer(CHAT, is_tunnel=True), switched=CHAT,
           forwards=[forwarded("GET / HTTP/1.1", "Host: a",
                               tail=["Connection: Upgrade", "Upgrade: chat/2"])]),
    Case("upgrade-ignored-by-backend", "9110 § 7.8", ASK, [Reply(200, b"ok")], [ASKED],
         ends=["ok"], upstream="kept"),
    Case("upgrade-refused-by-backend", "9110 § 7.8", ASK, [Reply(400, b"no")], [ASKED],
         (Answer(req("HTTP/1.1 400 No", "Content-Length: 2", body=b"no")),), ends=["ok"]),
    Case("upgrade-required", "9110 § 15.5.22", get(),
         [Reply(426, b"no", req("HTTP/1.1 426 Upgrade Required", "Content-Length: 2",
                                "Upgrade: websocket", "Connection: Upgrade"))], 1,
         (Answer(req("HTTP/1.1 426 Upgrade Required", "Upgrade: websocket", "Connection: Upgrade",
                     "Content-Length: 2", body=b"no")),), ends=["ok"]),
    Case("upgrade-101-without-upgrade", "9110 § 15.2.2", ASK, [Reply(502)], [ASKED],
         (Answer(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"),), ends=["upstream_invalid"],
         upstream="closed", why="RFC 9110 § 15.2.2: a 101 MUST say to what it switches"),
    Case("upgrade-early-hints-then-101", "9110 § 15.2", [ASK, Wait(b"Upgrade\r\n\r\n"), b"hi",
                                                         HALF_CLOSE],
         [Reply(101, head=SWITCH, interim=[b"HTTP/1.1 103 Early Hints\r\n\r\n"])], [ASKED],
         (Answer(b"HTTP/1.1 103 Early Hints\r\n\r\n" + SWITCH, is_tunnel=True),), end="closed",
         tunnelled=b"hi", ends=["ok"], why=HALVES),
    plain("upgrade-h2c", "9113 § 3.1", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
          "HTTP2-Settings: AAMAAABkAAQAAP__", why=H2C),
    passed("upgrade-h2c-in-list", "9113 § 3.1",
           get("Connection: Upgrade, HTTP2-Settings", "Upgrade: websocket, H2C, ,chat",
               "HTTP2-Settings: AAMAAABkAAQAAP__"),
           forwarded("GET / HTTP/1.1", "Host: a",
                     tail=["Connection: Upgrade", "Upgrade: websocket, chat"]), why=H2C),
    passed("upgrade-h2c-first-in-list", "9113 § 3.1",
           get("Connection: upgrade", "Upgrade: h2c,websocket", *KEY),
           forwarded("GET / HTTP/1.1", "Host: a", *KEY, tail=LINES), why=H2C),
    passed("upgrade-in-two-lines", "9110 § 5.3",
           get("Connection: upgrade", "Upgrade: chat", "A: b", "Upgrade: h2c", "Upgrade: websocket"),
           forwarded("GET / HTTP/1.1", "Host: a", "A: b",
                     tail=["Connection: Upgrade", "Upgrade: chat, websocket"]), why=H2C),
    plain("upgrade-h2c-settings-unnamed", "9113 § 3.1", "Connection: Upgrade", "Upgrade: h2c",
          "HTTP2-Settings: AAMAAABkAAQAAP__", why=H2C),
    plain("upgrade-without-option", "9110 § 7.8", "Upgrade: websocket", "Connection: keep-alive",
          why="RFC 9110 § 7.8: without the connection option it is nobody's wish"),
    plain("upgrade-option-alone", "9110 § 7.8", "Connection: Upgrade"),
    plain("upgrade-empty", "9110 § 7.8", "Connection: Upgrade", "Upgrade:",
          why="an empty list asks for nothing"),
    passed("upgrade-with-body", "9110 § 7.8",
           post(*LINES, "Content-Length: 5", body=b"12345"),
           forwarded("POST / HTTP/1.1", "Host: a", "Content-Length: 5", body=b"12345", tail=LINES)),
    passed("upgrade-with-length-0", "9110 § 7.8", post(*LINES, "Content-Length: 0"),
           forwarded("POST / HTTP/1.1", "Host: a", "Content-Length: 0", body=b"", tail=LINES)),
    Case("upgrade-http-1.0", "9110 § 7.8", req("GET / HTTP/1.0", "Host: a", *LINES),
         [Reply(200, b"ok")], [forwarded("GET / HTTP/1.1", "Host: a", via="1.0")], end="closed",
         ends=["ok"], why="RFC 9110 § 7.8: MUST ignore Upgrade in HTTP/1.0"),
    tunnel("upgrade-with-body-then-101", "9110 § 7.8",
           [post(*LINES, "Content-Length: 5", body=b"12345") + b"first", Wait(b"first"), b"then",
            HALF_CLOSE], b"firstthen",
           forwards=[forwarded("POST / HTTP/1.1", "Host: a", "Content-Length: 5", body=b"12345",
                               tail=LINES)]),
    tunnel("upgrade-with-length-0-then-101", "9110 § 7.8",
           [post(*LINES, "Content-Length: 0") + b"first", HALF_CLOSE], b"first",
           forwards=[forwarded("POST / HTTP/1.1", "Host: a", "Content-Length: 0", body=b"", tail=LINES)]),
    tunnel("upgrade-with-chunks-then-101", "9110 § 7.8",
           [post(*LINES, "Transfer-Encoding: chunked", body=b"3\r\nabc\r\n0\r\n\r\n") + b"0\r\n\r\n",
            HALF_CLOSE], b"0\r\n\r\n",
           forwards=[forwarded("POST / HTTP/1.1", "Host: a", chunked=b"abc", tail=LINES)]),
]
