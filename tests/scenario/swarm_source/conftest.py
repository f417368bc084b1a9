"""A manager that does what a test wants."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "discovery"))
from pretended_manager import PretendedManager  # noqa: E402


@pytest.fixture
def manager(tmp_path):
    with PretendedManager(tmp_path / "docker.sock") as made:
        yield made
