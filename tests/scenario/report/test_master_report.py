"""lb-report as the master runs it: started by its plan with what it works on, which outlives it, and told of crashes."""

import fcntl
import os
import signal
import socket
import struct

import pytest
from report_rig import (COUNTS_BYTES, fill, inbox_of, messages, objects, outbox_of, outlet_of, serve, start, succeed,
                        tell)
from rig import COUNTS, CRASH, REPORTER, log_of, set_gauges, socket_words, wait_for_log
from support.waiting import wait_for

EACCES = 13


def is_root():
    return os.geteuid() == 0


# ---- what it is given ---------------------------------------------------------------------------------

def test_starts_by_the_plan_with_its_inbox_and_its_counts(rig):
    rig.master(CONSUL_HTTP_TOKEN="secret", DOCKER_HOST="unix:///x", LB_ADMIN_TOKEN="t", LB_OUTBOX_FD="77")
    proxy = rig.next()
    assert "LB_OUTBOX_FD" not in proxy.about["environment"]
    keepsakes = serve(rig, proxy, discovery=None)
    reporter = rig.next("reporter")
    assert reporter.about["arguments"] == ["--gelf", "x"]
    words = {name: value for name, value in reporter.about["environment"].items() if name != "LC_CTYPE"}
    assert words == {"FAKE_PATH": str(rig.folder / "fake"), "FAKE_ROLE": "reporter", "LB_SENTRY_DSN": "s"}
    assert reporter.about["session"] == reporter.pid and reporter.about["open"][:2] == ["/dev/null"] * 2
    outbox, inbox = outbox_of(keepsakes), inbox_of(reporter)
    tell(outbox, b"Aone\n")
    tell(outbox, b"B{}")
    assert [message for message in messages(inbox) if message[:1] != b"L"] == [b"Aone\n", b"B{}"]
    assert os.fstat(reporter.fds[1]).st_size == COUNTS_BYTES
    os.pwrite(reporter.fds[1], b"\7" * 8, 0)
    assert os.pread(keepsakes[COUNTS], 8, 0) == b"\7" * 8


