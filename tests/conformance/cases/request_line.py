"""Method, target and version (RFC 9112 § 2.2, § 2.3, § 3)."""

from case import Case, Reply, forwarded, get, passed, refused, req

TITLE = "Request line"


def line(id, rfc, text, status=400, ends="bad_request:start_line", **more):
    return refused(id, rfc, req(text, "Host: a"), status, ends, **more)


def target(id, rfc, text, method="GET", **more):
    return line(id, rfc, method.encode() + b" " + text + b" HTTP/1.1", 400, "bad_request:target",
                **more)


def kept(id, rfc, text):
    """The target reaches the backend as it came."""
    start = b"GET " + text + b" HTTP/1.1"
    return passed(id, rfc, req(start, "Host: a"), forwarded(start, "Host: a"))


def absolute(id, text, path, authority, method="GET", rfc="9112 § 3.2.2", host="a", **more):
    return passed(id, rfc, req(f"{method} {text} HTTP/1.1", f"Host: {host}"),
                  forwarded(f"{method} {path} HTTP/1.1", f"Host: {authority}"), **more)


def version(id, text, status, ends, rfc="9112 § 2.3", **more):
    return line(id, rfc, f"GET / {text}", status, ends, **more)


def method(id, rfc, text):
    start = f"{text} / HTTP/1.1"
    return passed(id, rfc, req(start, "Host: a"), forwarded(start, "Host: a"))


NO_GUESS = "a malformed line is not mended by guessing"
DIGITS = "bad_request:version"

