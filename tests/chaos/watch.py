"""What watches the proxy: the load, and tunnels that must live through everything."""
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time


class Load:
    """tests/chaos/load as a process; its failures are read while it runs."""

    def __init__(self, program, target, rate, seed):
        self.requests = self.failed = 0
        self.failures = []      # each as the program wrote it
        self.process = subprocess.Popen(
            [str(program), "--target", target, "--rate", str(rate), "--seed", str(seed)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            entry = json.loads(line)
            if "number" in entry:
                self.failures.append(entry)
            else:
                self.requests, self.failed = entry["requests"], entry["failures"]

    def end(self):
        """Lets what is on its way finish; gives the program's report."""
        self.process.send_signal(signal.SIGTERM)
        report = json.loads(self.process.stdout.read())
        self.process.wait(30)
        self.reader.join(5)
        return report


class Tunnel:
    """What a WebSocket is to a proxy: an Upgrade that is answered with 101, and then bytes both ways. The
    demo server echoes them: each must come back, in time and in order."""

    PAUSE_SECONDS = 0.2
    DEADLINE_SECONDS = 25   # longer than any pause of the container

    def __init__(self, target, seed):
        host, _, port = target.rpartition(":")
        self.random = random.Random(seed)
        self.echoes = 0
        self.slowest_ms = 0.0
        self.problem = self.broke_at = None
        self.is_over = threading.Event()
        self.socket = socket.create_connection((host, int(port)), timeout=self.DEADLINE_SECONDS)
        self.socket.sendall(b"GET /ws HTTP/1.1\r\nHost: chaos\r\nConnection: Upgrade\r\n"
                            b"Upgrade: echo\r\n\r\n")
        head = b""
        while b"\r\n\r\n" not in head:
            more = self.socket.recv(1)
            if not more:
                raise OSError(f"the upgrade was answered with {head!r}")
            head += more
        if not head.startswith(b"HTTP/1.1 101 "):
            raise OSError(f"the upgrade was answered with {head!r}")
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.is_over.wait(self.PAUSE_SECONDS):
            try:
                self.exchange(os.urandom(self.random.choice([2, 100, 5000])))
            except OSError as problem:
                self.problem, self.broke_at = repr(problem), time.time()
                return

    def exchange(self, sent):
        begun = time.monotonic()
        self.socket.sendall(sent)
        got = b""
        while len(got) < len(sent):
            more = self.socket.recv(len(sent) - len(got))
            if not more:
                raise OSError("closed")
            got += more
        if got != sent:
            raise OSError("other bytes came back")
        self.echoes += 1
        self.slowest_ms = max(self.slowest_ms, 1000 * (time.monotonic() - begun))

    def end(self):
        self.is_over.set()
        self.thread.join(self.DEADLINE_SECONDS + 1)
        self.socket.close()
        return {"echoes": self.echoes, "slowest_ms": round(self.slowest_ms, 1), "problem": self.problem,
                "broke_at": self.broke_at}
