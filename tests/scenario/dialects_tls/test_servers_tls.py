"""Servers by https, by whichever word: they get TLS, are believed or verified as their dialect has it, and never get plain
HTTP (N95, T45, F8)."""

import pytest

from support.waiting import wait_for

TRAEFIK = {"traefik.http.routers.r.rule": "Host(`c.test`)",
           "traefik.http.services.s.loadbalancer.server.scheme": "https"}
FABIO = "SERVICE_TAGS=urlprefix-c.test/ proto=https"
BELIEVED = {
    "lb": ({"lb.host": "c.test", "lb.protocol": "https"}, []),
    "lb, with a name": ({"lb.x.host": "c.test", "lb.x.protocol": "https"}, []),
    "lb, beside nginx-proxy": ({"lb.protocol": "https", "lb.upstream.verify": "off"}, ["VIRTUAL_HOST=c.test"]),
    "N95 nginx-proxy": ({}, ["VIRTUAL_HOST=c.test", "VIRTUAL_PROTO=https"]),
    "F8 fabio, tlsskipverify": ({}, [FABIO + " tlsskipverify=true"]),
    "T45 Traefik, that lb is not to verify": ({**TRAEFIK, "lb.backend-verify": "no"}, []),
}
VERIFIED = {
    "T45 Traefik": (TRAEFIK, []),
    "F8 fabio": ({}, [FABIO]),
    "N95 nginx-proxy, that lb is to verify": ({"lb.backend-verify": "yes"},
                                              ["VIRTUAL_HOST=c.test", "VIRTUAL_PROTO=https"]),
    "lb": ({"lb.host": "c.test", "lb.protocol": "https", "lb.backend-verify": "yes"}, []),
}


@pytest.mark.parametrize("name", BELIEVED)
def test_believed(name, sites, papers):
    labels, env = BELIEVED[name]
    backend = sites.add(labels, env, papers["own"])
    sites.start()
    assert sites.http("c.test").status == 200
    assert backend.good() and not backend.bad()


@pytest.mark.parametrize("name", VERIFIED)
def test_verified(name, sites, papers):
    labels, env = VERIFIED[name]
    backend = sites.add(labels, env, papers["own"])
    sites.start(ready=0)
    wait_for(backend.bad, "lb does not believe it")
    assert sites.http("c.test").status == 503 and not backend.requests


def test_verified_by_a_ca(sites, papers, ca, tmp_path):
    folder = tmp_path / "trusted"
    folder.mkdir()
    (folder / "ca.pem").write_text(ca.certificate.read_text(encoding="utf-8"), encoding="utf-8")
    backend = sites.add({**TRAEFIK, "lb.backend-ca": "ca.pem", "lb.backend-name": "a.test"}, (), papers["good"])
    sites.start(f"--backend-certificates={folder}")
    assert sites.http("c.test").status == 200
    assert {seen.server_name for seen in backend.good()} == {"a.test"}


def test_files(start_lb, sites, papers, connect, tmp_path):
    backend = sites.add({}, (), papers["own"])
    path = tmp_path / "services.json"
    path.write_text("""{"services":[{"name":"s","protocol":"https","endpoints":[{"address":"%s","port":%d}]}],
                        "routes":[{"host":"c.test","service":"s"}]}""" % backend.address, encoding="utf-8")
    lb = start_lb(f"--file={path}", is_ready=False).wait_ready(1)
    with connect(lb) as client:
        assert client.get("/", host="c.test").status == 200
    assert backend.good()
