"""Servers and clients that speak over plain TCP."""

import contextlib
import socket
import threading

from support.discovery import endpoint, route_line


class Server:
    """Serves each connection by `script(sock)` in a thread of its own; `open_count` are there now."""

    def __init__(self, script, port=0, name=None):
        self.script = script
        self.name = name
        self.sock = socket.create_server(("127.0.0.1", port), backlog=1024)
        self.address = self.sock.getsockname()
        self.count = self.open_count = 0
        self.socks = set()
        self.lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.sock.accept()
            except OSError:
                return
            with self.lock:
                self.count += 1
                self.open_count += 1
                self.socks.add(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        try:
            self.script(sock)
        except OSError:
            pass
        with self.lock:
            self.open_count -= 1
            self.socks.discard(sock)
        sock.close()

    def close(self):
        """As if its container were gone."""
        with contextlib.suppress(OSError):  # of one that is closed already
            self.sock.shutdown(socket.SHUT_RDWR)  # else it would take one more
        self.sock.close()
        with self.lock:
            for sock in self.socks:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def echo(sock):
    while data := sock.recv(65536):
        sock.sendall(data)


def say(word):
    """A script: speaks first, then echoes."""
    def script(sock):
        sock.sendall(word)
        echo(sock)
    return script


def tcp_line(servers, states=None):
    """A state in which the servers, by name, are those of db."""
    return route_line({"db": [endpoint(name, server.address, (states or {}).get(name, "ready"),
                                       protocol="tcp", container=name)
                              for name, server in servers.items()]}, [])


def take(sock, count):
    """Exactly so many bytes."""
    got = b""
    while len(got) < count:
        data = sock.recv(count - len(got))
        assert data, f"ended after {len(got)} bytes"
        got += data
    return got


def is_reset(sock):
    try:
        return sock.recv(1) is None
    except ConnectionResetError:
        return True
