"""/metrics of appserver: what it served, by its own count."""
import re
import shutil
import subprocess
import time

import pytest

from appserver_under_test import Appserver, get, wait_until


def page_of(server):
    answer = server.ask(get("/metrics"))
    assert answer.status == 200
    assert answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return answer.body.decode()


def numbers(server):
    return {name: float(value) for name, value in re.findall(r"^(\w+\S*) (\S+)$", page_of(server), re.MULTILINE)}


def requests(server, code):
    return numbers(server).get(f'appserver_requests_total{{code="{code}"}}', 0)


@pytest.mark.parametrize("flags", [[], ["--no-log"]])
def test_what_was_served(flags):
    before = time.time()
    with Appserver(*flags) as server:
        assert requests(server, 200) == 0  # a request counts when it is over
        for path in ("/bytes/1000", "/status/404", "/status/404", "/raise", "/status/599", "/status/200"):
            server.ask(get(path))
        with server.client() as client:
            client.send(get("/drop"))
            assert client.at_end()
        with server.client() as client:
            client.send(get("/bytes/500", method="HEAD"))
            client.answer(head_only=True)
            found = numbers(server)
            assert found["appserver_connections"] == 2
        codes = {code: found[f'appserver_requests_total{{code="{code}"}}'] for code in ("none", "200", "404", "500", "599")}
        assert codes == {"none": 1, "200": 4, "404": 2, "500": 1, "599": 1}
        assert before - 1 < found["process_start_time_seconds"] < time.time() + 1


def test_bytes_of_bodies():
    with Appserver() as server:
        server.ask(get("/bytes/100000"))
        first = numbers(server)["appserver_response_bytes_total"]
        assert first == 100000
        server.ask(get("/bytes/50", method="HEAD"), head_only=True)
        second = numbers(server)["appserver_response_bytes_total"]
        assert 0 < second - first < 2000  # its own page alone


def test_the_tunnel_counts_when_it_ends():
    with Appserver() as server:
        with server.client() as client:
            client.send(get("/ws", "Connection: Upgrade", "Upgrade: echo"))
            assert client.answer().status == 101
            assert requests(server, 101) == 0
        wait_until(lambda: requests(server, 101) == 1, "it is counted")


def test_it_is_logged_as_any_other_request():
    with Appserver() as server:
        page_of(server)
        assert server.log_line("/metrics")["status"] == 200


def test_promtool_has_no_complaint():
    if not shutil.which("promtool"):
        pytest.skip("promtool (prometheus) is not installed")
    with Appserver() as server:
        server.ask(get("/status/404"))
        done = subprocess.run(["promtool", "check", "metrics"], input=page_of(server), text=True, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
