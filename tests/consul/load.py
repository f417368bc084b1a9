"""Clients that ask all the time on kept connections, send nothing twice, and note what failed and when."""
import http.client
import json
import re
import signal
import sys
import threading
import time
from collections import Counter

SERVED_BY = re.compile(rb"served from (\S+)!")


class Load:
    """`pause_s` is how long a client waits between an answer and its next request."""

    def __init__(self, address, clients=4, pause_s=0.002, path="/", host=None, timeout_s=20):
        self.address, self.pause_s, self.path, self.timeout_s = address, pause_s, path, timeout_s
        self.fields = {"Host": host} if host else {}
        self.failures = []          # (time.monotonic() when it was sent, when it failed, what)
        self.served_by = Counter()
        self.last = {}              # name → when it answered last
        self.first = {}
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.count = 0
        self.slowest_s = 0
        self.threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def _run(self):
        connection = None
        while not self.is_over.is_set():
            sent = time.monotonic()
            try:
                connection = connection or http.client.HTTPConnection(*self.address, timeout=self.timeout_s)
                connection.request("GET", self.path, headers=self.fields)
                answer = connection.getresponse()
                body = answer.read()
                self._note(sent, answer.status, body)
                if answer.will_close:
                    connection.close()
                    connection = None
            except (OSError, http.client.HTTPException) as problem:
                self._fail(sent, f"{type(problem).__name__}: {problem}")
                connection.close()
                connection = None
            self.is_over.wait(self.pause_s)
        if connection:
            connection.close()

    def _note(self, sent, status, body):
        found = SERVED_BY.search(body)
        if status != 200:
            self._fail(sent, f"{status}: {body[:200]!r}")
            return
        now = time.monotonic()
        name = found[1].decode() if found else "?"
        with self.lock:
            self.count += 1
            self.slowest_s = max(self.slowest_s, now - sent)
            self.served_by[name] += 1
            self.last[name] = now
            self.first.setdefault(name, now)

    def _fail(self, sent, what):
        with self.lock:
            self.count += 1
            self.failures.append((sent, time.monotonic(), what))

    def names_since(self, since):
        """Who has answered since then."""
        with self.lock:
            return {name for name, at in self.last.items() if at > since}

    def end(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join(self.timeout_s + 5)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.end()

    def failed(self, after=0.0, before=float("inf")):
        """Of requests sent in that time."""
        with self.lock:
            return [what for sent, _, what in self.failures if after < sent < before]


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main():
    """load.py HOST PORT CLIENTS PAUSE: until SIGTERM; then all that was found as JSON. For another network namespace."""
    host, port, clients, pause_s = sys.argv[1:]
    load = Load((host, int(port)), int(clients), float(pause_s))
    signal.sigwait({signal.SIGTERM})
    load.end()
    print(json.dumps({"count": load.count, "failures": load.failures, "served_by": load.served_by, "slowest_s": load.slowest_s}))


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    main()
