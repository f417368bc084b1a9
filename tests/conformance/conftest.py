"""One lb for each set of flags, shared by the cases and ended after them; the asyncio loop that the
driver runs in."""

import asyncio
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scenario")]

from driver import Rig  # noqa: E402
from peers import start_lb  # noqa: E402


@pytest.fixture(scope="session", name="loop")
def make_loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def rig_of(loop):
    """rig_of(flags): a proxy with these flags and its recording backend."""
    rigs = {}

    def give(flags=()):
        if flags not in rigs:
            rigs[flags] = loop.run_until_complete(Rig(start_lb(*flags)).open())
        return rigs[flags]
    yield give
    for rig in rigs.values():
        loop.run_until_complete(rig.close())
