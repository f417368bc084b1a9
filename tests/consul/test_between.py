"""The proxy that spoils answers does what it says: a test of the tests."""
import http.client
import json
import threading

import pytest


def ask(url, path, method="GET", body=None, timeout_s=10):
    connection = http.client.HTTPConnection(url.partition("//")[2], timeout=timeout_s)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.getheader("X-Consul-Index")
    finally:
        connection.close()


def test_what_it_does_to_answers(shared_agent, between):
    made = between(shared_agent)
    status, _, _ = ask(made.url, "/v1/agent/service/register", "PUT", json.dumps({"ID": "x", "Name": "spoilt", "Port": 1}))
    assert status == 200
    status, body, index = ask(made.url, "/v1/health/service/spoilt")
    assert (status, json.loads(body)[0]["Service"]["ID"]) == (200, "x") and int(index) > 0
    made.turn("empty")
    assert ask(made.url, "/v1/health/service/spoilt")[:2] == (200, b"[]")
    assert ask(made.url, "/v1/catalog/services")[:2] == (200, b"{}")
    for status in (429, 403, 500):
        made.turn(str(status))
        assert ask(made.url, "/v1/health/service/spoilt")[0] == status
    for does in ("cut", "close", "not http"):
        made.turn(does)
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(made.url, "/v1/health/service/spoilt")
        assert made.count(does) == 1


def test_who_waits_is_broken_off(shared_agent, between):
    made = between(shared_agent)
    index = ask(made.url, "/v1/catalog/services")[2]
    threading.Timer(0.3, made.break_off).start()
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(made.url, f"/v1/catalog/services?index={index}&wait=30s", timeout_s=20)
