"""lb behind a proxy that lets only some of the engine's API through."""

import sys
from pathlib import Path

import pytest
from filtering_proxy import FilteringProxy

from conftest import docker

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario" / "discovery"))
from watcher import Watcher  # noqa: E402

LIST, INSPECT, EVENTS, PING = "/containers/json", r"/containers/\w+/json", "/events", "/_ping"


@pytest.mark.slow("without the engine's events the list is asked for now and then")
@pytest.mark.parametrize("allowed,losses", [
    ([LIST, INSPECT, EVENTS, PING], ["/networks"]),
    ([LIST, EVENTS, PING], ["/networks", "/containers/ID/json"]),
    ([LIST], ["/_ping", "/events", "/networks", "/containers/ID/json"]),
], ids=["usual", "no inspect", "list only"])
def test_it_goes_on_with_what_it_may_know(bench, network, tmp_path, allowed, losses):
    service = bench.name("service")
    first = bench.appserver(network, "--label", f"lb.service={service}")
    with FilteringProxy(tmp_path / "docker.sock", allowed) as proxy, \
            Watcher(f"--docker=unix://{proxy.path}", "--self", "none") as w:
        w.wait(lambda w: set(w.states(service)) == {first.name}, 20)
        assert [sentence.split(" ")[1] for sentence in w.last["losses"]] == losses
        assert w.endpoints(service)[first.name]["address"] == first.address(network)
        assert w.endpoints(service)[first.name]["port"] == 8484
        second = bench.appserver(network, "--label", f"lb.service={service}")
        w.wait(lambda w: set(w.states(service)) == {first.name, second.name}, 20)
        docker("stop", "--time", "1", first.name)
        w.wait(lambda w: set(w.states(service)) == {second.name}, 20)
