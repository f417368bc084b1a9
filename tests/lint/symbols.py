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


def exported(object_files):
    """By object file: names of the functions and objects that other files can link to."""
    names = {str(file): [] for file in object_files}
    if not names:
        return names
    output = subprocess.run(["nm", "-A", "-P", "-g", "--defined-only", *names], check=True,
                            capture_output=True, text=True).stdout
    for line in output.splitlines():
        file, _, symbol = line.rpartition(": ")  # "FILE: NAME TYPE …"
        names[file].append(symbol.split()[0])
    return names


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
    commands = [command for command in compile_commands.read(sys.argv[1], sys.argv[2])
                if command.path.split("/")[0] in source_tree.ROOTS]
    found = exported([command.object for command in commands if command.object.exists()])
    for command in commands:
        if not command.object.exists():
            problems.append(f"{command.path}: not compiled; build first")
            continue
        path = Path(sys.argv[1]) / command.path
        symbols = found[str(command.object)]
        files, names = files + 1, names + len(symbols)
        problems += [f"{command.path}: exports {name}; call it {path.stem}_..., or make it static"
                     for name in symbols if not is_good(name, path)]
    if files == 0 and not problems:
        problems.append(f"{sys.argv[2]}: no file of the project is compiled there")
    return source_tree.report(problems, f"{files} files, {names} symbols, all named after them")


if __name__ == "__main__":
    sys.exit(main())
