"""The manuals say what the programs do: flags, defaults, keys, and the words of logs and /pool."""

import json
import re
import subprocess

import pytest

import manual
from support.program import run

LB = manual.read_page("lb.8")
KEYS = manual.read_page("lb.json.5")
DISCOVERY = manual.read_page("lb-discovery.8")
REPORT = manual.read_page("lb-report.8")
ACME = manual.read_page("lb-acme.8")
PAGES = ["lb.8", "lb.json.5", "lb-proxy.8", "lb-discovery.8", "lb-report.8", "lb-acme.8"]

HELP_LINE = re.compile(r"^  --([\w-]+)", re.MULTILINE)


def test_flags_of_lb():
    """Each has its item, in the order of --help; none is told by hand as well, or is gone."""
    assert list(manual.flags(LB)) == HELP_LINE.findall(run("lb", "--help").stdout)


def test_keys_of_the_file():
    properties = json.loads(run("lb", "--print-schema").stdout)["properties"]
    assert [key for key, _, _ in manual.table(KEYS, "Keys")] == [key for key in properties if key != "$schema"]


def test_flags_that_sentences_name_exist():
    of_askers = re.findall(r'\{CONFIG_\w+, "(\w+)", (?:"|NULL\})', manual.read("lb/config/config_args.c"))
    assert set(re.findall(r"\bFl Fl ([\w*-]+)", LB)) <= {*manual.flags(LB), *of_askers, "check-*"}


def test_flags_of_discovery():
    told = manual.flags(DISCOVERY)
    text = run("lb-discovery", "--help").stdout
    assert set(told) == set(re.findall(r"--([a-z][a-z-]*)", text))
    for word, default in re.findall(r"--([a-z-]+)(?:(?!  --).)*?\(default (\w+)\)", text, re.DOTALL):
        assert told[word][1] == default, word
    assert sum(default is not None for _, default in told.values()) == text.count("(default ")


def test_flags_of_report():
    told = manual.flags(REPORT)
    text = run("lb-report", "--help").stdout
    assert list(told) == [*HELP_LINE.findall(text), "version"]
    for word, default in re.findall(r"--([a-z-]+)(?:(?!  --).)*?\(default (\w+)\)", text, re.DOTALL):
        assert told[word][1] == default, word


def test_flags_of_acme():
    told = manual.flags(ACME)
    text = run("lb-acme", "--help").stdout
    assert set(told) == set(re.findall(r"--([a-z][a-z-]*)", text)) - {"acme"}
    for word, default in re.findall(r"--([a-z-]+)(?:(?!  --).)*?\(default (\S+)\)", text, re.DOTALL):
        assert told[word][1] == default, word


# ---- words ---------------------------------------------------------------------------------------


def words_of_macro(path, name):
    """[(argument, ...)] of a list of XX(...) or X(...) in a header."""
    body = re.search(rf"#define {name}\(\w+\)(.*?[^\\])\n\n", manual.read(path), re.DOTALL)[1]
    body = re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)
    return [tuple(argument.strip().strip('"') for argument in row.split(",", 3))
            for row in re.findall(r'\bXX?\((.*?)\)\s*(?=\\|XX?\(|$)', body, re.DOTALL)]


def test_how_requests_end():
    told = [(word, code) for word, code, _ in manual.table(LB, "How requests end")]
    assert told == [(word, code) for _, code, word, _ in words_of_macro("lb/base/err.h", "ERR_MAP")]


def test_the_access_log_tells_the_same_ends():
    text = manual.read("lb/observe/ACCESS_LOG.md").split("## How a request ends")[1]
    told = [word for word, *_ in manual.table(LB, "How requests end")]
    assert re.findall(r"^\| `(\S+)` \|", text, re.MULTILINE) == told


def test_states_of_endpoints():
    told = [word for word, _ in manual.table(LB, "States of endpoints")]
    known = words_of_macro("lb/contract/endpoint_state.h", "ENDPOINT_STATE_MAP")
    assert told == [word for _, word, _ in known]


def test_reasons_to_leave_out():
    told = [word for word, _ in manual.table(LB, "Why a container is left out")]
    known = [word for _, word in words_of_macro("lb/contract/left_out_reason.h", "LEFT_OUT_REASON_MAP")]
    assert told == known
    documented = manual.read("discovery/FORMAT.md").split("| `reason` | when |")[1].split("\n\n")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", documented, re.MULTILINE)) == sorted(known[:known.index("unresolved")])


