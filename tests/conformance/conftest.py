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
    """rig_of(flags): lb with these flags and its recording backend. A backend that has said more
    than its answer is not trusted with kept connections for a while: another lb is for those."""
    rigs = {}

    def give(flags=(), says_more=False):
        key = (flags, says_more)
        if key not in rigs:
            rigs[key] = loop.run_until_complete(Rig(peers.lb(*flags)).open())
        return rigs[key]
    yield give
    for rig in rigs.values():
        loop.run_until_complete(rig.close())
