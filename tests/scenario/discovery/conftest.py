"""An engine that does what a test wants, and a clock that a test moves on."""

import pytest
from fake_docker import FakeDocker
from support.clock import Clock


@pytest.fixture
def engine(tmp_path):
    with FakeDocker(tmp_path / "docker.sock") as fake:
        yield fake


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)
