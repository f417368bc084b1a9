"""The check of the pages for people: it passes on good ones, and each fault is told at its line."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

GOOD = {
    "README.md": "# One\n\n[two](deploy/TWO.md), [its part](deploy/TWO.md#a-part--of-it), [here](#one), `[no](link)`\n\n"
                 "```\n[no](link)\n# no heading\n```\n\n<img src=\"deploy/a.svg\">\n![a](deploy/a.svg) [far](https://x.test/a)\n",
    "deploy/TWO.md": "# Two\n\n## A `part` — of it\n\n## Twice\n\n## Twice\n\n[back](../README.md#one), [again](#twice-1)\n",
    "deploy/a.svg": "<svg/>\n",
    "build/dev/lost.md": "[nowhere](gone.md)\n",
}

FAULTS = {
    "no file": ("[x](gone.md)\n", "README.md:12: gone.md: there is no gone.md"),
    "no heading": ("[x](deploy/TWO.md#three)\n", "README.md:12: deploy/TWO.md#three: deploy/TWO.md has no heading for #three"),
    "no heading here": ("[x](#no-heading)\n", "README.md:12: #no-heading: README.md has no heading for #no-heading"),
    "no picture": ("<source srcset=\"deploy/b.svg\">\n", "README.md:12: deploy/b.svg: there is no deploy/b.svg"),
    "out of the project": ("[x](../../etc/passwd)\n", "README.md:12: ../../etc/passwd leads out of the project"),
    "long line": ("a" * 400 + "\n", "README.md:12: 400 characters"),
    "long page": ("\n" * 200, "README.md: 211 lines; 160 at most"),
}


def run(folder, changed=""):
    for path, text in GOOD.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text + (changed if path == "README.md" else ""), encoding="utf-8")
    command = [sys.executable, "-B", str(HERE / "pages.py"), str(folder), str(folder / "build")]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_good_pages(tmp_path):
    done = run(tmp_path)
    assert (done.stderr, done.returncode) == ("", 0)
    assert done.stdout.startswith("2 pages")


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault(tmp_path, name):
    changed, words = FAULTS[name]
    done = run(tmp_path, changed)
    assert words in done.stderr and done.stderr.rstrip().endswith("1 problem(s)"), done.stderr
    assert done.returncode == 1
