"""lb in a container on an overlay network of a real swarm, whose services are scaled, updated and removed under
load: endpoint mode dnsrr, as virtual addresses need IPVS, which not every kernel has. The swarm is an engine of
its own, which ends with the tests.
"""
import json
import os

import pytest
from conftest import TAG, Bench, LoadBalancer, docker, is_well, wait_for
from own_engine import ADDRESS, OwnEngine
from second_engine import Unavailable
from test_hold import Clients

pytestmark = pytest.mark.xdist_group("swarm")  # one engine for all
NETWORK = "web"
LB_GROUP = os.stat("/var/run/docker.sock").st_gid if os.path.exists("/var/run/docker.sock") else 0


@pytest.fixture(scope="module", autouse=True)
def engine(images, tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("an engine of one's own needs root")
    try:
        made = OwnEngine(tmp_path_factory.mktemp("swarm"), LB_GROUP)
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))
    try:
        made.load(f"lb:{TAG}", f"appserver:{TAG}")
        with made.inside():
            docker("swarm", "init", "--advertise-addr", ADDRESS)
            docker("network", "create", "--driver", "overlay", "--attachable", NETWORK)
            yield made
    finally:
        made.end()


class Swarm:
    """lb, and the services of one test."""

    def __init__(self, engine, bench):
        self.bench, self.services = bench, []
        container = bench.run(
            f"lb:{TAG}", "--volume", f"{engine.socket}:/var/run/docker.sock", "--group-add", str(LB_GROUP),
            "--publish", "8000:8000", "--publish", "8001:8001", network=NETWORK,
            command=("--listen", "0.0.0.0:8000", "--admin", "0.0.0.0:8001", "--admin-open", "--swarm",
                     "--default-route", "shop"))
        self.lb = LoadBalancer(container.name, "127.0.0.1", 8000, 8001)
        wait_for("lb's admin pages", lambda: is_well(self.lb))

    def create(self, name, *options):
        docker("service", "create", "--detach", "--quiet", "--name", name, "--network", NETWORK,
               "--endpoint-mode", "dnsrr", *options, f"appserver:{TAG}")
        self.services.append(name)

    def scale(self, name, count):
        docker("service", "scale", "--detach", f"{name}={count}")

    def update(self, name, *options):
        docker("service", "update", "--detach", "--quiet", *options, name)

    def update_state(self, name):
        return json.loads(docker("service", "inspect", "--format", "{{json .UpdateStatus}}", name) or "null")

    def names(self, service="shop"):
        return {endpoint["name"] for endpoint in self.lb.endpoints(service).values() if endpoint["state"] == "ready"}

    def wait_for_count(self, count, service="shop", seconds=120):
        wait_for(f"{count} tasks of {service}", lambda: len(self.lb.endpoints(service)) == count
                 and len(self.names(service)) == count, seconds)

    def end(self):
        for name in self.services:
            docker("service", "rm", name, check=False)


@pytest.fixture
def swarm(engine):
    bench = Bench()
    made = Swarm(engine, bench)
    try:
        yield made
    finally:
        made.end()
        docker("rm", "--force", made.lb.name)


def assert_no_fault(swarm, clients):
    assert clients.faults == []
    totals = swarm.lb.pool()["totals"]
    assert totals["by_status"]["5xx"] == 0 and totals["by_status"]["none"] == 0, totals


@pytest.mark.slow("a swarm starts and ends tasks one after the other")
def test_scaled_up_and_down(swarm):
    swarm.create("shop", "--replicas", "1", "--no-healthcheck")
    swarm.wait_for_count(1)
    with Clients(swarm.lb) as clients:
        wait_for("traffic", lambda: clients.done > 100)
        swarm.scale("shop", 6)
        swarm.wait_for_count(6)
        before = clients.done
        wait_for("traffic to six", lambda: clients.done > before + 200)
        swarm.scale("shop", 1)
        swarm.wait_for_count(1)
        before = clients.done
        wait_for("traffic to one", lambda: clients.done > before + 100)
    assert_no_fault(swarm, clients)
    endpoint, = swarm.lb.endpoints("shop").values()
    assert endpoint["local"] and endpoint["name"].startswith("shop.")
    container = docker("ps", "--no-trunc", "--format", "{{.ID}} {{.Names}}", "--filter", "name=shop.").split()
    assert [endpoint["id"], endpoint["name"]] == container  # what the source Docker calls them


