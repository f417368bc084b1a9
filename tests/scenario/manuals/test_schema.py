"""lb --print-schema against lb: both accept and both refuse the same files."""

import json

import jsonschema
import pytest

from support.program import run

# Where a look at the system or at two values decides, only lb knows.
ONLY_LB_REFUSES = [
    {"trusted-proxies": ["10.0.0.1/8"]},
    {"error-page": ["503=/nonexistent/page"]},
    {"listen": ["8000", "0.0.0.0:8000"]},
    {"tcp": ["80=a", "80=b"]},
    {"listen": ["80"], "tcp": ["80=a"]},
    {"dynamic-ports": "81-80"},
    {"dynamic-ports": "8001-8100"},
    {"admin-token-file": "/nonexistent/token"},
    {"sentry-dsn-file": "/nonexistent/dsn"},
    {"listen": ["127.0.0.1:80"], "admin": "127.0.0.1:80"},
    {"access-log-format": "%{nothing}"},
    {"check-status": "300-200"},
    {"check-header": "Host: x"},
    {"check-header": "A: b|content-length: 1"},
]

# These must be there: lb refuses more of their values.
NAMES_A_FILE = ["error-page", "admin-token-file", "sticky-secret", "sentry-dsn-file", "tls-ticket-keys"]

GOOD = [
    {},
    {"listen": ["8000", "127.0.0.1:0", "[::1]:8000", "[::ffff:1.2.3.4]:80", ":81", "0080"]},
    {"listen": 8000, "admin": 8001, "check-port": 9000, "check-rise": 3, "check-fall": 100},
    {"listen": [8000, "127.0.0.1:0", 0], "admin": 0, "check-port": 65535},
    {"admin": "off"},
    {"tcp": ["443/a.test=a", "443/*.b.test#h2=b", "443#http/1.1=c", "443=d", "[::1]:1", ":5432=db", "127.0.0.1:0"]},
    {"tcp": 5432, "udp": [53, "127.0.0.1:54=dns"], "dynamic-ports": "10000-10999"},
    {"dynamic-ports": "[::1]:1-65535"}, {"dynamic-ports": "127.0.0.1:00080-00080"},
    {"backend": ["db=tcp://10.0.0.2:5432", "dns=udp://[::1]:53", "shop=a:1", "tcp://" + "a" * 63 + ":1"]},
    {"admin": "127.0.0.1:9001", "admin-token": "abcDEF-._~+/=123", "admin-open": "on", "shutdown-delay": "0s"},
    {"docker": True},
    {"docker": "unix:///run/docker.sock"},
    {"docker": "tcp://docker.internal:2375"},
    {"docker": "http://[fd00::1]:2375"},
    {"file": "/etc/lb/services.json"},
    {"docker": True, "file": "/etc/lb/services.json"},
    {"default-route": "503", "dialects": "lb,traefik", "require-label": "on"},
    {"default-route": "shop", "dialects": "all", "traefik-exposed": "off", "traefik-default-rule": "Host(`{{ .Name }}.test`)"},
    {"listen-also": ["80", "[::]:80"], "allow-address": ["127.0.0.0/8", "fe80::/10"]},
    {"backend": ["10.0.0.2:8484", "app.internal:8484", "app_1.:1", "[::1]:65535", "4ever:1"]},
    {"backend": ["a" * 63 + ":1", ".".join(["a" * 63] * 3 + ["b" * 61]) + ".:80"]},
    {"trusted-proxies": ["10.0.0.0/8", "::1", "[fd00::]/8, 192.168.0.0/16"]},
    {"service": "my.shop_1-a"}, {"service": "405"}, {"default-route": "405-app"}, {"default-route": "404"}, {"default-route": "_"},
    {"workers": 4, "max-head": 2048, "max-body": "10m", "max-requests": "100"},
    {"head-timeout": "1H", "idle-timeout": "0075S", "body-timeout": "86400000ms"},
    {"body-timeout": False, "idle-timeout": "off", "hold": False, "tunnel-timeout": "0"},
    {"forwarded": "on", "log-level": "debug", "log-format": "plain"},
    {"check-mode": "http", "check-path": "/health?x=1", "check-method": "HEAD", "check-status": "200-299, 404"},
    {"check-text": "Hello World", "check-interval": "10ms", "check-timeout": "1h", "check-rise": "100", "slow-start": "0"},
    {"check-host": "shop.example:80", "check-port": "9000", "check-header": "X-Forwarded-Proto: https|X-A:"},
    {"check-mode": "udp", "check-send": "a\\x00\\\\ \\r\\n\\t", "check-expect": "+PONG"}, {"check-mode": "postgres"},
    {"check-host": "[::1]:80", "check-port": "1", "check-header": " a : b \u00e9"},
    {"acme": "you@example.org", "acme-directory": "staging", "acme-dir": "/data/acme", "acme-challenge": "tls-alpn-01", "acme-check": "on",
     "acme-eab-kid": "kid-1", "acme-eab-key-file": "/eab", "acme-ca": "/ca.pem", "acme-key": "rsa", "acme-consul": True},
    {"acme-consul": "consul://127.0.0.1:8500"},
    *({"acme-directory": url} for url in ("production", "https://ca.internal", "https://a:14000/b?c=d", "http://127.0.0.1:4000/dir",
                                          "http://localhost/", "http://[::1]:5/dir")),
    {"gelf": "udp://logstash:12201", "gelf-compress": "zlib", "gelf-host": "edge-1"}, {"gelf": "tcp://[::1]"},
    {"sentry-dsn": "https://a1B2-_@o1.ingest.sentry.io/4507", "sentry-environment": "staging", "sentry-queries": True},
    {"sentry-dsn": "http://a:b@[fd00::1]:8000/in/front/1"}, {"trace-context": "generate"},
    *({"backend-name": value} for value in ("a", "App.example.com.", "x_1-", "10.0.0.1", "fd00::1", "[fd00::1]", "a" * 255)),
    {"access-log": "off", "access-log-format": "%{method} %{target}"},
]

