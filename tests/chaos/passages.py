"""A TCP service and a UDP service beside the old one, of four containers each of which serves both. One after the other
dies, or is paused, and comes back, while clients (tests/chaos/passages) count every connection and every datagram: what
is with an endpoint that stays never breaks, and a new connection finds one that lives."""
import json
import random
import signal
import socket
import subprocess
import threading
import time

from engine import ApiError, wait_for
from fleet import NETWORK
from patience import insist, make, patiently, starts

SERVICE = "echo"
TCP_PORT, UDP_PORT, PORT = 9000, 9001, 7000
FLAGS = ("--tcp", f"0.0.0.0:{TCP_PORT}={SERVICE}", "--udp", f"0.0.0.0:{UDP_PORT}={SERVICE}")
CONTAINER_COUNT = 4
GRACES_MS = (0, 500)    # of SIGTERM, one after the other
WAYS = ("kill", "stop", "rm-f", "pause")
AWAY_SECONDS = (0.2, 1, 5)
FIRST_AT, BETWEEN = 3, 2
BEFORE_SECONDS = 0.05   # the clocks of two processes, and the time an event takes to begin
AFTER_SECONDS = 3       # until lb has heard of it, and until the kernel says so to whoever waits; machines are busy
FLOW_SECONDS = 5        # a datagram is lost when it is sent or answered, long before its client gives it up


