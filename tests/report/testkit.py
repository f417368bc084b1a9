"""An independent receiver of Sentry's protocol: npm's sentry-testkit."""

import json
import subprocess
from pathlib import Path

from support import npm_folder
from support.waiting import wait_for


class Testkit:
    def __init__(self):
        folder = npm_folder.install(Path(__file__).parent / "receivers/sentry")
        self.process = subprocess.Popen(["node", folder / "receive.js"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.dsn = self.process.stdout.readline().strip()
        assert self.dsn.startswith("http://"), "sentry-testkit did not start"

    def events(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def wait_events(self, count):
        """Once there are so many."""
        wait_for(lambda: len(self.events()) >= count, f"{count} events arrived", pause_s=0.05)
        return self.events()

    def close(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()
