"""What is measured. Each scenario is a function that gets the Bench and records figures."""

import contextlib
import time

import contestant
import features
import instructions
import jail
import load
import machine
import passing
import sites
import tls
from contestant import Running, Setting

CONNECTIONS = 64
IDLE_CONNECTIONS = 5000
SLICE_S = 1
ROUNDS_IN_SET = 2
LOG_FLUSH_S = 2
PROCESSES = {"lb": "lb, its master", "lb-proxy": "lb-proxy", "lb-discovery": "lb-discovery"}


class Bench:
    """What the scenarios share: the backend, the contestants, how long and how often."""

    def __init__(self, build, options):
        self.build = build
        self.options = options
        self.cores = machine.Cores()
        self.lb = contestant.Lb(build)
        self.floor = contestant.Floor(build)
        self.floor_pool = contestant.FloorPool(build)
        self.peers = [contestant.Haproxy(), contestant.Nginx()]
        self.before = contestant.Lb(options.before, "before") if options.before else None
        self.splicing_peer = contestant.HaproxySplice()
        self.backend_port = contestant.free_port()
        self.backend_processes = [
            contestant.spawn([build / "bench/backend", f"0.0.0.0:{self.backend_port}"],
                             [core]) for core in self.cores.backend]
        try:
            contestant.wait_answer(self.backend_processes[0], self.backend_port)
        except RuntimeError:
            self.close()
            raise

    def close(self):
        for process in self.backend_processes:
            contestant.end(process)

    def proxies(self):
        return [self.lb, *self.peers]

    def rounds(self, default):
        return self.options.rounds or default

    def seconds(self, default=SLICE_S):
        return self.options.seconds or default

    def backends(self, count=4):
        """Addresses of the one backend: it listens on all of 127.0.0.0/8."""
        return [f"127.{1 + i // 62500}.{i // 250 % 250}.{i % 250 + 2}:{self.backend_port}"
                for i in range(count)]

    def setting(self, **more):
        count = more.get("worker_count", 1)
        return Setting(**{"backends": self.backends(), "cores": self.cores.proxy_for(count),
                          **more})

    def wrk(self, running, seconds=SLICE_S, path="", **more):
        return load.wrk(f"{running.scheme}://127.0.0.1:{running.port}/{path}", seconds, self.cores.load, **more)

    def measure(self, running, **request):
        """One slice of wrk's load, with what it cost the proxy."""
        return load.measure(running.cpu_time, self.cores,
                            lambda: self.wrk(running, self.seconds(), **request))

    def started(self, who, **more):
        return Running(who, self.setting(**more))

    def in_rounds(self, default, starts, warm_up, round_of):
        """Starts all of `starts` (name -> function that gives a Running), warms them up, and lets
        `round_of(name, running)` measure one after the other, round by round. Every few rounds the
        processes are new: where memory happens to lie makes a difference too."""
        left = self.rounds(default)
        while left > 0:
            with contextlib.ExitStack() as stack:
                running = {name: stack.enter_context(start()) for name, start in starts.items()}
                for proxy in running.values():
                    warm_up(proxy)
                for _ in range(min(left, ROUNDS_IN_SET)):
                    for name, proxy in running.items():
                        round_of(name, proxy)
            left -= ROUNDS_IN_SET

    def compare(self, results, contestants, setting=None, **request):
        """The usual course: tiny answers, as fast as they go, over and over."""
        starts = {who.name: lambda who=who: self.started(who, **(setting or {}))
                  for who in contestants}
        self.in_rounds(24, starts, lambda proxy: self.wrk(proxy, **request),
                       lambda name, proxy: results.add("", name, self.measure(proxy, **request)))


def keepalive(bench, results):
    """64 connections that stay, tiny bodies; the peers also without forwarded fields and request id."""
    starts = {who.name: lambda who=who: bench.started(who)
              for who in [bench.floor, *bench.proxies()]}
    starts |= {f"{who.name}, no fields": lambda who=who: bench.started(who, has_fields=False)
               for who in bench.peers}
    bench.in_rounds(24, starts, bench.wrk,
                    lambda name, proxy: results.add("", name, bench.measure(proxy)))


def log_share(bench, who):
    """Lines in the access log for each request: a log that leaves lines out is cheap."""
    with bench.started(who, is_logging=True) as running:
        requests = bench.wrk(running)["requests"]
        time.sleep(LOG_FLUSH_S)
        with open(running.log, "rb") as log:
            return sum(1 for _ in log) / requests


def logged(bench, results):
    """As keepalive, with an access log in a file."""
    contestants = bench.proxies() if bench.lb.has_access_log else bench.peers
    if not bench.lb.has_access_log:
        results.note("This lb has no --access-log: only the peers are measured.")
    for who in contestants:
        results.note(f"{who.name} wrote {log_share(bench, who):.3f} lines for each request")
    bench.compare(results, contestants, {"is_logging": True})


def churn(bench, results):
    """A new connection for each request; connections to the backend stay."""
    bench.compare(results, bench.proxies(), closes=True)


BODIES = {
    "1 MB down": {"path": "1000000", "connection_count": 8},
    "10 MB down": {"path": "10000000", "connection_count": 4},
    "1 MB up": {"upload_bytes": 1000000, "connection_count": 8},
    "10 MB up": {"upload_bytes": 10000000, "connection_count": 4},
}


def body(bench, results):
    """Downloads and uploads of 1 MB (8 connections) and 10 MB (4 connections)."""
    def round_of(name, running):
        for case, request in BODIES.items():
            figures = bench.measure(running, **request)
            size = request.get("upload_bytes") or int(request["path"])
            if figures["requests"] == 0:
                raise SystemExit(f"{name} finished no body: {case}, {figures}")
            gigabytes = figures["requests"] * size / 1e9
            figures["cpu_ms_per_gb"] = figures["cpu_s"] / gigabytes * 1e3
            figures["gb_per_s"] = gigabytes / figures["seconds"]
            results.add(case, name, figures)

    starts = {who.name: lambda who=who: bench.started(who, is_bulk=True)
              for who in [bench.floor, *bench.proxies()]}
    bench.in_rounds(4, starts, bench.wrk, round_of)


