"""deploy/completion/lb completes what the programs say of themselves."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from support.program import BIN_DIR, run

SCRIPT = Path(__file__).resolve().parents[3] / "deploy/completion/lb"
FLAG = re.compile(r"^ +(--[\w-]+)", re.MULTILINE)


def completed(line, folder="/"):
    """What bash offers behind this line; '=' is a word by itself, as bash cuts it."""
    words = [word for piece in line.split(" ") for word in re.split(r"(=)", piece) if word or piece == ""]
    words[0] = str(BIN_DIR / words[0])
    code = (f". {SCRIPT}; COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; _lb; "
            '((${#COMPREPLY[@]} == 0)) || printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "--norc", "-c", code], check=True, text=True, capture_output=True, cwd=folder,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, timeout=60)
    assert not done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("program", ["lb", "lb-discovery"])
def test_all_flags(program):
    flags = FLAG.findall(run(program, "--help").stdout)
    assert len(flags) > 10
    assert completed(f"{program} --") == flags


def test_a_flag_that_has_begun():
    assert completed("lb --tcp-d") == ["--tcp-drain"]
    assert completed("lb --listen 80 --tcp-d") == ["--tcp-drain"]


def choices():
    """Of the schema: flag to words; beside them such a setting may take other values too."""
    for key, value in json.loads(run("lb", "--print-schema").stdout)["properties"].items():
        words = [word for one in [value, *value.get("anyOf", [])] for word in one.get("enum", []) if isinstance(word, str)]
        if words:
            yield f"--{key.replace('_', '-')}", words


def test_words_behind_flags():
    """All that the schema knows, and that --help has room for."""
    told = run("lb", "--help").stdout
    known = {flag: words for flag, words in choices() if flag in FLAG.findall(told)}
    few = {flag: words.split("|") for flag, words in re.findall(r"^ +(--[\w-]+) ([a-z0-9-]+(?:\|[a-z0-9-]+)+) ", told, re.M)}
    assert len(known) > 5 and len(few) > 5
    for flag, words in [*known.items(), *few.items()]:
        assert set(words) <= set(completed(f"lb {flag} ")), flag
    assert completed("lb --log-level=d") == ["debug"]
    assert completed("lb --log-level=") == ["debug", "info", "warn", "error"]


def test_files_and_folders(tmp_path):
    (tmp_path / "lb.json").touch()
    (tmp_path / "pages").mkdir()
    assert sorted(completed("lb --config ", tmp_path)) == ["lb.json", "pages"]
    assert completed("lb --config=l", tmp_path) == ["lb.json"]
    assert completed("lb --error-pages-dir ", tmp_path) == ["pages"]
    assert completed("lb --service ", tmp_path) == []


def test_orders():
    orders = re.findall(r"^ +lb ctl ([\w-]+)", run("lb", "ctl", "--help").stdout, re.MULTILINE)
    assert "drain" in orders
    assert completed("lb ctl ") == orders
    assert completed("lb ") == ["explain", "ctl"]
    assert completed("lb c") == ["ctl"]
    assert completed("lb ctl log-level ") == ["debug", "info", "warn", "error"]
    assert completed("lb ctl weight one d") == ["default"]
    assert completed("lb ctl drain ") == []
