"""An engine that does what a test wants, a clock that a test moves on, and a file of services."""

import json
import os
import sys
from pathlib import Path

import pytest
from support.clock import Clock

sys.path.insert(0, str(Path(__file__).parent.parent / "discovery"))

from fake_docker import FakeDocker  # noqa: E402


class Services:
    """The file of one service: `set(7)` gives it seven endpoints."""

    def __init__(self, folder):
        self.path = folder / "services.json"
        self.flag = f"--file={self.path}"

    def set(self, count):
        endpoints = [{"address": "127.0.0.1", "port": number + 1, "name": f"app-{number}"} for number in range(count)]
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"services": [{"name": "shop", "endpoints": endpoints}]}))
        os.replace(fresh, self.path)


@pytest.fixture
def services(tmp_path):
    made = Services(tmp_path)
    made.set(1)
    return made


@pytest.fixture
def engine(tmp_path):
    with FakeDocker(tmp_path / "docker.sock") as fake:
        yield fake


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)
