"""nginx-proxy's own situations: containers that say VIRTUAL_HOST and its like, on a real engine."""
import ipaddress
import json
import random

import pytest

from conftest import docker, free_port, wait_for
from sites import ask, explain, targets, wait_for_sites, who

# A site without a server is answered at once, and so is a host that nobody has.
FLAGS = ("--hold", "0", "--default-route", "404")
SLOW = pytest.mark.slow("containers begin and end one after the other")


@pytest.fixture
def domain(bench):
    return bench.name("site") + ".test"


@pytest.fixture
def serve(bench, network):
    """serve("web1", VIRTUAL_HOST="a.test") starts an appserver of that name."""
    def start(name, *options, on=network, listen=8484, **environment):
        words = [word for key, value in environment.items() for word in ("--env", f"{key}={value}")]
        return bench.appserver(on, *words, *options, command=("--name", name, "--port", str(listen)))

    return start


@SLOW
def test_multiple_hosts(bench, network, domain, serve):
    """Blanks and empty items count for nothing; who has no name, or an empty one, is not to be had."""
    serve("one", VIRTUAL_HOST=f",a.{domain}, b.{domain} ,")
    serve("two", VIRTUAL_HOST=f"c.{domain}")
    nameless, empty = serve("nameless"), serve("empty", VIRTUAL_HOST="")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"a.{domain}": "one", f"b.{domain}": "one", f"c.{domain}": "two", domain: 404,
                              f"x.{domain}": 404, nameless.name: 404, empty.name: 404, f"A.{domain.upper()}": "one",
                              f"a.{domain}:1234": "one", f"a.{domain}.": "one"})


@SLOW
def test_ports(bench, network, domain, serve):
    """VIRTUAL_PORT, else the only one that is exposed, else 80, exposed or not."""
    serve("only", VIRTUAL_HOST=f"only.{domain}")
    serve("told", "--expose", "9090", VIRTUAL_HOST=f"told.{domain}", VIRTUAL_PORT=9090, listen=9090)
    serve("eighty", "--expose", "80", VIRTUAL_HOST=f"eighty.{domain}", listen=80)
    serve("neither", "--expose", "9000", VIRTUAL_HOST=f"neither.{domain}", listen=80)
    serve("silent", VIRTUAL_HOST=f"silent.{domain}", VIRTUAL_PORT=90)
    serve("left", VIRTUAL_HOST=f"both.{domain}")
    serve("right", VIRTUAL_HOST=f"both.{domain}", VIRTUAL_PORT=9091, listen=9091)
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"only.{domain}": "only", f"told.{domain}": "told", f"eighty.{domain}": "eighty",
                              f"neither.{domain}": "neither", f"silent.{domain}": 503, f"both.{domain}": {"left", "right"}})
    assert ask(balancer, f"silent.{domain}").headers.get("Retry-After")


@SLOW
def test_ports_of_one_container(bench, network, domain, serve):
    """VIRTUAL_HOST_MULTIPORTS, as YAML and as JSON; VIRTUAL_HOST beside it does not count."""
    ports = (f"www.{domain}:\napi.{domain}:\n  \"/\":\n    port: 9001\n"
             f"paths.{domain}:\n  \"/\":\n  \"/second/\":\n    port: 9001\n    dest: \"/\"\n")
    first = serve("first", "--expose", "9001", VIRTUAL_HOST=f"skipped.{domain}", VIRTUAL_HOST_MULTIPORTS=ports, listen=80)
    serve("second", on=f"container:{first.name}", listen=9001)
    serve("json", VIRTUAL_HOST_MULTIPORTS=json.dumps({f"json.{domain}": {"/": {"port": 8484}}}))
    serve("broken", VIRTUAL_HOST_MULTIPORTS=f"broken.{domain}:\n  \"/\": {{port: 1\n")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"www.{domain}": "first", f"api.{domain}": "second", f"paths.{domain}": "first",
                              f"paths.{domain}/second/": "second", f"skipped.{domain}": 404, f"json.{domain}": "json",
                              f"broken.{domain}": 404})
    assert "VIRTUAL_HOST_MULTIPORTS cannot be used" in explain(balancer)


