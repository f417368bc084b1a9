"""lb-report as the master starts it: a socket as descriptor 3, a page of counts as 4, the DSN by the environment."""

import fcntl
import json
import mmap
import os
import socket
import struct
import subprocess
import threading
from pathlib import Path

from support.program import BIN_DIR, Program, environment

# struct report_counts of lb/contract/report.h
NAMES = ("start_count", "gelf_sent", "gelf_sent_bytes", "gelf_dropped_queue", "gelf_dropped_error", "gelf_reconnects",
         "gelf_waiting", "sentry_sent", "sentry_dropped_queue", "sentry_dropped_rate_limit", "sentry_dropped_error",
         "sentry_grouped", "sentry_waiting", "sentry_limited_until_ns", "last_error_ns")
PAGE_BYTES = 4096


class Reporter(Program):
    """`master` outlives it, as the master's ends do; without one it has one of its own."""

    def __init__(self, *flags, dsn=None, env=None, master=None):
        self.master = master or Master()
        self.name, self.stderr_lines, self.expected_status, self.is_judged = "lb-report", [], 0, False
        own = {"LB_SENTRY_DSN": dsn} if dsn else {}
        inbox, counts = self.master.theirs.fileno(), self.master.counts_fd
        words = f'exec "$@" 3<&{inbox} 4<&{counts} {inbox}<&- {counts}<&-'
        if min(inbox, counts) < 5:
            raise AssertionError("the descriptors of a test are too low")
        self.process = subprocess.Popen(
            ["bash", "-c", words, "bash", BIN_DIR / "lb-report", "--log-format=json", *map(str, flags)],
            pass_fds=(inbox, counts), env=environment({**own, **(env or {})}), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.pid = self.process.pid
        self.reader = threading.Thread(target=self._read_stderr, daemon=True)
        self.reader.start()

    def tell(self, kind, content):
        self.master.tell(kind, content)

    def count(self, name):
        return self.master.count(name)

    def resident_kb(self):
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0])


class Master:
    """Both ends, and the page."""

    def __init__(self):
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.theirs = socket.socket(fileno=high(theirs.detach()))
        self.counts_fd = high(os.memfd_create("counts"))
        os.ftruncate(self.counts_fd, PAGE_BYTES)
        self.page = mmap.mmap(self.counts_fd, PAGE_BYTES)

    def tell(self, kind, content):
        """Waits while there is no room, as nobody who tells it really does."""
        text = content if isinstance(content, (bytes, str)) else json.dumps(content)
        self.ours.sendall(kind.encode() + (text.encode() if isinstance(text, str) else text))

    def try_to_tell(self, message):
        """False: there is no room."""
        try:
            return self.ours.send(message, socket.MSG_DONTWAIT) > 0
        except BlockingIOError:
            return False

    def count(self, name):
        return struct.unpack_from("<Q", self.page, 8 * NAMES.index(name))[0]

    def last_error(self):
        begin = 8 * len(NAMES)
        return self.page[begin:begin + 256].split(b"\0")[0].decode()

    def close(self):
        self.ours.close()
        self.theirs.close()
        self.page.close()
        os.close(self.counts_fd)


def high(fd):
    """The same, with a number that is nobody's."""
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 64)
    os.close(fd)
    return moved
