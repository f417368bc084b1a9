"""lb ctl upgrade and SIGUSR2: the programs on disk serve on, and no client notices."""

import os
import signal
import socket

import pytest

from support import processes
from support.http import Truncated
from support.traffic import Traffic, tcp_asker, udp_asker
from support.waiting import wait_for


@pytest.mark.parametrize("way", ["signal", "ctl"])
def test_nobody_notices(way, upgrading):
    lb = upgrading.lb
    with Traffic(lb.address, kept=4, puts=2, slow=2, fresh=4) as traffic:
        for count in range(1, 4):
            traffic.wait_more()
            before = lb.proxy_pid
            version = upgrading.installed.next_version()
            assert upgrading.upgrade(way) != before
            assert upgrading.version() == version
            assert lb.metrics().value("lb_upgrades_total") == count
        traffic.wait_more()
    assert not traffic.failures
    assert lb.process.poll() is None and processes.name_of(lb.pid) == "lb"
    wait_for(lambda: len(lb.proxy_pids()) == 1, "those that gave way have ended")


def test_many_in_a_row(upgrading):
    """The next one as soon as the last has come in, with the same version: nothing forbids it."""
    lb = upgrading.lb
    with Traffic(lb.address, kept=4, fresh=4, puts=1) as traffic:
        for _ in range(10):
            upgrading.upgrade()
            traffic.wait_more(20)
    assert not traffic.failures
    lb.wait_ready(2)


def test_the_master_is_another_program(upgrading):
    """The same process, so that nobody who watches it has to learn anything; the file that it runs is the new one."""
    lb = upgrading.lb
    old = os.stat(f"/proc/{lb.pid}/exe").st_ino
    upgrading.installed.next_version()
    upgrading.upgrade()
    new = os.stat(upgrading.installed.folder / "lb").st_ino
    assert new != old
    wait_for(lambda: os.stat(f"/proc/{lb.pid}/exe").st_ino == new, "the master runs the new file")
    upgrading.upgrade()
    assert lb.process.poll() is None


def test_lb_discovery_is_replaced_as_well(start_lb, start_appserver, installed, tmp_path):
    server = start_appserver("one")
    path = tmp_path / "services.json"
    path.write_text('{"services":[{"name":"appserver","endpoints":[{"address":"%s","port":%d}]}]}' % server.address)
    lb = start_lb(f"--file={path}", folder=installed.folder).wait_ready(1)
    old = lb.discovery_pid
    with Traffic(lb.address, kept=2, fresh=2) as traffic:
        traffic.wait_more()
        installed.next_version()
        new = os.stat(installed.folder / "lb-discovery").st_ino
        lb.signal(signal.SIGUSR2)
        wait_for(lambda: lb.discovery_pid != old and os.stat(f"/proc/{lb.discovery_pid}/exe").st_ino == new, "it is the new one")
        traffic.wait_more()
    assert not traffic.failures
    lb.wait_ready(1)


def lb_report_of(lb):
    """The programs of that name: as many as there are at this moment."""
    return [pid for pid in processes.children(lb.pid) if processes.name_of(pid) == "lb-report"]


def test_lb_report_is_replaced_as_well_and_goes_on_with_what_waits(start_upgrading):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(20)
        upgrading = start_upgrading("--gelf=udp://127.0.0.1:%d" % receiver.getsockname()[1], "--gelf-compress=none")
        (first,) = lb_report_of(upgrading.lb)
        upgrading.installed.next_version()
        process = upgrading.upgrade()
        wait_for(lambda: lb_report_of(upgrading.lb) not in ([], [first]), "another one has come")
        assert os.readlink(f"/proc/{lb_report_of(upgrading.lb)[0]}/exe") == str(upgrading.installed.folder / "lb-report")
        while f"lb-proxy {process} serves".encode() not in receiver.recv(65536):
            pass


def test_connections_of_the_old_one_go_on(upgrading, connect):
    """A tunnel and a request that take longer than the change are served to their end, by who began with them."""
    lb = upgrading.lb
    old = lb.proxy_pid
    tunnel = connect(lb).request(target="/ws", fields=["Connection: Upgrade", "Upgrade: echo"])
    assert tunnel.read_head().status == 101
    slow = connect(lb).request(target="/delay/1500")
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 2, "both run")
    upgrading.upgrade()
    assert slow.read_response().status == 200
    for _ in range(3):
        tunnel.send(b"still here")
        assert tunnel.wire.take_exactly(10) == b"still here"
    assert not processes.is_gone(old)
    tunnel.half_close()
    assert tunnel.ends()
    tunnel.close()
    wait_for(lambda: processes.is_gone(old), "the old one has ended")


def test_grace_of_the_old_one(start_upgrading, connect):
    upgrading = start_upgrading("--handover-grace=1s")
    old = upgrading.lb.proxy_pid
    slow = connect(upgrading.lb).request(target="/delay/60000")
    wait_for(lambda: sum(e["inflight"] for e in upgrading.lb.endpoints().values()) == 1, "it runs")
    upgrading.upgrade()
    try:
        assert slow.read_response().status in (503, 504)
    except (OSError, Truncated):
        pass
    wait_for(lambda: processes.is_gone(old), "the old one has ended")
    assert not upgrading.lb.find_message("ended by signal")


def test_who_asks_on_is_told_to_come_anew(upgrading, connect):
    """A connection that stays: the old one answers once more, and says that it closes."""
    kept = connect(upgrading.lb)
    assert kept.get().get("Connection") != "close"
    upgrading.upgrade()
    answer = kept.get()
    assert answer.status == 200 and answer.get("Connection") == "close"
    assert kept.ends()


def test_world_and_orders_hold(upgrading, start_appserver):
    lb = upgrading.lb
    assert lb.order("/endpoints/one/drain")[0] == 200
    assert lb.order("/endpoints/two/weight?value=7")[0] == 200
    for number in range(2):
        upgrading.upgrade()
        upgrading.discovery.wait_starts(2 + number, 30)  # lb-discovery comes anew as well
        assert lb.states() == {"one": "draining", "two": "ready"}
        assert lb.endpoints()["two"]["weight"] == 7
    assert lb.order("/endpoints/one/undrain")[0] == 200
    upgrading.servers["three"] = start_appserver("three")
    upgrading.tell()
    lb.wait_ready(3)


def test_tcp_and_udp(start_passing):
    """Exchanges by connections and by datagrams: each is answered."""
    passing = start_passing()
    lb = passing.lb
    with Traffic(lb.address, extra=[*[tcp_asker(passing.tcp)] * 3, *[udp_asker(passing.udp)] * 3]) as traffic:
        long_lived = passing.connect()
        for _ in range(4):
            traffic.wait_more()
            said = len(lb.messages())
            lb.signal(signal.SIGUSR2)
            lb.wait_message(r"^upgrade: lb-proxy (\d+) serves", since=said)
            long_lived.sendall(b"still here")
            assert long_lived.recv(64) == b"still here"
        traffic.wait_more()
        long_lived.close()
    assert not traffic.failures
