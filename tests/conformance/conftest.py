"""One lb for each set of flags, shared by the cases and ended after them; the asyncio loop that the
driver runs in; and the fixtures of the scenarios."""

import asyncio
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scenario")]

# pylint: disable=wrong-import-position,wildcard-import,unused-wildcard-import
import peers  # noqa: E402
from driver import Rig  # noqa: E402
from support.fixtures import *  # noqa: E402,F401,F403


@pytest.fixture(scope="session", name="loop")
def make_loop():
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture(scope="module")
def rig_of(loop):
    """rig_of(flags): lb with these flags and its recording backend."""
    rigs = {}

    def give(flags=()):
        if flags not in rigs:
            rigs[flags] = loop.run_until_complete(Rig(peers.lb(*flags)).open())
        return rigs[flags]
    yield give
    for rig in rigs.values():
        loop.run_until_complete(rig.close())
