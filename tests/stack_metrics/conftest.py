"""What these tests share: the programs of tests/scenario/support, and the real Prometheus and its relatives."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario"))

from support.fixtures import *  # noqa: E402,F401,F403

PROGRAMS = ("prometheus", "promtool", "amtool", "prometheus-alertmanager", "prometheus-node-exporter")


def pytest_collection_modifyitems(items):
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    for item in items:
        if missing and Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(missing)}"))
