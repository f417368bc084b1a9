"""Who is told what by the admin listener: not pages of other sites, not names that lead here by somebody
else's word, not what a proxy passes on; and what lb-discovery inherits."""

import json
import os
import pathlib

import pytest

from support.discovery import endpoint
from support.program import run

PAGES = ["/", "/pool", "/config", "/metrics", "/events", "/explain", "/explain/x"]


@pytest.fixture(name="lb")
def make_lb(start_lb, start_backend):
    return start_lb("--workers=1", backends=[start_backend()])


def status(lb, path, host="localhost", fields=(), method="GET"):
    """Of the head alone: /events goes on."""
    answer = lb.ask(path, "HEAD" if method == "GET" else method, fields, host)
    return answer.status


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8001", "127.0.0.1.evil.example",
                                  "localhost.evil.example", "lb.evil.example", "localhost."])
def test_no_page_is_told_under_a_name_that_can_be_anybodys(host, lb):
    assert {path: status(lb, path, host) for path in PAGES} == dict.fromkeys(PAGES, 403)
    assert json.loads(lb.ask("/config", host=host).body)["error"] == "foreign_host"
    assert [status(lb, path, host) for path in ("/healthz", "/readyz")] == [200, 200]


@pytest.mark.parametrize("host", ["localhost", "localhost:8001", "127.0.0.1:8001", "[::1]:8001", "10.1.2.3",
                                  "lb", "lb:8001", "my_lb-1:8001"])
def test_pages_are_told_under_addresses_and_local_names(host, lb):
    for path in ("/", "/pool", "/config", "/metrics", "/events", "/explain"):
        assert status(lb, path, host) == 200


def test_orders_are_not_taken_under_local_names(lb):
    assert status(lb, "/log-level?value=info", "lb:8001", method="POST") == 403
    assert status(lb, "/log-level?value=info", "localhost", method="POST") == 200


def test_a_name_of_the_operators_is_good_for_all(start_lb, start_backend):
    lb = start_lb("--workers=1", "--admin-host=lb.internal", backends=[start_backend()])
    assert status(lb, "/pool", "LB.internal:8001") == 200
    assert status(lb, "/log-level?value=info", "lb.internal", method="POST") == 200
    assert status(lb, "/pool", "xlb.internal") == 403


@pytest.mark.parametrize("site, wanted", [("cross-site", 403), ("same-site", 403), ("whatever", 403),
                                          ("same-origin", 200), ("none", 200)])
def test_fetches_of_other_sites_are_refused(site, wanted, lb):
    fields = [f"Sec-Fetch-Site: {site}", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"]
    for path in ("/", "/pool", "/config", "/metrics", "/events"):
        assert status(lb, path, fields=fields) == wanted
    assert status(lb, "/log-level?value=info", fields=fields, method="POST") == wanted
    assert status(lb, "/healthz", fields=fields) == 200


def test_a_link_may_be_followed_but_no_form_sent_and_no_frame_filled(lb):
    link = ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"]
    frame = [*link[:2], "Sec-Fetch-Dest: iframe"]
    assert status(lb, "/", fields=link) == 200
    assert status(lb, "/", fields=frame) == 403
    assert status(lb, "/log-level?value=info", fields=link, method="POST") == 403


SIGNS = ["Via: 1.1 lb", "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: http", "x-forwarded-anything: 1",
         "Forwarded: for=1.2.3.4", "X-Real-IP: 1.2.3.4"]


@pytest.mark.parametrize("sign", SIGNS)
def test_what_came_through_a_proxy_is_refused(sign, lb, start_lb, start_backend):
    answer = lb.ask("/pool", fields=[sign], host="localhost")
    assert answer.status == 403 and "--admin-behind-proxy" in json.loads(answer.body)["message"]
    assert status(lb, "/log-level?value=info", fields=[sign], method="POST") == 403
    assert status(lb, "/healthz", fields=[sign]) == 200
    if sign == SIGNS[0]:
        behind = start_lb("--workers=1", "--admin-behind-proxy", backends=[start_backend()])
        assert [status(behind, "/pool", fields=[each]) for each in SIGNS] == [200] * len(SIGNS)


def test_no_order_reaches_the_admin_listener_through_the_public_one(lb, start_lb, connect):
    """As a label could have it: the pool's endpoint is an admin listener."""
    front = start_lb("--workers=1", backends=[lb.admin])
    for method, path in (("POST", "/log-level?value=debug"), ("GET", "/config"), ("GET", "/")):
        assert connect(front).request(method, path, host="localhost").read_response().status == 403


def test_open_for_reading_takes_orders_only_from_here(start_lb, start_backend, tmp_path):
    lb = start_lb("--workers=1", "--admin=0.0.0.0:0", "--admin-open=read", backends=[start_backend()])
    assert status(lb, "/pool") == 200
    assert status(lb, "/log-level?value=info", "127.0.0.1", method="POST") == 200
    assert run("lb", "ctl", "log-level", "info", "--admin=0.0.0.0:%d" % lb.admin[1]).returncode == 0


# ---- secrets -------------------------------------------------------------------------------------

TOKEN = "0123456789abcdef-secret"


def test_discovery_inherits_only_what_it_reads(start_lb, discovery, start_backend):
    lb = start_lb("--workers=1", *discovery.flags, env={
        "LB_ADMIN_TOKEN": TOKEN, "AWS_SECRET_ACCESS_KEY": TOKEN, "DOCKER_CERT_PATH": "/x",
        "LB_CONTAINER_ID": "none", "LB_SERVICE": "appserver", "https_proxy": "http://p"})
    discovery.send(endpoint("a", start_backend().address))
    discovery.pid()
    names = {entry.partition(b"=")[0].decode() for entry in
             pathlib.Path(f"/proc/{discovery.pid()}/environ").read_bytes().split(b"\0") if entry}
    assert {"DOCKER_CERT_PATH", "LB_CONTAINER_ID", "https_proxy", "LB_DISCOVERY_PARENT", "PATH"} <= names
    assert not {"LB_ADMIN_TOKEN", "AWS_SECRET_ACCESS_KEY", "LB_SERVICE"} & names
    assert lb.ask("/pool", fields=[f"Authorization: Bearer {TOKEN}"]).status == 200


@pytest.mark.parametrize("mode, is_warned", [(0o644, True), (0o640, True), (0o604, True), (0o600, False),
                                             (0o400, False)])
def test_a_token_file_that_others_can_read_is_warned_about(mode, is_warned, start_lb, start_backend, tmp_path):
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    os.chmod(path, mode)
    lb = start_lb(f"--admin-token-file={path}", backends=[start_backend()], is_ready=False)
    assert bool(lb.find_message(r"others than its owner may read .*token; chmod 600")) == is_warned
