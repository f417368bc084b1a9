"""What can happen, how often, to whom; and the promise's own condition: at any time at least one
endpoint is alive that the proxy knows."""
import concurrent.futures
import random
import signal
import threading
import time

from engine import ApiError, wait_for

BASE_COUNT = 6      # containers, running or not, that there are between two scalings
SCALED_COUNT = 10
FLAVOURS = ("abrupt", "polite", "abrupt", "lingering")
REPAIR_AFTER = 4    # events until what is paused, disconnected, unhealthy or stopped is put right

# Name: (weight, what it does). The repairs come by themselves and count as events too.
WEIGHTS = {
    "start": 6, "stop": 6, "stop-0": 5, "kill-9": 5, "crash": 4, "restart": 5, "pause": 4, "unpause": 0,
    "rm-f": 4, "scale": 1.5, "disconnect": 4, "connect": 0, "unhealthy": 4, "healthy": 0, "rename": 4,
    "rename-pause": 3, "drain": 3, "undrain": 0, "disable": 2, "enable": 0, "weight": 3,
    "discovery-kill": 3, "daemon-restart": 1.2, "daemon-kill": 0.8, "sighup": 3,
    "proxy-kill": 1.5, "family-kill": 0.8, "upgrade": 2,
}

# To lb's own processes, with --processes alone: what runs in one that is killed is lost, whatever it is.
OF_PROCESSES = ("proxy-kill", "family-kill", "upgrade")


UNDO = {"drain": "undrain", "disable": "enable"}


