"""A manager of a swarm made of dictionaries: services, tasks and nodes as the real one tells them."""

import json
import threading
import urllib.parse

from fake_docker import FakeDocker

NODE = "ki9l5smbp1rzrumyonayvj4yi"
NETWORK = "qj5padi4gytdkk1mgh7k4464r"


class PretendedManager(FakeDocker):
    def __init__(self, path):
        super().__init__(path)
        self.networks.append({"Id": NETWORK, "Name": "web", "Driver": "overlay"})
        self.info = {"Swarm": {"NodeID": NODE, "LocalNodeState": "active", "ControlAvailable": True}}
        self.nodes = {}
        self.services = {}
        self.tasks = {}
        self.images = {}
        self.version_index = 100
        self.lock = threading.RLock()
        self.add_node(NODE)

    def next_version(self):
        self.version_index += 1
        return {"Index": self.version_index}

    def ring(self, action="update", kind="service"):
        self.line({"Type": kind, "Action": action, "Actor": {"ID": "x", "Attributes": {}}, "scope": "swarm",
                   "time": 1796007618, "timeNano": 1796007618084187399})

    # ---- what it has ---------------------------------------------------------------------------

    def add_node(self, node, address="192.0.2.1", state="ready"):
        self.nodes[node] = {"ID": node, "Description": {"Hostname": f"host-{node[:2]}"},
                            "Status": {"State": state, "Addr": address}}

    def add_service(self, name, labels=None, ports=None, update=None):
        """Or changes it."""
        with self.lock:
            self.services[name] = {
                "ID": name, "Version": self.next_version(),
                "Spec": {"Name": name, "Labels": labels or {}, "EndpointSpec": {"Mode": "dnsrr", "Ports": ports or []}},
                **({"UpdateStatus": {"State": update}} if update else {})}

    def add_task(self, task, service, state="running", ip="10.0.1.2", node=NODE, labels=None, env=None, published=None,
                 container=None):
        """Or changes it."""
        with self.lock:
            status = {"State": state, "Timestamp": "2026-11-30T03:00:02.681462947Z",
                      "PortStatus": {"Ports": published or []}}
            if state in ("starting", "running", "shutdown"):
                status["ContainerStatus"] = {"ContainerID": container or task.ljust(64, "0")}
            self.tasks[task] = {
                "ID": task, "Version": self.next_version(), "CreatedAt": "2026-11-30T02:59:59.737717382Z",
                "Spec": {"ContainerSpec": {"Image": "shop:1", "Labels": labels or {}, "Env": env or []}},
                "ServiceID": service, "Slot": 1, "NodeID": node, "Status": status, "DesiredState": "running",
                "NetworksAttachments": [{"Network": {"ID": NETWORK, "Spec": {"Name": "web"}},
                                         "Addresses": [f"{ip}/24"]}] if ip else []}

    def desire(self, task, word, state=None):
        with self.lock:
            self.tasks[task]["DesiredState"] = word
            self.tasks[task]["Version"] = self.next_version()
            if state:
                self.tasks[task]["Status"]["State"] = state

    def remove_task(self, task):
        with self.lock:
            del self.tasks[task]

    # ---- what it answers -----------------------------------------------------------------------

    def _find(self, plain):
        bare, _, query = plain.partition("?")
        lists = {"/services": self.services, "/nodes": self.nodes}
        status, body = super()._find(plain)
        if status != 404:
            return status, body
        with self.lock:
            if bare in lists:
                return 200, json.dumps(list(lists[bare].values())).encode()
            if bare == "/tasks":
                return 200, json.dumps(self._filter(query)).encode()
            if bare == "/info":
                return 200, json.dumps(self.info).encode()
            if bare.startswith("/images/"):
                image = self.images.get(bare.removeprefix("/images/").removesuffix("/json"))
                return (200, json.dumps(image).encode()) if image else (404, b'{"message":"No such image"}')
        return status, body

    def _filter(self, query):
        filters = json.loads(urllib.parse.parse_qs(query)["filters"][0])
        found = list(self.tasks.values())
        if "desired-state" in filters:
            found = [task for task in found if task["DesiredState"] in filters["desired-state"]]
        if "id" in filters:
            found = [task for task in found if task["ID"] in filters["id"]]
        return found
