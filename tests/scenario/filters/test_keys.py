"""Who comes in and how often: rates, names and passwords by files of Apache's htpasswd, and pages for errors."""

import base64
import os
import shutil
import subprocess

import pytest

from support.discovery import endpoint, route_line
from support.waiting import wait_for

# secret, by htpasswd -bnBC 5, -bn2, -bn5, -bnm, -bns
MADE = {"bcrypt": "$2y$05$MSahOHNDzO2zVjxSCGjaXOv4VksHxD//92bcH4dpZTSDsJN0uRen6",
        "sha256": "$5$Z5tWpEM9FHOwoQFg$U5nnYGClUHZXgwzi4M7rRR2U5UiWHWVLTwvRPWi9PvC",
        "sha512": "$6$.IVWsdu5C1mhYkp2$Ouej76PiRL99tAXhmGiB5ryJJY0bvaZeUG5Tu42/CBAogfvTHK13Erq/"
                  "T9mOOHeNi.Sz4ILwcQOSvq0i/rAeV1",
        "apr1": "$apr1$wy8irF3A$kBnzWQQqs1ljaANMpA4wU0",
        "sha1": "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ="}
FLAGS = {"bcrypt": "-B", "sha256": "-2", "sha512": "-5", "apr1": "-m", "sha1": "-s"}


def by(user, password="secret"):
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture
def site(start_lb, start_backend, discovery):
    """site(*flags, **options): lb with a route for a.test that asks for that, and its backend."""
    def start(*flags, routes=None, script=None, **options):
        backend = start_backend(script) if script else start_backend()
        lb = start_lb("--hold=0", *flags, *discovery.flags)
        options = {key.replace("_", "-"): value for key, value in options.items()}
        discovery.send_line(route_line({"site": [endpoint("one", backend.address)]},
                                       routes or [{"host": "a.test", "service": "site", "options": options}]))
        lb.wait_ready()
        lb.backend = backend
        return lb
    return start


@pytest.fixture
def ask(connect):
    def asking(lb, *fields, host="a.test", method="GET", **options):
        with connect(lb) as client:
            return client.request(method, fields=fields, host=host, **options).read_response(to_head=method == "HEAD")
    return asking