BAD = [
    *({"dialects": value} for value in ("", "nginx", "lb,", ["lb", "nginx"], True)),
    {"require-label": "maybe"}, {"traefik-exposed": "later"}, {"default-route": ""},
    {"default-route": "a b"}, {"default-route": "405"}, {"default-route": "0"}, {"allow-address": "loopback"}, {"allow-address": ["127.0.0.0/33"]}, {"listen-also": "localhost:80"},
    [], "text", 1, None,
    {"nonsense": 1}, {"Listen": ["80"]}, {"config": "x.json"}, {"check": True}, {"help": True},
    {"file": "x", "backend": ["a:1"]}, {"docker": True, "backend": ["a:1"]},
    *({"listen": value} for value in (
        -1, 65536, 80.5, [], [""], [65536], [True], [[80]], ["65536"], ["1.2.3:80"], ["1.2.3.4"], ["01.2.3.4:80"], ["::1:80"],
        ["[::1]"], ["[1.2.3.4]:80"], ["localhost:80"], ["1.2.3.4:80 "], ["[1::2::3]:80"], ["1.2.3.256:80"],
        [str(port) for port in range(10000, 10017)])),
    *({"tcp": value} for value in (
        -1, 65536, [], [""], ["x"], ["65536"], ["80/a.test"], ["80#h2"], ["80="], ["80=a b"], ["80=a/b"], ["80/*=a"],
        ["80/1.2.3.4=a"], ["80/a.1=a"], ["80#=a"], ["80#" + "a" * 65 + "=a"], ["80#h,2=a"], ["localhost:80"], ["::1:80"])),
    *({"udp": value} for value in (-1, [], ["53/a.test=a"], ["53#h3=a"], ["53="], ["a:53"])),
    *({"dynamic-ports": value} for value in ("", "80", "80-", "0-80", "80-65536", "a:80-81", ":80-81", "::1:80-81", 80, True)),
    *({"backend": [value]} for value in ("=a:1", "a b=c:1", "tcp://tcp://a:1", "tcp://a=b:1", "shop=http://a:1", "tcp://" + "a" * 64 + ":1")),
    *({"admin": value} for value in (True, ["off"], "on", "", "localhost:80", "127.0.0.1:65536", -1, 65536, [8001])),
    *({"admin-token": value} for value in ("", "short", "x" * 257, "with spaces and so on", "ü" * 20, 1)),
    *({"gelf": value} for value in ("", "udp://", "logstash:12201", "http://a", "udp://a:0", "udp://a:65536", "tcp://a/b", "udp://::1", 12201)),
    *({"sentry-dsn": value} for value in (
        "", "a@b/1", "https://b/1", "https://a@/1", "https://a@b", "https://a@b/", "https://a@b/x", "https://a@b//1", "https://a@b/1/",
        "https://a@b:port/1", "https://a b@c/1", "https://a:@c/1", "https://:a@c/1", "https://a@b@c/1", "https://a@b/1?x", 1)),
    *({"acme-directory": url} for url in ("", "stagin", "http://x/", "https://", "https:///a", "https://a@b/", "http://127.0.0.1.example/",
                                          "https://a b/", "ftp://a/", "HTTPS://a/", "http://127.1/", 1)),
    {"gelf-compress": "lz4"}, {"gelf-host": "a b"}, {"sentry-queries": "some"}, {"trace-context": "on"},
    *({"docker": value} for value in (False, 1, "", "/var/run/docker.sock", "unix://", "unix://run", "unix:///",
                                      "https://a:1", "tcp://a", "tcp://a:0", "tcp://1.2.3:1", "TCP://a:1")),
    *({"backend": value} for value in (
        1, [], ["a"], ["a:0"], ["a:65536"], [":1"], ["-a:1"], ["a-:1"], ["a..b:1"], ["1.2.3.4.5:1"], ["1.2.3:1"],
        ["a.1:1"], ["a.1.:1"], ["::1:1"], ["[a]:1"], ["a b:1"], ["http://a:1"], ["a" * 64 + ":1"],
        ["b." + "a" * 64 + ":1"], [".".join(["a" * 63] * 4) + ":80"])),
    *({"trusted-proxies": value} for value in (
        10, [], [""], ["10.0.0.0/33"], ["::/129"], ["10.0.0.0/"], ["10.0.0.0/8,"], ["10.0.0"], ["all"],
        ["::1"] * 65)),
    *({"error-page": value} for value in (503, [], ["503"], ["503="], ["399=x"], ["600=x"], ["5xx=x"])),
    *({"service": value} for value in ("", "a b", "a/b", "é", "a" * 129, 1, ["a"])),
    *({"file": value} for value in ("", True, 1, ["x"], "a\nb", "a\x7f", "x" * 4096)),
    *({"check-mode": value} for value in ("", "HTTP", "on", True)),
    *({"check-path": value} for value in ("", "x", "/a b", "/a#b", "/é", "/" + "x" * 255)),
    *({"check-method": value} for value in ("", "get", "A" * 16)),
    *({"check-status": value} for value in ("", "199", "600", "2xx", "200,", "200-", ",".join(["200"] * 9))),
    *({"check-host": value} for value in ("", "a b", "a/b", "\u00e9", "x" * 256)),
    *({"check-port": value} for value in ("", "0", 0, 65536, -1, 80.5, [80], True, "x", "80-81")),
    *({"check-header": value} for value in ("", "x", ":", "a b: c", "A: b|", "A: b|c", "A: \tb", "A: b\r\nC: d", "A:" + "x" * 254)),
    *({"check-text": value} for value in ("", "a\tb", "x" * 256)),
    *({word: value} for word in ("check-send", "check-expect") for value in ("", "a\r", "\\", "\\x0", "\\0", "a" * 256)),
    *({word: value} for word in ("check-interval", "check-timeout") for value in ("9ms", "2h", "5", "0")),
    *({word: value} for word in ("check-rise", "check-fall") for value in ("0", "101", "x", 0, 101, -1)),
    *({"backend-name": value} for value in ("", "+5", "a b", "*.a.test", "a/b", ".a", "a..b", "a:1", "[a]", "[::1", "[10.0.0.1]", "a" * 256)),
    *({"access-log-format": value} for value in ("", "jsn", "plain", 1, "%{end}\n%{end}")),
]

