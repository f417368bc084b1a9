"""What a route and a service ask for, by labels on real containers."""
import collections
import concurrent.futures
import http.client
import subprocess
import time

import pytest

from conftest import docker, server_in, wait_for
from sites import ask, explain, targets, wait_for_sites
from test_hold import Clients

FLAGS = ("--default-route", "404")
SLOW = pytest.mark.slow("containers begin and end one after the other")


@pytest.fixture
def domain(bench):
    return bench.name("site") + ".test"


@pytest.fixture
def serve(bench, network):
    """serve("shop", "lb.host=shop.test") starts an appserver of that name, with these labels."""
    def start(name, *labels):
        words = [word for label in labels for word in ("--label", label)]
        return bench.appserver(network, *words, command=("--name", name))

    return start


class SiteClients(Clients):
    """Each keeps its connection, and asks one site."""

    def __init__(self, balancer, host, path="/", count=4):
        super().__init__(balancer, count)
        self.host, self.path = host, path

    def run(self):
        connection = http.client.HTTPConnection(self.balancer.host, self.balancer.port, timeout=70)
        while not self.stop.is_set():
            try:
                connection.request("GET", self.path, headers={"Host": self.host})
                answer = connection.getresponse()
                body = answer.read()
                if answer.status != 200:
                    self.faults.append((answer.status, body))
            except OSError as fault:
                self.faults.append(repr(fault))
                connection.close()
            self.done += 1
        connection.close()


def order(balancer, *words):
    return docker("exec", balancer.name, "lb", "ctl", *words)


def count(balancer, host, requests=100):
    return collections.Counter(server_in(ask(balancer, host).body) for _ in range(requests))


def hashed(password):
    return subprocess.run(["openssl", "passwd", "-6", password], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


@SLOW
def test_options_come_and_go_with_the_container_that_says_them(bench, network, domain, serve):
    first = serve("first", f"lb.host=a.{domain}", f"lb.auth=anna:{hashed('secret')}", "lb.response-headers=X-Frame-Options: DENY")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"a.{domain}": 401})
    assert ask(balancer, f"a.{domain}").headers["WWW-Authenticate"].startswith("Basic realm=")
    answer = ask(balancer, f"a.{domain}", fields={"Authorization": "Basic YW5uYTpzZWNyZXQ="})
    assert (answer.status, answer.headers["X-Frame-Options"]) == (200, "DENY")
    docker("rm", "--force", first.name)
    serve("second", f"lb.host=a.{domain}", "lb.rate=1/m burst 3")
    wait_for("the other options", lambda: ask(balancer, f"a.{domain}").status in (200, 429))
    answers = [ask(balancer, f"a.{domain}") for _ in range(4)]
    assert answers[-1].status == 429 and int(answers[-1].headers["Retry-After"]) > 0
    assert "rate 1/m burst 3" in explain(balancer, f"http://a.{domain}/")


def test_a_value_that_cannot_be_used_opens_no_door_and_is_told(bench, network, domain, serve):
    server = serve("one", f"lb.service={bench.name('shop')}", f"lb.host=a.{domain}", "lb.rate=fast")
    balancer = bench.lb(network, *FLAGS, "--hold", "0")
    told = wait_for("what is told of it", lambda: explain(balancer, server.name))
    assert ask(balancer, f"a.{domain}").status == 503
    assert "its route is answered with 503 by lb itself" in told and "a rate such as 100/s" in told


@SLOW
def test_a_canary_has_its_share_however_many_containers_there_are(bench, network, domain, serve):
    service = bench.name("shop")
    old, new = (f"lb.service={service}", f"lb.host=a.{domain}"), (f"lb.service={service}-next", f"lb.host=a.{domain}",
                                                                 "lb.service.weight=10")
    for _ in range(3):
        serve("old", *old)
    canary = serve("new", *new)
    balancer = bench.lb(network, *FLAGS)
    wait_for("both services", lambda: len(balancer.active(service)) == 3 and len(balancer.active(f"{service}-next")) == 1)
    assert count(balancer, f"a.{domain}") == {"old": 90, "new": 10}
    second = serve("new", *new)
    wait_for("a second canary", lambda: second.name in balancer.active(f"{service}-next"))
    assert count(balancer, f"a.{domain}") == {"old": 90, "new": 10}
    order(balancer, "share", f"{service}-next", "50")
    assert count(balancer, f"a.{domain}") == {"old": 50, "new": 50}
    told = explain(balancer, f"http://a.{domain}/")
    assert "50 %" in told and "by order" in told and canary.name in told
    docker("rm", "--force", canary.name, second.name)
    wait_for_sites(balancer, {f"a.{domain}": "old"})
    assert count(balancer, f"a.{domain}", 20) == {"old": 20}


