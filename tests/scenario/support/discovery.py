"""The test's end of a fake discovery: writes lines of discovery/FORMAT.md as the test likes."""

import json
import os
import pathlib
import signal
import socket
import struct
import threading
import time

from support.waiting import wait_for

PROGRAM = pathlib.Path(__file__).with_name("fake_discovery.py")


def endpoint(name, address, state="ready", **more):
    host, port = address
    return {"id": more.pop("id", f"id-of-{name}"), "name": name, "address": host, "port": port,
            "weight": 1, "state": state, "cause": "start", "cause_time_ns": time.time_ns(), **more}


def line_of(endpoints, service="appserver", left_out=(), **more):
    services = [{"name": service, "endpoints": list(endpoints)}] if endpoints else []
    return {"v": 1, "source": "file", "time_ns": time.time_ns(), "services": services, "routes": [],
            "left_out": list(left_out), **more}


def route_line(services, routes, **more):
    """A line of version 2: `services` are endpoints by service, `routes` as dicts of the format."""
    listed = [{"name": name, "endpoints": list(endpoints)} for name, endpoints in services.items()]
    return {**line_of([], **more), "v": 2, "services": listed, "routes": list(routes)}


class FakeDiscovery:
    """lb starts the program, the program connects to the socket made here: each start of it is one
    connection. `flags` are what lb needs to use it."""

    def __init__(self, folder):
        self.path = str(folder / "discovery.sock")
        self.flags = [f"--file={self.path}", f"--discovery={PROGRAM}"]
        self.connections = []
        self.refuses = False
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(8)
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            if self.refuses:
                sock.close()
                continue
            sock.settimeout(20)
            self.connections.append(sock)

    def wait_starts(self, count, timeout_s=30):
        wait_for(lambda: len(self.connections) >= count, f"discovery is started {count} times",
                 timeout_s)

    def send_bytes(self, data):
        self.wait_starts(1)
        self.connections[-1].sendall(data)

    def send_line(self, line):
        self.send_bytes(json.dumps(line).encode() + b"\n")

    def send(self, *endpoints, **more):
        """One line with these endpoints of the service `appserver`."""
        self.send_line(line_of(endpoints, **more))

    def pid(self):
        """Of the program that runs now."""
        self.wait_starts(1)
        raw = self.connections[-1].getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED,
                                              struct.calcsize("3i"))
        return struct.unpack("3i", raw)[0]

    def kill(self):
        os.kill(self.pid(), signal.SIGKILL)

    def end(self):
        """The program ends in order, with exit status 0."""
        self.connections[-1].close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.acceptor.join()
        self.listener.close()
        for sock in self.connections:
            sock.close()