# Each key gets each of these: whatever its type is, most of them are wrong for it.
ANYTHING = [None, True, False, {}, [], ["x"], "", " ", "x", "off", "on", "auto", "info", "GET", "/x", "200", 0, "0", 1,
            -1, "-1", 1.5, 10**13, "5", "+5", "10s", "0s", "25h", "16k", "5d", "99999999999999999999s", "10 s"]


@pytest.fixture(name="validator", scope="module")
def fixture_validator():
    schema = json.loads(run("lb", "--print-schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(name="is_accepted")
def fixture_is_accepted(tmp_path):
    file = tmp_path / "lb.json"

    def is_accepted(document):
        file.write_text(json.dumps(document))
        done = run("lb", "--config", str(file), "--print-config", env={"LB_ADMIN_OPEN": "on"})
        assert done.returncode in (0, 2), done.stderr
        return done.returncode == 0
    return is_accepted


def test_good_files(validator, is_accepted):
    for document in GOOD:
        assert is_accepted(document), document
        validator.validate(document)


def test_bad_files(validator, is_accepted):
    for document in BAD:
        assert not is_accepted(document), document
        assert not validator.is_valid(document), document


def test_what_only_lb_refuses(validator, is_accepted):
    for document in ONLY_LB_REFUSES:
        assert not is_accepted(document), document
        validator.validate(document)


@pytest.mark.slow("lb is started for every key with every kind of value")
def test_every_key_with_every_kind_of_value(validator, is_accepted):
    differences = []
    for key in validator.schema["properties"]:
        for value in ANYTHING:
            is_valid = validator.is_valid({key: value})
            if is_accepted({key: value}) != is_valid and not (is_valid and key in NAMES_A_FILE):
                differences.append((key, value))
    assert not differences


def test_defaults_and_printed_settings_fit(validator):
    for key, schema in validator.schema["properties"].items():
        assert schema["description"], key
        if "default" in schema:
            validator.validate({key: schema["default"]})
    validator.validate(json.loads(run("lb", "--print-config").stdout))
    validator.validate(json.loads(run("lb", "--backend=[::1]:80", "--admin=off", "--print-config").stdout))


def test_it_needs_no_settings():
    done = run("lb", "--workers=many", "--print-schema", "--nonsense", env={"LB_LISTEN": "nonsense"})
    assert (done.returncode, done.stderr) == (0, "")
