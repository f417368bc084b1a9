"""A program whose monotonic clock a test moves on by hand, as if it had been held up: by a stop, by
other programs, by a quota of the CPU."""

import contextlib
import mmap
import os
import signal
import struct
import time

from support.program import BIN_DIR, sanitizer
from support.waiting import is_stopped, wait_for

LIBRARY = BIN_DIR.parent / "tests/libshift_clock.so"


class Clock:
    """`env` is for the program's start."""

    def __init__(self, folder):
        path = folder / "clock"
        path.write_bytes(bytes(16))
        self.env = {} if sanitizer() else {"LD_PRELOAD": str(LIBRARY), "LB_SHIFT_CLOCK": str(path)}
        with path.open("r+b") as file:
            self.shared = mmap.mmap(file.fileno(), 16)

    def pass_s(self, seconds):
        """So much later, of which the program learns when it looks: within a second. Where nothing can
        be preloaded the time is waited for."""
        if sanitizer():
            time.sleep(seconds)
        else:
            self.jump(1000 * seconds)

    def run_on(self, lb, seconds):
        """So much later for lb, which turns in between: one that was held up itself blames nobody."""
        for _ in range(round(2 * seconds)):
            self.pass_s(0.5)
            lb.ask("/healthz")

    def jump(self, ms):
        now_ns, = struct.unpack_from("q", self.shared, 0)
        struct.pack_into("q", self.shared, 0, now_ns + int(ms * 1e6))

    def set_connect_ms(self, ms):
        """From now on every connect() of the program takes so long."""
        struct.pack_into("q", self.shared, 8, int(ms * 1e6))

    @contextlib.contextmanager
    def held_up(self, pid, ms):
        """The program stands still for the body of the statement, which it takes for `ms`."""
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_for(lambda: is_stopped(pid), "it stands still")
            yield
            self.jump(ms)
        finally:
            os.kill(pid, signal.SIGCONT)
