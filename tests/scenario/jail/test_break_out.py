"""From inside: a library in the process tries to reach the engine, its siblings, other programs and the kernel. In the
jail all of that is refused, and the process works on; without the jail the same is not refused."""

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess

import pytest
from board import Board, not_refused, refused, sanitizer
from support.program import Program
from support.waiting import is_stopped, wait_for

LANDLOCK_CREATE_RULESET = 444

pytestmark = [pytest.mark.skipif(sanitizer() is not None, reason="nothing can be preloaded before a sanitizer")]


def has_landlock():
    return ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, 1) > 0


@pytest.fixture
def engine(tmp_path):
    """A socket that takes connections, as the engine's."""
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(8)
        yield path


@pytest.fixture
def secret(tmp_path_factory):
    path = tmp_path_factory.mktemp("secret") / "key.pem"
    path.write_text("secret")
    return path


@contextlib.contextmanager
def bystander():
    """A process of the same user."""
    with subprocess.Popen(["sleep", "600"]) as process:
        try:
            yield process
        finally:
            process.kill()


def world(folder, name):
    (folder / "world.json").write_text(json.dumps(
        {"services": [{"name": name, "endpoints": [{"address": "127.0.0.1", "port": 1}]}]}))


@pytest.fixture
def discovery(tmp_path):
    """Starts lb-discovery, which follows a file, and stops it in the end."""
    with contextlib.ExitStack() as stack:
        def start(mode, board):
            world(tmp_path, "first")
            (tmp_path / "lines").touch()
            lines = stack.enter_context((tmp_path / "lines").open("wb"))
            program = Program("lb-discovery", "--file", tmp_path / "world.json", "--jail", mode, env=board.env,
                              stdout=lines)
            stack.callback(program.stop)
            wait_for(lambda: "first" in (tmp_path / "lines").read_text(), "it tells the file")
            return program
        yield start


def without_files(results):
    """What does not depend on Landlock, where the kernel has none."""
    return results if has_landlock() else {name: rc for name, rc in results.items() if rc[1] != 13}


def test_discovery_is_kept_in(tmp_path, discovery, engine, secret):
    board = Board(tmp_path, "lb-discovery")
    program = discovery("strict", board)
    program.wait_message(r"^jail: seccomp(, Landlock \d+|; the kernel has no Landlock)$")
    with bystander() as sibling:
        board.order(sibling.pid, engine, secret)
        assert not_refused(without_files(board.results())) == {}
        assert sibling.poll() is None and not is_stopped(sibling.pid)
    world(tmp_path, "second")
    wait_for(lambda: "second" in (tmp_path / "lines").read_text(), "it follows the file")


def test_outside_nothing_keeps_discovery(tmp_path, discovery, engine, secret):
    board = Board(tmp_path, "lb-discovery")
    discovery("off", board)
    with bystander() as sibling:
        board.order(sibling.pid, engine, secret)
        assert refused(board.results()) == {}
        assert sibling.wait(10) == -signal.SIGKILL


@pytest.mark.skipif(os.geteuid() != 0, reason="only root looks into what is not dumpable")
def test_what_is_only_logged_is_done(tmp_path, discovery, engine, secret):
    board = Board(tmp_path, "lb-discovery")
    program = discovery("log", board)
    program.wait_message(r"^jail: seccomp, which only logs$")
    with bystander() as sibling:
        board.order(sibling.pid, engine, secret)
        results = board.results()
        assert results["kill -KILL of a sibling"][0] == 0
        assert sibling.wait(10) == -signal.SIGKILL
        assert {name for name in refused(results) if results[name][1] == 1} == set()
