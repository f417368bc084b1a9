"""Checks that every module has its unit test: lb/<folder>/<module>.c has
tests/unit/<folder>/test_<module>.c, and <program>/<folder>/<module>.c of another program
tests/unit/<program>/<folder>/test_<module>.c; or a row with the reason why not in tests/unit/MIRROR.

usage: mirror.py SOURCE_DIR BUILD_DIR
"""

import sys
from pathlib import Path, PurePosixPath

import source_tree

ROOTS = ("lb", "acme", "discovery", "appserver")


def read_reasons(source_dir):
    """Module to reason, and what is wrong with the rows."""
    file = Path(source_dir) / "tests/unit/MIRROR"
    reasons, problems = {}, []
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    for number, line in enumerate(lines, 1):
        module, _, reason = line.partition(" ")
        if not line or line.startswith("#"):
            continue
        if not reason.strip():
            problems.append(f"tests/unit/MIRROR:{number}: {module} has no reason")
        if module in reasons:
            problems.append(f"tests/unit/MIRROR:{number}: {module} has a row already, "
                            f"{reasons[module]}")
        reasons[module] = number
    return reasons, problems


def test_of(module):
    path = PurePosixPath("tests/unit", module.removeprefix("lb/"))
    return str(path.with_name(f"test_{path.name}"))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source_dir = Path(sys.argv[1]).resolve()
    reasons, problems = read_reasons(source_dir)
    modules = [path for path in source_tree.find_files(source_dir, (".c",))
               if path.split("/")[0] in ROOTS]
    for path in modules:
        test = test_of(path)
        has_test = (source_dir / test).exists()
        if not has_test and path not in reasons:
            problems.append(f"{path}: has no {test}, and no reason in tests/unit/MIRROR")
        if has_test and path in reasons:
            problems.append(f"tests/unit/MIRROR:{reasons[path]}: {path} has a test; take it out")
    for path in sorted(set(reasons) - set(modules)):
        problems.append(f"tests/unit/MIRROR:{reasons[path]}: there is no {path}")
    return source_tree.report(problems, f"{len(modules)} modules, all tested or with a reason: "
                                        f"{len(modules) - len(reasons)} and {len(reasons)}")


if __name__ == "__main__":
    sys.exit(main())
