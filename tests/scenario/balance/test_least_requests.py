"""Least requests beside round robin, with one backend that is slow. Time is counted in requests: how
many others were served while one ran."""

import collections
import itertools
import threading

import pytest

from support.client import RawClient

CLIENTS = 8
SLOW_FOR = 800  # requests of others


class Clock:
    """How many requests were served."""

    def __init__(self):
        self.condition = threading.Condition()
        self.count = 0
        self.asking = CLIENTS
        self.waiting = 0  # at the slow one

    def tick(self):
        with self.condition:
            self.count += 1
            self.condition.notify_all()

    def leave(self):
        with self.condition:
            self.asking -= 1
            self.condition.notify_all()

    def wait_past(self, count):
        """When all clients wait for the slow one nobody moves the clock on: then it serves one."""
        with self.condition:
            self.waiting += 1
            self.condition.notify_all()
            self.condition.wait_for(lambda: self.count >= count or self.waiting >= self.asking)
            self.waiting -= 1


def served_while_one_ran(lb, clock, total):
    """For each of `total` requests of several clients: who answered, and how many were served."""
    spans, problems, tickets = [], [], itertools.count()

    def work():
        try:
            with RawClient(lb.address) as client:
                while next(tickets) < total:
                    began = clock.count
                    name = client.get().body
                    clock.tick()
                    spans.append((clock.count - began, name))
        except Exception as problem:  # pylint: disable=broad-except
            problems.append(problem)
        clock.leave()

    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == [] and len(spans) == total
    return spans


def p99_of(spans):
    return sorted(span for span, _ in spans)[len(spans) * 99 // 100]


@pytest.fixture(name="measure")
def make_measure(start_lb, start_backend):
    def measure(balance, total):
        clock = Clock()

        def answer_as(name):
            return f"HTTP/1.1 200 OK\r\nContent-Length: {len(name)}\r\n\r\n{name}".encode()

        def slow(connection):
            while True:
                connection.read_request()
                clock.wait_past(clock.count + SLOW_FOR)
                connection.send(answer_as("slow"))

        backends = [start_backend(answer_as("fast")), start_backend(slow),
                    start_backend(answer_as("fast"))]
        lb = start_lb(f"--balance={balance}", backends=backends)
        spans = served_while_one_ran(lb, clock, total)
        return p99_of(spans), collections.Counter(name for _, name in spans)
    return measure


def test_a_slow_one_gets_what_it_can_serve(measure, capsys):
    p99, counts = measure("least-requests", 2400)
    assert counts[b"slow"] < 24  # less than one of a hundred
    assert p99 < 100
    p99_in_turn, counts_in_turn = measure("round-robin", 300)
    assert counts_in_turn[b"slow"] == 100
    with capsys.disabled():
        print(f"\nleast-requests: p99 {p99} requests, {counts[b'slow']} of 2400 to the slow one; "
              f"round-robin: p99 {p99_in_turn}, 100 of 300")


def test_it_is_fair_where_all_are_alike(start_lb, start_backend):
    backends = [start_backend() for _ in range(3)]
    lb = start_lb("--balance=least-requests", backends=backends)
    with RawClient(lb.address) as client:
        for _ in range(30):
            assert client.get().status == 200
    lb.wait_total("requests", 30)
    assert [e["requests"] for e in lb.endpoints().values()] == [10, 10, 10]
