"""A master whose programs are played by the test, for what it does with lb-report."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "master"))

from rig import Rig  # noqa: E402


@pytest.fixture
def rig(tmp_path):
    rig = Rig(tmp_path)
    yield rig
    rig.close()