@pytest.mark.slow("a swarm updates tasks one after the other")
@pytest.mark.parametrize("order", ["start-first", "stop-first"])
def test_rolling_update(swarm, order):
    swarm.create("shop", "--replicas", "3", "--update-order", order, "--update-delay", "0s",
                 "--update-monitor", "1s", "--no-healthcheck")
    swarm.wait_for_count(3)
    old = swarm.names()
    with Clients(swarm.lb) as clients:
        wait_for("traffic", lambda: clients.done > 100)
        swarm.update("shop", "--env-add", "VERSION=2")
        wait_for("the update", lambda: (swarm.update_state("shop") or {}).get("State") == "completed", 180)
        wait_for("three others", lambda: len(swarm.names()) == 3 and not swarm.names() & old)
        before = clients.done
        wait_for("traffic to the new ones", lambda: clients.done > before + 100)
    assert_no_fault(swarm, clients)


@pytest.mark.slow("a HEALTHCHECK is waited for")
def test_labels_healthcheck_and_removal(swarm):
    swarm.create("shop", "--no-healthcheck")
    swarm.create("site", "--label", "lb.host=site.test", "--label", "lb.weight=7", "--container-label", "lb.weight=3",
                 "--label", "lb.service=named", "--health-cmd", "test -e /tmp/well || test -e /etc/passwd",
                 "--health-interval", "1s", "--health-retries", "3")
    swarm.wait_for_count(1, "named")
    endpoint, = swarm.lb.endpoints("named").values()
    assert endpoint["weight"] == 3  # the container's label before the service's
    assert swarm.lb.service("named")
    swarm.update("site", "--label-add", "lb.service=renamed")  # no task is started anew for that
    swarm.wait_for_count(1, "renamed")
    assert swarm.lb.endpoints("renamed").keys() == {endpoint["name"]}
    docker("service", "rm", "site")
    wait_for("the end of the service", lambda: not swarm.lb.endpoints("renamed"))


def test_elsewhere_and_nowhere(swarm):
    """What cannot be reached, or cannot be started, is told with the reason."""
    docker("network", "create", "--driver", "overlay", "other", check=False)
    docker("service", "create", "--detach", "--quiet", "--name", "far", "--network", "other", "--endpoint-mode", "dnsrr",
           "--no-healthcheck", f"appserver:{TAG}")
    docker("service", "create", "--detach", "--quiet", "--name", "stuck", "--endpoint-mode", "dnsrr",
           "--constraint", "node.hostname==nobody", f"appserver:{TAG}")
    swarm.services += ["far", "stuck"]

    def left_out(word):
        return next((entry for entry in swarm.lb.pool()["left_out"] if entry["name"].startswith(f"{word}.")), {})

    wait_for("a task on another network", lambda: left_out("far").get("reason") == "no_shared_network")
    assert "lb is on: web" in left_out("far")["detail"]
    wait_for("a task without a node", lambda: "no suitable node" in left_out("stuck").get("detail", ""))
    assert left_out("stuck")["reason"] == "not_running"


@pytest.mark.slow("lb is updated as a service of the swarm")
def test_lb_itself_on_the_network_of_the_host_is_updated_start_first(engine):
    """The new task takes over from the old one by a socket in a volume of the node, and the old one, which has ended
    with 0, is not started again."""
    bench = Bench()
    server = bench.appserver("bridge")
    name, port = "lb-of-the-node", 8088
    volume = "type=volume,source=lb-run,target=/run/lb,volume-driver=local,volume-opt=type=tmpfs," \
             "volume-opt=device=tmpfs,\"volume-opt=o=uid=10001,gid=10001,mode=0700\""
    docker("service", "create", "--detach", "--quiet", "--name", name, "--mode", "global", "--network", "host",
           "--mount", volume, "--mount", f"type=bind,source={engine.socket},target=/var/run/docker.sock",
           "--group", str(LB_GROUP), "--read-only", "--cap-drop", "ALL", "--update-order", "start-first",
           "--update-monitor", "2s", "--restart-condition", "on-failure", f"lb:{TAG}", "--handover",
           "/run/lb/handover.sock", "--listen", f"127.0.0.1:{port}", "--admin", "127.0.0.1:8089",
           "--default-route", "appserver", "--shutdown-delay", "0s")
    balancer = LoadBalancer(name, "127.0.0.1", port, 8089)

    def tasks():
        return docker("service", "ps", "--filter", "desired-state=running", "--format", "{{.ID}}", name).split()
    try:
        wait_for("lb", lambda: is_well(balancer))
        balancer.wait_for_active([server.name])
        old = tasks()
        with Clients(balancer) as clients:
            wait_for("traffic", lambda: clients.done > 100)
            docker("service", "update", "--detach", "--quiet", "--env-add", "VERSION=2", name)
            wait_for("the update", lambda: "completed" in docker("service", "inspect", "--format", "{{json .UpdateStatus}}",
                                                                 name), 180)
            before = clients.done
            wait_for("traffic to the new one", lambda: clients.done > before + 100)
        assert clients.faults == []
        assert len(tasks()) == 1 and tasks() != old
    finally:
        docker("service", "rm", name, check=False)
        docker("rm", "--force", server.name, check=False)
