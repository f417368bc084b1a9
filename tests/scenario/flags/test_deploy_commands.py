"""The command lines of lb in deploy/: in compose files, stacks and Nomad's jobs. Each flag is known and each value is one."""

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from support.program import run

TOP = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "tests" / "lint"))
import hcl  # noqa: E402

FILES = sorted([*TOP.glob("deploy/**/*compose*.yml"), *TOP.glob("deploy/stack*.yml")])
SETTINGS = TOP / "deploy" / "swarm" / "lb.json"


def commands_of(text):
    """Of the services whose image is lb's, without python3-yaml, which not every machine has: `command: [...]` after `image: lb`."""
    for service in re.split(r"^  (?=[\w-]+:$)", text, flags=re.MULTILINE):
        command = re.search(r"^    command: (\[.*?\])", service, re.MULTILINE | re.DOTALL)
        if re.search(r"^    image: (\$\{LB_IMAGE:-)?lb\b", service, re.MULTILINE) and command:
            yield json.loads(command[1])


@pytest.fixture(name="settings", autouse=True)
def settings_as_in_the_container(tmp_path):
    """The stack's file of settings, with a folder of secrets that is there."""
    (tmp_path / "lb-sticky").write_text(64 * "a")
    (tmp_path / "lb.json").write_text(re.sub("/run/(secrets|users)", str(tmp_path), SETTINGS.read_text()))
    return str(tmp_path / "lb.json")


def accepted(words, settings):
    words = [settings if word == "/etc/lb/lb.json" else word for word in words]
    done = run("lb", *words, "--print-config")
    assert (done.returncode, done.stderr) == (0, ""), (words, done.stderr)
    return json.loads(done.stdout)


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.name}")
def test_compose_files_and_stacks(file, settings):
    for command in commands_of(file.read_text()):
        accepted(command, settings)


def test_where_commands_are():
    found = {file.parent.name + "/" + file.name for file in FILES if list(commands_of(file.read_text()))}
    assert found >= {"deploy/docker-compose.yml", "deploy/stack.yml", "deploy/stack.socket-proxy.yml",
                     "traefik/docker-compose.lb.yml", "consul/docker-compose.lb.yml"}


@pytest.mark.parametrize("prefer", ["none", "local"])
def test_nomad(prefer, settings):
    args = hcl.parse((TOP / "deploy/nomad/lb.nomad.hcl").read_text()).one("job").one("group").one("task").one("config").get("args")
    meanings = {"${NOMAD_PORT_http}": "80", "${NOMAD_PORT_admin}": "8001", "${var.prefer}": prefer}
    for name, meaning in meanings.items():
        args = [word.replace(name, meaning) for word in args]
    config = accepted(args, settings)
    assert config["listen"] == ["0.0.0.0:80"] and config["prefer"] == prefer


def test_the_demo_with_consul(settings):
    script = (TOP / "deploy/consul/start.sh").read_text()
    words = shlex.split(re.search(r'"lb:\$tag" (.*?)\n\}', script, re.DOTALL)[1])
    assert "--consul" in words and "--register" in words
    accepted([word for word in words if word.strip()], settings)
