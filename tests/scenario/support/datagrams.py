"""Servers and clients that speak by UDP."""

import contextlib
import socket
import threading

from support.waiting import wait_for


class UdpServer:
    """Answers each datagram with its name, a space, and what it got; `times` times over. While it `is_silent` it
    keeps what it would answer; `heard` is who sent what."""

    def __init__(self, name, address, times=1):
        self.name = name
        self.times = times
        self.is_silent = False
        self.heard = []
        self.sock = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET,
                                  socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind(address)
        self.address = self.sock.getsockname()[:2]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            try:
                data, peer = self.sock.recvfrom(65536)
            except OSError:
                return
            if not peer:  # it was shut
                return
            self.heard.append((peer, data))
            if not self.is_silent:
                self.answer(peer, data)

    def answer(self, peer, data):
        answer = self.name.encode() + b" " + data
        for _ in range(self.times):
            with contextlib.suppress(OSError):
                self.sock.sendto(answer[:65507], peer)

    def close(self):
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)
        self.sock.close()


class UdpClient:
    """Speaks to one address from a port of its own."""

    def __init__(self, address, source=None):
        self.sock = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET,
                                  socket.SOCK_DGRAM)
        if source:
            self.sock.bind(source)
        self.sock.connect(address)
        self.sock.settimeout(10)

    def send(self, data):
        self.sock.send(data)

    def receive(self):
        return self.sock.recv(65536)

    def ask(self, data=b"who?"):
        """Who answers."""
        self.send(data)
        name, _, rest = self.receive().partition(b" ")
        assert rest == data
        return name.decode()

    def hears_nothing(self, for_s=0.2):
        self.sock.settimeout(for_s)
        try:
            return self.sock.recv(65536) is None
        except TimeoutError:
            return True
        finally:
            self.sock.settimeout(10)

    def close(self):
        self.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class UdpPool:
    """Three servers at addresses of their own that a fake discovery tells an lb of, which has a UDP listener for
    their service `names`."""

    def __init__(self, discovery, cleanup, count=3):
        self.discovery = discovery
        self.servers = {}
        for name in ("one", "two", "three", "four")[:count]:
            server = UdpServer(name, (f"127.0.0.{31 + len(self.servers)}", 0))
            cleanup.callback(server.close)
            self.servers[name] = server

    def tell(self, **states):
        """A line with all of them, ready but for those named: another state, or None for gone."""
        endpoints = []
        for name, server in self.servers.items():
            state = states.get(name, "ready")
            if state:
                endpoints.append({"id": f"{name}:53/udp", "name": name,
                                  "address": server.address[0], "port": server.address[1],
                                  "protocol": "udp", "weight": 1, "state": state, "cause": "start",
                                  "cause_time_ns": 1})
        self.discovery.send_line({"v": 2, "source": "file", "time_ns": 1, "routes": [],
                                  "left_out": [],
                                  "services": [{"name": "names", "endpoints": endpoints}]})
        return self

    def wait_usable(self, lb, count):
        def look():
            return sum(rule.get("usable", 0) for listener in lb.pool()["listeners"]
                       for rule in listener["rules"]) == count
        wait_for(look, f"{count} servers can be asked")
