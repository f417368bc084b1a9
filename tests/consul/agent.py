"""A Consul agent as a process, on a loopback address of its own with Consul's usual ports, so that any number of
them run beside each other; and what its API tells. It ends with the tests, whatever becomes of them."""
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import urllib.parse

from support.waiting import wait_for

HTTP_PORT, DNS_PORT = 8500, 8600
PORTS = (8300, 8301, HTTP_PORT, DNS_PORT)

# Elections within a second instead of ten, and nobody from outside is asked for anything.
SETTINGS = {
    "datacenter": "dc1", "server": True, "performance": {"raft_multiplier": 1},
    "ports": {"serf_wan": -1, "grpc": -1}, "disable_update_check": True, "log_level": "warn",
    "leave_on_terminate": False, "skip_leave_on_interrupt": True, "limits": {"http_max_conns_per_client": 1000},
}


def free_address():
    """In a part of loopback that nothing else of the tests uses, where no other agent is."""
    for _ in range(200):
        address = f"127.{random.randint(100, 199)}.{random.randint(1, 250)}.{random.randint(1, 250)}"
        try:
            for port in PORTS:
                with socket.socket() as probe:
                    probe.bind((address, port))
            return address
        except OSError:
            continue
    raise AssertionError("no free loopback address among 200 tried")


class ApiError(Exception):
    def __init__(self, status, text):
        super().__init__(f"{status} {text}")
        self.status = status


class Agent:
    """`is_dev`: in memory only, a leader within a second, everything is lost at its end. Else it has a data
    folder, which survives kill() and start()."""

    def __init__(self, program, folder, name, address=None, is_dev=False, settings=None, inside=()):
        self.program, self.folder, self.name, self.is_dev = program, folder, name, is_dev
        self.address = address or free_address()
        self.url = f"http://{self.address}:{HTTP_PORT}"
        self.settings = {**SETTINGS, "bootstrap_expect": 1, **(settings or {})}
        self.inside = list(inside)      # words before the command: `ip netns exec NAME`
        self.token = None               # that call() shows
        self.process = None
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log"

    # ---- the process ---------------------------------------------------------------------------

    def start(self):
        settings = {**self.settings, "node_name": self.name, "bind_addr": self.address,
                    "client_addr": self.address, "data_dir": str(self.folder / "data")}
        mode = []
        if self.is_dev:
            mode = ["-dev"]
            for word in ("data_dir", "server", "bootstrap_expect"):
                settings.pop(word, None)
        (self.folder / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [*self.inside, "setpriv", "--pdeathsig", "KILL", self.program, "agent", *mode,
                 f"-config-file={self.folder / 'settings.json'}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self, number=signal.SIGKILL):
        if self.process:
            self.process.send_signal(number)
            self.process.wait(30)

    def wipe(self):
        """What it had on disk is gone; it must not run."""
        shutil.rmtree(self.folder / "data", ignore_errors=True)

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def close(self):
        if self.is_running():
            self.process.kill()
            self.process.wait(30)

    def wait_well(self, timeout_s=40):
        """Until there is a leader, and this agent's node is in the catalog."""
        def look():
            if not self.is_running():
                raise AssertionError(f"consul ended: {self.log.read_text(errors='replace')[-3000:]}")
            try:
                return self.get("/v1/status/leader") and any(
                    check["CheckID"] == "serfHealth" and check["Status"] == "passing"
                    for check in self.get(f"/v1/health/node/{self.name}"))
            except (OSError, http.client.HTTPException, ApiError):
                return False
        wait_for(look, f"{self.name} has a leader and knows itself; log: {self.log}", timeout_s, 0.05)
        return self

    # ---- its API -------------------------------------------------------------------------------

    def call(self, method, path, body=None, timeout_s=20, token=None):
        """What it answers: JSON where it is some, else text."""
        connection = http.client.HTTPConnection(self.address, HTTP_PORT, timeout=timeout_s)
        try:
            shown = token or self.token
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"X-Consul-Token": shown} if shown else {})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 400:
            raise ApiError(answer.status, text)
        return json.loads(text) if answer.getheader("Content-Type", "").startswith("application/json") else text

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def put(self, path, body=None, **more):
        return self.call("PUT", path, body, **more)

    def register(self, service_id, name, port, address="127.0.0.1", check=None, **more):
        """`check`: the state of a TTL check that stays in it; more as the API has it."""
        entry = {"ID": service_id, "Name": name, "Port": port, "Address": address, **more}
        if check:
            entry["Check"] = {"TTL": "1h", "Status": check}
        self.put("/v1/agent/service/register?replace-existing-checks=true", entry)
        if check:
            self.set_check(service_id, check)   # only what was told apart survives a restart of the agent

    def set_check(self, service_id, status, output=""):
        self.put(f"/v1/agent/check/update/{urllib.parse.quote('service:' + service_id)}",
                 {"Status": status, "Output": output})

    def set_maintenance(self, service_id, is_on, reason="by+hand"):
        self.put(f"/v1/agent/service/maintenance/{urllib.parse.quote(service_id)}"
                 f"?enable={str(is_on).lower()}&reason={reason}")

    def set_node_maintenance(self, is_on):
        self.put(f"/v1/agent/maintenance?enable={str(is_on).lower()}&reason=by+hand")

    def deregister(self, service_id):
        self.put(f"/v1/agent/service/deregister/{urllib.parse.quote(service_id, safe='')}")

    def services(self):
        """{id: entry}, of this agent's own."""
        return self.get("/v1/agent/services")

    def checks(self):
        return self.get("/v1/agent/checks")

    def entries(self, name):
        """Of the whole catalog, with their checks."""
        return self.get(f"/v1/health/service/{name}")


def acl_settings(master):
    """Default deny, with a token that may do everything."""
    return {"acl": {"enabled": True, "default_policy": "deny", "enable_token_persistence": True,
                    "down_policy": "extend-cache", "tokens": {"master": master, "agent": master}}}


def make_token(agent, rules):
    """Of a policy of its own, by an agent whose `token` may do that. Gives (accessor, secret)."""
    name = "policy-" + os.urandom(4).hex()
    agent.put("/v1/acl/policy", {"Name": name, "Rules": rules})
    made = agent.put("/v1/acl/token", {"Policies": [{"Name": name}]})
    return made["AccessorID"], made["SecretID"]
