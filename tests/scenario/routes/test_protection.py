"""A label is a stranger's word: whatever it says, the others' requests are answered, and lb goes on to
listen to its discovery and to its operator."""

import json
import pathlib
import sys
import threading
import time
from urllib.parse import quote, urlencode

import pytest

from support.client import RawClient
from support.discovery import endpoint
from support.program import sanitizer
from support.waiting import wait_for

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "discovery"))
from fake_docker import FakeDocker, container  # noqa: E402

# No request of others may take longer, nor may an answer of the admin listener, whose thread reads lines
# and builds tables. Far more than is needed: other programs run beside, and sanitizers make all slow.
PATIENCE_S = 3 if sanitizer() is None else 8
ADMIN_PATIENCE_S = PATIENCE_S if sanitizer() is None else 30  # a line of ten thousand routes: 9 s were seen
LINES_PATIENCE_S = 5 * PATIENCE_S if sanitizer() is None else 120  # while one of the longest lines follows the other
ASK_EVERY_S = 0.01


class Neighbour:
    """Asks its own site all the time, on a kept connection, and the admin listener beside."""

    def __init__(self, lb, host, name, admin_patience_s=ADMIN_PATIENCE_S):
        self.lb, self.host, self.name = lb, host, name
        self.patience_s = {"site": PATIENCE_S, "admin": admin_patience_s}
        self.is_over = threading.Event()
        self.failures, self.slowest = [], {"site": 0.0, "admin": 0.0}
        self.counts = {"site": 0, "admin": 0}
        self.threads = [threading.Thread(target=self.run, args=words, daemon=True)
                        for words in (("site", lb.address, host), ("admin", lb.admin, "%s:%d" % lb.admin))]
        for thread in self.threads:
            thread.start()

    def run(self, kind, address, host):
        client = None
        try:
            while not self.is_over.wait(ASK_EVERY_S):
                begun = time.monotonic()
                client = client or RawClient(address)
                client.sock.settimeout(max(30, self.patience_s[kind]))
                answer = client.get("/healthz", host=host)
                self.slowest[kind] = max(self.slowest[kind], time.monotonic() - begun)
                self.counts[kind] += 1
                assert answer.status == 200 and (kind == "admin" or answer.body == self.name), answer.head.raw
                if kind == "admin":  # which keeps no connection
                    client.close()
                    client = None
        except Exception as failure:  # whatever it is, the test is told
            self.failures.append((kind, repr(failure)))
        finally:
            if client:
                client.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            wait_for(lambda: self.failures or min(self.counts.values()) > 5, "the others are answered", 30)
        self.is_over.set()
        for thread in self.threads:
            thread.join(30)
        if kind is None:
            assert not self.failures, self.failures
            assert all(self.slowest[kind] < self.patience_s[kind] for kind in self.slowest), self.slowest


def named(start_backend, name):
    return start_backend(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(name), name))


# ---- regexes: by the line, whatever dialect they come from -------------------------------------------

@pytest.fixture
def sites(start_lb, start_backend, discovery):
    """sites(routes): lb with the services "good", at good.test, and "bad", and these routes."""
    def start(routes):
        backends = {name: named(start_backend, name.encode()) for name in ("good", "bad")}
        lb = start_lb("--hold=0", "--workers=1", *discovery.flags)

        def send(more):
            discovery.send_line(
                {"v": 2, "source": "file", "time_ns": time.time_ns(), "left_out": [],
                 "routes": [{"host": "good.test", "service": "good"}, *more],
                 "services": [{"name": name, "endpoints": [endpoint(name, backend.address)]}
                              for name, backend in sorted(backends.items())]})

        send([{"host": "bad.test", "path": "/first", "service": "bad"}])
        lb.wait_ready(2)
        lb.send_routes = send
        with Neighbour(lb, "good.test", b"good"):
            send(routes)
            wait_for(lambda: lb.pool()["discovery"]["lines"] >= 2, "the routes are taken")
        return lb
    return start


