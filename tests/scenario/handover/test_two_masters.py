"""Two masters with one --handover, as two containers in one network namespace: the second takes all over."""

import os
import signal

import pytest

from support import processes
from support.free_port import free_port
from support.traffic import Traffic
from support.waiting import wait_for


class House:
    """lbs of the same listeners that hand over to one another."""

    def __init__(self, start_lb, servers, path):
        self.start_lb, self.servers = start_lb, servers
        self.flags = [f"--handover={path}", f"--listen=127.0.0.1:{free_port()}", f"--admin=127.0.0.1:{free_port()}",
                      "--shutdown-grace=20s"]
        self.lb = self.start_next()

    def start_next(self, *flags):
        """One more: it has taken over."""
        return self.start_lb(*self.flags, *flags, backends=self.servers, is_ready=False)

    def take_over(self):
        old = self.lb
        self.lb = self.start_next()
        assert old.wait_end() == 0
        return old


@pytest.fixture(name="house")
def make_house(start_lb, start_appserver, tmp_path):
    return House(start_lb, [start_appserver("one"), start_appserver("two")], tmp_path / "handover.sock")


def test_nobody_notices(house):
    with Traffic(house.lb.address, kept=4, puts=2, slow=2, fresh=4) as traffic:
        for _ in range(3):
            traffic.wait_more()
            house.take_over()
        traffic.wait_more()
    assert not traffic.failures
    house.lb.wait_ready(2)


def test_what_runs_is_finished(house, connect):
    old = house.lb
    slow = connect(old).request(target="/delay/2500")
    wait_for(lambda: sum(e["inflight"] for e in old.endpoints().values()) == 1, "it runs")
    new = house.start_next()
    assert connect(new).get().status == 200
    assert old.process.poll() is None
    assert slow.read_response().status == 200
    assert old.wait_end() == 0


def test_orders_come_along(house):
    one, two = ("%s:%d" % server.address for server in house.servers)
    assert house.lb.order(f"/endpoints/{one}/drain")[0] == 200
    house.take_over()
    house.lb.wait_states(**{one: "draining", two: "ready"})


def test_the_new_one_does_not_come_up(house, connect):
    """Its settings are bad: the old one serves on, as if nobody had come."""
    old = house.lb
    with Traffic(old.address, kept=2, fresh=2) as traffic:
        traffic.wait_more(50)
        for _ in range(3):
            with pytest.raises(AssertionError):
                house.start_next("--workers=many")
        traffic.wait_more(50)
    assert not traffic.failures
    assert old.process.poll() is None and connect(old).get().status == 200
    house.take_over()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_the_new_one_ends_later(end, house):
    """It has taken over; what comes after it starts as ever."""
    house.take_over()
    new = house.lb
    new.expected_status = 0 if end == signal.SIGTERM else -end
    new.signal(end)
    new.wait_end()
    wait_for(lambda: not processes.children(new.pid), "its children are gone")
    again = house.start_next()
    assert again.ask("/readyz").status == 200


def test_the_old_one_is_killed_meanwhile(house, connect, cleanup):
    """With what it had handed on the new one serves."""
    old = house.lb
    slow = connect(old).request(target="/delay/60000")
    wait_for(lambda: sum(e["inflight"] for e in old.endpoints().values()) == 1, "it runs")
    cleanup.callback(slow.close)
    new = house.start_next()
    wait_for(lambda: new.ask("/readyz").status == 200 and connect(new).get().status == 200, "the new one serves")
    leaving = old.proxy_pids()
    old.expected_status = -signal.SIGKILL
    with Traffic(new.address, kept=2, fresh=2) as traffic:
        traffic.wait_more(50)
        old.signal(signal.SIGKILL)
        for pid in leaving:
            if not processes.is_gone(pid):
                os.kill(pid, signal.SIGKILL)
        old.wait_end()
        traffic.wait_more(50)
    assert not traffic.failures
    house.lb = new
    house.take_over()


def test_a_stale_socket_is_no_obstacle(start_lb, start_appserver, tmp_path):
    """Of one that was killed."""
    servers = [start_appserver("one")]
    house = House(start_lb, servers, tmp_path / "handover.sock")
    house.lb.expected_status = -signal.SIGKILL
    house.lb.signal(signal.SIGKILL)
    house.lb.wait_end()
    again = House(start_lb, servers, tmp_path / "handover.sock")
    again.lb.wait_ready(1)
    again.take_over()
