"""A Consul agent made of two dictionaries: enough of its API for what registers, and every way to misbehave."""

import hashlib
import json
import socket
import threading
import urllib.parse

DEFAULTS = {"Tags": [], "Meta": {}, "Port": 0, "Address": "", "Weights": {"Passing": 1, "Warning": 1},
            "EnableTagOverride": False}


class PretendedAgent:
    """`services` and `checks` are as the agent tells them. `rules`: (beginning of "METHOD /path", what it does
    instead): a status with a body, "hang" or "cut"."""

    def __init__(self):
        self.services, self.checks = {}, {}
        self.rules = []
        self.requests = []          # (method, path without its query, query, body), in the order of their ends
        self.answered = 0           # of these, with what is true
        self.at_once = self.at_once_most = 0
        self.busy_ids, self.clashes = set(), []
        self.changed = threading.Condition()
        self.sockets = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.hold = threading.Event()  # set: changes are answered
        self.hold.set()
        self.hold_lists = threading.Event()  # set: lists are answered, as they were when they were asked for
        self.hold_lists.set()
        self._accept_all()

    # ---- life ----------------------------------------------------------------------------------

    def _accept_all(self):
        self.acceptor = threading.Thread(target=self._accept, args=(self.listener,), daemon=True)
        self.acceptor.start()

    def stop(self):
        """As when it is killed."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.acceptor.join()
        self.listener.close()
        self.break_off()

    def start(self, forgets=False):
        if forgets:
            self.services, self.checks = {}, {}
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self._accept_all()

    def break_off(self):
        """Ends all connections."""
        with self.changed:
            sockets, self.sockets = self.sockets, set()
            self.changed.notify_all()
        for sock in sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def wait_for(self, condition, timeout_s=20):
        with self.changed:
            assert self.changed.wait_for(condition, timeout_s), \
                f"the agent waited in vain; {self.services}, {self.checks}, {self.requests[-20:]}"

    def asked(self, beginning):
        """How often, as "PUT /v1/agent/service/register"."""
        return sum(f"{method} {path}".startswith(beginning) for method, path, *_ in self.requests)

    def status(self, service_id):
        return self.checks.get("service:" + service_id, {}).get("Status")

    def output(self, service_id):
        return self.checks.get("service:" + service_id, {}).get("Output")

    def reason(self, service_id):
        """Of its maintenance, or None."""
        return self.checks.get("_service_maintenance:" + service_id, {}).get("Notes")

    def register(self, service_id, name="other", **more):
        """By somebody else."""
        with self.changed:
            self.services[service_id] = {"ID": service_id, "Service": name, **DEFAULTS, **more}
            self.changed.notify_all()

    # ---- HTTP ----------------------------------------------------------------------------------

    def _accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self.changed:
                self.sockets.add(sock)
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
                lines = head.decode().split("\r\n")
                fields = {line.split(":", 1)[0].lower(): line.split(":", 1)[1].strip() for line in lines[1:]}
                need = int(fields.get("content-length", 0))
                while len(data) < need:
                    data += sock.recv(65536)
                body, data = data[:need], data[need:]
                method, target, _ = lines[0].split(" ")
                self._answer(sock, method, target, body)
        except OSError:
            pass

    def _answer(self, sock, method, target, body):
        path, _, query = target.partition("?")
        path = urllib.parse.unquote(path)
        rule = next((does for beginning, does in self.rules if f"{method} {path}".startswith(beginning)), None)
        if rule is not None:
            self._note(method, path, query, body)
        if rule == "hang":
            threading.Event().wait()
        if rule == "cut":
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"half\":")
            sock.shutdown(socket.SHUT_RDWR)
            return
        status, answer, more = self._judge(method, path, query, body) if rule is None else (*rule, "")
        sock.sendall(b"HTTP/1.1 %d X\r\n%sContent-Length: %d\r\n\r\n" % (status, more.encode(), len(answer)) + answer)

    def _note(self, method, path, query, body):
        with self.changed:
            self.requests.append((method, path, query, body))
            self.changed.notify_all()

    def _judge(self, method, path, query, body):
        words = path.removeprefix("/v1/agent/")
        if method == "GET" and words.startswith("service/"):
            return self._one(path, words.removeprefix("service/"), query)
        one = json.loads(body)["ID"] if words.startswith("service/register") else path.split("/", 5)[-1]
        one = one.removeprefix("service:") if method == "PUT" else None
        with self.changed:
            if one in self.busy_ids:
                self.clashes.append(one)
            self.busy_ids.add(one)
            self.at_once += 1
            self.at_once_most = max(self.at_once, self.at_once_most)
            self.changed.notify_all()
        if method == "PUT":
            self.hold.wait()
        with self.changed:
            status, answer = self._do(method, words, query, body)
            self.requests.append((method, path, query, body))
            self.at_once -= 1
            self.busy_ids.discard(one)
            self.changed.notify_all()
        if words == "services":
            self.hold_lists.wait()
        return status, answer, ""

    def _one(self, path, service_id, query):
        """Waits as long as it is as the hash says."""
        wanted = urllib.parse.parse_qs(query).get("hash", [""])[0]

        def hash_now():
            found = self.services.get(service_id)
            return hashlib.md5(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16] if found else None
        with self.changed:
            self.requests.append(("GET", path, query, b""))
            self.changed.notify_all()
            self.changed.wait_for(lambda: hash_now() != wanted, 60)
            found, now = self.services.get(service_id), hash_now()
        if found is None:
            return 404, b"unknown service ID: " + service_id.encode(), ""
        return 200, json.dumps(found).encode(), f"X-Consul-Contenthash: {now}\r\n"

    # ---- what it does --------------------------------------------------------------------------

    def _do(self, method, words, query, body):
        if method == "GET" and words in ("services", "checks"):
            return 200, json.dumps(getattr(self, words)).encode()
        for beginning, do in (("service/register", self._register), ("service/deregister/", self._deregister),
                              ("service/maintenance/", self._maintain), ("check/update/", self._update)):
            if method == "PUT" and words.startswith(beginning):
                return do(words.removeprefix(beginning), urllib.parse.parse_qs(query), body)
        return 404, b"no such page"

    def _register(self, _, query, body):
        told = json.loads(body)
        service_id, check = told["ID"], told.pop("Check", None)
        told["Service"] = told.pop("Name")
        self.services[service_id] = {**DEFAULTS, **told}
        kept = self.checks
        if "replace-existing-checks" in query:
            self.checks = {key: value for key, value in kept.items() if value["ServiceID"] != service_id}
        if check:
            check_id = check["CheckID"]
            was = kept.get(check_id)
            status = was["Status"] if was and "TTL" in check else check.get("Status", "critical")
            self.checks[check_id] = {"CheckID": check_id, "Name": check.get("Name", ""), "Notes": check.get("Notes", ""),
                                     "Status": status, "Output": was["Output"] if was else "", "ServiceID": service_id,
                                     "Type": "ttl" if "TTL" in check else "http", "Definition": {}, "told": check}
        return 200, b""

    def _deregister(self, service_id, *_):
        self.services.pop(service_id, None)
        self.checks = {key: value for key, value in self.checks.items() if value["ServiceID"] != service_id}
        return 200, b""

    def _maintain(self, service_id, query, _):
        if service_id not in self.services:
            return 404, b'No service registered with ID "%s"' % service_id.encode()
        key = "_service_maintenance:" + service_id
        if query["enable"] == ["true"]:
            self.checks[key] = {"CheckID": key, "Notes": query.get("reason", [""])[0], "Status": "critical",
                                "ServiceID": service_id, "Type": "maintenance"}
        else:
            self.checks.pop(key, None)
        return 200, b""

    def _update(self, check_id, _, body):
        check = self.checks.get(check_id)
        if not check or check["Type"] != "ttl":
            return 500, b'CheckID "%s" does not have associated TTL' % check_id.encode()
        check.update(json.loads(body))
        check["updates"] = check.get("updates", 0) + 1
        return 200, b""
