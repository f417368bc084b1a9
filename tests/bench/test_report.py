"""What the report says of a ratio, and the README of the results."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "bench"))
# pylint: disable=import-error,wrong-import-position
import plot  # noqa: E402
import report  # noqa: E402
import scenario  # noqa: E402
from results import Results  # noqa: E402


@pytest.mark.parametrize("median, goal, said", [
    (0.7512, 0.75, "0.751 (0.70–0.80) ✗ ≤ 0.75"),
    (0.7499, 0.75, "0.750 (0.70–0.80) ✓ ≤ 0.75"),
    (0.72, 0.75, "0.72 (0.70–0.80) ✓ ≤ 0.75"),
    (0.7512, 0, "0.75 (0.70–0.80)"),
])
def test_a_verdict_does_not_contradict_its_figure(median, goal, said):
    assert report.in_short(SimpleNamespace(median=median, least=0.7, most=0.8), goal) == said


def test_the_readme_says_what_was_measured():
    results = TOP / "bench/results"
    found = {name: Results.read(results / f"{name}.json") for name in scenario.ALL if (results / f"{name}.json").exists()}
    lines = "\n".join(report.headlines(found))
    assert lines.count(" for ") >= 5  # one for each headline
    assert f"-->\n{lines}\n<!-- bench: end -->" in (TOP / "README.md").read_text(), "bench/run.sh --report writes it"
    assert (results / "headlines.svg").read_text() == plot.draw(found, headlines=True)
