"""The proxy under test: lb in its container, or haproxy or nginx with render.py beside them."""
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from engine import Engine, wait_for
from fleet import NETWORK
from render import KINDS, haproxy_retries

HERE = Path(__file__).resolve().parent
ID = re.compile(r'"id":"([0-9a-f]{32})"')   # of a request, the first in a line of lb's access log


def version_of(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
    return done.stdout.splitlines()[0]


class Lb:
    """The real image, on the engine whose containers it follows."""

    name = "lb"

    def __init__(self, engine: Engine, image, folder, flags, certificates=None):
        self.engine, self.image, self.flags = engine, image, flags
        self.certificates = certificates    # a folder; None: no TLS
        self.config, self.access = folder / "lb-config", folder / "lb-access"
        self.config.mkdir()
        self.access.mkdir()
        self.access.chmod(0o777)
        self.hang_ups = 0
        self.id = self.started = None

    def write_config(self):
        """Something harmless differs each time, so that a reload has something to do."""
        new = self.config / "new"
        new.write_text(json.dumps({"service": "appserver",
                                   "idle-timeout": f"{75 + self.hang_ups % 2}s"}))
        new.chmod(0o644)
        os.replace(new, self.config / "lb.json")

    def start(self):
        self.write_config()
        self.id = self.engine.create("lb", {
            "Image": self.image,
            "Cmd": ["--config", "/config/lb.json", "--docker=unix:///run/docker-api/docker.sock",
                    "--listen", "0.0.0.0:8000", "--admin", "0.0.0.0:8001", "--admin-open",
                    "--access-log", "/access/log", *self.flags],
            "HostConfig": {"NetworkMode": NETWORK,
                           "GroupAdd": [str(self.engine.socket.stat().st_gid)],
                           "Binds": [f"{self.engine.socket.parent}:/run/docker-api",
                                     f"{self.access}:/access", f"{self.config}:/config:ro",
                                     *([f"{self.certificates}:/certificates:ro"] if self.certificates else [])]}})
        self.engine.call("POST", f"/containers/{self.id}/start")
        self.host = self.engine.address(self.id, NETWORK)
        self.started = self.engine.inspect(self.id)["State"]["StartedAt"]
        wait_for("lb's pool", self.pool_or_none)
        self.version = version_of(["docker", "--host", f"unix://{self.engine.socket}", "run", "--rm",
                                   "--network", "none", self.image, "--version"])

    def target(self):
        return f"{self.host}:8000"

    def tls_target(self):
        return f"{self.host}:8443" if self.certificates else None

    def pool(self):
        connection = http.client.HTTPConnection(self.host, 8001, timeout=5)
        try:
            connection.request("GET", "/pool")
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def pool_or_none(self):
        try:
            return self.pool()
        except (OSError, ValueError, http.client.HTTPException):
            return None

    def active(self, fleet):
        ready = {endpoint["id"] for service in (self.pool_or_none() or {"services": []})["services"]
                 for endpoint in service["endpoints"] if endpoint["state"] == "ready"}
        return {app.key for app in fleet if app.id in ready}

    def order(self, app, order):
        """drain, undrain, disable, enable, or "weight?value=N"."""
        connection = http.client.HTTPConnection(self.host, 8001, timeout=20)
        try:
            connection.request("POST", f"/endpoints/{app.id}/{order}")
            answer = connection.getresponse()
            if answer.status not in (200, 404):   # 404: lb has not heard of it yet, or not any more
                raise OSError(f"{order} of {app}: {answer.status} {answer.read()}")
            return answer.status == 200
        finally:
            connection.close()

    def children(self, *names):
        """Of the master: its processes of these names."""
        parent = self.engine.inspect(self.id)["State"]["Pid"]
        pids = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [int(pid) for pid in pids if Path(f"/proc/{pid}/comm").read_text().strip() in names]

    def kill_children(self, *names):
        """kill -9, all at once; gives when."""
        pids = self.children(*names)
        if not pids:
            raise OSError(f"lb has no {' or '.join(names)} at the moment")
        at = time.time()
        for pid in pids:
            os.kill(pid, 9)
        return at

    def kill_discovery(self):
        self.kill_children("lb-discovery")

    def upgrades(self):
        """How many there have been, and how many came to nothing."""
        connection = http.client.HTTPConnection(self.host, 8001, timeout=5)
        try:
            connection.request("GET", "/process")
            facts = json.loads(connection.getresponse().read())
            return facts["upgrades"], facts["failures"]
        except (OSError, ValueError, KeyError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def upgrade(self):
        """SIGUSR2, and until another process serves."""
        before = wait_for("lb's facts", self.upgrades)
        self.engine.call("POST", f"/containers/{self.id}/kill?signal=USR2")
        wait_for("the upgrade", lambda: (self.upgrades() or before)[0] > before[0], 30)

    def hang_up(self):
        self.hang_ups += 1
        self.write_config()
        self.engine.call("POST", f"/containers/{self.id}/kill?signal=HUP")

    def facts(self):
        """For the report, at the end."""
        totals = self.pool()["totals"]
        lags = {}
        for line in self.engine.logs(self.id).splitlines():
            found = re.search(r" ready, \d+ endpoints?, ([\d.]+) ms after ([\w ]+)", line)
            if found:
                lags.setdefault(found[2].strip(), []).append(float(found[1]))
        return {"retries": totals["retries"], "totals": totals,
                "event_to_ready_ms_by_lb_log": {cause: sorted(values) for cause, values in lags.items()}}

    def problem(self):
        """Why the proxy itself broke its promise, or None."""
        state = self.engine.inspect(self.id)["State"]
        if not state["Running"]:
            return f"lb ended with exit code {state['ExitCode']}"
        return None if state["StartedAt"] == self.started else "lb was restarted"

    def servers_of(self, requests):
        """{request id: id of the container that had it last}, as the access log tells."""
        servers = {}
        with open(self.access / "log", encoding="utf-8", errors="replace") as file:
            for line in file:
                found = ID.search(line)
                if found and found[1] in requests:
                    servers[found[1]] = json.loads(line)["lb"].get("upstream", {}).get("id")
        return servers

    def keep(self, where):
        (where / "proxy.log").write_text(self.engine.logs(self.id))
        shutil.copy(self.access / "log", where / "proxy-access.log")

    def close(self):
        pass


class Rendered:
    """haproxy or nginx, kept in step by render.py, which is started again when it dies."""

    def __init__(self, engine, folder, name):
        self.engine, self.folder, self.name = engine, folder / name, name
        self.folder.mkdir()
        self.folder.chmod(0o755)
        self.process = None
        self.is_closing = False
        self.keeper = threading.Thread(target=self.keep_rendering, daemon=True)

    def keep_rendering(self):
        with open(self.folder / "render.log", "ab") as log:
            while not self.is_closing:
                self.process = subprocess.Popen(
                    [sys.executable, str(HERE / "render.py"), self.name, str(self.engine.socket),
                     str(self.folder)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    start_new_session=True)
                self.process.wait()
                time.sleep(0.1)

    def order(self, _app, _order):
        """There is nobody to take it; the event happens to lb alone."""
        return False

    def start(self):
        self.keeper.start()
        wait_for("the first configuration", (self.folder / "state").exists)
        self.version = version_of(["haproxy", "-v"] if self.name == "haproxy" else ["nginx", "-v"])

    def target(self):
        return "127.0.0.1:8000"

    def active(self, fleet):
        """Who is in the configuration for long enough that it has been loaded."""
        state = self.folder / "state"
        try:
            ids = json.loads(state.read_text())["ids"]
            if time.time() - state.stat().st_mtime < 0.3:
                return set()
        except (OSError, ValueError):
            return set()
        return {app.key for app in fleet if app.id in ids}

    def kill_discovery(self):
        self.process.kill()

    def hang_up(self):
        """A reload of what it has."""
        if not KINDS[self.name](self.folder).reload():
            raise OSError("the reload failed")

    def facts(self):
        if self.name == "haproxy":
            kept = (self.folder / "retries").read_text().split() if (self.folder / "retries").exists() else []
            return {"retries": sum(map(int, kept)) + haproxy_retries(self.folder), "reloads": len(kept)}
        lines = (self.folder / "nginx-access.log").read_text().splitlines()
        return {"retries": sum("," in line for line in lines)}

    def problem(self):
        return None

    def keep(self, where):
        shutil.copytree(self.folder, where / self.name, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("*.sock"))

    def close(self):
        self.is_closing = True
        if self.process:
            self.process.kill()


def make(name, engine, image, folder, flags, certificates=None):
    return Lb(engine, image, folder, flags, certificates) if name == "lb" else Rendered(engine, folder, name)
