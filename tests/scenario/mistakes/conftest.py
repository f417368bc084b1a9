"""The engine made of a dictionary stands with the tests of discovery."""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[1] / "discovery"))
