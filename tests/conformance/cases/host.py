"""The Host field (RFC 9112 § 3.2, RFC 9110 § 7.2)."""

from case import Case, Reply, forwarded, passed, refused, req

TITLE = "Host"
START = "GET / HTTP/1.1"


def bad(id, *lines, rfc="9112 § 3.2", **more):
    return refused(id, rfc, req(START, *lines), 400, "bad_request:host", **more)


def good(id, line, rfc="9110 § 7.2"):
    return passed(id, rfc, req(START, line), forwarded(START, line))


STRICT = "what is no host name is not left for the backend to understand"

CASES = [
    bad("host-missing"),
    bad("host-twice-the-same", "Host: a", "Host: a"),
    bad("host-twice", "Host: a", "Host: b"),
    bad("host-twice-far-apart", "Host: a", "X: y", "hOST: b"),
    bad("host-list", "Host: a, b"),
    bad("host-space-inside", "Host: a b", why=STRICT),
    bad("host-path", "Host: a/b"),
    bad("host-userinfo", "Host: u@a", why=STRICT),
    bad("host-scheme", "Host: http://a"),
    bad("host-port-no-number", "Host: a:b", why=STRICT),
    bad("host-port-too-high", "Host: a:65536", why=STRICT),
    bad("host-port-negative", "Host: a:-1", why=STRICT),
    bad("host-two-ports", "Host: a:1:2", why=STRICT),
    bad("host-non-ascii", b"Host: \xc3\xa9", why=STRICT),
    bad("host-query", "Host: a?b", why=STRICT),
    bad("host-ipv6-open", "Host: [::1", why=STRICT),
    bad("host-ipv6-no-address", "Host: [g]", why=STRICT),
    bad("host-ipv6-then-text", "Host: [::1]a", why=STRICT),
    refused("host-missing-second-is-fold", "9112 § 5.2", req(START, "X: y", " Host: a"), 400, None),
    refused("http-1.0-host-twice", "9112 § 3.2", req("GET / HTTP/1.0", "Host: a", "Host: b"), 400,
            "bad_request:host"),
    refused("http-1.0-host-bad", "9112 § 3.2", req("GET / HTTP/1.0", "Host: a/b"), 400,
            "bad_request:host"),
    Case("http-1.0-host-missing", "9112 § 3.2", req("GET / HTTP/1.0"), [Reply(200, b"ok")],
         [forwarded("GET / HTTP/1.1", "Host: appserver", via="1.0")], end="closed", ends=["ok"],
         why="what goes out is HTTP/1.1 and has a Host"),
    good("host-empty", "Host:", "9112 § 3.2"),
    good("host-port", "Host: a:8080"),
    good("host-port-empty", "Host: a:"),
    good("host-ipv4", "Host: 127.0.0.1"),
    good("host-ipv6", "Host: [2001:db8::1]:80"),
    good("host-upper-case", "HOST: WWW.Example.ORG"),
    good("host-percent-encoded", "Host: a%41b"),
    good("host-without-space", "Host:a"),
    good("host-more-space", "Host: \t a\t "),
    passed("host-last-line", "9110 § 7.2", req(START, "X: y", "Host: a"),
           forwarded(START, "X: y", "Host: a")),
]
