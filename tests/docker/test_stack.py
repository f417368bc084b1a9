"""deploy/stack.yml and its neighbour as `docker stack` reads them; tests/scenario/flags holds their command lines."""
import os
import subprocess

import pytest
import yaml

from conftest import TOP


def config_of(file, **environment):
    done = subprocess.run(["docker", "stack", "config", "--compose-file", str(TOP / "deploy" / file)], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False,
                          env={**os.environ, "DOCKER_GID": "998", **environment})
    if "unknown" in done.stderr or "is not a docker command" in done.stderr or "stack COMMAND" in done.stdout:
        pytest.skip("this docker has no `stack config`, which came with 23.0")
    return done


@pytest.mark.parametrize("file", ["stack.yml", "stack.socket-proxy.yml"])
def test_the_stack_is_read_as_it_is_meant(file):
    done = config_of(file)
    assert done.returncode == 0, done.stderr
    stack = yaml.safe_load(done.stdout)
    lb, appserver = stack["services"]["lb"], stack["services"]["appserver"]
    # Who publishes on the host sees its clients, and the mesh needs IPVS.
    assert [(port["target"], port["mode"]) for port in lb["ports"]] == [(80, "host")]
    assert lb["deploy"]["mode"] == "global" and lb["deploy"]["update_config"]["order"] == "stop-first"
    assert appserver["deploy"]["update_config"]["order"] == "start-first"
    assert appserver["deploy"]["endpoint_mode"] == "dnsrr" and appserver["deploy"]["labels"] == {"lb.service": "appserver"}
    assert {secret["source"] for secret in lb["secrets"]} == set(stack["secrets"])
    holder = stack["services"]["socket-proxy" if "socket-proxy" in file else "lb"]
    assert holder["deploy"]["placement"]["constraints"] == ["node.role == manager"]
    sockets = {name for name, service in stack["services"].items()
               if any("docker.sock" in str(volume) for volume in service.get("volumes", []))}
    assert [stack["services"][name] for name in sockets] == [holder]


def test_the_group_of_the_socket_is_asked_for():
    """docker's own reader takes a `-` in the sentence for the one that stands before a default."""
    done = config_of("stack.yml")
    assert yaml.safe_load(done.stdout)["services"]["lb"]["user"] == "10001:998"
    done = config_of("stack.yml", DOCKER_GID="")
    assert done.returncode != 0 and "group of the socket" in done.stderr
