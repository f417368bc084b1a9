"""What --print-config prints: it fits the schema, has numbers where numbers can be, and gives the same settings again."""

import json
import re

import jsonschema
import pytest

from support.program import run

TOKEN = "0123456789abcdef~+/="
DSN = "https://a1b2:c3@sentry.internal:8443/in/front/42"
# Values of each setting other than its default, as one types them; "@": a file that is there.
VALUES = {
    "listen": ["80", "[::1]:0", ":81"],
    "listen-also": ["82"],
    "admin": ["off", "8099", "[::1]:80"],
    "admin-token": [TOKEN],
    "admin-token-file": ["@token"],
    "admin-open": ["on", "read"],
    "admin-host": ["lb.internal"],
    "admin-behind-proxy": ["on"],
    "trusted-proxies": ["10.0.0.0/8,fd00::/8", "192.0.2.1"],
    "proxy-protocol-from": ["10.0.0.0/8,fd00::/8", "192.0.2.1"],
    "tcp": ["443/*.A.test#h2=rpc", "0.0.0.0:05432=db", "[::]:0"],
    "udp": ["53=dns", "[FD00::2]:53"],
    "dynamic-ports": ["10000-10999", "[::1]:1-2"],
    "listen-tls": ["443", "[::1]:0"],
    "listen-tls-also": ["8443"],
    "tls-policy": ["modern"],
    "certificates": ["/etc/lb/certificates", "certs"],
    "acme": ["you@example.org"],
    "acme-directory": ["staging", "https://ca.internal/directory"],
    "acme-dir": ["/data/acme"],
    "acme-challenge": ["tls-alpn-01"],
    "acme-check": ["on"],
    "acme-eab-kid": ["kid-1"],
    "acme-eab-key-file": ["/run/secrets/eab"],
    "acme-ca": ["/etc/lb/ca.pem"],
    "acme-key": ["rsa"],
    "acme-consul": ["http://consul.internal:8500", "unix:///run/consul.sock"],
    "certificates-also": ["/certificates"],
    "tls-handshake-timeout": ["3s", "off"],
    "max-handshakes": ["1", "1000000"],
    "tls-ticket-keys": ["@ticket-keys"],
    "forwarded": ["on"],
    "via": ["off"],
    "abort-on-close": ["on"],
    "error-page": ["503=@page"],
    "htpasswd-dir": ["/srv/users"],
    "error-pages-dir": ["/srv/pages"],
    "docker": ["tcp://[fd00::1]:2375", "unix:///run/engine.sock", "http://engine:80"],
    "swarm": ["tcp://[fd00::1]:2375", "unix:///run/manager.sock"],
    "consul": ["consul-tls://[fd00::1]:8501", "consul.internal", "unix:///run/consul.sock", "HTTPS.test:1/"],
    "consul-service": ["web,db", "my.shop_1-a"],
    "consul-port": ["web=080".replace("=0", "="), "a=1,b=65535"],
    "consul-address": ["lan_ipv6"],
    "consul-node": ["host-1"],
    "register": ["http://127.0.0.1:8500", "consul-unix:///run/consul.sock"],
    "advertise": ["192.0.2.1", "2001:db8::1"],
    "register-internal": ["on"],
    "register-explicit": ["on"],
    "register-tags": ["a,b c", "d\u00e9j\u00e0"],
    "register-ttl": ["30s", "24h"],
    "deregister-after": ["0", "720h", "off", "never"],
    "deregister": ["on-success"],
    "register-cleanup": ["on"],
    "register-name": ["none"],
    "host-name": ["host-1"],
    "file": ["/srv/d\u00e9j\u00e0 \"vu\" \\.json"],
    "backend": ["a.internal:1", "[FD00::2]:65535", "010.0.0.2:3".lstrip("0"),
                "db=tcp://db.internal:5432", "udp://[FD00::2]:53",
                "https://a.internal:443"],
    "proxy-protocol": ["v2"],
    "tcp-drain": ["reset"],
    "backend-certificates": ["/srv/authorities"],
    "backend-verify": ["yes", "no"],
    "backend-ca": ["d\u00e9j\u00e0.pem"],
    "backend-name": ["a.test", "fd00::2"],
    "backend-certificate": ["lb.pem"],
    "service": ["my.shop_1-a"],
    "default-route": ["404", "503", "shop"],
    "dialects": ["lb,nginx-proxy"],
    "require-label": ["on"],
    "traefik-exposed": ["off"],
    "traefik-default-rule": ["Host(`{{ normalize .Name }}.example.com`)"],
    "balance": ["sticky Hash  Header X-A!~", "least-requests", "hash path", "sticky"],
    "sticky": ["name=a secure samesite=Strict max-age=90m domain=.a-1.test path=/x", "samesite=none"],
    "prefer": ["local"],
    "sticky-secret": ["@token"],
    "allow-address": ["127.0.0.0/8", "::1"],
    "discovery": ["unix:/run/lb/line.sock", "/opt/\"quoted\" \\ name"],
    "head-timeout": ["1ms", "off", "90s"],
    "idle-timeout": ["24h", "0"],
    "connect-timeout": ["1500ms"],
    "far-connect-timeout": ["61s"],
    "last-connect-timeout": ["3600000ms"],
    "response-timeout": ["off"],
    "body-timeout": ["0075S"],
    "stream-timeout": ["2H"],
    "upstream-dead-after": ["off", "30s"],
    "tunnel-timeout": ["90m"],
    "tcp-idle-timeout": ["off", "90m"],
    "udp-idle-timeout": ["1s", "24h"],
    "upstream-idle-timeout": ["0s"],
    "hold": ["0", "1h"],
    "queue-timeout": ["0", "1h"],
    "jail": ["log", "off"],
    "https-method": ["noredirect", "nohttp", "nohttps"],
    "https-port": ["8443"],
    "hsts": ["max-age=86400; includeSubDomains; preload"],
    "acme-webroot": ["/var/www/a", "/srv/b c"],
    "user": ["www-data", "root"],
    "discovery-user": ["www-data"],
    "upgrade-timeout": ["1s", "24h"],
    "handover-grace": ["0", "30m"],
    "handover": ["/run/lb/handover.sock"],
    "max-inflight": ["4", "007"],
    "queue": ["off", "1000000"],
    "upstream-keepalive": ["off"],
    "shutdown-delay": ["0s", "5s"],
    "shutdown-grace": ["1m"],
    "resolve-interval": ["0"],
    "discovery-timeout": ["1s"],
    "check-mode": ["off", "http", "postgres", "udp"],
    "check-path": ["/health?x=\"1\""],
    "check-method": ["HEAD"],
    "check-host": ["[::1]:80"],
    "check-port": ["9000", "0080"],
    "check-header": ["X-Forwarded-Proto: https|X-A:"],
    "check-status": ["200,300-302"],
    "check-text": ["Hello \"World\" \\ \u00e9"],
    "check-send": ["PING\\r\\n", "\\x00\\\\\""],
    "check-expect": ["+PONG"],
    "check-interval": ["1500ms"],
    "check-timeout": ["1h"],
    "check-rise": ["7", "007"],
    "check-fall": ["100"],
    "eject-after": ["0"],
    "eject-5xx": ["5"],
    "eject-time": ["10ms"],
    "eject-max": ["1"],
    "panic-below": ["0"],
    "panic-unhealthy": ["off"],
    "slow-start": ["20s"],
    "workers": ["7"],
    "max-head": ["1025", "32k"],
    "max-headers": ["128"],
    "max-target": ["65535", "64K"],
    "max-body": ["1125899906842623", "3g", "10"],
    "max-connections": ["10000000"],
    "max-flows": ["7", "10000000"],
    "max-per-client": ["1"],
    "max-requests": ["1000000000"],
    "max-buffers": ["1m", "1"],
    "hold-max": ["0"],
    "retry-budget": ["100"],
    "state": ["/var/lib/lb/state"],
    "trace-context": ["generate"],
    "gelf": ["udp://logs.internal", "tcp://[fd00::1]:012201"],
    "gelf-compress": ["none", "zlib"],
    "gelf-host": ["edge-1"],
    "sentry-dsn": [DSN],
    "sentry-dsn-file": ["@dsn"],
    "sentry-environment": ["staging"],
    "sentry-queries": ["on"],
    "metrics-compat": ["on"],
    "log-level": ["debug", "error"],
    "log-format": ["plain"],
    "access-log": ["off", "/var/log/lb.log"],
    "access-log-format": ["combined", "%{time} \"%{user_agent}\""],
}


