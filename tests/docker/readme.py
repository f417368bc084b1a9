"""The project's README as a test reads it: the blocks of each section, the commands in them, and what they are said to print."""
import re
from collections import namedtuple

from conftest import TOP

Block = namedtuple("Block", "kind text")


def sections():
    """{heading: its blocks}, in the order of the page."""
    found, heading, kind, lines = {}, "", None, []
    for line in (TOP / "README.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("```") and kind is None:
            kind, lines = line[3:].strip(), []
        elif line.startswith("```"):
            found.setdefault(heading, []).append(Block(kind, "\n".join(lines)))
            kind = None
        elif kind is not None:
            lines.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("# ")
    return found


def commands(block):
    """Each command as typed, over several lines where they end with a backslash."""
    return [command for command in re.split(r"(?<!\\)\n", block.text) if command.strip() and not command.startswith("#")]


def plain(printed):
    """As it is read: without colours, and what a terminal has at the ends of lines."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", printed)


def pattern(said):
    """What must have been printed: line breaks may be anywhere, … stands for anything, and numbers are of that day."""
    words = re.escape(" ".join(said.split()))
    words = words.replace("…", ".*?").replace(r"\ ", r"\s+")
    return re.compile(re.sub(r"\d+", r"\\d+", words), re.DOTALL)
