"""From one master to another, by a socket in a folder that both see."""

import os
import select
import signal
import socket
import struct
from pathlib import Path

import pytest
from rig import BODY_BYTES, FIRST, KINDS, SUCCESSOR, VERSION, Message, log_of, wait_for_log
from support.free_port import free_port
from support.waiting import wait_for


def is_asked_at(path):
    """Whether somebody listens there: of a socket that is bound alone nobody is told (the flag __SO_ACCEPTCON)."""
    return any(line.split()[3] == "00010000" and line.endswith(f" {path}")
               for line in Path("/proc/net/unix").read_text().splitlines())


def begin(rig):
    master = rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.place(handover=str(rig.folder / "hand"))
    first, sockets = proxy.want(0, count=2)
    proxy.seal()
    proxy.hear("SERVE")
    wait_for(lambda: is_asked_at(rig.folder / "hand"), "it may be asked")
    return master, proxy, first.bound_port, sockets


def come(rig):
    """The next master, whose proxy process has its sockets."""
    master = rig.master()
    proxy = rig.next()
    welcome = proxy.greet()
    placed = proxy.place(handover=str(rig.folder / "hand"))
    first, sockets = proxy.want(0, count=2)
    proxy.seal()
    proxy.welcome, proxy.placed = welcome, placed
    return master, proxy, first.bound_port, sockets


@pytest.mark.quick
def test_all_of_it(rig):
    master, old, port, sockets = begin(rig)
    waiting = socket.create_connection(("127.0.0.1", port), 5)
    next_master, new, same_port, copies = come(rig)
    assert new.placed.value == SUCCESSOR and same_port == port and len(copies) == 2
    assert new.is_silent() and old.is_silent()
    new.say("READY")
    old.hear("YIELD")
    assert new.is_silent()
    for sock in sockets:
        sock.close()
    old.say("YIELDED")
    new.hear("SERVE")
    assert master.poll() is None
    old.do("exit 3")
    assert master.wait(10) == 0
    copies_accept(copies)
    waiting.close()
    # And the one that took may be asked now.
    wait_for(lambda: is_asked_at(rig.folder / "hand"), "it may be asked")
    last_master, last, last_port, _ = come(rig)
    assert last_port == port
    last.say("READY")
    new.hear("YIELD")
    new.say("YIELDED")
    last.hear("SERVE")
    new.do("exit 0")
    assert next_master.wait(10) == 0
    assert last_master.poll() is None


def copies_accept(sockets):
    for sock in select.select(sockets, [], [], 5)[0]:
        assert sock.accept()
        return
    raise AssertionError("nothing waits")


def test_nobody_there_is_a_start_as_ever(rig):
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stale:
        stale.bind(str(rig.folder / "hand"))
    rig.master()
    proxy = rig.next()
    proxy.greet()
    assert proxy.place(handover=str(rig.folder / "hand")).value == FIRST
    proxy.seal()
    proxy.hear("SERVE")


def test_keepsakes_come_along_and_once_more_at_the_end(rig):
    rig.master()
    old = rig.next()
    keepsakes = old.greet().fds
    old.place(handover=str(rig.folder / "hand"))
    old.want(0, count=2)
    old.seal()
    old.hear("SERVE")
    os.write(keepsakes[0], b"world 1")
    os.write(keepsakes[1], b"orders 1")
    wait_for(lambda: is_asked_at(rig.folder / "hand"), "it may be asked")
    _, new, _, _ = come(rig)
    assert os.pread(new.welcome.fds[0], 100, 0) == b"world 1"
    assert os.pread(new.welcome.fds[1], 100, 0) == b"orders 1"
    new.say("READY")
    old.hear("YIELD")
    os.pwrite(keepsakes[1], b"orders 2", 0)
    old.say("YIELDED")
    new.hear("SERVE")
    assert os.pread(new.welcome.fds[1], 100, 0) == b"orders 2"


