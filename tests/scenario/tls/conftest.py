"""An lb that speaks TLS in front of servers, with certificates of an authority of the test's."""

import pytest

from support.certificates import make_ca
from support.tls import TlsLb


@pytest.fixture(name="ca", scope="module")
def fixture_ca(tmp_path_factory):
    return make_ca(tmp_path_factory.mktemp("ca") / "root")


@pytest.fixture
def start_tls(start_lb, start_backend, ca, tmp_path):
    """start_tls(*flags, backends=...): a TlsLb, in front of a backend that says ok unless others are given."""
    def start(*flags, backends=None, **options):
        return TlsLb(start_lb, tmp_path / "certificates", ca, *flags,
                     backends=backends or [start_backend()], **options)
    return start
