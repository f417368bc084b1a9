"""lb-report as a process: what it needs, what it hides, and how it ends."""

import os
import socket
import subprocess
import time

import pytest

from hostile import plain
from reporter import Master, Reporter
from support.program import BIN_DIR, environment, run, sanitizer
from support.waiting import wait_for

DSN = "http://PUBLICKEY@127.0.0.1:1/42"
INCIDENT = {"kind": "panic", "phase": "happened", "message": "a trial"}


@pytest.mark.quick
def test_what_is_missing():
    done = run("lb-report")
    assert (done.returncode, "nothing to deliver to" in done.stderr) == (2, True)
    done = run("lb-report", env={"LB_SENTRY_DSN": DSN})
    assert (done.returncode, "descriptor 3 is no SOCK_SEQPACKET socket" in done.stderr) == (2, True)
    done = run("lb-report", env={"LB_SENTRY_DSN": DSN.replace("http", "ftp")})
    assert (done.returncode, "the DSN cannot be used" in done.stderr, "KEY" in done.stderr) == (2, True, True)
    assert "PUBLICKEY" not in done.stderr
    assert run("lb-report", "--nothing").returncode == 2
    assert run("lb-report", "--version").stdout.startswith("lb-report ")


@pytest.mark.quick
@pytest.mark.parametrize("setting, value", [
    ("gelf", "udp://_logs:1"), ("gelf", "tcp://-logs:1"), ("gelf", f"udp://{'h' * 255}:1"), ("gelf", "tcp://[::1]:1"),
    ("sentry-dsn", f"https://{'k' * 128}@h/1"), ("sentry-dsn", f"https://k:{'s' * 128}@h:1/1"),
    ("sentry-dsn", f"https://k@{'h' * 255}/{'1' * 19}"), ("sentry-dsn", "https://k-_@_h./a-._/b/1")])
def test_what_lb_takes_is_taken(setting, value):
    """Else lb would start it again and again."""
    checked = run("lb", "--check", "--listen=127.0.0.1:0", "--admin=off", "--backend=127.0.0.1:1", f"--{setting}={value}",
                  env={"LB_USER": "root", "LB_DISCOVERY_USER": "root"})
    assert checked.returncode == 0, checked.stderr
    flags, env = ([f"--gelf={value}"], {}) if setting == "gelf" else ([], {"LB_SENTRY_DSN": value})
    assert "descriptor 3 is no SOCK_SEQPACKET socket" in run("lb-report", *flags, env=env).stderr


def test_the_dsn_is_hidden(start_report):
    report = start_report(dsn=DSN)
    report.wait_message("incidents go to Sentry")
    if os.geteuid() == 0:
        with open(f"/proc/{report.pid}/environ", "rb") as file:
            assert b"PUBLICKEY" not in file.read()
    with open(f"/proc/{report.pid}/cmdline", "rb") as file:
        assert b"PUBLICKEY" not in file.read()


@pytest.mark.skipif(bool(sanitizer()), reason="there is no jail with a sanitizer")
def test_its_jail(start_report):
    report = start_report(dsn=DSN)
    report.wait_message("^jail: seccomp")
    with open(f"/proc/{report.pid}/status", encoding="ascii") as file:
        status = dict(line.rstrip("\n").split(":\t") for line in file if ":\t" in line)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert int(status["CapEff"], 16) & ~0x7 == 0  # those that open files at most


@pytest.mark.skipif(bool(sanitizer()), reason="there is no jail with a sanitizer")
def test_without_a_jail(hostile, start_report):
    report = start_report("--jail=off", dsn=hostile(plain(200)).dsn)
    report.tell("I", INCIDENT)
    wait_for(lambda: report.count("sentry_sent") == 1, "it is sent")


def test_what_waits_outlives_it(hostile, start_report):
    """The socket is the master's: the next lb-report reads what this one did not, and counts on."""
    server = hostile(plain(200))
    master = Master()
    first = start_report(dsn=server.dsn, master=master)
    first.tell("I", INCIDENT)
    wait_for(lambda: master.count("sentry_sent") == 1, "it is sent")
    first.expected_status = -9
    first.process.kill()
    first.wait_end()
    master.tell("I", {**INCIDENT, "subject": "later"})
    second = start_report(dsn=server.dsn, master=master)
    wait_for(lambda: master.count("sentry_sent") == 2, "the next one sends it")
    assert master.count("start_count") == 2
    second.stop()
    master.close()


