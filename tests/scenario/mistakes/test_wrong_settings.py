"""Wrong command lines, variables and files, one a row: what `lb --check` and lb itself say names what is wrong, and what helps.

A row that lb does not refuse, as it goes on and tries again, is told in its log; everything else ends it with exit code 2."""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile

import pytest

from support.certificates import openssl
from support.program import BIN_DIR, environment, message_of

STATIC = "--backend=127.0.0.1:1"
NOBODY = 65534
SOURCES = {"--docker", "--swarm", "--consul", "--file", "--backend"}
TLS = "--listen-tls=127.0.0.1:0 " + STATIC


def row(words, named, remedy, **more):
    """`words`: with {t}, the folder of the files below, and {busy}. `more`: `env`; `starts`: lb starts, and tells it in its log;
    `checks`: --check tells it, but does not refuse it; `user`: who is not root."""
    return words, named, remedy, more


ROWS = {
    # the command line
    "unknown-flag": row("--lisen=:80", '"--lisen": unknown flag', "did you mean --listen"),
    "swapped-letters": row("--wokrers=2", '"--wokrers": unknown flag', "did you mean --workers"),
    "one-dash": row("-listen=:80", '"-listen=:80": is no flag', "did you mean --listen"),
    "short-flag": row("-p 80", '"-p": is no flag', "see lb --help"),
    "stray-word": row("--workers 2 3", '"3": is no flag', "see lb --help"),
    "no-value": row("--listen", "--listen: has no value", "give IP:PORT"),
    "value-too-many": row("--help=1", "--help: takes no value", "give the flag alone"),
    "variable": row(STATIC, 'LB_WORKERS: "many" is no whole number', "give a number from 0 to 1024", env={"LB_WORKERS": "many"}),
    "unknown-variable": row(STATIC, "LB_LISTNE in the environment: no setting", "did you mean LB_LISTEN", env={"LB_LISTNE": "80"}, starts=True, checks=True),
    # addresses and ports
    "bad-ip": row("--listen=1.2.3:80", '"1.2.3:80" has a host that is no IP', "give IP:PORT"),
    "name-for-ip": row("--listen=localhost:80", '"localhost:80" has a host that is no IP', "give IP:PORT"),
    "port-beyond": row("--listen=127.0.0.1:80000", '"127.0.0.1:80000" has a port above 65535', "give IP:PORT"),
    "port-in-use": row("--listen={busy} " + STATIC, "{busy}.*(?i:address already in use)", "something else has it.*ss -lntup.*choose another", starts=True),
    "admin-in-use": row("--admin={busy} " + STATIC, "{busy}.*(?i:address already in use)", "something else has it.*ss -lntup.*choose another", starts=True),
    "not-of-this-machine": row("--listen=192.0.2.1:80 " + STATIC, "192.0.2.1:80.*(?i:cannot assign|address not available)", "an address of this machine|choose another", starts=True),
    "port-without-right": row("--listen=127.0.0.1:80 " + STATIC, "127.0.0.1:80.*(?i:permission denied)", "it is kept for root.*CAP_NET_BIND_SERVICE", starts=True, user=NOBODY),
    "same-port-twice": row("--listen=127.0.0.1:18231 --listen=127.0.0.1:18231", '"127.0.0.1:18231" is given twice', "give each address once"),
    "admin-and-listen": row("--listen=127.0.0.1:18231 --admin=127.0.0.1:18231", "is also an address of --listen", "another port"),
    "admin-open-to-all": row("--admin=0.0.0.0:0", "can be reached from other machines", "--admin-token-file FILE"),
    "backend-without-port": row("--backend=10.0.0.1", '"10.0.0.1" has no port', "give HOST:PORT"),
    "backend-with-http": row("--backend=http://10.0.0.1:80", "begins with http://, which is left out", "give HOST:PORT"),
    "backend-of-no-name": row("--backend=no.such.invalid:80", "no.such.invalid:80: the host has no address", "is the name right|asked for again", starts=True),
    "port-range": row("--dynamic-ports=9100-9000 " + STATIC, '"9100-9000" is no range of ports', "give LOW-HIGH"),
    "no-network": row("--trusted-proxies=10.0.0.0/33 " + STATIC, '"10.0.0.0/33" is no range of addresses', "give IP/LENGTH"),
    # numbers, units, words
    "no-unit": row("--idle-timeout=5", '"5" has no unit', "add a unit, for example 10s"),
    "bad-unit": row("--max-body=5q", '"5q" has a unit other than', "give a size"),
    "too-big": row("--workers=100000", '"100000" is too big', "from 0 to 1024"),
    "negative": row("--workers=-1", '"-1" is no whole number', "from 0 to 1024"),
    "time-too-long": row("--idle-timeout=25h", '"25h" is too big', "from 0s to 24h"),
    "bad-word": row("--jail=strickt", '"strickt" is not known', "give strict, log or off"),
    "bad-level": row("--log-level=verbose", '"verbose" is not known', "give debug, info, warn or error"),
    "bad-balance": row("--balance=roundrobin", '"roundrobin" is no way to balance', "give round-robin"),
    "bad-path": row("--check-path=health", '"health" cannot be used', "begins with /"),
    "bad-status": row("--check-status=2xx", '"2xx" cannot be used', "for example 200-399"),
    "bad-dialect": row("--dialects=lb,treafik", "has a word that is not known", "lb, nginx-proxy, traefik"),
    "bad-rule": row("--traefik-default-rule=Host(", "a value stands in backticks", "a rule of Traefik"),
    "log-template": row("--access-log-format=jsno " + STATIC, '"jsno": it is not known', "give auto, short, json, combined"),
    "two-sources": row("--docker " + STATIC, "--backend: cannot be used together with --docker", "name any of docker"),
    "useless-alone": row("--consul-node=a --docker", "Consul's catalog, which is not followed", "give --consul as well"),
    # files of settings
    "no-file": row("--config={t}/none.json", "{t}/none.json.*No such file", "give a JSON file"),
    "unreadable": row("--config={t}/unreadable.json", "{t}/unreadable.json.*Permission denied", "that lb may read", user=NOBODY),
    "directory": row("--config={t}/dir", "{t}/dir.*Is a directory", "give a JSON file"),
    "fifo": row("--config={t}/fifo", "{t}/fifo.*nobody writes into it", "give a JSON file"),
    "trailing-comma": row("--config={t}/comma.json", "comma.json: line 3, column 1", "without the comma before it"),
    "yaml": row("--config={t}/yaml.json", "yaml.json: line 1.*no JSON", "give one JSON object"),
    "comment": row("--config={t}/comment.json", "comment.json: line 2, column 3", "without comments"),
    "single-quotes": row("--config={t}/quotes.json", "quotes.json: line 1, column 2", "double quotes"),
    "byte-order-mark": row("--config={t}/bom.json", "bom.json: line 1", "without the byte order mark"),
    "empty": row("--config={t}/empty.json", "empty.json.*it is empty", "give one JSON object"),
    "unknown-key": row("--config={t}/unknown.json", 'line 1, column 2: "worker" is not known', 'did you mean "workers"'),
    "wrong-type": row("--config={t}/type.json", "workers: is a list and must be a whole number", "give a number"),
    "twice": row("--config={t}/twice.json", "line 1, column 24: duplicate object key", "give each word once"),
    # secrets
    "token-short": row("--admin-token=x", "is shorter than 16", "give 16 to 256 letters"),
    "token-empty": row("--admin-token-file={t}/empty.json", "empty.json.*it is empty", "openssl rand -hex 32"),
    "token-missing": row("--admin-token-file={t}/none", "{t}/none.*No such file", "openssl rand -hex 32"),
    "token-readable-by-all": row("--admin=127.0.0.1:0 --admin-token-file={t}/token " + STATIC, "others than its owner may read {t}/token", "chmod 600",
                                 starts=True, checks=True),
    "token-twice": row("--admin-token=0123456789abcdef --admin-token-file={t}/token", "cannot be used together", "give one of them"),
    "ticket-keys": row(TLS + " --tls-ticket-keys={t}/token", "{t}/token.*another size", "openssl rand 80"),
    # where backends come from
    "engine-without-scheme": row("--docker={t}/none.sock", "is no address of a Docker engine", "unix:///PATH"),
    "engine-by-ssh": row("--docker", 'DOCKER_HOST: "ssh://a@b" cannot be used', "unix:///path", env={"DOCKER_HOST": "ssh://a@b"}, starts=True),
    "engine-by-tls": row("--docker", "DOCKER_TLS_VERIFY: TLS to the engine is not supported", "unset it, or use unix:///path",
                         env={"DOCKER_TLS_VERIFY": "1", "DOCKER_HOST": "tcp://127.0.0.1:2376"}, starts=True),
    "engine-not-there": row("--docker=unix://{t}/none.sock", "{t}/none.sock: cannot connect: No such file", "is the path right", starts=True),
    "engine-no-right": row("--docker=unix://{t}/root.sock", "{t}/root.sock: cannot connect: Permission denied", "run lb as its owner|usermod|group", starts=True, user=NOBODY),
    "engine-is-a-file": row("--docker=unix://{t}/token", "{t}/token is no socket, but a file", "name the engine's", starts=True),
    "engine-is-a-folder": row("--docker=unix://{t}/dir", "{t}/dir is no socket", "remove it, start the engine", starts=True),
    "engine-refuses": row("--docker=tcp://127.0.0.1:1", "127.0.0.1:1: cannot connect: Connection refused", "start the engine or the socket proxy", starts=True, checks=None),
    "services-missing": row("--file={t}/none.json", "{t}/none.json.*No such file", "put it there|Write it|Mount it", starts=True),
    "services-comma": row("--file={t}/services.json", "services.json: line 1, column 79", "without the comma before it.*Correct the file", starts=True),
    "services-yaml": row("--file={t}/yaml.json", "yaml.json: line 1", "no JSON.*Correct the file", starts=True),
    "services-directory": row("--file={t}/dir", "{t}/dir: Is a directory", "Name a file", starts=True),
    "consul-scheme": row("--consul=ftp://127.0.0.1:8500", "is no address of a Consul agent", "give http://HOST:PORT"),
    "consul-refuses": row("--consul=http://127.0.0.1:1", "127.0.0.1:1: cannot connect: Connection refused", "start the agent", starts=True, checks=None),
    "consul-token": row("--consul=http://127.0.0.1:1", "CONSUL_HTTP_TOKEN_FILE: .*No such file", "put the token there",
                        env={"CONSUL_HTTP_TOKEN_FILE": "/none"}, starts=None),
    # TLS and ACME
    "certificates-missing": row(TLS + " --certificates={t}/none", "{t}/none.*No such file", "make it|put it there", starts=True),
    "certificates-a-file": row(TLS + " --certificates={t}/token", "{t}/token.*(no|Not a) directory", "give the one|put it there", starts=True),
    "nothing-listens": row("--certificates={t}/dir " + STATIC, "--certificates is set, but nothing listens for TLS", "--listen-tls 443", starts=True, checks=True),
    "nothing-to-show": row(TLS, "--listen-tls has no certificate to show", "--certificates.*--acme", starts=True, checks=True),
    "no-key": row(TLS + " --certificates={t}/no-key", "a.test.crt: there is no key to it", "lie in {t}/no-key/a.test.key", starts=True, checks=None),
    "other-key": row(TLS + " --certificates={t}/other-key", "a.test.crt: the key does not fit", "put both there again", starts=True, checks=None),
    "locked-key": row(TLS + " --certificates={t}/locked-key", "a.test.crt: the key has a passphrase", "openssl pkey", starts=True, checks=None),
    "no-pem": row(TLS + " --certificates={t}/no-pem", "a.test.crt: no certificate is in it", "BEGIN CERTIFICATE", starts=True, checks=None),
    "expired": row(TLS + " --certificates={t}/expired", "a.test.*(expired|is over)", "renew|new one|replace", starts=True, checks=None),
    "policy": row(TLS + " --tls-policy=old", '"old" is not known', "give intermediate or modern"),
    "acme-mail": row("--acme=nomail", '"nomail" is no address of mail', "for example admin@example.com"),
    "acme-directory": row("--acme=a@b.test --acme-directory=stagin", '"stagin" is', "staging|production|https"),
    "backend-ca-nowhere": row("--backend-ca=x.pem " + STATIC, '"x.pem" is a file of --backend-certificates', "name the directory", starts=None),
    # other files, and who runs it
    "error-page": row("--error-page=503={t}/none.html", "{t}/none.html.*No such file", "name a readable file"),
    "log-nowhere": row("--access-log={t}/none/a.log " + STATIC, "{t}/none.*No such file", "make it|--access-log", starts=None),
    "log-is-a-folder": row("--access-log={t}/dir " + STATIC, "{t}/dir.*is a folder", "give a file in it", starts=None),
    "users-nowhere": row("--htpasswd-dir={t}/none " + STATIC, "{t}/none.*No such file", "make it", starts=None),
    "no-discovery": row("--discovery={t}/none --docker", "{t}/none.*(?i:No such file)", "a program|Put lb-discovery", starts=True),
    "no-user": row(STATIC, "there is no user nobody-such", "useradd", env={"LB_USER": "nobody-such"}, starts=True, checks=None),
    "dsn": row("--sentry-dsn=abc", "the DSN.* begins neither with https://", "https://KEY@HOST/PROJECT"),
    "gelf": row("--gelf=http://x", "begins neither with udp://", "give udp://HOST:PORT"),
}

