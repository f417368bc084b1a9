"""Where a connection or a datagram goes, as lb explain tells it, is where it goes; and orders for what is served by
TCP and UDP."""

import contextlib

import pytest

from support.program import run
from support.waiting import wait_for


def explain(lb, *words):
    done = run("lb", "explain", *words, "--admin=%s:%d" % lb.admin)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ctl(lb, *words):
    done = run("lb", "ctl", *words, "--admin=%s:%d" % lb.admin)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(name="passing")
def make_passing(start_passing):
    return start_passing("--panic-below=0")


def test_a_connection_and_a_datagram(passing):
    passing.talk()
    where = "%s:%d" % passing.tcp
    told = explain(passing.lb, f"tcp://{where}")
    assert f"listener: tcp {where}, with 1 rule\n" in told
    assert "rule: for all: to the service db, by --tcp\n" in told
    assert "service: db, 1 of 2 servers can be asked, chosen by least-connections\n" in told
    assert "db1: gets connections (tcp) as db/db1 at " in told and ", 1 connection, 0 open" in told
    assert "db2: gets no connections (tcp), unhealthy since " in told
    assert told.endswith("answer: from a server of db\n")
    assert explain(passing.lb, f"tcp://:{passing.tcp[1]}").endswith("answer: from a server of db\n")
    told = explain(passing.lb, f"udp://:{passing.udp[1]}")
    assert "chosen by hash connection" in told and told.endswith("answer: from a server of dns\n")
    told = explain(passing.lb, "tcp://:1")
    assert "answer: from nobody: lb has no tcp listener there. lb listens at tcp " in told
    assert "--tcp 1=SERVICE" in told


def test_services_containers_and_all_listeners(passing):
    for name in ("db", "db1"):
        assert "db1: gets connections (tcp) as db/db1 at " in explain(passing.lb, name)
    assert f"tcp %s:%d for all: to the service db" % passing.tcp in explain(passing.lb, "db")
    listed = explain(passing.lb, "--listeners")
    assert listed == ("tcp %s:%d for all: to the service db, by --tcp; 1 of 2 servers can be asked.\n" % passing.tcp
                      + "udp %s:%d for all: to the service dns, by --udp; 1 of 1 server can be asked.\n" % passing.udp)
    pool = passing.lb.pool()
    assert [(l["protocol"], l["address"], l["state"]) for l in pool["listeners"]] == [
        ("tcp", "%s:%d" % passing.tcp, "open"), ("udp", "%s:%d" % passing.udp, "open")]


def test_orders(passing):
    with passing.connect() as sock:
        sock.sendall(b"x")
        assert sock.recv(1) == b"x"
        assert ctl(passing.lb, "drain", "db1") == "db1 is draining, weight 1, 1 connection open\n"
        sock.sendall(b"y")  # what is open stays
        assert sock.recv(1) == b"y"
        told = explain(passing.lb, f"tcp://:{passing.tcp[1]}")
        assert "service: db, 0 of 2 servers can be asked" in told
        assert "answer: from nobody at the moment: no server can be asked" in told
    with contextlib.suppress(ConnectionResetError), passing.connect() as sock:
        assert sock.recv(1) == b""
    assert ctl(passing.lb, "undrain", "db1").startswith("db1 is ready")
    passing.talk()
    assert "db is paused for 30.0 s: its new requests and connections wait" in ctl(passing.lb, "pause", "db")
    with passing.connect() as sock:
        sock.sendall(b"z")
        wait_for(lambda: passing.lb.totals()["held"] == 1, "it waits")
        assert "paused by admin" in explain(passing.lb, "db1")
        assert "db goes on" in ctl(passing.lb, "resume", "db")
        assert sock.recv(1) == b"z"
