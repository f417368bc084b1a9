"""What the tests of lb-report share: lb-report itself, a receiver by others, and one that does as it is told."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario"))

from hostile import Hostile  # noqa: E402
from reporter import Master, Reporter  # noqa: E402
from support.fixtures import *  # noqa: E402,F401,F403
from testkit import Testkit  # noqa: E402


@pytest.fixture(name="testkit", scope="module")
def make_testkit():
    made = Testkit()
    yield made
    made.close()


@pytest.fixture
def open_receiver():
    """open_receiver(kind, …): one of gelf_receivers.py."""
    opened = []

    def make(kind, *args, **options):
        opened.append(kind(*args, **options))
        return opened[-1]
    yield make
    for one in opened:
        one.close()


@pytest.fixture
def hostile():
    """hostile(answer, tls=None)"""
    made = []

    def make(*args, **options):
        made.append(Hostile(*args, **options))
        return made[-1]
    yield make
    for one in made:
        one.close()


@pytest.fixture
def start_report():
    """start_report(*flags, dsn=None, env=None, master=None): lb-report, which is stopped and judged in the end."""
    made, masters = [], []

    def start(*flags, master=None, **options):
        if not master:
            master = Master()
            masters.append(master)
        made.append(Reporter(*flags, master=master, **options))
        return made[-1]
    yield start
    for one in made:
        if not one.is_judged:
            one.stop()
    for one in masters:
        one.close()
