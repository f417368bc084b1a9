"""All containers of a service are away for a moment on a real engine, and nobody sees an error; and
lb itself is stopped with a WebSocket open."""
import json
import socket
import threading
import time

import pytest

from conftest import docker, wait_for


class Clients:
    """Threads that ask one request after the other, each on a connection of its own."""

    def __init__(self, balancer, count=4):
        self.balancer, self.faults, self.done = balancer, [], 0
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(count)]

    def run(self):
        while not self.stop.is_set():
            try:
                status, body = self.balancer.get(timeout=70)
                if status != 200:
                    self.faults.append((status, body))
            except OSError as fault:
                self.faults.append(repr(fault))
            self.done += 1

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()


@pytest.mark.slow("four containers, ended and begun one after the other")
@pytest.mark.parametrize("how", ["stop", "kill", "rm --force"])
def test_all_are_recreated_at_once(how, bench, network):
    """As `docker compose up --force-recreate` does it: all are ended before a new one is started. A busy
    engine may take more than the usual 10 s for that."""
    balancer = bench.lb(network, "--hold=60s")
    first = [bench.appserver(network).name for _ in range(2)]
    balancer.wait_for_active(first)
    with Clients(balancer) as clients:
        wait_for("traffic", lambda: clients.done > 100)
        docker(*how.split(), *first)
        wait_for("an empty pool", lambda: not balancer.active())
        wait_for("held requests", lambda: balancer.pool()["totals"]["held"] == 4)
        time.sleep(0.5)  # for as long as engines take
        second = [bench.appserver(network).name for _ in range(2)]
        balancer.wait_for_active(second)
        before = clients.done
        wait_for("traffic again", lambda: clients.done > before + 100)
    assert clients.faults == []
    assert balancer.pool()["totals"]["by_status"]["5xx"] == 0


def test_all_are_paused(bench, network):
    balancer = bench.lb(network)
    names = [bench.appserver(network).name for _ in range(2)]
    balancer.wait_for_active(names)
    with Clients(balancer) as clients:
        wait_for("traffic", lambda: clients.done > 100)
        docker("pause", *names)
        wait_for("held requests", lambda: balancer.pool()["totals"]["held"] > 0)
        docker("unpause", *names)
        before = clients.done
        wait_for("traffic again", lambda: clients.done > before + 100)
    assert clients.faults == []


@pytest.mark.slow("lb waits for the WebSocket before it ends")
def test_lb_is_stopped_with_a_websocket_open(bench, network):
    """Within the ten seconds that `docker stop` grants (else it would be killed, which is status 137), with
    its log line, and exit status 0."""
    balancer = bench.lb(network)
    balancer.wait_for_active([bench.appserver(network).name])
    with socket.create_connection((balancer.host, balancer.port), timeout=15) as client:
        client.sendall(b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                       b"Sec-WebSocket-Version: 13\r\n"
                       b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 101 ")
        docker("stop", balancer.name)
    assert docker("container", "inspect", "--format", "{{.State.ExitCode}}", balancer.name) == "0"
    lines = [json.loads(line) for line in balancer.logs().splitlines() if '"tunnel":true' in line]
    assert [(line["http"]["response"]["status_code"], line["lb"]["end"]) for line in lines] == \
        [(101, "shutdown")]