@SLOW
def test_ports_of_several_containers_are_one_pool(bench, network, domain, serve):
    """A host and path that one container names by VIRTUAL_HOST and another by VIRTUAL_HOST_MULTIPORTS."""
    host = f"merged.{domain}"
    serve("plain", VIRTUAL_HOST=host, VIRTUAL_PORT=9001, listen=9001)
    serve("path", VIRTUAL_HOST=host, VIRTUAL_PATH="/app/", VIRTUAL_DEST="/")
    serve("several", VIRTUAL_HOST_MULTIPORTS=json.dumps({host: {"/": {"port": 9002}, "/app/": {"port": 9002, "dest": "/"}}}),
          listen=9002)
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {host: {"plain", "several"}, f"{host}/app/": {"path", "several"}})


@SLOW
def test_paths(bench, network, domain, serve):
    """The longest path wins, byte by byte; a destination takes its place; elsewhere there is nothing."""
    host = f"web.{domain}"
    serve("one", VIRTUAL_HOST=host, VIRTUAL_PATH="/web1/", VIRTUAL_DEST="/")
    serve("two", VIRTUAL_HOST=host, VIRTUAL_PATH="/web2/", VIRTUAL_DEST="/")
    serve("three", VIRTUAL_HOST=host, VIRTUAL_PATH="/web2/deep/", VIRTUAL_DEST="/")
    plain = serve("plain", VIRTUAL_HOST=host, VIRTUAL_PATH="/app")
    regex = serve("regex", VIRTUAL_HOST=host, VIRTUAL_PATH="~^/(r1|r2)/")
    based = serve("based", VIRTUAL_HOST=host, VIRTUAL_PATH="/base/", VIRTUAL_DEST="/status/")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"{host}/web1/": "one", f"{host}/web2/": "two", f"{host}/web2/deep/": "three", host: 404,
                              f"{host}/foo": 404, f"{host}/APP": 404, f"{host}/base/299": 299, f"{host}/r3/": 404})
    echoed = ask(balancer, host, "/web1/echo?x=%2F").body
    assert echoed.startswith("GET /echo?x=%2F HTTP/1.1") and "x-forwarded-prefix: /web1" in echoed.lower()
    for path in ("/app", "/app/x?y=1", "/apple", "/r1/x", "/r2/y"):
        ask(balancer, host, path)
    wait_for("the servers' logs", lambda: (targets(plain), targets(regex)) ==
             (["/app", "/app/x?y=1", "/apple"], ["/r1/x", "/r2/y"]))
    assert targets(based) == ["/status/299"] * len(targets(based))
    assert ask(balancer, host, "/web1/../web2/").status == 200


@SLOW
def test_hot_plug_and_removal(bench, network, domain, serve):
    """A part of a site comes and goes; the rest does not notice. Its path is kept for 30 s, then it is gone."""
    host = f"web.{domain}"
    serve("rest", VIRTUAL_HOST=host, VIRTUAL_PATH="/rest/", VIRTUAL_DEST="/")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"{host}/rest/": "rest", f"{host}/web4/": 404})
    part = serve("part", VIRTUAL_HOST=host, VIRTUAL_PATH="/web4/", VIRTUAL_DEST="/")
    wait_for_sites(balancer, {f"{host}/rest/": "rest", f"{host}/web4/": "part"})
    docker("rm", "--force", part.name)
    wait_for_sites(balancer, {f"{host}/rest/": "rest", f"{host}/web4/": 503}, 10)
    wait_for_sites(balancer, {f"{host}/rest/": "rest", f"{host}/web4/": 404}, 60)


@SLOW
def test_server_down(bench, network, domain, serve):
    """Its site is known and has nobody; no other site gets its requests; it comes back by itself."""
    down = serve("down", VIRTUAL_HOST=f"down.{domain}")
    serve("other", VIRTUAL_HOST=f"*.{domain}")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"down.{domain}": "down", f"x.{domain}": "other"})
    docker("kill", down.name)
    wait_for_sites(balancer, {f"down.{domain}": 503, f"x.{domain}": "other"})
    assert ask(balancer, f"down.{domain}").headers.get("Retry-After")
    docker("start", down.name)
    wait_for_sites(balancer, {f"down.{domain}": "down", f"x.{domain}": "other"})


@SLOW
def test_loadbalancing(bench, network, domain, serve):
    names = {"one", "two", "three"}
    for name in names:
        serve(name, VIRTUAL_HOST=f"web.{domain}")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"web.{domain}": names})
    turns = [who(balancer, f"web.{domain}") for _ in range(9)]
    assert all(turns.count(name) == 3 for name in names)


