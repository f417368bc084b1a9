"""The load, and what it costs the proxy. Each run gives one dict of figures."""

import json
import os
import re
import socket
import subprocess
import tempfile

import machine

UNITS_US = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 60e6}


def in_us(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text).groups()
    return float(number) * UNITS_US[unit]


def parse_wrk(text):
    count, seconds = re.search(r"(\d+) requests in ([\d.]+\w+),", text).groups()
    figures = {"requests": int(count), "seconds": in_us(seconds) / 1e6}
    for percent in (50, 90, 99):
        found = re.search(rf"^\s+{percent}%\s+(\S+)", text, re.M)
        if found:
            figures[f"p{percent}_us"] = in_us(found[1])
    errors = re.search(r"errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    figures["errors"] = sum(map(int, errors.groups())) if errors else 0
    if refused or figures["errors"] > figures["requests"] / 100:
        raise SystemExit(f"what was asked for did not come, so nothing was measured:\n{text}")
    return figures


def wrk(url, seconds, cores, connection_count=64, closes=False, upload_bytes=0):
    """Runs wrk on these cores. `closes`: a new connection for each request."""
    command = ["wrk", "--latency", f"-t{len(cores)}", f"-c{connection_count}", f"-d{seconds}s",
               "--timeout", "10s"]
    if closes:
        command += ["-H", "Connection: close"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        if upload_bytes:
            script.write('wrk.method = "POST"\n'
                         f'wrk.body = string.rep("x", {upload_bytes})\n')
            script.flush()
            command += ["-s", script.name]
        done = subprocess.run([*command, url], capture_output=True, text=True, check=False,
                              timeout=seconds + 60,
                              preexec_fn=lambda: os.sched_setaffinity(0, cores))
    if done.returncode != 0:
        raise SystemExit(f"wrk failed:\n{done.stdout}{done.stderr}")
    return parse_wrk(done.stdout)


def by_program(program, port, seconds, cores, *numbers):
    """Runs one of the programs here that make load and print their figures."""
    done = subprocess.run([program, f"127.0.0.1:{port}", *map(str, numbers), str(seconds)],
                          capture_output=True, text=True, check=False, timeout=seconds + 60,
                          preexec_fn=lambda: os.sched_setaffinity(0, cores))
    if done.returncode != 0:
        raise SystemExit(f"{program.name} failed:\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def steady(program, port, connection_count, rate, seconds, cores):
    """Runs bench/steady: a constant rate, latencies from when a request was due."""
    return by_program(program, port, seconds, cores, connection_count, rate)


class IdleConnections:
    """Connections that have each made one request and stay open."""

    def __init__(self, port, count):
        self.sockets = []
        for _ in range(count):
            peer = socket.create_connection(("127.0.0.1", port), timeout=20)
            self.sockets.append(peer)
            peer.sendall(b"GET / HTTP/1.1\r\nHost: bench.example\r\n\r\n")
            if not peer.recv(4096).startswith(b"HTTP/1.1 200"):
                raise SystemExit("no answer for one of many connections")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for peer in self.sockets:
            peer.close()


def measure(cpu_time, cores, run):
    """Runs the load `run()` and adds what it cost the proxy: `cpu_time()` is its CPU time by now.
    `foreign_share`: how much of the proxy's cores others have used meanwhile."""
    before, busy_before_s = cpu_time(), machine.busy_s(cores.proxy)
    figures = run()
    total_s, user_s, system_s, first_s = cpu_time().since(before)
    busy_s = machine.busy_s(cores.proxy) - busy_before_s
    count = max(figures["requests"], 1)
    return {
        **figures,
        "cpu_us": total_s / count * 1e6,
        "cpu_user_us": user_s / count * 1e6,
        "cpu_system_us": system_s / count * 1e6,
        "cpu_s": total_s,
        "first_thread_s": first_s,
        "requests_per_s": count / figures["seconds"],
        "busy_cores": total_s / figures["seconds"],
        "foreign_share": max(0.0, busy_s - total_s) / figures["seconds"] / len(cores.proxy),
    }
