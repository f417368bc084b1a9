"""A master whose lb-proxy and lb-discovery are played by the test."""

import pytest
from rig import Rig


@pytest.fixture
def rig(tmp_path):
    rig = Rig(tmp_path)
    yield rig
    rig.close()
