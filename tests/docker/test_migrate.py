"""deploy/migrate: the compose files of other proxies' users, with lb in the proxy's place."""
import json
import os
import subprocess

import pytest
import yaml

from conftest import LABEL, TAG, TOP, LoadBalancer, docker, free_port, get, server_in, wait_for
from consul_image import consul_image
from sites import ask, explain, wait_for_sites

FOLDER = TOP / "deploy" / "migrate"
KINDS = ("nginx-proxy", "traefik", "registrator", "consul")
# Each kind's own programs, in the place of which is lb.
PROXIES = {"proxy", "consul", "registrator"}


def services(kind, file):
    return yaml.safe_load((FOLDER / kind / file).read_text())["services"]


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_proxy_is_another_one(kind):
    theirs, ours = services(kind, "docker-compose.yml"), services(kind, "docker-compose.lb.yml")
    sites = {name: service for name, service in theirs.items() if name not in PROXIES}
    assert sites == {name: service for name, service in ours.items() if name not in PROXIES}
    assert ours["proxy"]["image"] == "lb" and len(sites) >= 2
    assert set(ours) - set(sites) == ({"proxy", "consul"} if kind == "consul" else {"proxy"})


def test_only_registrator_is_another_one():
    theirs, ours = (services("registrator", f"docker-compose{name}.yml") for name in ("", ".drop-in"))
    assert ours.pop("registrator")["image"] == "lb" and theirs.pop("registrator")["image"].startswith("gliderlabs/")
    assert ours == theirs


class Project:
    """What docker-compose makes of one of the files, with the images and labels of the tests."""

    def __init__(self, kind, name, folder, file="docker-compose.lb.yml"):
        self.file = file
        self.kind, self.name, self.domain, self.port = kind, name, f"{name}.test", free_port()
        self.consul_port, self.dns_port = free_port(), free_port()
        names = services(kind, file)
        sites = {site: {"image": f"appserver:{TAG}", "labels": [LABEL], "command": ["--name", site],
                        "healthcheck": {"disable": True}} for site in names if site not in PROXIES}
        if "consul" in names:
            sites["consul"] = {"labels": [LABEL]}
        if "appserver" in names:
            sites["appserver"]["command"] = []  # each has a name of its own
        if "registrator" in names:
            sites["registrator"] = {"labels": [LABEL], "image": f"lb:{TAG}"}
            sites["consul"]["ports"] = [f"127.0.0.1:{self.consul_port}:8500"]
        self.override = folder / "override.yml"
        self.override.write_text(yaml.safe_dump({"version": "3.8", "networks": {"default": {"labels": [LABEL]}}, "services": {
            "proxy": {"image": f"lb:{TAG}", "labels": [LABEL],
                      "environment": {"LB_DEFAULT_ROUTE": "404", "LB_HOLD": "0"}}, **sites}}))

    def compose(self, *words):
        done = subprocess.run(
            ["docker-compose", "--project-name", self.name, "--file", str(FOLDER / self.kind / self.file),
             "--file", str(self.override), *words], stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=300, env=self.environment())
        assert done.returncode == 0, done.stdout
        return done.stdout

    def environment(self):
        made = {**os.environ, "PORT": str(self.port), "DOMAIN": self.domain,
                "DOCKER_GID": str(os.stat("/var/run/docker.sock").st_gid)}
        if self.kind == "consul" or "drop-in" in self.file:
            made |= {"CONSUL_PORT": str(self.consul_port), "CONSUL_DNS_PORT": str(self.dns_port),
                     "CONSUL_IMAGE": consul_image()}
        return made

    def up(self, *words):
        self.compose("up", "--detach", *words)
        container = self.compose("ps", "--quiet", "proxy").split()[-1]
        return Proxy(container, self.port)


class Proxy(LoadBalancer):
    """Reached where compose publishes it; its admin pages from inside only."""

    def __init__(self, container, port):
        super().__init__(container, "127.0.0.1", port, 8001)

    def pool(self):
        return {}


@pytest.fixture
def project(request, bench, tmp_path):
    made = Project(request.param, bench.name("migrate").replace(".", ""), tmp_path)
    yield made
    made.compose("down", "--timeout", "5")


def of_kind(kind):
    return pytest.mark.parametrize("project", [kind], indirect=True, ids=[kind])


@pytest.mark.slow("it starts and ends six containers, compose's way")
@of_kind("nginx-proxy")
def test_sites_of_nginx_proxy(project):
    proxy, domain = project.up(), project.domain
    wait_for_sites(proxy, {
        f"shop.{domain}": "shop", f"www.shop.{domain}": "shop", f"shop.{domain}/api/": "api", f"a.blog.{domain}": "blog",
        f"tools.{domain}": "tools", f"status.{domain}": "tools", f"blog.{domain}": 404, f"worker.{domain}": 404})
    assert ask(proxy, f"shop.{domain}", "/api/echo").body.startswith("GET /echo ")
    assert f"tools.{domain}" in explain(proxy, "--routes")


