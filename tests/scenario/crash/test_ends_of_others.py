"""The end of lb-discovery costs no request; the end of the master lets lb-proxy end in order, and frees its ports."""

import json
import os
import signal
import socket

import pytest

from support import processes
from support.traffic import Traffic
from support.waiting import wait_for


@pytest.fixture(name="followed")
def make_followed(start_lb, start_appserver, tmp_path):
    """lb with the real lb-discovery, which follows a file of two servers."""
    path = tmp_path / "services.json"
    servers = [start_appserver("one"), start_appserver("two")]
    path.write_text(json.dumps({"services": [{"name": "appserver", "endpoints": [
        {"name": f"s{number}", "address": server.address[0], "port": server.address[1]}
        for number, server in enumerate(servers)]}]}))
    return start_lb(f"--file={path}").wait_ready(2)


def test_kill_of_discovery_under_load(followed):
    lb = followed
    serving = lb.proxy_pid
    with Traffic(lb.address, kept=4, puts=2, fresh=4, tunnels=1) as traffic:
        for _ in range(4):
            traffic.wait_more()
            before = lb.discovery_pid
            os.kill(before, signal.SIGKILL)
            wait_for(lambda: lb.discovery_pid != before, "another lb-discovery")
        traffic.wait_more()
    assert not traffic.failures
    assert lb.proxy_pid == serving


def test_discovery_stands_still_under_load(followed):
    lb = followed
    stopped = lb.discovery_pid
    os.kill(stopped, signal.SIGSTOP)
    try:
        with Traffic(lb.address, kept=4, puts=2, fresh=4, tunnels=1) as traffic:
            traffic.wait_more(1000)
            first = lb.proxy_pid
            os.kill(first, signal.SIGKILL)
            wait_for(lambda: lb.proxy_pid != first, "another process serves")
            failed = len(traffic.failures)
            traffic.wait_more(1000)
        assert not traffic.refused()
        assert failed <= len(traffic.failures) <= 11
    finally:
        if not processes.is_gone(stopped):
            os.kill(stopped, signal.SIGCONT)


def test_kill_of_both_at_once(followed):
    lb = followed
    with Traffic(lb.address, fresh=4) as traffic:
        for _ in range(3):
            traffic.wait_more()
            proxy, discovery = lb.proxy_pid, lb.discovery_pid
            os.kill(discovery, signal.SIGKILL)
            os.kill(proxy, signal.SIGKILL)
            wait_for(lambda: lb.proxy_pid != proxy and lb.discovery_pid != discovery, "both are there again")
        traffic.wait_more()
    assert not traffic.refused()
    lb.wait_ready(2)


def can_listen(address):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
            return True
        except OSError:
            return False


def test_kill_of_the_master(start_lb, start_appserver, connect):
    """What runs is finished, while the ports are free for another lb; nothing is left behind."""
    server = start_appserver("one")
    lb = start_lb("--shutdown-grace=60s", backends=[server])
    proxy = lb.proxy_pid
    running = connect(lb).request(target="/delay/4000")
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 1, "it runs")
    lb.expected_status = -signal.SIGKILL
    lb.signal(signal.SIGKILL)
    wait_for(lambda: can_listen(lb.address) and can_listen(lb.admin), "the ports are free", 3)
    again = start_lb("--listen=%s:%d" % lb.address, "--admin=%s:%d" % lb.admin, backends=[server])
    assert connect(again).get().status == 200
    assert running.is_silent()
    assert running.read_response().status == 200
    wait_for(lambda: processes.is_gone(proxy), "the orphan has ended")
    assert connect(again).get().status == 200
    lb.wait_end()


def test_kill_of_the_master_ends_discovery(followed):
    lb = followed
    children = [lb.proxy_pid, lb.discovery_pid]
    lb.expected_status = -signal.SIGKILL
    lb.signal(signal.SIGKILL)
    for pid in children:
        wait_for(lambda pid=pid: processes.is_gone(pid), f"process {pid} has ended")
    lb.wait_end()
