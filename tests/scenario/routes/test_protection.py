"""A label is a stranger's word: whatever it says, the others' requests are answered, and lb goes on to
listen to its discovery and to its operator."""

import json
import pathlib
import sys
import threading
import time

import pytest

from support.client import RawClient
from support.discovery import endpoint
from support.program import sanitizer
from support.waiting import wait_for

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "discovery"))
from fake_docker import FakeDocker, container  # noqa: E402

# No request of others may take longer, nor may an answer of the admin listener, whose thread reads lines
# and builds tables. Far more than is needed: other programs run beside, and sanitizers make all slow.
PATIENCE_S = 1.5 if sanitizer() is None else 8
ASK_EVERY_S = 0.01


class Neighbour:
    """Asks its own site all the time, on a kept connection, and the admin listener beside."""

    def __init__(self, lb, host, name):
        self.lb, self.host, self.name = lb, host, name
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
            assert max(self.slowest.values()) < PATIENCE_S, self.slowest


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
    "nested": ({"host": "bad.test", "path_regex": "^/((a*)*)*b$"}, "/" + "a" * 7000, "bad.test", ()),
    "alternatives": ({"host": "bad.test", "path_regex": "^/(a|a)*$"}, "/" + "a" * 7000 + "!", "bad.test", ()),
    "anywhere": ({"host": "bad.test", "path_regex": "(x+x+)+y"}, "/" + "x" * 7000, "bad.test", ()),
    "back": ({"host": "bad.test", "path_regex": r"(?:.*?){1,20}z"}, "/" + "x" * 7000, "bad.test", ()),
    "host": ({"host_regex": "^(a+)+$"}, "/", "a" * 250 + "-", ()),
    "query": ({"host": "bad.test", "conditions": [{"kind": "query_regex", "name": "q", "value": "^(a+)+$"}]},
              "/?q=" + "a" * 7000 + "!", "bad.test", ()),
    "header": ({"host": "bad.test", "conditions": [{"kind": "header_regex", "name": "X-Bomb", "value": "^(a+)+$"}]},
               "/", "bad.test", ["X-Bomb: " + "a" * 7000 + "!"]),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_regex_that_is_a_bomb_does_not_match_and_takes_no_time(name, sites, connect):
    """One worker serves all: while a match went on, nobody else was answered."""
    route, target, host, fields = BOMBS[name]
    lb = sites([{**route, "service": "bad"}])
    with Neighbour(lb, "good.test", b"good"), connect(lb) as client:
        begun = time.monotonic()
        for _ in range(20):
            assert client.get(target, host=host, fields=fields).status == 404
        assert time.monotonic() - begun < PATIENCE_S


@pytest.mark.parametrize("container_count", [0, 1, 1000])
def test_a_thousand_bombs_are_bounded_together(sites, connect, container_count):
    """A thousand distinct ones, each of which would be tried for that path: by no container, by one, by so many."""
    lb = sites([{"host": "bad.test", "path_regex": f"^/(a+)+{number}$", "service": "bad",
                 **({"container": f"{number % container_count:064x}"} if container_count else {})} for number in range(1000)])
    if container_count == 1:
        assert json.loads(lb.ask("/routes", fields=["Accept: application/json"]).body)["unusable"] == 1000 - 32
    with Neighbour(lb, "good.test", b"good"), connect(lb) as client:
        begun = time.monotonic()
        for _ in range(20):
            assert client.get("/" + "a" * 7000 + "!", host="bad.test").status == 404
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
            wait_for(lambda lines=turn + 3: lb.pool()["discovery"]["lines"] >= lines, "the routes are taken", 20)
        assert client.get("/a", host="h9999.test").body == b"bad"
