"""Real servers that do not speak HTTP, from the image of tests/docker/peers, and what their clients see through lb."""
import fcntl
import socket
import struct
import subprocess
import threading

from conftest import LABEL, TAG, TOP, docker

IMAGE = f"peers:{TAG}"


def build_image():
    """Quick when nothing changed; by one worker, while the others wait."""
    with open(TOP / "build" / "test-peers.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        docker("build", "--quiet", "--label", "lbtest=image", "--tag", IMAGE, TOP / "tests" / "docker" / "peers",
               timeout=600)


def run_client(network, *words, timeout=120):
    """A client from the same image; what it printed, of which it must think well itself."""
    return docker("run", "--rm", "--label", LABEL, "--network", network, IMAGE, *words, timeout=timeout)


class Meanwhile:
    """`docker WORDS…`, which runs while the test goes on."""

    def __init__(self, *words):
        self.process = subprocess.Popen(["docker", *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)

    @property
    def runs(self):
        return self.process.poll() is None

    def end(self, timeout=120):
        """What it printed."""
        printed = self.process.communicate(timeout=timeout)[0]
        assert self.process.returncode == 0, printed
        return printed


def start_client(network, *words):
    return Meanwhile("run", "--rm", "--label", LABEL, "--network", network, IMAGE, *words)


# ---- one question on a connection of its own -----------------------------------------------------


def read_exactly(sock, count):
    data = b""
    while len(data) < count:
        piece = sock.recv(count - len(data))
        if not piece:
            raise ConnectionError(f"closed after {data!r}")
        data += piece
    return data


def read_line(sock):
    data = b""
    while not data.endswith(b"\n"):
        data += read_exactly(sock, 1)
    return data.decode().rstrip()


class Refused(Exception):
    """PostgreSQL itself said no: its word for it, such as 57P03, cannot connect now."""


def messages(sock):
    """PostgreSQL's, as (type, body)."""
    while True:
        kind, size = struct.unpack("!cI", read_exactly(sock, 5))
        body = read_exactly(sock, size - 4)
        if kind == b"E":
            raise Refused(next(field[1:].decode() for field in body.split(b"\0") if field[:1] == b"C"))
        yield kind, body


RESET = "reset" # by a server that has taken a connection, and ends before it answers


def ask_postgres(address, timeout=20):
    """The name of the server that a new connection got."""
    try:
        return ask_for_name(address, timeout)
    except ConnectionResetError as fault:
        raise Refused(RESET) from fault


def ask_for_name(address, timeout):
    with socket.create_connection(address, timeout) as sock:
        words = b"user\0postgres\0database\0postgres\0\0"
        sock.sendall(struct.pack("!II", len(words) + 8, 3 << 16) + words)
        incoming = messages(sock)
        any(kind == b"Z" for kind, _ in incoming)
        query = b"show cluster_name\0"
        sock.sendall(b"Q" + struct.pack("!I", len(query) + 4) + query)
        row = next(body for kind, body in incoming if kind == b"D")
        return row[6:].decode()


def ask_redis(address, timeout=20):
    with socket.create_connection(address, timeout) as sock:
        sock.sendall(b"PING\r\n")
        return read_line(sock)


def ask_echo(address, timeout=20):
    """The name of the server of echo.py that a new connection got."""
    with socket.create_connection(address, timeout) as sock:
        name = read_line(sock)
        sock.sendall(b"hello\n")
        assert read_line(sock) == "hello"
        return name


def ask_echo_udp(address, timeout=5):
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(timeout)
        sock.connect(address)
        sock.send(b"hello")
        name, _, said = sock.recv(100).partition(b" ")
        assert said == b"hello"
        return name.decode()


class Askers:
    """Threads that ask again and again, each time on a connection of its own."""

    def __init__(self, ask, count=3):
        self.ask, self.faults, self.seen, self.done = ask, [], set(), 0
        self.refused = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]

    def run(self):
        while not self.stop.is_set():
            try:
                self.seen.add(self.ask())
            except Refused as word:
                self.refused.append(str(word))
            except (OSError, AssertionError, StopIteration) as fault:
                self.faults.append(repr(fault))
            self.done += 1

    def goes_on(self, count=10):
        """A condition: so many more have been answered, or not, than now."""
        done = self.done
        return lambda: self.done >= done + count

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()
