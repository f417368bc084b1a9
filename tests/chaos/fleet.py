"""The appservers: what state each should be in, and what can be done to them.

The state kept here is the run's own: events are drawn from it and from the seed alone, so the same seed
gives the same events whichever proxy is in front.
"""
import contextlib
import http.client
import os
import signal
import time
import urllib.parse

from engine import ApiError, wait_for
from patience import is_stuck

NETWORK = "chaos"
PORT = 8484

# How a container behaves when it is told to stop.
FLAGS = {
    "abrupt": ["--no-drain"],              # exits at once, whatever it was doing
    "polite": [],                          # listens no more, finishes what runs
    "lingering": ["--linger-ms", "400"],   # serves on for a while, then like polite
}


class App:
    def __init__(self, key, flavour, has_check, is_anchor):
        self.key, self.flavour, self.has_check, self.is_anchor = key, flavour, has_check, is_anchor
        self.name = key
        self.id = None
        self.running = self.paused = self.gone = False
        self.connected = self.healthy = True
        self.ordered = None        # "drain" or "disable", by hand
        self.repair_at = None      # the number of the event by which it must be well again

    @property
    def is_well(self):
        return (self.running and not self.paused and self.connected and self.healthy
                and not self.ordered)

    def __repr__(self):
        return f"{self.name} ({self.flavour})"


class Fleet:
    def __init__(self, engine, image, folder, host=None):
        self.engine, self.image = engine, image
        self.host = {"lb.host": host} if host else {}   # where there are other sites, this service needs one
        self.logs = folder / "logs"
        self.logs.mkdir()
        self.logs.chmod(0o777)
        self.apps = []
        self.made = 0
        self.ends = []      # {app, event, at, over}: the moment a container was told or made to end, and by which it had
        self.begins = []    # {app, event, at}: the moment one could serve (again), as Docker sees it
        engine.call("POST", "/networks/create", {"Name": NETWORK, "CheckDuplicate": True})

    def __iter__(self):
        return iter([app for app in self.apps if not app.gone])

    def well(self):
        return [app for app in self if app.is_well]

    def address(self, app):
        return self.engine.address(app.id, NETWORK)

    # ---- made and removed ----------------------------------------------------------------------

    def next_number(self):
        self.made += 1
        return self.made

    def add(self, number, flavour, has_check=False, is_anchor=False):
        """A new container, running."""
        app = App(f"web-{number}", flavour, has_check, is_anchor)
        check = {"Test": ["NONE"]}
        if has_check:
            check = {"Test": ["CMD", "appserver", "--healthcheck"], "Interval": 10 ** 9,
                     "Timeout": 10 * 10 ** 9, "Retries": 1}
        checks = {"lb.check.path": "/", "lb.check.interval": "200ms", "lb.check.timeout": "5s"}  # lb's own
        # The access log goes to a file: through the engine it would stop the server while the engine
        # is away, because nobody empties the pipe then.
        app.id = self.engine.create(app.key, {
            "Image": self.image,
            "Entrypoint": ["sh", "-c", 'exec appserver "$@" >>/logs/$0'],
            "Cmd": [app.key, "--name", app.key, *FLAGS[flavour]],
            "Healthcheck": check,
            "Labels": {"lb.service": "appserver", **self.host, **(checks if number % 2 else {})},
            "HostConfig": {"NetworkMode": NETWORK, "Binds": [f"{self.logs}:/logs"]}})
        self.apps.append(app)
        self.start(app, "new")
        return app

    def act(self, app, what, query=""):
        self.engine.call("POST", f"/containers/{app.id}/{what}{query}")

    @contextlib.contextmanager
    def ending(self, app, event):
        """What is done in it ends the container; how long that takes is up to a busy machine."""
        end = {"app": app.key, "flavour": app.flavour, "event": event, "at": time.time()}
        self.ends.append(end)
        try:
            yield
        finally:
            end["over"] = time.time()

    def note_begin(self, app, event, at):
        self.begins.append({"app": app.key, "has_check": app.has_check, "event": event, "at": at})

    def started_at(self, app):
        text = self.engine.inspect(app.id)["State"]["StartedAt"]
        whole, _, fraction = text.rstrip("Z").partition(".")
        seconds = time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) - time.timezone
        return seconds + float("0." + fraction[:9] if fraction else 0)

    # ---- what happens to one -------------------------------------------------------------------

    def start(self, app, event="start"):
        # The engine may not know yet that it has ended, and would take it for running still.
        wait_for(f"the end of {app}", lambda: not self.engine.inspect(app.id)["State"]["Running"], 15)
        try:
            self.act(app, "start")
        except ApiError as problem:
            if is_stuck(problem):
                self.remove(app)    # another comes in its place
            raise
        app.running, app.healthy = True, True
        self.note_begin(app, event, self.started_at(app))

    def stop(self, app, seconds=10, event="stop"):
        app.running = False
        with self.ending(app, event):
            self.act(app, "stop", f"?t={seconds}")

    def kill(self, app):
        app.running = False
        with self.ending(app, "kill-9"):
            self.act(app, "kill", "?signal=KILL")

    def crash(self, app):
        """Its process ends without a word to the engine."""
        self.crash_pid(app, self.pid(app))

    def crash_pid(self, app, pid):
        app.running = False
        with self.ending(app, "crash"):
            os.kill(pid, signal.SIGKILL)

    def pid(self, app):
        pid = self.engine.inspect(app.id)["State"]["Pid"]
        if pid <= 0:    # kill() would take 0 for our own process group
            app.running = False
            raise ApiError(f"{app} has ended by itself")
        return pid

    def restart(self, app):
        with self.ending(app, "restart"):
            self.act(app, "restart")
        app.healthy = True
        self.note_begin(app, "restart", self.started_at(app))

    def remove(self, app):
        with self.ending(app, "rm-f") if app.running else contextlib.nullcontext():
            app.running, app.gone = False, True
            self.engine.call("DELETE", f"/containers/{app.id}?force=true")

    def pause(self, app):
        app.paused = True
        self.act(app, "pause")

    def unpause(self, app):
        self.act(app, "unpause")
        app.paused = False
        self.note_begin(app, "unpause", time.time())

    def disconnect(self, app):
        app.connected = False
        with self.ending(app, "disconnect"):
            self.engine.call("POST", f"/networks/{NETWORK}/disconnect", {"Container": app.id})

    def connect(self, app):
        self.engine.call("POST", f"/networks/{NETWORK}/connect", {"Container": app.id})
        app.connected = True
        self.note_begin(app, "connect", time.time())

    def rename(self, app, name):
        self.act(app, "rename", "?name=" + urllib.parse.quote(name))
        app.name = name

    def set_health(self, app, healthy):
        """Flips what its /healthz answers, and waits until its HEALTHCHECK has noticed."""
        connection = http.client.HTTPConnection(self.address(app), PORT, timeout=10)
        connection.request("POST", "/healthy" if healthy else "/unhealthy")
        connection.getresponse().read()
        connection.close()
        if not healthy:
            app.healthy = False
        wanted = "healthy" if healthy else "unhealthy"
        end = time.monotonic() + 8
        while (self.engine.inspect(app.id)["State"]["Health"]["Status"] != wanted
               and time.monotonic() < end):
            time.sleep(0.05)
        if healthy:
            app.healthy = True
            self.note_begin(app, "healthy", time.time())