def test_the_new_one_goes_before_it_is_ready(rig):
    master, old, port, _ = begin(rig)
    next_master, new, _, _ = come(rig)
    next_master.kill()
    wait_for_log(master, "another lb did not take over")
    assert old.is_silent()
    del new
    _, third, same_port, _ = come(rig)
    assert same_port == port
    third.say("READY")
    old.hear("YIELD")


def test_the_old_one_goes_before_the_new_one_is_ready(rig):
    master, old, port, _ = begin(rig)
    next_master, new, same_port, _ = come(rig)
    master.kill()
    os.kill(old.pid, signal.SIGKILL)
    new.hear("SERVE")
    assert same_port == port
    assert "goes on with" in log_of(next_master)


def test_the_old_one_goes_while_it_gives_way(rig):
    master, old, _, _ = begin(rig)
    _, new, _, _ = come(rig)
    new.say("READY")
    old.hear("YIELD")
    master.kill()
    new.hear("SERVE")


def test_the_new_one_goes_while_the_old_one_gives_way(rig):
    master, old, port, _ = begin(rig)
    next_master, new, _, _ = come(rig)
    new.say("READY")
    old.hear("YIELD")
    next_master.kill()
    third = rig.next()
    third.greet()
    third.place()
    assert third.want(0)[0].bound_port == port
    third.seal()
    third.hear("SERVE")
    assert master.poll() is None


def test_not_ready_in_time(rig):
    master = rig.master()
    old = rig.next()
    old.greet()
    old.place(handover=str(rig.folder / "hand"), upgrade_timeout_ms=3000)
    old.want(0, count=2)
    old.seal()
    old.hear("SERVE")
    wait_for(lambda: is_asked_at(rig.folder / "hand"), "it may be asked")
    next_master, _, _, _ = come(rig)
    assert next_master.wait(10) == 1
    assert "the lb that serves goes on" in log_of(next_master)
    assert old.is_silent() and master.poll() is None


def test_who_serves_crashes_meanwhile(rig):
    master, old, port, _ = begin(rig)
    _, new, _, _ = come(rig)
    os.kill(old.pid, signal.SIGKILL)
    third = rig.next()
    third.greet()
    third.place(handover=str(rig.folder / "hand"))
    new.say("READY")
    new.hear("SERVE")
    assert master.wait(10) == 0
    assert third.is_gone()
    socket.create_connection(("127.0.0.1", port), 5).close()


def test_a_stranger_that_says_nothing_or_nonsense(rig):
    master, old, _, _ = begin(rig)
    for words in (b"", b"x", b"\0" * 528, b"\xff" * 528):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as stranger:
            stranger.connect(str(rig.folder / "hand"))
            if words:
                stranger.send(words)
    wait_for(lambda: master.poll() is None, "it goes on")
    _, new, _, _ = come(rig)
    new.say("READY")
    old.hear("YIELD")


@pytest.mark.parametrize("count", [700])
def test_who_takes_over_may_read_slowly(count, rig):
    master, old, _, _ = begin(rig)
    for _ in range(count):
        _, sockets = old.want(free_port(), role="tcp")
        for sock in sockets:
            sock.close()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as peer:
        peer.connect(str(rig.folder / "hand"))
        peer.send(struct.pack("=IiQ", KINDS["TAKE"], 0, VERSION).ljust(16 + BODY_BYTES, b"\0"))
        assert select.select([peer], [], [], 20)[0]
        wait_for(lambda: Path(f"/proc/{master.pid}/stat").read_text().split()[2] == "S", "it can give no more")
        given = 0
        while True:
            data, fds, _, _ = socket.recv_fds(peer, 2048, 64)
            message = Message(data, fds)
            for fd in fds:
                os.close(fd)
            assert message.kind in ("KEEPSAKES", "GIVE"), message.text
            given += message.kind == "GIVE"
            if message.kind == "GIVE" and not fds:
                break
    assert given == count + 2
