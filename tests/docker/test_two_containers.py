"""lb and lb-discovery in a container each, as deploy/docker-compose.two.yml has them: which of them has what, and that
neither needs the other to be there first, or always."""
import os

import pytest
import yaml
from conftest import TAG, TOP, LoadBalancer, docker, is_well, wait_for
from test_upgrade_container import FINE, GROUP, SOCKET, Load

COMPOSE = TOP / "deploy" / "docker-compose.two.yml"
CONFINED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
LINE = "unix:/run/lb/discovery.sock"


class Two:
    def __init__(self, bench, network):
        self.bench, self.network = bench, network
        self.volume = bench.name("line")
        docker("volume", "create", *bench.labels(), "--driver", "local", "--opt", "type=tmpfs", "--opt", "device=tmpfs",
               "--opt", "o=uid=10001,gid=10001,mode=0700,size=1m", self.volume)
        self.lb_name = bench.name("lb")

    def start_lb(self):
        container = self.bench.run(f"lb:{TAG}", *CONFINED, "--volume", f"{self.volume}:/run/lb", network=self.network,
                                   name=self.lb_name, command=("--discovery", LINE, "--default-route", "appserver",
                                                               "--admin", "0.0.0.0:8001", "--admin-open",
                                                               "--shutdown-delay=0s"))
        self.lb = LoadBalancer(container.name, container.address(self.network), 8000, 8001)
        wait_for("lb's admin pages", lambda: is_well(self.lb))
        return self.lb

    def start_discovery(self):
        self.discovery = self.bench.run(f"lb:{TAG}", *CONFINED, "--volume", f"{self.volume}:/run/lb", "--volume",
                                        f"{SOCKET}:{SOCKET}", "--group-add", GROUP, "--entrypoint", "lb-discovery",
                                        "--no-healthcheck", network="none", command=("--to", LINE, "--self", self.lb_name))
        return self.discovery


@pytest.fixture(name="two")
def make_two(bench, network):
    return Two(bench, network)


@pytest.mark.slow("containers begin and end one after the other")
@pytest.mark.parametrize("first", ["lb", "discovery"])
def test_whichever_is_first_waits_for_the_other(first, two, bench, network):
    server = bench.appserver(network)
    if first == "lb":
        two.start_lb()
        two.start_discovery()
    else:
        two.start_discovery()
        two.start_lb()
    two.lb.wait_for_active([server.name])
    assert two.lb.server() == server.short_id


@pytest.mark.slow("containers begin and end one after the other")
def test_the_one_has_no_socket_and_the_other_no_network(two, bench, network):
    two.start_lb()
    two.start_discovery()
    two.lb.wait_for_active([bench.appserver(network).name])
    pid = docker("container", "inspect", "--format", "{{.State.Pid}}", two.discovery.name)
    devices = open(f"/proc/{pid}/net/dev", encoding="ascii").read()
    assert "lo:" in devices and "eth0" not in devices
    assert docker("exec", two.lb.name, "sh", "-c", "ls /var/run/docker.sock 2>/dev/null || echo none") == "none"
    assert GROUP not in docker("exec", two.lb.name, "id", "-G").split()


@pytest.mark.slow("containers begin and end one after the other")
def test_neither_is_missed_while_it_is_replaced(two, bench, network):
    servers = [bench.appserver(network) for _ in range(2)]
    two.start_discovery()
    two.start_lb()
    two.lb.wait_for_active([server.name for server in servers])
    with Load(8000, host=two.lb.host) as load:
        docker("rm", "--force", two.discovery.name)
        load.more()
        two.start_discovery()
        late = bench.appserver(network)
        two.lb.wait_for_active([server.name for server in (*servers, late)])
        load.more()
    assert load.verdict() == FINE
    two.lb.restart(network)
    two.lb.wait_for_active([server.name for server in (*servers, late)])


def test_the_compose_file_says_the_same():
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    lb, discovery = services["lb"], services["lb-discovery"]
    assert discovery["network_mode"] == "none" and "ports" not in discovery and "networks" not in discovery
    assert any("docker.sock" in volume for volume in discovery["volumes"])
    assert not any("docker.sock" in volume for volume in lb["volumes"]) and "group_add" not in lb
    assert set(lb["volumes"]) <= set(discovery["volumes"])
    assert lb["command"][:2] == ["--discovery", LINE] and discovery["entrypoint"][1:3] == ["--to", LINE]
    for service in services.values():
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges"]


@pytest.mark.slow("compose starts and ends four containers")
def test_compose_brings_it_up(bench, tmp_path):
    from conftest import free_port, get
    import shutil
    import subprocess
    if not shutil.which("docker-compose"):
        pytest.skip("no docker-compose here")
    port = free_port()
    file = tmp_path / "compose.yml"
    content = yaml.safe_load(COMPOSE.read_text())
    for name, service in content["services"].items():
        service.pop("build", None)
        service["image"] = f"{service['image']}:{TAG}"
        service["labels"] = [word for word in bench.labels() if word != "--label"]
        service["restart"] = "no"
    file.write_text(yaml.safe_dump(content))
    environment = {**os.environ, "DOCKER_GID": GROUP, "LB_NAME": bench.name("lb"), "LB_PORT": str(port),
                   "LB_ADMIN_PORT": str(free_port())}
    words = ["docker-compose", "--project-name", bench.name("two").lower(), "--file", str(file)]
    try:
        subprocess.run([*words, "up", "--detach"], env=environment, check=True, timeout=180, capture_output=True)

        def is_there():
            try:
                return "served from" in get("127.0.0.1", port, timeout=3)[1]
            except OSError:
                return False
        wait_for("an answer", is_there)
    finally:
        subprocess.run([*words, "down", "--volumes"], env=environment, check=False, timeout=180, capture_output=True)
