#!/usr/bin/env python3
"""Makes deploy/pictures/page-light.png, page-dark.png and flow.png anew: of a real lb with real traffic, in Chromium.

    LB_BIN_DIR=build/release/bin tests/page_pictures.py [--minutes 10] [--folder deploy/pictures] [--stay]

The longer it runs, the more of the ten minutes of history is filled. While it runs servers come, fail and go, so that
there is something to see. --stay: no pictures; it says where the page is, and goes on until it is ended."""

import argparse
import contextlib
import pathlib
import random
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "scenario"))

# pylint: disable=wrong-import-position
from support.browser import Browser, Tab
from support.client import RawClient
from support.discovery import FakeDiscovery, endpoint, route_line
from support.http import Truncated
from support.lb import Lb
from support.program import ROOT, Program, split_address
from support.tcp import Server, echo

WIDTH, HEIGHT, PICTURE_HEIGHT = 1280, 960, 1060
SERVICES = {"shop": 14, "api": 4, "blog": 2}
PATHS = {"shop": ["/", "/delay/3", "/delay/12", "/status/404", "/delay/30"],
         "api": ["/delay/2", "/delay/8", "/", "/delay/60"], "blog": ["/", "/delay/20"]}
LEFT_OUT = [{"id": f"ff{i:02}", "name": name, "service": "", "reason": reason} for i, (name, reason) in enumerate(
    [("redis-1", "no_port"), ("postgres-1", "no_port"), ("mailhog-1", "several_ports"), ("grafana-1", "other_network")])]


class Site:
    """lb, its servers and its clients."""

    def __init__(self, folder, cleanup):
        self.cleanup = cleanup
        self.discovery = FakeDiscovery(folder)
        self.servers, self.programs = {}, {}
        for service, count in SERVICES.items():
            for number in range(1, count + 1):
                self.start(service, f"{service}-{number}")
        self.db = Server(echo)
        cleanup.callback(self.db.close)
        self.gone, self.sick = set(), set()
        self.lb = Lb("--tcp=127.0.0.1:0=db", *self.discovery.flags)
        cleanup.callback(self.lb.stop)
        self.tell()
        self.tcp = split_address(self.lb.wait_message(r"^listening on tcp (\S+)$")[1])
        self.lb.wait_ready(len(self.servers) - len(self.sick) + 1)

    def start(self, service, name):
        server = Program("appserver", "--listen=127.0.0.1:0", f"--name={name}", "--no-log")
        self.cleanup.callback(server.stop)
        self.programs[name] = server
        self.servers[name] = (service, server.wait_listening()[0])

    def tell(self):
        """What discovery would say of the containers as they are now."""
        services = {service: [] for service in SERVICES}
        for name, (service, address) in self.servers.items():
            if name not in self.gone:
                state = "unhealthy" if name in self.sick else "ready"
                services[service].append(endpoint(name, address, state=state, id=f"{hash(name) & 0xffffffffffff:012x}"))
        services["old"] = [endpoint("old-1", ("127.0.0.1", 1), id="0ldbeef00001")]
        services["db"] = [endpoint("db-1", self.db.address, id="dbbeef000001", protocol="tcp")]
        routes = [{"host": f"{service}.test", "service": service, "label": "lb.host", "container_name": f"{service}-1",
                   "container": "aaaa01", "dialect": "lb", "created_ns": 1} for service in [*SERVICES, "old"]]
        self.discovery.send_line(route_line(services, routes, left_out=LEFT_OUT))

    def live(self, is_over):
        """Servers of the shop come and go, one ends without a word; one of the api is unhealthy for a while, and then flaps."""
        steps = 0
        while not is_over.wait(10):
            steps += 1
            if steps % 12 == 6:
                self.gone ^= {"shop-14"}
            if steps % 36 in (10, 19, 24, 25, 26, 27, 28, 29, 30, 31):
                self.sick ^= {"api-4"}
            if steps == 33:
                self.programs["shop-13"].stop()
            self.tell()


def talk_tcp(site, is_over):
    while not is_over.wait(random.expovariate(3)):
        with socket.create_connection(site.tcp) as sock:
            sock.sendall(b"x" * random.randint(100, 4000))
            sock.recv(4096)


def ask(site, service, pause_s, is_over):
    """One client: asks, and thinks for a while."""
    client = None
    while not is_over.wait(random.expovariate(1 / pause_s)):
        path = random.choice(PATHS[service])
        is_bad = 17 < time.monotonic() % 120 < 40
        if service == "api" and random.random() < (0.15 if is_bad else 0.002):
            path = "/status/503"
        try:
            client = client or RawClient(site.lb.address)
            client.get(path, host=f"{service}.test")
        except (OSError, Truncated):
            client = None


def start_clients(site, is_over):
    threads = [threading.Thread(target=ask, args=(site, service, pause_s, is_over), daemon=True)
               for service, pause_s, count in (("shop", 0.1, 16), ("api", 0.15, 6), ("blog", 0.5, 2)) for _ in range(count)]
    threads.append(threading.Thread(target=site.live, args=(is_over,), daemon=True))
    threads.append(threading.Thread(target=talk_tcp, args=(site, is_over), daemon=True))
    for thread in threads:
        thread.start()
    return threads


def take(site, folder, scheme):
    with tempfile.TemporaryDirectory() as profile:
        browser = Browser(profile)
        try:
            tab = Tab(browser, WIDTH, HEIGHT, scheme).open("http://%s:%d/" % site.lb.admin)
            tab.wait("document.querySelector('#link').textContent === 'live' && "
                     "document.querySelector('#services path.line').getAttribute('d')")
            time.sleep(10)  # numbers are of the last ten seconds
            tab.screenshot(folder / f"page-{scheme}.png", min(PICTURE_HEIGHT, tab.run("document.querySelector('#own').offsetTop")))
            if scheme == "dark":
                tab.run("location.hash = '#/flow'")
                tab.wait("flow.dots.some(dot => Date.now() - dot.start > 2000)", 60)
                tab.screenshot(folder / "flow.png", tab.run("document.querySelector('#footer').offsetTop"))
        finally:
            browser.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "deploy" / "pictures")
    parser.add_argument("--stay", action="store_true")
    options = parser.parse_args()
    is_over = threading.Event()
    with contextlib.ExitStack() as cleanup, tempfile.TemporaryDirectory() as folder:
        site = Site(pathlib.Path(folder), cleanup)
        threads = start_clients(site, is_over)
        cleanup.callback(lambda: [thread.join(30) for thread in threads])
        cleanup.callback(is_over.set)
        print("http://%s:%d/" % site.lb.admin, flush=True)
        time.sleep(1e6 if options.stay else 60 * options.minutes)
        for scheme in ("light", "dark"):
            take(site, options.folder, scheme)


if __name__ == "__main__":
    main()
