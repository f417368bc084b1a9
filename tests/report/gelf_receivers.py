"""Who receives GELF in tests: graygelf, which others wrote, and receivers of our own, which hang, move and die as told."""

import gzip
import json
import socket
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scenario"))

from support import npm_folder  # noqa: E402
from support.program import BIN_DIR, environment  # noqa: E402
from support.waiting import wait_for  # noqa: E402

PIPE = BIN_DIR.parent / "tests/gelf_pipe"
NAMES = BIN_DIR.parent / "tests/libtell_names.so"
COUNTS = ("sent", "sent_bytes", "dropped_queue", "dropped_error", "reconnects", "waiting")


class Graygelf:
    """npm's graygelf: what it understood of what it got."""

    def __init__(self):
        folder = npm_folder.install(Path(__file__).parent / "receivers/gelf")
        self.process = subprocess.Popen(["node", "receive.js", str(free_udp_port())], cwd=folder, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.messages, self.datagrams, self.errors = [], [], []
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.url = f"udp://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            told = json.loads(line)
            if "message" in told:
                self.messages.append(told["message"])
            elif "error" in told:
                self.errors.append(told["error"])
            else:
                self.datagrams.append((told["bytes"], told["begin"]))

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.thread.join(10)


class UdpReceiver:
    """Whole datagrams, joined and unpacked as the specification says."""

    def __init__(self, host="127.0.0.1", port=0):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.sock.bind((host, port))
        self.port = self.sock.getsockname()[1]
        self.url = f"udp://{host}:{self.port}"
        self.messages, self.datagrams, self.chunks = [], [], {}
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while (datagram := self.sock.recv(65536)) != b"end":
            self.datagrams.append(datagram)
            if datagram.startswith(b"\x1e\x0f"):
                datagram = self._join(datagram)
            if datagram:
                self.messages.append(json.loads(unpack(datagram)))

    def _join(self, datagram):
        parts = self.chunks.setdefault(datagram[2:10], {})
        parts[datagram[10]] = datagram[12:]
        return b"".join(parts[i] for i in range(len(parts))) if len(parts) == datagram[11] else None

    def close(self):
        if self.sock.fileno() < 0:
            return
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"end", self.sock.getsockname())
        self.thread.join(10)
        self.sock.close()


class TcpReceiver:
    """Messages with a NUL behind each; reads when it is told to. `cut` is what a connection had begun and not ended."""

    def __init__(self, host="127.0.0.1", port=0, reads=True):
        self.listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((host, port))
        self.listener.listen(8)
        self.port = self.listener.getsockname()[1]
        self.url = f"tcp://{host}:{self.port}"
        self.messages, self.cut, self.connections = [], [], []
        self.may_read = threading.Event()
        if reads:
            self.may_read.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection):
        rest = b""
        while self.may_read.wait():
            try:
                more = connection.recv(65536)
            except OSError:
                more = b""
            if not more:
                break
            *whole, rest = (rest + more).split(b"\0")
            self.messages += [json.loads(message) for message in whole]
        self.cut.append(rest)

    def hang_up(self):
        """All connections, not the listener."""
        for connection in self.connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            connection.close()
        self.connections.clear()

    def close(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.may_read.set()
        self.hang_up()


class Pipe:
    """lb/gelf as a program."""

    def __init__(self, folder, url, compression="none", *, env=None, **numbers):
        self.counts_path = folder / "counts"
        order = ("resolve_ms", "datagram_bytes", "stall_ms", "queue_bytes")
        assert set(numbers) <= set(order)
        self.words = []
        self.process = subprocess.Popen(
            [PIPE, url, compression, self.counts_path, *(str(numbers.get(name, 0)) for name in order)],
            stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(env))
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stderr:
            self.words.append(line.decode().rstrip("\n"))

    def put(self, *lines):
        for line in lines:
            self.process.stdin.write((line if isinstance(line, bytes) else line.encode()) + b"\n")
        self.process.stdin.flush()

    def counts(self):
        """{} until it has begun."""
        if not self.counts_path.exists() or self.counts_path.stat().st_size < 48:
            return dict.fromkeys(COUNTS, 0)
        return dict(zip(COUNTS, struct.unpack("=6Q", self.counts_path.read_bytes()[:48])))

    def wait_count(self, name, least=1):
        wait_for(lambda: self.counts()[name] >= least, f"{name} is {least}")

    def close(self):
        """Waits for its end, which drains."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        assert self.process.wait(20) == 0, self.words
        self.thread.join(10)
        assert not any("Sanitizer" in word or "runtime error" in word for word in self.words), self.words


class Names:
    """What the system's resolver says, as in scenario/names. One write into the same file."""

    SIZE = 4096

    def __init__(self, folder):
        self.path = folder / "names"
        self.env = {"LD_PRELOAD": str(NAMES), "LB_TELL_NAMES": str(self.path)}
        self.tell()

    def tell(self, **names):
        told = "".join(" ".join([name, *addresses]) + "\n" for name, addresses in names.items())
        with open(self.path, "r+b" if self.path.exists() else "wb", buffering=0) as file:
            file.write(told.encode().ljust(self.SIZE, b"\n"))


def unpack(message):
    if message.startswith(b"\x1f\x8b"):
        return gzip.decompress(message)
    return zlib.decompress(message) if message.startswith(b"\x78") else message


def free_udp_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def texts(messages):
    return [message["short_message"] for message in messages]
