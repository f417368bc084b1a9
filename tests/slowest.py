"""Prints the ten tests that took longest.

usage: slowest.py JUNIT.xml…        (of pytest and CTest; the file's name tells the step)
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

COUNT = 10


def cases_of(file):
    """(seconds, test, step) of each."""
    for case in ElementTree.parse(file).iter("testcase"):
        folder, name = case.get("classname", ""), case.get("name")
        test = name if folder in ("", name) else f"{folder.removeprefix('tests.')}::{name}"
        yield float(case.get("time", 0)), test, Path(file).stem


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    cases = [case for file in sys.argv[1:] for case in cases_of(file)]
    for seconds, test, step in sorted(cases, reverse=True)[:COUNT]:
        print(f"{seconds:6.1f} s  {test} ({step})")


if __name__ == "__main__":
    main()
