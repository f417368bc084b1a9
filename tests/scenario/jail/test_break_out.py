"""From inside: a library in the process tries to reach the engine, its siblings, other programs and the kernel. In the
jail all of that is refused, and the process works on; without the jail the same is not refused."""

import contextlib
import ctypes
import errno
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys

import pytest
from board import Board, not_refused, refused, sanitizer
from support.processes import is_gone
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


def world(folder, name, address="127.0.0.1", port=1):
    (folder / "world.json").write_text(json.dumps(
        {"services": [{"name": name, "endpoints": [{"address": address, "port": port}]}]}))


@pytest.fixture
def discovery(tmp_path):
    """Starts lb-discovery, which follows a file, and stops it in the end."""
    with contextlib.ExitStack() as stack:
        def start(mode, board, before=()):
            world(tmp_path, "first")
            (tmp_path / "lines").touch()
            lines = stack.enter_context((tmp_path / "lines").open("wb"))
            program = Program("lb-discovery", "--file", tmp_path / "world.json", "--jail", mode, env=board.env,
                              stdout=lines, before=before)
            stack.callback(program.stop)
            wait_for(lambda: "first" in (tmp_path / "lines").read_text(), "it tells the file")
            return program
        yield start


def without_files(results):
    """What does not depend on Landlock, where the kernel has none."""
    return results if has_landlock() else {name: rc for name, rc in results.items() if rc[1] != errno.EACCES}


def test_discovery_is_kept_in(tmp_path, discovery, engine, secret):
    board = Board(tmp_path, "lb-discovery")
    program = discovery("strict", board)
    program.wait_message(r"^jail: seccomp(, Landlock \d+|; no Landlock, which the kernel has not or a container refuses)$")
    with bystander() as sibling:
        board.order(sibling.pid, engine, secret)
        assert not_refused(without_files(board.results())) == {}
        assert sibling.poll() is None and not is_stopped(sibling.pid)
    world(tmp_path, "second")
    wait_for(lambda: "second" in (tmp_path / "lines").read_text(), "it follows the file")


def test_discovery_is_kept_in_in_a_container(tmp_path, discovery, engine, secret):
    """Of an old engine, without capabilities: what is left of the jail holds, and the program works."""
    board = Board(tmp_path, "lb-discovery")
    before = [sys.executable, pathlib.Path(__file__).with_name("as_docker.py")]
    program = discovery("strict", board, before=before)
    program.wait_message(r"^jail: seccomp; no Landlock, ")
    with bystander() as sibling:
        board.order(sibling.pid, engine, secret)
        results = board.results()
        assert not_refused({name: rc for name, rc in results.items() if rc[1] != errno.EACCES}) == {}
        assert sibling.poll() is None and not is_stopped(sibling.pid)
        assert results["environ of a sibling"][0] == errno.EACCES  # there is no CAP_SYS_PTRACE
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
@pytest.fixture
def start_followed(tmp_path, start_lb, start_backend):
    """start_followed(mode, board): lb with lb-discovery, which follows a file with one backend."""
    def start(mode, board):
        backend = start_backend()
        world(tmp_path, "appserver", *backend.address)
        lb = start_lb(f"--file={tmp_path / 'world.json'}", f"--jail={mode}", env=board.env)
        lb.wait_ready()
        return lb
    return start


def is_answered(connect, lb):
    client = connect(lb)
    client.request("GET", "/")
    return client.read_response().status == 200


@pytest.mark.parametrize("whose", ["master", "discovery"])
def test_the_proxy_is_kept_in(tmp_path, start_followed, connect, engine, secret, whose):
    board = Board(tmp_path, "lb-proxy")
    lb = start_followed("strict", board)
    sibling = lb.pid if whose == "master" else lb.discovery_pid
    board.order(sibling, engine, secret)
    assert not_refused(without_files(board.results())) == {}
    assert not is_stopped(sibling) and not is_gone(sibling)
    assert is_answered(connect, lb)


def test_discovery_of_lb_is_kept_in(tmp_path, start_followed, connect, engine, secret):
    """Its siblings are the master, and the process that faces the network."""
    board = Board(tmp_path, "lb-discovery")
    lb = start_followed("strict", board)
    board.order(lb.proxy_pid, engine, secret)
    assert not_refused(without_files(board.results())) == {}
    assert not is_stopped(lb.proxy_pid) and is_answered(connect, lb)


def test_outside_nothing_keeps_the_proxy(tmp_path, start_followed, connect, engine, secret):
    board = Board(tmp_path, "lb-proxy")
    lb = start_followed("off", board)
    victim = lb.discovery_pid
    board.order(victim, engine, secret)
    assert refused(board.results()) == {}
    wait_for(lambda: is_gone(victim), "lb-discovery was killed by the proxy")
    wait_for(lambda: lb.discovery_pid != victim, "it is started again")
    assert is_answered(connect, lb)


def test_what_is_only_logged_is_done(tmp_path, discovery, engine, secret):
    board = Board(tmp_path, "lb-discovery")
    program = discovery("log", board)
    program.wait_message(r"^jail: seccomp, which only logs$")
    with bystander() as sibling:
        board.order(sibling.pid, engine, secret)
        results = board.results()
        assert results["kill -KILL of a sibling"][0] == 0
        assert sibling.wait(10) == -signal.SIGKILL
        assert {name for name in refused(results) if results[name][1] == errno.EPERM} == set()
