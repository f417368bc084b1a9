"""What stands between Docker and haproxy or nginx: renders their configuration from the list of running
containers whenever an event comes, and reloads them if it changed. A program of its own, so that it
can be killed as lb-discovery is.

usage: render.py haproxy|nginx SOCKET FOLDER

It does what docker-gen does under nginx-proxy: subscribe, list, render; then again 100 to 500 ms after
events; a reload only if the text changed. It is kinder than docker-gen in that it follows pause, unpause,
connect, disconnect and health too, leaves out what is paused or not healthy, and comes back one second
after the engine went away instead of ten.
"""
import http.client
import json
import os
import select
import socket
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

from engine import API, UnixConnection
from fleet import NETWORK, PORT

QUIET_SECONDS = 0.1     # after the last event
PATIENCE_SECONDS = 0.5  # after the first one
EVENTS = ["start", "die", "stop", "kill", "pause", "unpause", "health_status", "connect", "disconnect",
          "rename", "destroy"]

HAPROXY = """\
global
    maxconn 4000
    stats socket {folder}/haproxy.sock mode 600 level admin expose-fd listeners
defaults
    mode http
    option redispatch
    option forwardfor
    timeout connect 5s
    timeout client 1m
    timeout server 1m
    timeout tunnel 1h
frontend web
    bind *:8000
    default_backend appserver
backend appserver
    balance roundrobin
{servers}
"""

NGINX = """\
worker_processes auto;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
events {{ worker_connections 4096; }}
http {{
    log_format upstreams '$msec $status $upstream_addr';
    access_log {folder}/nginx-access.log upstreams buffer=64k flush=1s;
    map $http_upgrade $proxy_connection {{ default upgrade; '' ''; }}
    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_set_header Host $host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $proxy_connection;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    upstream appserver {{
{servers}
        keepalive {keepalive};
    }}
    server {{
        listen 8000;
        location / {{ proxy_pass http://appserver; }}
    }}
}}
"""


def list_endpoints(path):
    """[(id, IP)] of what runs, is not paused, and is healthy or has no health check."""
    filters = urllib.parse.quote(json.dumps({"status": ["running"], "label": ["lb.service=appserver"]}))
    connection = UnixConnection(path, 10)
    connection.request("GET", f"{API}/containers/json?filters={filters}")
    containers = json.loads(connection.getresponse().read())
    connection.close()
    endpoints = []
    for container in containers:
        network = container["NetworkSettings"]["Networks"].get(NETWORK, {})
        is_ill = any(word in container["Status"] for word in ("(unhealthy)", "(health: starting)"))
        if network.get("IPAddress") and not is_ill:
            endpoints.append((container["Id"], network["IPAddress"]))
    return sorted(endpoints)


class Haproxy:
    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "haproxy.cfg"
        self.pid_file = folder / "haproxy.pid"

    def text(self, endpoints):
        lines = [f"    server s{address.replace('.', '_')} {address}:{PORT} check"
                 for _, address in endpoints]
        return HAPROXY.format(folder=self.folder, servers="\n".join(lines))

    def reload(self):
        """The new process takes the listening sockets over from the old one (-x), which finishes."""
        command = ["haproxy", "-D", "-f", str(self.file), "-p", str(self.pid_file)]
        if self.pid_file.exists():
            self.count_retries()
            command += ["-x", str(self.folder / "haproxy.sock"), "-sf",
                        *self.pid_file.read_text().split()]
        return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0

    def count_retries(self):
        """Its counters begin anew with each process: what the old one counted is kept in a file."""
        with open(self.folder / "retries", "a", encoding="ascii") as file:
            file.write(f"{haproxy_retries(self.folder)}\n")


def haproxy_retries(folder):
    """Retries and redispatches that the running process has counted."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stats:
            stats.settimeout(2)
            stats.connect(str(folder / "haproxy.sock"))
            stats.sendall(b"show stat\n")
            text = b"".join(iter(lambda: stats.recv(65536), b"")).decode()
    except OSError:
        return 0
    rows = [line.split(",") for line in text.lstrip("# ").splitlines() if line]
    column = {name: rows[0].index(name) for name in ("svname", "wretr", "wredis")}
    return sum(int(row[column["wretr"]] or 0) + int(row[column["wredis"]] or 0)
               for row in rows[1:] if row[column["svname"]] == "BACKEND")


class Nginx:
    def __init__(self, folder):
        self.folder = folder
        self.file = folder / "nginx.conf"

    def text(self, endpoints):
        lines = [f"        server {address}:{PORT};" for _, address in endpoints]
        return NGINX.format(folder=self.folder, keepalive=max(2, 2 * len(endpoints)),
                            servers="\n".join(lines or ["        server 127.0.0.1 down;"]))

    def reload(self):
        command = ["nginx", "-p", str(self.folder), "-c", str(self.file)]
        if (self.folder / "nginx.pid").exists():
            command += ["-s", "reload"]
        return subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0


def render(proxy, path):
    endpoints = list_endpoints(path)
    text = proxy.text(endpoints)
    if proxy.file.exists() and proxy.file.read_text() == text:
        return
    proxy.file.write_text(text)
    if not proxy.reload():
        print("the reload failed", file=sys.stderr, flush=True)
    # What run.py asks: who is in the configuration that runs?
    new = proxy.folder / "state.new"
    new.write_text(json.dumps({"ids": [container for container, _ in endpoints]}))
    os.replace(new, proxy.folder / "state")


def follow(proxy, path):
    """Renders at once and then after events, until the stream of events ends."""
    filters = urllib.parse.quote(json.dumps({"event": EVENTS}))
    connection = UnixConnection(path, None)
    connection.request("GET", f"{API}/events?filters={filters}")
    descriptor = connection.sock
    stream = connection.getresponse()
    render(proxy, path)
    while stream.readline():
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            if not select.select([descriptor], [], [], QUIET_SECONDS)[0]:
                break
            if not stream.readline():
                break
        render(proxy, path)


KINDS = {"haproxy": Haproxy, "nginx": Nginx}


def main():
    kind, path, folder = sys.argv[1:]
    proxy = KINDS[kind](Path(folder))
    while True:
        try:
            follow(proxy, path)
        except (OSError, ValueError, KeyError, http.client.HTTPException) as problem:
            print(repr(problem), file=sys.stderr, flush=True)
        time.sleep(1)


if __name__ == "__main__":
    main()
