"""Certificates that are wished for, by whichever word, as a line of lb-discovery tells them (A1 to A3, T26, lb.tls)."""

import json

import pytest

from support.program import run

ROUTER = {"traefik.http.routers.r.rule": "Host(`a.test`) || Host(`b.test`)",
          "traefik.http.routers.r.tls.certresolver": "le"}
WORDS = {
    "A1 one for all": ({}, ["VIRTUAL_HOST=a.test", "LETSENCRYPT_HOST=b.test,a.test,"], [("b.test,a.test", "")]),
    "A2 one for each": ({}, ["VIRTUAL_HOST=a.test", "ACME_HOST=b.test,a.test", "ACME_SINGLE_DOMAIN_CERTS=true"],
                        [("a.test", ""), ("b.test", "")]),
    "A3 mail": ({}, ["VIRTUAL_HOST=a.test", "ACME_HOST=a.test", "ACME_EMAIL=x@a.test"], [("a.test", "x@a.test")]),
    "T26": (ROUTER, [], [("a.test,b.test", "")]),
    "lb": ({"lb.host": "a.test", "lb.tls": "auto"}, [], [("a.test", "")]),
    "lb, with a name": ({"lb.x.host": "a.test", "lb.x.tls": "auto"}, [], [("a.test", "")]),
    "lb, for others": ({"lb.tls": "auto"}, ["VIRTUAL_HOST=a.test"], [("a.test", "")]),
}


def ask(*flags):
    done = run("lb-discovery", *flags, "--once", env={"LB_CONTAINER_ID": "none"})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", WORDS)
def test_containers(name, sites):
    labels, env, expected = WORDS[name]
    sites.add(labels, env, name="shop")
    told = ask(sites.flag)["certificates"]
    assert [(",".join(wish["names"]), wish.get("email", "")) for wish in told] == expected
    assert {wish["container_name"] for wish in told} == {"shop"}


def test_nobody_wishes_for_any(sites):
    sites.add({"lb.host": "a.test"})
    assert "certificates" not in ask(sites.flag)


def test_each_name_is_in_one(sites, tmp_path):
    """The file's come first."""
    path = tmp_path / "services.json"
    path.write_text('{"certificates":[{"names":["b.test"]}]}', encoding="utf-8")
    sites.add({"lb.host": "a.test,b.test", "lb.tls": "auto"})
    sites.add({"lb.host": "a.test", "lb.tls": "auto"})
    told = ask(f"--file={path}", sites.flag)["certificates"]
    assert [(wish["names"], wish["dialect"]) for wish in told] == [(["a.test"], "lb"), (["b.test"], "file")]