CASES = [
    passed("plain-get", "9112 § 3", get(), forwarded("GET / HTTP/1.1", "Host: a"), upstream="kept"),
    passed("one-empty-line-before", "9112 § 2.2", b"\r\n" + get(),
           forwarded("GET / HTTP/1.1", "Host: a")),
    refused("many-empty-lines-before", "9112 § 2.2", b"\r\n" * 9 + get(), 400,
            "bad_request:start_line", why="one empty line is for old clients, nine are no request"),
    refused("bare-lf-line-before", "9112 § 2.2", b"\n" + get(), 400, "bad_request:start_line",
            why="a bare LF ends no line here"),
    line("no-target", "9112 § 3", "GET HTTP/1.1"),
    line("two-spaces-before-target", "9112 § 3", "GET  / HTTP/1.1", why=NO_GUESS),
    line("two-spaces-before-version", "9112 § 3", "GET /  HTTP/1.1", why=NO_GUESS),
    line("space-in-target", "9112 § 3.2", "GET /a b HTTP/1.1"),
    line("tabs-between", "9112 § 3", "GET\t/\tHTTP/1.1"),
    line("space-at-end", "9112 § 3", "GET / HTTP/1.1 ", why=NO_GUESS),
    line("space-at-start", "9112 § 3", " GET / HTTP/1.1"),
    line("bare-cr-inside", "9112 § 2.2", "GET /\rX HTTP/1.1", ends="bad_request:target"),
    line("bare-cr-before-crlf", "9112 § 2.2", "GET / HTTP/1.1\r"),
    refused("only-bare-lf", "9112 § 2.2", b"GET / HTTP/1.1\nHost: a\n\n", 400,
            "bad_request:start_line", why="a bare LF ends no line here, so that nobody reads other "
            "lines than lb"),
    refused("bare-lf-after-request-line", "9112 § 2.2", b"GET / HTTP/1.1\nHost: a\r\n\r\n", 400,
            "bad_request:start_line", why="a bare LF ends no line here"),
    refused("tls-hello", "9112 § 3", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x8a" * 40
            + b"\r\n\r\n", 400, "bad_request:start_line"),

    # the method
    line("method-empty", "9110 § 9.1", " / HTTP/1.1"),
    line("method-no-token", "9110 § 9.1", "GE(T / HTTP/1.1"),
    line("method-non-ascii", "9110 § 9.1", b"G\xc9T / HTTP/1.1"),
    line("method-nul", "9110 § 9.1", b"G\0T / HTTP/1.1"),
    method("method-unknown", "9110 § 9.1", "BREW"),
    method("method-with-dash", "9110 § 9.1", "M-SEARCH"),
    method("method-lower-case", "9110 § 9.1", "get"),
    method("method-all-token-characters", "9110 § 5.6.2", "!#$%&'*+-.^_`|~09azAZ"),
    method("method-delete", "9110 § 9.3.5", "DELETE"),
    method("method-trace", "9110 § 9.3.8", "TRACE"),
    refused("connect", "9110 § 9.3.6", req("CONNECT a:443 HTTP/1.1", "Host: a:443"), (501, 405),
            "bad_request:method", why="lb is no forward proxy"),
    refused("connect-origin-form", "9112 § 3.2.3", req("CONNECT / HTTP/1.1", "Host: a"),
            (400, 501, 405), "bad_request:method"),

    # the target
    kept("target-percent-encoded", "3986 § 2.1", b"/%7e%2F%2e%2e/%00%zz"),
    kept("target-non-ascii", "3986 § 2.1", b"/\xc3\xa9?\xff"),
    kept("target-dot-segments", "3986 § 5.2.4", b"/a/../b/./c//d"),
    kept("target-query", "9110 § 4.2.1", b"/?a=1&b=%20+c?d/e"),
    kept("target-odd-characters", "3986 § 2", b"/{a}|b\\^`<c>\"?[d]"),
    kept("target-slashes", "9112 § 3.2.1", b"//a//b"),
    target("target-fragment", "9110 § 7.1", b"/a#b"),
    target("target-no-slash", "9112 § 3.2.1", b"a"),
    target("target-query-only", "9112 § 3.2.1", b"?q"),
    target("target-nul", "9112 § 3.2", b"/\0"),
    target("target-control", "9112 § 3.2", b"/\x01"),
    target("target-del", "9112 § 3.2", b"/\x7f"),
    target("target-authority-form-on-get", "9112 § 3.2.3", b"a:80"),
    target("target-asterisk-on-get", "9112 § 3.2.4", b"*"),
    target("target-two-asterisks", "9112 § 3.2.4", b"**", "OPTIONS"),
    passed("options-asterisk", "9112 § 3.2.4", req("OPTIONS * HTTP/1.1", "Host: a"),
           forwarded("OPTIONS * HTTP/1.1", "Host: a")),
    absolute("absolute-form", "http://a/b?c", "/b?c", "a"),
    absolute("absolute-form-other-host", "http://b:81/c", "/c", "b:81",
             why="RFC 9112 § 3.2.2: Host becomes what the target says"),
    absolute("absolute-form-empty-host", "http://b/c", "/c", "b", host="",
             why="RFC 9112 § 3.2.2: the Host field is ignored and replaced, be it empty"),
    absolute("absolute-form-upper-case-scheme", "HTTP://a/", "/", "a"),
    absolute("absolute-form-https", "https://a/", "/", "a"),
    absolute("absolute-form-without-path", "http://a", "/", "a"),
    absolute("absolute-form-query-without-path", "http://a?b", "/?b", "a"),
    absolute("absolute-form-ipv6", "http://[::1]:80/", "/", "[::1]:80"),
    absolute("absolute-form-options", "http://a", "*", "a", "OPTIONS", "9112 § 3.2.4",
             why="RFC 9112 § 3.2.4: the last proxy sends an asterisk"),
    target("absolute-form-without-host", "9110 § 4.2.1", b"http:///b"),
    target("absolute-form-userinfo", "9110 § 4.2.4", b"http://u:p@a/"),
    target("absolute-form-other-scheme", "9112 § 3.2.2", b"ftp://a/",
           why="lb speaks for no other scheme"),
    target("absolute-form-bad-port", "3986 § 3.2.3", b"http://a:99999/"),
    target("absolute-form-no-slashes", "9112 § 3.2.2", b"http:a"),
    target("absolute-form-fragment", "9110 § 7.1", b"http://a/#b"),
    refused("absolute-form-still-wants-host", "9112 § 3.2", req("GET http://a/ HTTP/1.1"), 400,
            "bad_request:host"),

    # the version
    line("version-missing", "9112 § 2.3", "GET /", why="HTTP/0.9 has no lengths and no Host"),
    version("version-lower-case", "http/1.1", 400, "bad_request:start_line"),
    version("version-other-word", "HTTPS/1.1", 400, "bad_request:start_line"),
    version("version-two-digits", "HTTP/1.10", 400, "bad_request:start_line"),
    version("version-leading-zero", "HTTP/01.1", 400, "bad_request:start_line"),
    version("version-no-minor", "HTTP/1.", 400, "bad_request:start_line"),
    version("version-comma", "HTTP/1,1", 400, "bad_request:start_line"),
    version("version-letters-behind", "HTTP/1.1x", 400, "bad_request:start_line"),
    version("version-0.9", "HTTP/0.9", 505, DIGITS),
    *[passed(f"version-1.{minor}", "9110 § 2.5", req(f"GET / HTTP/1.{minor}", "Host: a"),
             forwarded("GET / HTTP/1.1", "Host: a")) for minor in (2, 9)],
    refused("version-1.2-wants-host", "9112 § 3.2", req("GET / HTTP/1.2"), 400, "bad_request:host"),
    version("version-2.0", "HTTP/2.0", 505, DIGITS),
    version("version-3.0", "HTTP/3.0", 505, DIGITS),
    refused("http2-preface", "9113 § 3.4", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (505, 400), None,
            why="no HTTP/2 on this port"),
    Case("http-1.0", "9112 § 2.3", req("GET / HTTP/1.0", "Host: a"), [Reply(200, b"ok")],
         [forwarded("GET / HTTP/1.1", "Host: a", via="1.0")], end="closed", ends=["ok"]),
]
