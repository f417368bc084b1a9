"""deploy/package.sh image: which words docker gets, with a docker that only notes them. And that the version stands in
one place, or is the same in all.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
DIGEST = "sha256:" + "5a" * 32
WORD = "org.opencontainers.image"
DOCKER = """#!/bin/sh
has=$NOTES/has-$(printf '%s' "$3" | tr / _)
case "$1 $2" in
"image inspect") [ -e "$has" ] || case $3 in --format) ;; *) exit 1 ;; esac
    case $* in *RepoDigests*) cat "$NOTES/digests" ;; esac ;;
"pull --quiet") echo "$3" >>"$NOTES/pulled"; touch "$has" ;;
"build --file") printf '%s\\n' "$@" >>"$NOTES/words"; exit ${BUILD_CODE-0} ;;
esac
"""


def version():
    return re.search(r"^project\(lb VERSION (\S+)", (TOP / "CMakeLists.txt").read_text(encoding="utf-8"), re.M)[1]


class Place:
    def __init__(self, folder):
        self.folder = folder
        (folder / "bin").mkdir()
        (folder / "bin/docker").write_text(DOCKER, encoding="utf-8")
        (folder / "bin/docker").chmod(0o755)
        self.engine_has("debian:trixie-slim")

    def engine_has(self, image, *digests):
        (self.folder / f"has-{image}").touch()
        (self.folder / "digests").write_text("".join(f"{digest}\n" for digest in digests), encoding="utf-8")

    def run(self, *words, **environment):
        return subprocess.run([TOP / "deploy/package.sh", *words], text=True, capture_output=True, check=False, timeout=60, env={
            **os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "NOTES": str(self.folder),
            "SOURCE_DATE_EPOCH": "1790000000", "LB_IMAGE_TAG": "one", **environment})

    def labels(self):
        """Of each image that was built, by its target."""
        words = (self.folder / "words").read_text(encoding="utf-8").split("\n")
        found, target = {}, None
        for word, behind in zip(words, words[1:]):
            if word == "--target":
                target = behind
                found[target] = {}
            elif word in ("--label", "--build-arg"):
                name, _, value = behind.partition("=")
                found[target][name] = value
        return found


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_a_base_by_its_digest(place):
    done = place.run("image", "--base", f"debian:trixie-slim@{DIGEST}", "--source", "https://git.example/lb")
    assert done.returncode == 0, done.stderr
    assert (place.folder / "pulled").read_text() == f"debian:trixie-slim@{DIGEST}\n"
    labels = place.labels()
    assert set(labels) == {"lb", "appserver"}
    for one in labels.values():
        assert one["BASE"] == f"debian:trixie-slim@{DIGEST}"
        assert one["VERSION"] == version()
        assert one[f"{WORD}.base.name"] == "docker.io/library/debian:trixie-slim"
        assert one[f"{WORD}.base.digest"] == DIGEST
        assert one[f"{WORD}.created"] == "2026-09-21T14:13:20Z"
        assert one[f"{WORD}.source"] == "https://git.example/lb"
        assert re.fullmatch(r"[0-9a-f]{40}(-changed)?", one.get(f"{WORD}.revision", "0" * 40))
    assert f"lb:one and appserver:one, on docker.io/library/debian:trixie-slim {DIGEST}\n" in done.stdout


@pytest.mark.parametrize("digests, told", [([f"debian@{DIGEST}"], DIGEST), ([], None)])
def test_the_base_that_the_engine_has(place, digests, told):
    """One that was made here has no digest: then there is no label, and it is built all the same."""
    place.engine_has("debian:trixie-slim", *digests)
    done = place.run("image")
    assert done.returncode == 0, done.stderr
    assert not (place.folder / "pulled").exists()
    assert place.labels()["lb"].get(f"{WORD}.base.digest") == told
    assert place.labels()["lb"]["BASE"] == "debian:trixie-slim"


@pytest.mark.parametrize("base, name", [
    ("mirror.example:5000/debian:trixie-slim", "mirror.example:5000/debian:trixie-slim"),
    ("mirror.example/a/b:1", "mirror.example/a/b:1"), ("our/debian:13", "docker.io/our/debian:13"),
    ("localhost/debian", "localhost/debian"), ("debian:trixie-slim", "docker.io/library/debian:trixie-slim")])
def test_the_whole_name_of_a_base(place, base, name):
    done = place.run("image", "--base", f"{base}@{DIGEST}")
    assert place.labels()["lb"][f"{WORD}.base.name"] == name, done.stderr


def test_a_build_that_fails(place):
    done = place.run("image", BUILD_CODE="7")
    assert done.returncode != 0
    assert "The image lb could not be built" in done.stderr


@pytest.mark.parametrize("words", [[], ["pig"], ["deb", "--output"], ["image", "--colour", "red"]])
def test_words_that_it_does_not_know(place, words):
    done = place.run(*words)
    assert done.returncode == 2 and done.stderr.startswith("deploy/package.sh deb")


def test_one_version():
    told = version()
    dockerfile = (TOP / "deploy/Dockerfile").read_text(encoding="utf-8")
    assert re.findall(r"^ARG VERSION=(.*)$", dockerfile, re.M) == [told, told]
    changelog = (TOP / "deploy/debian/changelog").read_text(encoding="utf-8")
    assert re.match(r"lb \((.*)\) ", changelog)[1] == told
