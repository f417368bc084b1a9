"""What the report says of a ratio."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))
import report  # noqa: E402  pylint: disable=import-error,wrong-import-position


@pytest.mark.parametrize("median, goal, said", [
    (0.7512, 0.75, "0.751 (0.70–0.80) ✗ ≤ 0.75"),
    (0.7499, 0.75, "0.750 (0.70–0.80) ✓ ≤ 0.75"),
    (0.72, 0.75, "0.72 (0.70–0.80) ✓ ≤ 0.75"),
    (0.7512, 0, "0.75 (0.70–0.80)"),
])
def test_a_verdict_does_not_contradict_its_figure(median, goal, said):
    assert report.in_short(SimpleNamespace(median=median, least=0.7, most=0.8), goal) == said
