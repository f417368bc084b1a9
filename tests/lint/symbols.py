"""Checks that whoever sees a symbol knows its file: what x.c exports is called x or x_something.
x_state.c may export x_something too, and a folder f with an interface f.h may have f_something in
any of its files.

usage: symbols.py SOURCE_DIR BUILD_DIR     (after a build)
"""

import subprocess
import sys
from pathlib import Path

import compile_commands
import source_tree


def exported(object_file):
    """Names of the functions and objects that other files can link to."""
    output = subprocess.run(["nm", "-P", "-g", "--defined-only", str(object_file)], check=True,
                            capture_output=True, text=True).stdout
    return [line.split()[0] for line in output.splitlines() if line.strip()]


def is_good(name, path):
    nouns = {path.stem, path.stem.removesuffix("_state")}
    if path.with_name(path.parent.name + ".h").exists():
        nouns.add(path.parent.name)
    # Names that begin with two underscores come from the compiler (sanitizers, coverage).
    return (name in nouns | {"main"} or
            name.startswith(("__", *(noun + "_" for noun in nouns))))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    problems, files, names = [], 0, 0
    for command in compile_commands.read(sys.argv[1], sys.argv[2]):
        if command.path.split("/")[0] not in source_tree.ROOTS:
            continue
        if not command.object.exists():
            problems.append(f"{command.path}: not compiled; build first")
            continue
        path = Path(sys.argv[1]) / command.path
        symbols = exported(command.object)
        files, names = files + 1, names + len(symbols)
        problems += [f"{command.path}: exports {name}; call it {path.stem}_..., or make it static"
                     for name in symbols if not is_good(name, path)]
    if files == 0 and not problems:
        problems.append(f"{sys.argv[2]}: no file of the project is compiled there")
    return source_tree.report(problems, f"{files} files, {names} symbols, all named after them")


if __name__ == "__main__":
    sys.exit(main())
