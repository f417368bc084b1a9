"""A route whose container is gone, and whoever comes to its service meanwhile."""

from urllib.parse import quote

import pytest

from support.discovery import endpoint, route_line
from support.waiting import wait_for

WAIT_NOT = "--hold=0"

def of(container, host, path=None, **more):
    return {"host": host, **({"path": path} if path else {}), "container": container, "dialect": "traefik",
            **({} if "answer" in more else {"service": "site"}), **more}


@pytest.fixture
def recreated(start_lb, start_backend, discovery, connect):
    """The container "old", whose route is sh.test/echo, and its service; gives a function that sends the next
    line: routes, and the containers of the service."""
    backends = {name: start_backend() for name in ("old", "beside", "new")}
    lb = start_lb(WAIT_NOT, *discovery.flags)
    sent = []

    def send(routes, names):
        sent.append(route_line({"site": [endpoint(name, backends[name].address, container=name) for name in names]} if names else {},
                               routes, source="docker"))
        discovery.send_line(sent[-1])
        wait_for(lambda: lb.pool()["discovery"]["lines"] >= len(sent), "the line is taken")
        wait_for(lambda: sorted(lb.states().values()) == ["ready"] * len(names), "they are ready")

    def ask(target):
        for backend in backends.values():
            backend.requests.clear()
        with connect(lb) as client:
            response = client.get(target, host="sh.test")
        if response.status == 503:
            assert response.get("Retry-After") == "1"
        return response.status, [name for name, backend in backends.items() if backend.requests]

    def explain(target):
        return lb.ask("/explain?url=" + quote("http://sh.test" + target, safe="")).body.decode()

    send.ask, send.explain = ask, explain
    return send


PROTECTED = [of("new", "sh.test", answer=503, why="the middleware auth (basicauth) is not supported"), of("new", "open.test")]


@pytest.mark.parametrize("is_at_once", [False, True])
def test_who_comes_back_with_a_protection_is_not_reached_past_it(is_at_once, recreated):
    recreated([of("old", "sh.test", "/echo")], ["old"])
    assert recreated.ask("/echo") == (200, ["old"])
    if not is_at_once:
        recreated([], [])
        assert recreated.ask("/echo") == (503, [])
    recreated(PROTECTED, ["new"])
    assert recreated.ask("/echo") == recreated.ask("/") == (503, [])
    told = recreated.explain("/echo")
    assert "basicauth" in told and "is gone" not in told, told


def test_a_lost_route_is_closed_when_a_stranger_comes_to_its_service(recreated):
    """Nobody else gets its requests either; who was there goes on to serve until then."""
    rest = {"host": "*.test", "service": "site", "container": "beside"}
    recreated([of("old", "sh.test", "/echo"), rest], ["old", "beside"])
    recreated([rest], ["beside"])
    assert recreated.ask("/echo") == (200, ["beside"])
    recreated([rest], ["beside", "new"])
    assert {recreated.ask("/echo")[0] for _ in range(4)} == {503}
    assert recreated.ask("/")[0] == 200
    told = recreated.explain("/echo")
    assert "answered with 503, as its container is gone, and another one has come to its service" in told, told
    assert "Its container is gone; the route stays for" in told, told
    recreated([of("new", "sh.test", "/echo"), rest], ["beside", "new"])
    assert recreated.ask("/echo")[0] == 200
