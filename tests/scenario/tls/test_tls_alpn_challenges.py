"""TLS-ALPN-01 (RFC 8737): a CA that offers acme-tls/1 alone is shown the certificate of its challenge."""

import ssl

import pytest

from support.certificates import self_signed, write_both
from support.tls import context_of
from support.waiting import wait_for


def ask(tls, name):
    """The certificate that is shown, as PEM."""
    with tls.connect(name, context=context_of(alpn=("acme-tls/1",))) as client:
        assert client.sock.selected_alpn_protocol() == "acme-tls/1"
        shown = ssl.DER_cert_to_PEM_cert(client.sock.getpeercert(True))
        assert client.sock.recv(1) == b""  # nothing is said on it
    return shown


@pytest.fixture(name="state")
def fixture_state(tmp_path):
    (tmp_path / "acme" / "alpn").mkdir(parents=True)
    return tmp_path / "acme"


@pytest.fixture
def start_acme(start_tls, state):
    def start():
        return start_tls("--acme=a@a.test", "--acme-directory=https://127.0.0.1:9/dir", f"--acme-dir={state}")
    return start


def is_shown(tls, state, name, waited, asked):
    """lb-acme, which begins just now, takes away what nobody waits for: it may have to be written again."""
    write_both(state / "alpn" / f"{name}.pem", waited)
    try:
        return ask(tls, asked).strip() == waited.certificate.strip()
    except ssl.SSLError:
        return False


def test_a_challenge_is_shown(start_acme, state):
    tls = start_acme()
    for name in ("new.test", "a.test"):  # also one that has a certificate
        waited = self_signed((name,))
        for asked in (name, name.upper()):
            wait_for(lambda n=name, w=waited, a=asked: is_shown(tls, state, n, w, a), "it is shown")
    assert tls.get().status == 200


def test_without_one_there_is_an_alert(start_acme, state, tmp_path):
    tls = start_acme()
    write_both(tmp_path / "acme" / "out.pem", self_signed(("out",)))
    (state / "alpn" / "link.test.pem").symlink_to(tmp_path / "acme" / "out.pem")
    (state / "alpn" / "large.test.pem").write_text("x" * 100_000)
    (state / "alpn" / "empty.test.pem").write_text("")
    (state / "alpn" / "folder.test.pem").mkdir()
    for name in ("none.test", "link.test", "large.test", "empty.test", "folder.test", "..out"):
        with pytest.raises((ssl.SSLError, ValueError, UnicodeError)):
            ask(tls, name)
    assert tls.get().status == 200


def test_who_offers_http_too_is_no_challenge(start_acme, state):
    tls = start_acme()
    write_both(state / "alpn" / "a.test.pem", self_signed(("a.test",)))
    context = context_of(tls.ca, alpn=("acme-tls/1", "http/1.1"))
    with tls.connect(context=context) as client:
        assert client.sock.selected_alpn_protocol() == "http/1.1"
        assert client.get(host="a.test").status == 200
