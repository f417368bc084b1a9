import pytest

from appserver_under_test import Appserver


@pytest.fixture(scope="session")
def server():
    """For tests that leave it as they found it; the others start their own."""
    with Appserver() as running:
        yield running
