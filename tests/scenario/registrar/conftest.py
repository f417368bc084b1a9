"""An agent that does what a test wants, and a host that registers with it."""

import pytest
from pretended_agent import PretendedAgent
from registering_host import RegisteringHost
from support.clock import Clock
from support.program import sanitizer


@pytest.fixture
def agent():
    made = PretendedAgent()
    yield made
    made.hold.set()
    made.hold_lists.set()
    made.stop()


@pytest.fixture
def host(tmp_path, agent):
    made = RegisteringHost(tmp_path, agent)
    yield made
    made.close()


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


@pytest.fixture
def minute(clock):
    """The clock of a program that does something each minute, which nobody waits for."""
    if sanitizer():
        pytest.skip("its clock cannot be moved on here")
    return clock