FILES = {
    "comma.json": '{\n  "workers": 1,\n}\n', "yaml.json": "listen: 8000\nworkers: 1\n", "comment.json": '{\n  // why\n  "workers": 1}',
    "quotes.json": "{'workers': 1}", "bom.json": '\ufeff{"workers": 1}', "empty.json": "", "unknown.json": '{"worker": 1}',
    "type.json": '{"workers": [1]}', "twice.json": '{"workers": 1, "workers": 2}', "unreadable.json": "{}", "token": "0123456789abcdef\n",
    "services.json": '{"services": [{"name": "a", "endpoints": [{"address": "127.0.0.1", "port": 80,}]}]}', "no-pem/a.test.crt": "x",
}


def make_certificate(folder, *more):
    folder.mkdir()
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "a.test.key",
            "-out", folder / "a.test.crt", "-subj", "/CN=a.test", "-addext", "subjectAltName=DNS:a.test", *more)


def make_certificates(folder):
    for name in ("no-key", "other-key", "locked-key", "expired"):
        make_certificate(folder / name)
    (folder / "no-key/a.test.key").unlink()
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", folder / "other-key/a.test.key")
    openssl("pkey", "-in", folder / "locked-key/a.test.key", "-aes256", "-passout", "pass:word", "-out", folder / "locked")
    os.replace(folder / "locked", folder / "locked-key/a.test.key")
    openssl("req", "-new", "-key", folder / "expired/a.test.key", "-subj", "/CN=a.test", "-out", folder / "csr")
    openssl("x509", "-req", "-in", folder / "csr", "-signkey", folder / "expired/a.test.key", "-days", "-1", "-out", folder / "expired/a.test.crt")


