"""A host of pretence: a network namespace on a bridge, with a Docker engine, a Consul server, and lb with its
lb-discovery in it, and a client that asks that lb all the time. Nothing of it outlives the run."""
import ctypes
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

from agent import Agent
from engine import Engine
from support import processes
from support.program import BIN_DIR, environment, split_address
from support.waiting import wait_for

HERE = Path(__file__).resolve().parent
LB_PORT, ADMIN_PORT, APP_PORT = 8000, 8001, 8484


CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def enter_network(descriptor):
    """Of this thread."""
    if libc.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


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
        self.flags = ()
        self.containers = {}    # name → id, of those that run
        self.made = 0

    # ---- lb ------------------------------------------------------------------------------------

    def start_lb(self, *flags):
        self.flags = flags
        with open(self.folder / "lb.log", "ab") as log:
            self.lb = subprocess.Popen(
                [*self.inside, "setpriv", "--pdeathsig", "KILL", str(BIN_DIR / "lb"),
                 f"--listen=0.0.0.0:{LB_PORT}", f"--admin=0.0.0.0:{ADMIN_PORT}", "--admin-open", "--workers=1",
                 f"--docker=unix://{self.engine.socket}", f"--consul={self.agent.url}",
                 f"--register={self.agent.url}", f"--advertise={self.address}", "--default-route=appserver", *flags],
                env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
        wait_for(self.pool, "lb's admin pages", 30)

    def pool(self):
        """Also when its cable is out: the admin pages are asked by a neighbour inside."""
        connection = http.client.HTTPConnection(self.address, ADMIN_PORT, timeout=5)
        try:
            connection.sock = self.connect_inside(ADMIN_PORT)
            connection.request("GET", "/pool")
            return json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def connect_inside(self, port):
        """A socket belongs to the namespace in which it was made, whoever uses it."""
        with open("/proc/thread-self/ns/net", "rb") as ours, open(f"/proc/{self.holder.pid}/ns/net", "rb") as theirs:
            enter_network(theirs.fileno())
            try:
                return socket.create_connection((self.address, port), timeout=5)
            finally:
                enter_network(ours.fileno())

    def endpoints(self):
        """Of the service appserver, {(address, port): endpoint}."""
        pool = self.pool() or {"services": []}
        return {split_address(one["address"]): one for service in pool["services"]
                if service["name"] == "appserver" for one in service["endpoints"]}

    def kill_discovery(self):
        """kill -9; lb starts it anew."""
        before = self.discoveries()
        assert len(before) == 1, before
        os.kill(before[0], signal.SIGKILL)
        wait_for(lambda: self.discoveries() not in ([], before), "another lb-discovery", 30)

    def discoveries(self):
        return [pid for pid in processes.children(self.lb.pid) if processes.name_of(pid) == "lb-discovery"]

    def kill_lb(self):
        """kill -9, and its lb-discovery ends with it; started anew at once, as systemd or Docker would. Until then
        nobody listens there."""
        self.lb.kill()
        self.lb.wait(20)
        self.start_lb(*self.flags)

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
