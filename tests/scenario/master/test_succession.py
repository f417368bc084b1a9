"""One proxy process after another: renewal and upgrade, and what may go wrong in them."""

import os
import signal
import socket
import struct
import subprocess

import pytest
from rig import (FAKE, NOT_RENEWED, NOT_UPGRADED, RENEWED, SUCCESSOR, UPGRADED, log_of, socket_words, wait_for_log)
from support import processes
from support.program import BIN_DIR
from support.waiting import is_stopped, wait_for


def begin(rig, **place):
    master = rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.place(**place)
    first, sockets = proxy.want(0)
    proxy.seal()
    proxy.hear("SERVE")
    proxy.say("READY")
    return master, proxy, first.bound_port, sockets


def prepare(proxy, **place):
    """A successor up to its seal."""
    welcome = proxy.greet()
    assert welcome.status == SUCCESSOR
    proxy.place(**place)
    first, sockets = proxy.want(0)
    proxy.seal()
    return first.bound_port, sockets


def test_a_renewal(rig):
    master, old, port, _ = begin(rig)
    old.say("RENEW", b"listen has changed")
    new = rig.next()
    assert prepare(new)[0] == port
    assert new.is_silent() and old.is_silent()
    new.say("READY")
    old.hear("YIELD")
    assert new.is_silent()
    old.say("YIELDED")
    new.hear("SERVE")
    news = new.hear("NEWS")
    assert news.status == RENEWED
    old.do("exit 0")
    wait_for(old.is_gone, "the old one is gone")
    wait_for_log(master, f"lb-proxy {old.pid} has finished what ran in it")
    assert new.is_silent() and rig.nobody_comes(0.2)
    os.kill(new.pid, signal.SIGKILL)
    welcome = rig.next().greet()
    assert welcome.history["renewal_count"] == 1 and welcome.crashes() == {"SIGKILL": 1}


def test_sockets_of_settings_that_are_gone_are_closed_when_the_new_one_serves(rig):
    _, old, port, sockets = begin(rig)
    old.say("RENEW")
    new = rig.next()
    new.greet()
    new.place()
    first, _ = new.want(0, role="other")
    new.seal()
    for sock in sockets:
        sock.close()
    new.say("READY")
    old.hear("YIELD")
    socket.create_connection(("127.0.0.1", port), 5).close()
    old.say("YIELDED")
    new.hear("SERVE")
    wait_for(lambda: socket.socket().connect_ex(("127.0.0.1", port)) != 0, "nobody listens at the old port")
    socket.create_connection(("127.0.0.1", first.bound_port), 5).close()


def test_one_address_may_change_its_name_and_grow_wider(rig):
    _, old, port, _ = begin(rig)
    old.say("RENEW")
    new = rig.next()
    new.greet()
    new.place()
    wide = socket_words(port, role="admin")
    new.say("WANT", wide.replace(socket.inet_aton("127.0.0.1"), bytes(4)))
    assert new.hear("SOCKETS").status == 0  # any address, where the old one has one of them


def test_one_that_says_nothing_of_giving_way_is_not_waited_for_long(rig):
    master, old, _, _ = begin(rig)
    old.say("RENEW")
    new = rig.next()
    prepare(new)
    new.say("READY")
    old.hear("YIELD")
    new.hear("SERVE")
    assert "did not say that it has" in log_of(master)


def test_one_that_is_not_ready_in_time_is_killed(rig):
    master, old, _, _ = begin(rig, upgrade_timeout_ms=3000)  # in which it comes also on a busy machine
    old.say("RENEW")
    new = rig.next()
    prepare(new)
    news = old.hear("NEWS")
    assert news.status == NOT_RENEWED and "not ready in time" in news.text
    wait_for(new.is_gone, "it was killed")
    assert old.is_silent() and rig.nobody_comes(0.2)
    wait_for_log(master, "renewal failed: the new lb-proxy was not ready in time")
    old.say("RENEW")
    assert rig.next().greet().crashes() == {}


def test_where_nothing_was_ready_a_new_one_need_not_be(rig):
    rig.master()
    old = rig.next()
    old.start()
    old.say("RENEW")
    new = rig.next()
    prepare(new)
    old.hear("YIELD")
    old.say("YIELDED")
    new.hear("SERVE")


