"""Each process has of the environment what it needs."""

import os

import pytest

from support import processes

TOKEN = "0123456789abcdef-secret"
GIVEN = {"LB_ADMIN_TOKEN": TOKEN, "CONSUL_HTTP_TOKEN": "consul-" + TOKEN, "DOCKER_CERT_PATH": "/nowhere",
         "AWS_SECRET_ACCESS_KEY": "aws-" + TOKEN, "NOTIFY_SOCKET": "", "LISTEN_FDS": "0"}


@pytest.fixture(autouse=True)
def only_as_root():
    if os.geteuid() != 0:
        pytest.skip("nobody else may look into these processes")


def test_environments(crashing, start_lb, discovery, built_with):
    del crashing
    lb = start_lb(*discovery.flags, env=GIVEN)
    discovery.wait_starts(2)
    for _ in range(2):
        told = processes.environment_of(lb.discovery_pid)
        assert told["CONSUL_HTTP_TOKEN"] == GIVEN["CONSUL_HTTP_TOKEN"]
        assert not {"LB_ADMIN_TOKEN", "AWS_SECRET_ACCESS_KEY", "LB_MASTER_FD", "NOTIFY_SOCKET", "LISTEN_FDS"} & set(told)
        assert TOKEN not in [value for name, value in told.items() if name != "CONSUL_HTTP_TOKEN"]
        proxy = processes.environment_of(lb.proxy_pid)
        assert not [name for name in proxy if name.startswith(("CONSUL_", "DOCKER_"))]
        assert not {"NOTIFY_SOCKET", "LISTEN_FDS", "WATCHDOG_USEC"} & set(proxy)
        first = lb.proxy_pid
        os.kill(first, 9)
        lb.wait_message(r"lb-proxy %d ended by signal" % first)
    assert lb.ask("/pool", fields=[f"Authorization: Bearer {TOKEN}"]).status == 200
