#!/usr/bin/python3
"""Chaos: real containers come, go, hang, are killed and cut off, the engine and lb's discovery too, while
clients count every single answer. See README.md. Exit code 0: the promise was kept."""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import certificates
import counts
import passages
import proxies
import report as reports
import sites
from engine import Engine, network_of, wait_for
from events import BASE_COUNT, OF_PROCESSES, WEIGHTS, Events
from fleet import Fleet
from tunnel import Tunnel
from watch import Load

TOP = Path(__file__).resolve().parents[2]
TUNNEL_COUNT = 3


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    names = ",".join(WEIGHTS)
    parser.add_argument("--minutes", type=float, default=2, help="at least (2)")
    parser.add_argument("--requests", type=int, default=0, help="at least; the run gets longer for it")
    parser.add_argument("--events", type=int, default=0, help="at least; likewise")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the events and the load")
    parser.add_argument("--rate", type=int, default=1400, help="requests a second (1400)")
    parser.add_argument("--every", type=float, default=1.3, help="seconds from event to event (1.3)")
    parser.add_argument("--proxy", choices=("lb", "haproxy", "nginx"), default="lb")
    parser.add_argument("--image", help="of lb, such as lb:test, with appserver of the same tag beside "
                        "it; without this both are built from this checkout")
    parser.add_argument("--flags", default="", help="more flags of lb, such as '--retry-budget 0'")
    parser.add_argument("--events-of", metavar="NAMES", help=f"only these, of {names}")
    parser.add_argument("--sites", action="store_true", help="nine sites of three dialects beside, all of whose "
                        "containers die together (lb only)")
    parser.add_argument("--passages", action="store_true", help="a TCP and a UDP service beside, whose containers come "
                        "and go (lb only)")
    parser.add_argument("--tls", action="store_true", help="every second connection of the load is by TLS, with certificates that "
                        "are replaced all the time (lb only)")
    parser.add_argument("--processes", action="store_true", help="lb's own processes are killed and replaced as well; "
                        "what ran in one that was killed is counted one by one (lb only, alone)")
    parser.add_argument("--without", metavar="NAMES", default="", help="not these")
    parser.add_argument("--report", metavar="FILE.json", help="where to write all that was found")
    parser.add_argument("--keep", metavar="FOLDER", help="copy the logs of all programs there")
    arguments = parser.parse_args()
    usual = [name for name in WEIGHTS if arguments.processes or name not in OF_PROCESSES]
    wanted = arguments.events_of.split(",") if arguments.events_of else usual
    unwanted = arguments.without.split(",") if arguments.without else []
    unknown = [name for name in wanted + unwanted if name not in WEIGHTS]
    if unknown:
        parser.error(f"no such event: {', '.join(unknown)}; there are {names}")
    if (arguments.sites or arguments.passages or arguments.tls) and arguments.proxy != "lb":
        parser.error("--sites, --passages and --tls are for lb only")
    if arguments.processes and (arguments.sites or arguments.passages or arguments.proxy != "lb"):
        parser.error("--processes is for lb only, and without --sites and --passages")
    if not arguments.processes and set(wanted) & set(OF_PROCESSES):
        parser.error(f"{', '.join(OF_PROCESSES)} need --processes")
    arguments.names = [name for name in wanted if name not in unwanted]
    return arguments