@pytest.fixture(name="schema", scope="module")
def fixture_schema():
    return json.loads(run("lb", "--print-schema").stdout)


# What a setting says something of, which has to be there.
NEEDS = {"listen-tls-also": "--certificates=/etc",
         **{f"consul-{word}": "--consul" for word in ("service", "port", "address", "node")},
         **{word: "--register" for word in ("advertise", "register-internal", "register-explicit", "register-tags", "register-ttl",
                                            "deregister-after", "deregister", "register-cleanup", "register-name", "host-name")},
         "gelf-compress": "--gelf=udp://127.0.0.1", "gelf-host": "--gelf=udp://127.0.0.1",
         "sentry-environment": f"--sentry-dsn={DSN}", "sentry-queries": f"--sentry-dsn={DSN}"}


def print_config(*flags):
    done = run("lb", *flags, "--print-config")
    assert (done.returncode, done.stderr) == (0, ""), flags
    return done.stdout


def takes_number(schema):
    return schema.get("type") == "integer" or any(map(takes_number, schema.get("anyOf", [])))


def check_fits(schema, settings):
    for word, value in settings.items():
        own = schema["properties"][word]
        jsonschema.Draft202012Validator(own).validate(value)
        if takes_number(own):
            assert not re.fullmatch("[0-9]+", str(value)) or isinstance(value, int), (word, value)
    jsonschema.Draft202012Validator(schema).validate(settings)


def test_every_setting_has_a_value_here(schema):
    assert set(VALUES) == set(schema["properties"]) - {"$schema"}


@pytest.mark.parametrize("word", VALUES)
def test_printed_is_loaded_as_the_same(word, schema, tmp_path):
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o600)
    (tmp_path / "dsn").write_text(DSN + "\n")
    (tmp_path / "dsn").chmod(0o600)
    (tmp_path / "page").write_text("sorry")
    (tmp_path / "ticket-keys").write_bytes(bytes(80))
    values = [re.sub("(^|=)@", rf"\1{tmp_path}/", value) for value in VALUES[word]]
    is_list = "anyOf" in schema["properties"][word] and any(
        choice.get("type") == "array" for choice in schema["properties"][word]["anyOf"])
    default = json.loads(print_config()).get(word)
    for given in [values] if is_list else [[value] for value in values]:
        printed = print_config(*(f"--{word}={value}" for value in given), *filter(None, [NEEDS.get(word)]))
        settings = json.loads(printed)
        assert settings[word] != default
        check_fits(schema, settings)
        (tmp_path / "lb.json").write_text(printed)
        assert print_config(f"--config={tmp_path}/lb.json") == printed
