"""Each check of this folder passes on a good tree and fails on the same tree with one fault."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

GOOD = {
    "lb/base/view.h": "#ifndef LB_BASE_VIEW_H\n#define LB_BASE_VIEW_H\n#include <stddef.h>\n"
                      "struct view { const char *ptr; size_t len; };\n#endif\n",
    "lb/http/scanner.h": "#ifndef LB_HTTP_SCANNER_H\n#define LB_HTTP_SCANNER_H\n"
                        "#include \"lb/base/view.h\"\nint scanner_step(struct view in);\n#endif\n",
    "lb/http/scanner.c": "#include \"lb/http/scanner.h\"\n#include <llhttp.h>\n"
                        "int scanner_step(struct view in) { return (int)in.len; }\n",
    "lb/policy/route.h": "#ifndef LB_POLICY_ROUTE_H\n#define LB_POLICY_ROUTE_H\n"
                         "struct view;\nint route(const struct view *host);\n#endif\n",
    "lb/policy/route.c": "#include \"lb/policy/route.h\"\n#include \"lb/http/scanner.h\"\n"
                         "static int helper(void) { return 1; }\nint route_count = 0;\n"
                         "int route(const struct view *host)\n"
                         "{ return scanner_step(*host) + helper(); }\n",
    "lb/main.c": "#include \"lb/base/view.h\"\nint main(void) { return 0; }\n",
    "discovery/net/fetch.c": "#include <curl/curl.h>\n#include <jansson.h>\n"
                         "int fetch(void);\nint fetch(void) { return 0; }\n",
}


def write_tree(folder, changes):
    """GOOD with changes: text replaces a file, '+text' is added at its end, None removes it."""
    for path, text in {**GOOD, **changes}.items():
        if text is None:
            continue
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(GOOD[path] + text[1:] if text.startswith("+") else text, encoding="utf-8")
    # Stand-ins, so that the good tree compiles where the libraries are not installed.
    for library in ("llhttp.h", "uv.h", "curl/curl.h", "jansson.h"):
        header = folder / "system" / library
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text("", encoding="utf-8")


def build(folder, compiles=True):
    """Does as CMake would: compile_commands.json, and every .c compiled. Gives the build folder."""
    build_dir = folder / "build"
    build_dir.mkdir()
    entries = []
    for file in sorted(folder.glob("**/*.c")):
        name = str(file.relative_to(folder)).replace("/", "_")
        command = ["cc", "-std=c11", f"-I{folder}", f"-isystem{folder}/system", "-o", f"{name}.o",
                   "-c", str(file)]
        if compiles:
            subprocess.run([*command, "-w"], cwd=build_dir, check=True)
        entries.append({"directory": str(build_dir), "file": str(file),
                        "command": " ".join(command)})
    (build_dir / "compile_commands.json").write_text(json.dumps(entries), encoding="utf-8")
    return build_dir


def run(check, folder, build_dir, *more):
    command = [sys.executable, "-B", str(HERE / f"{check}.py"), str(folder), str(build_dir), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=150)


def expect_fault(check, folder, build_dir, words):
    result = run(check, folder, build_dir)
    assert words in result.stderr
    assert result.stderr.rstrip().endswith("1 problem(s)"), result.stderr
    assert result.returncode == 1


@pytest.mark.parametrize("check", ["arrows", "symbols", "hygiene"])
def test_good_tree(tmp_path, check):
    write_tree(tmp_path, {})
    result = run(check, tmp_path, build(tmp_path))
    assert result.stderr == ""
    assert result.returncode == 0
    assert "all" in result.stdout


HUB = {f"lb/run/r{i}.c": "#include \"lb/policy/route.h\"\n" for i in range(9)}
HEADER = "#ifndef {0}\n#define {0}\n{1}#endif\n"

ARROW_FAULTS = {
    "upward": ({"lb/http/scanner.c": "+#include \"lb/policy/route.h\"\n",
                "lb/policy/route.c": "#include \"lb/policy/route.h\"\n"},
               "lb/http/scanner.c:4: lb/http may not include lb/policy"),
    "sibling": ({"lb/net/stream.c": "#include \"lb/http/scanner.h\"\n"},
                "lb/net/stream.c:1: lb/net may not include lb/http"),
    "main past run": ({"lb/main.c": "+#include \"lb/http/scanner.h\"\n"},
                      "lb/main.c:3: lb/main.c may not include lb/http"),
    "program into program": ({"appserver/a.c": "#include \"discovery/set.h\"\n",
                              "discovery/set.h": ""},
                             "appserver/a.c:1: appserver may not include discovery"),
    "wing into wing": ({"discovery/file/a.c": "#include \"discovery/docker/b.h\"\n",
                        "discovery/docker/b.h": ""},
                       "discovery/file/a.c:1: discovery/file may not include discovery/docker"),
    "spaces in the directive": ({"lb/net/stream.c": "  #  include  \"lb/http/scanner.h\"\n"},
                                "lb/net/stream.c:1: lb/net may not include lb/http"),
    "unknown folder": ({"lb/misc/utils.c": ""}, "lb/misc/utils.c: its folder is not in layers.txt"),
    "short path": ({"lb/main.c": "#include \"base/view.h\"\n"},
                   "lb/main.c:1: \"base/view.h\" is no file of ours"),
    "macro": ({"lb/main.c": "#define WHICH <uv.h>\n#include WHICH\n"},
              "lb/main.c:2: #include WHICH is no plain file name"),
    "cycle between files": (
        {"lb/http/head.h": "", "lb/http/head.c": "#include \"lb/http/scanner.h\"\n",
         "lb/http/scanner.c": "+#include \"lb/http/head.h\"\n"},
        "cycle between files: lb/http/head -> lb/http/scanner -> lb/http/head"),
    "cycle between folders": (
        # Allowed both ways only because bench may include everything, and the test lets it back.
        {"bench/load.c": "#include \"lb/base/view.h\"\n", "bench/load.h": "",
         "lb/base/text.c": "#include \"bench/load.h\"\n"},
        "cycle between folders: bench -> lb/base -> bench"),
    "llhttp": ({"lb/http/head.c": "#include <llhttp.h>\n"},
               "lb/http/head.c:1: <llhttp.h> may only be included in lb/http/scanner.c, appserver/"),
    "libuv": ({"lb/main.c": "+#include <uv.h>\n"}, "lb/main.c:3: <uv.h> may only be included in"),
    "libuv inside": ({"lb/policy/route.h": "+#include <uv/version.h>\n"},
                     "lb/policy/route.h:6: <uv/version.h> may only be included in"),
    "libcurl": ({"discovery/docker/docker.c": "#include <curl/multi.h>\n"},
                "discovery/docker/docker.c:1: <curl/multi.h> may only be included in discovery/net/fetch.c, "
                "discovery/net/fetch_loop.c"),
    "jansson": ({"appserver/a.c": "#include <jansson.h>\n"},
                "appserver/a.c:1: <jansson.h> may only be included in lb/config/, lb/follow/, lb/admin/"),
    "library in quotes": ({"lb/main.c": "+#include \"uv.h\"\n"}, "lb/main.c:3: write <uv.h>"),
    "hub": (HUB, "lb/policy/route.h: included by 10 of 13 .c files"),
    "long file": ({"lb/main.c": "\n" * 501}, "lb/main.c: 501 lines"),
}


@pytest.mark.parametrize("name", ARROW_FAULTS)
def test_arrows_fail(tmp_path, name):
    changes, words = ARROW_FAULTS[name]
    write_tree(tmp_path, changes)
    if name == "cycle between folders":
        layers = (HERE / "layers.txt").read_text(encoding="utf-8")
        (tmp_path / "layers.txt").write_text(layers.replace("folder lb/base ->",
                                                            "folder lb/base -> bench"))
        result = run("arrows", tmp_path, tmp_path, "--layers", str(tmp_path / "layers.txt"))
        assert words in result.stderr and result.returncode == 1
    else:
        expect_fault("arrows", tmp_path, tmp_path, words)


def test_arrows_limits(tmp_path):
    """What is just within the limits passes: 500 lines, eight includers, includes in comments."""
    write_tree(tmp_path, {
        "lb/main.c": "\n" * 500,
        "lb/http/head.c": "/*\n#include <uv.h>\n*/\n// #include \"lb/policy/route.h\"\n",
        **{path: text for path, text in list(HUB.items())[:7]},
    })
    result = run("arrows", tmp_path, tmp_path)
    assert result.stderr == "" and result.returncode == 0


@pytest.mark.parametrize("lines, warned", [(399, False), (400, True), (500, True)])
def test_a_file_that_gets_long_is_told_of(tmp_path, lines, warned):
    write_tree(tmp_path, {"lb/main.c": "\n" * lines})
    result = run("arrows", tmp_path, tmp_path)
    assert (f"warning: lb/main.c: {lines} lines" in result.stdout) == warned
    assert result.stderr == "" and result.returncode == 0


def test_draw(tmp_path):
    write_tree(tmp_path, {})
    result = run("arrows", tmp_path, tmp_path, "--draw")
    assert result.stdout.splitlines() == [
        "flowchart TD",
        "    lb_http[lb/http] --> lb_base[lb/base]",
        "    lb_main_c[lb/main.c] --> lb_base[lb/base]",
        "    lb_policy[lb/policy] --> lb_http[lb/http]",
    ]


SYMBOL_FAULTS = {
    "function": ({"lb/http/scanner.c": "+int step(void) { return 0; }\n"},
                 "lb/http/scanner.c: exports step; call it scanner_..., or make it static"),
    "object": ({"lb/policy/route.c": "+int counter = 1;\n"},
               "lb/policy/route.c: exports counter"),
    "uninitialised object": ({"lb/policy/route.c": "+int counter;\n"},
                             "lb/policy/route.c: exports counter"),
    "prefix without underscore": ({"lb/policy/route.c": "+void router(void) {}\n"},
                                  "lb/policy/route.c: exports router"),
    "prefix of the neighbour": ({"discovery/net/fetch.c": "+void scanner_run(void) {}\n"},
                                "discovery/net/fetch.c: exports scanner_run"),
    "helper of main": ({"lb/main.c": "+void usage(void) {}\n"}, "lb/main.c: exports usage"),
}


@pytest.mark.parametrize("name", SYMBOL_FAULTS)
def test_symbols_fail(tmp_path, name):
    changes, words = SYMBOL_FAULTS[name]
    write_tree(tmp_path, changes)
    expect_fault("symbols", tmp_path, build(tmp_path), words)


def test_symbols_need_a_build(tmp_path):
    write_tree(tmp_path, {})
    build_dir = build(tmp_path)
    (build_dir / "lb_main.c.o").unlink()
    expect_fault("symbols", tmp_path, build_dir, "lb/main.c: not compiled; build first")
    (build_dir / "compile_commands.json").write_text("[]")
    expect_fault("symbols", tmp_path, build_dir, "no file of the project is compiled there")


HYGIENE_FAULTS = {
    "own header second": (
        {"lb/http/scanner.c": "#include <stddef.h>\n#include \"lb/http/scanner.h\"\n"},
        "lb/http/scanner.c: the first #include must be \"lb/http/scanner.h\""),
    "own header missing": ({"lb/http/scanner.c": ""}, "lb/http/scanner.c: the first #include"),
    "no guard": ({"lb/base/list.h": "struct list;\n"}, "the include guard must be #ifndef LB_BASE"),
    "guard of another": ({"lb/base/list.h": HEADER.format("LB_BASE_VIEW_H", "")},
                         "the include guard must be #ifndef LB_BASE_LIST_H"),
    "guard mistyped": ({"lb/base/list.h": "#ifndef LB_BASE_LIST_H\n#define LB_BASE_LIST\n"
                                          "struct list;\n#endif\n"},
                       "the include guard must be #ifndef LB_BASE_LIST_H"),
    "header not alone": ({"lb/base/list.h": HEADER.format("LB_BASE_LIST_H", "size_t list_n;\n")},
                         "lb/base/list.h: does not compile alone"),
    "header of a header missing": (
        {"lb/http/head.h": HEADER.format("LB_HTTP_HEAD_H", "struct head { struct view v; };\n")},
        "lb/http/head.h: does not compile alone"),
    **{f"banned {name}": ({"lb/main.c": f"+void f(void)\n{{\n    {name} (0);\n}}\n"},
                          f"lb/main.c:5: {name} is not used here; use ")
       for name in ("strcpy", "strcat", "sprintf", "vsprintf", "atoi", "strtok", "gets")},
    "banned through a pointer": ({"lb/main.c": "+void *f = (void *)strcpy;\n"},
                                 "lb/main.c:3: strcpy is not used here"),
}


@pytest.mark.parametrize("name", HYGIENE_FAULTS)
def test_hygiene_fails(tmp_path, name):
    changes, words = HYGIENE_FAULTS[name]
    write_tree(tmp_path, changes)
    expect_fault("hygiene", tmp_path, build(tmp_path, compiles=False), words)


def test_hygiene_knows_words_from_code(tmp_path):
    """Banned names in comments, strings and longer words are fine."""
    write_tree(tmp_path, {"lb/main.c": "+/* gets(x) */ const char *s = \"strcpy(\\\"a)\"; // atoi(\n"
                                       "int snprintf_count, targets, strtok_r_like;\n"})
    result = run("hygiene", tmp_path, build(tmp_path, compiles=False))
    assert result.stderr == "" and result.returncode == 0


TESTS = {path: "" for path in ("tests/unit/http/test_scanner.c", "tests/unit/policy/test_route.c",
                               "tests/unit/test_main.c", "tests/unit/discovery/net/test_fetch.c")}

MIRROR_FAULTS = {
    "no test": ({"lb/net/stream.c": ""},
                "lb/net/stream.c: has no tests/unit/net/test_stream.c, and no reason"),
    "test and reason": ({"lb/net/stream.c": "", "tests/unit/net/test_stream.c": "",
                         "tests/unit/MIRROR": "lb/net/stream.c hard to say\n"},
                        "tests/unit/MIRROR:1: lb/net/stream.c has a test; take it out"),
    "no reason": ({"lb/net/stream.c": "", "tests/unit/MIRROR": "lb/net/stream.c\n"},
                  "tests/unit/MIRROR:1: lb/net/stream.c has no reason"),
    "two rows": ({"lb/net/crowd.c": "", "tests/unit/MIRROR": "lb/net/crowd.c one\nlb/net/crowd.c two\n"},
                 "tests/unit/MIRROR:2: lb/net/crowd.c has a row already, 1"),
    "no module": ({"tests/unit/MIRROR": "# modules\nlb/net/gone.c it is gone\n"},
                  "tests/unit/MIRROR:2: there is no lb/net/gone.c"),
    "no test of another program": ({"tests/unit/discovery/net/test_fetch.c": None},
                                   "discovery/net/fetch.c: has no tests/unit/discovery/net/test_fetch.c, and"),
    "no test outside of folders": ({"appserver/body.c": ""},
                                   "appserver/body.c: has no tests/unit/appserver/test_body.c, and no reason"),
}


@pytest.mark.parametrize("name", MIRROR_FAULTS)
def test_mirror_fails(tmp_path, name):
    changes, words = MIRROR_FAULTS[name]
    write_tree(tmp_path, {**TESTS, **changes})
    expect_fault("mirror", tmp_path, tmp_path, words)


def test_mirror_passes(tmp_path):
    write_tree(tmp_path, {**TESTS, "lb/net/stream.c": "", "tests/unit/net/test_stream.c": "",
                          "lb/net/loop.c": "", "bench/floor.c": "",
                          "tests/unit/MIRROR": "lb/net/loop.c needs a loop\n"})
    result = run("mirror", tmp_path, tmp_path)
    assert result.stderr == "" and result.returncode == 0
