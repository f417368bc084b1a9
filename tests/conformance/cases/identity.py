"""Who the client is: X-Forwarded-*, Forwarded, Via, X-Request-Id (RFC 7239, RFC 9110 § 7.6.3)."""

from case import CLIENT, Case, Reply, forwarded, get, passed, req

TITLE = "Forwarded identity"
START = "GET / HTTP/1.1"
TRUSTED = ("--trusted-proxies=127.0.0.0/8,10.0.0.0/8",)
OTHERS = ("--trusted-proxies=192.0.2.0/24,::1/128",)
FORWARDED = ("--forwarded=on",)
LIES = ["X-Forwarded-For: 1.2.3.4", "X-Forwarded-For: 5.6.7.8", "X-Forwarded-Proto: https",
        "X-Forwarded-Host: evil", "X-Real-IP: 9.9.9.9", "Forwarded: for=1.2.3.4;proto=https"]
OWN = b'for={client};proto=http;host="a"'


TRUST = "who is not in --trusted-proxies is not believed, in Forwarded no more than elsewhere"


def identity(id, rfc, lines, flags=(), keeps=(), why="", **wanted):
    return passed(id, rfc, get(*lines), forwarded(START, "Host: a", *keeps, **wanted), flags=flags,
                  compares=not flags, why=why)


CASES = [
    identity("identity-added", "7239 § 1", []),
    identity("identity-lies-replaced", "7239 § 8.1", LIES, why=TRUST),
    identity("identity-any-case-replaced", "7239 § 8.1", ["x-forwarded-FOR: 1.2.3.4",
                                                          "FORWARDED: for=x", "x-real-ip: y"],
             why=TRUST),
    identity("identity-of-others-trusted", "7239 § 8.1", LIES, OTHERS),
    identity("identity-trusted-appended", "7239 § 7.4", LIES, TRUSTED,
             xff=b"1.2.3.4, 5.6.7.8, " + CLIENT, proto=b"https", xfh=b"evil", real_ip=b"9.9.9.9",
             forwarded_field=b"for=1.2.3.4;proto=https, " + OWN),
    identity("identity-trusted-says-nothing", "7239 § 7.4", [], TRUSTED),
    identity("identity-trusted-says-empty", "7239 § 7.4",
             ["X-Forwarded-For:", "X-Forwarded-Proto: ", "X-Real-IP:"], TRUSTED),
    identity("identity-forwarded-on", "7239 § 4", [], FORWARDED, forwarded_field=OWN),
    identity("identity-forwarded-on-lies-replaced", "7239 § 8.1", LIES, FORWARDED,
             forwarded_field=OWN),
    identity("identity-forwarded-on-trusted", "7239 § 4",
             ["Forwarded: for=1.2.3.4", 'Forwarded: for="[2001:db8::1]"'], TRUSTED + FORWARDED,
             forwarded_field=b'for=1.2.3.4, for="[2001:db8::1]", ' + OWN),
    identity("via-kept-and-added", "9110 § 7.6.3", ["Via: 1.0 fred, 1.1 other"],
             keeps=["Via: 1.0 fred, 1.1 other"]),
    identity("request-id-kept", "9110 § 5", ["X-Request-Id: abc-123_x.y"],
             request_id=b"abc-123_x.y"),
    identity("request-id-replaced", "9110 § 5", ["X-Request-Id: a b\"<c>"]),
    identity("request-id-too-long", "9110 § 5", ["X-Request-Id: " + "a" * 129]),
    Case("identity-absolute-form", "9112 § 3.2.2", req("GET http://b/ HTTP/1.1", "Host: a"),
         [Reply(200, b"ok")], [forwarded(START, "Host: b", xfh=b"b")], ends=["ok"],
         why="RFC 9112 § 3.2.2: Host becomes what the target says"),
]
