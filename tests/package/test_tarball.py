"""The tarball: what is in it, and that two builds of the same source in different folders are the same bytes. Everything
is compiled twice, so it is run by hand:

    LB_BY_HAND=1 /usr/bin/python3 -m pytest tests/package/test_tarball.py
"""

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import hardening
import pytest
from conftest import TOP, version

pytestmark = [
    pytest.mark.slow("everything is compiled twice"),
    pytest.mark.timeout(6000),
    pytest.mark.xdist_group("package-tarball"),
    pytest.mark.skipif(os.environ.get("LB_BY_HAND") != "1", reason="takes some minutes; by hand, with LB_BY_HAND=1"),
]

FILES = ["bin/lb", "bin/lb-acme", "bin/lb-discovery", "bin/lb-proxy", "bin/lb-report", "lib/systemd/system/lb-discovery.service",
         "lib/systemd/system/lb.service", "lib/systemd/system/lb.socket", "share/bash-completion/completions/lb",
         "share/bash-completion/completions/lb-discovery", "share/doc/lb/CHANGELOG.md", "share/doc/lb/LICENSE",
         "share/doc/lb/README.md", "share/doc/lb/examples/lb.default", "share/doc/lb/examples/read-keys.conf", "share/doc/lb/examples/split.conf",
         *(f"share/doc/lb/deploy/{page.name}" for page in (TOP / "deploy").glob("*.md")),
         "share/man/man5/lb.json.5", "share/man/man8/lb-acme.8", "share/man/man8/lb-discovery.8", "share/man/man8/lb-proxy.8",
         "share/man/man8/lb-report.8", "share/man/man8/lb.8", "share/zsh/vendor-completions/_lb"]


def make(folder):
    """Of a copy of the source in a folder of its own."""
    source = folder / "source"
    shutil.copytree(TOP, source, ignore=shutil.ignore_patterns("build", ".git", "__pycache__"))
    subprocess.run(["nice", source / "deploy/package.sh", "tarball", "--yes", "--output", folder / "out"], check=True,
                   env={**os.environ, "SOURCE_DATE_EPOCH": "1790000000", "CCACHE_DISABLE": "1"}, stdout=subprocess.DEVNULL)
    shutil.rmtree(source)
    return next((folder / "out").glob("*.tar.xz"))


@pytest.fixture(scope="module")
def tarballs():
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory(prefix="another-place-") as other:
        yield make(Path(one)), make(Path(other))


def test_what_is_in_it(tarballs, tmp_path):
    with tarfile.open(tarballs[0]) as archive:
        members = archive.getmembers()
        top = f"lb-{version()}-linux-amd64"
        assert sorted(one.name for one in members if one.isfile()) == [f"{top}/{file}" for file in sorted(FILES)]
        assert {(one.uid, one.gid, one.mtime, one.mode & 0o022) for one in members} == {(0, 0, 1790000000, 0)}
        archive.extractall(tmp_path)
    for program in (tmp_path / top / "bin").iterdir():
        assert not list(hardening.problems_of(program)), program
    unit = (tmp_path / top / "lib/systemd/system/lb.service").read_text(encoding="utf-8")
    assert "ExecStart=/usr/local/bin/lb " in unit and "/usr/bin/lb" not in unit
    told = subprocess.run([tmp_path / top / "bin/lb", "--version"], check=True, text=True, capture_output=True).stdout
    assert told.startswith(f"lb {version()}")


def test_two_builds_are_the_same(tarballs):
    one, other = tarballs
    if one.read_bytes() == other.read_bytes():
        return
    with tarfile.open(one) as first, tarfile.open(other) as second:
        differ = [name for name in first.getnames() if first.getmember(name).isfile() and
                  first.extractfile(name).read() != second.extractfile(name).read()]
    raise AssertionError(f"differ: {differ}")