BOMBS = {
    "path": ({"host": "bad.test", "path_regex": "^/(a+)+$"}, "/" + "a" * 7000 + "!", "bad.test", ()),
    "nested": ({"host": "bad.test", "path_regex": "^/((a*)*)*[bc]$"}, "/" + "a" * 7000, "bad.test", ()),
    "alternatives": ({"host": "bad.test", "path_regex": "^/(a|a)*$"}, "/" + "a" * 7000 + "!", "bad.test", ()),
    "anywhere": ({"host": "bad.test", "path_regex": "(x+x+)+[yz]"}, "/" + "x" * 7000, "bad.test", ()),
    "back": ({"host": "bad.test", "path_regex": r"(?:.*?){1,20}[yz]"}, "/" + "x" * 7000, "bad.test", ()),
    "host": ({"host_regex": "^(a+)+$"}, "/", "a" * 250 + "-", ()),
    "query": ({"host": "bad.test", "conditions": [{"kind": "query_regex", "name": "q", "value": "^(a+)+$"}]},
              "/?q=" + "a" * 7000 + "!", "bad.test", ()),
    "header": ({"host": "bad.test", "conditions": [{"kind": "header_regex", "name": "X-Bomb", "value": "^(a+)+$"}]},
               "/", "bad.test", ["X-Bomb: " + "a" * 7000 + "!"]),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_regex_that_is_a_bomb_leads_nowhere_and_takes_no_time(name, sites, connect):
    """One worker serves all: while a match went on, nobody else was answered. Nor does the request go to the
    lesser route, which is another's: nobody knows whether the regex matches."""
    route, target, host, fields = BOMBS[name]
    lb = sites([{**route, "service": "bad", "label": "the bomb"}, {"service": "good", "label": "for all others"}])
    with Neighbour(lb, "good.test", b"good"), connect(lb) as client:
        begun = time.monotonic()
        for _ in range(20):
            answer = client.get(target, host=host, fields=fields)
            assert (answer.status, answer.get("Retry-After")) == (503, "1"), answer.head.raw
        assert time.monotonic() - begun < PATIENCE_S
        assert client.get("/b", host=f"{name}.test").body == b"good"
    said = [line for line in lb.messages() if "takes too many steps" in line]
    assert len(said) == 1 and f" {'bad.test' if host == 'bad.test' else '~^(a+)+$'}" in said[0], said
    assert lb.metrics().sum("lb_request_ends_total", end="route_in_doubt") == 20
    asked = urlencode({"url": f"http://{host}{target}", **({"header": fields[0]} if fields else {})}, quote_via=quote)
    told = json.loads(lb.ask("/explain?" + asked, fields=["Accept: application/json"]).body)
    assert (told["status"], told["in_doubt"]) == (503, True) and "takes too many steps" in told["answer"], told


@pytest.mark.parametrize("container_count", [0, 1, 1000])
def test_a_thousand_bombs_are_bounded_together(sites, connect, container_count):
    """A thousand distinct ones, each of which would be tried for that path: by no container, by one, by so many."""
    lb = sites([{"host": "bad.test", "path_regex": f"^/(a+)+[bc]{{1,{number + 1}}}$", "service": "bad",
                 **({"container": f"{number % container_count:064x}"} if container_count else {})} for number in range(1000)])
    if container_count == 1:
        assert json.loads(lb.ask("/routes", fields=["Accept: application/json"]).body)["unusable"] == 1000 - 32
    with Neighbour(lb, "good.test", b"good"), connect(lb) as client:
        begun = time.monotonic()
        for _ in range(20):
            assert client.get("/" + "a" * 7000 + "!", host="bad.test").status == 503
        assert time.monotonic() - begun < 20 * PATIENCE_S / 5


def test_regexes_of_hosts_with_a_priority_do_not_slow_others_down(sites, connect):
    """They are asked before everybody's own host is; the good site's host is one that they like to try."""
    lb = sites([{"host_regex": f"^([a-z.]+)+{number}$", "priority": 1000 + number, "service": "bad"} for number in range(1000)])
    with Neighbour(lb, "good.test", b"good"):
        time.sleep(1)


def test_more_regexes_than_there_may_be_leave_the_other_routes_as_they_are(sites, connect):
    lb = sites([{"host": "bad.test", "path_regex": f"^/{number}$", "service": "bad"} for number in range(3000)])
    assert json.loads(lb.ask("/routes", fields=["Accept: application/json"]).body)["unusable"] == 3000 - 1024
    with connect(lb) as client:
        assert client.get("/", host="good.test").body == b"good"
        assert client.get("/0", host="bad.test").body == b"bad"


def test_ten_thousand_routes_come_and_change_while_others_ask(sites, connect):
    lb = sites([{"host": f"h{number}.test", "path": "/a", "service": "bad"} for number in range(10000)])
    with Neighbour(lb, "good.test", b"good"), connect(lb) as client:
        for turn in range(5):
            lb.send_routes([{"host": f"h{number}.test", "path": f"/{'ab'[turn % 2 and number < 5]}", "service": "bad"}
                            for number in range(10000)])
            wait_for(lambda lines=turn + 3: lb.pool()["discovery"]["lines"] >= lines, "the routes are taken", 60)
        assert client.get("/a", host="h9999.test").body == b"bad"


# ---- labels: by containers ---------------------------------------------------------------------------

def labelled(number, name, port, labels=None, env=(), ip="127.0.0.1"):
    """A container that is created at second `number`, and says nothing but that."""
    made = container(f"{number:064x}", name, port=str(port), labels=labels, env=list(env), ip=ip)
    made["Created"] = "2026-01-01T00:%02d:%02dZ" % (number // 60 % 60, number % 60)
    made["Config"]["Image"] = name  # a service of its own, if no label names one
    if not labels or "lb.service" not in labels:
        del made["Config"]["Labels"]["lb.service"]
    if not labels or "lb.address" not in labels:
        made["Config"]["Labels"]["lb.address"] = ip
    return made


class Town:
    """An engine, and an lb that follows it; the good site is there before all others."""

    def __init__(self, folder, start_lb, start_backend, *flags):
        self.good, self.bad = named(start_backend, b"good"), named(start_backend, b"bad")
        self.engine = FakeDocker(folder / "docker.sock").start()
        self.add(labelled(1, "good", self.good.address[1], {"lb.service": "good", "lb.host": "good.test"}), tells=False)
        self.lb = start_lb("--hold=0", "--workers=1", f"--docker=unix://{self.engine.path}", *flags)
        wait_for(lambda: self.lb.states().get("good") == "ready", "the good site is ready")
        self.engine.wait_stream()

    def add(self, made, tells=True):
        self.engine.add(made)
        if tells:
            self.engine.event("start", made["Id"])

    def add_bad(self, number, labels=None, env=(), **more):
        self.add(labelled(number, f"bad-{number}", self.bad.address[1], labels, env, **more))

    def remove(self, number):
        del self.engine.containers[f"{number:064x}"]
        for action in ("die", "destroy"):
            self.engine.event(action, f"{number:064x}", exitCode="0")

    def ask(self, host, target="/"):
        with RawClient(self.lb.address) as client:
            answer = client.get(target, host=host)
            return answer.body if answer.status == 200 else answer.status

    def left_out(self):
        return {entry["name"]: (entry["reason"], entry.get("detail")) for entry in self.lb.pool()["left_out"]}

    def neighbour(self, **more):
        return Neighbour(self.lb, "good.test", b"good", **more)


@pytest.fixture
def town(tmp_path, start_lb, start_backend, cleanup):
    def start(*flags):
        made = Town(tmp_path, start_lb, start_backend, *(flags or ["--allow-address=127.0.0.0/8"]))
        cleanup.callback(made.engine.stop)
        return made
    return start


def traefik(number, rule, **more):
    return {"traefik.enable": "true", f"traefik.http.routers.r{number}.rule": rule, **more}


MANY = 10000
FLOODS = {
    "unknown words": ({f"lb.word{i}": "x" for i in range(MANY)}, ()),
    "names of lb": ({f"lb.n{i}.host": f"h{i}.test" for i in range(MANY)}, ()),
    "routers": ({"traefik.enable": "true", **{f"traefik.http.routers.r{i}.rule": f"Host(`h{i}.test`)" for i in range(MANY)}}, ()),
    "middlewares": ({"traefik.enable": "true", "traefik.http.routers.r.rule": "Host(`h.test`)",
                     **{f"traefik.http.middlewares.m{i}.stripprefix.prefixes": "/x" for i in range(MANY)}}, ()),
    "ports of registrator": ({f"SERVICE_{i}_NAME": f"n{i}" for i in range(1, MANY)}, ()),
    "others' labels": ({f"org.example.{i}": "x" * 20 for i in range(MANY)}, ()),
    "variables": ({}, [f"SERVICE_{i}_TAGS=urlprefix-h{i}.test/" for i in range(1, MANY)]),
    "1 MB of hosts": ({"lb.host": ",".join(f"h{i}.test" for i in range(100000))}, ()),
    "1 MB of VIRTUAL_HOST": ({}, ["VIRTUAL_HOST=" + ",".join(f"h{i}.test" for i in range(100000))]),
    "1 MB of one host": ({}, ["VIRTUAL_HOST=" + "a" * 1000000]),
    "1 MB of a regex": ({}, ["VIRTUAL_HOST=~^(" + "a|" * 500000 + "b)$"]),
    "1 MB of YAML": ({}, ["VIRTUAL_HOST_MULTIPORTS=" + "".join(f"h{i}.test:\n  /: {{}}\n" for i in range(50000))]),
    "1 MB of brackets": ({}, ["VIRTUAL_HOST_MULTIPORTS=" + "[" * 1000000]),
    "1 MB of a rule": (traefik(1, "||".join(f"Host(`h{i}.test`)" for i in range(50000))), ()),
    "1 MB of parentheses": (traefik(1, "(" * 500000 + "Host(`a.test`)" + ")" * 500000), ()),
    "1 MB of not": (traefik(1, "!" * 1000000 + "Host(`a.test`)"), ()),
    "1 MB of tags": ({"SERVICE_TAGS": ",".join(f"urlprefix-h{i}.test/" for i in range(50000))}, ()),
    "1 MB of a name": ({"lb." + "n" * 1000000 + ".host": "h.test"}, ()),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_words_on_one_container_holds_up_nobody(name, town):
    """And whoever comes after it is taken in."""
    labels, env = FLOODS[name]
    here = town()
    with here.neighbour():
        here.add_bad(2, labels, env)
        here.add(labelled(3, "late", here.good.address[1], {"lb.service": "late", "lb.host": "late.test"}))
        wait_for(lambda: here.ask("late.test") == b"good", "the next container is taken in", 120)
    assert here.lb.pool()["discovery"]["starts"] == 1 and not here.lb.pool()["discovery"].get("problem")


def test_hosts_of_five_hundred_containers_at_once(town):
    here = town()
    with here.neighbour(admin_patience_s=3 * ADMIN_PATIENCE_S):  # its thread builds the tables of ten thousand hosts
        for number in range(2, 502):
            here.add(labelled(number, f"c{number}", here.bad.address[1],
                              {"lb.service": f"s{number}", "lb.host": ",".join(f"h{number}-{i}.test" for i in range(20))}),
                     tells=False)
        for number in range(2, 502):
            here.engine.event("start", f"{number:064x}")
        wait_for(lambda: len(here.lb.states()) == 501 and here.ask("h501-19.test") == b"bad", "all are there", 120)
    assert here.ask("h2-0.test") == b"bad" and here.ask("h502-0.test") == 404


@pytest.mark.skipif(sanitizer() == "thread", reason="one thread reads these lines, for minutes where each access is watched")
@pytest.mark.slow("a line has as many routes as a line may have, many times")
def test_more_routes_than_there_may_be_hold_up_nobody(town):
    """70 containers with a thousand hosts each are more than all routes together may be: each of them has some
    of its hosts, and is told about the others; whoever asks for little has all, however late it comes."""
    here = town()
    with here.neighbour(admin_patience_s=LINES_PATIENCE_S):  # its thread reads the longest lines that there may be
        for number in range(2, 72):
            here.add_bad(number, {}, ["VIRTUAL_HOST=" + ",".join(f"h{number}-{i}.test" for i in range(1000)),
                                      f"VIRTUAL_PORT={here.bad.address[1]}"])
        wait_for(lambda: here.ask("h71-0.test") == b"bad" and len(here.lb.states()) >= 71, "all are there", 200)
        here.add(labelled(100, "late", here.good.address[1], {"lb.service": "late", "lb.host": "late.test"}))
        wait_for(lambda: here.ask("late.test") == b"good", "the next container is taken in", 120)
    assert not here.lb.pool()["discovery"].get("problem"), here.lb.pool()["discovery"]
    reason, detail = here.left_out()["bad-71"]
    assert reason == "too_much" and "of its 1000 routes" in detail
    assert "good" not in here.left_out() and "late" not in here.left_out() and here.ask("h71-999.test") == 404


def test_of_two_that_claim_a_host_the_older_wins_and_it_is_told(town):
    here = town()
    with here.neighbour():
        here.add_bad(2, {"lb.service": "thief", "lb.host": "good.test"})
        here.add_bad(3, {}, ["VIRTUAL_HOST=good.test"])
        here.add_bad(4, traefik(4, "Host(`good.test`)"))
        wait_for(lambda: here.lb.pool()["routes"]["conflict_count"] >= 1, "the conflict is told")
        time.sleep(0.3)
    told = here.lb.ask("/routes").body + here.lb.ask("/pool").body
    assert b"bad-2" in told and here.ask("good.test") == b"good"


UNREADABLE = {
    "lb.port": ({"lb.host": "bad.test", "lb.port": "http"}, ()),
    "lb.x.port": ({"lb.x.host": "bad.test", "lb.x.port": "http"}, ()),
    "lb.priority": ({"lb.host": "bad.test", "lb.priority": "high"}, ()),
    "lb.strip": ({"lb.host": "bad.test", "lb.strip": "maybe"}, ()),
    "lb.path": ({"lb.host": "bad.test", "lb.path": "api"}, ()),
    "multiports": ({}, ["VIRTUAL_HOST_MULTIPORTS={bad.test: [1]}"]),
}


@pytest.mark.parametrize("word", UNREADABLE)
def test_a_host_whose_words_cannot_be_followed_is_nobody_elses(word, town):
    """Neither a wildcard of another one nor the default service gets its requests; whoever says it well does."""
    here = town("--allow-address=127.0.0.0/8", "--default-route=good")
    here.add(labelled(2, "wild", here.good.address[1], {"lb.service": "wild", "lb.host": "*.test"}))
    wait_for(lambda: here.lb.states().get("wild") == "ready", "the wildcard is there")
    assert here.ask("bad.test") == b"good"
    labels, env = UNREADABLE[word]
    made = labelled(3, "bad-3", here.bad.address[1], labels, env)
    made["Config"]["Labels"].update(labels)
    here.add(made)
    wait_for(lambda: here.ask("bad.test") == 503, "it is held")
    assert (here.ask("bad.test", "/x"), here.ask("other.test"), here.ask("nobody.example")) == (503, b"good", b"good")
    told = here.lb.ask("/explain/bad-3").body.decode()
    assert "cannot be used" in told or "lb.path: path" in told, told
    here.add(labelled(4, "api", here.good.address[1], {"lb.service": "api", "lb.host": "bad.test", "lb.path": "/api"}))
    wait_for(lambda: here.ask("bad.test", "/api") == b"good", "a path of another one is that one's")
    assert here.ask("bad.test") == 503
    if word == "lb.path":
        here.add(labelled(5, "rest", here.good.address[1], {"lb.service": "rest", "lb.host": "bad.test"}))
        wait_for(lambda: here.ask("bad.test") == b"good", "the rest of the host is another one's")


# ---- where labels lead -------------------------------------------------------------------------------

WAYS = {
    "lb": lambda port: ({"lb.host": "bad.test", "lb.port": port}, ()),
    "lb, named": lambda port: ({"lb.x.host": "bad.test", "lb.x.port": port}, ()),
    "nginx-proxy": lambda port: ({}, ["VIRTUAL_HOST=bad.test", f"VIRTUAL_PORT={port}"]),
    "multiports": lambda port: ({}, [f"VIRTUAL_HOST_MULTIPORTS={{bad.test: {{/: {{port: {port}}}}}}}"]),
    "traefik": lambda port: (traefik(1, "Host(`bad.test`)", **{"traefik.http.services.s.loadbalancer.server.port": port}), ()),
}


# Each as the label lb.address. What is no address as people write one leads nowhere, whatever a resolver or
# inet_aton would make of it.
SPELLINGS = {
    "bad_address": ["127.0.0.2", "::1", "::ffff:127.0.0.2", "::ffff:7f00:2", "::127.0.0.2", "64:ff9b::7f00:2",
                    "2002:7f00:2::", "0.0.0.0", "::", "::ffff:0.0.0.0", "0.0.0.1", "169.254.169.254", "fe80::1",
                    "::ffff:169.254.169.254", "224.0.0.1", "255.255.255.255", "[::1]", "[::]"],
    "bad_label": ["127.2", "127.0.2", "2130706434", "0x7f000002", "0x7f.0.0.2", "0177.0.0.2", "127.0.0.02", "::1%lo", "fe80::1%eth0", "localhost", "ip6-localhost", "lb", "127.0.0.2:80", "http://127.0.0.2", "127.0.0.2/8", "*"],
}


def test_no_spelling_of_an_address_leads_to_what_is_local(town):
    here = town("--allow-address=127.0.0.1")
    wanted = {}
    for reason, spellings in SPELLINGS.items():
        for spelling in spellings:
            number = len(wanted) + 2
            wanted[f"bad-{number}"] = (reason, spelling)
            here.add_bad(number, {"lb.host": f"h{number}.test", "lb.address": spelling})
    wait_for(lambda: len(here.left_out()) >= len(wanted) or len(here.lb.states()) > 1, "all are known")
    left_out = here.left_out()
    assert {name: (left_out.get(name, ("taken in",))[0], spelling) for name, (_, spelling) in wanted.items()} == wanted
    assert list(here.lb.states()) == ["good"] and here.ask("h2.test") == 503


ELSEWHERE = {
    "a URL of Traefik": lambda at: traefik(2, "Host(`bad.test`)", **{"traefik.http.services.s.loadbalancer.server.url": f"http://{at}"}),
    "URLs of Traefik": lambda at: traefik(2, "Host(`bad.test`)", **{"traefik.http.services.s.loadbalancer.servers[0].url": f"http://{at}"}),
    "an address of registrator": lambda at: {"SERVICE_IP": at.split(":")[0], "SERVICE_ADDRESS": at, "SERVICE_TAGS": "urlprefix-bad.test/"},
    "a host of fabio": lambda at: {"SERVICE_TAGS": f"urlprefix-bad.test/ host={at},urlprefix-bad.test/x redirect=301,http://{at}/"},
    "a destination of nginx-proxy": lambda at: {"VIRTUAL_HOST": "bad.test", "VIRTUAL_DEST": f"http://{at}/", "VIRTUAL_PROTO": f"http://{at}"},
    "a port that is more": lambda at: {"lb.x.host": "bad.test", "lb.x.port": f"80@{at}"},
}


@pytest.mark.parametrize("way", ELSEWHERE)
def test_only_a_containers_own_address_serves(way, town):
    """The words of other proxies that name another server are not followed."""
    here = town("--allow-address=127.0.0.1")
    labels = ELSEWHERE[way]("%s:%d" % here.lb.admin)
    here.add(labelled(2, "bad", 9, labels, ip="198.51.100.9"))
    wait_for(lambda: "bad" in here.lb.states() or "bad" in here.left_out(), "it is known")
    assert here.lb.endpoints().get("bad", {}).get("address", "198.51.100.9:9").startswith("198.51.100.9:")
    assert here.ask("bad.test", "/pool") not in (b"good", b"bad", 200)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("target", ["admin", "listener", "loopback", "link-local"])
def test_no_label_of_any_dialect_leads_to_lb_or_what_is_local(way, target, town):
    """lb itself not even where loopback is allowed."""
    here = town("--allow-address=127.0.0.1")
    ip, port = {"admin": here.lb.admin, "listener": here.lb.address, "loopback": ("127.0.0.2", here.bad.address[1]),
                "link-local": ("169.254.169.254", 80)}[target]
    labels, env = WAYS[way](str(port))
    with here.neighbour():
        made = labelled(2, "bad", port, labels, env, ip=ip)
        here.add(made)
        wait_for(lambda: "bad" in here.left_out() or "bad" in here.lb.states(), "it is known")
        time.sleep(0.2)
    assert here.left_out().get("bad", ("", ""))[0] == "bad_address", (here.left_out(), here.lb.states())
    assert here.ask("bad.test") in (404, 503)


# ---- who comes back otherwise ------------------------------------------------------------------------

def test_a_container_that_is_created_anew_with_a_protection_is_not_reached_past_it(town):
    """Its old route is kept for a while, and led to its service, in which the new one is."""
    here = town()
    here.add_bad(2, traefik(2, "Host(`sh.test`) && PathPrefix(`/echo`)", **{"traefik.http.services.sh.loadbalancer.server.port": str(here.bad.address[1])}))
    wait_for(lambda: here.ask("sh.test", "/echo") == b"bad", "the old one serves")
    here.remove(2)
    wait_for(lambda: "bad-2" not in here.lb.states(), "the old one is gone")
    assert here.ask("sh.test", "/echo") == 503
    here.add_bad(3, traefik(3, "Host(`sh.test`)", **{
        "traefik.http.services.sh.loadbalancer.server.port": str(here.bad.address[1]),
        "traefik.http.routers.r3.middlewares": "auth", "traefik.http.middlewares.auth.digestauth.users": "a:r:b",
        "traefik.http.routers.open.rule": "Host(`open.test`)", "traefik.http.routers.open.service": "sh"}))
    wait_for(lambda: here.ask("open.test") == b"bad", "the new one serves")
    assert here.ask("sh.test", "/echo") == here.ask("sh.test") == 503
