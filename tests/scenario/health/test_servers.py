"""Checks of servers that do not speak HTTP, by real ones: they start, load, lose what they need, stop, come back."""

import re

import pytest

from checked_servers import Dns, Postgres, Redis, Smtp
from support.discovery import endpoint
from support.waiting import wait_for

FAST = {"interval": "20ms", "rise": "1", "fall": "2"}


@pytest.fixture
def start(cleanup, tmp_path):
    """start(Kind, name): such a server, not yet running."""
    def make(kind, name="one"):
        folder = tmp_path / name
        folder.mkdir()
        server = kind(name, folder)
        cleanup.callback(server.close)
        return server
    return make


@pytest.fixture
def watch(start_lb, discovery):
    """watch(server, mode): an lb that checks it so."""
    def make(server, mode, *flags, **more):
        lb = start_lb(*flags, *discovery.flags, is_ready=False)
        discovery.send(endpoint(server.name, server.address, check={"mode": mode, **FAST, **more}))
        return lb
    return make


def problem_of(lb, name="one"):
    return lb.endpoints().get(name, {}).get("problem", "")


def wait_problem(lb, pattern):
    wait_for(lambda: re.search(pattern, problem_of(lb)), f"/pool says {pattern}; it said {problem_of(lb)}", 20)


@pytest.mark.parametrize("kind, mode", [(Redis, "redis"), (Postgres, "postgres"), (Smtp, "smtp"), (Dns, "dns")])
def test_it_starts_stops_and_comes_back(kind, mode, start, watch):
    server = start(kind)
    lb = watch(server, mode)
    wait_problem(lb, "refused|nobody listens")
    assert lb.states()["one"] == "probing"
    server.start()
    lb.wait_states(one="ready", timeout_s=20)
    server.stop()
    lb.wait_states(one="failing")
    wait_problem(lb, "refused|nobody listens")
    server.start()
    lb.wait_states(one="ready", timeout_s=20)


def test_redis_that_loads_its_data_is_waited_for(start, watch):
    redis = start(Redis).start()
    for number in range(64):
        assert redis.order("SET", f"key{number}", "x" * 200) == "+OK"
    assert redis.order("SAVE") == "+OK"
    redis.stop()
    redis.start("--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024")
    lb = watch(redis, "redis")
    wait_problem(lb, r"^redis: it still loads its data: -LOADING ")
    assert lb.states()["one"] == "probing"
    redis.stop()
    redis.start()
    lb.wait_states(one="ready")
    assert problem_of(lb) == ""


def test_redis_that_wants_a_password_is_well(start, watch):
    redis = start(Redis).start("--requirepass", "secret")
    lb = watch(redis, "redis")
    lb.wait_states(one="ready")
    assert redis.order("PING").startswith("-NOAUTH")


def test_redis_that_has_lost_its_master(start, watch):
    redis = start(Redis).start("--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "no")
    lb = watch(redis, "redis")
    wait_problem(lb, r"^redis: it has lost its master, and serves no stale data: -MASTERDOWN ")
    redis.order("REPLICAOF", "NO", "ONE")
    lb.wait_states(one="ready")


def test_redis_that_has_no_connection_left(start, watch):
    """One is lb's own, and those that are held take the others."""
    redis = start(Redis).start("--maxclients", "1")
    lb = watch(redis, "redis")
    lb.wait_states(one="ready")
    held = redis.hold()
    lb.wait_states(one="failing")
    assert problem_of(lb) == "redis: it answers: -ERR max number of clients reached"
    held.close()
    lb.wait_states(one="ready")


def test_postgres_writes_nothing_of_checks_into_its_log(start, watch):
    postgres = start(Postgres).start()
    lb = watch(postgres, "postgres")
    lb.wait_states(one="ready", timeout_s=20)
    wait_for(lambda: postgres.said().count("connection received") >= 10, "it is asked again and again")
    _, _, said = postgres.said().partition("ready to accept connections\n")
    assert [line for line in said.splitlines() if "connection received" not in line] == []


def test_smtp_is_left_politely(start, watch):
    smtp = start(Smtp).start()
    lb = watch(smtp, "smtp")
    lb.wait_states(one="ready", timeout_s=20)
    wait_for(lambda: smtp.said().count("QUIT") >= 3, "it is asked again and again")
    assert "EOF" not in smtp.said()


def test_dns_is_asked_for_the_root(start, watch):
    dns = start(Dns).start()
    lb = watch(dns, "dns")
    lb.wait_states(one="ready")
    wait_for(lambda: dns.said().count("query[NS] . from 127.0.0.1") >= 3, "it is asked again and again")


def test_redis_where_postgres_is_expected(start, watch):
    redis = start(Redis).start()
    lb = watch(redis, "postgres", timeout="200ms")
    wait_problem(lb, "^postgres: ")
    assert lb.states()["one"] == "probing"
