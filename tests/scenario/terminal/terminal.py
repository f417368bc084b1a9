"""A terminal with one of our programs at it: what stands on its screen, what was sent there, and what is typed. It knows
no more than what lb may send, and complains about all else."""

import fcntl
import os
import re
import signal
import struct
import subprocess
import termios
import threading
import unicodedata

from support.program import BIN_DIR, SANITIZER_REPORT, environment
from support.waiting import wait_for

SEQUENCE = re.compile(r"\x1b\[(\??[0-9;]*)([A-Za-z])")
END = b"\x04"  # written by the test, behind all that the program wrote
COLOURS = {"", "0", "1", "2", "31", "32", "33", "36"}


def columns_of(character):
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Terminal:
    def __init__(self, *words, size=(24, 80), env=None, program="lb", stderr=None):
        self.master, self.slave = os.openpty()
        self.rows, self.width = size
        self.resize(*size, tell=False)
        self.before = termios.tcgetattr(self.slave)
        self.raw = b""
        self.cells, self.row, self.column = {}, 0, 0
        self.is_alternate, self.has_cursor, self.wraps = False, True, True
        self.widest = 0
        self.process = subprocess.Popen(
            [BIN_DIR / program, *map(str, words)], stdin=self.slave, stdout=self.slave,
            stderr=stderr or self.slave, env={**environment(), "TERM": "xterm-256color", "LB_USER": "root",
                                              "LB_DISCOVERY_USER": "root", **(env or {})},
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    # ---- what it sends -----------------------------------------------------------------------------

    def _read(self):
        rest = ""
        pending = b""
        while True:
            try:
                piece = os.read(self.master, 65536)
            except OSError:
                return
            self.raw += piece
            pending += piece
            cut = len(pending) if pending[-1] < 0x80 else max((i for i, b in enumerate(pending) if b < 0x80), default=-1) + 1
            rest = self._take(rest + pending[:cut].decode("utf-8"))
            pending = pending[cut:]

    def _take(self, text):
        at = 0
        while at < len(text):
            if text[at] == END.decode():
                at += 1
                continue
            match = SEQUENCE.match(text, at)
            if match:
                self._obey(*match.groups())
                at = match.end()
            elif text[at] == "\x1b" and len(text) - at < 12 and not SEQUENCE.search(text, at):
                return text[at:]  # the rest of it is on its way
            else:
                self._put(text[at])
                at += 1
        return ""

    def _obey(self, numbers, letter):
        if letter == "H":
            row, column = (numbers or "1;1").split(";")
            self.row, self.column = int(row) - 1, int(column) - 1
        elif (numbers, letter) == ("2", "K"):
            self.cells[self.row] = {}
        elif (numbers, letter) == ("2", "J"):
            self.cells, self.widest = {}, 0
        elif numbers in ("?1049", "?25", "?7"):
            name = {"?1049": "is_alternate", "?25": "has_cursor", "?7": "wraps"}[numbers]
            setattr(self, name, letter == "h")
        else:
            assert letter == "m" and numbers in COLOURS, (numbers, letter)

    def _put(self, character):
        if character in "\r\n":
            self.row += character == "\n"
            self.column = 0
            return
        assert unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp", "Cs"), f"U+{ord(character):04X}"
        self.cells.setdefault(self.row, {})[self.column] = character
        self.column += columns_of(character)
        self.widest = max(self.widest, self.column)

    # ---- what is seen ------------------------------------------------------------------------------

    def lines(self):
        cells = dict(self.cells)
        rows = [cells.get(row, {}) for row in range(max(cells, default=-1) + 1)]
        return ["".join(row.get(i, " ") for i in range(max(row, default=-1) + 1)).rstrip() for row in map(dict, rows)]

    def text(self):
        return "\n".join(self.lines())

    def wait_text(self, pattern, timeout_s=30):
        """The match of a pattern on the screen."""
        def look():
            assert self.reader.is_alive() or re.search(pattern, self.text()), self.text()
            return re.search(pattern, self.text())
        return wait_for(look, f"{pattern!r} is on the screen", timeout_s)

    # ---- what is done to it ------------------------------------------------------------------------

    def press(self, keys):
        os.write(self.master, keys.encode())

    def resize(self, rows, width, tell=True):
        self.rows, self.width = rows, width
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, width, 0, 0))
        del tell  # the kernel tells the foreground group

    def wait_end(self, timeout_s=30):
        status = self.process.wait(timeout_s)
        os.write(self.slave, END)
        wait_for(lambda: END in self.raw or not self.reader.is_alive(), "all that it wrote is read")
        self.raw = self.raw.replace(END, b"")
        assert not SANITIZER_REPORT.search(self.raw.decode(errors="replace")), self.raw
        return status

    def is_as_before(self):
        return (termios.tcgetattr(self.slave) == self.before and not self.is_alternate and self.has_cursor and self.wraps)

    def close(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self.slave)
        self.reader.join(5)
        os.close(self.master)
