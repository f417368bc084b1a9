"""A Consul agent made of a dictionary: as much of its API as a registrar needs, for tests of what is registered. How a
registrar gets on with an agent in trouble is tested elsewhere."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class FakeCatalog:
    def __init__(self):
        self.changed = threading.Condition()
        self.services = {}     # id → what was registered
        self.statuses = {}     # id of a service → (status, output) as last told
        self.maintained = set()
        catalog = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                self.answer(catalog.get(unquote(urlsplit(self.path).path)))

            def do_PUT(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = urlsplit(self.path)
                self.answer(catalog.put(unquote(parts.path), parse_qs(parts.query), json.loads(body) if body else {}))

            def answer(self, document):
                body = b"" if document is True else json.dumps(document).encode()
                try:
                    self.send_response(404 if document is None else 200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:  # it has ended meanwhile
                    self.close_connection = True
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def _service(self, service_id):
        said = self.services[service_id]
        return {"ID": service_id, "Service": said["Name"], "Tags": said.get("Tags") or [], "Meta": said.get("Meta") or {},
                "Port": said.get("Port", 0), "Address": said.get("Address", ""),
                "Weights": said.get("Weights") or {"Passing": 1, "Warning": 1}, "EnableTagOverride": False}

    def _check(self, service_id):
        said = self.services[service_id]["Check"]
        status, output = self.statuses.get(service_id, (said.get("Status", "critical"), ""))
        return {"CheckID": said.get("CheckID", "service:" + service_id), "Name": said.get("Name", ""), "Status": status,
                "Notes": said.get("Notes", ""), "Output": output, "ServiceID": service_id,
                "ServiceName": self.services[service_id]["Name"]}

    def get(self, path):
        with self.changed:
            if path == "/v1/agent/services":
                return {service_id: self._service(service_id) for service_id in self.services}
            if path == "/v1/agent/checks":
                checks = [self._check(service_id) for service_id, said in self.services.items() if said.get("Check")]
                checks += [{"CheckID": "_service_maintenance:" + service_id, "Status": "critical", "Notes": "",
                            "Output": "", "ServiceID": service_id, "Name": "Service Maintenance Mode"}
                           for service_id in self.maintained]
                return {check["CheckID"]: check for check in checks}
            service_id = path.removeprefix("/v1/agent/service/")
            return self._service(service_id) if service_id in self.services else None

    def put(self, path, query, body):
        with self.changed:
            self.changed.notify_all()
            if path == "/v1/agent/service/register":
                self.services[body["ID"]] = body
                self.statuses.pop(body["ID"], None)
                return True
            for verb, take in (("service/deregister/", self._forget), ("check/update/service:", self._update),
                               ("service/maintenance/", self._maintain)):
                if path.startswith("/v1/agent/" + verb):
                    service_id = path.removeprefix("/v1/agent/" + verb)
                    if service_id not in self.services:
                        return None
                    take(service_id, query, body)
                    return True
            return None

    def _forget(self, service_id, *_):
        for held in (self.services, self.statuses):
            held.pop(service_id, None)
        self.maintained.discard(service_id)

    def _update(self, service_id, _, body):
        self.statuses[service_id] = (body["Status"], body.get("Output", ""))

    def _maintain(self, service_id, query, _):
        (self.maintained.add if query["enable"] == ["true"] else self.maintained.discard)(service_id)

    def wait(self, condition, what, timeout_s=30):
        """Until `condition(self)` is true."""
        with self.changed:
            assert self.changed.wait_for(lambda: condition(self), timeout_s), f"{what}: {self.services}, {self.statuses}"

    def wait_ids(self, *ids):
        self.wait(lambda catalog: set(catalog.services) == set(ids), f"not {ids}")
