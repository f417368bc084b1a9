"""lb whose process that serves is ended by force."""

import json
import os
import signal

from support.discovery import endpoint
from support.waiting import wait_for

LOST = "lb_lost_requests_total"


class Crashing:
    """lb in front of appservers that a fake discovery tells of."""

    def __init__(self, start_lb, discovery, servers, flags):
        self.discovery, self.servers = discovery, servers
        self.lb = start_lb(*discovery.flags, *flags)
        self.tell()
        self.lb.wait_ready(len(servers))

    def tell(self, **states):
        self.discovery.send(*(endpoint(name, server.address, states.get(name, "ready"))
                              for name, server in self.servers.items()))

    def crash(self, number=signal.SIGKILL):
        """Ends the process that serves; gives its pid once there is another one that serves."""
        before = self.lb.proxy_pid
        os.kill(before, number)
        wait_for(lambda: self.lb.proxy_pid != before, "another process serves")
        return before

    def lost(self):
        return self.lb.metrics().value(LOST)

    def crashes(self):
        """By reason."""
        return self.lb.metrics().table("lb_crashes_total", "reason")

    def is_looping(self):
        return json.loads(self.lb.ask("/process").body)["crash_loop"]


def readyz(lb):
    answer = lb.ask("/readyz")
    return answer.status, answer.body.decode()