def test_one_that_ends_before_it_is_ready_is_told(rig):
    _, old, _, _ = begin(rig)
    old.say("RENEW")
    rig.next().do("exit 2")
    news = old.hear("NEWS")
    assert news.status == NOT_RENEWED and "exit status 2" in news.text
    assert old.is_silent() and rig.nobody_comes(0.2)


def test_a_second_one_is_left_out(rig):
    master, old, _, _ = begin(rig)
    old.say("RENEW")
    new = rig.next()
    old.say("RENEW")
    assert old.hear("NEWS").status == NOT_RENEWED
    master.send_signal(signal.SIGUSR2)
    assert old.hear("NEWS").status == NOT_UPGRADED
    prepare(new)
    new.say("READY")
    old.hear("YIELD")


def test_who_serves_crashes_while_another_one_comes(rig):
    _, old, port, _ = begin(rig)
    old.say("RENEW")
    new = rig.next()
    os.kill(old.pid, signal.SIGKILL)
    assert rig.nobody_comes(0.2)
    assert prepare(new)[0] == port
    new.hear("SERVE")


def test_who_serves_crashes_when_another_one_is_sealed(rig):
    _, old, _, _ = begin(rig)
    old.say("RENEW")
    new = rig.next()
    prepare(new)
    assert new.is_silent()
    os.kill(old.pid, signal.SIGKILL)
    new.hear("SERVE")


def test_both_crash(rig):
    _, old, port, _ = begin(rig)
    old.say("RENEW")
    new = rig.next()
    os.kill(old.pid, signal.SIGKILL)
    assert rig.nobody_comes(0.2)
    os.kill(new.pid, signal.SIGKILL)
    third = rig.next()
    third.greet()
    third.place()
    assert third.want(0)[0].bound_port == port
    third.seal()
    third.hear("SERVE")


def test_the_new_one_crashes_when_the_old_one_gives_way(rig):
    master, old, _, _ = begin(rig)
    old.say("RENEW")
    new = rig.next()
    prepare(new)
    new.say("READY")
    old.hear("YIELD")
    os.kill(new.pid, signal.SIGKILL)
    third = rig.next()
    third.start()
    assert "has given way" in log_of(master)


def test_a_leaving_one_that_is_killed_is_no_crash(rig):
    _, old, _, _ = begin(rig, grace_ms=200)
    old.say("RENEW")
    new = rig.next()
    prepare(new, grace_ms=200)
    new.say("READY")
    old.hear("YIELD")
    old.say("YIELDED")
    new.hear("SERVE")
    wait_for(old.is_gone, "its grace is over")
    assert new.await_kind("NEWS").status == RENEWED and rig.nobody_comes(0.3)


def test_at_most_eight_leave_at_once(rig):
    _, old, _, _ = begin(rig)
    served = [old]
    for _ in range(10):
        served[-1].say("RENEW")
        new = rig.next()
        prepare(new)
        new.say("READY")
        served[-1].await_kind("YIELD")
        served[-1].say("YIELDED")
        new.hear("SERVE")
        served.append(new)
    wait_for(lambda: served[0].is_gone() and served[1].is_gone(), "the oldest are cut")
    assert not any(played.is_gone() for played in served[2:])


def test_the_end_while_another_one_comes(rig):
    master, old, _, _ = begin(rig)
    old.say("RENEW")
    new = rig.next()
    prepare(new)
    master.send_signal(signal.SIGTERM)
    assert master.wait(10) == 128 + 15
    assert new.is_gone()


# ---- upgrade ------------------------------------------------------------------------------------------------

def upgrade(rig, master, old):
    """With programs on disk that are other files. Gives the new lb-proxy, which serves."""
    master.send_signal(signal.SIGUSR2)
    new = rig.next()
    port, _ = prepare(new)
    new.say("READY")
    old.await_kind("YIELD")
    old.say("YIELDED")
    new.hear("SERVE")
    return new, port


def exe_of(master):
    return os.stat(f"/proc/{master.pid}/exe").st_ino


