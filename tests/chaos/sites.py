"""Nine sites on three dialects beside the old service: each one's visitors ask by its Host, and all of a
site's containers die and come back. What the others' visitors see of it is what is judged. Of those in lb's own
words one is sticky, one takes a request at a time, and one is copied to another site, which dies as well."""
import http.client
import random
import threading
import time

from engine import ApiError, wait_for
from fleet import NETWORK, PORT
from patience import insist, make, starts

STICKY, QUEUED, MIRRORED, MIRROR = OWN = ("cart", "till", "feed", "next")
NAMES = ("shop", "blog", "wiki", "mail", "news", *OWN)
VISITORS = {QUEUED: 4}  # of one site; else 1
OPTIONS = {
    STICKY: {"lb.balance": "sticky"},
    QUEUED: {"lb.max-inflight": "1", "lb.queue-timeout": "20s"},
    MIRRORED: {"lb.mirror": f"{MIRROR} 50%"},
    MIRROR: {},
}
CONTAINER_COUNT = 2
RATE = 25               # requests a second of each site
DEADLINE_SECONDS = 25
AWAY_SECONDS = (0.5, 2, 14)  # the last one is longer than any request is held
FIRST_AT, BETWEEN = 4, 3


def host_of(name):
    return f"{name}.test"


def words_of(name, number):
    """(labels, environment) of its containers: two dialects, in the words that their users have."""
    if name in OWN:
        return {"lb.host": host_of(name), "lb.service": name, **OPTIONS[name]}, []
    if number % 2:
        return {"traefik.enable": "true", f"traefik.http.routers.{name}.rule": f"Host(`{host_of(name)}`)",
                f"traefik.http.services.{name}.loadbalancer.server.port": str(PORT)}, []
    return {}, [f"VIRTUAL_HOST={host_of(name)}", f"VIRTUAL_PORT={PORT}"]


class Visitor:
    """Asks one site again and again, on a kept connection, with the cookie that it got; notes everything but the
    site's own 200, and from another server than before where there is a cookie."""

    def __init__(self, target, name):
        self.host, _, self.port = target.rpartition(":")
        self.name = name
        self.by_status, self.odd = {}, []     # odd: {begun, ended, status, text}
        self.count, self.slowest_ms = 0, 0.0
        self.cookie, self.server = None, None
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        connection = None
        while not self.is_over.wait(1 / RATE):
            connection = connection or http.client.HTTPConnection(self.host, int(self.port), timeout=DEADLINE_SECONDS)
            begun = time.time()
            try:
                cookie = {"Cookie": self.cookie} if self.cookie else {}
                connection.request("GET", "/", headers={"Host": host_of(self.name), **cookie})
                answer = connection.getresponse()
                status, text = str(answer.status), answer.read().decode("utf-8", "replace")
                self.cookie = (answer.headers["Set-Cookie"] or self.cookie or "").partition(";")[0]
                is_last = answer.will_close
            except (OSError, http.client.HTTPException) as problem:
                status, text, is_last = "none", repr(problem), True
            self.note(begun, status, text)
            if is_last:
                connection.close()
                connection = None
        if connection:
            connection.close()

    def note(self, begun, status, text):
        ended = time.time()
        self.count += 1
        self.by_status[status] = self.by_status.get(status, 0) + 1
        self.slowest_ms = max(self.slowest_ms, 1000 * (ended - begun))
        if status != "200" or f"served from {self.name}-" not in text:
            self.odd.append({"begun": begun, "ended": ended, "status": status, "text": text[:200]})
        elif self.cookie and self.server not in (None, text):
            self.odd.append({"begun": begun, "ended": ended, "status": "moved", "text": text[:200]})
        self.server = text if status == "200" else self.server

    def end(self):
        self.is_over.set()
        self.thread.join(DEADLINE_SECONDS + 1)