class Passages:
    def __init__(self, engine, proxy, image, programs, seed):
        self.engine, self.proxy, self.image, self.programs = engine, proxy, image, programs
        self.random = random.Random(f"passages {seed}")
        self.ids, self.made = {}, 0   # {name: id}
        self.deaths = []              # {server, way, began, ended, reached, back, problem}
        self.process, self.failures = None, []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        for _ in range(CONTAINER_COUNT):
            self.add()

    def add(self):
        made = make(self.engine, self.create)
        self.ids[f"{SERVICE}-{self.made}"] = made

    def create(self):
        self.made += 1
        name = f"{SERVICE}-{self.made}"
        return self.engine.create(name, {
            "Image": self.image, "Entrypoint": ["/chaos_echo"],
            "Cmd": [name, str(PORT), str(GRACES_MS[self.made % len(GRACES_MS)])], "Healthcheck": {"Test": ["NONE"]},
            "Labels": {"lb.service": SERVICE, "lb.tcp": f"{TCP_PORT}:{PORT}", "lb.udp": f"{UDP_PORT}:{PORT}"},
            "HostConfig": {"NetworkMode": NETWORK, "Binds": [f"{self.programs / 'chaos_echo'}:/chaos_echo:ro"]}})

    def services(self):
        """Those of lb's pool, by protocol; it may not answer just now."""
        services = (self.proxy.pool_or_none() or {"services": []})["services"]
        return {entry.get("protocol"): entry for entry in services if entry["name"] == SERVICE}

    def ready(self):
        """The containers that lb uses for both protocols."""
        by_protocol = self.services()
        both = [{endpoint["id"].partition(":")[0] for endpoint in by_protocol[protocol]["endpoints"]
                 if endpoint["state"] == "ready"} if protocol in by_protocol else set() for protocol in ("tcp", "udp")]
        return both[0] & both[1]

    def wait_ready(self, names, seconds=60):
        wanted = {self.ids[name][:12] for name in names}
        wait_for(f"lb to use {', '.join(names)}", lambda: wanted <= {each[:12] for each in self.ready()}, seconds)

    def wait_reached(self, container, seconds=60):
        """Until its network is there, which a busy engine has ready long after the container runs, seen from outside lb."""
        host = patiently(lambda: self.engine.address(container, NETWORK))

        def is_reached():
            try:
                socket.create_connection((host, PORT), timeout=1).close()
                return True
            except OSError:
                return False
        wait_for(f"the network to reach {host}", is_reached, seconds)

    def open(self):
        """To be called once lb runs."""
        self.wait_ready(self.ids)
        self.process = subprocess.Popen(
            [self.programs / "chaos_passages", "--tcp", f"{self.proxy.host}:{TCP_PORT}",
             "--udp", f"{self.proxy.host}:{UDP_PORT}"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.reader = threading.Thread(target=self.read_failures, daemon=True)
        self.reader.start()
        self.thread.start()

    def read_failures(self):
        self.failures.extend(json.loads(line) for line in self.process.stderr)

    # ---- deaths ----------------------------------------------------------------------------------

    def run(self):
        if self.is_over.wait(FIRST_AT):
            return
        while not self.is_over.is_set():
            self.die(self.random.choice(sorted(self.ids)), self.random.choice(WAYS), self.random.choice(AWAY_SECONDS))
            self.is_over.wait(BETWEEN * self.random.random())

    def die(self, name, way, away):
        """Only when lb uses all of them; then it comes back, or another in its place."""
        path = f"/containers/{self.ids[name]}"
        death = {"server": name, "way": way, "away_seconds": away, "began": time.time()}
        self.deaths.append(death)
        try:
            insist(self.engine, *{
                "kill": ("POST", f"{path}/kill"), "stop": ("POST", f"{path}/stop?t=2"), "pause": ("POST", f"{path}/pause"),
                "rm-f": ("DELETE", f"{path}?force=true")}[way])
            death["ended"] = time.time()
            self.is_over.wait(away)
            if way == "pause":
                insist(self.engine, "POST", f"{path}/unpause")
            elif way == "rm-f" or not starts(self.engine, self.ids[name]):
                del self.ids[name]
                self.add()
                name = f"{SERVICE}-{self.made}"
            self.wait_reached(self.ids[name])
            death["reached"] = time.time()
            self.wait_ready(self.ids)
            death["back"] = time.time()
        except (TimeoutError, ApiError) as problem:
            death["problem"] = str(problem)

    def end(self):
        """Lets what has died come back; gives the report's part."""
        self.is_over.set()
        self.thread.join(120)
        self.process.send_signal(signal.SIGTERM)
        counts = json.loads(self.process.stdout.read())
        self.process.wait()
        self.reader.join()
        return {"deaths": self.deaths, "clients": counts, "failures": self.failures, "lb": self.settled()}

    def settled(self):
        """lb's own counts, once it has seen the ends of all connections."""
        try:
            wait_for("the end of all connections", lambda: not self.services()["tcp"]["connections"]["open"], 20)
        except (TimeoutError, KeyError):
            pass
        services = self.services()
        return {"connections": services.get("tcp", {}).get("connections"), "flows": services.get("udp", {}).get("flows")}

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()


# ---- judged ----------------------------------------------------------------------------------------

def excuse(failure, deaths):
    """The death that this was lost with, or None: of its own endpoint, or of any where it had none yet. A paused one
    breaks no connection; a datagram to one that the network does not reach yet is lost without a word."""
    for death in deaths:
        is_flow = failure["kind"] == "flow"
        until = death.get("back" if death["way"] == "pause" else "reached" if is_flow else "ended", float("inf"))
        is_near = failure["failed"] >= death["began"] - BEFORE_SECONDS and failure["begun"] <= until + AFTER_SECONDS
        is_its = failure["server"] in ("", death["server"])
        if is_flow and failure["begun"] < death["began"] - FLOW_SECONDS:
            continue
        if is_near and is_its and (death["way"] != "pause" or is_flow):
            return death
    return None


def judge(found):
    """Sentences on what is broken; none when all is well."""
    broken = []
    for failure in found["failures"]:
        death = None if failure["how"] in ("connect", "wrong") else excuse(failure, found["deaths"])
        failure["excuse"] = death and death["way"]
        if not death:
            broken.append(f"a {failure['kind']} one failed though its endpoint lived: {failure}")
    for kind, counts in found["clients"].items():
        if counts["asked"] != counts["answered"] + counts["failed"]:
            broken.append(f"the counts of {kind} do not add up: {counts}")
        if counts["wrong"]:
            broken.append(f"{counts['wrong']} wrong answers to {kind}")
        if not counts["answered"]:
            broken.append(f"nobody was answered: {kind}")
    broken += disagreements(found)
    broken += [f"{death['server']} did not come back: {death['problem']}" for death in found["deaths"] if death.get("problem")]
    return broken if found["deaths"] else [*broken, "no endpoint of the TCP and UDP service died"]


def disagreements(found):
    """Between lb's counts and the clients'."""
    clients, connections, flows = found["clients"], found["lb"]["connections"], found["lb"]["flows"]
    opened = clients["kept"]["opened"] + clients["fresh"]["opened"]
    if not connections or not flows:
        return ["lb does not tell of the TCP and UDP service"]
    broken = []
    if connections["count"] != opened:
        broken.append(f"lb counted {connections['count']} connections, the clients {opened}")
    if flows["client_datagrams"] + flows["lost_datagrams"] < clients["flow"]["asked"]:
        broken.append(f"lb counted {flows['client_datagrams']} datagrams, the clients {clients['flow']['asked']}")
    if flows["server_datagrams"] < clients["flow"]["answered"] + clients["flow"]["late"]:
        broken.append(f"lb counted {flows['server_datagrams']} answers, the clients more")
    return broken


def text_of(found):
    lines = [f"{len(found['deaths'])} times a server of TCP and UDP went: "
             + ", ".join(f"{death['server']} ({death['way']}, {death['away_seconds']} s)" for death in found["deaths"])]
    for kind, counts in found["clients"].items():
        lost = [failure["excuse"] for failure in found["failures"] if failure["kind"] == kind and failure.get("excuse")]
        by_way = ", ".join(f"{lost.count(way)} by {way}" for way in WAYS if way in lost) or "none"
        lines.append(f"  {kind}: {counts['opened']} opened, {counts['asked']} asked, {counts['answered']} answered, "
                     f"lost with their endpoint: {by_way}")
    return lines
