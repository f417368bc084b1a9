"""The whole of it runs: two lb under load whose pool changes, real Prometheus, Alertmanager and node-exporter with the settings of
deploy/stack. Every expression of the dashboards and every recording rule has a result, every metric of the alerts is there, an
alert fires and is delivered, and what ends it too. cAdvisor is a stand-in here (cadvisor_stand_in.py)."""

import itertools
import os
import random
import signal
import socket
import threading
import time

import pytest
import yaml

from cadvisor_stand_in import CadvisorStandIn
from chain import Alertmanager, DeployedPrometheus, NodeExporter
from deployed import dashboard_expressions, metrics_of, rules
from support.certificates import self_signed, write_pair
from support.client import RawClient
from support.discovery import FakeDiscovery, endpoint, line_of
from support.http import Truncated
from support.passing import EchoUdp
from support.program import split_address
from support.tcp import Server, echo
from support.waiting import wait_for
from webhook import Webhook

pytestmark = [pytest.mark.slow("Prometheus scrapes, and an alert has to last before it fires"), pytest.mark.timeout(280)]


class Load:
    """Requests of several kinds with traces until it is closed; the port for TCP gets connections, too."""

    def __init__(self, lb):
        self.lb, self.is_over, self.counter = lb, threading.Event(), itertools.count(1)
        self.tcp = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.is_over.wait(0.02):
            try:
                self.ask_some()
            except (OSError, AssertionError, EOFError, Truncated):
                continue  # lb-proxy is started again, or nobody is there

    def ask_some(self):
        trace = f"{next(self.counter):032x}"
        with RawClient(self.lb.address) as client:
            client.request("GET", random.choice(["/", "/delay/5", "/status/500", "/status/404"]),
                           fields=[f"traceparent: 00-{trace}-00f067aa0ba902b7-01"])
            client.read_response()
            client.request("POST", "/upload", body=b"x" * 1000)
            client.read_response()
        if self.tcp:
            with socket.create_connection(self.tcp, timeout=5) as sock:
                sock.sendall(b"hello")
                sock.recv(5)

    def close(self):
        self.is_over.set()
        self.thread.join()


class Site:
    """lb at an IP of its own, as a container of the stack has one, and the services that it serves: app by two appservers, which
    come and go, and a server that hangs up; db by TCP; dns by UDP; later, which is paused and has an order."""

    def __init__(self, start_lb, start_appserver, cleanup, folder):
        self.ip = f"127.{random.randint(1, 250)}.{random.randint(1, 250)}.{random.randint(2, 250)}"
        self.discovery = FakeDiscovery(folder)
        self.db, self.dns = Server(echo), EchoUdp()
        self.servers = {"appserver1": start_appserver("appserver1", f"--listen={self.ip}:8484"), "appserver2": start_appserver("appserver2")}
        self.rude = Server(lambda sock: sock.recv(1))
        for what in (self.discovery, self.db, self.dns, self.rude):
            cleanup.callback(what.close)
        write_pair(folder / "certificates", "a.test", self_signed(["a.test"]))
        self.lb = start_lb(f"--admin={self.ip}:8001", "--metrics-compat=on", "--service=app", "--tcp=127.0.0.1:0=db", "--udp=127.0.0.1:0=dns",
                           f"--certificates={folder / 'certificates'}", "--acme=you@example.org", f"--acme-dir={folder / 'acme'}",
                           "--acme-directory=https://127.0.0.1:9/nobody", "--gelf=udp://127.0.0.1:9", "--hold=200ms", *self.discovery.flags)
        self.version = 0
        self.tell()
        self.lb.wait_states(appserver1="ready", appserver2="ready", rude="ready", db1="ready", dns1="ready")

    def tell(self, *gone):
        """A line with all but those."""
        servers = {**self.servers, "rude": self.rude}
        app = [endpoint(name, server.address) for name, server in servers.items() if name not in gone]
        line = line_of([], left_out=[{"id": "x", "name": "x", "reason": "no_port"}])
        line["services"] = [
            {"name": "app", "endpoints": app},
            {"name": "db", "endpoints": [endpoint("db1", self.db.address, protocol="tcp", id="dbdb01")]},
            {"name": "dns", "endpoints": [endpoint("dns1", self.dns.address, protocol="udp", id="dddd01:53/udp", container="dddd01")]}]
        self.discovery.send_line({**line, "v": 2})
        now = time.time_ns()
        self.discovery.send_line({"v": 1, "alive": {"connected": True, "events": {"start": self.version}, "last_event_ns": now,
                                                    "resyncs": {"start": 1, "timer": 1}, "last_sync_ns": now,
                                                    "sources": [{"source": "docker", "connected": True, "last_sync_ns": now}]}})
        self.version += 1


