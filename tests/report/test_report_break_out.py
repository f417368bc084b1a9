"""From inside lb-report: what its jail is to refuse is tried by a library in it; in the jail all of it is refused, and lb-report
works on."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario/jail"))

from board import Board, not_refused, refused  # noqa: E402
from hostile import plain  # noqa: E402
from support.program import sanitizer  # noqa: E402
from support.waiting import is_stopped, wait_for  # noqa: E402
from test_break_out import has_landlock, without_files  # noqa: E402
from test_report_process import INCIDENT  # noqa: E402

pytestmark = [pytest.mark.skipif(sanitizer() is not None, reason="nothing can be preloaded before a sanitizer")]


@pytest.fixture
def world(tmp_path, tmp_path_factory):
    """A sibling, the engine's socket and a file that is nobody's business."""
    secret = tmp_path_factory.mktemp("secret") / "key.pem"
    secret.write_text("secret")
    with socket.socket(socket.AF_UNIX) as listener, subprocess.Popen(["sleep", "600"]) as sibling:
        listener.bind(str(tmp_path / "docker.sock"))
        listener.listen(8)
        try:
            yield sibling, tmp_path / "docker.sock", secret
        finally:
            sibling.kill()


def tried(board, report, world):
    """It waits again, and so tries, when it has read something."""
    sibling, engine, secret = world
    board.order(sibling.pid, engine, secret)
    report.tell("L", "{}\n")
    return board.results()


@pytest.mark.skipif(not has_landlock(), reason="without Landlock files are not kept from it")
def test_it_is_kept_in(tmp_path, world, hostile, start_report):
    board, server = Board(tmp_path, "lb-report"), hostile(plain(200))
    report = start_report("--jail=strict", dsn=server.dsn, env=board.env)
    report.wait_message("^jail: seccomp")
    assert not_refused(without_files(tried(board, report, world))) == {}
    assert world[0].poll() is None and not is_stopped(world[0].pid)
    report.tell("I", INCIDENT)
    wait_for(lambda: report.count("sentry_sent") == 1, "it works on")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root looks into what is not dumpable")
def test_outside_nothing_keeps_it(tmp_path, world, hostile, start_report):
    board = Board(tmp_path, "lb-report")
    report = start_report("--jail=off", dsn=hostile(plain(200)).dsn, env=board.env)
    report.wait_message("incidents go to Sentry")
    assert refused(tried(board, report, world)) == {}
    assert world[0].wait(10) == -signal.SIGKILL
