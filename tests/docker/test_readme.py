"""Every command of the README as typed, from its top to its bottom, on an engine of its own, whose host has nothing else at
these ports and names; and what it shows is what they print."""
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import TAG, TOP, wait_for
from consul_image import consul_image
from own_engine import OwnEngine
from readme import commands, pattern, plain, sections
from second_engine import Unavailable

sys.path.insert(0, str(TOP / "tests" / "stack"))
from compose_programs import Unavailable as NoCompose  # noqa: E402  pylint: disable=wrong-import-position
from compose_programs import compose_v2  # noqa: E402  pylint: disable=wrong-import-position

pytestmark = pytest.mark.xdist_group("readme")  # one engine for all
LB_GROUP = os.stat("/var/run/docker.sock").st_gid if os.path.exists("/var/run/docker.sock") else 0

TRY, OWN, WHY = "Try it", "With your containers", "Why does it get no requests?"
MACHINES, BUILD = "More than one machine", "Test, build, contribute"

# What builds an image only gives that of the tests its name: tests/run.sh has made it of the same Dockerfile.
DOCKER = """#!/bin/bash
if [[ $1 == build ]]; then
    while (($#)); do case $1 in --target) target=$2 ;; -t | --tag) name=$2 ;; esac; shift; done
    exec %s tag "$target:{tag}" "$name"
fi
exec %s "$@"
""".replace("{tag}", TAG)

# $1: its folder, $2: the group of the socket. That is at its usual place as well, as /run is another one there.
START = """
ip link set lo up
mount -t tmpfs tmpfs "$1/data"
mount -t tmpfs tmpfs /run
mkdir /run/lock
exec dockerd --host unix:///run/docker.sock --host "unix://$1/docker.sock" --exec-root /run/docker --pidfile /run/docker.pid --data-root "$1/data" --group "$2"
"""


