"""An lb whose programs are replaced."""

import json
import signal

from support.discovery import endpoint
from support.waiting import wait_for

DONE = r"^upgrade: lb-proxy (\d+) serves"
FAILED = r"^upgrade failed: (.*)"


class Upgrading:
    def __init__(self, start_lb, discovery, servers, installed, flags, options):
        self.discovery, self.servers, self.installed = discovery, servers, installed
        self.lb = start_lb(*discovery.flags, *flags, folder=installed.folder, **options)
        self.tell()
        self.lb.wait_ready(len(servers))

    def tell(self, **states):
        self.discovery.send(*(endpoint(name, server.address, states.get(name, "ready"))
                              for name, server in self.servers.items()))

    def version(self):
        """Of the process that serves."""
        (labels, _), = self.lb.metrics().series("lb_build_info")
        return labels["version"]

    def process(self):
        """What /process tells of the process that serves."""
        return json.loads(self.lb.ask("/process").body)

    def said(self):
        return len(self.lb.messages())

    def begin(self, way="signal"):
        """Gives how much was said before."""
        said = self.said()
        if way == "signal":
            self.lb.signal(signal.SIGUSR2)
        else:
            done = self.installed.ctl(self.lb, "upgrade")
            assert done.returncode == 0, done.stdout + done.stderr
        return said

    def upgrade(self, way="signal"):
        """To the end; gives the process that serves now."""
        said = self.begin(way)
        found = self.lb.wait_message(DONE, since=said)
        wait_for(lambda: self.lb.proxy_pid == int(found[1]), "it serves")
        return int(found[1])

    def fail(self):
        """One that does not work out; gives the reason."""
        before = self.lb.proxy_pid
        said = self.begin()
        reason = self.lb.wait_message(FAILED, since=said)[1]
        assert self.lb.proxy_pid == before
        return reason
