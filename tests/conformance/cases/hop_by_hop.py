"""Fields of one connection, in requests and responses (RFC 9110 § 7.6.1)."""

from case import Case, Reply, answered, forwarded, get, passed, post, req

TITLE = "Hop by hop"
START = "GET / HTTP/1.1"
HOST = "Host: a"
OWN = "lb needs this field or writes it by itself; nobody strips it"
HOP = "RFC 9110 § 7.6.1: it speaks of one connection, and that ends here"
MUST = "RFC 9110 § 7.6.1: a proxy MUST remove what Connection names"


def dropped(id, rfc, *lines, keeps=(), end="kept", **more):
    """Of the lines only those in `keeps` reach the backend."""
    return passed(id, rfc, get(*lines), forwarded(START, HOST, *keeps), end=end, **more)


def response(id, rfc, *lines, keeps=(), **more):
    data = req("HTTP/1.1 200 OK", *lines, "Content-Length: 2", body=b"ok")
    return answered(id, rfc, data, req("HTTP/1.1 200 OK", *keeps, "Content-Length: 2"), b"ok",
                    **more)


def attack(id, name, *lines, **more):
    """Connection names a field that must stay."""
    return passed(f"connection-names-{id}", "9110 § 7.6.1", get(f"Connection: {name}", *lines),
                  forwarded(START, HOST, *lines, **more), why=OWN)


CASES = [
    dropped("connection-keep-alive", "9110 § 7.6.1", "Connection: keep-alive"),
    dropped("connection-close", "9112 § 9.6", "Connection: close", end="closed", upstream="kept"),
    dropped("connection-close-any-case", "9110 § 7.6.1", "CONNECTION: Close", end="closed"),
    dropped("connection-close-in-list", "9110 § 5.6.1", "Connection: x, ,close,", end="closed"),
    dropped("connection-close-and-keep-alive", "9112 § 9.3", "Connection: keep-alive, close",
            end="closed"),
    dropped("connection-close-second-line", "9110 § 5.3", "Connection: x", "Connection: close",
            end="closed"),
    dropped("connection-empty", "9110 § 5.6.1", "Connection:"),
    dropped("connection-names-field", "9110 § 7.6.1", "Connection: X-Foo", "X-Foo: 1", "X-Bar: 2",
            keeps=["X-Bar: 2"], why=MUST),
    dropped("connection-names-field-before-it", "9110 § 7.6.1", "X-Foo: 1", "Connection: X-Foo",
            why=MUST),
    dropped("connection-names-field-any-case", "9110 § 7.6.1", "Connection: x-fOO", "X-Foo: 1",
            "x-foo: 2", why=MUST),
    dropped("connection-names-several", "9110 § 7.6.1", "Connection: A, B", "Connection:C", "A: 1",
            "B: 2", "C: 3", "D: 4", keeps=["D: 4"], why=MUST),
    dropped("connection-names-close-and-field", "9110 § 7.6.1", "Connection: close, A", "A: 1",
            end="closed", why=MUST),
    attack("host", "Host"),
    attack("x-forwarded-for", "X-Forwarded-For"),
    attack("identity", "x-real-ip, X-Forwarded-Host, X-Forwarded-Proto, Forwarded, X-Request-Id"),
    attack("via", "Via", "Via: 1.1 other"),
    attack("max-forwards", "Max-Forwards", "Max-Forwards: 5"),
    passed("connection-names-length", "9110 § 7.6.1",
           post("Connection: Content-Length", "Content-Length: 5", body=b"12345"),
           forwarded("POST / HTTP/1.1", HOST, "Content-Length: 5", body=b"12345"), why=OWN),
    passed("connection-names-coding", "9110 § 7.6.1",
           post("Connection: Transfer-Encoding", "Transfer-Encoding: chunked",
                body=b"2\r\nok\r\n0\r\n\r\n"),
           forwarded("POST / HTTP/1.1", HOST, chunked=b"ok"), why=OWN),
    dropped("keep-alive-field", "9110 § 7.6.1", "Keep-Alive: timeout=5, max=100"),
    dropped("proxy-connection", "9112 § 9.6", "Proxy-Connection: close", why=HOP),
    dropped("te", "9110 § 10.1.4", "TE: gzip;q=0.5"),
    passed("te-trailers", "9110 § 10.1.4", get("TE: trailers", "Connection: TE"),
           forwarded(START, HOST, tail=["TE: trailers", "Connection: TE"])),
    passed("te-trailers-and-more", "9110 § 10.1.4", get("Connection: TE", "te: deflate, Trailers"),
           forwarded(START, HOST, tail=["TE: trailers", "Connection: TE"]),
           why="of TE, lb keeps what it can keep: that trailers are welcome"),
    dropped("trailer-field", "9110 § 6.6.2", "Trailer: X-Sum", why=HOP),
    dropped("upgrade-without-connection", "9110 § 7.8", "Upgrade: websocket", why=HOP),
    dropped("proxy-field", "9110 § 16.3.1", "Proxy: http://evil:80", why="a program behind a CGI "
            "server would take it for HTTP_PROXY (httpoxy)"),
    response("response-connection-close", "9112 § 9.6", "Connection: close", "A: b",
             keeps=["A: b"], upstream="closed", then="close"),
    response("response-connection-close-stays-open", "9112 § 9.6", "Connection: close",
             upstream="closed"),
    response("response-keep-alive", "9110 § 7.6.1", "Connection: keep-alive",
             "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive", upstream="kept", why=HOP),
    response("response-connection-names-field", "9110 § 7.6.1", "Connection: X-Foo", "X-Foo: 1",
             "X-Bar: 2", keeps=["X-Bar: 2"], why=MUST),
    response("response-connection-names-length", "9110 § 7.6.1", "Connection: Content-Length",
             why=OWN),
    response("response-upgrade-on-200", "9110 § 7.8", "Upgrade: h2,h2c", "Connection: Upgrade",
             why=HOP),
    response("response-end-to-end", "9110 § 7.6.1", "Date: Tue, 15 Nov 1994 08:12:31 GMT",
             "Server: odd/1.0 (x)", "Set-Cookie: a=1", "Set-Cookie: b=2", "ETag: \"x\"",
             "Via: 1.0 other", "Alt-Svc: h3=\":443\"", "Strict-Transport-Security: max-age=1",
             keeps=["Date: Tue, 15 Nov 1994 08:12:31 GMT", "Server: odd/1.0 (x)", "Set-Cookie: a=1",
                    "Set-Cookie: b=2", "ETag: \"x\"", "Via: 1.0 other", "Alt-Svc: h3=\":443\"",
                    "Strict-Transport-Security: max-age=1"]),
    Case("response-no-date-none-added", "9110 § 6.6.1", get(),
         [Reply(200, b"ok", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")],
         [forwarded(START, HOST)], ends=["ok"]),
]
