"""lb-acme as the master runs it: started by its plan with the wishes and with what became of them, which outlive it."""

import fcntl
import os
import signal
import socket

import pytest
from rig import ACME, ORDERED, OUTBOX, REPORTER, WISHES, log_of, wait_for_log
from support.waiting import wait_for


def serve(rig, proxy, *environment, acme=True, reports=False, discovery=False, **place):
    """Until it is sealed; gives the keepsakes. `environment`: more of lb-acme's."""
    keepsakes = proxy.greet().fds
    proxy.place(**place)
    if acme:
        proxy.plan(*rig.acme_plan(*environment), helper=ACME)
    if reports:
        proxy.plan(*rig.reporter_plan("FAKE_HEARS=1"), helper=REPORTER)
    if discovery:
        program, arguments, words = rig.discovery_plan()
        proxy.plan(program, arguments, (*words, "FAKE_HEARS=1"))
    proxy.seal()
    return keepsakes


def start(rig, *environment, master_words=(), **more):
    master = rig.master(**dict(master_words))
    proxy = rig.next()
    keepsakes = serve(rig, proxy, *environment, **more)
    proxy.hear("SERVE")
    return master, proxy, keepsakes, rig.next("acme")


def succeed(rig, proxy, *environment, **more):
    """Another proxy process that comes gets so far that it serves; gives both."""
    second = rig.next()
    keepsakes = serve(rig, second, *environment, **more)
    second.say("READY")
    proxy.await_kind("YIELD")
    proxy.say("YIELDED")
    second.await_kind("SERVE")
    return second, keepsakes


# ---- what it is given ---------------------------------------------------------------------------------

