"""A Docker engine made of a dictionary: enough of its API for lb-discovery, and every way to misbehave."""

import fnmatch
import json
import socket
import threading
import time


def container(cid, name, service="web", ip="10.9.0.2", port="80", running=True, labels=None, env=None,
              networks=None, **config):
    """One inspect answer."""
    labels = {"lb.service": service, "lb.port": port, **(labels or {})}
    if networks is None:
        networks = {"bridge": {"NetworkID": "b" * 64, "IPAddress": ip, "Gateway": "10.9.0.1"}}
    return {
        "Id": cid, "Name": "/" + name,
        "State": {"Status": "running" if running else "exited", "Running": running, "Paused": False,
                  "Restarting": False, "Dead": False},
        "HostConfig": {"NetworkMode": "default"},
        "Config": {"Image": "image", "Labels": labels, "Env": env or [], "ExposedPorts": {}, **config},
        "NetworkSettings": {"Networks": networks, "Ports": {}},
    }


class FakeDocker:
    def __init__(self, path, version="1.41"):
        self.path = str(path)
        self.version = version
        self.containers = {}
        self.networks = [{"Id": "b" * 64, "Name": "bridge", "Driver": "bridge"}]
        self.piece_bytes = 0        # > 0: the event stream goes out in pieces of that many bytes
        self.hang = set()           # beginnings of paths that are never answered
        self.refused = []           # patterns of paths that are answered with refused_with, as by a proxy
        self.refused_with = 403
        self.answers = {}           # path → (status, body) instead of the real answer
        self.delay_s = {}           # beginning of a path → how long its answer takes
        self.requests = []          # all paths asked for
        self.streams = []           # sockets that follow /events
        self.changed = threading.Condition()
        self.listener = self.acceptor = None
        self.sockets = []

    # ---- life ----------------------------------------------------------------------------------

    def start(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen(64)
        self.acceptor = threading.Thread(target=self._accept, args=(self.listener,), daemon=True)
        self.acceptor.start()
        return self

    def stop(self):
        """As a killed engine: all connections end at once; the socket file goes, too."""
        import os
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.acceptor.join()  # now all that it accepted is known
            self.listener.close()
            self.listener = None
            os.unlink(self.path)
        with self.changed:
            for sock in self.sockets:
                try:
                    sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self.sockets, self.streams = [], []

    def __enter__(self):
        return self.start()

    def __exit__(self, *unused):
        self.stop()

    def wait_for(self, condition, timeout_s=30):
        with self.changed:
            assert self.changed.wait_for(condition, timeout_s), "the engine waited in vain"

    def wait_stream(self, count=1):
        self.wait_for(lambda: len(self.streams) >= count)

    def count_requests(self, beginning):
        with self.changed:
            return sum(1 for path in self.requests if self._plain(path).startswith(beginning))

    def wait_request(self, beginning, count=1):
        self.wait_for(lambda: sum(1 for path in self.requests
                                  if self._plain(path).startswith(beginning)) >= count)

    # ---- what it has ---------------------------------------------------------------------------

    def add(self, inspect):
        self.containers[inspect["Id"]] = inspect
        return inspect

    def event(self, action, cid, kind="container", **attributes):
        """Sends one event, as API 1.52 does: without status, id and from at the top."""
        inspect = self.containers.get(cid)
        if inspect and kind == "container":
            attributes = {"name": inspect["Name"][1:], "image": inspect["Config"]["Image"],
                          **inspect["Config"]["Labels"], **attributes}
        actor = cid
        if kind == "network":
            actor, attributes = "b" * 64, {"container": cid, "type": "bridge", **attributes}
        self.line({"Type": kind, "Action": action, "Actor": {"ID": actor, "Attributes": attributes},
                   "scope": "local", "time": int(time.time()), "timeNano": time.time_ns()})

    def line(self, event):
        self.raw(json.dumps(event).encode() + b"\n")

    def raw(self, data):
        """Sends bytes in one chunk (or in pieces) to whoever follows."""
        chunk = b"%x\r\n%s\r\n" % (len(data), data)
        step = self.piece_bytes or len(chunk)
        with self.changed:
            streams = list(self.streams)
        for sock in streams:
            try:
                for at in range(0, len(chunk), step):
                    sock.sendall(chunk[at:at + step])
                    if self.piece_bytes:
                        time.sleep(0.0005)
            except OSError:  # the other side hung up
                with self.changed:
                    self.streams.remove(sock)

    def end_streams(self, rest=b""):
        """As dockerd does: without the last chunk."""
        with self.changed:
            streams, self.streams = self.streams, []
        for sock in streams:
            if rest:
                sock.sendall(rest)
            sock.shutdown(socket.SHUT_RDWR)

    # ---- HTTP ----------------------------------------------------------------------------------

    @staticmethod
    def _plain(path):
        """Without the version."""
        return "/" + path.split("/", 2)[2] if path.startswith("/v1.") else path

    def _accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self.changed:
                self.sockets.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        data = b""
        try:
            while True:
                while b"\r\n\r\n" not in data:
                    more = sock.recv(65536)
                    if not more:
                        return
                    data += more
                head, data = data.split(b"\r\n\r\n", 1)
                self._answer(sock, head.split(b" ")[1].decode())
        except OSError:
            pass

    def _answer(self, sock, path):
        with self.changed:
            self.requests.append(path)
            self.changed.notify_all()
        plain = self._plain(path)
        if any(plain.startswith(beginning) for beginning in self.hang):
            threading.Event().wait()
        status, body = self._find(plain)  # before the delay: what comes late may be out of date
        for beginning, seconds in list(self.delay_s.items()):
            if plain.startswith(beginning):
                time.sleep(seconds)
        if plain.startswith("/events") and status == 404:
            with self.changed:  # whoever has seen these headers gets every event from then on
                sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                             b"Transfer-Encoding: chunked\r\n\r\n")
                self.streams.append(sock)
                self.changed.notify_all()
            return
        sock.sendall(b"HTTP/1.1 %d X\r\nApi-Version: %s\r\nContent-Length: %d\r\n\r\n"
                     % (status, self.version.encode(), len(body)) + body)

    def _find(self, plain):
        bare = plain.split("?")[0]
        if any(fnmatch.fnmatch(bare, pattern) for pattern in self.refused):
            return self.refused_with, b"<html><body><h1>403 Forbidden</h1></body></html>"
        if bare in self.answers:
            return self.answers[bare]
        if bare == "/_ping":
            return 200, b"OK"
        if bare == "/networks":
            return 200, json.dumps(self.networks).encode()
        if bare == "/containers/json":
            return 200, json.dumps([self._entry(c) for c in list(self.containers.values())]).encode()
        wanted = bare.split("/")[2] if bare.count("/") == 3 else "-"
        for cid, found in list(self.containers.items()):
            if cid.startswith(wanted) or found["Name"] == "/" + wanted:
                return 200, json.dumps(found).encode()
        return 404, b'{"message":"No such container"}'

    @staticmethod
    def _entry(inspect):
        return {"Id": inspect["Id"], "Names": [inspect["Name"]], "Image": inspect["Config"]["Image"],
                "State": inspect["State"]["Status"], "Status": "Up 3 seconds", "Ports": [],
                "Labels": inspect["Config"]["Labels"],
                "NetworkSettings": {"Networks": inspect["NetworkSettings"]["Networks"]}}
