"""The master: what it gives to lb-proxy, what it does with what that says, and how it ends."""

import os
import re
import select
import signal
import socket
import stat
import struct
import subprocess

import pytest
from rig import AGAIN, FIRST, VERSION, log_of, set_gauges, socket_words, wait_for_log
from support.program import BIN_DIR
from support.waiting import wait_for

EADDRINUSE, EACCES = 98, 13


def test_needs_nothing_but_the_c_library():
    libraries = subprocess.run(["ldd", BIN_DIR / "lb"], capture_output=True, text=True, check=True).stdout
    names = {line.split()[0].rpartition("/")[2].split(".so")[0] for line in libraries.splitlines()}
    assert names <= {"linux-vdso", "libc", "libm", "ld-linux-x86-64", "ld-linux-aarch64", "libasan", "libubsan", "libtsan",
                     "libgcc_s", "libdl", "libpthread", "librt", "libstdc++"}


@pytest.mark.quick
def test_starts_it_with_its_arguments_and_a_channel(rig):
    rig.master("--listen", "1", LB_MASTER_STATE_X="1", CONSUL_HTTP_TOKEN="secret", DOCKER_CERT_PATH="/keys", NOTIFY_SOCKET="/x",
               LISTEN_FDS="1", LB_ADMIN_TOKEN="t", UV_USE_IO_URING="1")
    proxy = rig.next()
    assert proxy.about["arguments"] == ["--listen", "1"]
    words = {name: value for name, value in proxy.about["environment"].items()
             if name not in ("PATH", "LC_CTYPE") and not name.startswith(("FAKE_", "LB_LOG_")) and "SAN_" not in name}
    assert words == {"LB_MASTER_FD": "3", "UV_USE_IO_URING": "0", "LB_ADMIN_TOKEN": "t"}
    assert proxy.about["mask"] == []


def test_one_shots_are_theirs(rig):
    rig.replace("lb-proxy", "#!/bin/sh\necho out; echo err >&2; [ \"$1\" = kill ] && kill -9 $$; exit 7\n")
    master = rig.master("ctl")
    assert master.wait(10) == 7
    assert master.stdout.read() == "out\n" and log_of(master) == "err\n"
    assert rig.master("kill").wait(10) == 128 + 9


def test_no_program_is_told(rig):
    (rig.programs / "lb-proxy").unlink()
    master = rig.master()
    assert master.wait(10) == 127
    assert "lb-proxy" in log_of(master) and "beside lb" in log_of(master)


def test_one_that_ends_before_it_is_sealed_at_the_first_start_is_the_masters_end(rig):
    master = rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.do("exit 4")
    assert master.wait(10) == 4


def test_first_start(rig):
    rig.master()
    proxy = rig.next()
    welcome = proxy.greet()
    assert (welcome.status, welcome.value, len(welcome.fds)) == (FIRST, VERSION, 8)
    assert os.fstat(welcome.fds[2]).st_size >= 1024  # a page of gauges
    assert os.pread(welcome.fds[2], 4096, 0).strip(b"\0") == b""
    assert (proxy.place().status) == 0
    first, sockets = proxy.want(0, count=3)
    assert first.status == 0 and len(sockets) == 3
    assert len({sock.getsockname() for sock in sockets}) == 1 and sockets[0].getsockname()[1] == first.bound_port
    assert proxy.is_silent()
    proxy.seal()
    proxy.hear("SERVE")
    with socket.create_connection(("127.0.0.1", first.bound_port), 5):
        assert select_one(sockets).accept()


def select_one(sockets):
    return select.select(sockets, [], [], 5)[0][0]


def test_more_than_sixty_four_sockets_come_in_several_messages(rig):
    rig.master()
    proxy = rig.next()
    proxy.greet()
    first, sockets = proxy.want(0, count=150)
    assert first.value == 150 and len(first.fds) == 64 and len(sockets) == 150


def test_what_is_asked_for_twice_is_the_same_socket(rig):
    rig.master()
    proxy = rig.next()
    proxy.greet()
    first, sockets = proxy.want(0, count=2)
    again, copies = proxy.want(0, count=2)
    assert again.bound_port == first.bound_port and len(copies) == 2
    more, many = proxy.want(0, count=4)
    assert more.bound_port == first.bound_port and len(many) == 4
    other, _ = proxy.want(0, ordinal=1)
    assert other.bound_port != first.bound_port
    twice, none = proxy.want(first.bound_port, role="admin")
    assert twice.status == -EADDRINUSE and none == []
    for sock in [*sockets, *copies, *many]:
        sock.close()


def test_an_address_in_use_is_refused_as_ever(rig):
    rig.master()
    proxy = rig.next()
    proxy.greet()
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        first, none = proxy.want(other.getsockname()[1])
    assert first.status == -EADDRINUSE and none == [] and first.fds == []


