"""The programs of tests/scenario/support, and GELF's receivers of tests/report."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
for folder in ("scenario", "scenario/access_log", "report"):
    sys.path.insert(0, str(TESTS / folder))

from support.fixtures import *  # noqa: E402,F401,F403
