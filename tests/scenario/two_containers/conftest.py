"""lb and lb-discovery as two containers have them: a folder that both see, and nothing else in common."""

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "discovery"))

from fake_docker import FakeDocker  # noqa: E402
from watcher import Watcher  # noqa: E402

# As docker run --network none; who is not root goes without.
WITHOUT_NETWORK = ("unshare", "--net") if os.geteuid() == 0 else ()


class Pair:
    """`line` is the path of the socket; `serve(**servers)` writes the file that lb-discovery follows."""

    def __init__(self, folder, start_lb, cleanup):
        self.line = folder / "shared" / "line.sock"
        self.line.parent.mkdir()
        self.services = folder / "services.json"
        self.start_one, self.cleanup = start_lb, cleanup
        self.watchers = []

    def serve(self, **servers):
        endpoints = [{"address": server.address[0], "port": server.address[1], "name": name}
                     for name, server in servers.items()]
        fresh = self.services.with_suffix(".new")
        fresh.write_text(json.dumps({"services": [{"name": "appserver", "endpoints": endpoints}]}))
        os.replace(fresh, self.services)

    def start_lb(self, *flags, **options):
        return self.start_one(f"--discovery=unix:{self.line}", "--service=appserver", "--allow-address=127.0.0.0/8", *flags,
                              **options)

    def start_discovery(self, *flags):
        """With the file where no other source is given."""
        made = Watcher(f"--to=unix:{self.line}", *(flags or (f"--file={self.services}",)), before=WITHOUT_NETWORK)
        self.cleanup.callback(self.stop_discovery, made)
        self.watchers.append(made)
        return made

    def stop_discovery(self, watcher):
        if watcher in self.watchers:
            self.watchers.remove(watcher)
            try:
                assert watcher.end() == 0
            finally:
                watcher.process.kill()

    def kill_discovery(self, watcher):
        watcher.process.kill()
        watcher.process.wait()
        self.watchers.remove(watcher)


@pytest.fixture
def pair(tmp_path, start_lb, cleanup):
    return Pair(tmp_path, start_lb, cleanup)


@pytest.fixture
def engine(tmp_path):
    with FakeDocker(tmp_path / "docker.sock") as fake:
        yield fake