def test_a_sealed_one_gets_no_low_ports_but_those_of_its_plan(rig):
    rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.place()
    head = struct.pack("=IIIIQ", 0, 0, 700, 800, len("/nowhere") + 1)
    proxy.plan("/nowhere", head=head)
    proxy.seal()
    proxy.hear("SERVE")
    for port, status in ((80, -EACCES), (699, -EACCES), (801, -EACCES), (0, -EACCES), (1023, -EACCES)):
        proxy.say("WANT", socket_words(port, role="tcp"))
        assert proxy.await_kind("SOCKETS").status == status, port
    proxy.say("WANT", socket_words(750, role="tcp"))
    assert proxy.await_kind("SOCKETS").status != -EACCES or os.getuid()


def test_dropped_sockets_are_closed(rig):
    rig.master()
    proxy = rig.next()
    sockets = proxy.start()
    port = sockets[0].getsockname()[1]
    for sock in sockets:
        sock.close()
    with socket.create_connection(("127.0.0.1", port), 5):
        pass  # it waits in the master's copy
    proxy.say("DROP", socket_words(0))
    wait_for(lambda: socket.socket().connect_ex(("127.0.0.1", port)) != 0, "nobody listens")


# ---- crashes ------------------------------------------------------------------------------------------

def test_a_crash_is_told_and_counted_and_another_one_serves(rig):
    master = rig.master()
    proxy = rig.next()
    welcome = proxy.greet()
    proxy.place()
    _, sockets = proxy.want(0)
    port = sockets[0].getsockname()[1]
    proxy.seal()
    proxy.hear("SERVE")
    set_gauges(welcome.fds[2], 3, 4, 0xFFFFFFFF)
    sockets[0].close()
    os.write(welcome.fds[0], b"a world")
    os.kill(proxy.pid, signal.SIGSEGV)
    waiting = socket.create_connection(("127.0.0.1", port), 5)  # in the backlog
    second = rig.next()
    welcome = second.greet()
    assert welcome.status == AGAIN
    assert welcome.history["lost_request_count"] == 7 and welcome.history["start_count"] == 2
    assert welcome.history["crashes_in_a_row"] == 1 and welcome.crashes() == {"SIGSEGV": 1}
    assert welcome.history["last_crash"].startswith(b"signal 11 (SIGSEGV)\0")
    assert os.pread(welcome.fds[0], 100, 0) == b"a world"
    assert os.pread(welcome.fds[2], 4096, 0).strip(b"\0") == b""
    second.place()
    first, sockets = second.want(0)
    assert first.bound_port == port
    second.seal()
    second.hear("SERVE")
    sockets[0].settimeout(5)
    sockets[0].accept()
    waiting.close()
    assert re.search(rf"error lb: lb-proxy {proxy.pid} ended by signal 11 \(SIGSEGV\) after .*; it is started again; "
                     r"7 requests that ran are lost", log_of(master))


def test_an_exit_that_nobody_asked_for_is_a_crash(rig):
    rig.master()
    proxy = rig.next()
    proxy.start()
    proxy.do("exit 0")
    assert rig.next().greet().crashes() == {"exit": 1}


def test_crashes_in_a_row_are_a_loop_that_is_told_once(rig):
    master = rig.master()
    rig.next().start()
    for count in range(1, 5):
        proxy = rig.played[-1]
        os.kill(proxy.pid, signal.SIGKILL)
        welcome = rig.next().greet()
        assert welcome.history["crashes_in_a_row"] == count
        assert welcome.history["is_crash_loop"] == (count >= 3)
        played = rig.played[-1]
        played.place()
        played.want(0)
        played.seal()
        played.hear("SERVE")
    assert log_of(master).count("again and again") == 1


def test_one_that_crashes_before_it_is_sealed_is_started_again_too(rig):
    rig.master()
    rig.next().start()
    os.kill(rig.played[-1].pid, signal.SIGKILL)
    rig.next().do("exit 2")
    assert rig.next().greet().crashes() == {"SIGKILL": 1, "exit": 1}


# ---- hostile messages -----------------------------------------------------------------------------------

