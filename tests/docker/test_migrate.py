"""deploy/migrate: the compose files of other proxies' users, with lb in the proxy's place."""
import os
import subprocess

import pytest
import yaml

from conftest import LABEL, TAG, TOP, LoadBalancer, free_port, server_in
from sites import ask, explain, wait_for_sites

FOLDER = TOP / "deploy" / "migrate"
KINDS = ("nginx-proxy", "traefik", "registrator")
# Each kind's own programs, in the place of which is lb.
PROXIES = {"proxy", "consul", "registrator"}


def services(kind, file):
    return yaml.safe_load((FOLDER / kind / file).read_text())["services"]


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_proxy_is_another_one(kind):
    theirs, ours = services(kind, "docker-compose.yml"), services(kind, "docker-compose.lb.yml")
    sites = {name: service for name, service in theirs.items() if name not in PROXIES}
    assert sites == {name: service for name, service in ours.items() if name != "proxy"}
    assert ours["proxy"]["image"] == "lb" and len(sites) > 2


class Project:
    """What docker-compose makes of one of the files, with the images and labels of the tests."""

    def __init__(self, kind, name, folder):
        self.kind, self.name, self.domain, self.port = kind, name, f"{name}.test", free_port()
        names = services(kind, "docker-compose.lb.yml")
        sites = {site: {"image": f"appserver:{TAG}", "labels": [LABEL], "command": ["--name", site],
                        "healthcheck": {"disable": True}} for site in names if site != "proxy"}
        self.override = folder / "override.yml"
        self.override.write_text(yaml.safe_dump({"version": "3.8", "networks": {"default": {"labels": [LABEL]}}, "services": {
            "proxy": {"image": f"lb:{TAG}", "labels": [LABEL],
                      "environment": {"LB_DEFAULT_ROUTE": "404", "LB_HOLD": "0"}}, **sites}}))

    def compose(self, *words):
        done = subprocess.run(
            ["docker-compose", "--project-name", self.name, "--file", str(FOLDER / self.kind / "docker-compose.lb.yml"),
             "--file", str(self.override), *words], stdin=subprocess.DEVNULL, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=300, env={**os.environ, "PORT": str(self.port), "DOMAIN": self.domain,
                                                        "DOCKER_GID": str(os.stat("/var/run/docker.sock").st_gid)})
        assert done.returncode == 0, done.stdout
        return done.stdout

    def up(self):
        self.compose("up", "--detach")
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
