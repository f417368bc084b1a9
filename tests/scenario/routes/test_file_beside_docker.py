"""lb --docker --file: routes by hand in front of containers, and servers that are no containers."""

import json
import pathlib
import sys

import pytest

from support.waiting import wait_for

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "discovery"))
from fake_docker import FakeDocker, container  # noqa: E402

A = "a" * 64


@pytest.fixture
def engine(tmp_path):
    with FakeDocker(tmp_path / "docker.sock") as fake:
        yield fake


def get(connect, lb, host):
    with connect(lb) as client:
        return client.request("GET", "/", host=host).read_response().status


def test_routes_of_the_file_lead_to_containers_and_to_its_own_servers(engine, start_lb, start_backend, connect, tmp_path):
    web, own = start_backend(), start_backend()
    host, port = web.address
    engine.add(container(A, "one", port=str(port), labels={"lb.address": host, "lb.host": "label.test"}))
    file = tmp_path / "services.json"
    file.write_text(json.dumps({
        "services": [{"name": "own", "endpoints": [{"address": own.address[0], "port": own.address[1]}]}],
        "routes": [{"host": "file.test", "service": "web"}, {"host": "own.test", "service": "own"}]}))
    lb = start_lb(f"--docker=unix://{engine.path}", f"--file={file}", "--allow-address=127.0.0.0/8")
    lb.wait_ready(2)
    assert lb.pool()["discovery"]["source"] == "file+docker"
    for name, backend in {"label.test": web, "file.test": web, "own.test": own}.items():
        backend.requests.clear()
        assert get(connect, lb, name) == 200 and len(backend.requests) == 1, name
    assert get(connect, lb, "other.test") == 404
    file.write_text('{"routes":[{"host":"own.test","answer":403}]}')
    wait_for(lambda: get(connect, lb, "own.test") == 403, "the file says so now")
    assert get(connect, lb, "label.test") == 200


def test_labels_lead_to_loopback_no_more_than_without_a_file(engine, start_lb, start_backend, tmp_path):
    backend = start_backend()
    host, port = backend.address
    engine.add(container(A, "one", port=str(port), labels={"lb.address": host, "lb.host": "label.test"}))
    file = tmp_path / "services.json"
    file.write_text(json.dumps({
        "services": [{"name": "own", "endpoints": [{"address": host, "port": port}]}],
        "routes": [{"host": "own.test", "service": "own"}]}))
    lb = start_lb(f"--docker=unix://{engine.path}", f"--file={file}")
    lb.wait_ready(1)
    assert list(lb.states()) == [f"{host}:{port}"]
    assert {left["name"]: left["reason"] for left in lb.pool()["left_out"]} == {"one": "bad_address"}


def test_of_two_with_the_same_id_the_files_counts_and_the_other_is_told(engine, start_lb, tmp_path):
    engine.add(container(A, "one", labels={"lb.host": "label.test"}))
    file = tmp_path / "services.json"
    file.write_text(json.dumps({"services": [{"name": "web", "endpoints": [
        {"address": "10.9.0.77", "port": 80, "id": f"{A}:80", "name": "mine"}]}]}))
    lb = start_lb(f"--docker=unix://{engine.path}", f"--file={file}")
    wait_for(lambda: "mine" in lb.states(), "the file's is there")
    assert {left["name"]: left["reason"] for left in lb.pool()["left_out"]} == {"one": "overruled"}
    told = lb.ask("/explain").body.decode()
    assert "the source file has an endpoint of the same id" in told


def test_a_canary_in_the_file_gets_its_share_of_what_a_label_has(engine, start_lb, start_backend, connect, tmp_path):
    web, canary = start_backend(), start_backend()
    host, port = web.address
    engine.add(container(A, "one", port=str(port), labels={"lb.address": host, "lb.host": "shop.test"}))
    file = tmp_path / "services.json"

    def share(weight):
        file.write_text(json.dumps({
            "services": [{"name": "next", "endpoints": [{"address": canary.address[0], "port": canary.address[1]}]}],
            "routes": [{"host": "shop.test", "shares": [{"service": "next", "weight": weight}]}]}))

    def count(percent):
        web.requests.clear()
        canary.requests.clear()
        assert [get(connect, lb, "shop.test") for _ in range(100)] == [200] * 100
        return abs(len(canary.requests) - percent) <= 1 and len(web.requests) + len(canary.requests) == 100
    share(10)
    lb = start_lb(f"--docker=unix://{engine.path}", f"--file={file}", "--allow-address=127.0.0.0/8")
    lb.wait_ready(2)
    assert count(10)
    share(40)
    wait_for(lambda: count(40), "the file says so now")
    assert "overruled" not in lb.ask("/explain").body.decode()
    engine.containers.pop(A)
    engine.event("destroy", A)
    lb.wait_ready(1)
    assert count(100)
