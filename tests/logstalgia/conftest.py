"""What the tests of deploy/logstalgia.sh share."""

import sys
from pathlib import Path

TOP = Path(__file__).parents[2]
sys.path[:0] = [str(TOP / "tests/scenario"), str(TOP / "deploy")]

from support.fixtures import *  # noqa: E402,F401,F403
