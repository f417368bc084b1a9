"""What the tests of packages share: roots of both Debian releases, and the packages that were built in them."""

import hashlib
import os
import re
import sys
from pathlib import Path

import pytest

import debian_root

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build/package"
CONTROL = TOP / "deploy/debian/control"
SUITES = ("bookworm", "trixie")
sys.path.insert(0, str(TOP / "tests/lint"))


def version():
    return re.search(r"^project\(lb VERSION (\S+)", (TOP / "CMakeLists.txt").read_text(encoding="utf-8"), re.M)[1]


def packages_to_build(suite):
    """Of Build-Depends; Debian 12 has the last of several."""
    wishes = re.search(r"^Build-Depends:(.*?)^\S", CONTROL.read_text(encoding="utf-8"), re.M | re.S)[1].split(",")
    names = [re.sub(r"\(.*?\)", "", wish).split("|") for wish in wishes if wish.strip()]
    chosen = [wish[-1 if suite == "bookworm" else 0].strip() for wish in names]
    return ["build-essential", "debhelper", "lintian", *(name for name in chosen if not name.startswith(("debhelper", "dh-")))]


def root_of(suite, kind, packages, *options):
    key = hashlib.sha256(" ".join([*packages, *options]).encode()).hexdigest()[:8]
    root = BUILD / f"root-{suite}-{kind}-{key}"
    try:
        debian_root.make_root(root, suite, packages, *options)
    except debian_root.Unavailable as reason:
        pytest.skip(str(reason))
    return root


class Place:
    """Makes copies of roots, and removes them."""

    def __init__(self):
        self.copies = []

    def copy(self, suite, kind, packages, *options):
        why = debian_root.unavailable()
        if why:
            pytest.skip(why)
        folder = BUILD / "copies" / f"{suite}-{kind}-{os.getpid()}"
        debian_root.remove(folder)
        copy = debian_root.Copy(root_of(suite, kind, packages, *options), folder, TOP)
        self.copies.append(copy)
        return copy


@pytest.fixture(scope="session")
def place():
    place = Place()
    yield place
    for copy in place.copies:
        debian_root.remove(copy.folder)


# One worker for each release: its tests share what is built.
@pytest.fixture(scope="session", params=[pytest.param(suite, marks=pytest.mark.xdist_group(f"package-{suite}"))
                                         for suite in SUITES])
def suite(request):
    return request.param


@pytest.fixture(scope="session")
def built(suite, place):
    """The root in which the packages were built, with them in /out."""
    copy = place.copy(suite, "build", packages_to_build(suite))
    copy.run("/source/deploy/package.sh", "deb", "--yes", "--output", "/out")
    return copy
