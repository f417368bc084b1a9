"""A socket proxy as people put it before Docker: it lets only some paths through, the rest is 403."""

import contextlib
import re
import socket
import threading


class FilteringProxy:
    def __init__(self, path, allowed, upstream="/var/run/docker.sock"):
        self.path, self.upstream = str(path), upstream
        self.allowed = [re.compile(rf"GET (/v[\d.]+)?{pattern}(\?\S*)? ") for pattern in allowed]
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        """One request on each connection, so that the next one is looked at, too; who asked may be gone by then."""
        head = b""
        with client, contextlib.suppress(OSError):
            while b"\r\n\r\n" not in head:
                more = client.recv(65536)
                if not more:
                    return
                head += more
            if not any(pattern.match(head.decode()) for pattern in self.allowed):
                client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            with socket.socket(socket.AF_UNIX) as engine:
                engine.connect(self.upstream)
                engine.sendall(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
                self._pass(engine, client)

    @staticmethod
    def _pass(engine, client):
        while True:
            piece = engine.recv(65536)
            if not piece:
                return
            client.sendall(piece)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.listener.close()
