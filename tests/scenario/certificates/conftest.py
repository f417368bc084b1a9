"""An lb with a directory of certificates, and handshakes that tell which one is shown."""

import ssl

import pytest

from support.certificates import issue, make_ca
from support.tls import TlsLb, context_of
from support.waiting import wait_for


@pytest.fixture(name="ca", scope="module")
def fixture_ca(tmp_path_factory):
    return make_ca(tmp_path_factory.mktemp("ca") / "root")


class Shower(TlsLb):
    """An lb whose certificates are looked at."""

    def shown(self, name, rsa=False, **options):
        """The certificate as PEM; None: the handshake was refused."""
        ciphers = "aRSA" if rsa else None
        newest = ssl.TLSVersion.TLSv1_2 if rsa else None
        try:
            with self.connect(name, context=context_of(newest=newest, ciphers=ciphers), **options) as client:
                return ssl.DER_cert_to_PEM_cert(client.sock.getpeercert(True))
        except ssl.SSLError as error:
            assert "unrecognized name" in str(error).lower() or "handshake failure" in str(error).lower(), error
            return None

    def shows(self, name, identity, **options):
        shown = self.shown(name, **options)
        return shown == identity.certificate if identity else shown is None

    def wait_shown(self, name, identity, **options):
        wait_for(lambda: self.shows(name, identity, **options), what=f"{name} to have another certificate")


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "certificates"
    path.mkdir()
    return path


@pytest.fixture
def start(start_lb, start_backend, ca, folder):
    """start(*flags): a Shower of what is in `folder`."""
    def begin(*flags, **options):
        return Shower(start_lb, folder, ca, *flags, names=(), backends=[start_backend()], **options)
    return begin


@pytest.fixture(scope="module")
def made(ca):
    """made(*names): an identity; the same one for the same arguments, as making one takes its time."""
    known = {}

    def make(*names, turn=0, **options):
        key = (names, turn, tuple(sorted(options.items())))
        if key not in known:
            known[key] = issue(ca, names, **options)
        return known[key]
    return make