@pytest.fixture(name="place", scope="module")
def make_place():
    """What {t} and {busy} are: in a folder that everybody may enter."""
    with tempfile.TemporaryDirectory() as folder:
        yield from fill(pathlib.Path(folder))


def fill(folder):
    folder.chmod(0o755)
    (folder / "dir").mkdir()
    (folder / "no-pem").mkdir()
    for name, content in FILES.items():
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "unreadable.json").chmod(0o600)
    os.mkfifo(folder / "fifo")
    make_certificates(folder)
    (folder / "bin").mkdir()  # where the programs were built others may not look
    for program in BIN_DIR.glob("lb*"):
        shutil.copy(program, folder / "bin")
    with socket.create_server(("127.0.0.1", 0)) as busy, socket.socket(socket.AF_UNIX) as engine:
        engine.bind(str(folder / "root.sock"))
        os.chmod(folder / "root.sock", 0o600)
        engine.listen()
        yield {"t": str(folder), "busy": "127.0.0.1:%d" % busy.getsockname()[1]}


def flags_of(words, place):
    given = [word.format(**place) for word in words.split(" ")] if words else []
    has = {flag.partition("=")[0] for flag in given}
    if not has & SOURCES:  # this machine's own engine is no part of it
        given.append(STATIC)
    return [*(["--listen=127.0.0.1:0"] if "--listen" not in has else []), *(["--admin=off"] if "--admin" not in has else []), *given]