@SLOW
def test_sticky_clients_find_their_server_again(bench, network, domain, serve):
    service = bench.name("shop")
    labels = (f"lb.service={service}", f"lb.host=a.{domain}", "lb.balance=sticky")
    servers = {name: serve(name, *labels) for name in ("one", "two", "three")}
    balancer = bench.lb(network, *FLAGS)
    balancer.wait_for_active([server.name for server in servers.values()], service)
    first = ask(balancer, f"a.{domain}")
    mine = {"Cookie": first.headers["Set-Cookie"].partition(";")[0]}
    name = server_in(first.body)

    def again():
        return ask(balancer, f"a.{domain}", fields=mine)

    assert {server_in(again().body) for _ in range(12)} == {name}
    balancer.restart(network, "--time", "10")
    wait_for("all of them", lambda: len(balancer.active(service)) == 3)
    assert {server_in(again().body) for _ in range(12)} == {name}
    docker("stop", "--time", "1", servers[name].name)
    moved = again()
    assert moved.status == 200 and server_in(moved.body) != name and "Set-Cookie" in moved.headers


def test_a_server_that_takes_one_request_at_a_time(bench, network, domain, serve):
    """Four clients that keep their connections: all are served, one after the other."""
    service = bench.name("shop")
    server = serve("one", f"lb.service={service}", f"lb.host=a.{domain}", "lb.max-inflight=1")
    balancer = bench.lb(network, *FLAGS)
    balancer.wait_for_active([server.name], service)

    def work(_):
        connection = http.client.HTTPConnection(balancer.host, balancer.port, timeout=30)
        statuses = []
        for _ in range(5):
            connection.request("GET", "/delay/50", headers={"Host": f"a.{domain}"})
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
        return statuses

    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        statuses = [status for each in threads.map(work, range(4)) for status in each]
    assert statuses == [200] * 20 and time.monotonic() - began >= 20 * 0.05
    assert balancer.endpoints(service)[server.name]["max_inflight"] == 1
    assert "at most 1 at a time" in explain(balancer, server.name)


@SLOW
def test_all_servers_are_exchanged_while_their_service_is_paused(bench, network, domain, serve):
    service = bench.name("shop")
    labels = (f"lb.service={service}", f"lb.host=a.{domain}")
    first = [serve("old", *labels).name for _ in range(2)]
    balancer = bench.lb(network, *FLAGS)
    balancer.wait_for_active(first, service)
    with SiteClients(balancer, f"a.{domain}") as clients:
        wait_for("traffic", lambda: clients.done > 100)
        order(balancer, "pause", service, "--for", "1m")
        assert "paused" in explain(balancer, service)
        wait_for("requests that wait", lambda: balancer.pool()["totals"]["held"] == 4)
        docker("rm", "--force", *first)
        second = [serve("new", *labels).name for _ in range(2)]
        balancer.wait_for_active(second, service)
        order(balancer, "resume", service)
        before = clients.done
        wait_for("traffic again", lambda: clients.done > before + 100)
    assert clients.faults == []
    assert balancer.pool()["totals"]["by_status"]["5xx"] == 0


@SLOW
def test_a_mirror_sees_requests_and_troubles_nobody(bench, network, domain, serve):
    service = bench.name("shop")
    serve("shop", f"lb.service={service}", f"lb.host=a.{domain}", f"lb.mirror={service}-next 100%")
    mirror = serve("next", f"lb.service={service}-next", f"lb.host=next.{domain}")
    balancer = bench.lb(network, *FLAGS)
    wait_for_sites(balancer, {f"a.{domain}": "shop", f"next.{domain}": "next"})
    assert count(balancer, f"a.{domain}", 10) == {"shop": 10}
    assert ask(balancer, f"a.{domain}", "/echo?copied").status == 200
    wait_for("the copies", lambda: any("copied" in target for target in targets(mirror)))
    with SiteClients(balancer, f"a.{domain}") as clients:
        wait_for("traffic", lambda: clients.done > 100)
        docker("kill", mirror.name)
        before = clients.done
        wait_for("traffic without it", lambda: clients.done > before + 100)
    assert clients.faults == []
