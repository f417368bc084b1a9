"""lb as a process on free ports, and what its admin listener tells."""

import json
import signal
import subprocess

from support import processes
from support.client import RawClient
from support.program import BIN_DIR, Program, split_address
from support.prometheus import Page
from support.waiting import wait_for


class Lb(Program):
    """`backends` is a list of (host, port); None: the flags say where backends come from. The access
    log goes to `stdout`, a file or descriptor, else nowhere. Without `defaults` there are no flags
    but those given. `folder`: where the programs are."""

    def __init__(self, *flags, backends=None, env=None, rlimits=None, admin=True,
                 stdout=subprocess.DEVNULL, defaults=True, folder=BIN_DIR):
        where = [f"--backend={host}:{port}" for host, port in backends or []]
        usual = ["--listen=127.0.0.1:0", "--admin=127.0.0.1:0" if admin else "--admin=off",
                 "--shutdown-grace=2s", "--shutdown-delay=0s", "--hold=0s", "--workers=2"]
        given = {str(flag).partition("=")[0] for flag in flags}
        usual = [flag for flag in usual if defaults and flag.partition("=")[0] not in given]
        super().__init__("lb", *usual, *where, *flags, env=env, rlimits=rlimits,
                         stdout=stdout, folder=folder)
        self.address = self.wait_listening()[0]
        self.admin = None
        if admin:
            self.admin = split_address(self.wait_message(r"^admin on (\S+):")[1])
            assert self.ask("/healthz").status == 200  # so it also hears signals by now

    def end(self):
        """The second signal: at once, whose handshake may be under way is not waited for."""
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGINT)

    def ask(self, path, method="GET", fields=(), host="admin"):
        """One answer of the admin listener."""
        with RawClient(self.admin) as client:
            client.request(method, path, fields=fields, host=host)
            return client.read_response(to_head=method == "HEAD")

    def order(self, path):
        """One order to the admin listener, as `lb ctl` gives it: its answer, which is JSON."""
        answer = self.ask(path, "POST", host="%s:%d" % self.admin)
        return answer.status, json.loads(answer.body)

    def reload(self, says=r"^SIGHUP: the settings were read again"):
        """SIGHUP, and the message that it must lead to."""
        said = len(self.messages())
        self.signal(signal.SIGHUP)
        return self.wait_message(says, since=said)

    def pool(self):
        return json.loads(self.ask("/pool").body)

    def metrics(self):
        """/metrics, judged in form."""
        return Page(self.ask("/metrics").body)

    def endpoints(self):
        """The endpoints by name."""
        return {endpoint["name"]: endpoint for service in self.pool()["services"]
                for endpoint in service["endpoints"]}

    def states(self):
        return {name: endpoint["state"] for name, endpoint in self.endpoints().items()}

    def totals(self):
        return self.pool()["totals"]

    def wait_ready(self, count=1, timeout_s=30):
        """Until so many endpoints get requests."""
        def look():
            return sum(state == "ready" for state in self.states().values()) == count
        wait_for(look, f"{count} endpoints are ready", timeout_s)
        return self

    def wait_states(self, timeout_s=30, **expected):
        wait_for(lambda: self.states() == expected, f"the endpoints are {expected}", timeout_s)

    def wait_problem(self, text, timeout_s=30):
        """Until a probe of some endpoint has found that."""
        wait_for(lambda: any(text in endpoint.get("problem", "")
                             for endpoint in self.endpoints().values()), text, timeout_s)

    def wait_idle(self):
        """Until no request runs: the counters are final then."""
        def look():
            return all(e["inflight"] == 0 for e in self.endpoints().values())
        wait_for(look, "no request runs")

    def wait_total(self, key, value, timeout_s=30):
        wait_for(lambda: self.totals()[key] == value, f"totals.{key} is {value}", timeout_s)

    @property
    def proxy_pid(self):
        """The process that serves: of those that have the listening sockets the oldest, as the others wait to succeed it."""
        def look():
            return next(filter(processes.is_listening, self.proxy_pids()), None)
        return wait_for(look, "there is a process that serves")

    def proxy_pids(self):
        """All of its proxy processes, also those that wait or finish what runs: the oldest first."""
        found = [pid for pid in [self.pid, *processes.children(self.pid)] if processes.name_of(pid) == "lb-proxy"]
        return sorted(found, key=processes.started)

    @property
    def discovery_pid(self):
        """Of lb-discovery, or of what stands in for it, once there is one."""
        def look():
            others = [pid for pid in processes.children(self.pid) if processes.name_of(pid) not in ("lb", "lb-proxy", "")]
            return others[0] if others else None
        return wait_for(look, "there is a discovery process")

    def rss_bytes(self):
        return processes.status_bytes(self.proxy_pid, "VmRSS")

    def peak_rss_bytes(self):
        return processes.status_bytes(self.proxy_pid, "VmHWM")
