"""A Consul agent made of a dictionary: enough of its API for a reader of the catalog, and every way to misbehave."""

import contextlib
import http.server
import json
import socket
import threading
import urllib.parse


def entry(service, number=1, node="n1", port=80, address=None, tags=(), status="passing", output="", **more):
    """One element of /v1/health/service/NAME."""
    ident = f"{service}-{number}"
    return {
        "Node": {"Node": node, "Address": "10.0.0.9"},
        "Service": {"ID": ident, "Service": service, "Tags": list(tags), "Port": port,
                    "Address": address or f"10.1.0.{number}", "CreateIndex": number,
                    "Weights": {"Passing": 1, "Warning": 1}, **more},
        "Checks": [{"CheckID": f"service:{ident}", "Name": "check", "Status": status, "Output": output}],
    }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.catalog.note_connection(self.connection, True)

    def finish(self):
        self.server.catalog.note_connection(self.connection, False)
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, *unused):
        pass

    def do_GET(self):
        self.server.catalog.serve(self, None)

    def do_POST(self):
        self.server.catalog.serve(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, *unused):
        pass  # who asks may go


class PretendedCatalog:
    def __init__(self):
        self.services = {}          # name → entries
        self.index = 10
        self.nodes = ["n1"]
        self.own_node = "n1"
        self.acls = False           # are there any? then what may be read is in `rights`
        self.rights = set()         # of services, and of "nodes"
        self.has_authorize = True
        self.tells_filtered = False  # as Consul does since 1.11
        self.misdeeds = {}          # beginning of a path → what to do instead: a function of the handler
        self.requests = []          # (path with query, token)
        self.changed = threading.Condition()
        self.port = None
        self.server = self.thread = None
        self.sockets = set()
        self.most_sockets = 0       # at once
        self.room = None            # for so many of them; the others end at once

    # ---- life ----------------------------------------------------------------------------------

    def start(self):
        self.server = Server(("127.0.0.1", self.port or 0), Handler)
        self.server.catalog = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()
        return self

    def stop(self):
        """As one that is killed: all connections end at once."""
        if not self.server:
            return
        self.server.shutdown()
        self.server.server_close()
        self.server = None
        with self.changed:
            sockets, self.sockets = self.sockets, set()
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self.start()

    def __exit__(self, *unused):
        self.stop()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    # ---- what a test does ----------------------------------------------------------------------

    def put(self, service, *entries):
        """That service has these entries from now on."""
        with self.changed:
            if entries:
                self.services[service] = list(entries)
            else:
                self.services.pop(service, None)
            self.index += 1
            self.changed.notify_all()

    def wake(self):
        """All that block are answered."""
        with self.changed:
            self.index += 1
            self.changed.notify_all()

    def asked(self, beginning):
        with self.changed:
            return [path for path, _ in self.requests if path.startswith(beginning)]

    def wait_for(self, condition, timeout_s=20):
        with self.changed:
            assert self.changed.wait_for(condition, timeout_s), f"in vain; asked: {self.requests[-10:]}"

    def wait_asked(self, beginning, count=1):
        self.wait_for(lambda: sum(p.startswith(beginning) for p, _ in self.requests) >= count)

    # ---- answers -------------------------------------------------------------------------------

    def serve(self, handler, body):
        url = urllib.parse.urlsplit(handler.path)
        query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        with self.changed:
            self.requests.append((handler.path, handler.headers.get("X-Consul-Token")))
            self.changed.notify_all()
            misdeed = next((d for start, d in self.misdeeds.items() if handler.path.startswith(start)), None)
        if misdeed:
            misdeed(handler)
            return
        with self.changed:
            if "index" in query:
                asked = int(query["index"][0])
                wait_s = float(query["wait"][0].rstrip("s"))
                self.changed.wait_for(lambda: self.index > asked, wait_s)
            status, answer = self.answer(url.path, json.loads(body) if body else None)
            index = self.index
        headers = {"X-Consul-Index": index}
        if self.acls and self.tells_filtered:
            headers["X-Consul-Default-ACL-Policy"] = "deny"
            headers["X-Consul-Results-Filtered-By-ACLs"] = "true"
        reply(handler, status, answer, headers)

    def note_connection(self, sock, is_open):
        with self.changed:
            (self.sockets.add if is_open else self.sockets.discard)(sock)
            self.most_sockets = max(self.most_sockets, len(self.sockets))
            has_room = self.room is None or len(self.sockets) <= self.room
        if not has_room:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def may_read(self, service):
        return not self.acls or {service, "nodes"} <= self.rights

    def answer(self, path, body):
        if path.startswith("/v1/health/service/"):
            name = urllib.parse.unquote(path.rsplit("/", 1)[1])
            return 200, self.services.get(name, []) if self.may_read(name) else []
        if path == "/v1/catalog/services":
            return 200, {name: sorted({tag for e in entries for tag in e["Service"]["Tags"]})
                         for name, entries in {**self.services, "consul": []}.items()
                         if not self.acls or name in self.rights}
        if path == "/v1/catalog/nodes":
            return 200, [{"Node": node} for node in self.nodes if not self.acls or "nodes" in self.rights]
        if path == "/v1/agent/self":
            return (403, "Permission denied") if self.acls else (200, {"Config": {"NodeName": self.own_node}})
        if path == "/v1/internal/acl/authorize" and self.has_authorize:
            if not self.acls:
                return 401, "ACL support disabled"
            return 200, [{**right, "Allow": (right["Segment"] if right["Resource"] == "service" else "nodes")
                          in self.rights} for right in body]
        return 404, "404 page not found"


def reply(handler, status, answer, headers=()):
    data = answer if isinstance(answer, bytes) else \
        answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    handler.send_response(status)
    for name, value in dict(headers).items():
        handler.send_header(name, str(value))
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    with contextlib.suppress(OSError):
        handler.wfile.write(data)


# ---- misdeeds -------------------------------------------------------------------------------------------

def refuse(status, text="", **headers):
    def misdeed(handler):
        reply(handler, status, text, {name.replace("_", "-"): value for name, value in headers.items()})
    return misdeed


def say(body, index=10):
    return lambda handler: reply(handler, 200, body, {"X-Consul-Index": index} if index is not None else {})


def reset(handler):
    """The connection ends without an answer."""
    handler.close_connection = True
    with contextlib.suppress(OSError):
        handler.connection.shutdown(socket.SHUT_RDWR)


def cut(handler):
    """The answer ends in its middle."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.send_header("X-Consul-Index", "99")
    handler.end_headers()
    handler.wfile.write(b"[{\"Node\":")
    handler.wfile.flush()
    reset(handler)
