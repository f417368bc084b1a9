"""Another version of lb comes in while clients ask."""

import pytest

from support.installed import Installed
from upgrading import Upgrading


@pytest.fixture(name="installed")
def install(tmp_path):
    return Installed(tmp_path / "bin")


@pytest.fixture
def start_upgrading(start_lb, start_appserver, discovery, installed):
    """start_upgrading(*flags, **options): an Upgrading with two servers that a fake discovery tells of."""
    def start(*flags, **options):
        servers = {name: start_appserver(name) for name in ("one", "two")}
        return Upgrading(start_lb, discovery, servers, installed, flags, options)
    return start


@pytest.fixture(name="upgrading")
def make_upgrading(start_upgrading):
    return start_upgrading()
