"""Routes of a file, with the real lb-discovery: which service gets a request."""

import json
import os

import pytest

from support.waiting import wait_for


@pytest.fixture
def file_of(tmp_path):
    """Writes services and routes; gives the path."""
    path = tmp_path / "services.json"

    def write(backends, routes):
        services = [{"name": name, "endpoints": [{"address": "127.0.0.1", "port": backend.address[1]}]
                     if backend else []} for name, backend in backends.items()]
        new = tmp_path / "new"
        new.write_text(json.dumps({"services": services, "routes": routes}))
        os.rename(new, path)
        return path

    return write


def test_hosts_paths_and_strip_as_the_file_says(start_lb, start_backend, connect, file_of):
    backends = {"shop": start_backend(), "blog": start_backend(), "empty": None}
    routes = [{"host": ["shop.test", "www.shop.test"], "path": "/api", "strip": True, "service": "shop"},
              {"host": "*.blog.test", "not": {"method": "POST"}, "service": "blog"},
              {"host": "empty.test", "service": "empty"}, {"host": "nowhere.test", "service": "nobody"},
              {"host": "old.test", "answer": 404}, {"host": "typo.test", "clinet": "10.0.0.0/8", "service": "shop"}]
    lb = start_lb("--hold=0", "--file", file_of(backends, routes))
    lb.wait_ready(2)

    def ask(host, target="/", method="GET"):
        for backend in filter(None, backends.values()):
            backend.requests.clear()
        with connect(lb) as client:
            response = client.request(method, target, host=host).read_response()
        asked = [(name, request.target) for name, backend in backends.items() if backend for request in backend.requests]
        return response.status, *asked

    assert ask("shop.test", "/api/x") == (200, ("shop", "/x"))
    assert ask("www.shop.test", "/api/y") == (200, ("shop", "/y"))
    assert ask("a.blog.test", "/z") == (200, ("blog", "/z"))
    assert ask("a.blog.test", "/z", "POST") == (404,)
    for host, status in {"empty.test": 503, "nowhere.test": 503, "old.test": 404, "typo.test": 503, "x.test": 404}.items():
        assert ask(host) == (status,), host
    file_of(backends, [{"host": "shop.test", "service": "blog"}])
    wait_for(lambda: ask("shop.test", "/api/x") == (200, ("blog", "/api/x")), "the new route")