def pieces_of(name, place):
    _, named, remedy, _ = ROWS[name]
    place = {key: re.escape(value) for key, value in place.items()}
    return [re.sub(r"\{(t|busy)\}", lambda found: place[found[1]], piece) for piece in (named, remedy)]


def missing(pieces, text):
    return [piece for piece in pieces if not re.search(piece, text)]


def start(flags, more, place):
    """lb as a process, and what becomes of it: its output goes to a pipe."""
    user = more.get("user")
    as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
    env = {"LB_USER": "root", "LB_DISCOVERY_USER": "root", **more.get("env", {})}
    return subprocess.Popen([place["t"] + "/bin/lb", *flags], env=environment(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True, cwd="/", **as_user)


def needs_root(more):
    if more.get("user") and os.geteuid() != 0:
        pytest.skip("only root can become another user")


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row[3].get("checks", False) is not None])
def test_check_names_it_with_its_remedy(name, place):
    words, _, _, more = ROWS[name]
    needs_root(more)
    process = start([*flags_of(words, place), "--check"], more, place)
    text, _ = process.communicate(timeout=30)
    assert process.returncode == (0 if more.get("checks") else 2), text
    assert missing(pieces_of(name, place), text) == [], text
    assert all(line.startswith("lb: ") or line == "the settings are good" for line in text.splitlines()), text


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row[3].get("starts", False) is False])
def test_lb_ends_with_the_same_words(name, place):
    words, _, _, more = ROWS[name]
    needs_root(more)
    flags = flags_of(words, place)
    checked, started = start([*flags, "--check"], more, place), start(flags, more, place)
    said, text = checked.communicate(timeout=30)[0], started.communicate(timeout=30)[0]
    assert (started.returncode, text) == (2, said)


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row[3].get("starts")])
def test_lb_tells_it_in_its_log(name, place, cleanup):
    words, _, _, more = ROWS[name]
    needs_root(more)
    process = start(flags_of(words, place), more, place)
    cleanup.callback(process.wait, 30)
    cleanup.callback(process.terminate)
    said = []
    for line in process.stdout:
        said.append(message_of(line) or line)
        if not missing(pieces_of(name, place), " ".join(said)):
            return
    raise AssertionError(said)


def test_there_are_forty_five():
    assert len(ROWS) >= 45