class Host(OwnEngine):
    """A machine with a Docker engine where nobody has done anything yet."""
    start = START
    where = TOP  # the folder in which commands are run

    def __init__(self, folder):
        super().__init__(folder, LB_GROUP)
        programs = folder / "programs"
        programs.mkdir()
        docker = shutil.which("docker")
        (programs / "docker").write_text(DOCKER % (docker, docker))
        (programs / "docker").chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "XDG_RUNTIME_DIR": str(folder),
                            "DOCKER_CONFIG": str(folder / "docker")}
        for name in ("DOCKER_HOST", "CONSUL_IMAGE"):
            self.environment.pop(name, None)

    def words(self, command):
        """As of a process of that machine, which has another /proc."""
        dockerd = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0]
        return ["nsenter", "--mount", "--net", "--pid", "--target", dockerd, f"--wd={self.where}",
                "bash", "-euo", "pipefail", "-c", command]

    def run(self, command, check=True):
        """What the command printed, of both kinds."""
        done = subprocess.run(self.words(command), env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        assert not check or done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    def interrupt_when(self, command, ready):
        """Runs it in the foreground of a terminal, and presses Ctrl-C when it is `ready`."""
        with subprocess.Popen(self.words(f"exec {command}"), env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as job:
            try:
                wait_for(f"{command} to be ready", ready)
            finally:  # the command itself, and not nsenter, which waits for it
                for child in Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split():
                    os.kill(int(child), signal.SIGINT)
            assert job.wait(60) == 0, job.stdout.read()

    def containers(self):
        return self.run("docker ps --all --format '{{.Names}}'").split()

    def clear(self):
        self.run("docker rm --force $(docker ps --all --quiet)", check=False)
        self.run("docker network prune --force")


@pytest.fixture(scope="module")
def machine(images, tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("an engine of one's own needs root")
    try:
        made = Host(tmp_path_factory.mktemp("readme"))
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))
    try:
        made.load(f"lb:{TAG}", f"appserver:{TAG}", "debian:trixie-slim")
        yield made
    finally:
        made.end()


@pytest.fixture
def host(machine):
    machine.where = TOP
    yield machine
    machine.clear()


def blocks(section, kind):
    return [block for block in sections()[section] if block.kind == kind]


def served_from(text):
    return re.findall(r"Hi there, I'm served from (\S+)!", text)


def lb_is_there(host):
    """It may be asked for by the next command at once; a busy machine may need a moment more than a person."""
    wait_for("lb", lambda: "ok" in host.run("docker exec lb lb --healthcheck && echo ok", check=False))


def test_each_section_with_commands_is_run_here():
    assert [name for name, found in sections().items() if any(block.kind == "sh" for block in found)] \
        == [TRY, OWN, WHY, MACHINES, BUILD]


@pytest.mark.slow("a whole demo of real containers")
def test_try_it(host):
    start, ask, add, stop = commands(blocks(TRY, "sh")[0])
    answers = served_from(host.run(start))
    assert len(answers) == 6 and answers[:2] * 3 == answers and answers[0] != answers[1]
    assert served_from(host.run(ask))[0] in answers
    assert "appserver" in host.run("docker exec lb lb top --once")  # which the page says beside the block
    host.interrupt_when(add.partition("#")[0], lambda: len(set(served_from(host.run("\n".join([ask] * 3))))) == 3)
    host.run(stop)
    assert not host.containers()


def run_own_containers(host):
    """The first commands of "With your containers"; gives what the last one printed."""
    build, build_server, network, balancer, server, ask = commands(blocks(OWN, "sh")[0])
    for command in (build, build_server, network, balancer):
        host.run(command)
    lb_is_there(host)
    host.run(server)
    return host.run(ask)


@pytest.mark.slow("containers whose health checks have to pass")
def test_with_your_containers_and_why_one_gets_no_requests(host):
    assert served_from(run_own_containers(host))
    lost, deaf, explain = commands(blocks(WHY, "sh")[0])
    host.run(lost)
    host.run(deaf)
    said = blocks(WHY, "text")[0].text
    printed = ""

    def is_as_said():
        nonlocal printed
        printed = plain(host.run(explain))
        return pattern(said).search(printed)
    try:
        wait_for("what the README shows", is_as_said)
    except AssertionError:
        raise AssertionError(f"the README shows\n{said}\n\nand it is\n{printed}") from None


def up_by_compose(host, folder, compose):
    host.where = folder
    (folder / "docker-compose.yml").write_text(blocks(OWN, "yaml")[0].text)
    group, up, explain = (command.partition(" #")[0] for command in commands(blocks(OWN, "sh")[1]))
    up, explain = (command.replace("docker-compose", compose) for command in (up, explain))
    host.run(f"docker tag lb:{TAG} lb; docker tag appserver:{TAG} appserver; {group}; {up}")
    wait_for("three servers", lambda: len(set(served_from(host.run("\n".join(
        ["curl --silent --max-time 20 http://shop.localhost/"] * 3), check=False)))) == 3)
    told = host.run(f"{group}; {explain}")
    assert len(re.findall(r"shop[-_]\d", told)) >= 3, told
    host.run(f"{group}; {compose} down")


@pytest.mark.slow("containers whose health checks have to pass")
@pytest.mark.parametrize("compose", ["docker-compose", "docker compose"])
def test_with_compose(host, tmp_path, compose):
    if compose == "docker compose":
        plugin = host.folder / "docker" / "cli-plugins" / "docker-compose"
        plugin.parent.mkdir(parents=True, exist_ok=True)
        try:
            plugin.symlink_to(compose_v2())
        except NoCompose as reason:
            pytest.skip(str(reason))
    up_by_compose(host, tmp_path, compose)


@pytest.mark.slow("an agent of Consul's, whose image may have to be made first")
def test_more_than_one_machine(host):
    host.load(consul_image())
    start, explain, stop = commands(blocks(MACHINES, "sh")[0])
    assert len(set(served_from(host.run(start)))) == 2
    told = host.run(explain)
    assert all(name in told for name in ("consul-appserver1", "consul-appserver2")), told
    host.run(stop)
    assert not host.containers()


def test_what_tests_and_builds_is_what_a_build_server_runs():
    everything, quick, build = commands(blocks(BUILD, "sh")[0])
    assert everything.split()[0] == "tests/run.sh" and "tests/run.sh" in (TOP / ".ci" / "run").read_text()
    run = (TOP / "tests" / "run.sh").read_text()
    assert "--quick" in quick and "--quick" in run
    assert build.partition("#")[0].split() == "cmake --preset release && cmake --build --preset release".split()
    assert "cmake --preset" in run and "cmake --build --preset" in run
