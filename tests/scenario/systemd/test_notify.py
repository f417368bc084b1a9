"""What systemd is told, at a socket that plays systemd's."""

import os
import pathlib
import signal
import socket
import threading
import time

import pytest

from support.lb import Lb
from support.waiting import wait_for


class Notify:
    """Hears what comes, datagram by datagram."""

    def __init__(self, path):
        self.path = str(path)
        self.heard = []
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path.replace("@", "\0", 1) if self.path.startswith("@") else self.path)
        self.thread = threading.Thread(target=self._hear, daemon=True)
        self.thread.start()

    def _hear(self):
        while True:
            lines = self.sock.recv(4096).decode()
            if lines == "end":
                return
            self.heard += lines.split("\n")

    def count(self, line):
        return self.heard.count(line)

    def wait_for(self, condition, what):
        wait_for(lambda: any(condition(line) for line in list(self.heard)), f"{what} in {self.heard}")

    def close(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", self.sock.getsockname())
        self.thread.join()
        self.sock.close()


@pytest.fixture(name="systemd")
def make_systemd(cleanup, tmp_path):
    made = Notify(tmp_path / "notify")
    cleanup.callback(made.close)
    return made


@pytest.fixture(name="abstract")
def make_abstract(cleanup):
    made = Notify(f"@lb-notify-{os.getpid()}")
    cleanup.callback(made.close)
    return made


def processes_below(pid):
    below = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in below]


@pytest.mark.quick
def test_a_life_as_systemd_hears_of_it(systemd, start_lb, start_backend):
    lb = start_lb(backends=[start_backend()], env={"NOTIFY_SOCKET": systemd.path})
    systemd.wait_for(lambda line: line == "READY=1", "that it is ready")
    systemd.wait_for(lambda line: line.startswith("STATUS="), "how it is")
    assert "RELOADING=1" not in systemd.heard and "STOPPING=1" not in systemd.heard
    before = time.monotonic_ns() // 1000
    lb.reload()
    systemd.wait_for(lambda line: line == "RELOADING=1", "that it reads its settings")
    wait_for(lambda: systemd.count("READY=1") == 2, "that this is over")
    since = [int(line.split("=")[1]) for line in systemd.heard if line.startswith("MONOTONIC_USEC=")]
    assert len(since) == 1 and before <= since[0] <= time.monotonic_ns() // 1000
    assert systemd.heard.index("RELOADING=1") < len(systemd.heard) - systemd.heard[::-1].index("READY=1")
    lb.stop()
    assert systemd.count("STOPPING=1") >= 1


def test_a_name_of_the_abstract_namespace_does_as_well(abstract, start_lb, start_backend):
    start_lb(backends=[start_backend()], env={"NOTIFY_SOCKET": abstract.path})
    abstract.wait_for(lambda line: line == "READY=1", "that it is ready")


def test_settings_that_make_no_sense_end_the_reload_too(systemd, start_lb, start_backend, tmp_path):
    settings = tmp_path / "lb.json"
    settings.write_text("{}")
    lb = start_lb(f"--config={settings}", backends=[start_backend()], env={"NOTIFY_SOCKET": systemd.path})
    systemd.wait_for(lambda line: line == "READY=1", "that it is ready")
    settings.write_text('{"retries": "many"}')
    lb.signal(signal.SIGHUP)
    systemd.wait_for(lambda line: line == "RELOADING=1", "that it reads its settings")
    wait_for(lambda: systemd.count("READY=1") == 2, "that this is over")


def test_the_watchdog_is_fed_while_the_proxy_lives_and_no_longer(systemd, start_lb, start_backend):
    lb = start_lb(backends=[start_backend()],
                  env={"NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "2000000"})
    wait_for(lambda: systemd.count("WATCHDOG=1") >= 3, "it is fed")
    proxy = processes_below(lb.pid)[0]
    os.kill(proxy, signal.SIGSTOP)
    try:
        fed, since = systemd.count("WATCHDOG=1"), time.monotonic()
        wait_for(lambda: time.monotonic() > since + 4, "twice as long as it may take")
        assert systemd.count("WATCHDOG=1") <= fed + 2  # what was on its way
    finally:
        os.kill(proxy, signal.SIGCONT)
    fed = systemd.count("WATCHDOG=1")
    wait_for(lambda: systemd.count("WATCHDOG=1") > fed, "it is fed again")


def test_another_process_s_watchdog_is_not_its_business(systemd, start_lb, start_backend):
    start_lb(backends=[start_backend()],
             env={"NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "200000", "WATCHDOG_PID": "1"})
    systemd.wait_for(lambda line: line == "READY=1", "that it is ready")
    since = time.monotonic()
    wait_for(lambda: time.monotonic() > since + 1, "ten times as long as it would take")
    assert systemd.count("WATCHDOG=1") == 0


def test_its_children_have_none_of_these_words(systemd, start_lb, start_backend):
    lb = start_lb(backends=[start_backend()],
                  env={"NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "60000000"})
    systemd.wait_for(lambda line: line == "READY=1", "that it is ready")
    children = processes_below(lb.pid)
    assert children
    for child in children:
        words = pathlib.Path(f"/proc/{child}/environ").read_bytes()
        assert b"NOTIFY_SOCKET" not in words and b"WATCHDOG" not in words


def test_nobody_is_told_where_nobody_asks(start_lb, start_backend):
    lb = start_lb(backends=[start_backend()])
    assert isinstance(lb, Lb) and not lb.find_message("systemd")
    lb.stop()
