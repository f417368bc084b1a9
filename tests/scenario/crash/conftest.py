"""The process that serves is ended by force while clients ask."""

import time

import pytest

from crashing_lb import Crashing
from support.program import sanitizer


@pytest.fixture
def start_crashing(start_lb, discovery, start_appserver):
    """start_crashing(*flags): a Crashing with two servers."""
    def start(*flags):
        return Crashing(start_lb, discovery, {name: start_appserver(name) for name in ("one", "two")}, flags)
    return start


@pytest.fixture(name="crashing")
def make_crashing(start_crashing):
    return start_crashing()


@pytest.fixture
def tell_time(record_property):
    """tell_time(what, begun): prints how long something took, which no test depends on."""
    def tell(what, begun):
        took_ms = round(1000 * (time.monotonic() - begun), 1)
        record_property(what, took_ms)
        print(f"{what}: {took_ms} ms{' (sanitizer)' if sanitizer() else ''}")
        return took_ms
    return tell
