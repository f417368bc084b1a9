"""How CMake compiles the project's files: reads BUILD_DIR/compile_commands.json."""

import json
import shlex
import sys
from collections import namedtuple
from pathlib import Path

# One compiled file: path relative to the source folder, object file, the command's words.
Command = namedtuple("Command", "path object words")


def read(source_dir, build_dir):
    """The commands for files below source_dir."""
    path = Path(build_dir) / "compile_commands.json"
    if not path.exists():
        sys.exit(f"{path}: not there; configure with CMake first")
    source_dir = Path(source_dir).resolve()
    found = []
    for entry in json.loads(path.read_text(encoding="utf-8")):
        file = Path(entry["directory"], entry["file"]).resolve()
        if file.is_relative_to(source_dir):
            words = shlex.split(entry["command"])
            output = Path(entry["directory"], words[words.index("-o") + 1])
            found.append(Command(file.relative_to(source_dir).as_posix(), output, words))
    return found


def flags_of(words):
    """The compiler, and its flags that change the meaning of a header."""
    flags, takes_next = [words[0]], False
    for word in words[1:]:
        if takes_next or word.startswith(("-I", "-D", "-U", "-isystem", "-std=", "-pthread")):
            flags.append(word)
        takes_next = not takes_next and word in ("-I", "-D", "-U", "-isystem")
    return flags
