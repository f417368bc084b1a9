"""Services that share the requests of a route, and a client that asks many times over."""

import pytest

from support.discovery import endpoint, route_line
from support.waiting import wait_for


def ask_many(connect, lb, count, host="a.test", connections=4, fields=()):
    """So many requests over several connections, some at once on each; all of them have to be answered with 200."""
    extra = "".join(field + "\r\n" for field in fields)
    request = f"GET / HTTP/1.1\r\nHost: {host}\r\n{extra}\r\n".encode()
    clients = [connect(lb) for _ in range(connections)]
    left = count
    while left > 0:
        rounds = []
        for client in clients:
            batch = min(25, left)
            left -= batch
            client.send(request * batch)
            rounds.append((client, batch))
        for client, batch in rounds:
            for _ in range(batch):
                assert client.read_response().status == 200
    for client in clients:
        client.close()


class Group:
    """lb, and appservers by service: `sizes` says how many each has."""

    def __init__(self, lb, discovery, start_appserver, sizes):
        self.lb, self.discovery = lb, discovery
        self.servers = {service: [start_appserver(f"{service}-{i}") for i in range(count)]
                        for service, count in sizes.items()}
        self.counted = {}

    def tell(self, routes, without=(), states=()):
        """A line with all services but those; then lb knows it."""
        states = dict(states)
        services = {service: [endpoint(f"{service}-{i}", server.address, id=f"id-{service}-{i}",
                                       state=states.get(service, "ready"))
                              for i, server in enumerate(servers)]
                    for service, servers in self.servers.items() if service not in without}
        self.discovery.send_line(route_line(services, routes))
        ready = sum(len(servers) for service, servers in services.items() if states.get(service, "ready") == "ready")
        wait_for(lambda: list(self.lb.states().values()).count("ready") == ready and
                 self.told(services), "lb knows the line")

    def told(self, services):
        return {service["name"] for service in self.lb.pool()["services"]} == set(services)

    def counts(self):
        """Requests of each service since the last time."""
        now = {}
        for service in self.lb.pool()["services"]:
            now[service["name"]] = sum(one["requests"] for one in service["endpoints"])
        new = {name: count - self.counted.get(name, 0) for name, count in now.items()}
        self.counted.update(now)
        return new


@pytest.fixture
def group(start_lb, start_appserver, discovery):
    def start(*flags, **sizes):
        lb = start_lb(*(flags or ["--hold=0s"]), *discovery.flags)
        return Group(lb, discovery, start_appserver, sizes)

    return start


def shared(*shares, host="a.test", **more):
    """A route that services share: "name=weight"."""
    listed = [{"service": share.partition("=")[0], "weight": int(share.partition("=")[2])} for share in shares]
    return {"host": host, "service": listed[0]["service"], "shares": listed, **more}


@pytest.fixture
def ask(connect):
    return lambda lb, count, **more: ask_many(connect, lb, count, **more)
