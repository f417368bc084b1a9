"""Reads a Logstash pipeline: as much of the language as deploy/stack/logstash uses, and nothing else. What it does not know
is an error, so that the model never skips what Logstash would do.

A section is a list of Plugin and Choice; a condition is a tuple whose first word says what it is."""

import re
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(r"""
    (?P<skip>\s+|\#[^\n]*)
  | (?P<string>"[^"]*"|'[^']*')
  | (?P<number>-?[0-9]+)
  | (?P<selector>(?:\[[^\[\],\s"]+\])+)
  | (?P<arrow>=>)
  | (?P<operator>==|!=|=~|!~)
  | (?P<mark>[{}()\[\],!])
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
""", re.VERBOSE)
REGEX = re.compile(r"\s*/((?:\\/|[^/])*)/")


@dataclass
class Plugin:
    name: str
    options: dict


@dataclass
class Choice:
    branches: list  # of (condition or None, section)


class Reader:
    def __init__(self, text):
        self.text, self.at = text, 0

    def fail(self, what):
        line = self.text.count("\n", 0, self.at) + 1
        raise ValueError(f"line {line}: {what}")

    def look(self):
        """(kind, text) of the next token; ("end", "") behind the last."""
        while self.at < len(self.text):
            found = TOKEN.match(self.text, self.at)
            if not found:
                self.fail(f"unknown: {self.text[self.at:self.at + 20]!r}")
            if found.lastgroup != "skip":
                return found.lastgroup, found[0], found.end()
            self.at = found.end()
        return "end", "", self.at

    def take(self, text=None, kind=None):
        found, what, end = self.look()
        if (text is not None and what != text) or (kind is not None and found != kind):
            self.fail(f"{text or kind} is expected, not {what!r}")
        self.at = end
        return what

    def is_next(self, *texts):
        return self.look()[1] in texts

    # ---- sections -----------------------------------------------------------------------------------

    def file(self):
        sections = {}
        while self.look()[0] != "end":
            name = self.take(kind="word")
            sections.setdefault(name, []).extend(self.section())
        return sections

    def section(self):
        parts = []
        self.take("{")
        while not self.is_next("}"):
            parts.append(self.choice() if self.is_next("if") else self.plugin())
        self.take("}")
        return parts

    def plugin(self):
        name, options = self.take(kind="word"), {}
        self.take("{")
        while not self.is_next("}"):
            key = self.take(kind="word")
            if key in options:
                self.fail(f"{key} stands there twice")
            self.take("=>")
            options[key] = self.value()
        self.take("}")
        return Plugin(name, options)

    def value(self) -> Any:
        kind, what, _ = self.look()
        if kind == "string":
            return self.take()[1:-1]
        if kind == "number":
            return int(self.take())
        if kind == "word":
            return {"true": True, "false": False}.get(what, what) if self.take() else None
        if what == "[":
            return self.array()
        if what == "{":
            return self.hash()
        return self.fail(f"no value: {what!r}")

    def array(self):
        values = []
        self.take("[")
        while not self.is_next("]"):
            values.append(self.value())
            if not self.is_next("]"):
                self.take(",")
        self.take("]")
        return values

    def hash(self):
        """Pairs in their order; no commas between them."""
        pairs = {}
        self.take("{")
        while not self.is_next("}"):
            key = self.take(kind="string")[1:-1]
            self.take("=>")
            pairs[key] = self.value()
        self.take("}")
        return pairs

    # ---- conditions -----------------------------------------------------------------------------------

    def choice(self):
        self.take("if")
        branches = [(self.condition(), self.section())]
        while self.is_next("else"):
            self.take("else")
            if self.is_next("if"):
                self.take("if")
                branches.append((self.condition(), self.section()))
            else:
                branches.append((None, self.section()))
                break
        return Choice(branches)

    def condition(self):
        """and and or are not mixed without parentheses."""
        parts = [self.term()]
        word = self.look()[1]
        while word in ("and", "or") and self.is_next(word):
            self.take(word)
            parts.append(self.term())
        if self.is_next("and", "or"):
            self.fail("and beside or: put parentheses")
        return (word, *parts) if len(parts) > 1 else parts[0]

    def term(self):
        if self.is_next("!"):
            self.take("!")
            return ("not", self.term())
        if self.is_next("("):
            self.take("(")
            inner = self.condition()
            self.take(")")
            return inner
        left = self.operand()
        if self.look()[0] == "operator":
            operator = self.take()
            return (operator, left, self.regex() if operator in ("=~", "!~") else self.operand())
        if self.is_next("in"):
            self.take("in")
            return ("in", left, ("constant", self.array()))
        return ("is", left)

    def operand(self):
        kind, what, _ = self.look()
        if kind == "selector":
            return ("field", self.take())
        if kind in ("string", "number"):
            return ("constant", self.value())
        return self.fail(f"no operand: {what!r}")

    def regex(self):
        found = REGEX.match(self.text, self.at)
        if not found:
            self.fail("a regular expression is expected")
        self.at = found.end()
        return ("regex", found[1])


def read(text):
    """{"input": section, "filter": section, "output": section}."""
    return Reader(text).file()
