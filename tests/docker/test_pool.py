"""lb in a container follows real containers: the pool is what Docker says, all the time."""
import collections
import concurrent.futures
import http.client
import json
import os
import re
import signal
import subprocess
import threading
import time
from datetime import datetime

import pytest

from conftest import LABEL, TAG, TOP, Container, docker, free_port, get, server_in, wait_for


def count_answers(balancer, requests, connections):
    """Sends `requests` over `connections` keep-alive connections at once; counts who answered."""
    def work(share):
        connection = http.client.HTTPConnection(balancer.host, balancer.port, timeout=10)
        names = []
        for _ in range(share):
            connection.request("GET", "/")
            response = connection.getresponse()
            body = response.read().decode()
            assert response.status == 200, (response.status, body)
            names.append(server_in(body))
        connection.close()
        return names

    with concurrent.futures.ThreadPoolExecutor(connections) as pool:
        results = pool.map(work, [requests // connections] * connections)
        return collections.Counter(name for names in results for name in names)


class Traffic:
    """Requests one after the other until the block ends; keeps every answer that is not 200."""

    def __init__(self, balancer):
        self.balancer, self.faults, self.count = balancer, [], 0
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stop.is_set():
            try:
                status, body = self.balancer.get()
                if status != 200:
                    self.faults.append((status, body))
            except OSError as fault:
                self.faults.append(repr(fault))
            self.count += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def test_strict_rotation_over_three_containers_and_two_workers(bench, network):
    apps = [bench.appserver(network) for _ in range(3)]
    balancer = bench.lb(network, "--workers", "2")
    balancer.wait_for_active(app.name for app in apps)
    assert count_answers(balancer, 600, 50) == {app.short_id: 200 for app in apps}


@pytest.mark.slow("it starts ten containers and ends nine")
def test_scaled_two_ten_one_under_traffic(bench, network):
    apps = [bench.appserver(network) for _ in range(2)]
    balancer = bench.lb(network)
    balancer.wait_for_active(app.name for app in apps)
    with Traffic(balancer) as traffic:
        apps += [bench.appserver(network) for _ in range(8)]
        balancer.wait_for_active(app.name for app in apps)
        assert count_answers(balancer, 100, 10).keys() == {app.short_id for app in apps}
        # Stopped as one should; those that are killed come below.
        docker("stop", *[app.name for app in apps[1:]])
        balancer.wait_for_active([apps[0].name])
    assert traffic.faults == [] and traffic.count > 50
    docker("rm", *[app.name for app in apps[1:]])
    assert count_answers(balancer, 20, 4) == {apps[0].short_id: 20}


def test_removed_by_force(bench, network):
    apps = [bench.appserver(network) for _ in range(3)]
    balancer = bench.lb(network)
    balancer.wait_for_active(app.name for app in apps)
    docker("rm", "--force", apps[2].name)
    balancer.wait_for_active(app.name for app in apps[:2])
    assert balancer.left_out(apps[2].name) is None


def test_no_appserver_then_the_first(bench, network):
    """lb runs before any container does: it says 503 with Retry-After, and then serves."""
    balancer = bench.lb(network)
    connection = http.client.HTTPConnection(balancer.host, balancer.port, timeout=10)
    connection.request("GET", "/")
    response = connection.getresponse()
    assert response.status == 503
    assert int(response.headers["Retry-After"]) >= 1
    connection.close()
    app = bench.appserver(network)
    balancer.wait_for_active([app.name])
    assert balancer.server() == app.short_id
    docker("stop", app.name)
    balancer.wait_for_active([])
    docker("start", app.name)
    balancer.wait_for_active([app.name])
    assert balancer.server() == app.short_id


def first_listening(app):
    """When the server said that it listens, by its own clock, which is ours."""
    def find():
        for line in app.logs().splitlines():
            if "listening" in line:
                return json.loads(line)
        return None
    stamp = wait_for("the server's word that it listens", find)["@timestamp"]
    stamp = re.sub(r"(\.\d{6})\d*Z$", r"\1+00:00", stamp)
    return datetime.fromisoformat(re.sub("Z$", "+00:00", stamp)).timestamp()


@pytest.mark.slow("it starts containers one after the other under load")
def test_first_answer_of_a_new_container_within_100_ms(bench, network):
    """One of eight, because other programs on the host may hold them up."""
    apps = [bench.appserver(network) for _ in range(3)]
    balancer = bench.lb(network)
    balancer.wait_for_active(app.name for app in apps)
    answered_at = {}
    done = threading.Event()

    def watch():
        while not done.is_set():
            answered_at.setdefault(balancer.server(), time.time())

    latencies_ms = []
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        while len(latencies_ms) < 8 and min(latencies_ms, default=100) >= 100:
            app = bench.appserver(network)
            wait_for("the new server's answer", lambda: app.short_id in answered_at, seconds=60)
            latencies_ms.append(1000 * (answered_at[app.short_id] - first_listening(app)))
    finally:
        done.set()
        watcher.join()
    print("first answers", *(f"{ms:.0f}" for ms in latencies_ms), "ms after the container listened")
    assert min(latencies_ms) < 100, balancer.logs()[-3000:]
    assert re.search(rf"ready, {3 + len(latencies_ms)} endpoints, [0-9.]+ ms after start", balancer.logs())


@pytest.mark.slow("containers begin and end one after the other")
def test_on_two_networks_counts_once(bench, network):
    other = bench.network()
    apps = [bench.appserver(network) for _ in range(2)]
    balancer = bench.lb(network)
    for app in apps:
        docker("network", "connect", other, app.name)
    docker("network", "connect", other, balancer.name)
    balancer.wait_for_active(app.name for app in apps)
    assert count_answers(balancer, 100, 10) == {app.short_id: 50 for app in apps}


def test_on_another_network_is_left_out_until_connected(bench, network):
    app = bench.appserver(network)
    stranger = bench.appserver(bench.network())
    balancer = bench.lb(network)
    balancer.wait_for_active([app.name])
    entry = wait_for("the stranger to be explained", lambda: balancer.left_out(stranger.name))
    assert entry["reason"] == "no_shared_network"
    docker("network", "connect", network, stranger.name)
    balancer.wait_for_active([app.name, stranger.name])
    docker("network", "disconnect", network, stranger.name)
    balancer.wait_for_active([app.name])


def test_lb_and_containers_on_the_host_network(bench):
    """Other appservers may run on this engine: a service name of our own keeps them out."""
    service = bench.name("service")
    label = ("--label", f"lb.service={service}")
    port = free_port()
    on_host = bench.appserver("host", *label, "--label", f"lb.port={port}",
                              command=("--listen", f"127.0.0.1:{port}", "--name", "on-host"))
    on_bridge = bench.appserver(bench.network(), *label)
    balancer = bench.lb("host", "--service", service, port=free_port(), admin_port=free_port())
    balancer.wait_for_active([on_host.name, on_bridge.name], service)
    assert count_answers(balancer, 40, 4) == {"on-host": 20, on_bridge.short_id: 20}


def test_paused_leaves_and_comes_back(bench, network):
    apps = [bench.appserver(network) for _ in range(2)]
    balancer = bench.lb(network)
    balancer.wait_for_active(app.name for app in apps)
    docker("pause", apps[1].name)
    balancer.wait_for_active([apps[0].name])
    assert count_answers(balancer, 20, 4) == {apps[0].short_id: 20}
    docker("unpause", apps[1].name)
    balancer.wait_for_active(app.name for app in apps)


@pytest.mark.slow("health checks of the engine come once a second, and two must fail")
def test_unhealthy_leaves_and_comes_back(bench, network):
    good = bench.appserver(network)
    quick = ("--health-interval", "1s", "--health-retries", "2")
    sick = bench.appserver(network, *quick, health_check=True)
    balancer = bench.lb(network)
    balancer.wait_for_active([good.name, sick.name])
    address = sick.address(network)
    post(address, "/unhealthy")
    balancer.wait_for_active([good.name])
    assert balancer.endpoints()[sick.name]["state"] == "unhealthy"
    post(address, "/healthy")
    balancer.wait_for_active([good.name, sick.name])


def post(address, path):
    connection = http.client.HTTPConnection(address, 8484, timeout=10)
    connection.request("POST", path)
    assert connection.getresponse().status < 300
    connection.close()


def test_renamed_keeps_its_place(bench, network):
    apps = [bench.appserver(network) for _ in range(2)]
    balancer = bench.lb(network)
    balancer.wait_for_active(app.name for app in apps)
    new = bench.name("renamed")
    docker("rename", apps[1].name, new)
    balancer.wait_for_active([apps[0].name, new])
    assert count_answers(balancer, 20, 4) == {apps[0].short_id: 10, Container(new).short_id: 10}


def test_restarted_while_traffic_runs(bench, network):
    apps = [bench.appserver(network) for _ in range(3)]
    balancer = bench.lb(network)
    balancer.wait_for_active(app.name for app in apps)
    with Traffic(balancer) as traffic:
        docker("restart", apps[0].name)
        balancer.wait_for_active(app.name for app in apps)
    assert traffic.faults == []


@pytest.mark.slow("the server serves on for three seconds")
def test_drains_at_the_stop_signal_and_not_at_others(bench, network):
    """An appserver that serves on for three seconds gets nothing new from the signal on."""
    stays, leaves = bench.appserver(network), bench.appserver(network, command=["--linger-ms", "3000"])
    balancer = bench.lb(network)
    balancer.wait_for_active([stays.name, leaves.name])
    docker("kill", "--signal", "USR1", stays.name)
    docker("kill", "--signal", "HUP", stays.name)
    stopping = subprocess.Popen(["docker", "stop", leaves.name], stdout=subprocess.DEVNULL)
    wait_for("it to drain", lambda: balancer.endpoints()[leaves.name]["state"] == "draining", 2)
    before = balancer.endpoints()[leaves.name]["requests"]
    assert {balancer.server() for _ in range(40)} == {stays.short_id}
    endpoint = balancer.endpoints()[leaves.name]
    assert (endpoint["state"], endpoint["requests"]) == ("draining", before)
    assert stopping.poll() is None, "the container was gone before the requests came"
    stopping.wait(timeout=20)
    balancer.wait_for_active([stays.name])


@pytest.mark.slow("the image's first health check comes after ten seconds")
def test_health_and_exit_code_of_the_lb_container(bench, network):
    balancer = bench.lb(network)
    status = ("container", "inspect", "--format", "{{.State.Health.Status}}", balancer.name)
    wait_for("Docker to find lb healthy", lambda: docker(*status) == "healthy", 30)
    docker("stop", balancer.name)
    assert docker("container", "inspect", "--format", "{{.State.ExitCode}}", balancer.name) == "0"


IMAGES_OF_COMPOSE = """
services:
  lb:
    image: lb:{tag}
    build: {{ labels: [lbtest=image] }}
    labels: [{label}]
  appserver:
    image: appserver:{tag}
    build: {{ labels: [lbtest=image] }}
    labels: [{label}]
networks:
  web:
    labels: [{label}]
"""


@pytest.mark.slow("it starts and ends seven containers, compose's way")
def test_compose(bench, tmp_path):
    """deploy/docker-compose.yml: up, scaled to five, down. The images are those of the other tests, so that
    nothing is compiled; compose lets docker build, which knows them."""
    override = tmp_path / "override.yml"
    override.write_text(IMAGES_OF_COMPOSE.format(tag=TAG, label=LABEL))
    port, admin_port = free_port(), free_port()
    group = os.stat("/var/run/docker.sock").st_gid
    project = bench.name("compose")

    def compose(*words):
        done = subprocess.run(
            ["docker-compose", "--project-name", project, "--file",
             str(TOP / "deploy" / "docker-compose.yml"), "--file", str(override), *words],
            env={**os.environ, "COMPOSE_DOCKER_CLI_BUILD": "1", "DOCKER_GID": str(group), "LB_PORT": str(port),
                 "LB_ADMIN_PORT": str(admin_port)}, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        assert done.returncode == 0, done.stdout

    def ready():
        try:
            pool = json.loads(get("127.0.0.1", admin_port, "/pool")[1])
        except OSError:
            return 0
        return sum(endpoint["state"] == "ready" for service in pool["services"]
                   for endpoint in service["endpoints"] if service["name"] == "appserver")

    try:
        compose("up", "--build", "--detach", "--scale", "appserver=2")
        wait_for("two appservers", lambda: ready() == 2, 30)
        compose("up", "--detach", "--no-recreate", "--scale", "appserver=5")
        wait_for("five appservers", lambda: ready() == 5, 30)
        answers = {server_in(get("127.0.0.1", port)[1]) for _ in range(5)}
        assert len(answers) == 5
        compose("up", "--detach", "--no-recreate", "--scale", "appserver=1")
        wait_for("one appserver", lambda: ready() == 1, 30)
    finally:
        compose("down", "--timeout", "5")


@pytest.mark.slow("load until the pool has changed")
def test_wrk_sees_no_error_while_the_pool_changes(bench, network):
    """One of three is stopped gracefully and started again, then there are six. That a busy machine answers late is no
    error."""
    apps = [bench.appserver(network, command=("--no-log",)) for _ in range(3)]
    balancer = bench.lb(network)
    balancer.wait_for_active(app.name for app in apps)
    load = subprocess.Popen(["wrk", "--threads", "2", "--connections", "50", "--duration", "600s", "--timeout", "60s",
                             f"http://{balancer.host}:{balancer.port}/"], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        docker("stop", apps[0].name)
        balancer.wait_for_active(app.name for app in apps[1:])
        docker("start", apps[0].name)
        balancer.wait_for_active(app.name for app in apps)
        apps += [bench.appserver(network, command=("--no-log",)) for _ in range(3)]
        balancer.wait_for_active(app.name for app in apps)
        wait_for("all of them have answered", lambda: all_have_answered(balancer, 1000))
        assert load.poll() is None, "wrk ended before the pool had changed"
        load.send_signal(signal.SIGINT)  # its report, now
        report, _ = load.communicate(timeout=60)
    finally:
        load.kill()
    print(report)
    assert "Non-2xx" not in report and "Socket errors" not in report, report
    assert int(re.search(r"(\d+) requests in", report).group(1)) > 0


def all_have_answered(balancer, count):
    """So many requests together, and none of them has had none."""
    answered = [endpoint["requests"] for endpoint in balancer.endpoints().values()]
    return min(answered) > 0 and sum(answered) > count
