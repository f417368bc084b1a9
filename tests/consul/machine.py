"""A host of pretence: a network namespace on a bridge, with a Docker engine, a Consul server, and lb with its
lb-discovery in it, and a client that asks that lb all the time. Nothing of it outlives the run."""
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from agent import Agent
from engine import Engine
from support.program import BIN_DIR, environment
from support.waiting import wait_for

HERE = Path(__file__).resolve().parent
LB_PORT, ADMIN_PORT, APP_PORT = 8000, 8001, 8484


def ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True, stdin=subprocess.DEVNULL, timeout=20)


class MachineEngine(Engine):
    """tests/chaos has one for a whole run; this one is of a namespace that others are beside."""

    def __init__(self, folder, inside):
        super().__init__(folder)
        self.inside = inside

    def start(self):
        with open(self.folder / "dockerd.log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.inside, "setpriv", "--pdeathsig", "TERM", "dockerd",
                 "--data-root", str(self.folder / "data"), "--exec-root", str(self.folder / "exec"),
                 "--pidfile", str(self.folder / "docker.pid"), "--containerd-namespace", self.folder.name,
                 "--containerd-plugins-namespace", self.folder.name + "-plugins",
                 "--host", f"unix://{self.socket}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_answers(self):
        wait_for(self.answers, "the engine answers", 60, 0.05)

    def close(self):
        if self.process and self.process.poll() is None:
            for container in self.call("GET", "/containers/json?all=true"):
                self.call("DELETE", f"/containers/{container['Id']}?force=true", check=False)
            self.end()
        for line in reversed(Path("/proc/mounts").read_text(encoding="utf-8").splitlines()):
            if str(self.folder) in line:
                subprocess.run(["umount", "--lazy", line.split()[1]], check=False)


class Machine:
    def __init__(self, number, folder, consul, addresses):
        self.number, self.name, self.address = number, f"host{number}", addresses[number - 1]
        self.folder = folder / self.name
        self.folder.mkdir()
        self.holder = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--uts",
                                        "sh", "-c", f"hostname {self.name}; exec sleep infinity"],
                                       stdin=subprocess.DEVNULL)
        ours = os.readlink("/proc/self/ns/net")
        wait_for(lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != ours and
                 Path(f"/proc/{self.holder.pid}/comm").read_text().strip() == "sleep", "its network namespace")
        self.inside = ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", f"--uts=/proc/{self.holder.pid}/ns/uts", "--"]
        self.link = f"h{number}"
        ip("link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", self.holder.pid)
        ip("link", "set", self.link, "master", "hosts", "up")
        for words in (("link", "set", "lo", "up"), ("address", "add", f"{self.address}/24", "dev", "eth0"),
                      ("link", "set", "eth0", "up"), ("route", "add", "default", "via", "10.77.0.1")):
            subprocess.run([*self.inside, "ip", *words], check=True, timeout=20)
        self.engine = MachineEngine(self.folder, self.inside)
        settings = {"bootstrap_expect": len(addresses), "retry_join": addresses, "retry_interval": "1s",
                    "node_id": str(uuid.uuid5(uuid.NAMESPACE_DNS, self.name))}
        self.agent = Agent(consul, self.folder / "consul", self.name, self.address, settings=settings, inside=self.inside)
        self.lb = self.load = None
        self.containers = {}    # name → id, of those that run
        self.made = 0

    # ---- lb ------------------------------------------------------------------------------------

    def start_lb(self, *flags):
        with open(self.folder / "lb.log", "ab") as log:
            self.lb = subprocess.Popen(
                [*self.inside, "setpriv", "--pdeathsig", "KILL", str(BIN_DIR / "lb"),
                 f"--listen=0.0.0.0:{LB_PORT}", f"--admin=0.0.0.0:{ADMIN_PORT}", "--admin-open", "--workers=1",
                 f"--docker=unix://{self.engine.socket}", f"--consul={self.agent.url}",
                 f"--register={self.agent.url}", f"--advertise={self.address}", "--default-route=appserver", *flags],
                env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        wait_for(self.pool, "lb's admin pages", 30)

    def pool(self):
        connection = http.client.HTTPConnection(self.address, ADMIN_PORT, timeout=5)
        try:
            connection.request("GET", "/pool")
            return json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def endpoints(self):
        """Of the service appserver, {(address, port): endpoint}."""
        pool = self.pool() or {"services": []}
        return {(one["address"], one["port"]): one for service in pool["services"]
                if service["name"] == "appserver" for one in service["endpoints"]}

    def children(self):
        """{name: pid} of lb's processes; the proxy is the child that is not lb-discovery."""
        found = {}
        for pid in Path(f"/proc/{self.lb.pid}/task/{self.lb.pid}/children").read_text().split():
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0].decode()
            found["discovery" if command.endswith("lb-discovery") else "proxy"] = int(pid)
        return found

    def kill_child(self, which):
        """kill -9; the master starts it anew."""
        pid = self.children()[which]
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: self.children().get(which, pid) != pid, f"another {which}", 30)

    # ---- containers ----------------------------------------------------------------------------

    def run(self, image):
        """One more appserver; gives its name."""
        self.made += 1
        name = f"web-{self.number}-{self.made}"
        made = self.engine.create(name, {
            "Image": image, "Cmd": ["--name", name, "--no-log", "--linger-ms", "300"], "Healthcheck": {"Test": ["NONE"]},
            "ExposedPorts": {f"{APP_PORT}/tcp": {}}, "HostConfig": {"PortBindings": {f"{APP_PORT}/tcp": [{"HostPort": ""}]}}})
        self.engine.call("POST", f"/containers/{made}/start")
        self.containers[name] = made
        return name

    def port_of(self, name):
        ports = self.engine.inspect(self.containers[name])["NetworkSettings"]["Ports"]
        return int(ports[f"{APP_PORT}/tcp"][0]["HostPort"])

    def end(self, name, how):
        """"stop", "kill" or "crash"."""
        made = self.containers.pop(name)
        if how == "stop":
            self.engine.call("POST", f"/containers/{made}/stop?t=5")
        elif how == "kill":
            self.engine.call("POST", f"/containers/{made}/kill?signal=KILL")
        else:
            os.kill(self.engine.inspect(made)["State"]["Pid"], signal.SIGKILL)
        wait_for(lambda: not self.engine.inspect(made)["State"]["Running"], f"{name} has ended", 20)
        self.engine.call("DELETE", f"/containers/{made}?force=true", check=False)

    # ---- the cable, the clients ----------------------------------------------------------------

    def set_cable(self, is_in):
        ip("link", "set", self.link, "up" if is_in else "down")

    def start_load(self, clients=3, pause_s=0.004):
        self.load = subprocess.Popen(
            [*self.inside, "setpriv", "--pdeathsig", "KILL", sys.executable, str(HERE / "load.py"),
             self.address, str(LB_PORT), str(clients), str(pause_s)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def end_load(self):
        self.load.send_signal(signal.SIGTERM)
        return json.loads(self.load.communicate(timeout=60)[0])

    def close(self):
        for process in (self.load, self.lb):
            if process and process.poll() is None:
                process.kill()
                process.wait(20)
        self.agent.close()
        try:
            self.engine.close()
        finally:
            end_all_of(self.holder.pid)
            self.holder.wait(20)
            shutil.rmtree(self.folder, ignore_errors=True)


def end_all_of(holder):
    """What still runs in that namespace, which holds nothing but this machine."""
    try:
        there = os.readlink(f"/proc/{holder}/ns/net")
    except OSError:
        return
    if there == os.readlink("/proc/self/ns/net"):
        raise RuntimeError("not a network namespace of its own")
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.readlink(f"/proc/{name}/ns/net") == there:
                os.kill(int(name), signal.SIGKILL)
        except OSError:
            continue
    time.sleep(0.1)
