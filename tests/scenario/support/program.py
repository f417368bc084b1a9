"""One of our programs as a process: what it says is collected, and how it ends is judged."""

import functools
import json
import os
import pathlib
import re
import signal
import subprocess
import threading

from support.waiting import wait_for

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN_DIR = pathlib.Path(os.environ.get("LB_BIN_DIR", ROOT / "build/release/bin"))
BIN_DIR = BIN_DIR if BIN_DIR.is_absolute() else ROOT / BIN_DIR

SUPPRESSIONS = pathlib.Path(__file__).with_name("tsan.supp")
SANITIZER_REPORT = re.compile(r"(ERROR: \w*Sanitizer|WARNING: ThreadSanitizer|runtime error:)")
LISTENING = re.compile(r"^listening on (\S+)$")


@functools.cache
def sanitizer():
    """"address", "thread" or None: what the programs in BIN_DIR were built with."""
    code = (BIN_DIR / "lb").read_bytes()
    if b"__asan_init" in code:
        return "address"
    return "thread" if b"__tsan_init" in code else None


def split_address(text):
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def environment(extra=None):
    """Ours without what would configure the programs."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("LB_", "APPSERVER_"))}
    env.pop("DOCKER_HOST", None)
    env["ASAN_OPTIONS"] = "detect_leaks=1"
    env["UBSAN_OPTIONS"] = "print_stacktrace=1"
    env["TSAN_OPTIONS"] = f"exitcode=66:suppressions={SUPPRESSIONS}"
    return {**env, **(extra or {})}


def run(name, *flags, env=None, timeout_s=20):
    """Runs a program to its end: a CompletedProcess with text."""
    done = subprocess.run([BIN_DIR / name, *flags], env=environment(env), timeout=timeout_s,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert not SANITIZER_REPORT.search(done.stderr), done.stderr
    assert done.returncode >= 0, f"{name} ended by signal {-done.returncode}\n{done.stderr}"
    return done


class Program:
    """Starts at once, by the words of `before` if there are any, which exec it. stop() ends it in order and fails
    on any sign of trouble."""

    def __init__(self, name, *flags, env=None, rlimits=None, stdout=subprocess.DEVNULL, before=(),
                 folder=BIN_DIR):
        self.name = name
        self.stderr_lines = []
        self.expected_status = 0
        self.is_judged = False
        limit = functools.partial(set_limits, rlimits) if rlimits else None
        if name == "lb":  # no other user has these folders, nor is one expected to be there
            env = {"LB_USER": "root", "LB_DISCOVERY_USER": "root", **(env or {})}
        self.process = subprocess.Popen(
            [*before, folder / name, *map(str, flags)], env=environment(env), preexec_fn=limit,
            stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE)
        self.pid = self.process.pid
        self.reader = threading.Thread(target=self._read_stderr, daemon=True)
        self.reader.start()

    def _read_stderr(self):
        for line in self.process.stderr:
            self.stderr_lines.append(line.decode(errors="replace").rstrip("\n"))

    def messages(self):
        """What it told the operator: the messages of its log lines, in order."""
        return [m for m in map(message_of, list(self.stderr_lines)) if m is not None]

    def find_message(self, pattern, since=0):
        for message in self.messages()[since:]:
            match = re.search(pattern, message)
            if match:
                return match
        return None

    def wait_message(self, pattern, since=0, timeout_s=30):
        """The match of the first message, from number `since`, in which the pattern occurs."""
        def look():
            return self.find_message(pattern, since) or self.process.poll() is not None
        wait_for(look, f"{self.name} says {pattern!r}; it said {self.messages()}", timeout_s)
        self.reader.join(0 if self.process.poll() is None else 5)
        found = self.find_message(pattern, since)
        assert found, f"{self.name} ended without saying {pattern!r}: {self.stderr_lines}"
        return found

    def wait_listening(self, count=1):
        """The addresses of its listeners, in the order they were opened."""
        self.wait_message(r"^listening on ")
        wait_for(lambda: len(self._listening()) >= count, f"{self.name} listens {count} times")
        return self._listening()

    def _listening(self):
        found = filter(None, map(LISTENING.match, self.messages()))
        return [split_address(match[1]) for match in found]

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait_end(self, timeout_s=60):
        """Its exit status; the judgement is passed here, once."""
        try:
            status = self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.is_judged = True
            self.process.kill()
            self.process.wait()
            raise AssertionError(
                f"{self.name} did not end within {timeout_s} s; it said {self.messages()}") from None
        self.reader.join(5)
        self.judge(status)
        return status

    def judge(self, status):
        self.is_judged = True
        said = "\n".join(self.stderr_lines)
        assert not SANITIZER_REPORT.search(said), said
        assert status == self.expected_status, f"{self.name} ended with status {status}\n{said}"

    def stop(self):
        if self.is_judged:
            return
        if self.process.poll() is None:
            self.end()
        self.wait_end()

    def end(self):
        self.signal(signal.SIGTERM)


def message_of(line):
    """The message of a JSON log line; None for other lines, such as access log lines."""
    try:
        return json.loads(line).get("message")
    except (ValueError, AttributeError):
        return None


def set_limits(rlimits):
    import resource
    for which, value in rlimits.items():
        resource.setrlimit(which, value if isinstance(value, tuple) else (value, value))
