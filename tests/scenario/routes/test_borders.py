"""Hostile targets and hosts over real sockets: what was routed is what arrives, and nothing leaves its route."""

import re
import urllib.parse

import pytest

from support.discovery import endpoint

# Dot segments, escaped and bare slashes and backslashes, parameters, in all ways that servers are known to
# read differently; SEP and UP are replaced by each of these.
SEPARATORS = ["/", "//", "%2f", "%2F", "\\", "%5c", "/./", "/%2e/", ";/", "%252f"]
UPS = ["..", "%2e%2e", ".%2E", "%2e.", "..;", "..;x=y", "%252e%252e", "...", "..%00", "%c0%ae%c0%ae", "."]
SHAPES = ["/apiSEPUPSEPx", "/apiSEPxSEPUPSEPUPSEPx", "/apiUP", "/apiUPSEPx", "/apiSEPUP", "/xSEPUPSEPapi", "/UPSEPapiSEPx",
          "/xSEPapi", "SEPapiSEPx", "/xSEPUPSEPapiSEPUPSEPapi/x", "/ap%69SEPUP", "/apix/UPSEPapi"]
TARGETS = sorted({shape.replace("SEP", separator).replace("UP", up)
                  for shape in SHAPES for separator in SEPARATORS for up in UPS})
ROUTES = [{"host": "a.test", "service": "site"}, {"host": "a.test", "path": "/api", "service": "api"}]


def remove_dot_segments(path):
    """RFC 3986 § 5.2.4, as it is written there."""
    out = ""
    while path:
        if path.startswith("/./"):
            path = path[2:]
        elif path == "/.":
            path = "/"
        elif path.startswith("/../"):
            path, out = path[3:], out[:max(out.rfind("/"), 0)]
        elif path == "/..":
            path, out = "/", out[:max(out.rfind("/"), 0)]
        else:
            end = path.find("/", 1)
            end = len(path) if end < 0 else end
            out, path = out + path[:end], path[end:]
    return out


def unescaped(path):
    """RFC 3986 § 6.2.2.2: what need not be escaped is not."""
    return re.sub("%([0-9a-fA-F]{2})", lambda found: (chr(int(found[1], 16)) if re.match(r"[\w.~-]", chr(int(found[1], 16)), re.A)
                                                    else found[0]), path)


def readings(path):
    """What servers may take a path for."""
    yield remove_dot_segments(unescaped(path))
    decoded = urllib.parse.unquote(path, "latin-1")
    yield remove_dot_segments(decoded)
    yield remove_dot_segments(decoded.replace("\\", "/"))
    yield remove_dot_segments(re.sub(r";[^/]*", "", unescaped(path)))
    yield remove_dot_segments(re.sub(r";[^/]*", "", decoded))


def is_below(path, prefix):
    return path == prefix or path.startswith(prefix + "/")


@pytest.fixture
def ask(start_lb, start_backend, discovery, connect):
    """ask(routes)(bytes): the response, and who got what request line and Host; each service says its name."""
    def start(routes, *flags):
        names = {route["service"] for route in routes if "service" in route}
        backends = {name: start_backend(f"HTTP/1.1 200 OK\r\nContent-Length: {len(name)}\r\n\r\n{name}".encode())
                    for name in names}
        lb = start_lb("--hold=0", "--workers=1", *flags, *discovery.flags)
        discovery.send_line({"v": 2, "source": "file", "time_ns": 1, "routes": routes, "left_out": [],
                             "services": [{"name": name, "endpoints": [endpoint(name, backend.address)]}
                                          for name, backend in sorted(backends.items())]})
        lb.wait_ready(len(backends))
        kept = [None]

        def exchange(data, is_kept=False):
            for backend in backends.values():
                backend.requests.clear()
            client = kept[0] or connect(lb)
            client.send(data)
            response = client.read_response()
            closes = response.get("Connection") == "close"
            kept[0] = client if is_kept and not closes else None
            if not kept[0]:
                client.close()
            asked = [(name, request) for name, backend in backends.items() for request in backend.requests]
            assert len(asked) <= 1
            if asked:
                assert response.body.decode() == asked[0][0], "another site's answer"
            return response, *(asked[0] if asked else (None, None))

        exchange.lb = lb
        return exchange
    return start


def get(target, host="a.test"):
    encoded = [part.encode("latin-1") if isinstance(part, str) else part for part in (target, host)]
    return b"GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % tuple(encoded)


# ---- paths -----------------------------------------------------------------------------------------

def test_no_path_leaves_its_route_whatever_a_server_takes_it_for(ask):
    """Whoever is behind /api and reads what arrives in any usual way finds it below /api."""
    exchange = ask(ROUTES)
    counts = {"api": 0, "site": 0, None: 0}
    for target in TARGETS:
        response, service, request = exchange(get(target), is_kept=True)
        assert (response.status, service is None) in ((200, False), (400, True)), target
        counts[service] += 1
        if service == "api":
            assert all(is_below(path, "/api") for path in readings(request.target)), (target, request.target)
        if service == "site":
            assert not is_below(next(readings(request.target)), "/api"), (target, request.target)
    assert min(counts.values()) > 20, counts


