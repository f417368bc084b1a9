"""An agent that does what a test wants, and lb-discovery that reads its catalog."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "discovery"))

from pretended_catalog import PretendedCatalog  # noqa: E402
from support.clock import Clock  # noqa: E402
from watcher import Watcher  # noqa: E402


@pytest.fixture
def catalog():
    with PretendedCatalog() as pretended:
        yield pretended


@pytest.fixture
def follow(catalog):
    """Starts lb-discovery on that agent; all end with the test, quietly."""
    watchers = []

    def start(*args, environment=None):
        watchers.append(Watcher("--consul", catalog.url, *args, environment=environment))
        return watchers[-1]

    yield start
    codes = [watcher.end() for watcher in watchers]
    assert all(code == 0 for code in codes), codes


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)
