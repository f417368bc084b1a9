"""The driver works with haproxy and nginx too, and the table in tests/README.md has every case."""

import pytest

import compare
import peers
from cases import ALL
from driver import Rig
from judge import judge

EASY = ["plain-get", "length", "chunked", "body-chunked", "pipeline", "http-1.0"]


@pytest.mark.parametrize("name", ["haproxy", "nginx"])
def test_peers_do_the_usual(name, loop):
    if not peers.program(name):
        pytest.skip(f"{name} is not installed")
    rig = loop.run_until_complete(Rig(compare.PEERS[name]).open())
    try:
        for case in ALL:
            if case.id in EASY:
                case_as_theirs = compare.without_own_lines(case)
                outcome = loop.run_until_complete(rig.play(case))
                assert judge(case_as_theirs, outcome) is None
                assert compare.notes_of(case, outcome) == []
    finally:
        loop.run_until_complete(rig.close())


def test_the_table_has_every_case():
    text = compare.README.read_text(encoding="utf-8")
    missing = [case.id for case in compare.compared(ALL) if f"\n| {case.id} | " not in text]
    assert missing == [], "run tests/conformance/compare.py"
