#!/usr/bin/python3
"""Three hosts, each with a Docker engine, a Consul server and lb, which serves the containers of all of them. They
scale, lose their cable, their Consul, their lb; clients on every host ask all the time. A GET may fail only while
nobody could know of the loss; how long that is is measured. Exit code 0: so it was. See README.md."""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
for folder in ("tests/scenario", "tests/chaos"):
    sys.path.insert(0, str(TOP / folder))

import consul_program  # noqa: E402
from host_events import KINDS, Events  # noqa: E402
from load import percentile  # noqa: E402
from machine import Machine, ip  # noqa: E402
from support.waiting import wait_for  # noqa: E402

ADDRESSES = [f"10.77.0.{number}" for number in (11, 12, 13)]
OUTSIDE = "LB_HOSTS_OUTSIDE"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2, help="of events, at least each kind once (2)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the events")
    parser.add_argument("--each", type=int, default=2, help="appservers of each host, at least (2)")
    parser.add_argument("--down", type=float, default=10, help="seconds that all agents are down (10)")
    parser.add_argument("--cut", type=float, default=8, help="seconds that a cable is out (8)")
    parser.add_argument("--image", default="appserver:test", help="of the appserver (appserver:test)")
    parser.add_argument("--events-of", metavar="NAMES", help=f"only these, of {','.join(KINDS)}")
    parser.add_argument("--flags", default="", help="more flags of lb")
    parser.add_argument("--report", metavar="FILE.json", help="where to write all that was found")
    parser.add_argument("--keep", metavar="FOLDER", help="copy the logs of all programs there")
    return parser.parse_args()


def move_into_own_network():
    if OUTSIDE not in os.environ:
        if os.geteuid() != 0:
            sys.exit("hosts.py: needs root, to make hosts of its own")
        for program in ("unshare", "nsenter", "ip", "docker", "dockerd"):
            if not shutil.which(program):
                sys.exit(f"hosts.py: needs {program}")
        os.environ[OUTSIDE] = os.readlink("/proc/self/ns/net")
        os.execvp("unshare", ["unshare", "--net", "--", sys.executable, *sys.argv])
    ip("link", "set", "lo", "up")
    ip("link", "add", "hosts", "type", "bridge")
    ip("address", "add", "10.77.0.1/24", "dev", "hosts")
    ip("link", "set", "hosts", "up")


class Run:
    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, folder
        self.machines = []
        self.begun = time.monotonic()

    def tell(self, sentence):
        print(f"{time.monotonic() - self.begun:6.1f} s  {sentence}", flush=True)

    def prepare(self):
        consul = consul_program.find()
        saved = self.folder / "images.tar"
        subprocess.run(["docker", "save", "--output", str(saved), self.arguments.image], check=True, timeout=120)
        for number in (1, 2, 3):
            self.machines.append(Machine(number, self.folder, consul, ADDRESSES))
        for machine in self.machines:
            machine.engine.start()
            machine.agent.start()
        for machine in self.machines:
            machine.engine.wait_answers()
        loads = [subprocess.Popen(["docker", "--host", f"unix://{machine.engine.socket}", "load", "--input", str(saved)],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) for machine in self.machines]
        assert not any(load.wait(300) for load in loads), "docker load failed"
        for machine in self.machines:
            machine.agent.wait_well()
            for _ in range(self.arguments.each):
                machine.run(self.arguments.image)
        for machine in self.machines:
            machine.start_lb(*self.arguments.flags.split())
        self.tell("three hosts; waiting until each lb serves the containers of all")
        events = Events(self.machines, self.arguments, self.tell)
        wait_for(events.all_is_served, "every lb serves all containers", 60, 0.05)
        return events

    def go(self):
        events = self.prepare()
        self.tell(f"each lb serves all of {3 * self.arguments.each} containers; seed {self.arguments.seed}")
        for machine in self.machines:
            machine.start_load()
        time.sleep(1)
        kinds = self.arguments.events_of.split(",") if self.arguments.events_of else list(KINDS)
        drawn = random.Random(self.arguments.seed)
        end = time.monotonic() + 60 * self.arguments.minutes
        rounds = 0
        while rounds == 0 or time.monotonic() < end:
            rounds += 1
            drawn.shuffle(kinds)
            for kind in kinds:
                if rounds == 1 or time.monotonic() < end:
                    events.happen(kind, drawn)
        time.sleep(1)
        return self.conclude(events, {machine.name: machine.end_load() for machine in self.machines})

    def conclude(self, events, loads):
        failures = []
        last = {}   # of each event, the last GET that failed
        for host, load in loads.items():
            for sent, failed, what in load["failures"]:
                near = events.near(failed)
                excuse = next((event for event in near if event.excuses(sent, host)), None)
                event = excuse or (near[0] if near else None)
                if event:
                    last[event] = max(last.get(event, 0), sent - event.began)
                failures.append({"host": host, "sent": sent - self.begun, "took": failed - sent, "what": what,
                                 "event": event and event.sentence, "after_s": event and sent - event.began,
                                 "excused": bool(excuse)})
        for event, seconds in last.items():
            events.figures[f"{event.kind} → the last GET that failed was sent"].append(seconds)
        return {"seed": self.arguments.seed, "requests": sum(load["count"] for load in loads.values()),
                "slowest_s": max(load["slowest_s"] for load in loads.values()),
                "events": [event.told(self.begun) for event in events.log], "failures": failures,
                "broken": [one for one in failures if not one["excused"]],
                "figures": {what: figure(values) for what, values in events.figures.items()}}

    def close(self):
        for machine in self.machines:
            if self.arguments.keep:
                where = Path(self.arguments.keep, machine.name)
                where.mkdir(parents=True, exist_ok=True)
                for name in ("lb.log", "dockerd.log", "consul/log"):
                    if (machine.folder / name).exists():
                        shutil.copy(machine.folder / name, where / name.replace("/", "-"))
        closers = [threading.Thread(target=machine.close) for machine in self.machines]
        for closer in closers:
            closer.start()
        for closer in closers:
            closer.join()


def figure(values):
    milliseconds = [1000 * value for value in values]
    return {"count": len(values), "p50_ms": round(percentile(milliseconds, 0.5), 1),
            "p99_ms": round(percentile(milliseconds, 0.99), 1), "worst_ms": round(max(milliseconds), 1)}


def text_of(report):
    lines = [f"{report['requests']} GETs, the slowest answer after {report['slowest_s']:.2f} s, {len(report['events'])} events, {len(report['failures'])} failures, of which "
             f"{len(report['broken'])} when the loss could be known"]
    lines += [f"  {what}: p50 {one['p50_ms']} ms, p99 {one['p99_ms']} ms, worst {one['worst_ms']} ms ({one['count']})"
              for what, one in sorted(report["figures"].items())]
    lines += [f"  {'excused' if one['excused'] else 'BROKEN '} {one['host']} at {one['sent']:.2f} s, after {one['took']:.2f} s: "
              f"{one['what'][:60]!r} ({one['event']}, {one['after_s']:.3f} s after it)"
              for one in sorted(report["failures"], key=lambda one: one["excused"])[:20]]
    return "\n".join(lines)


def main():
    arguments = parse_arguments()
    consul_program.find()  # from there no mirror can be reached
    move_into_own_network()
    folder = Path("/tmp", f"lb-hosts-{os.urandom(4).hex()}")    # short: sockets are in it
    folder.mkdir(0o755)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    run = Run(arguments, folder)
    try:
        report = run.go()
    finally:
        run.close()
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.report:
        Path(arguments.report).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(text_of(report))
    return 1 if report["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
