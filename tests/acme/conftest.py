"""What the tests of lb-acme share: pebble, who answers its challenges, lb-acme itself, and a Consul."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "consul"))

import consul_program  # noqa: E402
import pebble as pebble_module  # noqa: E402
from acme_program import Acme  # noqa: E402
from agent import Agent  # noqa: E402
from responder import AlpnResponder, Responder  # noqa: E402
from support.fixtures import *  # noqa: E402,F401,F403


@pytest.fixture
def start_pebble(tmp_path, cleanup):
    """start_pebble(nonce_reject=0, …): a Pebble."""
    missing = pebble_module.missing()
    if missing:
        pytest.skip(f"not installed: {missing}; tests/run.sh does it")
    count = []

    def start(**options):
        made = pebble_module.Pebble(tmp_path / f"pebble{len(count)}", **options)
        count.append(made)
        cleanup.callback(made.close)
        return made
    return start


@pytest.fixture
def start_responder(cleanup):
    """start_responder(pebble, folder, …): answers what pebble asks out of those folders."""
    def start(pebble, *folders):
        made = Responder(pebble.address, pebble_module.HTTP_PORT, folders)
        cleanup.callback(made.close)
        return made
    return start


@pytest.fixture
def start_alpn_responder(cleanup):
    def start(pebble, folder):
        made = AlpnResponder(pebble.address, pebble_module.TLS_PORT, folder)
        cleanup.callback(made.close)
        return made
    return start


@pytest.fixture
def start_acme(tmp_path, cleanup):
    """start_acme(pebble, *flags, folder=…, wished=[[name, …], …]): an Acme."""
    def start(pebble, *flags, folder=None, **options):
        made = Acme(f"--directory={pebble.url}", f"--ca={pebble.ca}", *flags, folder=folder or tmp_path / "acme",
                    **options)
        cleanup.callback(made.stop)
        return made
    return start


@pytest.fixture
def start_consul(tmp_path, cleanup):
    """A Consul agent that is well."""
    try:
        program = consul_program.find()
    except (consul_program.Unavailable, subprocess.SubprocessError) as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))

    def start():
        agent = Agent(program, tmp_path / "consul", "node1", is_dev=True)
        cleanup.callback(agent.close)
        return agent.start().wait_well()
    return start
