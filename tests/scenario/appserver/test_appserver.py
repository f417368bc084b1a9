"""What appserver answers on its paths, faults included."""
import socket
import time

import pytest

from appserver_under_test import Appserver, GREETING, curl, get


# ---- the greeting -------------------------------------------------------------------------------

def test_root_is_the_greeting(server):
    answer = server.ask(get("/"))
    assert (answer.status, answer.reason, answer.body) == (200, "OK", GREETING)
    assert answer.fields == {"content-type": "text/plain; charset=utf-8",
                             "content-length": str(len(GREETING))}


def test_root_ignores_the_query_and_takes_absolute_targets(server):
    assert server.ask(get("/?a=b")).body == GREETING
    assert server.ask(get("http://demo/")).body == GREETING
    assert server.ask(get("http://demo")).body == GREETING
    assert server.ask(get("http://demo/healthz?x")).body == b"ok\n"


@pytest.mark.parametrize("flag,env,name", [
    (None, {}, socket.gethostname()),
    (None, {"APPSERVER_NAME": "naïve"}, "naïve"),
    ("flag", {"APPSERVER_NAME": "environment"}, "flag"),
])
def test_name_is_the_hostname_unless_given(flag, env, name):
    with Appserver(name=flag, **env) as server:
        assert server.ask(get("/")).body.decode().endswith(f"from {name}!\n")


def test_head_has_the_same_fields_and_no_body(server):
    for path in "/", "/healthz", "/bytes/1000", "/status/404", "/slow/3/0", "/nowhere":
        with server.client() as client:
            client.send(get(path))
            full = client.answer()
            client.send(get(path, method="HEAD") + get("/"))
            short = client.answer(head_only=True)
            assert short.raw_head == full.raw_head
            assert client.answer().body == GREETING


# ---- faults -------------------------------------------------------------------------------------

def test_delay(server):
    began = time.monotonic()
    assert server.ask(get("/delay/120")).body == b"waited\n"
    assert 0.12 <= time.monotonic() - began < 5


def test_delays_do_not_delay_others(server):
    with server.client() as slow:
        slow.send(get("/delay/5000"))
        began = time.monotonic()
        assert server.ask(get("/")).body == GREETING
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("code", [200, 201, 301, 404, 418, 500, 503, 599])
def test_status(server, code):
    answer = server.ask(get(f"/status/{code}"))
    assert answer.status == code
    assert answer.body.startswith(b"%d " % code)


@pytest.mark.parametrize("code,length", [(204, None), (205, "0"), (304, None)])
def test_status_without_a_body(server, code, length):
    with server.client() as client:
        client.send(get(f"/status/{code}") + get("/"))
        answer = client.answer()
        assert (answer.status, answer.fields.get("content-length")) == (code, length)
        assert client.answer().body == GREETING


@pytest.mark.parametrize("path", ["/status/199", "/status/600", "/status/", "/status/2x0",
                                  "/bytes/", "/bytes/-1", "/bytes/1e9", "/bytes/" + "9" * 20,
                                  "/delay/3600001", "/delay/", "/slow/1", "/slow/1/", "/slow/x/1",
                                  "/slow/1/2/3", "/slow/1000001/1"])
def test_bad_arguments_are_named(server, path):
    answer = server.ask(get(path))
    assert answer.status == 400
    assert path[:path.index("/", 1)].encode() in answer.body


@pytest.mark.parametrize("path", ["/nowhere", "/bytes", "/healthz/", "//", "*"])
def test_unknown_paths(server, path):
    assert server.ask(get(path, method="OPTIONS")).status == 404


def test_drop(server):
    with server.client() as client:
        client.send(get("/drop"))
        assert client.at_end()
    assert curl(server.url("/drop")).returncode == 52  # "empty reply from server"


def test_slow_sends_piece_by_piece(server):
    with server.client() as client:
        began = time.monotonic()
        client.send(get("/slow/4/60"))
        answer = client.answer()
        pieces = [chunk for _, chunk in answer.chunks]
        assert pieces == [b"piece %d of 4\n" % n for n in (1, 2, 3, 4)]
        for n, (when, _) in enumerate(answer.chunks):
            assert when - began >= n * 0.06
        client.send(get("/slow/0/60") + get("/slow/1/5000"))
        assert client.answer().body == b""
        assert client.answer().body == b"piece 1 of 1\n"


def test_health_switches():
    with Appserver() as server:
        assert server.ask(get("/healthz")).body == b"ok\n"
        refused = server.ask(get("/unhealthy"))
        assert (refused.status, refused.fields["allow"]) == (405, "POST")
        assert server.ask(get("/unhealthy", method="POST")).status == 200
        assert server.ask(get("/healthz")).status == 503
        assert server.ask(get("/")).status == 200
        assert server.ask(get("/healthy", method="POST")).status == 200
        assert server.ask(get("/healthz")).status == 200
