"""page_size.py passes on the page as it is, and fails on the same with one fault."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ADMIN = HERE.parents[1] / "lb" / "admin"


def check(tmp_path, changes):
    copy = tmp_path / "lb" / "admin"
    shutil.copytree(ADMIN / "page", copy / "page")
    for name in ("CMakeLists.txt", "embed_page.cmake"):
        shutil.copy(ADMIN / name, copy / name)
    for name, text in changes.items():
        (copy / "page" / name).write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "-B", HERE / "page_size.py", tmp_path, tmp_path], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def code(size):
    return "".join(f"f{i}();\n" for i in range(size // 6))


def test_the_page_as_it_is(tmp_path):
    assert check(tmp_path, {}) == (0, "\n")


@pytest.mark.parametrize("changes, says", (
    ({"flow.js": code(12_000)}, "lb/admin/page/flow.js: "),
    ({"words.js": code(60_000)}, "lb/admin/page: the page has "),
    ({"flow.js": 'fetch("https://a.test/font");\n'}, "it names https://a.test/font"),
    ({"more.js": "more();\n"}, "lb/admin/page/more.js: not among page_parts")))
def test_one_fault(tmp_path, changes, says):
    code_, said = check(tmp_path, changes)
    assert code_ == 1 and says in said


def test_comments_and_blanks_are_not_embedded(tmp_path):
    assert check(tmp_path, {"flow.js": "// a comment\n" * 5000 + "    \n" * 5000}) == (0, "\n")