def test_it_reads_wishes_and_writes_what_became_of_them(rig):
    rig.master(CONSUL_HTTP_TOKEN="secret", DOCKER_HOST="unix:///x", LB_ADMIN_TOKEN="t", LB_OUTBOX_FD="77")
    proxy = rig.next()
    keepsakes = serve(rig, proxy)
    acme = rig.next("acme")
    assert acme.about["arguments"] == ["--email", "x@a.test"]
    words = {name: value for name, value in acme.about["environment"].items() if name != "LC_CTYPE"}
    assert words == {"FAKE_PATH": str(rig.folder / "fake"), "FAKE_ROLE": "acme"}
    assert acme.about["session"] == acme.pid and acme.about["open"][:2] == ["/dev/null"] * 2
    wishes, ordered = acme.fds
    os.pwrite(keepsakes[WISHES], b"wishes", 0)
    os.pwrite(ordered, b"ordered", 0)
    assert os.pread(wishes, 6, 0) == b"wishes" and os.pread(keepsakes[ORDERED], 7, 0) == b"ordered"
    for fd in (wishes, keepsakes[ORDERED]):
        assert fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
        with pytest.raises(OSError):
            os.pwrite(fd, b"1", 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_it_is_the_proxys_user_with_no_group_more(rig):
    rig.master()
    proxy = rig.next()
    keepsakes = proxy.greet().fds
    proxy.place(uid=43210, gid=43211)
    proxy.plan("/bin/sh", ("-c", "echo $(id -u) $(id -ru) $(id -G) $(id -rg) >&4; exec sleep 1000"),
               (f"PATH={os.environ['PATH']}",), helper=ACME)
    proxy.seal()
    proxy.hear("SERVE")
    wait_for(lambda: b"\n" in os.pread(keepsakes[ORDERED], 100, 0), "it has told who it is")
    assert os.pread(keepsakes[ORDERED], 100, 0).split(b"\n")[0] == b"43210 43210 43211 43211"


def test_its_log_is_delivered_where_somebody_delivers(rig):
    _, proxy, _, acme = start(rig, reports=True)
    assert acme.about["environment"]["LB_OUTBOX_FD"] == "5"
    reporter = rig.next("reporter")
    with socket.socket(fileno=os.dup(acme.fds[2])) as outbox, socket.socket(fileno=os.dup(reporter.fds[0])) as inbox:
        outbox.send(b"Lof lb-acme\n")
        found = []
        wait_for(lambda: found.append(inbox.recv(65536)) or b"Lof lb-acme\n" in found, "it is told")
    # Nobody delivers any more: the next one of the same plan has no place to tell.
    proxy.say("RENEW", b"gelf")
    succeed(rig, proxy)
    assert "LB_OUTBOX_FD" not in rig.next("acme").about["environment"] and acme.is_gone()


def test_only_where_it_shares_by_consul_it_knows_consul(rig):
    rig.master(CONSUL_HTTP_TOKEN="secret", DOCKER_HOST="unix:///x")
    proxy = rig.next()
    proxy.greet()
    proxy.place()
    proxy.plan(*rig.acme_plan(more=("--consul=http://127.0.0.1:8500",)), helper=ACME)
    proxy.seal()
    words = rig.next("acme").about["environment"]
    assert words["CONSUL_HTTP_TOKEN"] == "secret" and "DOCKER_HOST" not in words


def test_without_a_plan_there_is_none_of_it(rig):
    rig.master()
    proxy = rig.next()
    serve(rig, proxy, acme=False)
    proxy.hear("SERVE")
    assert rig.nobody_comes()


# ---- ends ---------------------------------------------------------------------------------------------

def test_it_is_started_again_and_what_was_written_stays(rig):
    master, proxy, keepsakes, acme = start(rig)
    os.pwrite(keepsakes[WISHES], b"wishes", 0)
    os.pwrite(acme.fds[1], b"ordered", 0)
    os.kill(acme.pid, signal.SIGKILL)
    second = rig.next("acme")
    assert os.pread(second.fds[0], 6, 0) == b"wishes" and os.pread(keepsakes[ORDERED], 7, 0) == b"ordered"
    wait_for_log(master, f"lb-acme {acme.pid} ended by signal 9 (SIGKILL) after ")
    os.kill(proxy.pid, signal.SIGSEGV)
    keepsakes = serve(rig, rig.next())
    assert os.pread(keepsakes[WISHES], 6, 0) == b"wishes" and not second.is_gone()


def test_one_that_is_not_there_is_said_and_tried_again(rig):
    master = rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.place()
    proxy.plan(str(rig.folder / "bin" / "lb-acme"), (), (f"FAKE_PATH={rig.folder / 'fake'}", "FAKE_ROLE=acme"), helper=ACME)
    proxy.seal()
    proxy.hear("SERVE")
    wait_for_log(master, "lb-acme cannot be started: No such file or directory; certificates are neither got nor renewed")
    rig.replace("lb-acme", rig.programs / "lb-proxy")
    assert rig.next("acme")


# ---- another plan -------------------------------------------------------------------------------------

def test_the_same_plan_goes_on(rig):
    _, proxy, _, acme = start(rig)
    proxy.say("RENEW", b"listen")
    _, keepsakes = succeed(rig, proxy)
    os.pwrite(keepsakes[WISHES], b"the new one's", 0)
    assert os.pread(acme.fds[0], 13, 0) == b"the new one's"
    assert rig.nobody_comes() and not acme.is_gone()


def test_another_plan_waits_until_the_one_before_has_ended(rig):
    _, proxy, _, acme = start(rig, "FAKE_HEARS=1")
    proxy.say("RENEW", b"acme")
    succeed(rig, proxy, "FAKE_HEARS=1", "B=2")
    assert acme.heard() == signal.SIGTERM
    assert rig.nobody_comes()
    acme.do("exit 0")
    assert rig.next("acme").about["environment"]["B"] == "2" and acme.is_gone()


def test_no_plan_any_more_is_its_end(rig):
    _, proxy, _, acme = start(rig)
    proxy.say("RENEW", b"acme")
    succeed(rig, proxy, acme=False)
    wait_for(acme.is_gone, "it has ended")
    assert rig.nobody_comes()


def test_an_upgrade_keeps_what_is_known_and_starts_the_program_that_lies_there_now(rig):
    master, proxy, keepsakes, acme = start(rig, "FAKE_HEARS=1")
    os.pwrite(keepsakes[WISHES], b"wishes", 0)
    os.pwrite(acme.fds[1], b"ordered", 0)
    master.send_signal(signal.SIGUSR2)
    _, keepsakes = succeed(rig, proxy, "FAKE_HEARS=1")
    assert acme.heard() == signal.SIGTERM
    acme.do("exit 0")
    second = rig.next("acme")
    assert os.pread(second.fds[0], 6, 0) == b"wishes"
    assert os.pread(second.fds[1], 7, 0) == os.pread(keepsakes[ORDERED], 7, 0) == b"ordered"
    os.kill(second.pid, signal.SIGKILL)
    assert rig.next("acme") and f"lb-acme {second.pid} ended by signal 9" in log_of(master)


def test_another_master_gets_copies_and_the_old_one_ends(rig):
    path = str(rig.folder / "hand")
    master, proxy, keepsakes, acme = start(rig, "FAKE_HEARS=1", handover=path)
    os.pwrite(keepsakes[WISHES], b"wishes", 0)
    os.pwrite(acme.fds[1], b"ordered", 20 << 20)  # behind a hole
    next_master = rig.master()
    new = rig.next()
    keepsakes = serve(rig, new, handover=path)
    new.say("READY")
    proxy.hear("YIELD")
    proxy.say("YIELDED")
    new.hear("SERVE")
    assert acme.heard() == signal.SIGTERM
    other = rig.next("acme")
    assert os.pread(other.fds[0], 6, 0) == b"wishes"
    assert os.pread(keepsakes[ORDERED], 7, 20 << 20) == b"ordered"
    assert os.fstat(keepsakes[ORDERED]).st_blocks <= 64, "a hole takes no memory"
    assert os.readlink(f"/proc/self/fd/{keepsakes[OUTBOX]}").startswith("socket:")
    acme.do("exit 0")
    proxy.do("exit 0")
    assert master.wait(10) == 0 and next_master.poll() is None


# ---- the end ------------------------------------------------------------------------------------------

def test_it_ends_with_discovery_after_the_proxy_and_before_the_reporter(rig):
    master, proxy, _, acme = start(rig, "FAKE_HEARS=1", reports=True, discovery=True, master_words={"FAKE_HEARS": "1"})
    reporter, discovery = rig.next("reporter"), rig.next("discovery")
    master.send_signal(signal.SIGTERM)
    assert proxy.heard() == signal.SIGTERM
    acme.line.settimeout(0.3)
    with pytest.raises(TimeoutError):
        acme.line.recv(100)
    proxy.do("exit 0")
    assert acme.heard() == signal.SIGTERM and discovery.heard() == signal.SIGTERM
    discovery.do("exit 0")
    reporter.line.settimeout(0.3)
    with pytest.raises(TimeoutError):
        reporter.line.recv(100)
    with socket.socket(fileno=os.dup(acme.fds[2])) as outbox:
        outbox.send(b"Lthe last of lb-acme\n")
    acme.do("exit 0")
    assert reporter.heard() == signal.SIGTERM
    with socket.socket(fileno=os.dup(reporter.fds[0])) as inbox:
        found = []
        wait_for(lambda: found.append(inbox.recv(65536)) or b"Lthe last of lb-acme\n" in found, "it is delivered")
    reporter.do("exit 0")
    assert master.wait(10) == 0


def test_one_that_hangs_keeps_no_master_from_ending(rig):
    master, _, _, acme = start(rig, "FAKE_HEARS=1")
    os.kill(acme.pid, signal.SIGSTOP)
    master.send_signal(signal.SIGTERM)
    assert master.wait(20) == 128 + 15
    assert acme.is_gone()
