"""A master with programs that the test plays: the channel of each lb-proxy comes here, and the test says what that says."""

import array
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
from pathlib import Path

from support.program import BIN_DIR
from support.waiting import wait_for

FAKE = Path(__file__).with_name("fake_program.py")
VERSION = 3
KINDS = {"HELLO": 1, "PLACE": 2, "PLAN": 3, "SEALED": 4, "WANT": 5, "DROP": 6, "READY": 7, "YIELDED": 8, "RENEW": 9,
         "SETTLED": 10, "UPGRADE": 11, "STATUS": 12, "HEARTBEAT": 13, "SOUND": 14, "HUNG": 15,
         "WELCOME": 64, "PLACED": 65, "SOCKETS": 66, "SERVE": 67, "LINE": 68, "DISCOVERY_ENDED": 69,
         "DISCOVERY_FAILED": 70, "YIELD": 71, "NEWS": 72,
         "TAKE": 128, "GIVE": 129, "KEEPSAKES": 130, "TAKEN": 131, "GIVEN": 132}
NAMES = {number: name for name, number in KINDS.items()}
BODY_BYTES = 512
FIRST, AGAIN, SUCCESSOR = 0, 1, 2
DISCOVERY, REPORTER, ACME = 0, 1, 2
CRASH, COUNTS, WISHES, ORDERED, OUTBOX = 3, 4, 5, 6, 7  # of the keepsakes
UPGRADED, NOT_UPGRADED, RENEWED, NOT_RENEWED = 0, 1, 2, 3
HISTORY = struct.Struct("=IIIIQQQQI128sI")
PATIENCE_S = 20


def address(port, host="127.0.0.1"):
    return struct.pack("=H", socket.AF_INET) + struct.pack(">H", port) + socket.inet_aton(host) + bytes(20)


def socket_words(port, role="listen", count=1, kind=1, ordinal=0):
    return struct.pack("=II16sII", kind, ordinal, role.encode(), count, 0) + address(port) + bytes(28)


def place_words(handover="", discovery="", upgrade_timeout_ms=0, grace_ms=0, dumpable=1, uid=os.getuid(), gid=os.getgid()):
    return struct.pack("=108s108sIIIIII4IIIIII", handover.encode(), discovery.encode(), upgrade_timeout_ms, grace_ms,
                       dumpable, 0, 0, 0, 0, 0, 0, 0, 0, uid, gid, 1, 1)


def plan_memfd(program, arguments=(), environment=(), head=None):
    strings = b"".join(word.encode() + b"\0" for word in (program, *arguments, *environment))
    fd = os.memfd_create("plan")
    os.write(fd, head or struct.pack("=IIIIQ", len(arguments), len(environment), 0, 0, len(strings)))
    os.write(fd, strings)
    return fd


class Message:
    def __init__(self, data, fds):
        number, self.status, self.value = struct.unpack_from("=IiQ", data)
        self.kind, self.body, self.fds = NAMES[number], data[16:], fds

    @property
    def text(self):
        return self.body.split(b"\0")[0].decode()

    @property
    def bound_port(self):
        return struct.unpack_from(">H", self.body, 32 + 28 + 2)[0]

    @property
    def history(self):
        names = ("start_count", "crashes_in_a_row", "is_crash_loop", "_", "upgrade_count", "renewal_count",
                 "lost_request_count", "last_crash_ns", "heartbeat_ms", "last_crash")
        return dict(zip(names, HISTORY.unpack_from(self.body)))

    def crashes(self):
        rows = struct.iter_unpack("=16sQ", self.body[HISTORY.size:HISTORY.size + 24 * 8])
        return {word.split(b"\0")[0].decode(): count for word, count in rows if count}


