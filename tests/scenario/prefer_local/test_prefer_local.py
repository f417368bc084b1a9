"""--prefer local: the endpoints of lb's own host get everything while they are healthy, and less in proportion when
they are not; by each way to balance, for requests, connections and flows."""

import collections
import json
import re

import pytest

from support.client import RawClient
from support.datagrams import UdpClient, UdpServer
from support.discovery import endpoint, route_line
from support.free_port import free_port, free_udp_port
from support.program import run
from support.tcp import Server, say, take
from support.waiting import wait_for

HERE = ("here1", "here2")
THERE = ("there1", "there2")
WAYS = ("round-robin", "least-requests", "hash header X-User", "sticky round-robin", "sticky least-requests")


def host_of(name):
    return name[:-1]


class Site:
    """Two servers of this host and two of another, as a fake discovery tells of them."""

    def __init__(self, discovery, servers, **common):
        self.discovery = discovery
        self.servers = servers
        self.common = common
        self.options = {}
        self.local = set(HERE)

    def tell(self, **states):
        """A line with all of them, ready but for those named; None: gone."""
        listed = [endpoint(name, server.address, states.get(name, "ready"), id=f"id-{name}",
                           **({"local": True} if name in self.local else {}), **self.common)
                  for name, server in self.servers.items() if states.get(name, "ready")]
        line = route_line({"app": listed}, [{"service": "app"}] if not self.common else [])
        line["services"][0]["options"] = self.options
        self.discovery.send_line(line)
        return self


@pytest.fixture(name="site")
def make_site(discovery, start_appserver):
    return Site(discovery, {name: start_appserver(name) for name in (*HERE, *THERE)})


@pytest.fixture
def start(start_lb, discovery, site):
    def start_it(*flags):
        lb = start_lb(*discovery.flags, *flags)
        site.tell()
        return lb.wait_ready(4)
    return start_it


def ask(lb, count, fields=lambda number: []):
    """Who answered, and how often."""
    with RawClient(lb.address) as client:
        names = []
        for number in range(count):
            answer = client.get(fields=[f"X-User: {number}", *fields(number)])
            assert answer.status == 200
            names.append(re.search(rb"served from (\w+)!", answer.body)[1].decode())
    return collections.Counter(names)


def here(counts):
    return sum(count for name, count in counts.items() if host_of(name) == "here")


def wait_share(look, low, high=None):
    """Until of a hundred so many are served here."""
    wait_for(lambda: low <= here(look()) <= (high or low), f"{low} to {high or low} of 100 are served here")


@pytest.mark.parametrize("way", WAYS)
def test_there_and_back(way, start, site):
    lb = start("--prefer=local", f"--balance={way}", "--workers=2")
    leeway = 12 if way.startswith("hash") else 1

    def look():
        return ask(lb, 100)

    wait_share(look, 100)
    site.tell(here1="unhealthy")
    wait_share(look, 70 - leeway, 70 + leeway)
    site.tell(here1="unhealthy", here2="unhealthy")
    wait_share(look, 0)
    site.tell(here1="unhealthy")
    wait_share(look, 70 - leeway, 70 + leeway)
    site.tell()
    wait_share(look, 100)
    site.tell(there1="unhealthy", there2=None)
    wait_share(look, 100)


def test_shares_are_exact_and_even_on_each_side(start, site):
    lb = start("--prefer=local", "--workers=2")
    site.tell(here1="unhealthy")
    wait_share(lambda: ask(lb, 100), 69, 71)
    wait_for(lambda: ask(lb, 200) == {"here2": 140, "there1": 30, "there2": 30}, "140 to 30 to 30")


def test_without_it_all_are_alike(start, site):
    lb = start()
    assert ask(lb, 100) == dict.fromkeys((*HERE, *THERE), 25)
    site.options = {"prefer": "local"}  # one service by itself
    site.tell()
    wait_share(lambda: ask(lb, 100), 100)
    page = lb.metrics()
    assert page.value("lb_service_local_share_percent", service="app") == 100
    assert page.value("lb_endpoint_local", name="here1") == 1
    assert page.value("lb_endpoint_local", name="there1") == 0


def test_a_service_may_not_want_it(start, site):
    site.options = {"prefer": "none"}
    lb = start("--prefer=local")
    assert ask(lb, 100) == dict.fromkeys((*HERE, *THERE), 25)


def test_sighup_switches_it(start, site, tmp_path):
    settings = tmp_path / "lb.json"
    settings.write_text("{}")
    lb = start(f"--config={settings}")
    assert ask(lb, 100) == dict.fromkeys((*HERE, *THERE), 25)
    settings.write_text(json.dumps({"prefer": "local"}))
    lb.reload()
    wait_share(lambda: ask(lb, 100), 100)
    settings.write_text(json.dumps({"prefer": "none"}))
    lb.reload()
    wait_share(lambda: ask(lb, 100), 50)


def test_what_is_local_may_change(start, site):
    lb = start("--prefer=local")
    wait_share(lambda: ask(lb, 100), 100)
    site.local = set(THERE)
    site.tell()
    wait_share(lambda: ask(lb, 100), 0)
    assert sum(e["requests"] for e in lb.endpoints().values()) >= 200  # they are the same ones


def test_who_leaves_is_not_missing(start, site):
    """The other one takes over: what is drained was meant to go."""
    lb = start("--prefer=local")
    site.tell(here1="draining")
    lb.wait_states(here1="draining", here2="ready", there1="ready", there2="ready")
    wait_for(lambda: ask(lb, 50) == {"here2": 50}, "the other local one has all")


