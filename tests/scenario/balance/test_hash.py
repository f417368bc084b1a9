"""The same client, header, cookie or path goes to the same backend, over all workers and restarts."""

import re

import pytest

from support.client import RawClient
from support.discovery import endpoint, route_line
from support.waiting import wait_for

NAMES = ("one", "two", "three")


def name_of(response):
    assert response.status == 200
    return re.search(rb"served from (\w+)!", response.body)[1].decode()


@pytest.fixture(name="servers")
def start_servers(start_appserver):
    return [start_appserver(name) for name in NAMES]


def ask_anew(lb, **options):
    with RawClient(lb.address) as client:
        return name_of(client.get(**options))


@pytest.mark.parametrize("way, options", [
    ("hash client", {}),
    ("hash header X-User", {"fields": ["X-User: me"]}),
    ("hash cookie sid", {"fields": ["Cookie: a=b; sid=me"]}),
    ("hash path", {"target": "/echo-not?x=1"}),
])
def test_it_stays_with_its_backend(way, options, start_lb, servers):
    if "target" in options:
        options = {"target": "/?x=1"}
    lb = start_lb(f"--balance={way}", "--workers=2", backends=servers)
    first = ask_anew(lb, **options)
    assert {ask_anew(lb, **options) for _ in range(20)} == {first}
    again = start_lb(f"--balance={way}", backends=servers)
    assert ask_anew(again, **options) == first


def test_values_spread(start_lb, servers):
    lb = start_lb("--balance=hash header X-User", backends=servers)
    with RawClient(lb.address) as client:
        names = [name_of(client.get(fields=[f"X-User: {i}"])) for i in range(300)]
        assert all(60 <= names.count(name) <= 140 for name in NAMES)
        assert [name_of(client.get(fields=[f"X-User: {i}"])) for i in range(300)] == names


def test_when_one_goes_only_its_values_do(start_lb, servers):
    lb = start_lb("--balance=hash header X-User", backends=servers)
    with RawClient(lb.address) as client:
        before = [name_of(client.get(fields=[f"X-User: {i}"])) for i in range(200)]
        lb.order("/endpoints/%s%%3A%d/drain" % servers[0].address)
        after = [name_of(client.get(fields=[f"X-User: {i}"])) for i in range(200)]
    assert "one" not in after
    assert all(b in ("one", a) for b, a in zip(before, after))


def test_a_service_says_it_and_another_does_not(start_lb, servers, discovery):
    first = [endpoint(n, s.address) for n, s in zip(NAMES, servers)]
    others = [endpoint(f"{n}-b", s.address, id=f"b-{n}") for n, s in zip(NAMES, servers)]
    line = route_line({"hashed": first, "plain": others},
                      [{"service": "hashed", "host": "hashed.test"},
                       {"service": "plain", "host": "plain.test"}])
    line["services"][0]["options"] = {"balance": "hash path"}
    lb = start_lb(*discovery.flags)
    discovery.send_line(line)
    lb.wait_ready(6)
    with RawClient(lb.address) as client:
        assert len({name_of(client.get(host="hashed.test")) for _ in range(9)}) == 1
        names = [name_of(client.get(host="plain.test")) for _ in range(9)]
        assert names == names[:3] * 3 and len(set(names)) == 3
        del line["services"][0]["options"]
        discovery.send_line(line)
        names = set()

        def takes_turns():
            names.add(name_of(client.get(host="hashed.test")))
            return len(names) == 3
        wait_for(takes_turns, "the line is in force")
