"""Others' clients of ACME get certificates through --acme-webroot, behind an lb that sends everything else to HTTPS."""
import os
import shutil
import subprocess

import pytest

from pebble import HTTP_PORT

NAMES = ("one.web.example", "two.web.example")


def run(*words, env=None, before=()):
    done = subprocess.run([*before, *map(str, words)], env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def certbot(pebble, webroot, folder):
    run("certbot", "certonly", "--webroot", "-w", webroot, *(word for name in NAMES for word in ("-d", name)),
        "--server", pebble.url, "--register-unsafely-without-email", "--agree-tos", "-n", "--config-dir", folder / "c",
        "--work-dir", folder / "w", "--logs-dir", folder / "l", env={"REQUESTS_CA_BUNDLE": str(pebble.ca)})
    return folder / "c/live" / NAMES[0] / "fullchain.pem"


def lego(pebble, webroot, folder):
    run("lego", "--accept-tos", "--email", "you@example.org", "--server", pebble.url, "--http", "--http.webroot", webroot,
        *(word for name in NAMES for word in ("--domains", name)), "--path", folder / "lego", "run",
        env={"LEGO_CA_CERTIFICATES": str(pebble.ca)})
    return folder / "lego/certificates" / f"{NAMES[0]}.crt"


def dehydrated(pebble, webroot, folder):
    base = folder / "dehydrated"
    base.mkdir()
    (base / "domains.txt").write_text(" ".join(NAMES) + "\n", encoding="ascii")
    (base / "config").write_text(f'CA="{pebble.url}"\nBASEDIR="{base}"\nWELLKNOWN="{webroot}/.well-known/acme-challenge"\n'
                                 f'CURL_OPTS="--cacert {pebble.ca}"\nLOCKFILE="{base}/lock"\n', encoding="ascii")
    run("dehydrated", "--register", "--accept-terms", "-f", base / "config")
    run("dehydrated", "-c", "-f", base / "config")
    return base / "certs" / NAMES[0] / "fullchain.pem"


def uacme(pebble, webroot, folder):
    """It knows no authorities but the system's, so it sees others."""
    hook = folder / "hook"
    hook.write_text('#!/bin/sh\n[ "$2" = http-01 ] || exit 1\n'
                    f'file={webroot}/.well-known/acme-challenge/$4\n'
                    'case $1 in begin) printf %s "$5" >"$file" ;; *) rm -f "$file" ;; esac\n', encoding="ascii")
    hook.chmod(0o755)
    before = ("unshare", "--mount", "sh", "-c",
              f'mount --bind {pebble.ca} /etc/ssl/certs/ca-certificates.crt && exec "$@"', "sh")
    words = ("uacme", "-y", "-c", folder / "uacme", "-a", pebble.url)
    (folder / "uacme").mkdir()
    run(*words, "new", before=before)
    run(*words, "-h", hook, "issue", *NAMES, before=before)
    return folder / "uacme" / NAMES[0] / "cert.pem"


@pytest.mark.slow("a program in Python or Bash that waits for itself")
@pytest.mark.parametrize("client", [certbot, lego, dehydrated, uacme], ids=lambda client: client.__name__)
def test_client(client, start_pebble, start_lb, start_backend, tmp_path):
    if not shutil.which(client.__name__):
        pytest.skip(f"not installed: {client.__name__}; tests/run.sh does it")
    if client is uacme and os.geteuid() != 0:
        pytest.skip("only root gives it other authorities")
    pebble = start_pebble()
    webroot = tmp_path / "webroot"
    (webroot / ".well-known" / "acme-challenge").mkdir(parents=True)
    backend = start_backend()
    start_lb(f"--listen={pebble.address}:{HTTP_PORT}", f"--acme-webroot={webroot}", backends=[backend])
    chain = client(pebble, webroot, tmp_path)
    text = subprocess.run(["openssl", "x509", "-in", chain, "-noout", "-ext", "subjectAltName"], capture_output=True, text=True,
                          check=True).stdout
    assert all(f"DNS:{name}" in text for name in NAMES)
    assert not any("acme-challenge" in str(request) for request in getattr(backend, "requests", []))