def test_it_drains(hostile, start_report):
    """What was told before SIGTERM arrives."""
    server = hostile(plain(200))
    report = start_report(dsn=server.dsn)
    report.wait_message("incidents go to Sentry")
    report.process.send_signal(19)  # SIGSTOP
    for number in range(20):
        report.tell("I", {**INCIDENT, "subject": str(number)})
    report.signal()
    report.process.send_signal(18)
    report.wait_end()
    assert len(server.events()) == 20


@pytest.mark.skipif(bool(sanitizer()), reason="nothing can be preloaded before a sanitizer")
def test_a_thread_that_hangs_keeps_its_libraries(hostile, start_report):
    """In TLS: to take them from under it would crash it."""
    library = BIN_DIR.parent / "tests/libslow_tls.so"
    server = hostile(plain(200))
    report = start_report("--jail=off", dsn=server.dsn.replace("http", "https"), env={"LD_PRELOAD": str(library)})
    report.tell("I", INCIDENT)
    wait_for(lambda: server.connections == 1, "it is asked")
    report.stop()
    assert report.count("sentry_dropped_error") == 1
    assert "taken down" not in "".join(report.stderr_lines)


def test_it_ends_with_its_master(hostile):
    master = Master()
    report = Reporter(dsn=hostile(plain(200)).dsn, master=master)
    report.tell("I", INCIDENT)
    wait_for(lambda: report.count("sentry_sent") == 1, "it is sent")
    master.ours.close()
    assert report.wait_end() == 0
    master.close()


def test_lines_go_to_gelf(start_report):
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(20)
    report = start_report("--gelf", f"udp://127.0.0.1:{receiver.getsockname()[1]}", "--gelf-compress=none", "--gelf-host=edge-1")
    report.wait_message("by GELF over UDP")
    report.tell("L", '{"message":"one"}\n{"message":"two"}\n')
    report.tell("A", '{"message":"GET / 200"}\n')
    report.tell("I", INCIDENT)  # there is no Sentry
    got = [receiver.recv(65536).decode() for _ in range(3)]
    assert all('"host":"edge-1"' in text for text in got)
    assert ["one" in got[0], "two" in got[1], "GET / 200" in got[2]] == [True] * 3
    wait_for(lambda: report.count("gelf_sent") == 3, "they are counted")
    receiver.close()


def test_both(hostile, start_report):
    """A GELF server that takes nothing keeps Sentry from nothing, and the end from nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    report = start_report("--gelf", f"tcp://127.0.0.1:{listener.getsockname()[1]}", dsn=hostile(plain(200)).dsn)
    line = b"A" + b'{"message":"' + b"x" * 30000 + b'"}\n'
    for _ in range(1000):
        report.master.ours.sendall(line)
    report.tell("I", INCIDENT)
    wait_for(lambda: report.count("sentry_sent") == 1, "the incident is sent")
    wait_for(lambda: report.count("gelf_dropped_queue") > 0, "lines are dropped, and counted")
    begun = time.monotonic()
    report.stop()
    assert time.monotonic() - begun < 8  # its own two seconds, on a busy machine
    listener.close()


def test_by_hand(hostile):
    """As the manual has it: without a page of counts."""
    server = hostile(plain(200))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    words = f'exec "$0" 3<&{theirs.fileno()}'
    with subprocess.Popen(["bash", "-c", words, BIN_DIR / "lb-report"], pass_fds=[theirs.fileno()], stderr=subprocess.DEVNULL,
                          env=environment({"LB_SENTRY_DSN": server.dsn})) as process:
        theirs.close()
        ours.send(b'I{"kind":"panic","phase":"happened","message":"a trial"}')
        wait_for(server.events, "it arrives")
        process.terminate()
        assert process.wait(20) == 0
    ours.close()