@SLOW
def test_several_networks(bench, network, domain, serve):
    """Who is on two networks with lb is one server; who is on none of lb's has a site without a server."""
    second, far = bench.network(), bench.network()
    both = serve("both", VIRTUAL_HOST=f"both.{domain}")
    docker("network", "connect", second, both.name)
    serve("second", VIRTUAL_HOST=f"second.{domain}", on=second)
    serve("far", VIRTUAL_HOST=f"far.{domain}", on=far)
    balancer = bench.lb(network, *FLAGS)
    docker("network", "connect", second, balancer.name)
    wanted = {f"both.{domain}": "both", f"second.{domain}": "second", f"far.{domain}": 503, f"x.{domain}": 404}
    wait_for_sites(balancer, wanted)
    balancer.restart(network)
    wait_for_sites(balancer, wanted)
    assert len(balancer.endpoints(f"both.{domain}")) == 1
    assert "lb is on" in explain(balancer)


@SLOW
def test_a_network_that_cannot_be_reached(bench, network, domain, serve):
    """Its site is known and has nobody until it is connected; no other site is disturbed."""
    far = serve("far", VIRTUAL_HOST=f"far.{domain}", on=bench.network())
    serve("none", VIRTUAL_HOST=f"none.{domain}", on="none")
    serve("near", VIRTUAL_HOST=f"near.{domain}")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"near.{domain}": "near", f"far.{domain}": 503, f"none.{domain}": 503})
    docker("network", "connect", network, far.name)
    wait_for_sites(balancer, {f"near.{domain}": "near", f"far.{domain}": "far", f"none.{domain}": 503})
    docker("network", "disconnect", network, far.name)
    wait_for_sites(balancer, {f"near.{domain}": "near", f"far.{domain}": 503, f"none.{domain}": 503})


@SLOW
def test_a_site_whose_containers_are_replaced_one_by_one(bench, network, domain, serve):
    """Others of the same host come and the first go, as an update does it; it answers all the time."""
    host = f"web.{domain}"
    old = [serve(f"old{number}", VIRTUAL_HOST=host) for number in range(2)]
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {host: {"old0", "old1"}})
    for number, container in enumerate(old):
        serve(f"new{number}", VIRTUAL_HOST=host)
        wait_for("the new one", lambda: f"new{number}" in {who(balancer, host) for _ in range(6)})
        docker("stop", "--time", "5", container.name)
        assert {who(balancer, host) for _ in range(6)} <= {"old0", "old1", "new0", "new1"} - {f"old{n}" for n in range(number + 1)}
        docker("rm", container.name)
    wait_for_sites(balancer, {host: {"new0", "new1"}})


@SLOW
@pytest.mark.parametrize("is_lb_on_host", [False, True], ids=["lb on a bridge", "lb on the host"])
def test_host_network(bench, network, domain, serve, is_lb_on_host):
    port = free_port()
    serve("host", VIRTUAL_HOST=f"host.{domain}", VIRTUAL_PORT=port, on="host", listen=port)
    serve("bridge", VIRTUAL_HOST=f"bridge.{domain}")
    if is_lb_on_host:
        balancer = bench.lb("host", *FLAGS, port=free_port(), admin_port=free_port())
    else:
        balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"host.{domain}": "host", f"bridge.{domain}": "bridge"})


@SLOW
def test_default_host(bench, network, domain, serve):
    """DEFAULT_HOST on the proxy, as written in one VIRTUAL_HOST; another word is as none."""
    serve("one", VIRTUAL_HOST=f"one.{domain}")
    serve("two", VIRTUAL_HOST=f"two.{domain}")
    given = bench.lb(network, *FLAGS, options=("--env", f"DEFAULT_HOST=one.{domain}"))
    wrong = bench.lb(network, *FLAGS, options=("--env", f"DEFAULT_HOST=none.{domain}"))
    wait_for_sites(given, {f"x.{domain}": "one", f"two.{domain}": "two", f"one.{domain}": "one"})
    wait_for_sites(wrong, {f"x.{domain}": 404, f"two.{domain}": "two"})


