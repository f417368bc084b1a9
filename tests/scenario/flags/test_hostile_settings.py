"""Settings that nobody would write: whatever they are, they end in a few sentences with place and remedy."""

import json
import re

import pytest

from support.program import run

MIB = 1024 * 1024
REMEDY = re.compile("give |see lb --help|did you mean|remove it|add a unit|name a|must be|mend these first")


def short(value):
    """The name of a case, which is no longer than a line."""
    return str(value)[:20].encode("unicode_escape").decode()


def refused(*flags, env=None):
    done = run("lb", *flags, "--print-config", env=env, timeout_s=15)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr[:200]
    lines = done.stderr.splitlines()
    assert 0 < len(lines) <= 40
    for line in lines:
        assert line.startswith("lb: ") and line.isprintable() and len(line) < 700, line[:800]
        assert REMEDY.search(line), line
    return lines


@pytest.fixture(name="refuse")
def fixture_refuse(tmp_path):
    def refuse(content):
        file = tmp_path / "lb.json"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        lines = refused(f"--config={file}")
        assert all(str(file) in line for line in lines if "mend these first" not in line), lines
        return [line.replace(f"lb: {file}: ", "") for line in lines]
    return refuse


def words():
    """All that a file can have."""
    return list(json.loads(run("lb", "--print-schema").stdout)["properties"])


@pytest.mark.parametrize("content", [
    b"", b"\0", b"\0" * MIB, b"{\0}", b'{"wor\0kers": 1}', b'{"service": "a\\u0000b"}', b"\xff\xfe{}", b'{"\xff": 1}',
    b"{" * 3000, b"[" * MIB, b'{"a":' * 3000 + b"1" + b"}" * 3000, b'{"listen":' + b"[" * 3000 + b"]" * 3000 + b"}",
    b'{"workers": 1e999}', b'{"workers": ' + b"9" * 1000 + b"}", b"{\x1b[2J}", b'{"a" \xe2\x80\xae}',
    b'"' + b"x" * (MIB - 2) + b'"', b"{} {}", b"{}" + b" " * MIB], ids=short)
def test_what_is_no_settings_file(refuse, content):
    line, = refuse(content)
    assert re.match(r"line \d+, column \d+: |is a string and must be an object", line) or "larger than 1 MiB" in line


def test_a_word_twice_is_told_so(refuse):
    told, = refuse('{"workers": 1,\n "workers": 2}')
    assert told == "line 2, column 10: duplicate object key near '\"workers\"'; give each word once"


@pytest.mark.parametrize("name", ["x" * (MIB - 100), "\u202e\x7f\u009b2J", "Listen", "lisen", "", "__proto__", "config", "help"], ids=short)
def test_words_that_are_none(refuse, name):
    line, = refuse(json.dumps({name: {name: [name]}})[:MIB])[:1]
    assert line.startswith("line 1, column ")
    if name in ("Listen", "lisen"):
        assert 'is not known; did you mean "listen"?' in line


@pytest.mark.parametrize("count", [40, 90000])
def test_more_wrong_words_than_anybody_reads(refuse, count):
    lines = refuse("{%s}" % ",".join('"w%d":1' % i for i in range(count)))
    assert len(lines) == 33
    assert lines[-1] == "lb: there may be more; mend these first"


@pytest.mark.parametrize("value", [
    "x" * (MIB - 100), "\x1b[2J\u202e" * 1000, "\u0001", {"deep": {"deep": {}}}, [[[[[]]]]], [{}], None, -1, 10 ** 16, 1.5,
    ["x" * 100] * 1000], ids=short)
def test_every_setting_with_a_hostile_value(refuse, value):
    for word in words():
        if word == "$schema" and isinstance(value, str):
            continue  # which is the editor's
        line = refuse(json.dumps({word: value}, ensure_ascii=False))[0]
        assert line.startswith("line 1, column ") and word in line, (word, line)


@pytest.mark.parametrize("word, item", [("backend", "a:1"), ("trusted-proxies", "::1"), ("listen", "x"), ("error-page", "503=/x"),
                                        ("allow-address", "::1")])
def test_lists_without_end(refuse, word, item):
    told = refuse(json.dumps({word: [item] * (900000 // (len(item) + 4))}))
    assert len(told) == 1 and f"{word}: more than " in told[0] and told[0].endswith("; give fewer")


@pytest.mark.parametrize("value", ["x" * 100000, ",", "\x1b[2J\u202e", "a:1," * 30000, "{" * 1000, "\udcff\udcfe"], ids=short)
def test_every_variable_with_a_hostile_value(value):
    for word in words():
        if word == "$schema":
            continue
        name = "LB_" + word.upper().replace("-", "_")
        done = run("lb", "--print-config", env={name: value}, timeout_s=15)
        assert done.returncode in (0, 2)
        if done.returncode == 2:
            lines = refused(env={name: value})
            flag = name.removeprefix("LB_").replace("_", "-").lower()
            assert all(line.startswith((f"lb: {name}: ", f"lb: --{flag}: ")) for line in lines), lines
