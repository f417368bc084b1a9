"""Strict rotation, whatever the number of connections and workers."""

import collections
import re
import threading

import pytest

from support.client import RawClient
from support.discovery import endpoint


def name_of(response):
    assert response.status == 200
    return re.search(rb"served from (\w+)!", response.body)[1].decode()


def ask_in_threads(lb, threads, requests_each, connections_each):
    """Every thread spreads its requests over its own connections; gives who answered how often."""
    counts = collections.Counter()
    problems = []
    lock = threading.Lock()

    def work():
        mine = collections.Counter()
        try:
            clients = [RawClient(lb.address) for _ in range(connections_each)]
            for i in range(requests_each):
                mine[name_of(clients[i % connections_each].get())] += 1
            for client in clients:
                client.close()
        except Exception as problem:  # pylint: disable=broad-except
            problems.append(problem)
        with lock:
            counts.update(mine)

    running = [threading.Thread(target=work) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert problems == []
    return counts


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_600_requests_over_three(workers, start_lb, start_appserver):
    servers = [start_appserver(name) for name in ("one", "two", "three")]
    lb = start_lb(f"--workers={workers}", backends=servers)
    counts = ask_in_threads(lb, threads=20, requests_each=30, connections_each=5)
    assert counts == {"one": 200, "two": 200, "three": 200}
    lb.wait_total("requests", 600)
    assert [e["requests"] for e in lb.endpoints().values()] == [200, 200, 200]
    assert lb.totals()["by_status"] == {"none": 0, "1xx": 0, "2xx": 600, "3xx": 0, "4xx": 0,
                                        "5xx": 0}


def test_new_connection_for_each_request(start_lb, start_appserver):
    servers = [start_appserver(name) for name in ("one", "two", "three")]
    lb = start_lb("--workers=2", backends=servers)
    counts = ask_in_threads(lb, threads=10, requests_each=9, connections_each=9)
    assert counts == {"one": 30, "two": 30, "three": 30}


def test_order_from_one_connection(start_lb, start_appserver, connect):
    servers = [start_appserver(name) for name in ("one", "two", "three")]
    client = connect(start_lb("--workers=2", backends=servers))
    names = [name_of(client.get()) for _ in range(30)]
    assert sorted(names[:3]) == ["one", "three", "two"]
    assert names == names[:3] * 10


def test_uneven_numbers_differ_by_one(start_lb, start_appserver):
    servers = [start_appserver(name) for name in ("one", "two", "three")]
    lb = start_lb("--workers=2", backends=servers)
    counts = ask_in_threads(lb, threads=4, requests_each=25, connections_each=2)
    assert sorted(counts.values()) == [33, 33, 34]


def test_weights(start_lb, start_appserver, discovery, connect):
    servers = {name: start_appserver(name) for name in ("one", "two", "three")}
    weights = {"one": 5, "two": 1, "three": 2}
    lb = start_lb(*discovery.flags)
    discovery.send(*(endpoint(n, s.address, weight=weights[n]) for n, s in servers.items()))
    lb.wait_ready(3)
    client = connect(lb)
    names = [name_of(client.get()) for _ in range(16)]
    assert names == names[:8] * 2
    assert collections.Counter(names[:8]) == weights
    assert "one one one one" not in " ".join(names)  # spread out, not in a block
    counts = ask_in_threads(lb, threads=8, requests_each=50, connections_each=2)
    assert counts == {name: weight * 50 for name, weight in weights.items()}


def test_equal_weights_are_plain_rotation(start_lb, start_appserver, discovery, connect):
    servers = {name: start_appserver(name) for name in ("one", "two")}
    lb = start_lb(*discovery.flags)
    discovery.send(*(endpoint(n, s.address, weight=7) for n, s in servers.items()))
    lb.wait_ready(2)
    client = connect(lb)
    names = [name_of(client.get()) for _ in range(10)]
    assert names in (["one", "two"] * 5, ["two", "one"] * 5)


def test_newcomer_gets_its_share(start_lb, start_appserver, discovery, connect):
    servers = {name: start_appserver(name) for name in ("one", "two", "three")}
    entries = [endpoint(n, s.address) for n, s in servers.items()]
    lb = start_lb(*discovery.flags)
    discovery.send(*entries[:2])
    lb.wait_ready(2)
    client = connect(lb)
    assert {name_of(client.get()) for _ in range(10)} == {"one", "two"}
    discovery.send(*entries)
    lb.wait_ready(3)
    names = [name_of(client.get()) for _ in range(30)]
    assert set(collections.Counter(names).values()) == {10}