def test_keys_of_lines():
    """Every key that the programs agree on is explained, and no other."""
    known = re.findall(r'^#define KEY_\w+ +"(\w+)"$', manual.read("lb/contract/key.h"), re.MULTILINE)
    known += re.findall(r'"(\w+_timeout_ms|abort_on_close)"',
                        manual.read("lb/contract/waits.c") + manual.read("lb/contract/waits.h"))
    text = manual.read("discovery/FORMAT.md").split("## How a container becomes an endpoint")[0]
    rows = re.findall(r"^\| (`.*?) \|", text, re.MULTILINE)
    told = re.findall(r"\w+", " ".join(name for row in rows for name in re.findall(r"`([^`]*)`", row)))
    reasons = [word for _, word in words_of_macro("lb/contract/left_out_reason.h", "LEFT_OUT_REASON_MAP")]
    kinds = [word for _, word in words_of_macro("lb/contract/route.h", "ROUTE_KIND_MAP")]
    assert sorted(set(told) - set(reasons) - set(kinds)) == sorted(set(known) - set(reasons))
    assert [word for word in kinds if not re.search(rf"`\.?{word}`", text)] == []


def test_causes():
    told = [word for word, _ in manual.table(LB, "Causes")]
    events = manual.read("discovery/docker/docker_event.c")
    known = re.findall(r'\{"([^"]+)", DOCKER_EVENT_', events)
    known += re.findall(r'strcmp\(action, "(\w+)"\)', events)
    for folder in ("discovery/docker", "discovery/file", "lb/follow"):
        code = "".join(path.read_text(encoding="utf-8") for path in sorted((manual.ROOT / folder).glob("*.c")))
        known += re.findall(r'set_cause\([^;]*?"(\w+)"', code)
        known += re.findall(r'\b(?:cause = (?:cause \? cause : )?|is_by_label \? )"(\w+)"', code)
    own = re.search(r"own_cause\(.*?^}", manual.read("lb/pool/pool_build.c"), re.MULTILINE | re.DOTALL)[0]
    known += re.findall(r'"(\w+)"', own)
    assert sorted(told) == sorted(set(known) - {"died", "remove"})  # Podman's words for die and destroy


def test_names_in_templates():
    told = re.search(r"these names:\n(.*?)^\.Sh", LB, re.MULTILINE | re.DOTALL)[1]
    code = manual.read("lb/observe/access_field.c")
    assert sorted(re.findall(r"[a-z]\w+", told.replace(".Li", ""))) == \
        sorted(re.findall(r'\{"(\w+)", put_', code))


# ---- what else is told ---------------------------------------------------------------------------


def fields(text):
    return re.findall(r"(?:\.|It )Li ([a-z_]+)", text)


def test_fields_of_pool():
    """Every key that the page can have, and no other."""
    told = fields(manual.section(LB, "/pool"))
    code = "".join(map(manual.read, ("lb/admin/pool_page.c", "lb/admin/endpoint_facts.c", "lb/admin/listeners_page.c",
                                     "lb/admin/local_share.c", "lb/admin/service_words.c", "lb/admin/tls_words.c", "lb/follow/left_out.c",
                                     "lb/follow/obstacle.c")))
    known = re.findall(r'json_writer_(?:field_\w+|key)\((?:&|writing->)?json, "(\w+)"', code)
    known += re.findall(r'write_count\(writing, "(\w+)"', code)
    known += re.findall(r'write_(?:time|age_ms|given)\(&?json, "(\w+)"', code)
    assert set(told) == set(known)


def test_signals():
    told = re.findall(r"SIG[A-Z0-9]+", "".join(re.findall(r"^\.It Dv .*$", LB, re.MULTILINE)))
    heard = re.search(r"heard\[\] = \{(.*?)\};", manual.read("lb/master/bells.c"), re.DOTALL)[1]
    known = set(re.findall(r"SIG[A-Z0-9]+", heard)) - {"SIGCHLD"}  # which comes of its children, not of people
    assert sorted(told) == sorted(known)
    assert set(re.findall(r'\{SIG[A-Z0-9]+, "(SIG[A-Z0-9]+)"\}', manual.read("lb/run/signals.c"))) <= known