HOSTILE = {
    "of a wrong size": lambda proxy: proxy.say("READY", size=100),
    "empty but for a descriptor": lambda proxy: proxy.say("READY", fds=[0], size=0),
    "too large": lambda proxy: proxy.say("READY", size=2000),
    "unknown": lambda proxy: proxy.say(77),
    "of the master": lambda proxy: proxy.say("SERVE"),
    "of another master": lambda proxy: proxy.say("TAKE"),
    "HELLO again": lambda proxy: proxy.say("HELLO", value=VERSION),
    "a plan after the seal": lambda proxy: proxy.plan("/bin/true"),
    "a place after the seal": lambda proxy: proxy.say("PLACE"),
    "descriptors": lambda proxy: proxy.say("READY", fds=[0, 1]),
    "a family": lambda proxy: proxy.say("WANT", socket_words(0)[:32] + b"\xff" * 56),
    "a role without an end": lambda proxy: proxy.say("WANT", socket_words(2000, role="x" * 16)),
    "no count": lambda proxy: proxy.say("WANT", socket_words(2000, count=0)),
    "a count": lambda proxy: proxy.say("WANT", socket_words(2000, count=1 << 31)),
    "a kind": lambda proxy: proxy.say("WANT", socket_words(2000, kind=99)),
    "a drop": lambda proxy: proxy.say("DROP", b"\xff" * 512),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_one_that_breaks_the_rules_is_ended_and_the_master_goes_on(rig, what):
    master = rig.master()
    proxy = rig.next()
    proxy.start()
    HOSTILE[what](proxy)
    second = rig.next()
    assert second.greet().crashes() == {"SIGKILL": 1}
    assert f"lb-proxy {proxy.pid} is being ended" in log_of(master)
    assert master.poll() is None


@pytest.mark.parametrize("head", [b"", b"\0" * 24, struct.pack("=IIIIQ", 1, 0, 0, 0, 9), struct.pack("=IIIIQ", 0, 0, 0, 0, 8),
                                  struct.pack("=IIIIQ", 0xFFFFFFFF, 0xFFFFFFFF, 0, 0, 9),
                                  struct.pack("=IIIIQ", 0, 0, 9, 3, 9), struct.pack("=IIIIQ", 0, 0, 1, 70000, 9)])
def test_a_plan_that_is_none_is_refused(rig, head):
    master = rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.plan("/nowhere", head=head or b"\1")
    assert master.wait(10) == 128 + 9
    assert "its PLAN is none" in log_of(master)


def test_a_pipe_is_no_plan(rig):
    master = rig.master()
    proxy = rig.next()
    proxy.greet()
    proxy.say("PLAN", fds=[os.pipe()[0]])
    assert master.wait(10) == 128 + 9


def test_one_that_takes_no_messages_is_ended(rig):
    rig.master()
    proxy = rig.next()
    proxy.start()
    proxy.channel.settimeout(0.5)
    with pytest.raises(OSError):
        for _ in range(3000):
            proxy.say("WANT", socket_words(0))
    assert rig.next()


def test_one_that_closes_its_channel_is_ended(rig):
    rig.master()
    proxy = rig.next()
    proxy.start()
    proxy.channel.close()
    proxy.do("close")
    assert rig.next().greet()


# ---- signals ------------------------------------------------------------------------------------------

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_the_end_is_its_end(rig, number):
    master = rig.master(FAKE_HEARS="1")
    proxy = rig.next()
    proxy.start()
    if number == signal.SIGQUIT:
        master.send_signal(number)
        assert master.wait(10) == 128 + number  # it heeds none
        return
    master.send_signal(number)
    assert proxy.heard() == number
    master.send_signal(number)
    assert proxy.heard() == number
    proxy.do("exit 5")
    assert master.wait(10) == 5


def test_reload_and_reopen_are_passed_on(rig):
    master = rig.master()
    proxy = rig.next()
    proxy.greet()
    master.send_signal(signal.SIGHUP)
    wait_for_log(master, "SIGHUP came too early")
    proxy.place()
    proxy.seal()
    proxy.hear("SERVE")
    master.send_signal(signal.SIGHUP)
    assert proxy.heard() == signal.SIGHUP
    master.send_signal(signal.SIGUSR1)
    assert proxy.heard() == signal.SIGUSR1


def test_strays_do_nothing(rig):
    master = rig.master()
    proxy = rig.next()
    proxy.start()
    for number in (signal.SIGALRM, signal.SIGPIPE, signal.SIGIO, signal.SIGPWR, signal.SIGRTMIN, signal.SIGRTMAX,
                   signal.SIGVTALRM):
        master.send_signal(number)
    master.send_signal(signal.SIGUSR1)
    assert proxy.heard() == signal.SIGUSR1


def test_strangers_are_reaped(rig):
    """As process 1 of a container it is everybody's last parent."""
    unshare = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no namespaces here")
    rig.replace("lb-proxy", "#!/bin/sh\n(sleep 0.1 & exec true)\n"
                "until grep -qs '^State:.Z' /proc/[0-9]*/status || ! grep -qs '^Name:.sleep' /proc/[0-9]*/status; do :; done\n"
                "sleep 0.1; grep -s '^State:.Z' /proc/[0-9]*/status && exit 3; exit 0\n")
    result = subprocess.run([*unshare, rig.programs / "lb"], capture_output=True, text=True, timeout=20, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_it_keeps_little(rig):
    master = rig.master()
    proxy = rig.next()
    proxy.start()
    status = (open(f"/proc/{master.pid}/status")).read()  # noqa: SIM115
    threads = int(re.search(r"Threads:\s+(\d+)", status)[1])
    rss_kb = int(re.search(r"VmRSS:\s+(\d+)", status)[1])
    assert threads == 1
    if "san" not in str(BIN_DIR):
        assert rss_kb < 2048
    assert stat.S_ISSOCK(os.fstat(proxy.channel.fileno()).st_mode)