class Chain:
    def __init__(self, site, other, cleanup, folder):
        self.webhook = Webhook()
        cadvisor = CadvisorStandIn(*site.servers)
        cleanup.callback(self.webhook.close)
        cleanup.callback(cadvisor.close)
        node_exporter, alertmanager = NodeExporter(folder), Alertmanager(folder, self.webhook.url)
        self.prometheus = DeployedPrometheus(folder, [("lb", "lb", site.ip), ("appserver1", "appserver", site.ip)],
                                             {"lb": ["%s:%d" % other.admin], "appserver": ["%s:%d" % site.servers["appserver2"].address]},
                                             alertmanager.address, {"cadvisor": cadvisor.address, "node-exporter": node_exporter.address})
        for daemon in (node_exporter, alertmanager, self.prometheus):
            cleanup.callback(daemon.close)
        wait_for(alertmanager.is_up, "Alertmanager is up", pause_s=0.1)
        wait_for(lambda: len(self.prometheus.query("up == 1")) == 8, "all are scraped", pause_s=0.1)

    def has(self, expression):
        return bool(self.prometheus.query(expression))


def without_result(site, has_result, expressions):
    """Changes the pool over and over until each expression has had a result; gives those that never had."""
    missing = dict(expressions)
    gone = itertools.cycle([(), ("appserver1",), (), ("appserver2",)])
    end = time.monotonic() + 90
    while missing and time.monotonic() < end:
        site.tell(*next(gone))
        missing = {where: expression for where, expression in missing.items() if not has_result(expression)}
        time.sleep(0.2)  # between two changes, no wait for anything
    return missing


def test_everything_has_a_result_and_alerts_arrive(start_lb, start_appserver, cleanup, tmp_path):
    site = Site(start_lb, start_appserver, cleanup, tmp_path)
    other = start_lb(backends=[site.servers["appserver1"].address])
    load = Load(site.lb)
    cleanup.callback(load.close)
    load.tcp = split_address(site.lb.wait_message(r"^listening on tcp (\S+)$")[1])
    assert site.lb.order("/services/dns/pause?for=10m")[0] == 200
    assert site.lb.order("/endpoints/dns1/weight?value=3")[0] == 200
    proxy = site.lb.proxy_pid
    os.kill(proxy, signal.SIGSEGV)  # so that there has been a crash
    wait_for(lambda: site.lb.proxy_pid != proxy, "it is started again")
    assert site.lb.order("/services/dns/pause?for=10m")[0] == 200
    chain = Chain(site, other, cleanup, tmp_path)

    recorded = {rule["record"]: rule["record"] for rule in rules(yaml) if "record" in rule}
    alerts = {name: name for rule in rules(yaml) if "alert" in rule for name in metrics_of(rule["expr"])}
    expressions = {**dict(dashboard_expressions()), **recorded, **alerts}
    assert len(expressions) > 100
    assert without_result(site, chain.has, expressions) == {}
    assert {dict(key)["instance"] for key in chain.prometheus.query("lb_build_info")} == {"lb", "%s:%d" % other.admin}
    assert {dict(key)["instance"] for key in chain.prometheus.query("appserver_connections")} \
        == {"appserver1", "%s:%d" % site.servers["appserver2"].address}
    assert not chain.prometheus.query('up{instance=~".*second.*"}') and len(chain.prometheus.query("up")) == 8

    # nobody of the service is left
    assert not chain.webhook.find("firing", "LbNoReadyEndpoint", service="app")
    for server in site.servers.values():
        server.stop()
    site.tell("appserver1", "appserver2", "rude")
    wait_for(lambda: chain.webhook.find("firing", "LbNoReadyEndpoint", service="app", instance="lb"), "the alert is delivered",
             timeout_s=60, pause_s=0.2)
    (_, annotations), *_ = chain.webhook.find("firing", "LbNoReadyEndpoint", service="app")
    assert annotations["summary"] == "app: no endpoint is ready, so requests wait and then fail"
    wait_for(lambda: chain.webhook.find("firing", "LbCrashed", instance="lb"), "that of the crash too", pause_s=0.2)
    site.servers["appserver3"] = start_appserver("appserver3")
    site.tell("appserver1", "appserver2", "rude")
    wait_for(lambda: chain.webhook.find("resolved", "LbNoReadyEndpoint", service="app"), "its end is delivered", timeout_s=60, pause_s=0.2)