class Sites:
    def __init__(self, engine, proxy, image, seed):
        self.engine, self.proxy, self.image = engine, proxy, image
        self.random = random.Random(f"sites {seed}")
        self.ids = {name: [] for name in NAMES}
        self.made = 0
        self.deaths = []    # {site, way, began, back, problem}
        self.visitors = []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        for number, name in enumerate(NAMES):
            for _ in range(CONTAINER_COUNT):
                self.add(number, name)

    def add(self, number, name):
        self.ids[name].append(make(self.engine, lambda: self.create(number, name)))

    def create(self, number, name):
        labels, environment = words_of(name, number)
        self.made += 1
        key = f"{name}-{self.made}"
        return self.engine.create(key, {
            "Image": self.image, "Cmd": ["--name", key, "--no-log"], "Env": environment,
            "Healthcheck": {"Test": ["NONE"]}, "Labels": labels, "HostConfig": {"NetworkMode": NETWORK}})

    def ready(self):
        """The sites' containers that lb uses; it may not answer just now."""
        services = (self.proxy.pool_or_none() or {"services": []})["services"]
        return {endpoint.get("container", endpoint["id"]).partition(":")[0] for service in services
                for endpoint in service["endpoints"] if endpoint["state"] == "ready"}

    def wait_ready(self, names=NAMES, seconds=60):
        wanted = {each for name in names for each in self.ids[name]}
        wait_for(f"lb to use the containers of {', '.join(names)}", lambda: wanted <= self.ready(), seconds)

    def open(self):
        """To be called once lb runs."""
        self.wait_ready()
        self.visitors = [Visitor(self.proxy.target(), name) for name in NAMES for _ in range(VISITORS.get(name, 1))]
        self.thread.start()

    # ---- deaths ----------------------------------------------------------------------------------

    def run(self):
        if self.is_over.wait(FIRST_AT):
            return
        while not self.is_over.is_set():
            number = NAMES.index(self.random.choice(NAMES[:-len(OWN)] if len(self.deaths) % 2 else OWN))
            way, away = self.random.choice(["kill", "stop", "rm-f"]), self.random.choice(AWAY_SECONDS)
            self.die(number, NAMES[number], way, away)
            self.is_over.wait(BETWEEN * self.random.random())

    def die(self, number, name, way, away):
        """All of its containers; then they come back, or others in their place."""
        death = {"site": name, "way": way, "away_seconds": away, "began": time.time()}
        self.deaths.append(death)
        try:
            for each in self.ids[name]:
                insist(self.engine, *{"kill": ("POST", f"/containers/{each}/kill"), "stop": ("POST", f"/containers/{each}/stop?t=1"),
                                      "rm-f": ("DELETE", f"/containers/{each}?force=true")}[way])
            self.is_over.wait(away)
            self.ids[name] = [each for each in self.ids[name] if way != "rm-f" and starts(self.engine, each)]
            while len(self.ids[name]) < CONTAINER_COUNT:
                self.add(number, name)
            self.wait_ready([name])
            death["back"] = time.time()
        except (TimeoutError, ApiError) as problem:
            death["problem"] = str(problem)

    # ---- the end ---------------------------------------------------------------------------------

    def end(self):
        """Lets what has died come back; gives the report's part."""
        self.is_over.set()
        if self.thread.ident:
            self.thread.join(120)
        for visitor in self.visitors:
            visitor.end()
        return {"deaths": self.deaths, "sites": {name: found_of([visitor for visitor in self.visitors if visitor.name == name])
                                                 for name in NAMES}}


def found_of(visitors):
    """The report's part of one site."""
    by_status = {}
    for visitor in visitors:
        for status, count in visitor.by_status.items():
            by_status[status] = by_status.get(status, 0) + count
    return {"requests": sum(visitor.count for visitor in visitors), "by_status": by_status,
            "slowest_ms": round(max((visitor.slowest_ms for visitor in visitors), default=0), 1),
            "odd": [answer for visitor in visitors for answer in visitor.odd]}


# ---- judged ----------------------------------------------------------------------------------------

def was_dead(name, deaths, answer):
    """Whether some of the time that this request took the site had died, or was coming back."""
    return any(death["site"] == name and answer["ended"] >= death["began"]
               and answer["begun"] <= death.get("back", float("inf")) for death in deaths)


def judge(found):
    """Sentences on what is broken; none when all is well."""
    broken = []
    for name, site in found["sites"].items():
        wrong = [answer for answer in site["odd"] if answer["status"] == "200"]
        failed = [answer for answer in site["odd"] if answer["status"] != "200"]
        unexcused = [answer for answer in failed
                     if answer["status"] not in ("503", "moved") or not was_dead(name, found["deaths"], answer)]
        if wrong:
            broken.append(f"{len(wrong)} requests to {name} got another site's answer: {wrong[0]['text']!r}")
        if unexcused:
            broken.append(f"{len(unexcused)} requests to {name} failed: {unexcused[0]}")
        if not site["requests"]:
            broken.append(f"nobody asked {name}")
    if not found["deaths"]:
        broken.append("no site died")
    broken += [f"{death['site']} did not come back: {death['problem']}" for death in found["deaths"] if death.get("problem")]
    return broken


def by_code(found):
    """{status: count} of all visitors."""
    counts = {}
    for site in found["sites"].values():
        for status, count in site["by_status"].items():
            counts[status] = counts.get(status, 0) + count
    return counts


def text_of(found):
    lines = [f"{len(found['deaths'])} times all containers of a site died: "
             + ", ".join(f"{death['site']} ({death['way']}, {death['away_seconds']} s)" for death in found["deaths"])]
    for name, site in found["sites"].items():
        answers = ", ".join(f"{count} × {status}" for status, count in sorted(site["by_status"].items()))
        lines.append(f"  {name}: {site['requests']} requests, {answers}, slowest {site['slowest_ms']} ms")
    return lines