def test_admin_paths():
    told = re.findall(r"^\.It Pa (/\S*)", manual.section(LB, "ADMIN PAGES"), re.MULTILINE)
    known = re.findall(r'\{"(?:GET|POST)", "(/[^"]*)"', manual.read("lb/admin/site.c"))
    assert sorted(told) == sorted(known)


def test_orders():
    told = re.findall(r"^\.It Nm Cm ctl ([\w-]+)", LB, re.MULTILINE)
    usage = re.findall(r"^  lb ctl ([\w-]+)", run("lb", "ctl").stderr, re.MULTILINE)
    assert sorted([*told, "explain"]) == sorted(usage)


def items(text, macro):
    """What the lists explain: the words of ".It MACRO word , word"."""
    lines = re.findall(rf"^\.It {macro} (.*)$", text, re.MULTILINE)
    return [word for line in lines for word in line.split() if re.match(r"\w", word)]


def test_fields_of_lines():
    told = fields(manual.section(DISCOVERY, "The line"))
    code = "".join(map(manual.read, ("discovery/emit.c", "discovery/alive.c", "lb/contract/route_write.c")))
    keys = dict(re.findall(r'^#define (KEY_\w+) +"(\w+)"$', manual.read("lb/contract/key.h"), re.MULTILINE))
    known = {keys[name] for name in re.findall(r"\bKEY_\w+", code)}
    kinds = [word for _, word in words_of_macro("lb/contract/route.h", "ROUTE_KIND_MAP")]
    assert set(told) == known | {word for word in kinds if word.startswith(("host", "path"))}


def test_labels():
    told = items(manual.section(DISCOVERY, "Labels of containers"), "Li")
    known = re.findall(r'^    \{"(lb\.[a-z.-]+)", ', manual.read("discovery/dialect/lb_labels.c"), re.MULTILINE)
    known += [f"lb.check.{word}" for word in re.findall(r'^    \{"(\w+)", set_', manual.read("lb/contract/check.c"), re.MULTILINE)]
    options = [word for _, word in words_of_macro("lb/contract/route_option.h", "ROUTE_OPTION_MAP")]
    of_services = [word for _, word in words_of_macro("lb/contract/service_option.h", "SERVICE_OPTION_MAP")]
    assert sorted(told) == sorted({*known, *(f"lb.{word}" for word in [*options, *of_services])})
    assert sorted(items(manual.section(DISCOVERY, "Options of routes"), "Li")) == sorted(options)


def test_variables_of_discovery():
    told = items(manual.section(DISCOVERY, "ENVIRONMENT"), "Ev")
    assert sorted(told) == sorted(set(re.findall(r'getenv\("(\w+)"\)', manual.read("discovery/main.c"))))


# ---- examples and form ------------------------------------------------------------------------------------


def test_examples_of_the_file_are_good(tmp_path):
    examples = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", KEYS, re.MULTILINE | re.DOTALL)
    assert len(examples) >= 2
    file = tmp_path / "lb.json"
    for example in examples:
        file.write_text(example)
        done = run("lb", "--config", str(file), "--print-config")
        assert done.returncode == 0, done.stderr


def test_example_of_services_is_good(tmp_path):
    file = tmp_path / "services.json"
    file.write_text(re.search(r"^\.Bd -literal.*?\n(.*?)^\.Ed", DISCOVERY, re.MULTILINE | re.DOTALL)[1])
    done = run("lb-discovery", "--file", str(file), "--once")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["services"][0]["endpoints"]) == 2


@pytest.mark.parametrize("page", PAGES)
def test_examples_name_flags_that_exist(page):
    for program, word, flag in re.findall(r"^\.Dl [$#] (lb|lb-discovery) (explain|ctl|top)?.*?--([a-z-]+)",
                                          manual.read_page(page), re.MULTILINE):
        assert f"--{flag}" in run(program, *filter(None, [word]), "--help").stdout


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("command", [["mandoc", "-Tlint", "-Wwarning"],
                                     ["groff", "-mandoc", "-ww", "-Tutf8", "-z"]])
def test_formatters_have_nothing_to_say(command, page):
    done = subprocess.run([*command, manual.path_of(page)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
