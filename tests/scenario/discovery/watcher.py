"""Runs lb-discovery and looks at its lines."""

import json
import os
import pathlib
import queue
import signal
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROGRAM = str(pathlib.Path(os.environ.get("LB_BIN_DIR", ROOT / "build" / "release" / "bin")) / "lb-discovery")
ENVIRONMENT = {key: value for key, value in os.environ.items()
               if not key.startswith(("DOCKER_", "LB_CONTAINER", "LB_DISCOVERY"))}


class Watcher:
    def __init__(self, *args, environment=None, before=()):
        """`before`: a program that becomes this one, and its arguments."""
        self.process = subprocess.Popen([*before, PROGRAM, *map(str, args)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env={**ENVIRONMENT, **(environment or {})})
        self.lines = queue.Queue()
        self.messages = []
        self.signs_of_life = []  # in order; the other lines are those of next()
        self.said = threading.Condition()
        self.last = None
        self.last_at_ns = 0
        threading.Thread(target=self._read_lines, daemon=True).start()
        self.talker = threading.Thread(target=self._read_messages, daemon=True)
        self.talker.start()

    def _read_lines(self):
        for line in self.process.stdout:
            if b'"alive":' in line:
                self.signs_of_life.append(json.loads(line))
            else:
                self.lines.put((time.time_ns(), line))

    def _read_messages(self):
        for line in self.process.stderr:
            with self.said:
                self.messages.append(line.decode())
                self.said.notify_all()

    def next(self, timeout_s=40):
        """The next line, checked for what is true of all lines."""
        try:
            self.last_at_ns, line = self.lines.get(timeout=timeout_s)
        except queue.Empty:
            raise AssertionError("no line came; it said: " + "".join(self.messages[-20:])) from None
        assert line.endswith(b"\n")
        self.last = json.loads(line)
        assert self.last["v"] == 2
        names = [service["name"] for service in self.last["services"]]
        assert names == sorted(set(names))
        for service in self.last["services"]:
            order = [(e["name"], e["id"]) for e in service["endpoints"]]
            assert order and order == sorted(order)
        return self.last

    def wait(self, condition, timeout_s=40):
        """The first line from the present one on for which `condition` holds."""
        end = time.monotonic() + timeout_s
        while self.last is None or not condition(self):
            left = end - time.monotonic()
            assert left > 0, f"last line: {str(self.last)[:2000]}"
            try:
                self.next(left)
            except AssertionError as error:
                raise AssertionError(f"{error}; last line: {str(self.last)[:2000]}") from None
        return self.last

    def wait_sign(self, condition, timeout_s=40):
        """The first sign of life for which `condition` holds, without what stands around it."""
        at, end = 0, time.monotonic() + timeout_s
        while True:
            for sign in self.signs_of_life[at:]:
                if condition(sign["alive"]):
                    return sign["alive"]
                at += 1
            assert time.monotonic() < end, f"last sign: {self.signs_of_life[-1:]}"
            time.sleep(0.01)

    def no_line(self, during_s=0.3):
        try:
            _, line = self.lines.get(timeout=during_s)
        except queue.Empty:
            return
        raise AssertionError(f"a line that says nothing new: {line[:500]}")

    def endpoints(self, service="web"):
        """name → endpoint, of the last line."""
        return {e["name"]: e for s in self.last["services"] if s["name"] == service for e in s["endpoints"]}

    def states(self, service="web"):
        return {name: e["state"] for name, e in self.endpoints(service).items()}

    def left_out(self):
        return {c["name"]: c for c in self.last["left_out"]}

    def reasons(self):
        return {name: c["reason"] for name, c in self.left_out().items()}

    def wait_message(self, words, timeout_s=40):
        with self.said:
            assert self.said.wait_for(lambda: any(words in m for m in self.messages), timeout_s), \
                f"{words!r} was not said: {self.messages}"

    def end(self, timeout_s=40):
        """Ends it as lb does; it must go quietly and without any complaint of a sanitizer."""
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


def watch(engine, *args, **kwargs):
    """Of that engine, by default of no container of lb's own."""
    if "--self" not in args:
        args = ("--self", "none", *args)
    return Watcher("--docker=unix://" + engine.path, *args, **kwargs)


def down(engine, cid):
    engine.containers[cid]["State"].update(Running=False, Status="exited")
