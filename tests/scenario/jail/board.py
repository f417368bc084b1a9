"""What a program that libbreak_out.so is preloaded into tries at a word of the test, and what came of it."""

import mmap
import struct

from support.program import BIN_DIR, sanitizer
from support.waiting import wait_for

LIBRARY = BIN_DIR.parent / "tests/libbreak_out.so"
HEAD = struct.Struct("4i108s108s")  # order, kind, sibling, row_count, socket, file
ROW = struct.Struct("56sii")
ROWS_MAX = 128
BEGIN, DONE = 1, 3
KINDS = ["lb-proxy", "lb-discovery", "lb-report"]  # enum jail_kind
EPERM = 1


class Board:
    """`env` is for the start of the program, or of the lb that starts it. `name` is the program's."""

    def __init__(self, folder, name):
        path = folder / f"board.{name}"
        path.write_bytes(bytes(HEAD.size + ROWS_MAX * ROW.size))
        self.env = {"LD_PRELOAD": str(LIBRARY), "LB_DISCOVERY_BREAK_OUT": str(folder / "board")}
        self.kind = KINDS.index(name)
        with path.open("r+b") as file:
            self.shared = mmap.mmap(file.fileno(), 0)

    def order(self, sibling, engine, secret):
        """Begins; the attempts are made when the program waits next."""
        HEAD.pack_into(self.shared, 0, BEGIN, self.kind, sibling, 0, str(engine).encode(), str(secret).encode())

    def results(self):
        """What each attempt gave, and what a jail gives, by its name: numbers of errno."""
        wait_for(lambda: HEAD.unpack_from(self.shared)[0] == DONE, "all was tried")
        count = HEAD.unpack_from(self.shared)[3]
        assert 60 < count < ROWS_MAX
        rows = [ROW.unpack_from(self.shared, HEAD.size + i * ROW.size) for i in range(count)]
        return {name.rstrip(b"\0").decode(): (rc, refusal) for name, rc, refusal in rows}


def not_refused(results):
    """Those that were not refused as a jail does; all of them, in a jail that leaks."""
    return {name: rc for name, (rc, refusal) in results.items() if rc != refusal}


def refused(results):
    """Those that were refused."""
    return {name: rc for name, (rc, refusal) in results.items() if rc in (EPERM, refusal)}


__all__ = ["Board", "not_refused", "refused", "sanitizer"]
