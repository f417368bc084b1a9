"""What the tests with a real Consul share: agents, three servers that know each other, a proxy between that spoils
answers, load, and the programs of tests/scenario/support."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario" / "discovery"))

import consul_program  # noqa: E402
from agent import Agent, free_address  # noqa: E402
from between import Between  # noqa: E402
from load import Load  # noqa: E402
from support.fixtures import *  # noqa: E402,F401,F403


@pytest.fixture(scope="session")
def consul():
    """The path of the program."""
    try:
        return consul_program.find()
    except (consul_program.Unavailable, subprocess.SubprocessError) as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def shared_agent(consul, tmp_path_factory):
    """One in memory for the tests of a file, who take names of their own."""
    made = Agent(consul, tmp_path_factory.mktemp("agent"), "node1", is_dev=True).start()
    try:
        yield made.wait_well()
    finally:
        made.close()


@pytest.fixture
def start_agent(consul, tmp_path, cleanup):
    """start_agent(name="node1", …): an Agent that is well."""
    def start(name="node1", **options):
        made = Agent(consul, tmp_path / name, name, **options)
        cleanup.callback(made.close)
        return made.start().wait_well()
    return start


@pytest.fixture
def three_servers(consul, tmp_path, cleanup):
    """They know each other; each has a data folder."""
    addresses = [free_address() for _ in range(3)]
    settings = {"bootstrap_expect": 3, "retry_join": addresses, "retry_interval": "1s"}
    made = [Agent(consul, tmp_path / f"server{i}", f"server{i}", address, settings=settings)
            for i, address in enumerate(addresses, 1)]
    for agent in made:
        cleanup.callback(agent.close)
        agent.start()
    return [agent.wait_well() for agent in made]


@pytest.fixture
def between(cleanup):
    """between(agent): a Between in front of it."""
    def start(agent):
        made = Between(agent)
        cleanup.callback(made.close)
        return made
    return start


@pytest.fixture
def start_load(cleanup):
    """start_load(lb, …): a Load on it."""
    def start(lb, **options):
        made = Load(lb.address, **options)
        cleanup.callback(made.end)
        return made
    return start


@pytest.fixture
def follow(start_lb):
    """follow(agent, *flags): an lb that follows the agent's service web."""
    def start(agent, *flags, **options):
        url = getattr(agent, "url", agent)
        return start_lb(f"--consul={url}", "--default-route=web", *flags, is_ready=False, **options)
    return start


@pytest.fixture
def agent(start_agent):
    return start_agent(is_dev=True)


@pytest.fixture
def offer(agent, start_appserver):
    """offer("a", …): an appserver of that name, registered as an entry of web of that id."""
    def start(name, service="web", at=None, **more):
        server = start_appserver(name)
        (at or agent).register(name, service, server.address[1], server.address[0], **more)
        return server
    return start
