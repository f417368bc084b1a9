"""deploy/completion/lb completes what the programs say of themselves: in bash, and in zsh."""

import json
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from support.program import BIN_DIR, run

SCRIPT = Path(__file__).resolve().parents[3] / "deploy/completion/lb"
FLAG = re.compile(r"^ +(--[\w-]+)", re.MULTILINE)


def completed(line, folder="/"):
    """What bash offers behind this line; '=' is a word by itself, as bash cuts it."""
    words = [word for piece in line.split(" ") for word in re.split(r"(=)", piece) if word or piece == ""]
    words[0] = str(BIN_DIR / words[0])
    code = (f". {SCRIPT}; COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}; _lb_bash; "
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
    assert completed("lb ") == ["explain", "ctl", "top"]
    assert completed("lb c") == ["ctl"]
    assert completed("lb ctl log-level ") == ["debug", "info", "warn", "error"]
    assert completed("lb ctl weight one d") == ["default"]
    assert completed("lb ctl drain ") == []


def test_flags_of_those_that_ask():
    assert completed("lb top --") == ["--admin", "--admin-token-file", "--once", "--sort"]
    assert set(completed("lb explain --")) >= {"--method", "--header", "--client", "--routes", "--listeners", "--admin"}
    assert "--for" in completed("lb ctl pause shop --")
    told = re.search(r"--sort WORD +by (\S+)", run("lb", "top", "--help").stdout)[1].split("|")
    assert completed("lb top --sort ") == told


@pytest.mark.parametrize("word", ["[", "(", "\\", ".*", "$(exit 1)"])
def test_strange_words(word):
    assert completed(f"lb ctl {word} x ") == []


def type_at(command, env, home, typed):
    """Types at a shell that says "ready> ", and waits for what must come behind each."""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(home)
        os.execvpe(command[0], command, {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(home), **env})
    seen = b""
    for keys, wanted in ((b"", b"ready> "), *typed):
        seen = b""
        os.write(fd, keys)
        end = time.monotonic() + 60
        while wanted not in seen:
            assert time.monotonic() < end, seen
            if select.select([fd], [], [], 1)[0]:
                seen += os.read(fd, 65536)
    os.write(fd, b"\x15exit\n")
    os.waitpid(pid, 0)
    os.close(fd)


def test_a_real_bash(tmp_path):
    """Whatever a file is called, it is a word, and nothing that the shell would carry out."""
    (tmp_path / "q$(touch carried-out) x").touch()
    (tmp_path / "bashrc").write_text(f"PATH={BIN_DIR}:$PATH; . {SCRIPT}; PS1='ready> '\n", encoding="utf-8")
    type_at(["bash", "--rcfile", str(tmp_path / "bashrc"), "-i"], {}, tmp_path,
            ((b"lb ctl undr\t", b"undrain"), (b"\x15lb --config q\t", rb"q\$\(touch\ carried-out\)\ x")))
    assert not (tmp_path / "carried-out").exists()


# ---- zsh ---------------------------------------------------------------------------------------------------

needs_zsh = pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh is here")

# What zsh's completion calls, as words.
STUBS = """
compadd() { shift; for word; do [[ $word != $PREFIX* ]] || print -r -- "$word"; done }
compset() { PREFIX=${PREFIX#*=}; }
_describe() { local -a all; all=("${(@P)3}"); for line in $all; do [[ $line != $PREFIX* ]] || print -r -- "$line"; done }
_files() { print -r -- "files $*"; }
"""


def completed_by_zsh(line):
    words = line.split(" ")
    words[0] = str(BIN_DIR / words[0])
    code = (f"{STUBS} words=({shlex.join(words)}); CURRENT={len(words)}; PREFIX={shlex.quote(words[-1])}; . {SCRIPT}")
    done = subprocess.run(["zsh", "-f", "-c", code], check=False, text=True, capture_output=True,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C"}, timeout=60)
    assert not done.stderr
    return done.stdout.splitlines()


@needs_zsh
@pytest.mark.parametrize("line", ["lb ", "lb c", "lb ctl ", "lb ctl log-level ", "lb ctl weight one d", "lb ctl drain ",
                                  "lb top --", "lb top --sort ", "lb --log-level ", "lb --log-level=d", "lb --log-level=",
                                  "lb --balance ", "lb explain --", "lb --service ", "lb-discovery "])
def test_zsh_offers_what_bash_does(line):
    assert completed_by_zsh(line) == completed(line)


@needs_zsh
@pytest.mark.parametrize("program", ["lb", "lb-discovery"])
def test_zsh_says_what_flags_mean(program):
    offered = dict(line.split(":", 1) for line in completed_by_zsh(f"{program} --"))
    assert list(offered) == FLAG.findall(run(program, "--help").stdout)
    if program == "lb":
        assert offered["--log-level"].startswith("debug, info, warn or error")
        assert offered["--metrics-compat"].startswith("show connections under")


@needs_zsh
def test_zsh_files():
    assert completed_by_zsh("lb --config ") == ["files "]
    assert completed_by_zsh("lb --error-pages-dir ") == ["files -/"]


@needs_zsh
def test_a_real_zsh(tmp_path):
    """As it is installed: a file of $fpath, which compinit finds."""
    shutil.copy(SCRIPT, tmp_path / "_lb")
    (tmp_path / ".zshrc").write_text(f"PATH={BIN_DIR}:$PATH; fpath=({tmp_path} $fpath); autoload -U compinit; "
                                     f"compinit -u -d {tmp_path}/dump; PS1='ready> '\n", encoding="utf-8")
    type_at(["zsh", "-i"], {"ZDOTDIR": str(tmp_path)}, tmp_path,
            ((b"lb ctl undr\t", b"undrain"), (b"\x15lb top --so\t", b"--sort"),
             (b"\x15lb ctl log-level wa\t", b"warn"), (b"\x15lb --access-log-format=com\t", b"combined")))