def memory_without(bench, who):
    """PSS of the proxy after the same load, without the idle connections. nginx makes room for all
    connections that it may ever have when it starts, so it starts with little room here."""
    with bench.started(who, connection_max=512) as running:
        bench.wrk(running)
        return running.memory_bytes()[1]


def many(bench, results):
    """5 000 connections that have made one request and wait, 64 that are busy."""
    for _ in range(bench.rounds(4)):
        for who in [bench.floor, *bench.proxies()]:
            before = memory_without(bench, who)
            with bench.started(who, connection_max=512 + IDLE_CONNECTIONS) as running:
                bench.wrk(running)
                with load.IdleConnections(running.port, IDLE_CONNECTIONS):
                    after = running.memory_bytes()[1]
                    figures = bench.measure(running)
                figures["idle_bytes"] = (after - before) / IDLE_CONNECTIONS
                figures["pss_mb"] = after / 1e6
                results.add("", who.name, figures)


def capacity(bench):
    """Requests a second of the slowest contestant as fast as it goes: half of it is no overload
    for anybody."""
    slowest = None
    for who in bench.proxies():
        with bench.started(who) as running:
            figures = bench.wrk(running)
            rate = figures["requests"] / figures["seconds"]
            slowest = min(rate, slowest or rate)
    return slowest


def latency(bench, results):
    """A constant rate, half of what the slowest can do; latency from when a request was due."""
    rate = int(capacity(bench) / 2)
    steady = bench.build / "bench/steady"
    results.note(f"{rate} requests a second for all")

    def round_of(name, running):
        figures = load.measure(running.cpu_time, bench.cores, lambda: load.steady(
            steady, running.port, CONNECTIONS, rate, bench.seconds(3), bench.cores.load))
        results.add("", name, figures)

    starts = {who.name: lambda who=who: bench.started(who)
              for who in [bench.floor, *bench.proxies()]}
    bench.in_rounds(16, starts, bench.wrk, round_of)


def workers(bench, results):
    """One worker and two: how much more the same proxy does."""
    starts = {f"{who.name}, {count}": lambda who=who, count=count:
              bench.started(who, worker_count=count)
              for who in bench.proxies() for count in (1, 2)}
    if len(machine.cpus()) < 4:
        results.note(f"This machine has {len(machine.cpus())} CPUs: two workers "
                           "share one with the load, so no contestant can double here.")
    bench.in_rounds(8, starts, bench.wrk,
                    lambda name, proxy: results.add("", name, bench.measure(proxy)))


def pool(bench, results):
    """1 000 endpoints; lb also while its pool changes 100 times a second."""
    thousand = bench.backends(1000)

    def updated():
        return bench.started(bench.lb, pool_updates=True, backends=thousand)

    starts = {"floor, 4 endpoints": lambda: bench.started(bench.floor_pool),
              "lb, 4 endpoints": lambda: bench.started(bench.lb)}
    starts |= {who.name: lambda who=who: bench.started(who, backends=thousand)
               for who in [bench.floor_pool, *bench.proxies()]}
    starts["lb, updated"] = updated

    def warm_up(running):
        with running.others_going():
            bench.wrk(running)

    def round_of(name, running):
        with running.others_going():  # no updates while others are measured
            figures = bench.measure(running)
        if name.startswith("lb"):  # its first thread reads pools and serves no request
            serving_s = figures["cpu_s"] - figures["first_thread_s"]
            figures["serving_us"] = serving_s / figures["requests"] * 1e6
        results.add("", name, figures)

    bench.in_rounds(8, starts, warm_up, round_of)


def start(bench, results):
    """From exec to the first answer; memory half a second later."""
    def look(name, who, **more):
        with bench.started(who, pause_s=0.0005, **more) as running:
            time.sleep(0.5)
            rss, pss = running.memory_bytes()
            results.add("", name, {"start_ms": running.start_s * 1e3,
                                                  "rss_mb": rss / 1e6, "pss_mb": pss / 1e6})
            if who is bench.lb:
                for child, rss, pss in running.memory_of_each():
                    results.add("", PROCESSES[child], {"rss_mb": rss / 1e6, "pss_mb": pss / 1e6})

    def look_at_discovery():
        process = contestant.spawn([bench.build / "bin/lb-discovery", "--docker"],
                                   bench.cores.load)
        time.sleep(0.5)
        rss, pss = machine.memory_bytes([process.pid])
        results.add("", "lb-discovery, Docker", {"rss_mb": rss / 1e6, "pss_mb": pss / 1e6})
        contestant.end(process)

    has_engine = contestant.has_engine()
    if not has_engine:
        results.note("No Docker engine answers: lb-discovery was measured with --file only.")
    for _ in range(bench.rounds(10)):
        for who in [bench.floor, *bench.proxies()]:
            look(who.name, who)
        look("lb, --file", bench.lb, uses_discovery=True)
        if has_engine:
            look_at_discovery()


ALL = {
    "keepalive": keepalive,
    "logged": logged,
    "churn": churn,
    "many": many,
    "body": body,
    "latency": latency,
    "workers": workers,
    "pool": pool,
    "start": start,
    "instructions": instructions.scenario,
    "features": features.scenario,
    "routes": sites.scenario,
    "tcp": passing.tcp,
    "udp": passing.udp,
    "jail": jail.scenario,
    "tls": tls.scenario,
}