class Played:
    """A process of the master: its channel, and the line by which it does what the test says."""

    def __init__(self, line, about, fds):
        self.line, self.about, self.pid, self.fds = line, about, about["pid"], fds
        self.channel = socket.socket(fileno=fds[0]) if about["role"] == "proxy" else None
        self.output = fds[0] if about["role"] == "discovery" else None
        self.kept = fds[1:] if self.channel else fds

    def do(self, words):
        self.line.send(words.encode())

    def heard(self):
        """The signal that it got."""
        self.line.settimeout(PATIENCE_S)
        return int(self.line.recv(100).split()[1])

    def say(self, kind, body=b"", value=0, status=0, fds=(), size=16 + BODY_BYTES):
        number = KINDS.get(kind, kind)
        data = (struct.pack("=IiQ", number, status, value) + body).ljust(size, b"\0")[:size]
        socket.send_fds(self.channel, [data], list(fds))

    def hear(self, kind=None, timeout_s=PATIENCE_S):
        self.channel.settimeout(timeout_s)
        data, fds, _, _ = socket.recv_fds(self.channel, 2048, 64)
        assert data, "the master has closed the channel"
        message = Message(data, fds)
        if message.kind != "SOCKETS":  # which become sockets
            self.kept += fds
        assert kind in (None, message.kind), (kind, message.kind, message.status, message.text)
        return message

    def await_kind(self, kind):
        while (message := self.hear()).kind != kind:
            pass
        return message

    def is_silent(self, for_s=0.2):
        return not select.select([self.channel], [], [], for_s)[0]

    def greet(self):
        self.say("HELLO", b"fake", VERSION)
        return self.hear("WELCOME")

    def place(self, **words):
        self.say("PLACE", place_words(**words))
        return self.hear("PLACED")

    def want(self, port, **words):
        """The sockets, and what was said of them first."""
        self.say("WANT", socket_words(port, **words))
        first = message = self.hear("SOCKETS")
        fds = list(message.fds)
        while message.value > len(message.fds):
            message = self.hear("SOCKETS")
            fds += message.fds
        return first, [socket.socket(fileno=fd) for fd in fds]

    def plan(self, *words, helper=DISCOVERY, **more):
        fd = plan_memfd(*words, **more)
        self.say("PLAN", value=helper, fds=[fd])
        os.close(fd)

    def seal(self):
        self.say("SEALED")

    def start(self, port=0, **place):
        """All that it says until it serves; gives its sockets."""
        self.greet()
        self.place(**place)
        _, sockets = self.want(port)
        self.seal()
        self.hear("SERVE")
        return sockets

    def close(self):
        self.line.close()
        if self.channel:
            self.channel.close()
        for fd in self.kept:
            os.close(fd)

    def is_gone(self):
        return not Path(f"/proc/{self.pid}").exists()


class Rig:
    def __init__(self, folder):
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.door.bind(str(folder / "fake"))
        self.door.listen(64)
        self.played, self.masters, self.waiting = [], [], []
        shutil.copy(BIN_DIR / "lb", self.programs / "lb")
        shutil.copy(FAKE, self.programs / "lb-proxy")

    def replace(self, name, source):
        """As a package does: another file at that path."""
        new = self.programs / f"{name}.new"
        if isinstance(source, str):
            new.write_text(source)
            new.chmod(0o755)
        else:
            shutil.copy(source, new)
        new.rename(self.programs / name)

    def master(self, *arguments, **environment):
        log = (self.folder / f"log{len(self.masters)}").open("w+")
        words = {"PATH": os.environ["PATH"], "FAKE_PATH": str(self.folder / "fake"), "LB_LOG_FORMAT": "plain",
                 "LB_LOG_LEVEL": "debug"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                words[name] = os.environ[name]
        words.update(environment)
        master = subprocess.Popen([self.programs / "lb", *arguments], env=words, stdout=subprocess.PIPE, stderr=log,
                                  text=True)
        master.log = Path(log.name)
        self.masters.append(master)
        return master

    def next(self, role="proxy"):
        """The next of the master's processes that comes."""
        for played in self.waiting:
            if played.about["role"] == role:
                self.waiting.remove(played)
                return played
        while True:
            self.door.settimeout(PATIENCE_S)
            line, _ = self.door.accept()
            data, fds, _, _ = socket.recv_fds(line, 65536, 4)
            played = Played(line, json.loads(data), fds)
            self.played.append(played)
            if played.about["role"] == role:
                return played
            self.waiting.append(played)

    def nobody_comes(self, for_s=0.5):
        return not select.select([self.door], [], [], for_s)[0]

    def discovery_plan(self):
        """For Played.plan: the words of a played lb-discovery."""
        return str(FAKE), ("one", "two"), (f"FAKE_PATH={self.folder / 'fake'}", "FAKE_ROLE=discovery", "A=1")

    def reporter_plan(self, *environment):
        """The same of a played lb-report."""
        return str(FAKE), ("--gelf", "x"), (f"FAKE_PATH={self.folder / 'fake'}", "FAKE_ROLE=reporter", "LB_SENTRY_DSN=s",
                                            *environment)

    def acme_plan(self, *environment, more=()):
        """The same of a played lb-acme. `more`: of its arguments."""
        return str(FAKE), ("--email", "x@a.test", *more), (f"FAKE_PATH={self.folder / 'fake'}", "FAKE_ROLE=acme", *environment)

    def close(self):
        for master in self.masters:
            if master.poll() is None:
                master.kill()
                master.wait()
            master.stdout.close()
        for played in self.played:
            try:
                os.kill(played.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            played.close()
        self.door.close()


def log_of(master):
    return master.log.read_text()


def wait_for_log(master, words):
    wait_for(lambda: words in log_of(master), f"the log tells: {words}")


def set_gauges(fd, *counts):
    """In the first bytes of the page."""
    os.pwrite(fd, array.array("I", counts).tobytes(), 0)
