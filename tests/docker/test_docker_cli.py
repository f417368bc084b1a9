"""The docker command through lb: it asks by POST, with a body or Content-Length: 0, for a connection
that becomes a raw stream (RFC 9110 § 7.8), and half-closes it when its input is over."""
import os
import socket
import subprocess
import threading

import pytest
from conftest import TAG, Bench, docker, free_port, remove_everything, wait_for

ENGINE = "/var/run/docker.sock"


class Relay:
    """A TCP port that leads to the engine's socket."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(ENGINE)
            for ends in ((client, engine), (engine, client)):
                threading.Thread(target=self.carry, args=ends, daemon=True).start()

    @staticmethod
    def carry(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Cli:
    """The docker command, which talks to the engine at that port."""

    def __init__(self, port):
        self.environment = {**os.environ, "DOCKER_HOST": f"tcp://127.0.0.1:{port}"}

    def start(self, *words):
        return subprocess.Popen(["docker", *map(str, words)], env=self.environment,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE)

    def __call__(self, *words, given=""):
        """What it printed, with that input."""
        with self.start(*words) as running:
            output, errors = running.communicate(given.encode(), timeout=60)
        assert running.returncode == 0, (words, errors)
        return output.decode()


@pytest.fixture(scope="module", name="cli")
def make_cli():
    bench, relay, port = Bench(), Relay(), free_port()
    lb = bench.lb("host", "--backend", f"127.0.0.1:{relay.port}", port=port, admin_port=free_port())
    wait_for("the engine behind lb", lambda: lb.get("/_ping")[0] == 200)
    yield Cli(port)
    relay.close()
    remove_everything(bench.label)


def shell(bench, network, script):
    """A container of the server's image that runs a shell script."""
    return bench.run(f"appserver:{TAG}", "--no-healthcheck", "--interactive", "--entrypoint", "sh",
                     network=network, command=("-c", script)).name


TEXT = "".join(f"line {number}\n" for number in range(20000))  # more than one buffer holds


def test_exec_with_input(bench, network, cli):
    name = shell(bench, network, "while :; do sleep 60; done")
    assert cli("exec", "--interactive", name, "cat", given=TEXT) == TEXT
    assert cli("exec", name, "echo", "no input") == "no input\n"


def test_run_with_input(bench, cli):
    """Create, attach, start, wait for the end: the attached stream is there before the start."""
    assert cli("run", "--rm", "--interactive", "--network", "none", *bench.labels(),
               "--entrypoint", "cat", f"appserver:{TAG}", given=TEXT) == TEXT


def test_attach(bench, network, cli):
    name = shell(bench, network, "for i in 1 2; do read word; echo got $word; done; echo end >&2")
    with cli.start("attach", name) as attached:
        for word in (b"hello", b"again"):
            attached.stdin.write(word + b"\n")
            attached.stdin.flush()
            assert attached.stdout.readline() == b"got %s\n" % word
        assert attached.stderr.readline() == b"end\n"
    assert docker("wait", name) == "0"


def test_logs_and_copies_beside_them(bench, network, cli):
    """What is no tunnel: a stream of the output, and an archive as the body of a PUT."""
    name = shell(bench, network, "echo out; while :; do sleep 60; done")
    wait_for("the output", lambda: cli("logs", name) == "out\n")
    cli("cp", __file__, f"{name}:/tmp/copied")
    with open(__file__, encoding="utf-8") as text:
        assert cli("exec", name, "cat", "/tmp/copied") == text.read()
