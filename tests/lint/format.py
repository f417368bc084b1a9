"""Checks that every C file is as clang-format 14 (Debian 12's; others differ) leaves it with .clang-format.

usage: format.py SOURCE_DIR BUILD_DIR
Exit status 77: there is no such clang-format here.
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

VERSION = "14"
FOLDERS = ("lb", "acme", "discovery", "appserver", "bench", "tests")


def find_program():
    for name in (f"clang-format-{VERSION}", "clang-format"):
        path = shutil.which(name)
        if path and re.search(rf"version {VERSION}\.", subprocess.check_output([path, "--version"], text=True)):
            return path
    return None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, top = find_program(), Path(sys.argv[1])
    if not program:
        print(f"clang-format {VERSION} not found")
        return 77
    files = [str(path) for folder in FOLDERS for path in sorted((top / folder).rglob("*.[ch]"))]
    done = subprocess.run([program, "--dry-run", *files], stderr=subprocess.PIPE, text=True, check=True)
    wrong = sorted(set(re.findall(r"^(.*?):\d+:\d+: warning:", done.stderr, re.MULTILINE)))
    for path in wrong:
        print(f"{Path(path).relative_to(top)}: clang-format -i would change it")
    print(f"{len(files)} files, {len(wrong)} to be formatted")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
