"""What is measured. Each scenario is a function that gets the Bench and records figures; all of
them go in rounds (A B C A B C ...), each with freshly started proxies."""

import contextlib

import contestant
import load
import machine
from contestant import Running, Setting

WARM_UP_S = 1


class Bench:
    """What the scenarios share: the backend, the contestants, how long and how often."""

    def __init__(self, build, options, results):
        self.build = build
        self.options = options
        self.results = results
        self.cores = machine.Cores()
        self.lb = contestant.Lb(build)
        self.floor = contestant.Floor(build)
        self.peers = [contestant.Haproxy(), contestant.Nginx()]
        self.backend_port = contestant.free_port()
        self.backend_processes = [
            contestant.spawn([build / "bench/backend", f"0.0.0.0:{self.backend_port}"],
                             [core]) for core in self.cores.backend]
        contestant.wait_answer(self.backend_processes[0], self.backend_port)

    def close(self):
        for process in self.backend_processes:
            contestant.end(process)

    def all(self):
        return [self.floor, self.lb, *self.peers]

    def seconds(self, default):
        return self.options.seconds or default

    def rounds(self, default):
        return self.options.rounds or default

    def backends(self, count=4):
        """Addresses of the one backend: it listens on all of 127.0.0.0/8."""
        return [f"127.{1 + i // 62500}.{i // 250 % 250}.{i % 250 + 2}:{self.backend_port}"
                for i in range(count)]

    def setting(self, **more):
        count = more.get("worker_count", 1)
        return Setting(**{"backends": self.backends(), "cores": self.cores.proxy_for(count),
                          **more})

    def wrk(self, running, seconds, path="", **more):
        return load.wrk(f"http://127.0.0.1:{running.port}/{path}", seconds, self.cores.load, **more)

    def measure(self, running, seconds, path="", **more):
        return load.measure(running.pid, lambda: self.wrk(running, seconds, path, **more))

    def record(self, scenario, case, name, figures):
        self.results.add(scenario, case, name, figures)

    @contextlib.contextmanager
    def started(self, who, **more):
        with Running(who, self.setting(**more)) as running:
            yield running


def keepalive(bench):
    for _ in range(bench.rounds(5)):
        for who in bench.all():
            with bench.started(who) as running:
                bench.wrk(running, WARM_UP_S)
                bench.record("keepalive", "", who.name, bench.measure(running, bench.seconds(3)))


def logged(bench):
    for _ in range(bench.rounds(5)):
        for who in [bench.lb, *bench.peers]:
            if who is bench.lb and not bench.lb.has_access_log:
                continue
            with bench.started(who, is_logging=True) as running:
                bench.wrk(running, WARM_UP_S)
                figures = bench.measure(running, bench.seconds(3))
                figures["log_bytes"] = running.log.stat().st_size
                bench.record("logged", "", who.name, figures)
    if not bench.lb.has_access_log:
        bench.results.note("logged", "This lb has no --access-log yet: only the peers are measured.")


def churn(bench):
    for _ in range(bench.rounds(5)):
        for who in [bench.lb, *bench.peers]:
            with bench.started(who) as running:
                bench.wrk(running, WARM_UP_S, closes=True)
                bench.record("churn", "", who.name,
                             bench.measure(running, bench.seconds(3), closes=True))


BODIES = {
    "1 MB down": {"path": "1000000", "connection_count": 8},
    "10 MB down": {"path": "10000000", "connection_count": 4},
    "1 MB up": {"upload_bytes": 1000000, "connection_count": 8},
    "10 MB up": {"upload_bytes": 10000000, "connection_count": 4},
}


def body(bench):
    for _ in range(bench.rounds(3)):
        for who in bench.all():
            with bench.started(who) as running:
                for case, request in BODIES.items():
                    figures = bench.measure(running, bench.seconds(2), **request)
                    size = request.get("upload_bytes") or int(request["path"])
                    if not figures["requests"]:
                        raise SystemExit(f"{who.name} answered nothing: {case}, {figures}")
                    gigabytes = figures["requests"] * size / 1e9
                    figures["cpu_ms_per_gb"] = figures["cpu_s"] / gigabytes * 1e3
                    figures["gb_per_s"] = gigabytes / figures["seconds"]
                    bench.record("body", case, who.name, figures)


ALL = {
    "keepalive": keepalive,
    "logged": logged,
    "churn": churn,
    "body": body,
}