def test_what_arrives_is_what_came_or_what_was_routed(ask):
    """Byte by byte what came, except where dot segments were: their removal is what was routed."""
    exchange = ask(ROUTES)
    for target in TARGETS:
        _, service, request = exchange(get(target + "?/../%2e%2e/a b".replace(" ", "+")), is_kept=True)
        if not service:
            continue
        path, _, query = request.target.partition("?")
        assert query == "/../%2e%2e/a+b"
        plain = unescaped(target)
        if remove_dot_segments(plain) != plain:
            assert urllib.parse.unquote(path, "latin-1") == urllib.parse.unquote(remove_dot_segments(plain), "latin-1")
        else:
            assert path == target


@pytest.mark.parametrize("strip,add", [("/api", ""), ("/api", "/base"), ("/api", "/base/"), ("/api/", "/base/"),
                                       ("/api/", "")])
@pytest.mark.parametrize("kind", ["path", "path_start"])
def test_a_stripped_path_stays_below_what_is_put_before_it(ask, kind, strip, add):
    """Also where a prefix ends in the middle of a segment: /api../x is not what is above the backend's root."""
    exchange = ask([{"host": "a.test", "service": "site"},
                    {"host": "a.test", kind: strip, "strip": strip, "add": add, "service": "api"}])
    found = 0
    for target in TARGETS:
        response, service, request = exchange(get(target), is_kept=True)
        if service != "api":
            continue
        found += 1
        path = request.target
        assert path.startswith("/") and request.get("X-Forwarded-Prefix") == strip, target
        assert is_below(path, add.rstrip("/")), (target, path)
        # A server that counts how far up it goes is never led above what it was given.
        for reading in (unescaped(path), urllib.parse.unquote(path, "latin-1").replace("\\", "/"),
                        re.sub(r";[^/]*", "", unescaped(path))):
            depth = 0
            for segment in reading.removeprefix(add.rstrip("/")).split("/")[1:]:
                depth += {"..": -1, ".": 0, "": 0}.get(segment, 1)
                assert depth >= 0, (target, path)
    assert found > 10


def test_no_redirect_leads_to_another_host(ask):
    """A Location that begins with two slashes would name one; browsers take a backslash for a slash."""
    exchange = ask([{"host": "a.test", "path": "/api", "strip": "/api", "service": "api"}])
    for target in ["/api", "//evil.test/../../api", "///evil.test/../../../api", "//evil.test/%2e%2e/%2e%2e/api", "/.//../api",
                   "//evil.test/x/../../../api?y", "/\\evil.test/../api", "/\\\\evil.test/../api", "/\\/evil.test/../../api",
                   "//\\evil.test/../../api"]:
        response, service, _ = exchange(get(target))
        assert (response.status, service) == (308, None), target
        location = urllib.parse.urljoin("http://a.test" + "/", response.get("Location").replace("\\", "/"))
        assert urllib.parse.urlsplit(location).netloc == "a.test", (target, response.get("Location"))
        assert urllib.parse.urlsplit(location).path.endswith("/api/")


def test_only_segments_count_and_case_does(ask):
    exchange = ask(ROUTES)
    rows = {"/api": "api", "/api/": "api", "/api?x": "api", "/ap%69": "api", "/apis": "site", "/API": "site", "/api;x": "site",
            "/api%2Fx": "site", "/api%5Cx": "site", "//api": "site", "/%2561pi": "site", "/x?/api/": "site", "/api%": "site"}
    for target, wanted in rows.items():
        response, service, request = exchange(get(target), is_kept=True)
        assert (response.status, service, request.target) == (200, wanted, target)


def test_what_is_no_target_is_refused(ask):
    exchange = ask(ROUTES)
    for target in ["", "x", "a.test/x", "a.test:80", "*", "/a b", "/x#y", "ftp://a.test/x", "http:///x", "http://u@a.test/x",
                   "http://a.test:x/", "/\x01", "/\x7f"]:
        response, service, _ = exchange(get(target))
        assert (response.status, service) == (400, None), target


# ---- hosts -----------------------------------------------------------------------------------------

HOSTS = [{"host": "a.test", "service": "a"}, {"host": "b.test", "service": "b"}, {"host": "*.wild.test", "service": "wild"},
         {"host": "[2001:db8::1]", "service": "six"}, {"host": "xn--bcher-kva.test", "service": "idn"}]


def test_a_host_is_the_same_however_it_is_written(ask):
    exchange = ask(HOSTS)
    rows = {"a.test": "a", "A.TeSt": "a", "a.test.": "a", "a.test:80": "a", "a.test:": "a", "a.test.:65535": "a", "x.wild.test": "wild",
            "X.Y.WILD.test.:1": "wild", "[2001:db8::1]": "six", "[2001:DB8:0:0:0::1]:443": "six",
            "xn--bcher-kva.test": "idn", "XN--BCHER-KVA.TEST.:80": "idn"}
    for host, wanted in rows.items():
        response, service, request = exchange(get("/", host), is_kept=True)
        assert (response.status, service, request.get("Host")) == (200, wanted, host)