def test_the_page_of_counts_is_read_only_for_the_proxy_and_keeps_its_size(rig):
    rig.master()
    proxy = rig.next()
    keepsakes = serve(rig, proxy, discovery=None)
    reporter = rig.next("reporter")
    assert fcntl.fcntl(keepsakes[COUNTS], fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    with pytest.raises(OSError):
        os.pwrite(keepsakes[COUNTS], b"1", 0)
    with pytest.raises(OSError):
        os.ftruncate(reporter.fds[1], 0)
    assert os.fstat(keepsakes[COUNTS]).st_size == COUNTS_BYTES


@pytest.mark.skipif(not is_root(), reason="only root becomes somebody else")
def test_it_is_the_proxys_user_with_no_group_more(rig):
    rig.master()
    proxy = rig.next()
    keepsakes = proxy.greet().fds
    proxy.place(uid=43210, gid=43211)
    proxy.plan("/bin/sh", ("-c", "echo $(id -u) $(id -ru) $(id -G) $(id -rg) >&4; exec sleep 1000"),
               (f"PATH={os.environ['PATH']}",), helper=REPORTER)
    proxy.seal()
    proxy.hear("SERVE")
    wait_for(lambda: b"\n" in os.pread(keepsakes[COUNTS], 100, 0), "it has told who it is")
    assert os.pread(keepsakes[COUNTS], 100, 0).split(b"\n")[0] == b"43210 43210 43211 43211"


def test_discovery_gets_the_outbox_where_somebody_reads_it(rig):
    rig.master()
    proxy = rig.next()
    serve(rig, proxy)
    reporter, discovery = rig.next("reporter"), rig.next("discovery")
    with outlet_of(discovery) as outbox:
        tell(outbox, b"Lof discovery\n")
    assert b"Lof discovery\n" in messages(inbox_of(reporter))


def test_without_a_plan_there_is_none_of_it(rig):
    rig.master()
    proxy = rig.next()
    serve(rig, proxy, reports=False)
    assert "LB_OUTBOX_FD" not in rig.next("discovery").about["environment"]
    assert rig.nobody_comes()


def test_the_masters_own_lines_are_told(rig):
    master, proxy, _, reporter = start(rig)
    os.kill(proxy.pid, signal.SIGKILL)
    wait_for_log(master, f"lb-proxy {proxy.pid} ended by signal 9")
    lines = objects(messages(inbox_of(reporter)), b"L")
    line = next(line for line in lines if f"lb-proxy {proxy.pid} ended by signal 9" in line["message"])
    assert (line["log.level"], line["log.logger"]) == ("error", "lb")


# ---- its ends -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("how, words", [("exit 3", "exit status 3"), (signal.SIGKILL, "signal 9 (SIGKILL)")])
def test_what_waits_is_there_for_the_next_one(rig, how, words):
    master, proxy, outbox, reporter = start(rig)
    for number in range(1, 4):
        tell(outbox, b"A%d\n" % number)
        os.pwrite(reporter.fds[1], b"%d" % number, 0)
        if isinstance(how, str):
            reporter.do(how)
        else:
            os.kill(reporter.pid, how)
        wait_for_log(master, f"lb-report {reporter.pid} ended by {words} after ")
        reporter = rig.next("reporter")
        assert os.pread(reporter.fds[1], 1, 0) == b"%d" % number
    assert [message for message in messages(inbox_of(reporter)) if message[:1] == b"A"] == [b"A1\n", b"A2\n", b"A3\n"]
    assert proxy.is_silent()


def test_one_that_cannot_be_started_is_told_and_tried_again(rig):
    master = rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.place()
    lies = rig.folder / "lb-report"
    _, arguments, words = rig.reporter_plan()
    proxy.plan(str(lies), arguments, words, helper=REPORTER)
    proxy.seal()
    proxy.hear("SERVE")
    wait_for_log(master, "lb-report cannot be started: No such file or directory")
    lies.symlink_to(rig.programs / "lb-proxy")
    assert rig.next("reporter").about["arguments"] == ["--gelf", "x"]


def test_one_that_reads_nothing_delays_nobody(rig):
    master, proxy, outbox, reporter = start(rig)
    os.kill(reporter.pid, signal.SIGSTOP)
    assert fill(outbox) > 100000
    for _ in range(3):
        os.kill(proxy.pid, signal.SIGABRT)
        before, proxy = proxy, rig.next()
        serve(rig, proxy, discovery=None)
        proxy.hear("SERVE")
        assert f"lb-proxy {before.pid} ended by signal 6" in log_of(master)
    first, sockets = proxy.want(32100)
    assert first.kind == "SOCKETS"
    os.kill(reporter.pid, signal.SIGCONT)


def test_a_socket_that_one_who_tells_has_shut_is_made_anew(rig):
    master, proxy, outbox, reporter = start(rig)
    outbox.shutdown(socket.SHUT_RDWR)
    reporter.do("exit 0")
    second = rig.next("reporter")
    wait_for_log(master, "is made anew")
    os.kill(proxy.pid, signal.SIGSEGV)
    keepsakes = serve(rig, rig.next(), discovery=None)
    tell(outbox_of(keepsakes), b"Aheard\n")
    found = messages(inbox_of(second))
    assert b"Aheard\n" in found and objects(found, b"C")[0]["reason"] == "SIGSEGV"


# ---- another plan -------------------------------------------------------------------------------------

def test_the_same_plan_goes_on(rig):
    _, proxy, outbox, reporter = start(rig)
    proxy.say("RENEW", b"listen")
    _, keepsakes = succeed(rig, proxy, discovery=None)
    tell(outbox_of(keepsakes), b"Athe same\n")
    assert b"Athe same\n" in messages(inbox_of(reporter))
    assert rig.nobody_comes() and not reporter.is_gone()


def test_another_plan_replaces_it_when_it_has_drained(rig):
    _, proxy, outbox, reporter = start(rig, "FAKE_HEARS=1")
    proxy.say("RENEW", b"gelf")
    succeed(rig, proxy, "FAKE_HEARS=1", "B=2", discovery=None)
    assert reporter.heard() == signal.SIGTERM
    assert rig.nobody_comes()
    tell(outbox, b"Awaits\n")
    reporter.do("exit 0")
    second = rig.next("reporter")
    assert second.about["environment"]["B"] == "2" and reporter.is_gone()
    assert b"Awaits\n" in messages(inbox_of(second))


def test_one_that_does_not_go_is_killed(rig):
    _, proxy, _, reporter = start(rig, "FAKE_HEARS=1")
    proxy.say("RENEW", b"gelf")
    succeed(rig, proxy, "B=2", discovery=None)
    assert reporter.heard() == signal.SIGTERM
    assert rig.next("reporter").about["environment"]["B"] == "2"
    assert reporter.is_gone()


def test_no_plan_any_more_is_its_end(rig):
    _, proxy, _, reporter = start(rig, discovery=())
    first = rig.next("discovery")
    assert "LB_OUTBOX_FD" in first.about["environment"]
    proxy.say("RENEW", b"gelf")
    succeed(rig, proxy, reports=False)
    wait_for(reporter.is_gone, "it has ended")
    assert "LB_OUTBOX_FD" not in rig.next("discovery").about["environment"]
    assert rig.nobody_comes()


def test_a_first_plan_gives_discovery_the_outbox(rig):
    rig.master()
    proxy = rig.next()
    serve(rig, proxy, reports=False)
    first = rig.next("discovery")
    proxy.say("RENEW", b"gelf")
    succeed(rig, proxy)
    assert rig.next("reporter")
    assert "LB_OUTBOX_FD" in rig.next("discovery").about["environment"]
    assert first.is_gone()


def test_an_upgrade_keeps_what_waits_and_starts_the_program_that_lies_there_now(rig):
    master, proxy, outbox, reporter = start(rig, "FAKE_HEARS=1")
    os.pwrite(reporter.fds[1], b"counts", 0)
    tell(outbox, b"Abefore\n")
    master.send_signal(signal.SIGUSR2)
    _, keepsakes = succeed(rig, proxy, "FAKE_HEARS=1", discovery=None)
    assert reporter.heard() == signal.SIGTERM
    tell(outbox, b"Aof the old one\n")
    tell(outbox_of(keepsakes), b"Aof the new one\n")
    reporter.do("exit 0")
    second = rig.next("reporter")
    assert os.pread(second.fds[1], 6, 0) == os.pread(keepsakes[COUNTS], 6, 0) == b"counts"
    found = [message for message in messages(inbox_of(second)) if message[:1] == b"A"]
    assert found == [b"Abefore\n", b"Aof the old one\n", b"Aof the new one\n"]
    master.send_signal(signal.SIGHUP)
    os.kill(second.pid, signal.SIGKILL)
    wait_for_log(master, f"lb-report {second.pid} ended by signal 9")
    told = objects(messages(inbox_of(rig.next("reporter"))), b"L")
    assert any(f"lb-report {second.pid} ended by signal 9" in line["message"] for line in told)


def test_two_masters_have_one_each(rig):
    path = str(rig.folder / "hand")
    master, proxy, outbox, reporter = start(rig, "FAKE_HEARS=1", handover=path)
    os.pwrite(reporter.fds[1], b"counts", 0)
    next_master = rig.master()
    new = rig.next()
    keepsakes = serve(rig, new, discovery=None, handover=path)
    new.say("READY")
    proxy.hear("YIELD")
    proxy.say("YIELDED")
    new.hear("SERVE")
    other = rig.next("reporter")
    assert os.pread(keepsakes[COUNTS], 6, 0) == b"counts"
    tell(outbox, b"Aold\n")
    tell(outbox_of(keepsakes), b"Anew\n")
    assert not reporter.is_gone()
    proxy.do("exit 0")
    assert reporter.heard() == signal.SIGTERM
    old, new = messages(inbox_of(reporter)), messages(inbox_of(other))
    assert b"Aold\n" in old and b"Anew\n" in new and b"Anew\n" not in old and b"Aold\n" not in new
    reporter.do("exit 0")
    assert master.wait(10) == 0 and next_master.poll() is None


# ---- hostile plans ------------------------------------------------------------------------------------

@pytest.mark.parametrize("value", [3, 255, 1 << 32, (1 << 64) - 1])
def test_a_plan_of_an_unknown_program_is_the_end_of_who_says_it(rig, value):
    master = rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.plan(*rig.reporter_plan(), helper=value)
    assert proxy.channel.recv(1) == b""
    wait_for_log(master, "its PLAN is of a program that is unknown")


def test_a_second_plan_is_the_end_of_who_says_it(rig):
    master = rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.plan(*rig.reporter_plan(), helper=REPORTER)
    proxy.say("PLAN", value=REPORTER)
    assert proxy.channel.recv(1) == b""
    wait_for_log(master, "it has told its PLAN before")


def test_after_the_seal_nobody_plans(rig):
    master, proxy, _, reporter = start(rig)
    proxy.plan("/bin/false", helper=REPORTER)
    wait_for_log(master, f"lb-proxy {proxy.pid} is being ended: it said something out of turn")
    assert not reporter.is_gone()


def test_its_plan_opens_no_ports(rig):
    rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.place()
    strings = "/bin/false"
    proxy.plan(strings, head=struct.pack("=IIIIQ", 0, 0, 1, 1023, len(strings) + 1), helper=REPORTER)
    proxy.seal()
    proxy.hear("SERVE")
    proxy.say("WANT", socket_words(79))
    assert proxy.hear("SOCKETS").status == -EACCES


# ---- crashes of lb-proxy ------------------------------------------------------------------------------

def crash(rig, proxy, keepsakes, left, how=signal.SIGSEGV):
    """The proxy crashes and leaves that text; gives the next one and its keepsakes."""
    os.ftruncate(keepsakes[CRASH], 0)
    os.pwrite(keepsakes[CRASH], left, 0)
    os.kill(proxy.pid, how)
    proxy = rig.next()
    keepsakes = serve(rig, proxy, discovery=None)
    proxy.hear("SERVE")
    return proxy, keepsakes


def begin(rig):
    rig.master()
    proxy = rig.next()
    keepsakes = serve(rig, proxy, discovery=None)
    return proxy, keepsakes, inbox_of(rig.next("reporter"))


def test_a_crash_is_told_with_what_it_left(rig):
    proxy, keepsakes, inbox = begin(rig)
    set_gauges(keepsakes[2], 3, 4)
    proxy, keepsakes = crash(rig, proxy, keepsakes, b"crashed: signal 11 (SIGSEGV) at address 0x0\0of another one")
    (told,) = objects(messages(inbox), b"C")
    assert told.pop("timestamp") > 1600000000
    assert told == {"reason": "SIGSEGV", "lost_requests": 7, "crashes_in_a_row": 1, "is_crash_loop": False,
                    "text": "crashed: signal 11 (SIGSEGV) at address 0x0"}
    # What the one before left is not the next one's.
    os.kill(proxy.pid, signal.SIGKILL)
    proxy = rig.next()
    (told,) = objects(messages(inbox), b"C")
    assert told["reason"] == "SIGKILL" and "text" not in told and told["crashes_in_a_row"] == 2


def test_a_crash_loop_is_told(rig):
    proxy, keepsakes, inbox = begin(rig)
    for _ in range(4):
        proxy, keepsakes = crash(rig, proxy, keepsakes, b"")
    found = messages(inbox)
    assert [told["is_crash_loop"] for told in objects(found, b"C")] == [False, False, True, True]
    assert sum("ends again and again" in line["message"] for line in objects(found, b"L")) == 1


STRANGE = {"no UTF-8": b"\xff\xfe\x80" * 2000, "orders to a terminal": b"\x1b[31m\x00", "endless": b"\x01" * 100000,
           "JSON": b'"}\n{"\\', "surrogates": b"\xed\xa0\x80" * 10, "the wrong way": "\u202e".encode() * 1500,
           "escapes": b"\\" * 5000}


@pytest.mark.parametrize("what", STRANGE)
def test_what_it_left_is_a_strangers_word(rig, what):
    proxy, keepsakes, inbox = begin(rig)
    crash(rig, proxy, keepsakes, STRANGE[what])
    found = messages(inbox)
    (message,) = [message for message in found if message[:1] == b"C"]
    (told,) = objects([message], b"C")
    assert len(message) < 32768 and message.decode("utf-8") and told["reason"] == "SIGSEGV"
    assert all(character == "\n" or character.isprintable() for character in told["text"])


def test_one_that_has_given_way_and_crashes_is_told(rig):
    _, proxy, _, reporter = start(rig)
    proxy.say("RENEW", b"listen")
    succeed(rig, proxy, discovery=None)
    os.kill(proxy.pid, signal.SIGBUS)
    inbox, found = inbox_of(reporter), []
    wait_for(lambda: found.extend(messages(inbox)) or objects(found, b"C"), "its crash is told")
    assert objects(found, b"C")[0]["reason"] == "SIGBUS"


def test_where_nobody_wants_to_know_nothing_waits(rig):
    rig.master()
    proxy = rig.next()
    serve(rig, proxy, reports=False, discovery=None)
    proxy.hear("SERVE")
    os.kill(proxy.pid, signal.SIGSEGV)
    serve(rig, rig.next(), discovery=None)
    inbox = inbox_of(rig.next("reporter"))
    assert not [message for message in messages(inbox) if message[:1] == b"C" or b"SIGSEGV" in message]


# ---- the end ------------------------------------------------------------------------------------------

def test_it_ends_last_and_delivers_what_the_others_told(rig):
    master = rig.master(FAKE_HEARS="1")
    proxy = rig.next()
    outbox = outbox_of(serve(rig, proxy, "FAKE_HEARS=1", discovery=("FAKE_HEARS=1",)))
    reporter, discovery = rig.next("reporter"), rig.next("discovery")
    master.send_signal(signal.SIGTERM)
    assert proxy.heard() == signal.SIGTERM
    tell(outbox, b"Athe last of the proxy\n")
    proxy.do("exit 0")
    assert discovery.heard() == signal.SIGTERM
    reporter.line.settimeout(0.3)
    with pytest.raises(TimeoutError):
        reporter.line.recv(100)
    with outlet_of(discovery) as of_discovery:
        tell(of_discovery, b"Lthe last of discovery\n")
    discovery.do("exit 0")
    assert reporter.heard() == signal.SIGTERM
    found = messages(inbox_of(reporter))
    assert b"Athe last of the proxy\n" in found and b"Lthe last of discovery\n" in found
    assert master.poll() is None
    reporter.do("exit 0")
    assert master.wait(10) == 0


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGCONT])
def test_one_that_hangs_keeps_no_master_from_ending(rig, number):
    master, _, _, reporter = start(rig, "FAKE_HEARS=1")
    os.kill(reporter.pid, number)
    master.send_signal(signal.SIGTERM)
    assert master.wait(20) == 128 + 15
    assert reporter.is_gone()


def test_it_is_started_again_while_what_runs_is_finished(rig):
    master = rig.master(FAKE_HEARS="1")
    proxy = rig.next()
    serve(rig, proxy, discovery=None)
    reporter = rig.next("reporter")
    master.send_signal(signal.SIGTERM)
    assert proxy.heard() == signal.SIGTERM
    os.kill(reporter.pid, signal.SIGKILL)
    second = rig.next("reporter")
    proxy.do("exit 0")
    assert master.wait(10) == 0 and second.is_gone()