def test_a_rate_holds_and_claims_do_not_evade_it(site, ask):
    lb = site(rate="3/h")
    answers = [ask(lb, f"X-Forwarded-For: 203.0.113.{i}", f"Forwarded: for=203.0.113.{i}") for i in range(5)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[4].get("retry-after") == "1200"
    assert b"Too many requests" in answers[4].body
    assert lb.backend.request_count == 3


def test_a_rate_of_clients_behind_a_trusted_proxy(site, ask):
    lb = site("--trusted-proxies=127.0.0.0/8", "--workers=4", rate="2/h")
    for client in ("203.0.113.1", "2001:db8::1"):
        assert [ask(lb, f"X-Forwarded-For: 9.9.9.{i}, {client}").status for i in range(4)] == [200, 200, 429, 429]
    assert ask(lb, "X-Forwarded-For: 2001:db8:0:0:ffff::9").status == 429  # the same /64


@pytest.mark.parametrize("form", MADE)
def test_all_forms_of_the_tool(site, ask, tmp_path, form):
    (tmp_path / "users").write_text(f"bob:{MADE[form]}\n")
    if shutil.which("htpasswd"):
        subprocess.run(["htpasswd", "-b", FLAGS[form], tmp_path / "users", "eve", "p:ä"], check=True, capture_output=True)
    lb = site(f"--htpasswd-dir={tmp_path}", auth_file="users", auth_realm="The shop")
    assert ask(lb, by("bob")).status == 200
    if shutil.which("htpasswd"):
        assert ask(lb, by("eve", "p:ä")).status == 200
    refused = [ask(lb), ask(lb, by("bob", "guess")), ask(lb, by("nobody")), ask(lb, "Authorization: Basic ?")]
    assert {answer.status for answer in refused} == {401}
    assert {answer.get("www-authenticate") for answer in refused} == {'Basic realm="The shop", charset="UTF-8"'}
    assert lb.backend.request_count == (2 if shutil.which("htpasswd") else 1)


def test_the_backend_learns_the_name_and_not_the_password(site, ask):
    lb = site(auth=f"bob:{MADE['apr1']}", auth_header="X-User")
    assert ask(lb, by("bob"), "X-User: root", "X_User: root", "x.user: root").status == 200
    request = lb.backend.requests[0]
    assert request.get("x-user") == "bob" and request.get("x_user") is request.get("x.user") is None
    assert request.get("authorization") is None


def test_nobody_claims_a_name_behind_a_body(site, connect):
    lb = site(auth=f"bob:{MADE['sha1']}", auth_header="X-User")
    with connect(lb) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n%s\r\n\r\n" % by("bob").encode())
        client.send(b"2\r\nhi\r\n0\r\nX-User: root\r\n\r\n")
        assert client.read_response().status == 200
    request = lb.backend.requests[0]
    assert (request.body, request.get("x-user"), request.trailers) == (b"hi", "bob", [])


def test_files_that_change(site, ask, tmp_path):
    users = tmp_path / "users"
    users.write_text(f"bob:{MADE['sha1']}\n")
    lb = site(f"--htpasswd-dir={tmp_path}", auth_file="users")
    assert ask(lb, by("bob")).status == 200
    new = tmp_path / ".new"
    new.write_text(f"eve:{MADE['sha1']}\n")
    os.rename(new, users)
    wait_for(lambda: ask(lb, by("eve")).status == 200, "eve is let in")
    assert ask(lb, by("bob")).status == 401
    users.write_text("eve:plain\n")
    wait_for(lambda: ask(lb, by("eve")).status == 503, "the route is held")
    lb.wait_message(r'users: line 1 "eve" has a plain password')
    users.unlink()
    users.write_text(f"eve:{MADE['bcrypt']}\n")
    wait_for(lambda: ask(lb, by("eve")).status == 200, "eve is let in again")


def test_a_file_may_not_be_named_outside_and_may_miss(site, ask, tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "versions").mkdir()
    (tmp_path / "inside" / "versions" / "one").write_text(f"bob:{MADE['sha1']}\n")
    routes = [{"host": f"{host}.test", "service": "site", "options": {"auth-file": name}}
              for host, name in (("missing", "nobody"), ("may", "nobody?"))]
    lb = site(f"--htpasswd-dir={tmp_path / 'inside'}", routes=routes)
    assert ask(lb, by("bob"), host="missing.test").status == 503
    assert ask(lb, host="may.test").status == 200
    lb.wait_message("the route for missing.test, names the file nobody, which is not in --htpasswd-dir")
    missing, may = (lb.ask(f"/explain?url=http%3A%2F%2F{host}.test%2F").body.decode() for host in ("missing", "may"))
    assert "answer: 503 from lb itself: the route asks for a name and a password of the file nobody, which is not in --htp" in missing
    assert "answer: from an endpoint of site" in may
    (tmp_path / "inside" / "nobody").mkdir()  # as engines do where a file is mounted that is not there
    wait_for(lambda: ask(lb, host="may.test").status == 503, "the directory is seen")
    (tmp_path / "inside" / "nobody").rmdir()
    (tmp_path / "inside" / "nobody").symlink_to("versions/one")  # as orchestrators do
    wait_for(lambda: ask(lb, host="may.test").status == 401, "the file is seen")
    assert ask(lb, by("bob"), host="missing.test").status == 200


def test_upgrades_and_other_methods(site, ask, connect):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello")
        connection.wait_end()

    lb = site(auth=f"bob:{MADE['sha1']}", script=script)
    upgrade = ["Connection: Upgrade", "Upgrade: x"]
    assert ask(lb, *upgrade).status == 401
    assert ask(lb, method="HEAD").status == 401
    with connect(lb) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000\r\n\r\n0123")
        assert client.read_response().status == 401
    with connect(lb) as client:
        client.request(fields=[*upgrade, by("bob")], host="a.test")
        assert client.read_head().status == 101


def test_a_storm_of_passwords_stops_nobody_else(site, ask, connect):
    slow = MADE["bcrypt"].replace("$05$", "$12$")
    routes = [{"host": "a.test", "service": "site", "options": {"auth": f"bob:{slow}"}},
              {"host": "b.test", "service": "site"}]
    lb = site("--workers=1", routes=routes)
    clients = [connect(lb) for _ in range(100)]
    for i, client in enumerate(clients):
        client.request(fields=[by("bob", f"guess{i}")], host="a.test")
    for _ in range(20):
        assert ask(lb, host="b.test").status == 200
    statuses = [client.read_response().status for client in clients[-20:]]
    assert set(statuses) <= {401, 503} and 503 in statuses


def test_a_storm_of_one_address_lets_others_sign_in(site, connect):
    slow = MADE["bcrypt"].replace("$05$", "$12$")
    routes = [{"host": "a.test", "service": "site", "options": {"auth": f"bob:{slow}"}},
              {"host": "b.test", "service": "site", "options": {"auth": f"eve:{MADE['bcrypt']}"}}]
    lb = site("--workers=1", routes=routes)
    clients = [connect(lb) for _ in range(100)]
    for i, client in enumerate(clients):
        client.request(fields=[by("bob", f"guess{i}")], host="a.test")
    assert clients[-1].read_response().status == 503
    other = connect(lb, source="127.0.0.2")
    assert other.request(fields=[by("eve")], host="b.test").read_response().status == 200
    clients[63].sock.setblocking(False)
    with pytest.raises(BlockingIOError):  # most of them wait yet
        clients[63].sock.recv(1)


def test_pages_of_a_route(site, ask, tmp_path):
    (tmp_path / "shop").mkdir()
    for name, text in {"503.html": "<p>busy", "5xx.html": "<p>broken", "4xx.json": "{}", "note.md": "x"}.items():
        (tmp_path / "shop" / name).write_text(text)
    routes = [{"host": host, "service": service, "options": {"error-pages": folder, **more}}
              for host, service, folder, more in (("down.test", "nobody", "shop", {}), ("shut.test", "site", "shop", {"deny": "127.0.0.0/8"}),
                                                  ("bare.test", "nobody", "other", {}))]
    lb = site(f"--error-pages-dir={tmp_path}", routes=routes)
    down = ask(lb, host="down.test")
    assert (down.status, down.body, down.get("content-type")) == (503, b"<p>busy", "text/html; charset=utf-8")
    assert ask(lb, host="down.test", method="HEAD").get("content-length") == "7"
    assert ask(lb, "Accept: application/json", host="down.test").get("content-type") == "application/json"
    assert ask(lb, "Accept: application/json", host="shut.test").body == b"{}"
    assert ask(lb, host="shut.test").body.startswith(b"403 Forbidden")
    assert ask(lb, host="bare.test").body.startswith(b"503 Service Unavailable")
    (tmp_path / "shop" / "503.html").write_text("<p>back at nine")
    wait_for(lambda: ask(lb, host="down.test").body == b"<p>back at nine", "the page is read again")
