"""Every case of the tables against lb: what the client gets, what the backend got, byte for byte,
whether the connections go on, and the log words."""

import collections

import pytest

from cases import ALL
from judge import judge
from support.waiting import wait_for


def test_tables_are_sound():
    ids = [case.id for case in ALL]
    assert [i for i, count in collections.Counter(ids).items() if count > 1] == []
    assert len(ids) >= 150
    assert all("§" in case.rfc for case in ALL)


def ends_of(lb):
    return collections.Counter(lb.totals()["ends"])


def wait_words(lb, before, wanted):
    """The words that were added, once as many are there as wanted."""
    def added():
        return ends_of(lb) - before
    try:
        wait_for(lambda: added().total() >= wanted.total(), "the words are counted", 2)
    except AssertionError:
        pass  # the caller compares
    return added()


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.id)
def test_case(case, rig_of, loop):
    rig = rig_of(case.flags, says_more=not case.splits_answer)
    before = ends_of(rig.proxy)
    outcome = loop.run_until_complete(rig.play(case))
    problem = judge(case, outcome)
    assert problem is None, problem
    if case.ends is not None:
        wanted = collections.Counter([*case.ends, *["ok"] * bool(outcome.upstream)])
        assert wait_words(rig.proxy, before, wanted) == wanted