@pytest.mark.quick
def test_an_upgrade_replaces_the_master_too(rig):
    master, old, port, _ = begin(rig)
    rig.replace("lb", BIN_DIR / "lb")
    rig.replace("lb-proxy", FAKE)
    fds = len(os.listdir(f"/proc/{master.pid}/fd"))
    assert exe_of(master) != (rig.programs / "lb").stat().st_ino
    new, same_port = upgrade(rig, master, old)
    assert same_port == port
    assert new.await_kind("NEWS").status == UPGRADED
    wait_for(lambda: exe_of(master) == (rig.programs / "lb").stat().st_ino, "the master is the new lb")
    # The new master knows all that the one before knew: children, sockets, signals.
    new.say("WANT", socket_words(0))
    assert new.await_kind("SOCKETS").bound_port == port
    old.do("exit 0")
    wait_for_log(master, f"lb-proxy {old.pid} has finished what ran in it")
    wait_for(lambda: len(os.listdir(f"/proc/{master.pid}/fd")) <= fds, "what was of the one before is closed")
    again, _ = upgrade(rig, master, new)
    os.kill(again.pid, signal.SIGSEGV)
    third = rig.next()
    welcome = third.greet()
    assert welcome.history["upgrade_count"] == 2 and welcome.crashes() == {"SIGSEGV": 1}
    third.place()
    third.want(0)
    third.seal()
    third.hear("SERVE")
    master.send_signal(signal.SIGTERM)
    assert master.wait(10) == 128 + 15


def test_an_upgrade_that_is_asked_for_as_the_master_is_replaced(rig):
    """It comes in the same turn as what ends the one before, and is the next master's."""
    master, old, _, _ = begin(rig)
    master.send_signal(signal.SIGUSR2)
    new = rig.next()
    prepare(new)
    new.say("READY")
    old.hear("YIELD")
    wait_for(lambda: processes.read(master.pid, "stat").rpartition(")")[2].split()[0] == "S", "its turn is over")
    master.send_signal(signal.SIGSTOP)
    wait_for(lambda: is_stopped(master.pid), "it stands still")
    old.say("YIELDED")
    master.send_signal(signal.SIGUSR2)
    master.send_signal(signal.SIGCONT)
    new.hear("SERVE")
    prepare(rig.next())


def test_ctl_upgrade_is_the_same(rig):
    _, old, _, _ = begin(rig)
    old.say("UPGRADE")
    assert rig.next().greet().status == SUCCESSOR


def test_discovery_is_replaced_too(rig):
    master = rig.master()
    old = rig.next()
    old.greet()
    old.place()
    old.plan(*rig.discovery_plan())
    old.want(0)
    old.seal()
    old.hear("SERVE")
    discovery = rig.next("discovery")
    master.send_signal(signal.SIGUSR2)
    new = rig.next()
    new.greet()
    new.place()
    new.plan(*rig.discovery_plan())
    new.want(0)
    new.seal()
    new.say("READY")
    old.await_kind("YIELD")
    old.say("YIELDED")
    new.hear("SERVE")
    assert rig.next("discovery").pid != discovery.pid
    assert discovery.is_gone()
    while new.await_kind("LINE").value != 2:
        pass


