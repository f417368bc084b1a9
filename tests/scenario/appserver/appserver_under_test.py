"""A real appserver as a child process, and a client that sees every byte."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

from support.free_port import free_port

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BINARY = pathlib.Path(os.environ.get("LB_BIN_DIR", REPOSITORY / "build/release/bin")) / "appserver"
GREETING = b"Hello World\nHi there, I'm served from demo!\n"


def wait_until(condition, what, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.01)


def environment(**more):
    """Without what the developer's shell may have set for an appserver of its own."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("APPSERVER_")}
    return {**clean, **more}


def run(*arguments, timeout=20, **env):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=timeout,
                          env=environment(**env))


def curl(*arguments):
    return subprocess.run(["curl", "-sS", "--max-time", "20", *arguments], capture_output=True)


class Appserver:
    def __init__(self, *flags, listen="127.0.0.1", name="demo", wrapper=(), stdout=None, **env):
        self.host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen, listen)
        self.port = free_port()
        self.address = f"[{listen}]:{self.port}" if ":" in listen else f"{listen}:{self.port}"
        self.stdout = tempfile.TemporaryFile("w+")
        self.stderr = tempfile.TemporaryFile("w+")
        naming = ["--name", name] if name else []
        self.process = subprocess.Popen(
            [*wrapper, BINARY, "--listen", self.address, *naming, *flags],
            stdout=self.stdout if stdout is None else stdout, stderr=self.stderr,
            env=environment(**env))
        wait_until(self.listens, "appserver listens")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is not None:
            return  # how it ended is the test's business
        self.process.terminate()
        try:
            code = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        assert error[0] or code == 0, f"exit code {code}: {self.errors()}"

    def listens(self):
        assert self.process.poll() is None, self.errors()
        try:
            socket.create_connection((self.host, self.port), 1).close()
            return True
        except OSError:
            return False

    def errors(self):
        self.stderr.seek(0)
        return self.stderr.read()

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self, seconds=15):
        return self.process.wait(seconds)

    def url(self, path):
        return f"http://{self.host}:{self.port}{path}"

    def rss_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    def log_lines(self):
        """The access log so far: every line must be JSON."""
        self.stdout.seek(0)
        return [json.loads(line) for line in self.stdout.read().splitlines()]

    def log_line(self, path):
        found = []

        def there():
            found[:] = [line for line in self.log_lines() if line["path"] == path]
            return found

        wait_until(there, f"a log line of {path}")
        assert len(found) == 1
        return found[0]

    def client(self):
        return Client(socket.create_connection((self.host, self.port), 10))

    def ask(self, request, head_only=False):
        with self.client() as client:
            client.send(request)
            return client.answer(head_only)


class Answer:
    def __init__(self, raw_head):
        self.raw_head = raw_head
        lines = raw_head.decode("latin-1").split("\r\n")
        version, code, self.reason = lines[0].split(" ", 2)
        assert version == "HTTP/1.1"
        self.status = int(code)
        pairs = [line.split(": ", 1) for line in lines[1:] if line]
        self.fields = {name.lower(): value for name, value in pairs}
        assert len(self.fields) == len(pairs), "a field stands twice"
        self.body = b""
        self.chunks = []


class Client:
    """Reads exactly one answer at a time, so that what follows it is seen too."""

    def __init__(self, sock):
        self.sock = sock
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.input = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data.encode() if isinstance(data, str) else data)

    def more(self):
        data = self.sock.recv(1 << 20)
        self.input += data
        return bool(data)

    def take(self, count):
        part = bytes(self.input[:count])
        del self.input[:count]
        return part

    def read_until(self, end):
        while end not in self.input:
            assert self.more(), f"ended in the middle: {self.input!r}"
        return self.take(self.input.index(end) + len(end))

    def read_exactly(self, count):
        while len(self.input) < count:
            assert self.more(), f"{len(self.input)} of {count} bytes, then the end"
        return self.take(count)

    def read_to_end(self):
        while self.more():
            pass
        return self.take(len(self.input))

    def at_end(self):
        """True when the peer has closed and sent nothing more."""
        return self.read_to_end() == b""

    def read_chunks(self, answer):
        while True:
            size = int(self.read_until(b"\r\n"), 16)
            chunk = self.read_exactly(size)
            assert self.read_exactly(2) == b"\r\n"
            if size == 0:
                return
            answer.chunks.append((time.monotonic(), chunk))
            answer.body += chunk

    def answer(self, head_only=False):
        answer = Answer(self.read_until(b"\r\n\r\n"))
        if head_only or answer.status < 200 or answer.status in (204, 304):
            return answer
        if answer.fields.get("transfer-encoding") == "chunked":
            assert "content-length" not in answer.fields
            self.read_chunks(answer)
        elif "content-length" in answer.fields:
            answer.body = self.read_exactly(int(answer.fields["content-length"]))
        else:
            assert answer.fields["connection"] == "close"
            answer.body = self.read_to_end()
        return answer


def get(path, *fields, method="GET", version="HTTP/1.1"):
    lines = [f"{method} {path} {version}", "Host: demo", *fields, "", ""]
    return "\r\n".join(lines).encode()


def chunked(data, size):
    pieces = [data[i:i + size] for i in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


def alphabet(count):
    letters = b"abcdefghijklmnopqrstuvwxyz"
    return (letters * (count // 26 + 1))[:count]