@pytest.mark.slow("it starts and ends five containers, compose's way")
@of_kind("traefik")
def test_sites_of_traefik(project):
    """What is not enabled is not there, and what asks for a password gets one."""
    proxy, domain = project.up(), project.domain
    wait_for_sites(proxy, {
        f"shop.{domain}": "shop", f"www.shop.{domain}": "shop", f"shop.{domain}/api": 308, f"shop.{domain}/api/": "api",
        f"admin.{domain}": 401, f"worker.{domain}": 404, domain: 404})
    echoed = ask(proxy, f"shop.{domain}", "/api/echo").body
    assert echoed.startswith("GET /echo ") and "x-forwarded-prefix: /api" in echoed.lower()
    assert server_in(ask(proxy, f"admin.{domain}", fields={"Authorization": "Basic dGVzdDp0ZXN0"}).body) == "admin"


@pytest.mark.slow("it starts and ends four containers, compose's way")
@of_kind("registrator")
def test_sites_of_registrator_and_fabio(project):
    """fabio's prefixes are compared byte by byte."""
    proxy, domain = project.up(), project.domain
    wait_for_sites(proxy, {
        f"shop.{domain}": "shop", f"www.shop.{domain}": "shop", f"shop.{domain}/api/": "api", f"worker.{domain}": 404})
    assert ask(proxy, f"shop.{domain}", "/api/echo").body.startswith("GET /echo ")
    assert "SERVICE_IGNORE" in explain(proxy)


@pytest.mark.slow("it starts and ends seven containers, compose's way; Consul's image is made the first time")
@pytest.mark.timeout(600)
@of_kind("consul")
def test_haproxy_consul_template_and_registrator(project):
    """The catalog has the appservers with an address and a port that belong together, and all of them are asked."""
    proxy = project.up("--scale", "appserver=3")
    mine = set(project.compose("ps", "--quiet", "appserver").split())
    addresses = {docker("container", "inspect", "--format",
                        "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name) for name in mine}
    assert len(addresses) == 3

    def catalog():
        """What Consul has of these containers: of other tests there may be more."""
        body = get("127.0.0.1", project.consul_port, "/v1/health/service/appserver")[1]
        entries = [(entry["Service"]["Address"], entry["Service"]["Port"], entry["Service"]["Meta"].get("lb-container"),
                    all(check["Status"] == "passing" for check in entry["Checks"])) for entry in json.loads(body)]
        return {entry for entry in entries if entry[2] in mine}

    wait_for("three that are well", lambda: {entry[3] for entry in catalog()} == {True} and len(catalog()) == 3)
    assert {entry[0] for entry in catalog()} == addresses and {entry[1] for entry in catalog()} == {8484}
    assert "SERVICE_IGNORE" in explain(proxy)
    hosts = {name[:12] for name in mine}
    wait_for("all three to answer", lambda: {server_in(ask(proxy, "any.test").body) for _ in range(9)} == hosts, 180)
    worker = project.compose("ps", "--quiet", "worker").split()[-1]
    assert worker not in get("127.0.0.1", project.consul_port, "/v1/agent/services")[1]
    docker("stop", "--time", "5", sorted(mine)[0])
    wait_for("one to leave the catalog", lambda: len(catalog()) == 2)


@pytest.mark.slow("it starts and ends five containers, compose's way; Consul's image is made the first time")
@pytest.mark.timeout(600)
def test_lb_discovery_in_registrators_place(bench, tmp_path):
    """The catalog has what registrator would have told: names, tags, addresses and ports inside, checks; and not what is ignored."""
    project = Project("registrator", bench.name("dropin").replace(".", ""), tmp_path, "docker-compose.drop-in.yml")
    try:
        project.compose("up", "--detach", "consul", "registrator", "shop", "api", "worker")

        def containers(site):
            return set(project.compose("ps", "--quiet", site).split())

        def entry(site):
            """What Consul has of the site's container, or None."""
            body = get("127.0.0.1", project.consul_port, f"/v1/health/service/{site}")[1]
            found = [one for one in json.loads(body) if one["Service"]["Meta"].get("lb-container") in containers(site)]
            return found[0] if found else None

        wait_for("both sites", lambda: entry("shop") and entry("api"))
        address = docker("container", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
                         containers("shop").pop())
        assert (entry("shop")["Service"]["Address"], entry("shop")["Service"]["Port"]) == (address, 8484)
        assert set(entry("shop")["Service"]["Tags"]) == {f"urlprefix-shop.{project.domain}/", f"urlprefix-www.shop.{project.domain}/"}
        assert entry("api")["Service"]["Tags"] == [f"urlprefix-shop.{project.domain}/api strip=/api"]
        wait_for("the check that the agent makes", lambda: {check["Status"] for check in entry("shop")["Checks"]} == {"passing"})
        assert containers("worker").pop() not in get("127.0.0.1", project.consul_port, "/v1/agent/services")[1]
        project.compose("stop", "--timeout", "5", "api")
        wait_for("api to leave the catalog", lambda: not entry("api"))
    finally:
        project.compose("down", "--timeout", "5")
