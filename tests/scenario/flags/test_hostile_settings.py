"""Settings that nobody would write: whatever they are, they end in a few sentences with place and remedy."""

import json
import re

import pytest

from support.program import run

MIB = 1024 * 1024
REMEDY = re.compile("give |see lb --help|did you mean|remove it|add a unit|name |must be|mend these first")


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
        assert all(str(file)[:70] in line for line in lines if "mend these first" not in line), lines
        return [line.replace(f"lb: {file}: ", "") for line in lines]
    return refuse


def words():
    """All that a file can have."""
    return list(json.loads(run("lb", "--print-schema").stdout)["properties"])


def chunks(items, size):
    return [items[i:i + size] for i in range(0, len(items), size)]


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
    "x" * 10000, "\x1b[2J\u202e" * 1000, "\u0001", {"deep": {"deep": {}}}, [[[[[]]]]], [{}], None, -1, 10 ** 16, 1.5,
    ["x" * 10] * 1025], ids=short)
def test_every_setting_with_a_hostile_value(refuse, value):
    for some in chunks(words(), 20):
        some = [word for word in some if word not in ("$schema", "admin-token-file", "sentry-dsn-file")]
        told = refuse(json.dumps({word: value for word in some}, ensure_ascii=False))
        for word in some:
            assert any(re.match(rf"line 1, column \d+: {word}(\[0\])?: ", line) for line in told), (word, told)


def test_a_value_as_long_as_the_file(refuse):
    for word in ("service", "listen", "backend", "workers", "check-path", "max-body", "hold", "state"):
        line, = refuse(json.dumps({word: "x" * (MIB - 100)}))
        assert line.startswith(f"line 1, column 2: {word}: "), line


@pytest.mark.parametrize("word, item", [("backend", "a:1"), ("trusted-proxies", "::1"), ("listen", "x"), ("error-page", "503=/x"),
                                        ("allow-address", "::1")])
def test_lists_without_end(refuse, word, item):
    told = refuse(json.dumps({word: [item] * (900000 // (len(item) + 4))}))
    assert len(told) == 1 and f"{word}: more than " in told[0] and told[0].endswith("; give fewer")


@pytest.mark.parametrize("value", ["x" * 100000, ",", "\x1b[2J\u202e", "a:1," * 2000, "{" * 1000, "\udcff\udcfe"], ids=short)
def test_every_variable_with_a_hostile_value(value):
    for some in chunks([word for word in words() if word != "$schema"], 12):
        names = ["LB_" + word.upper().replace("-", "_") for word in some]
        lines = refused(env={**{name: value for name in names}, "LB_WORKERS": "many"})
        known = (*(f"lb: {name}: " for name in names), *(f"lb: --{word}: " for word in some), "lb: LB_WORKERS: ")
        assert all(line.startswith(known) for line in lines), lines
