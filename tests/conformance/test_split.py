"""Every case again, its messages cut in two at every byte boundary, on the client's side and on the
backend's, and joined in one segment with a request before and one behind: the outcome is the same.

The second part is sent only when lb has read the first: its answers on another connection tell
(driver.Ping). CONFORMANCE_STRIDE=N tests each Nth boundary; the sanitizers' builds are slow."""

import os

import pytest

from cases import TABLES
from judge import judge
from support.program import sanitizer

STRIDE = int(os.environ.get("CONFORMANCE_STRIDE", "3" if sanitizer() else "1"))
LONG_BYTES = 4000  # above this only the ends of a message are cut everywhere


def boundaries(length, offset):
    """Where to cut; `offset` lets different cases of one table use different boundaries."""
    cuts = range(1, length)
    if length > LONG_BYTES:
        cuts = [*range(1, 300), *range(300, length - 300, 997), *range(length - 300, length)]
    return cuts[offset % STRIDE::STRIDE]


def sent_bytes(case):
    steps = [case.send] if isinstance(case.send, bytes) else case.send
    return sum(len(step) for step in steps if isinstance(step, bytes))


def faults_of(jobs, rig, loop):
    outcomes = loop.run_until_complete(rig.play_all(jobs))
    for (case, how), outcome in zip(jobs, outcomes):
        problem = judge(case, outcome, is_alone=False)
        if problem:
            yield f"{case.id} {how}: {problem}"


def by_flags(cases):
    groups = {}
    for case in cases:
        groups.setdefault(case.flags, []).append(case)
    return groups.items()


def check(cases, hows_of, rig_of, loop):
    for flags, group in by_flags(cases):
        jobs = [(case, how) for number, case in enumerate(group) for how in hows_of(case, number)]
        faults = list(faults_of(jobs, rig_of(flags), loop))
        assert not faults, f"{len(faults)} of {len(jobs)}:\n" + "\n".join(faults[:20])


@pytest.mark.slow("every case of a chapter, cut at every byte")
@pytest.mark.parametrize("title", TABLES)
def test_split_requests(title, rig_of, loop):
    def hows(case, number):
        return [{"split_at": at} for at in boundaries(sent_bytes(case), number)]
    check(TABLES[title], hows, rig_of, loop)


@pytest.mark.slow("every case of a chapter, cut at every byte")
@pytest.mark.parametrize("title", TABLES)
def test_split_answers(title, rig_of, loop):
    def hows(case, number):
        if not case.splits_answer or case.forwards == 0:
            return []
        longest = max(len(answer.data) for answer in case.answers)
        return [{"answer_split_at": at} for at in boundaries(longest, number)]
    check(TABLES[title], hows, rig_of, loop)


@pytest.mark.parametrize("title", TABLES)
def test_joined(title, rig_of, loop):
    def hows(case, _):
        return [{"joined": True}] if case.joins else []
    check(TABLES[title], hows, rig_of, loop)
