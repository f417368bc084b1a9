"""Checks each file by itself: no function that cannot be used safely, own header first, include
guards named after the path, and headers that compile alone (and twice), where no compiled file has shown it.

usage: hygiene.py SOURCE_DIR BUILD_DIR     (BUILD_DIR: configured by CMake)
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import compile_commands
import source_tree

BANNED = {
    "strcpy": "memcpy with a length, or text_append_str",
    "strcat": "text_append_str",
    "sprintf": "snprintf or text_appendf",
    "vsprintf": "vsnprintf or text_vappendf",
    "atoi": "view_parse_u64",
    "strtok": "view_cut",
    "gets": "a read with a length",
}
BANNED_NAME = re.compile(r"\b(" + "|".join(BANNED) + r")\b")
DIRECTIVE = re.compile(r"^\s*#\s*(\w+)\s*(\w*)", re.MULTILINE)


def check_banned(path, code):
    for number, line in enumerate(source_tree.blank_out(code).splitlines(), 1):
        for match in BANNED_NAME.finditer(line):
            yield f"{path}:{number}: {match[0]} is not used here; use {BANNED[match[0]]}"


def check_own_header(path, code, files):
    own = path[:-2] + ".h"
    includes = source_tree.includes_of(code)
    if path.endswith(".c") and own in files and (not includes or includes[0].name != own):
        yield f"{path}: the first #include must be \"{own}\", which proves that it stands alone"


def check_guard(path, code):
    if not path.endswith(".h"):
        return
    guard = re.sub(r"[^A-Z0-9]", "_", path.upper())
    directives = DIRECTIVE.findall(source_tree.blank_out(code))
    if directives[:2] != [("ifndef", guard), ("define", guard)] or directives[-1][0] != "endif":
        yield f"{path}: the include guard must be #ifndef {guard}, #define {guard} ... #endif"


def check_alone(source_dir, path, flags):
    """Compiles a file that has only this header, twice: a guard that does not guard shows too."""
    code = f'#include "{path}"\n#include "{path}"\n'
    command = [*flags, "-I", str(source_dir), "-fsyntax-only", "-x", "c", "-"]
    # Names in quotes are looked for in the working directory first.
    result = subprocess.run(command, input=code, capture_output=True, text=True, check=False, cwd=source_dir)
    if result.returncode == 0:
        return []
    return [f"{path}: does not compile alone; include what it needs\n{result.stderr.rstrip()}"]


def check_headers(source_dir, build_dir, headers):
    commands = compile_commands.read(source_dir, build_dir)
    if not commands:
        return [f"{build_dir}: no file of the project is compiled there"]
    by_folder = {str(Path(command.path).parent): command for command in commands}
    compiled = {command.path for command in commands}  # whose own header came first: the build has shown it
    headers = [path for path in headers if path[:-2] + ".c" not in compiled]

    def check(path):
        command = by_folder.get(str(Path(path).parent), commands[0])
        return check_alone(source_dir, path, compile_commands.flags_of(command.words))

    with ThreadPoolExecutor(max_workers=2) as pool:
        return [problem for found in pool.map(check, headers) for problem in found]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source_dir, build_dir = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    files = source_tree.find_files(source_dir)
    problems = []
    for path in files:
        code = source_tree.read(source_dir, path)
        problems += check_banned(path, code)
        problems += check_own_header(path, code, files)
        problems += check_guard(path, code)
    headers = [path for path in files if path.endswith(".h")]
    problems += check_headers(source_dir, build_dir, headers)
    return source_tree.report(problems, f"{len(files)} files, {len(headers)} headers, all in order")


if __name__ == "__main__":
    sys.exit(main())
