"""Backends that take so many requests at a time."""

import pytest

from busy_backend import BusyBackend


@pytest.fixture
def start_busy(cleanup):
    def start(*args, **options):
        backend = BusyBackend(*args, **options)
        cleanup.callback(backend.close)
        return backend
    return start
