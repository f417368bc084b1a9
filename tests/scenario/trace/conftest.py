"""Requests, their trace, and what three logs say of it."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "appserver"))

from appserver_under_test import Appserver  # noqa: E402
from support.waiting import wait_for  # noqa: E402


class TraceLog:
    """The access log of lb, each line by its path."""

    def __init__(self, path):
        self.path, self.flag = path, f"--access-log={path}"

    def line_of(self, path):
        def look():
            text = self.path.read_text(encoding="utf-8") if self.path.exists() else ""
            lines = [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
            found.extend(line for line in lines if line.get("url", {}).get("path") == path)
            return found

        found = []
        wait_for(look, f"a line of {path}")
        assert len(found) == 1, found
        return found[0]

    def trace_of(self, path):
        return self.line_of(path).get("trace", {}).get("id")


@pytest.fixture
def trace_log(tmp_path):
    return TraceLog(tmp_path / "access.log")


@pytest.fixture
def logged_appserver():
    with Appserver(name="traced") as server:
        server.server_address = (server.host, server.port)
        yield server
