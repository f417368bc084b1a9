"""The master is killed, and a new lb is started at once for the same ports, as a supervisor does: it serves, while the
lb-proxy of the old one finishes what runs in it."""

import signal

import pytest

from support import processes
from support.datagrams import UdpClient, UdpServer
from support.free_port import free_port, free_udp_port
from support.tcp import Server, echo, take
from support.waiting import wait_for


class Place:
    """Ports of all kinds, and servers for them, as they would stand in a unit's file."""

    def __init__(self, web, cleanup):
        self.db, self.dns = Server(echo), UdpServer("dns", ("127.0.0.1", 0))
        cleanup.callback(self.db.close)
        cleanup.callback(self.dns.close)
        self.tcp, self.udp = ("127.0.0.1", free_port()), ("127.0.0.1", free_udp_port())
        self.flags = [f"--listen=127.0.0.1:{free_port()}", f"--admin=127.0.0.1:{free_port()}",
                      "--tcp=%s:%d=db" % self.tcp, "--udp=%s:%d=dns" % self.udp, "--backend=%s:%d" % web.address,
                      "--backend=db=tcp://%s:%d" % self.db.address, "--backend=dns=udp://%s:%d" % self.dns.address,
                      "--shutdown-grace=60s"]


@pytest.fixture(name="place")
def make_place(start_appserver, cleanup):
    return Place(start_appserver("web"), cleanup)


def kill(lb):
    """Gives when it is gone, as a supervisor waits for that."""
    lb.expected_status = -signal.SIGKILL
    lb.signal(signal.SIGKILL)
    lb.process.wait(10)


def test_all_ports_are_had_again_while_what_runs_is_finished(place, start_lb, connect):
    lb = start_lb(*place.flags).wait_ready(3)
    proxy = lb.proxy_pid
    upload, passed = connect(lb), connect(place.tcp)
    upload.send(b"PUT /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n12345")
    passed.send(b"before")
    assert take(passed.sock, 6) == b"before"
    place.dns.is_silent = True
    with UdpClient(place.udp) as waiting:
        waiting.send(b"a question that waits for its answer")
        wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 3, "all of it runs")
        kill(lb)
        again = start_lb(*place.flags).wait_ready(3)
    place.dns.is_silent = False
    assert not processes.is_gone(proxy)
    assert connect(again).get().status == 200
    with connect(place.tcp) as fresh, UdpClient(place.udp) as asking:
        fresh.send(b"after")
        assert take(fresh.sock, 5) == b"after"
        assert asking.ask() == "dns"
    assert upload.is_silent()
    assert upload.send(b"67890").read_response().status == 200
    passed.send(b"still")
    assert take(passed.sock, 5) == b"still"
    passed.close()
    wait_for(lambda: processes.is_gone(proxy), "the orphan has ended")
    assert connect(again).get().status == 200
    lb.wait_end()
