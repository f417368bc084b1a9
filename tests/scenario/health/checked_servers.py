"""Servers of others as processes: Redis, PostgreSQL, an SMTP server, dnsmasq. Each can be stopped and started
again at the same port."""

import glob
import os
import shutil
import signal
import socket
import subprocess

import pytest

from support.free_port import free_port
from support.waiting import wait_for

POSTGRES_BIN = next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)), "")


def need(program):
    path = shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin")
    return path or pytest.skip(f"{program} is not installed")


class Foreign:
    """`command(port)`: what is run, in the foreground."""
    last_signal = signal.SIGTERM

    def __init__(self, name, folder):
        self.name = name
        self.folder, self.log = folder, folder / "log"
        self.port = free_port()
        self.process = None

    @property
    def address(self):
        return ("127.0.0.1", self.port)

    def start(self, *more):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([*self.command(), *more], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=subprocess.STDOUT)
        return self

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self):
        if self.process:
            self.process.send_signal(self.last_signal)
            self.process.wait(20)
            self.process = None

    close = stop


class Redis(Foreign):
    def __init__(self, name, folder):
        super().__init__(name, folder)
        self.program = need("redis-server")

    def command(self):
        return [self.program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--save", ""]

    def order(self, *words):
        """The first line of the answer."""
        wait_for(self.is_listening, "Redis listens")
        with socket.create_connection(self.address, 10) as client:
            client.sendall(" ".join(words).encode() + b"\r\n")
            return client.makefile("rb").readline().decode().strip()

    def hold(self):
        """A connection that it serves."""
        def take():
            client = socket.create_connection(self.address, 10)
            client.sendall(b"PING\r\n")
            if client.recv(64).startswith(b"+PONG"):
                return client
            client.close()
            return None
        return wait_for(take, "Redis has a free connection")

    def is_listening(self):
        with socket.socket() as client:
            return client.connect_ex(self.address) == 0


class Postgres(Foreign):
    last_signal = signal.SIGQUIT  # it waits for nobody

    def __init__(self, name, folder):
        super().__init__(name, folder)
        if not POSTGRES_BIN or os.geteuid() != 0:
            pytest.skip("PostgreSQL is not installed, or there is no right to be its user")
        self.data = folder / "data"
        self.data.mkdir()
        shutil.chown(self.data, "postgres")
        for parent in [folder, *folder.parents]:  # its user has to get there
            if parent.stat().st_mode & 0o11 != 0o11 and parent.owner() == "root":
                parent.chmod(parent.stat().st_mode | 0o11)
        subprocess.run([*self.as_user(), f"{POSTGRES_BIN}/initdb", "--no-sync", "-A", "trust", "-D", self.data],
                       check=True, capture_output=True)

    @staticmethod
    def as_user():
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]

    def command(self):
        return [*self.as_user(), f"{POSTGRES_BIN}/postgres", "-D", str(self.data), "-p", str(self.port), "-h", "127.0.0.1",
                "-k", "", "-F", "-c", "log_connections=on"]


class Smtp(Foreign):
    def __init__(self, name, folder):
        super().__init__(name, folder)
        self.program = need("aiosmtpd")

    def command(self):
        return [self.program, "-n", "-d", "-l", f"127.0.0.1:{self.port}", "-c", "aiosmtpd.handlers.Sink"]


class Dns(Foreign):
    def __init__(self, name, folder):
        super().__init__(name, folder)
        self.program = need("dnsmasq")

    def command(self):
        return [self.program, "--keep-in-foreground", "--conf-file=/dev/null", f"--port={self.port}", "--listen-address=127.0.0.1",
                "--bind-interfaces", "--no-resolv", "--no-hosts", "--user=root", f"--pid-file={self.folder}/pid",
                "--log-facility=-", "--log-queries"]
