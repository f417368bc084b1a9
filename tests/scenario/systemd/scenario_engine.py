"""A pretended engine that the booted machine sees, at a socket that only root and the group docker may have."""

import contextlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "discovery"))
from fake_docker import FakeDocker, container  # noqa: E402


@contextlib.contextmanager
def engine_at(machine, addresses, port):
    """`addresses`: {service: address}. Gives what DOCKER_HOST is there."""
    path = machine.shared / "docker.sock"
    group = int(machine.run("getent", "group", "docker").stdout.split(":")[2])
    with FakeDocker(path) as engine:
        os.chown(path, 0, group)
        os.chmod(path, 0o660)
        for number, (service, address) in enumerate(addresses.items()):
            cid = f"{number:064x}"
            engine.containers[cid] = container(cid, f"{service}-1", service, address, str(port))
        yield "unix:///run/lbtest/docker.sock"
