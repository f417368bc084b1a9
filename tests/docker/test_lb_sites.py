"""Several sites by lb's own labels, as deploy/ROUTES.md has them."""
import pytest

from conftest import docker, wait_for
from sites import ask, explain, wait_for_sites

FLAGS = ("--hold", "0", "--default-route", "404")
SLOW = pytest.mark.slow("containers begin and end one after the other")


@pytest.fixture
def domain(bench):
    return bench.name("site") + ".test"


@pytest.fixture
def serve(bench, network):
    """serve("shop", "lb.host=shop.test") starts an appserver of that name, with these labels."""
    def start(name, *labels, options=(), on=network, listen=8484):
        words = [word for label in labels for word in ("--label", label)]
        return bench.appserver(on, *words, *options, command=("--name", name, "--port", str(listen)))

    return start


@SLOW
def test_a_site_and_a_part_of_it(bench, network, domain, serve):
    service = bench.name("shop")
    serve("shop", f"lb.service={service}", f"lb.host=shop.{domain},*.shop.{domain}")
    serve("api", f"lb.service={service}-api", f"lb.host=shop.{domain}", "lb.path=/api", "lb.strip=true")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {
        f"shop.{domain}": "shop", f"www.shop.{domain}": "shop", f"shop.{domain}/api/": "api", f"shop.{domain}/api": 308,
        f"shop.{domain}/apis": 404, f"x.{domain}": 404})
    assert ask(balancer, f"shop.{domain}", "/api/echo").body.startswith("GET /echo ")
    assert ask(balancer, f"shop.{domain}", "/apis").headers.get("Content-Type", "").startswith("text/plain")
    told = explain(balancer, f"http://shop.{domain}/api/echo")
    assert f"to the service {service}-api" in told and "a server gets /echo" in told
    assert f"host shop.{domain}, path /api" in explain(balancer, "--routes")


@SLOW
def test_several_services_of_one_container(bench, network, domain, serve):
    first = serve("web", f"lb.web.host=web.{domain}", "lb.web.port=8484",
                  f"lb.metrics.host=metrics.{domain}", "lb.metrics.port=9001", options=("--expose", "9001"))
    serve("metrics", on=f"container:{first.name}", listen=9001)
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"web.{domain}": "web", f"metrics.{domain}": "metrics"})


@SLOW
def test_the_highest_priority_wins_and_misspelt_words_are_told(bench, network, domain, serve):
    name = bench.name("s")
    serve("exact", f"lb.service={name}1", f"lb.host=a.{domain}", "lb.wieght=3")
    first = serve("first", f"lb.service={name}2", f"lb.host=*.{domain}", "lb.priority=1")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"a.{domain}": "first", f"b.{domain}": "first"})
    assert "lb.wieght" in explain(balancer) and "lb.weight" in explain(balancer)
    docker("stop", "--time", "1", first.name)
    wait_for_sites(balancer, {f"a.{domain}": 503, f"b.{domain}": 503})


@SLOW
def test_who_says_nothing_is_left_out_where_words_are_required(bench, network, domain, serve):
    silent = serve("silent")
    serve("told", f"lb.service={bench.name('told')}", f"lb.host=told.{domain}")
    balancer = bench.lb(network, *FLAGS, "--require-label")
    wait_for_sites(balancer, {f"told.{domain}": "told"})
    assert "not routed" in explain(balancer, silent.name)
    assert balancer.left_out(silent.name)["reason"] == "disabled"


@SLOW
def test_dialects_are_chosen(bench, network, domain, serve):
    serve("nginx", options=("--env", f"VIRTUAL_HOST=nginx.{domain}"))
    serve("own", f"lb.service={bench.name('own')}", f"lb.host=own.{domain}")
    balancer = bench.lb(network, *FLAGS, "--dialects", "lb")
    wait_for_sites(balancer, {f"own.{domain}": "own", f"nginx.{domain}": 404})


@SLOW
def test_a_network_may_be_called_as_in_the_compose_file(bench, domain, serve):
    """compose puts the project before the name; the later one by name is chosen, so that it is no chance."""
    project = bench.name("project")
    back, front = f"{project}_back", f"{project}_front"
    for name in (back, front):
        docker("network", "create", *bench.labels(), name)
    words = ("--label", f"com.docker.compose.project={project}")
    own = serve("own", f"lb.service={project}-own", f"lb.host=own.{domain}", "lb.network=front", options=words, on=back)
    theirs = serve("theirs", f"traefik.http.routers.{project}.rule=Host(`theirs.{domain}`)", "traefik.docker.network=front",
                   options=words, on=back)
    for container in (own, theirs):
        docker("network", "connect", front, container.name)
    balancer = bench.lb(back, *FLAGS)
    docker("network", "connect", front, balancer.name)
    wait_for_sites(balancer, {f"own.{domain}": "own", f"theirs.{domain}": "theirs"})
    for container in (own, theirs):
        wait_for("its address", lambda: container.address(front) in explain(balancer, container.name))
