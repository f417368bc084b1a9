"""Authorities, what they issued, and backends that show it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from secure_backend import SecureBackend, server_context
from support.backend import OK
from support.certificates import issue, make_ca, self_signed


@dataclass(frozen=True)
class Papers:
    """Identities, and the directory for --backend-certificates."""
    folder: Path
    files: Path
    good: object       # for b.test and 127.0.0.1
    other: object      # for other.test
    expired: object
    early: object      # it begins tomorrow
    stranger: object   # for b.test, by another authority
    own: object        # by itself, for b.test
    lb: object         # lb's own

    @property
    def flag(self):
        return f"--backend-certificates={self.files}"

    def context(self, name, **options):
        return server_context(self.folder, getattr(self, name), **options)


@pytest.fixture(name="papers", scope="session")
def make_papers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("papers")
    ca, stranger = make_ca(folder / "ca"), make_ca(folder / "stranger", name="a stranger")
    files = folder / "files"
    files.mkdir()
    made = Papers(folder, files, good=issue(ca, ["b.test", "127.0.0.1"]), other=issue(ca, ["other.test"]),
                  expired=issue(ca, ["b.test"], begins=-9, days=-2), early=issue(ca, ["b.test"], begins=1, days=9),
                  stranger=issue(stranger, ["b.test"]), own=self_signed(["b.test"]), lb=issue(ca, ["lb.test"]))
    (files / "ca.pem").write_text(ca.certificate.read_text(encoding="utf-8"), encoding="utf-8")
    (files / "stranger.pem").write_text(stranger.certificate.read_text(encoding="utf-8"), encoding="utf-8")
    (files / "lb.pem").write_text(made.lb.full_chain + made.lb.key, encoding="utf-8")
    (files / "empty.pem").write_text("nothing\n", encoding="utf-8")
    return made


@pytest.fixture(name="start_secure")
def make_start_secure(cleanup, papers):
    """start_secure(identity, script): a SecureBackend that shows papers.IDENTITY."""
    def start(identity="good", script=OK, context=(), **options):
        backend = SecureBackend(papers.context(identity, **dict(context)), script, **options)
        cleanup.callback(backend.close)
        return backend
    return start


@pytest.fixture
def start_https(start_lb):
    """start_https(*flags, backends): lb in front of them by --backend https://127.0.0.1:PORT."""
    def start(*flags, backends, host="127.0.0.1", is_ready=True, **options):
        where = [f"--backend=https://{host}:{backend.address[1]}" for backend in backends]
        lb = start_lb(*where, *flags, **options)
        return lb.wait_ready(len(backends)) if is_ready else lb
    return start
