"""An engine and an agent that do what a test wants."""

import json
import sys
from pathlib import Path

import pytest

for folder in ("discovery", "consul_source"):
    sys.path.insert(0, str(Path(__file__).parent.parent / folder))

from fake_docker import FakeDocker  # noqa: E402
from pretended_catalog import PretendedCatalog  # noqa: E402


@pytest.fixture
def engine(tmp_path):
    with FakeDocker(tmp_path / "docker.sock") as fake:
        fake.answers["/info"] = (200, json.dumps({"ID": "engine", "Name": "h1"}).encode())
        yield fake


@pytest.fixture
def catalog():
    with PretendedCatalog() as pretended:
        yield pretended
