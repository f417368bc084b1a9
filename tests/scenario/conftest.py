"""The fixtures of support/fixtures.py for all scenarios."""

from support.fixtures import *  # noqa: F401,F403
