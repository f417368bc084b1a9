"""The C files of the project and what they include; shared by the checks of this folder."""

import os
import re
import sys
from collections import namedtuple
from pathlib import Path

ROOTS = ("lb", "acme", "appserver", "discovery", "bench")

# One #include: line number, the name between the marks, and whether it stood in <>.
Include = namedtuple("Include", "line name is_system")

INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>|(\S.*))')
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def find_files(source_dir, suffixes=(".c", ".h"), roots=ROOTS):
    """Paths below the roots, relative to source_dir with '/', sorted."""
    found = []
    for root in roots:
        for folder, _, names in os.walk(Path(source_dir) / root):
            found += [Path(folder, name).relative_to(source_dir).as_posix()
                      for name in names if name.endswith(suffixes)]
    return sorted(found)


def read(source_dir, path):
    return (Path(source_dir) / path).read_text(encoding="utf-8")


def blank_out(code, keep_strings=False):
    """The code with comments (and strings) blanked out; lines keep their numbers."""
    def blank(match):
        if keep_strings and match[0][0] in "\"'":
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])
    return NOT_CODE.sub(blank, code)


def includes_of(code):
    """Every #include of a file's text. A macro as the name counts as a name in no marks."""
    found = []
    for number, line in enumerate(blank_out(code, keep_strings=True).splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            found.append(Include(number, match[1] or match[2] or match[3], match[1] is None))
    return found


def report(problems, good_news):
    """Prints the problems, or the good news; gives the exit code."""
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        print(f"{len(problems)} problem(s)", file=sys.stderr)
        return 1
    print(good_news)
    return 0