def test_the_cookie_wins(start, site):
    lb = start("--prefer=local", "--balance=sticky round-robin")
    site.tell(here1="unhealthy", here2="unhealthy")
    wait_share(lambda: ask(lb, 100), 0)
    with RawClient(lb.address) as client:
        answer = client.get()
    cookie = answer.head.get("set-cookie").partition(";")[0]
    seat = re.search(rb"served from (\w+)!", answer.body)[1].decode()
    site.tell()
    wait_share(lambda: ask(lb, 100), 100)
    assert ask(lb, 20, lambda number: [f"Cookie: {cookie}"]) == {seat: 20}


def test_local_ones_that_refuse_cost_nobody_an_answer(start, site):
    """Before anybody says so: the others are asked."""
    lb = start("--prefer=local", "--eject-after=off")
    wait_share(lambda: ask(lb, 100), 100)
    for name in HERE:
        site.servers[name].stop()
    counts = ask(lb, 50)
    assert here(counts) == 0 and counts.total() == 50


def test_explain_and_pool_say_why(start, site):
    lb = start("--prefer=local")

    def explain(name):
        return run("lb", "explain", name, "--admin=%s:%d" % lb.admin).stdout

    assert "on another host: local ones are preferred and get all requests" in explain("there1")
    assert "on this host, which is preferred" in explain("here1")
    site.tell(here1="unhealthy")
    wait_for(lambda: "local ones are preferred and get 70 % of the requests" in explain("there1"), "it says 70 %")
    service = lb.pool()["services"][0]
    assert service["local_share_percent"] == 70
    by_name = {e["name"]: e for e in service["endpoints"]}
    assert by_name["here2"]["local"] is True and "local" not in by_name["there1"]
    assert by_name["there1"]["place"].startswith("on another host")


def test_backends_at_loopback_are_local(start_lb, start_appserver):
    lb = start_lb("--prefer=local", "--workers=1", backends=[start_appserver("here1"), start_appserver("here2")])
    assert all(e["local"] for e in lb.endpoints().values())
    assert ask(lb, 20) == {"here1": 10, "here2": 10}


# ---- connections and flows ---------------------------------------------------------------------


@pytest.mark.parametrize("way, leeway", [("", 1), ("round-robin", 1), ("hash connection", 15)])
def test_connections(way, leeway, start_lb, discovery, cleanup):
    servers = {name: Server(say(name.encode().ljust(8))) for name in (*HERE, *THERE)}
    for server in servers.values():
        cleanup.callback(server.close)
    site = Site(discovery, servers, protocol="tcp")
    site.options = {"balance": way} if way else {}
    port = free_port()
    lb = start_lb(f"--tcp=127.0.0.1:{port}=app", "--prefer=local", "--workers=2", *discovery.flags)
    site.tell()
    lb.wait_ready(4)

    def look():
        names = []
        for _ in range(100):
            with RawClient(("127.0.0.1", port)) as client:
                names.append(take(client.sock, 8).decode().strip())
        return collections.Counter(names)

    wait_share(look, 100)
    site.tell(here2="unhealthy")
    wait_share(look, 70 - leeway, 70 + leeway)
    site.tell(here1="unhealthy", here2="unhealthy")
    wait_share(look, 0)
    site.tell()
    wait_share(look, 100)


def test_those_at_their_limit_leave_the_rest_to_others(start_lb, discovery, cleanup):
    """Nobody waits while anybody has a place."""
    servers = {name: Server(say(name.encode().ljust(8))) for name in (*HERE, *THERE)}
    for server in servers.values():
        cleanup.callback(server.close)
    site = Site(discovery, servers, protocol="tcp")
    port = free_port()
    lb = start_lb(f"--tcp=127.0.0.1:{port}=app", "--prefer=local", "--max-inflight=2", *discovery.flags)
    site.tell()
    lb.wait_ready(4)
    names = []
    for _ in range(8):
        client = RawClient(("127.0.0.1", port))
        cleanup.callback(client.close)
        names.append(take(client.sock, 8).decode().strip())
    assert collections.Counter(names[:4]) == dict.fromkeys(HERE, 2)
    assert collections.Counter(names[4:]) == dict.fromkeys(THERE, 2)


@pytest.mark.parametrize("way, leeway", [("", 15), ("round-robin", 1), ("least-requests", 1)])
def test_flows(way, leeway, start_lb, discovery, cleanup):
    servers = {name: UdpServer(name, (f"127.0.0.{41 + i}", 0)) for i, name in enumerate((*HERE, *THERE))}
    for server in servers.values():
        cleanup.callback(server.close)
    site = Site(discovery, servers, protocol="udp")
    site.options = {"balance": way} if way else {}
    port = free_udp_port("127.0.0.1")
    lb = start_lb(f"--udp=127.0.0.1:{port}=app", "--prefer=local", "--workers=2", *discovery.flags)
    site.tell()
    lb.wait_ready(4)

    def look():
        names = []
        for _ in range(100):
            with UdpClient(("127.0.0.1", port)) as client:
                names.append(client.ask())
        return collections.Counter(names)

    wait_share(look, 100)
    site.tell(here2="unhealthy")
    wait_share(look, 70 - leeway, 70 + leeway)
    site.tell(here1="unhealthy", here2="unhealthy")
    wait_share(look, 0)
    site.tell()
    wait_share(look, 100)