def test_an_unknown_host_is_nobodys(ask):
    exchange = ask(HOSTS)
    for host in ["", "test", "xa.test", "a.testx", "a.test..", ".a.test", "wild.test", ".wild.test", "127.0.0.1", "[::1]", "a%2etest", "a.test,b.test",
                 "[2001:db8::2]", "x" * 250 + ".wild.test", "x" * 4000 + ".wild.test", "xn--a.test"]:
        response, service, _ = exchange(get("/", host), is_kept=True)
        assert (response.status, service) == (404, None), host


def test_what_is_no_host_is_refused(ask):
    exchange = ask(HOSTS)
    for host in ["a.test b.test", "a.test, b.test", "u@a.test", "a.test@b.test", "a.test/b.test", "a.test\\b.test",
                 "a.test#", "a.test?", "a.test:x", "a.test:80:80", "a.test:65536", "2001:db8::1", "[2001:db8::1", "2001:db8::1]",
                 "[a.test]", "b\xc3\xbccher.test", "b\xfccher.test", "\xff", "a.test\x00b.test", "a\ttest"]:
        response, service, _ = exchange(get("/", host))
        assert (response.status, service) == (400, None), host


def test_several_hosts_are_refused_and_nobody_is_asked(ask):
    exchange = ask(HOSTS)
    for fields in [b"Host: a.test\r\nHost: b.test", b"Host: a.test\r\nHost: a.test", b"Host: a.test\r\nhOST: b.test",
                   b"Host : b.test\r\nHost: a.test", b"Host: a.test\r\n Host: b.test", b"X: y"]:
        response, service, _ = exchange(b"GET / HTTP/1.1\r\n%s\r\n\r\n" % fields)
        assert (response.status, service) == (400, None), fields


def test_other_fields_name_no_host_and_no_path(ask):
    exchange = ask([*HOSTS, {"host": "a.test", "path": "/b", "service": "b"}])
    response, service, request = exchange(
        b"GET /x HTTP/1.1\r\nX-Forwarded-Host: b.test\r\nForwarded: host=b.test\r\nX-Original-URL: /b\r\nX-Rewrite-URL: /b\r\n"
        b":authority: b.test\r\nHost: a.test\r\n\r\n".replace(b":authority: b.test\r\n", b""))
    assert (response.status, service, request.target) == (200, "a", "/x")


def test_a_whole_url_is_routed_by_its_own_host_and_arrives_with_it(ask):
    """RFC 9112 § 3.2.2: the Host field is passed over, and what arrives has the one that was routed by."""
    exchange = ask([*HOSTS, {"host": "b.test", "path": "/api", "service": "idn"}])
    rows = {"http://b.test/x": ("b", "/x", "b.test"), "http://b.test": ("b", "/", "b.test"), "http://b.test?q": ("b", "/?q", "b.test"),
            "HTTP://B.TEST.:80/x": ("b", "/x", "B.TEST.:80"), "https://b.test/api/x": ("idn", "/api/x", "b.test"),
            "http://b.test/api/../x": ("b", "/x", "b.test"), "http://b.test/../api/x": ("idn", "/api/x", "b.test"),
            "http://[2001:db8::1]:8/x": ("six", "/x", "[2001:db8::1]:8")}
    for target, wanted in rows.items():
        response, service, request = exchange(get(target))
        assert (response.status, service, request.target, request.get("Host")) == (200, *wanted)
    for target in ["http://c.test/", "http://a.test.b.test/"]:
        assert exchange(get(target))[0].status == 404


def test_options_of_all_and_connect(ask):
    exchange = ask(HOSTS)
    response, service, request = exchange(b"OPTIONS * HTTP/1.1\r\nHost: b.test\r\n\r\n")
    assert (response.status, service, request.target) == (200, "b", "*")
    response, service, request = exchange(b"OPTIONS http://b.test HTTP/1.1\r\nHost: a.test\r\n\r\n")
    assert (response.status, service, request.target, request.get("Host")) == (200, "b", "*", "b.test")
    response, service, _ = exchange(b"OPTIONS * HTTP/1.1\r\nHost: c.test\r\n\r\n")
    assert (response.status, service) == (404, None)
    for target in [b"a.test:80", b"/", b"http://a.test/", b"*"]:
        response, service, _ = exchange(b"CONNECT %s HTTP/1.1\r\nHost: a.test\r\n\r\n" % target)
        assert (response.status, service) == (501, None)


def test_sites_of_one_connection_are_not_mixed_up(ask, connect):
    """Pipelined and one after the other, on the connections to backends that stay, too."""
    exchange = ask(HOSTS)
    names = {"a.test": b"a", "b.test": b"b", "x.wild.test": b"wild", "[2001:db8::1]": b"six", "c.test": None}
    with connect(exchange.lb) as client:
        hosts = [host for number in range(60) for host in list(names)[number % 5:]]
        client.send(b"".join(get("/", host) for host in hosts))
        for host in hosts:
            response = client.read_response()
            assert (response.status, response.body if response.status == 200 else None) == \
                ((200, names[host]) if names[host] else (404, None))
