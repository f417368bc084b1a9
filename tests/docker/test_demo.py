"""The first command of the README and its two companions, as typed."""
import json
import os
import re
import signal
import socket
import subprocess
import uuid
from pathlib import Path

import pytest
from conftest import TAG, TOP, docker, free_port, get, server_in, wait_for


class Demo:
    def __init__(self, mode, state_folder):
        self.mode = mode
        self.prefix = f"t{uuid.uuid4().hex[:6]}-"
        self.port, self.admin_port = free_port(), free_port()
        self.environment = {**os.environ, "LB_DEMO_PREFIX": self.prefix, "LB_PORT": str(self.port),
                            "LB_ADMIN_PORT": str(self.admin_port), "LB_IMAGE_TAG": TAG,
                            "XDG_RUNTIME_DIR": str(state_folder)}

    def script(self, name, *arguments, environment=None):
        """Runs deploy/NAME without a terminal; returns what it printed."""
        done = subprocess.run([str(TOP / "deploy" / name), *arguments], stdin=subprocess.DEVNULL,
                              env={**self.environment, **(environment or {})}, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        return done.returncode, done.stdout

    def start(self, *arguments, **environment):
        return self.script("start.sh", *(["--no-docker"] if self.mode == "local" else []), *arguments,
                           environment=environment)

    def start_app(self, name):
        """deploy/start-app.sh as the foreground job of a terminal: Ctrl-C reaches its whole group,
        and is not ignored, as it is in what a shell runs in the background."""
        return subprocess.Popen([str(TOP / "deploy" / "start-app.sh"), name], text=True,
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, env=self.environment,
                                start_new_session=True)

    def names(self):
        """The names of the endpoints that get requests."""
        pool = json.loads(get("127.0.0.1", self.admin_port, "/pool")[1])
        return {endpoint["name"] for service in pool["services"] for endpoint in service["endpoints"]
                if service["name"] == "appserver" and endpoint["state"] == "ready"}

    def what_runs(self):
        """What a second start must not change: containers, or processes, with their start times."""
        if self.mode == "docker":
            return docker("ps", "--no-trunc", "--filter", f"label=lb-demo={self.prefix}lb-demo",
                          "--format", "{{.ID}} {{.Names}} {{.CreatedAt}}")
        pids = {}
        for file in self.state().glob("*.pid"):
            pid = file.read_text().split()[0]
            pids[file.name] = (pid, os.stat(f"/proc/{pid}").st_ctime)
        return pids

    def state(self):
        return Path(self.environment["XDG_RUNTIME_DIR"]) / f"{self.prefix}lb-demo-{os.getuid()}"


@pytest.fixture(params=["docker", "local"])
def demo(request, tmp_path):
    made = Demo(request.param, tmp_path)
    yield made
    made.script("stop.sh")


def six_answers(text):
    return re.findall(r"^ +Hi there, I'm served from (\S+)!$", text, re.MULTILINE)


@pytest.mark.slow("a whole demo, started twice, of real containers")
def test_the_demo_from_start_to_stop(demo, bench, network):
    count = 2 if demo.mode == "docker" else 3
    bystanders = [bench.appserver(network).name,
                  bench.appserver(network, "--label", "lb-demo=other").name]

    code, text = demo.start()
    assert code == 0, text
    answers = six_answers(text)
    assert len(answers) == 6, text
    # Strictly in turn: every server comes as often as every other, and always in the same order.
    assert len(set(answers[:count])) == count, text
    assert answers == (answers[:count] * 6)[:6], text
    assert f"http://localhost:{demo.port}/" in text
    assert f"http://localhost:{demo.admin_port}/pool" in text

    running = demo.what_runs()
    code, text = demo.start()
    assert code == 0, text
    assert len(six_answers(text)) == 6, text
    assert demo.what_runs() == running

    code, text = demo.start("--tls")
    assert code == 1 and "runs already, without TLS" in text and "deploy/stop.sh" in text, text
    assert demo.what_runs() == running

    start_and_interrupt_an_appserver(demo)
    start_and_interrupt_an_appserver(demo)  # and it is back

    code, text = demo.script("stop.sh")
    assert code == 0, text
    assert not demo.what_runs()
    assert not demo.state().exists()
    if demo.mode == "docker":
        mine = ("--filter", f"name={demo.prefix}")
        assert docker("ps", "--all", "--quiet", *mine) == ""
        assert docker("network", "ls", "--quiet", *mine) == ""
    for name in bystanders:
        assert docker("container", "inspect", "--format", "{{.State.Running}}", name) == "true"
    with pytest.raises(OSError):
        get("127.0.0.1", demo.port)

    code, text = demo.script("stop.sh")
    assert code == 0, text


def start_and_interrupt_an_appserver(demo):
    """In while it runs, out after Ctrl-C, and no request sees any of it."""
    before = demo.names()
    extra = f"{demo.prefix}extra"
    job = demo.start_app(extra)
    try:
        wait_for("the new appserver", lambda: demo.names() == before | {extra}, 20)
        answered = {server_in(get("127.0.0.1", demo.port)[1]) for _ in range(len(before) + 1)}
        assert len(answered) == len(before) + 1
        os.killpg(job.pid, signal.SIGINT)
        statuses = []
        while job.poll() is None:
            statuses.append(get("127.0.0.1", demo.port)[0])
            assert len(statuses) < 20000, "it does not end"
        statuses += [get("127.0.0.1", demo.port)[0] for _ in range(50)]
        assert set(statuses) == {200}
        assert job.returncode == 0, job.stdout.read()
        wait_for("it to be gone", lambda: demo.names() == before)
    finally:
        if job.poll() is None:
            os.killpg(job.pid, signal.SIGKILL)
        job.stdout.close()


def test_a_port_in_use_is_named_with_the_remedy(demo):
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, text = demo.start(LB_PORT=str(port))
    assert code == 1
    assert f"port {port} is in use" in text
    assert re.search(r"LB_PORT=\d+ deploy/start.sh", text)
    assert not demo.what_runs()


def test_a_container_of_somebody_else_is_left_alone(tmp_path, bench):
    demo = Demo("docker", tmp_path)
    foreign = docker("create", *bench.labels(), "--name", f"{demo.prefix}lb", f"appserver:{TAG}")
    try:
        code, text = demo.start()
        assert code == 1
        assert "not of this demo" in text and "LB_DEMO_PREFIX" in text
    finally:
        demo.script("stop.sh")
    assert docker("ps", "--all", "--quiet", "--no-trunc", "--filter",
                  f"name={demo.prefix}lb") == foreign


def test_start_app_without_a_demo_says_what_to_do(tmp_path):
    code, text = Demo("docker", tmp_path).script("start-app.sh")
    assert code == 1
    assert "deploy/start.sh" in text