BAD = {
    "ends by exit status 1": "#!/bin/sh\nexit 1\n",
    "is no program": "what\n",
    "is killed": "#!/bin/sh\nkill -9 $$\n",
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_lb_changes_nothing(rig, what):
    master, old, _, _ = begin(rig)
    rig.replace("lb", BAD[what])
    master.send_signal(signal.SIGUSR2)
    news = old.hear("NEWS")
    assert news.status == NOT_UPGRADED and "the new lb ended by" in news.text
    assert old.is_silent() and rig.nobody_comes(0.2)
    rig.replace("lb", BIN_DIR / "lb")
    upgrade(rig, master, old)


def test_an_lb_that_hangs_changes_nothing(rig):
    master, old, _, _ = begin(rig, upgrade_timeout_ms=300)
    rig.replace("lb", "#!/bin/sh\nexec sleep 60\n")
    master.send_signal(signal.SIGUSR2)
    assert old.hear("NEWS").status == NOT_UPGRADED
    assert old.is_silent()


def test_a_bad_lb_proxy_changes_nothing(rig):
    master, old, _, _ = begin(rig)
    rig.replace("lb-proxy", "#!/bin/sh\nexit 1\n")
    master.send_signal(signal.SIGUSR2)
    assert old.hear("NEWS").status == NOT_UPGRADED
    os.kill(old.pid, signal.SIGKILL)
    assert rig.next().greet()  # the kept one


def of_another_version(rig):
    """An lb that reads no state of this version."""
    program = (BIN_DIR / "lb").read_bytes()
    assert program.count(b"lb-state") >= 1
    (rig.folder / "other").write_bytes(program.replace(b"lb-state", b"lb-STATE"))
    (rig.folder / "other").chmod(0o755)
    return rig.folder / "other"


def test_an_lb_that_cannot_read_the_state_is_found_by_its_trial(rig):
    master, old, _, _ = begin(rig)
    rig.replace("lb", of_another_version(rig))
    master.send_signal(signal.SIGUSR2)
    assert old.hear("NEWS").status == NOT_UPGRADED
    wait_for_log(master, "this lb cannot take over from the one that runs")


def test_an_lb_that_cannot_read_the_state_after_all_becomes_the_one_before(rig):
    master, old, port, _ = begin(rig)
    master.send_signal(signal.SIGUSR2)
    new = rig.next()
    prepare(new)
    rig.replace("lb", of_another_version(rig))  # after the trial
    new.say("READY")
    old.await_kind("YIELD")
    old.say("YIELDED")
    new.hear("SERVE")
    wait_for_log(master, "the new lb could not go on")
    new.say("WANT", socket_words(0))
    assert new.await_kind("SOCKETS").bound_port == port
    os.kill(new.pid, signal.SIGKILL)
    assert rig.next().greet()


def test_an_lb_that_is_gone_after_the_trial_is_told(rig):
    master, old, _, _ = begin(rig)
    master.send_signal(signal.SIGUSR2)
    new = rig.next()
    prepare(new)
    (rig.programs / "lb").unlink()
    new.say("READY")
    old.await_kind("YIELD")
    old.say("YIELDED")
    new.hear("SERVE")
    wait_for_log(master, "the lb that runs goes on")
    os.kill(new.pid, signal.SIGKILL)
    assert rig.next().greet()


@pytest.mark.parametrize("state", [b"", b"lb-state", b"lb-state" + struct.pack("=III", 1, 1, 9),
                                   b"lb-state" + struct.pack("=III", 9, 1, 0),
                                   b"lb-state" + struct.pack("=IIIII", 1, 1, 1, 1, 1 << 31)])
def test_a_trial_with_something_that_is_no_state(rig, state):
    fd = os.memfd_create("x")
    os.write(fd, state)
    result = subprocess.run([rig.programs / "lb", "--version"], env={"LB_MASTER_TRIAL": "3"}, capture_output=True, text=True,
                            timeout=10, check=False, close_fds=False, preexec_fn=lambda: os.dup2(fd, 3))
    assert result.returncode == 1 and "cannot take over" in result.stderr


def test_settings_that_change_while_another_one_comes_are_read_by_that_one(rig):
    master, old, _, _ = begin(rig)
    old.say("RENEW", b"first")
    new = rig.next()
    prepare(new)
    master.send_signal(signal.SIGHUP)
    assert old.heard() == signal.SIGHUP
    old.say("RENEW", b"second")
    assert old.hear("NEWS").status == NOT_RENEWED
    new.say("READY")
    old.hear("YIELD")
    old.say("YIELDED")
    new.hear("SERVE")
    assert new.heard() == signal.SIGHUP
    new.say("RENEW", b"second")
    prepare(rig.next())


def test_settings_that_change_while_another_one_fails_are_read_again(rig):
    """The bad ones, and a moment later the good ones: those come into force."""
    master, old, _, _ = begin(rig)
    old.say("RENEW", b"bad")
    new = rig.next()
    master.send_signal(signal.SIGHUP)
    assert old.heard() == signal.SIGHUP
    old.say("RENEW", b"good")
    assert old.hear("NEWS").status == NOT_RENEWED
    os.kill(new.pid, signal.SIGKILL)
    assert old.hear("NEWS").status == NOT_RENEWED
    assert old.heard() == signal.SIGHUP
    old.say("RENEW", b"good")
    prepare(rig.next())
