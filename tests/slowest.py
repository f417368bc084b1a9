"""Prints the ten tests that took longest, and those of CTest that take more than 5 s without a label that
says why ("slow: reason"; pytest looks after its own). Not those under sanitizers, which are slow anyway. A
busy machine is seen as a slow test here, so this is a warning.

usage: slowest.py JUNIT.xml…        (of pytest and CTest; the file's name tells the step)
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

COUNT = 10
UNMARKED_SECONDS_MAX = 5


def cases_of(file):
    """(seconds, test, step) of each."""
    for case in ElementTree.parse(file).iter("testcase"):
        folder, name = case.get("classname", ""), case.get("name")
        test = name if folder in ("", name) else f"{folder.removeprefix('tests.')}::{name}"
        yield float(case.get("time", 0)), test, Path(file).stem


def unmarked_in(file):
    """(seconds, test) of CTest's that should say why they take long."""
    for case in ElementTree.parse(file).iter("testcase"):
        labels = [labels.get("value") for labels in case.iter("property") if labels.get("name") == "cmake_labels"]
        if labels and float(case.get("time", 0)) > UNMARKED_SECONDS_MAX and "slow: " not in labels[0]:
            yield float(case.get("time")), case.get("name")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    cases = [case for file in sys.argv[1:] for case in cases_of(file)]
    for seconds, test, step in sorted(cases, reverse=True)[:COUNT]:
        print(f"{seconds:6.1f} s  {test} ({step})")
    for file in sys.argv[1:]:
        if Path(file).stem in ("unit-release", "unit-dev"):
            for seconds, test in unmarked_in(file):
                print(f"warning: {test} took {seconds:.1f} s and has no label \"slow: why\"")


if __name__ == "__main__":
    main()
