"""A client that counts what it sees, to hold the counters against it."""

import collections

from support.waiting import wait_for


class Count(collections.Counter):
    """(method, code) → how many answers came; `connect` is the fixture."""

    def __init__(self, connect, lb):
        super().__init__()
        self.client = None
        self.connect = connect
        self.lb = lb

    def ask(self, method="GET", times=1, **options):
        for _ in range(times):
            if self.client is None:
                self.client = self.connect(self.lb)
            self.client.request(method, **options)
            answer = self.client.read_response(to_head=method == "HEAD")
            self[method, str(answer.status)] += 1
            if answer.get("Connection") == "close":
                self.client.close()
                self.client = None

    def ask_badly(self, raw):
        with self.connect(self.lb) as client:
            self["OTHER", str(client.send(raw).read_response().status)] += 1

    def wait_agree(self):
        """Until lb has counted exactly the same; it counts after the last byte was sent."""
        wait_for(lambda: self.lb.metrics().table("lb_requests_total", "method", "code") == self,
                 f"lb counts {dict(self)}; it counted "
                 f"{self.lb.metrics().table('lb_requests_total', 'method', 'code')}")
        return self.lb.metrics()
