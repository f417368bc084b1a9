"""Checks that the installed programs of a release are hardened: position independent, all relocations read-only
before main(), no executable stack, fortified calls, stack protector, a build id, jumps only to where they may go
(CET, BTI); and that every file of ours, and llhttp's where it is built here, was compiled with the same flags.

usage: hardening.py SOURCE_DIR BUILD_DIR
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import source_tree

SKIPPED = 77
RELEASES = ("Release", "RelWithDebInfo", "MinSizeRel")
ALWAYS = ("-fstack-protector-strong",)
WHERE_HAD = ("-fstack-clash-protection", "-ftrivial-auto-var-init=zero")
# What a function begins with that may be jumped to, and the word of the compiler's flag for it.
MACHINES = {
    "X86-64": ("-fcf-protection", (bytes.fromhex("f30f1efa"),), "endbr64"),
    "AArch64": ("-mbranch-protection=standard", (bytes.fromhex("3f2303d5"), bytes.fromhex("5f2403d5")), "paciasp"),
}


def readelf(program, *options):
    return subprocess.run(["readelf", "--wide", *options, program], check=True, text=True, capture_output=True,
                          env={**os.environ, "LC_ALL": "C"}).stdout


def is_elf(file):
    with open(file, "rb") as opened:
        return opened.read(4) == b"\x7fELF"


def machine_of(headers):
    return next((name for name in MACHINES if name in headers), None)


def first_bytes(program, name):
    """Of a function; None where the symbols are stripped."""
    symbol = re.search(rf"^ *\d+: ([0-9a-f]+) +\d+ FUNC +\S+ +\S+ +(\d+) {name}$", readelf(program, "--syms"), re.M)
    if not symbol:
        return None
    section = re.search(rf"^ *\[ *{symbol[2]}\] \S+ +\S+ +([0-9a-f]+) ([0-9a-f]+)", readelf(program, "--sections"), re.M)
    at = int(symbol[1], 16) - int(section[1], 16) + int(section[2], 16)
    return Path(program).read_bytes()[at:at + 4]


def problems_of(program):
    """What one program lacks."""
    headers, dynamic = readelf(program, "--file-header", "--program-headers"), readelf(program, "--dynamic")
    symbols, notes = readelf(program, "--dyn-syms"), readelf(program, "--notes")
    stack = re.search(r"GNU_STACK +\S+ \S+ \S+ \S+ \S+ (...)", headers)
    found = {
        "is not position independent": not re.search(r"FLAGS_1\).*\bPIE\b", dynamic),
        "has no GNU_RELRO": "GNU_RELRO" not in headers,
        "binds lazily": not re.search(r"FLAGS_1\).*\bNOW\b", dynamic),
        "has an executable stack": not stack or "E" in stack[1],
        "has no build id": "Build ID:" not in notes,
        "looks for libraries in folders of its own": bool(re.search(r"\((RPATH|RUNPATH)\)", dynamic)),
        "has no stack protector": "__stack_chk_fail@" not in symbols,
        "has no fortified call": not re.search(r"__\w+_chk@", symbols.replace("__stack_chk_fail", "")),
    }
    yield from (what for what, is_so in found.items() if is_so)
    machine = machine_of(headers)
    if machine:
        _, beginnings, word = MACHINES[machine]
        main = first_bytes(program, "main")
        if main is not None and main not in beginnings:
            yield f"does not begin its functions with {word}"


def has_flag(compiler, flag):
    return subprocess.run([compiler, "-Werror", flag, "-S", "-x", "c", "-o", "/dev/null", "-"], input="", text=True,
                          capture_output=True, check=False).returncode == 0


def has_fortify_3(words):
    """Does the C library, with this compiler, do what level 3 promises?"""
    code = "#include <features.h>\n#if !__has_builtin(__builtin_dynamic_object_size) || !__GLIBC_PREREQ(2, 34)\n#error\n#endif\n"
    return subprocess.run([words[0], "-E", "-x", "c", "-o", "/dev/null", "-"], input=code, text=True, capture_output=True,
                          check=False).returncode == 0


def problems_of_flags(source_dir, build_dir, machine):
    """Of each compiled file but the tests', which are linked into no program."""
    wanted = None
    for entry in json.loads((Path(build_dir) / "compile_commands.json").read_text(encoding="utf-8")):
        file, words = Path(entry["file"]), shlex.split(entry["command"])
        if file.is_relative_to(source_dir) and file.relative_to(source_dir).parts[0] in ("tests", "bench"):
            continue
        if wanted is None:
            maybe = (*WHERE_HAD, *([MACHINES[machine][0]] if machine else []))
            wanted = [*ALWAYS, *(flag for flag in maybe if has_flag(words[0], flag)),
                      f"-D_FORTIFY_SOURCE={3 if has_fortify_3(words) else 2}"]
        missing = [flag for flag in wanted if flag not in words]
        if missing:
            yield f"{file}: compiled without {' '.join(missing)}"


def cached(build_dir, name):
    text = (Path(build_dir) / "CMakeCache.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{name}:\w+=(.*)$", text, re.M)
    return found[1] if found else ""


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source_dir, build_dir = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    if cached(build_dir, "CMAKE_BUILD_TYPE") not in RELEASES or cached(build_dir, "LB_SANITIZE"):
        print("no release build: nothing to check")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cmake", "--install", build_dir], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "DESTDIR": folder})
        programs = sorted(file for file in Path(folder).rglob("*")
                          if file.is_file() and not file.is_symlink() and is_elf(file))
        problems = [f"{program.name} {what}" for program in programs for what in problems_of(program)]
        machine = machine_of(readelf(programs[0], "--file-header")) if programs else None
    if not programs:
        problems.append(f"{build_dir} installs no program")
    problems += problems_of_flags(source_dir, build_dir, machine)
    return source_tree.report(problems, f"hardened: {', '.join(program.name for program in programs)}")


if __name__ == "__main__":
    sys.exit(main())
