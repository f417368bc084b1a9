"""Reads our manuals, which are written in mdoc(7), as far as the tests compare them with the code."""

import re

from support.program import BIN_DIR, ROOT

FLAG = re.compile(r"^\.It Fl Fl (\S+)(?: Ns Op = Ns Ar (\S+)| Ar (\S+))?$")
DEFAULT = re.compile(r"^Default:\n\.Ql (\S+) \.$", re.MULTILINE)


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def path_of(page):
    """Where a page is: lb's are made by the build, from lb/PAGE.in and the rows of lb/config."""
    written = {"lb-discovery.8": ROOT / "discovery", "lb-proxy.8": ROOT / "lb",
               "lb-report.8": ROOT / "lb/report", "lb-acme.8": ROOT / "acme"}
    return written.get(page, BIN_DIR.parent / "man") / page


def read_page(page):
    return path_of(page).read_text(encoding="utf-8")


def section(text, title):
    """What stands under .Sh or .Ss TITLE, up to the next heading."""
    found = re.search(rf"^\.S[hs] {re.escape(title)}\n(.*?)(?=^\.S[hs] |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section {title}"
    return found[1]


def flags(text):
    """{flag: (name of its value or None, default or None)} of all lists of flags."""
    found = {}
    for item in re.split(r"(?=^\.It )|^\.El$", text, flags=re.MULTILINE):
        head, _, body = item.partition("\n")
        match = FLAG.match(head)
        if match:
            assert match[1] not in found, f"--{match[1]} is told twice"
            default = DEFAULT.search(body)
            found[match[1]] = (match[2] or match[3], default and default[1])
            assert len(re.sub(DEFAULT, "", body).strip()) > 10, f"--{match[1]} is not explained"
    return found


def table(text, title):
    """The rows of a .Bl -column, without the heading: [[cell, ...]]. The last cell is in quotes, so
    that no word of it is taken for a macro."""
    rows = []
    for line in section(text, title).splitlines():
        if line.startswith(".It ") and not line.startswith(".It Sy"):
            assert re.search(r' Ta "[^"]+"$', line), f"put the last cell in quotes: {line}"
            cells = [[]]
            for word in re.findall(r'"[^"]*"|\S+', line[4:]):
                if word == "Ta":
                    cells.append([])
                else:
                    cells[-1].append(word.strip('"'))
            rows.append([" ".join(cell).removeprefix("Cm ").removeprefix("Li ") for cell in cells])
    return rows