class Events:
    def __init__(self, fleet, proxy, engine, seed, names):
        self.fleet, self.proxy, self.engine = fleet, proxy, engine
        self.random = random.Random(seed)
        self.names = names
        self.log = []           # {number, event, target, at, seconds, problem}
        self.counts = {}
        self.kills = []         # when a process that serves was killed
        self.stop = threading.Event()

    # ---- the fleet at the beginning ------------------------------------------------------------

    def add_anchor(self):
        """It takes the tunnels, and is never made to end; it is paused, renamed and unhealthy."""
        return self.fleet.add(self.fleet.next_number(), "polite", has_check=True, is_anchor=True)

    def plan(self):
        """What the next container is like: its number, kind, and whether it has a HEALTHCHECK."""
        number = self.fleet.next_number()
        return number, FLAVOURS[number % len(FLAVOURS)], number % 3 == 0

    @property
    def anchor(self):
        return self.fleet.apps[0]

    # ---- choosing ------------------------------------------------------------------------------

    def others_well(self, app=None):
        """Those without a HEALTHCHECK, which a busy engine may call unhealthy at any moment."""
        return [other for other in self.fleet.well() if other is not app and not other.has_check]

    def victims(self, may_be_anchor=False):
        """Those that may leave: somebody else is there to answer."""
        return [app for app in self.fleet.well()
                if (may_be_anchor or not app.is_anchor) and self.others_well(app)]

    def candidates(self, name):
        """The containers an event can happen to; [None] when it happens to none in particular."""
        alive = list(self.fleet)
        if name == "start":
            stopped = [app for app in alive if not app.running]
            return stopped or ([None] if len(alive) < BASE_COUNT else [])
        if name in ("stop", "stop-0", "kill-9", "crash", "restart", "disconnect"):
            return self.victims()
        if name == "rm-f":
            return self.victims() + [app for app in alive if not app.running]
        if name in ("pause", "rename-pause", "drain", "disable"):
            return self.victims(may_be_anchor=True)
        if name == "unhealthy":
            return [app for app in self.victims(may_be_anchor=True) if app.has_check]
        if name == "rename":
            return alive
        if name == "weight":
            return [app for app in alive if app.running]
        if name == "unpause":
            return [app for app in alive if app.paused]
        if name in ("undrain", "enable"):
            return [app for app in alive if app.ordered and UNDO[app.ordered] == name]
        if name == "connect":
            return [app for app in alive if not app.connected]
        if name == "healthy":
            return [app for app in alive if not app.healthy]
        if name == "scale":
            return [None] if self.others_well() else []
        if name in ("daemon-restart", "daemon-kill"):
            return [] if any(app.paused or not app.connected for app in alive) else [None]
        return [None]

    def overdue(self):
        """The repair that cannot wait, as (event, container)."""
        for app in self.fleet:
            if app.repair_at is None or len(self.log) < app.repair_at:
                continue
            app.repair_at = None
            if app.ordered:
                return UNDO[app.ordered], app
            if app.paused:
                return "unpause", app
            if not app.connected:
                return "connect", app
            if not app.running:
                return "start", app
            if not app.healthy:
                return "healthy", app
        return None

    def draw(self):
        repair = self.overdue()
        if repair:
            return repair
        names = [name for name in self.names if WEIGHTS[name] and self.candidates(name)]
        name = self.random.choices(names, [WEIGHTS[name] for name in names])[0]
        return name, self.random.choice(self.candidates(name))

    # ---- doing ---------------------------------------------------------------------------------

    def wait_for_others(self, app):
        """Until the proxy uses a container other than `app` that will stay."""
        def somebody():
            keys = {other.key for other in self.others_well(app)}
            return keys & self.proxy.active(self.fleet)
        wait_for(f"{self.proxy.name} to use another than {app}", somebody, 20)

    def do(self, name, app):
        leaves = name in ("stop", "stop-0", "kill-9", "crash", "restart", "rm-f", "disconnect", "pause",
                          "unhealthy", "rename-pause", "drain", "disable")
        if leaves and app.is_well:
            self.wait_for_others(app)
        if leaves and name != "restart" and name != "rm-f":
            app.repair_at = len(self.log) + 1 + self.random.randrange(REPAIR_AFTER)
        getattr(self, "do_" + name.replace("-", "_"))(app)

    def do_start(self, app):
        if app:
            self.fleet.start(app)
        else:
            self.fleet.add(*self.plan())

    def do_stop(self, app):
        self.fleet.stop(app)

    def do_stop_0(self, app):
        self.fleet.stop(app, 0, "stop-0")

    def do_kill_9(self, app):
        self.fleet.kill(app)

    def do_crash(self, app):
        self.fleet.crash(app)

    def do_restart(self, app):
        self.fleet.restart(app)

    def do_rm_f(self, app):
        self.fleet.remove(app)

    def do_pause(self, app):
        self.fleet.pause(app)

    def do_unpause(self, app):
        self.fleet.unpause(app)

    def do_disconnect(self, app):
        self.fleet.disconnect(app)

    def do_connect(self, app):
        self.fleet.connect(app)

    def do_unhealthy(self, app):
        self.fleet.set_health(app, False)

    def do_healthy(self, app):
        self.fleet.set_health(app, True)

    def do_rename(self, app):
        self.fleet.rename(app, f"{app.key}-{len(self.log)}")

    def do_rename_pause(self, app):
        """Both reach lb in one line, or nearly so."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            renamed = pool.submit(self.do_rename, app)
            self.fleet.pause(app)
            renamed.result()

    def give_order(self, app, order, undone=False):
        if self.proxy.order(app, order):
            app.ordered = None if undone else order
        elif undone:
            app.repair_at = len(self.log) + 1  # lb did not know it just then: once more

    def do_drain(self, app):
        self.give_order(app, "drain")

    def do_disable(self, app):
        self.give_order(app, "disable")

    def do_undrain(self, app):
        self.give_order(app, "undrain", True)

    def do_enable(self, app):
        self.give_order(app, "enable", True)

    def do_weight(self, app):
        self.proxy.order(app, f"weight?value={self.random.choice(['default', 1, 2, 5])}")

    def do_discovery_kill(self, _):
        self.proxy.kill_discovery()

    def do_proxy_kill(self, _):
        self.kills.append(self.proxy.kill_children("lb-proxy"))
        wait_for("another lb-proxy", lambda: self.proxy.children("lb-proxy"), 20)

    def do_family_kill(self, _):
        """All that the master has started."""
        self.kills.append(self.proxy.kill_children("lb-proxy", "lb-discovery"))
        wait_for("another lb-proxy", lambda: self.proxy.children("lb-proxy"), 20)

    def do_upgrade(self, _):
        self.proxy.upgrade()

    def do_sighup(self, _):
        self.proxy.hang_up()

    def do_scale(self, _):
        """Up to ten at once, and back; one is made after the other, and all start together."""
        staying = {app.key for app in self.others_well()}
        plans = [self.plan() for _ in range(SCALED_COUNT - len(list(self.fleet)))]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            added = list(pool.map(lambda plan: self.fleet.add(*plan), plans))
            wait_for("one that stays", lambda: staying & self.proxy.active(self.fleet), 20)
            list(pool.map(self.fleet.stop, added))
            list(pool.map(self.fleet.remove, added))

    def do_daemon_restart(self, _):
        self.restart_daemon(signal.SIGTERM)

    def do_daemon_kill(self, _):
        self.restart_daemon(signal.SIGKILL)

    def restart_daemon(self, signum):
        """Now and then a server dies while nobody is there to tell of it."""
        victims = self.victims()
        victim = self.random.choice(victims) if victims and self.random.random() < 0.4 else None
        if victim:
            self.wait_for_others(victim)
            pid = self.fleet.pid(victim)
        self.engine.end(signum)
        if victim:
            self.fleet.crash_pid(victim, pid)
            victim.repair_at = len(self.log) + 2
        self.engine.start()
        for app in self.fleet:
            if app.has_check and app.running and self.others_well(app):
                self.resume_check(app)

    def resume_check(self, app):
        """Docker 20.10 runs no HEALTHCHECK again after a live restore, so what was starting would
        start for ever; a pause and an unpause make it begin anew."""
        self.wait_for_others(app)
        self.fleet.pause(app)
        self.fleet.unpause(app)

    # ---- the run -------------------------------------------------------------------------------

    def run(self, every_seconds, is_over):
        """Events with about `every_seconds` between their beginnings, until `is_over()`."""
        due = time.monotonic()
        while not is_over() and not self.stop.is_set():
            name, app = self.draw()
            entry = {"number": len(self.log) + 1, "event": name, "target": app.key if app else None,
                     "flavour": app.flavour if app else None, "at": time.time()}
            self.counts[name] = self.counts.get(name, 0) + 1
            try:
                self.do(name, app)
            except (ApiError, TimeoutError, OSError) as problem:
                entry["problem"] = str(problem)
            entry["seconds"] = round(time.time() - entry["at"], 3)
            self.log.append(entry)
            # Also soon after one another, because what is half done is what breaks.
            due += every_seconds * (0.2 + 1.6 * self.random.random())
            due = max(due, time.monotonic() - every_seconds)
            self.stop.wait(max(0.0, due - time.monotonic()))

    def put_right(self):
        """Everything well again, so that what still runs can end."""
        for app in self.fleet:
            try:
                if app.ordered:
                    self.give_order(app, UNDO[app.ordered], True)
                if app.paused:
                    self.fleet.unpause(app)
                if not app.connected:
                    self.fleet.connect(app)
            except (ApiError, OSError):
                pass