@SLOW
def test_wildcards_and_regexes(bench, network, domain, serve):
    serve("star", VIRTUAL_HOST=f"*.{domain}")
    serve("longer", VIRTUAL_HOST=f"*.b.{domain}")
    serve("exact", VIRTUAL_HOST=f"a.{domain}")
    serve("tail", VIRTUAL_HOST=f"www.{domain.removesuffix('.test')}.*")
    regex = domain.replace(".", r"\.")
    serve("regex", VIRTUAL_HOST=rf"~^web\d+\..*\.{regex}-regexp")
    serve("closed", VIRTUAL_HOST=rf"~^web4\..*\.{regex}-closed$")
    balancer = bench.lb(network, *FLAGS)
    stem = domain.removesuffix(".test")
    wait_for_sites(balancer, {
        f"a.{domain}": "exact", f"f00.{domain}": "star", f"d.c.{domain}": "star", domain: 404, f"q.b.{domain}": "longer",
        f"b.{domain}": "star", f"www.{domain}": "star", f"www.{stem}.org": "tail", f"www.{stem}.co.uk": "tail",
        f"web3.123.{domain}-regexp": "regex", f"web3.x.{domain}-regexp-to-infinity": "regex", f"web4.w.{domain}-closed": "closed",
        f"web4.w.{domain}-closed-and-beyond": 404})


@SLOW
def test_raw_ip(bench, network, domain, serve):
    address = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"
    literal = f"fd00::{random.randrange(1, 65536):x}:{random.randrange(1, 65536):x}"
    serve("ip", VIRTUAL_HOST=f"{address},[{literal}]")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {address: "ip", f"{address}:80": "ip", f"[{literal}]": "ip", f"[{literal}]:80": "ip"})


def network_of_public_addresses(bench):
    """Addresses that are for books (RFC 5737); another run may have some of them."""
    name = bench.name("public")
    for subnet in random.sample(list(ipaddress.ip_network("198.51.100.0/24").subnets(new_prefix=29)), 8):
        if not docker("network", "create", "--subnet", subnet, *bench.labels(), name, check=False):
            continue
        return name
    raise AssertionError("the engine has no room for one more network of 198.51.100.0/24")


@SLOW
def test_internal(bench, network, domain, serve):
    """NETWORK_ACCESS=internal: clients with private addresses only, and for one path alone where that is said."""
    serve("all", VIRTUAL_HOST=f"open.{domain}")
    serve("inner", VIRTUAL_HOST=f"inner.{domain}", NETWORK_ACCESS="internal")
    serve("path", VIRTUAL_HOST=f"open.{domain}", VIRTUAL_PATH="/inner/", VIRTUAL_DEST="/", NETWORK_ACCESS="internal")
    outside = network_of_public_addresses(bench)
    balancer = bench.lb(network, *FLAGS)
    docker("network", "connect", outside, balancer.name)
    wait_for_sites(balancer, {f"open.{domain}": "all", f"inner.{domain}": "inner", f"open.{domain}/inner/": "path"})
    balancer.host = balancer.address(outside)
    wait_for_sites(balancer, {f"open.{domain}": "all", f"inner.{domain}": 403, f"open.{domain}/inner/": 403})


@SLOW
def test_internal_is_what_the_proxy_says_where_a_container_says_nothing(bench, network, domain, serve):
    serve("silent", VIRTUAL_HOST=f"silent.{domain}")
    serve("open", VIRTUAL_HOST=f"open.{domain}", NETWORK_ACCESS="external")
    outside = network_of_public_addresses(bench)
    balancer = bench.lb(network, *FLAGS, options=("--env", "NETWORK_ACCESS=internal"))
    docker("network", "connect", outside, balancer.name)
    wait_for_sites(balancer, {f"silent.{domain}": "silent", f"open.{domain}": "open"})
    balancer.host = balancer.address(outside)
    wait_for_sites(balancer, {f"silent.{domain}": 403, f"open.{domain}": "open"})


@SLOW
def test_what_is_not_supported_is_told(bench, network, domain, serve):
    serve("tls", VIRTUAL_HOST=f"tls.{domain}", LETSENCRYPT_HOST=f"tls.{domain}", HTTPS_METHOD="nohttp")
    serve("fcgi", VIRTUAL_HOST=f"fcgi.{domain}", VIRTUAL_PROTO="fastcgi")
    balancer = bench.lb(network, *FLAGS)
    wait_for("the site", lambda: who(balancer, f"tls.{domain}") == "tls")
    told = explain(balancer)
    assert "VIRTUAL_PROTO" in told
    assert who(balancer, f"fcgi.{domain}") == 503