def move_into_own_network():
    """Starts this program again in a network namespace of its own: bridges, addresses and firewall
    rules of the run's engine are in nobody's way there."""
    if "LB_CHAOS_OUTSIDE" not in os.environ:
        if os.geteuid() != 0:
            sys.exit("run.py: needs root, to start a Docker engine of its own")
        for program in ("unshare", "ip", "docker", "dockerd"):
            if not shutil.which(program):
                sys.exit(f"run.py: needs {program}")
        os.environ["LB_CHAOS_OUTSIDE"] = network_of("self")
        os.execvp("unshare", ["unshare", "--net", "--", sys.executable, *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def find_images(given):
    """(image of lb, image of appserver)"""
    if given:
        name, _, tag = given.partition(":")
        return given, f"{'appserver'.join(name.rsplit('lb', 1))}:{tag or 'latest'}"
    subprocess.run(["bash", "-c", ". deploy/lib.sh; ensure_engine && build_images chaos"], cwd=TOP,
                   stdin=subprocess.DEVNULL, check=True, timeout=900)
    return "lb:chaos", "appserver:chaos"


def find_programs():
    """The folder of chaos_load and its neighbours."""
    folder = Path(os.environ.get("LB_BIN_DIR", TOP / "build" / "release" / "bin")).parent / "tests"
    for name in ("chaos_load", "chaos_passages", "chaos_echo"):
        if not (folder / name).exists():
            sys.exit(f"run.py: {folder / name} is missing; cmake --preset release -DLB_TESTS=ON && cmake --build --preset release")
    return folder


class Run:
    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, folder
        self.lb_image, self.app_image = find_images(arguments.image)
        self.engine = Engine(folder)
        self.events = self.fleet = self.proxy = self.load = self.scrapes = self.sites = self.passages = None
        self.certificates = certificates.Certificates(folder) if arguments.tls else None
        self.tunnels = []
        self.sites_found = self.passages_found = None
        self.begun, self.load_begun = time.monotonic(), 0.0

    def prepare(self):
        """First the anchor alone, so that the tunnels are on it; then its neighbours."""
        self.engine.start()
        self.engine.load_images([self.lb_image, self.app_image])
        self.fleet = Fleet(self.engine, self.app_image, self.folder, "chaos" if self.arguments.sites else None)
        more = [*(passages.FLAGS if self.arguments.passages else ()), *(certificates.FLAGS if self.certificates else ())]
        self.proxy = proxies.make(self.arguments.proxy, self.engine, self.lb_image, self.folder,
                                  [*self.arguments.flags.split(), *more],
                                  self.certificates.folder if self.certificates else None)
        self.events = Events(self.fleet, self.proxy, self.engine, self.arguments.seed, self.arguments.names)
        self.events.add_anchor()
        self.proxy.start()
        self.wait_for_all()
        if not self.arguments.processes:    # each process counts for itself
            self.scrapes = counts.start(self.folder, self.proxy)
        self.tunnels = [Tunnel(self.proxy.target(), number) for number in range(TUNNEL_COUNT)]
        while len(self.fleet.apps) < BASE_COUNT:
            self.fleet.add(*self.events.plan())
        self.wait_for_all()
        if self.arguments.sites:
            self.sites = sites.Sites(self.engine, self.proxy, self.app_image, self.arguments.seed)
            self.sites.open()
        if self.arguments.passages:
            self.passages = passages.Passages(self.engine, self.proxy, self.app_image, find_programs(),
                                              self.arguments.seed)
            self.passages.open()

    def wait_for_all(self):
        keys = {app.key for app in self.fleet}
        wait_for(f"{self.proxy.name} to use {keys}", lambda: self.proxy.active(self.fleet) == keys, 60)

    def is_over(self):
        """The time has passed and what was asked for has happened, or it never will."""
        minutes = (time.monotonic() - self.begun) / 60
        if self.load.process.poll() is not None or minutes > 2 * self.arguments.minutes + 1:
            return True
        return (minutes >= self.arguments.minutes and self.load.requests >= self.arguments.requests
                and len(self.events.log) >= self.arguments.events)

    def tell(self, sentence):
        print(f"{time.monotonic() - self.begun:6.1f} s  {sentence}", flush=True)

    def go(self):
        self.tell(f"seed {self.arguments.seed}, {self.arguments.proxy}")
        self.prepare()
        self.tell(f"{self.proxy.name} ({self.proxy.version}) serves {len(self.fleet.apps)} appservers")
        self.begun, self.load_begun = time.monotonic(), time.time()
        self.load = Load(find_programs() / "chaos_load", self.proxy.target(), self.arguments.rate, self.arguments.seed,
                         self.proxy.tls_target() if self.certificates else None)
        if self.certificates:
            self.certificates.start()
        told = [0.0]

        def is_over():
            if time.monotonic() - told[0] > 30:
                told[0] = time.monotonic()
                self.tell(f"{self.load.requests} requests, {self.load.failed} failures, "
                          f"{len(self.events.log)} events")
            return self.is_over()

        self.events.run(self.arguments.every, is_over)
        self.events.put_right()
        if self.sites:
            self.sites_found = self.sites.end()
        if self.passages:
            self.passages_found = self.passages.end()
        return self.conclude()

    def conclude(self):
        load = self.load.end()
        tunnels = [tunnel.end() for tunnel in self.tunnels]
        scraped = self.scrapes.end() if self.scrapes else None
        arrivals, posts = reports.read_logs(self.fleet.logs)
        begins, ends = self.fleet.begins, self.fleet.ends
        to_first = reports.begin_to_first_request(begins, ends, arrivals, self.load_begun)
        to_last = reports.end_to_last_request(ends, begins, arrivals)
        report = {
            "proxy": self.proxy.name, "version": self.proxy.version, "seed": self.arguments.seed,
            "rate": self.arguments.rate, "seconds": load["seconds"], "load": load,
            "wanted_requests": self.arguments.requests, "wanted_events": self.arguments.events,
            "counts": counts.compare(scraped, load, tunnels, sites.by_code(self.sites_found) if self.sites else {}),
            "sites": self.sites_found if self.sites else None, "passages": self.passages_found,
            "event_count": len(self.events.log), "events": self.events.counts, "tunnels": tunnels,
            "facts": self.proxy.facts() if self.proxy.problem() is None else {},
            "proxy_problem": self.proxy.problem(), "certificate_swaps": self.certificates.end() if self.certificates else 0,
            "posts_served_twice": sorted(number for number, times in posts.items() if times > 1),
            "event_to_first_request": {name: reports.summary(values) for name, values in to_first.items()},
            "end_to_last_request": {name: reports.summary(values) for name, values in to_last.items()},
            "kills": self.events.kills, "failures": self.load.failures, "begins": begins, "ends": ends, "event_log": self.events.log,
        }
        self.tell_servers(report["failures"])
        for failure in report["failures"]:
            failure["near"] = self.near(failure)
        reports.judge(report)
        return report

    def tell_servers(self, failures):
        """Notes with each whose container had it, where that can be known: lb names the request in its answer and in its log."""
        if self.proxy.name != "lb":
            return
        keys = {app.id: app.key for app in self.fleet.apps}
        named = {found[1]: failure for failure in failures if (found := re.search(r"\(request ([0-9a-f]{32})\)", failure["text"]))}
        for request, server in self.proxy.servers_of(named).items():
            if server in keys:
                named[request]["app"] = keys[server]

    def near(self, failure):
        """The last events before a request failed."""
        failed = reports.seconds_of(failure["failed"])
        before = [entry for entry in self.events.log if entry["at"] <= failed][-3:]
        return [f"{entry['event']} {entry['target'] or ''} {entry['at'] - failed:+.3f} s" for entry in before]

    def keep(self, where):
        """For whoever looks for the cause of a failure."""
        where = Path(where)
        shutil.copytree(self.fleet.logs, where / "appservers", dirs_exist_ok=True)
        self.proxy.keep(where)
        shutil.copy(self.folder / "dockerd.log", where)

    def close(self):
        if self.load and self.load.process.poll() is None:
            self.load.process.kill()
        if self.certificates:
            self.certificates.end()
        if self.passages:
            self.passages.close()
        if self.scrapes:
            self.scrapes.close()
        if self.proxy:
            self.proxy.close()
        self.engine.close()


def main():
    arguments = parse_arguments()
    move_into_own_network()
    find_programs()
    folder = Path("/tmp", f"lb-chaos-{os.urandom(4).hex()}")    # short: a socket is in it
    folder.mkdir(0o755)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    run = None
    try:
        run = Run(arguments, folder)
        report = run.go()
        if arguments.keep:
            run.keep(arguments.keep)
    finally:
        if run:
            run.close()
    if arguments.report:
        Path(arguments.report).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(reports.text_of(report))
    return 1 if report["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
