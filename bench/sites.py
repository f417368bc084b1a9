"""Many sites behind one address: what a table of routes costs, for each request and to build. Each route
is a host and a path; haproxy has them as two map files, nginx as so many servers."""

import json
import os
import re
import signal
import statistics
import subprocess
import tempfile
import time

import instructions
import machine

COUNTS = (1, 100, 10000)
PATH = "/app"
CHANGES = 10
CHANGE_TIMEOUT_S = 10


def host(number):
    return f"site{number:05}.example.com"


def request(number):
    return (f"GET {PATH}/products/42?color=blue HTTP/1.1\r\nHost: {host(number)}\r\n"
            "User-Agent: curl/8.5\r\nAccept: */*\r\n\r\n").encode()


# ---- in each one's words ---------------------------------------------------------------------------

def line(backends, count, changed=None):
    """As lb-discovery would write it; the changed route is younger."""
    endpoints = [{"id": backend, "name": backend, "address": backend.split(":")[0],
                  "port": int(backend.split(":")[1]), "weight": 1, "state": "ready", "cause": "file",
                  "cause_time_ns": 0} for backend in backends]
    routes = [{"host": host(number), "path": PATH, "service": "appserver", "dialect": "lb",
               "container": f"{number:064x}", "created_ns": 2 if number == changed else 1}
              for number in range(count)]
    return json.dumps({"v": 2, "source": "file", "time_ns": 1, "routes": routes, "left_out": [],
                       "services": [{"name": "appserver", "endpoints": endpoints}]}) + "\n"


def write_lines(path, backends, count):
    path.write_text(line(backends, count) + line(backends, count, changed=0))


def haproxy_maps(folder, count):
    """Writes the maps; gives the lines of the frontend that look into them."""
    (folder / "hosts.map").write_text("".join(f"{host(i)} {i}\n" for i in range(count)))
    (folder / "paths.map").write_text("".join(f"{i}{PATH} servers\n" for i in range(count)))
    return (f"http-request set-var(txn.path) path\n    use_backend %[req.hdr(host),field(1,:),lower,"
            f"map_str({folder}/hosts.map,-),concat(,txn.path,),map_beg({folder}/paths.map,unknown)]")


def nginx_servers(listen, count):
    return "\n".join([f"    server {{ listen {listen} default_server; return 404; }}",
                      *(f"    server {{ listen {listen}; server_name {host(i)}; "
                        f"location {PATH} {{ proxy_pass http://servers; }} }}" for i in range(count))])


# ---- measuring -------------------------------------------------------------------------------------

def requests(count, turns):
    """So many, to all sites in turn."""
    return (request(turn * 7919 % count) for turn in range(turns))


def of_request(bench, who, count):
    def counted(turns):
        with tempfile.TemporaryDirectory() as folder:
            with bench.started(who, route_count=count, prefix=instructions.callgrind(folder)) as running:
                instructions.ask(running.port, requests(count, turns))
            return instructions.counted(folder)

    low, high = map(counted, instructions.TURNS)
    return (high - low) / (instructions.TURNS[1] - instructions.TURNS[0])


def control_s(running):
    """Of the first thread of the process that serves."""
    pid = running.processes()[0]
    return machine.thread_cpu_s(pid)[pid]


def of_change(running):
    """Milliseconds of the control thread for a line in which one route differs: read, built, published."""
    child = next(iter(running.others()))
    taken = []
    for _ in range(CHANGES):
        before_s, end = control_s(running), time.monotonic() + CHANGE_TIMEOUT_S
        os.kill(child, signal.SIGUSR1)
        last_s = before_s
        while last_s == before_s or (now_s := control_s(running)) != last_s:  # until it rests again
            last_s = control_s(running)
            if time.monotonic() > end:
                raise SystemExit("lb took no line that changed a route")
            time.sleep(0.1)
        taken.append((now_s - before_s) * 1e3)
    return statistics.median(taken)


def of_build(bench, count):
    """Milliseconds to compile the table: as new, and where one route of it has changed."""
    text = subprocess.run([bench.build / "bench/routes", str(count), "1"], check=True,
                          capture_output=True, text=True).stdout
    built, again = re.search(r"built in ([\d.]+) ms, again in ([\d.]+) ms", text).groups()
    return {"build_ms": float(built), "rebuild_ms": float(again)}


def scenario(bench, results):
    """1, 100 and 10 000 routes: user-space instructions of a request, memory, and what a change costs."""
    for count in COUNTS:
        for who in bench.proxies():
            figures = {"instructions": of_request(bench, who, count)}
            with bench.started(who, route_count=count) as running:
                instructions.ask(running.port, requests(count, 2000))
                rss, pss = running.memory_bytes()
                figures |= {"start_ms": running.start_s * 1e3, "rss_mb": rss / 1e6, "pss_mb": pss / 1e6}
                if who is bench.lb:
                    figures |= {"change_ms": of_change(running), **of_build(bench, count)}
            results.add(name_of(count), who.name, figures)


def name_of(count):
    return f"{count:,} route{'s' if count > 1 else ''}".replace(",", " ")
