"""The part of HashiCorp's configuration language (HCL 2) that job files of Nomad are written in: attributes, blocks
with labels, strings, numbers, lists, objects and references. No functions, conditions and loops: they are refused.
"""

import re
from dataclasses import dataclass, field

TOKEN = re.compile(r"""
    (?P<space>[ \t\r]+ | \#[^\n]* | //[^\n]* | /\*.*?\*/)
  | (?P<newline>\n)
  | (?P<string>"(?:[^"\\\n$]|\\.|\$\{[^}\n"]*\}|\$(?!\{))*")
  | (?P<number>-?\d+(?:\.\d+)?)
  | (?P<name>[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)
  | (?P<mark>[\[\]{}=,:()])
""", re.VERBOSE | re.DOTALL)


class Fault(Exception):
    pass


@dataclass(frozen=True)
class Reference:
    """var.image, string, list: a name that stands for something."""
    name: str


@dataclass
class Block:
    kind: str
    labels: list
    line: int
    attributes: dict = field(default_factory=dict)  # name: (value, line)
    blocks: list = field(default_factory=list)

    def get(self, name, otherwise=None):
        return self.attributes[name][0] if name in self.attributes else otherwise

    def all(self, kind):
        return [block for block in self.blocks if block.kind == kind]

    def one(self, kind):
        found = self.all(kind)
        return found[0] if found else None


class Reader:
    def __init__(self, text):
        self.tokens, self.at = [], 0
        position, line = 0, 1
        while position < len(text):
            match = TOKEN.match(text, position)
            if not match:
                raise Fault(f"{line}: cannot be read: {text[position:position + 30].splitlines()[0]!r}")
            if match.lastgroup != "space":
                self.tokens.append((match.lastgroup, match[0], line))
            line += match[0].count("\n")
            position = match.end()
        self.tokens.append(("end", "", line))

    def peek(self, offset=0):
        return self.tokens[min(self.at + offset, len(self.tokens) - 1)]

    def take(self, *wanted):
        """The next token; `wanted` are kinds, or texts of marks."""
        kind, text, line = self.peek()
        if wanted and kind not in wanted and text not in wanted:
            raise Fault(f"{line}: {text.strip() or kind!r} where {' or '.join(wanted)} should be")
        self.at += 1
        return text

    def skip_lines(self):
        while self.peek()[0] == "newline":
            self.at += 1

    def body(self, block, end):
        self.skip_lines()
        while self.peek()[1] != end:
            name, line = self.take("name"), self.tokens[self.at - 1][2]
            if self.peek()[1] == "=":
                self.take("=")
                if name in block.attributes:
                    raise Fault(f"{line}: {name} is set twice")
                block.attributes[name] = (self.value(), line)
            else:
                block.blocks.append(self.block(name, line))
            if self.peek()[1] != end:
                self.take("newline")
            self.skip_lines()

    def block(self, kind, line):
        labels = []
        while self.peek()[0] in ("string", "name"):
            labels.append(self.take().strip('"'))
        made = Block(kind, labels, line)
        self.take("{")
        self.body(made, "}")
        self.take("}")
        return made

    def value(self):
        kind, text, _ = self.peek()
        if text == "[":
            return self.list()
        if text == "{":
            return self.object()
        self.take("string", "number", "name")
        if self.peek()[1] == "(" and text == "list":  # a type: list(string)
            self.take("(")
            self.take("name")
            self.take(")")
        if kind == "string":
            return text[1:-1]
        if kind == "number":
            return float(text) if "." in text else int(text)
        return {"true": True, "false": False}.get(text, Reference(text))

    def list(self):
        items = []
        self.take("[")
        self.skip_lines()
        while self.peek()[1] != "]":
            items.append(self.value())
            self.skip_lines()
            if self.peek()[1] != "]":
                self.take(",")
                self.skip_lines()
        self.take("]")
        return items

    def object(self):
        found = {}
        self.take("{")
        self.skip_lines()
        while self.peek()[1] != "}":
            name = self.take("name", "string").strip('"')
            self.take("=", ":")
            found[name] = self.value()
            if self.peek()[1] != "}":
                self.take(",", "newline")
            self.skip_lines()
        self.take("}")
        return found


def parse(text):
    """The file as one block. Raises Fault, which begins with the line."""
    reader = Reader(text)
    top = Block("file", [], 1)
    reader.body(top, "")
    reader.take("end")
    return top
