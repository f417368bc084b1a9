"""A port that speaks HTTP/2, by whichever word: understood, refused with a sentence, and never sent HTTP/1.1. Servers by
https: dialects_tls."""

import json

import pytest
from fake_docker import FakeDocker, container

from support.program import run
from support.waiting import wait_for

ID = "c" * 64
WORDS = {
    "lb": ({"lb.host": "a.test", "lb.protocol": "h2c"}, []),
    "lb, with a name": ({"lb.x.host": "a.test", "lb.x.protocol": "h2c"}, []),
    "lb, beside nginx-proxy": ({"lb.protocol": "h2c"}, ["VIRTUAL_HOST=a.test"]),
    "nginx-proxy": ({}, ["VIRTUAL_HOST=a.test", "VIRTUAL_PROTO=grpc"]),
    "traefik": ({"traefik.http.routers.r.rule": "Host(`a.test`)",
                 "traefik.http.services.s.loadbalancer.server.scheme": "h2c"}, []),
}


def check_refused(lb, backend, connect):
    wait_for(lambda: lb.pool()["left_out"], "it is left out")
    left, = lb.pool()["left_out"]
    assert (left["name"], left["reason"]) == ("grpc", "other_protocol")
    assert left["detail"] == "it is offered as h2c, and lb does not speak HTTP/2 to its servers yet"
    with connect(lb) as client:
        assert client.get("/", host="a.test").status == 503
    said = run("lb", "explain", "grpc", "--admin=%s:%d" % lb.admin).stdout
    assert "does not speak HTTP/2 to its servers yet. lb speaks HTTP/1.1 to its servers, by TLS or without: offer a port" in said
    said = run("lb", "explain", "http://a.test/", "--admin=%s:%d" % lb.admin).stdout
    assert "does not speak HTTP/2" in said or "other_protocol" in said, said
    lb.wait_message("discovery: passed over: .*grpc: it is offered as h2c, and lb does not speak HTTP/2")
    assert not backend.requests and not backend.connections


@pytest.mark.parametrize("name", WORDS)
def test_containers(name, tmp_path, start_lb, start_backend, connect):
    labels, env = WORDS[name]
    backend = start_backend()
    with FakeDocker(tmp_path / "docker.sock") as engine:
        made = container(ID, "grpc", ip=backend.address[0])
        made["Config"].update(Labels=labels, Env=env, ExposedPorts={f"{backend.address[1]}/tcp": {}})
        engine.add(made)
        lb = start_lb("--docker=unix://" + engine.path, "--allow-address=127.0.0.0/8",
                      env={"LB_CONTAINER_ID": "none"}, is_ready=False)
        check_refused(lb, backend, connect)


def test_files(tmp_path, start_lb, start_backend, connect):
    backend = start_backend()
    path = tmp_path / "services.json"
    path.write_text(json.dumps({
        "services": [{"name": "s", "endpoints": [{"address": backend.address[0], "port": backend.address[1],
                                                  "name": "grpc", "protocol": "h2c"}]}],
        "routes": [{"host": "a.test", "service": "s"}]}))
    check_refused(start_lb(f"--file={path}", is_ready=False), backend, connect)
