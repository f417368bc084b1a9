"""Checks the pages for people (*.md): links lead to a file of the project and to a heading that is there, pictures exist,
no line is longer than LINE_MAX, and the project's README stays short.

usage: pages.py SOURCE_DIR BUILD_DIR
"""

import os
import re
import sys
from pathlib import Path

import source_tree

LINE_MAX = 399
README_LINES_MAX = 160
NOT_OURS = re.compile(r"build.*|\..*|node_modules|__pycache__")
# The second form is a reference in HTML, as of a <picture>.
LINK = re.compile(r"(?<!\\)\]\(([^()\s]*(?:\([^()]*\))?[^()\s]*)\)|\b(?:src|srcset|href)=\"([^\"]+)\"")
ELSEWHERE = re.compile(r"[a-z][a-z+.-]*:", re.IGNORECASE)


def find_pages(top):
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if not NOT_OURS.fullmatch(name))
        yield from (Path(folder, name) for name in sorted(names) if name.endswith(".md"))


def prose(text):
    """The lines with their numbers, without blocks of code and what is between backquotes."""
    in_block = False
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r" *(```|~~~)", line):
            in_block = not in_block
        elif not in_block:
            yield number, re.sub(r"(`+).+?\1", lambda code: "`" * len(code[0]), line)


def anchors_of(text):
    """As GitHub makes them of headings; the second one of a name gets -1, and so on."""
    found, counts, in_block = set(), {}, False
    for line in text.splitlines():
        if line.startswith("```"):
            in_block = not in_block
        heading = re.match(r"#{1,6} +(.*)", line)
        if in_block or not heading:
            continue
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading[1].strip().lower())
        anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        count = counts.get(anchor, 0)
        counts[anchor] = count + 1
        found.add(f"{anchor}-{count}" if count else anchor)
    return found


def check_link(top, page, target):
    """What is wrong with it, or None."""
    path, _, anchor = target.partition("#")
    file = Path(os.path.normpath(page.parent / path)) if path else page
    if top not in file.parents and file != top:
        return f"{target} leads out of the project"
    if not file.exists():
        return f"{target}: there is no {file.relative_to(top)}"
    if anchor and file.suffix == ".md" and anchor not in anchors_of(file.read_text(encoding="utf-8")):
        return f"{target}: {file.relative_to(top)} has no heading for #{anchor}"
    return None


def check_page(top, page):
    text, name = page.read_text(encoding="utf-8"), page.relative_to(top)
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LINE_MAX:
            yield f"{name}:{number}: {len(line)} characters; {LINE_MAX} at most, so break it, or make sentences of it"
    for number, line in prose(text):
        for link in LINK.finditer(line):
            target = link[1] or link[2]
            problem = target and not ELSEWHERE.match(target) and check_link(top, page, target)
            if problem:
                yield f"{name}:{number}: {problem}"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    top = Path(sys.argv[1]).resolve()
    pages = list(find_pages(top))
    problems = [problem for page in pages for problem in check_page(top, page)]
    lines = len((top / "README.md").read_text(encoding="utf-8").splitlines())
    if lines > README_LINES_MAX:
        problems.append(f"README.md: {lines} lines; {README_LINES_MAX} at most: what is for operators belongs to deploy/")
    return source_tree.report(problems, f"{len(pages)} pages, their links and lines are in order")


if __name__ == "__main__":
    sys.exit(main())
