"""A proxy process that was taken over says what it likes: what it may not do to the others, and to the master."""

import ctypes
import os
import resource
import signal
import socket
import struct
import time

import pytest
from rig import UPGRADED, socket_words, wait_for_log
from support.waiting import wait_for


SO_SNDBUFFORCE = 32


def begin(rig, **environment):
    master = rig.master(**environment)
    proxy = rig.next()
    sockets = proxy.start(0)
    return master, proxy, sockets


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def listens(port):
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(("127.0.0.1", port)) == 0


def renew(rig, old, port):
    old.say("RENEW", b"so")
    new = rig.next()
    new.greet()
    new.place()
    _, sockets = new.want(port)
    new.seal()
    return new, sockets


def test_one_that_leaves_takes_no_sockets_from_the_one_that_serves(rig):
    master = rig.master()
    port = free_port()
    old = rig.next()
    old.start(port)
    new, sockets = renew(rig, old, port)
    new.say("READY")
    old.hear("YIELD")
    old.say("YIELDED")
    new.hear("SERVE")
    assert old.want(port, role="mine")[0].status < 0
    new.say("READY")
    new.hear("NEWS")
    assert new.want(port)[0].status == 0
    for sock in sockets:
        sock.close()
    new.say("READY")
    new.want(port)
    assert listens(port)


def test_what_a_failed_successor_asked_for_is_closed_and_what_serves_stays(rig):
    port, other = free_port(), free_port()
    master = rig.master()
    old = rig.next()
    mine = old.start(port)
    old.say("READY")
    new, sockets = renew(rig, old, port)
    new.want(other, role="new")
    new.do("exit 3")
    wait_for_log(master, "renewal failed")
    for sock in sockets:
        sock.close()
    wait_for(lambda: not listens(other), "nobody listens at the failed one's port")
    old.say("READY")
    assert old.hear("NEWS")
    for sock in mine:
        sock.close()
    os.kill(old.pid, signal.SIGKILL)
    rig.next()
    assert listens(port)


def test_sigterm_is_not_lost_while_an_upgrade_completes(rig):
    master, old, _ = begin(rig, FAKE_HEARS="1")
    master.send_signal(signal.SIGUSR2)
    new = rig.next()
    new.greet()
    new.place()
    new.want(0)
    new.seal()
    new.say("READY")
    old.hear("YIELD")
    master.send_signal(signal.SIGTERM)
    assert old.heard() == signal.SIGTERM and new.heard() == signal.SIGTERM
    old.say("YIELDED")
    new.hear("SERVE")
    new.do("exit 0")
    old.do("exit 0")
    assert master.wait(20) == 0


def test_one_that_ends_as_it_gives_way_is_not_kept_by_the_next_master(rig):
    master, old, _ = begin(rig, FAKE_HEARS="1")
    master.send_signal(signal.SIGUSR2)
    new = rig.next()
    new.greet()
    new.place()
    new.want(0)
    new.seal()
    new.say("READY")
    old.hear("YIELD")
    old.channel.setsockopt(socket.SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20)
    os.kill(master.pid, signal.SIGSTOP)
    for _ in range(70):  # more than the master reads at a time
        old.say("HEARTBEAT")
    old.say("YIELDED")
    old.do("exit 0")
    wait_for(lambda: open(f"/proc/{old.pid}/stat").read().split()[2] == "Z", "it has ended")
    os.kill(master.pid, signal.SIGCONT)
    new.hear("SERVE")
    assert new.hear("NEWS").status == UPGRADED
    master.terminate()
    assert new.heard() == signal.SIGTERM
    new.do("exit 0")
    assert master.wait(20) == 0


def test_a_master_heeds_signals_while_a_proxy_process_reads_no_answers(rig):
    master, proxy, _ = begin(rig)
    proxy.channel.setblocking(False)
    port = free_port()
    began = time.monotonic()
    try:
        while time.monotonic() - began < 5:
            proxy.say("WANT", socket_words(port))
    except BlockingIOError:
        pass
    master.send_signal(signal.SIGUSR1)
    assert proxy.heard() == signal.SIGUSR1
    count = 0
    while count == 0 or not proxy.is_silent():
        proxy.hear("SOCKETS")
        count += 1
    assert count > 20 and not proxy.is_gone()


def test_wants_leave_the_master_descriptors_to_start_the_next_one(rig):
    master = rig.master("few")
    resource.prlimit(master.pid, resource.RLIMIT_NOFILE, (200, 200))
    proxy = rig.next()
    proxy.start(0)
    statuses = []
    for _ in range(300):
        first, sockets = proxy.want(free_port(), role="tcp")
        statuses.append(first.status)
        for sock in sockets:
            sock.close()
    assert min(statuses) < 0
    os.kill(proxy.pid, signal.SIGKILL)
    again = rig.next()
    again.greet()


SO_ATTACH_FILTER, SO_LOCK_FILTER, IP_MINTTL = 26, 44, 21


def drop_all(sock):
    """As a proxy process does it to SYNs alone when it ends, and may die in the middle of it."""
    code = ctypes.create_string_buffer(struct.pack("=HBBI", 6, 0, 0, 0))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(code)))


def drop_all_for_ever(sock):
    drop_all(sock)
    sock.setsockopt(socket.SOL_SOCKET, SO_LOCK_FILTER, 1)


def pass_over_all(sock):
    sock.setsockopt(socket.IPPROTO_IP, IP_MINTTL, 255)


def listen_no_more(sock):
    sock.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("spoil", [drop_all, drop_all_for_ever, pass_over_all, listen_no_more])
def test_sockets_that_were_spoilt_are_whole_for_the_next_one(spoil, rig):
    rig.master()
    port = free_port()
    proxy = rig.next()
    for sock in proxy.start(port):
        spoil(sock)
        sock.setblocking(True)
        sock.close()
    assert spoil is pass_over_all or not listens(port)
    os.kill(proxy.pid, signal.SIGKILL)
    proxy.channel.close()
    (sock,) = rig.next().start(port)
    assert not os.get_blocking(sock.fileno())
    assert listens(port)
    sock.settimeout(5)
    sock.accept()[0].close()
