"""lb-discovery with a pipe of which the test keeps both a reading end, as a master does, and readers that come and go."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "discovery"))

from stream_reader import StreamReader  # noqa: E402
from watcher import ENVIRONMENT, PROGRAM  # noqa: E402

PIPE_BYTES = 4096


def block_usr1():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})


class PipedDiscovery:
    def __init__(self, *flags, environment=None, prepare=None):
        self.fd, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self.process = subprocess.Popen([PROGRAM, *map(str, flags)], stdout=writing, stderr=subprocess.PIPE,
                                        env={**ENVIRONMENT, **(environment or {})}, preexec_fn=prepare)
        os.close(writing)
        self.messages = []
        self.talker = threading.Thread(target=self._read_messages, daemon=True)
        self.talker.start()

    def _read_messages(self):
        for line in self.process.stderr:
            self.messages.append(line.decode())

    def reader(self, is_late=False):
        return StreamReader(self.fd, lambda size: os.read(self.fd, size), is_late)

    def tell_again(self):
        self.process.send_signal(signal.SIGUSR1)

    def unread_bytes(self):
        """In the pipe."""
        import struct
        import termios
        return struct.unpack("i", fcntl.ioctl(self.fd, termios.FIONREAD, bytes(4)))[0]

    def resident_kb(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def end(self, timeout_s=40):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout_s)
        self.talker.join(timeout_s)
        text = "".join(self.messages)
        assert "Sanitizer" not in text and "runtime error" not in text, text
        return code

    def __enter__(self):
        return self

    def __exit__(self, kind, *unused):
        try:
            code = self.end()
            assert kind or code == 0, f"exit code {code}: {self.messages}"
        finally:
            self.process.kill()
            os.close(self.fd)
