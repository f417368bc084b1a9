"""What the tests of /metrics share."""

import pytest

from client import Count


@pytest.fixture(name="count")
def make_count(connect):
    """count(lb): a Count."""
    return lambda lb: Count(connect, lb)
