"""Rows of the tables of dialects whose outcome is a request or an answer on the wire, from the words of containers
through lb-discovery and lb. Each test is called as its row is. Where lb does otherwise on purpose it is said."""

import base64
import hashlib

import pytest
from fake_docker import FakeDocker, container

from support.waiting import wait_for

IDS = [f"{number:064x}" for number in range(20)]


class Sites:
    """A world of containers, each with a backend of its own."""

    def __init__(self, engine, start_lb, start_backend, connect):
        self.engine, self.start_lb, self.start_backend, self.connect = engine, start_lb, start_backend, connect
        self.backends = {}
        self.lb = None

    def add(self, name, env=(), labels=None):
        backend = self.backends[name] = self.start_backend()
        made = container(IDS[len(self.backends)], name, ip=backend.address[0])
        made["Config"].update(Labels=labels or {}, Env=list(env), Image="image",
                              ExposedPorts={f"{backend.address[1]}/tcp": {}})
        return self.engine.add(made)

    def start(self, *flags, ready=None, env=()):
        self.lb = self.start_lb("--docker=unix://" + self.engine.path, "--allow-address=127.0.0.0/8", *flags,
                                env={"LB_CONTAINER_ID": "none", **dict(env)}, is_ready=ready != 0)
        if ready != 0:
            self.lb.wait_ready(ready or len(self.backends))
        return self

    def plug_in(self, name, env):
        self.engine.wait_stream()
        made = self.add(name, env)
        self.engine.event("start", made["Id"])
        return made

    def ask(self, host, target="/", method="GET", **options):
        """The status, who was asked, and with what."""
        for backend in self.backends.values():
            backend.requests.clear()
        with self.connect(self.lb) as client:
            response = client.request(method, target, host=host, **options).read_response(method == "HEAD")
        asked = [(name, request) for name, backend in self.backends.items() for request in backend.requests
                 if request.target != "/health"]
        assert len(asked) <= 1
        return response.status, *(asked[0] if asked else (None, None))

    def status(self, *args, **options):
        return self.ask(*args, **options)[0]


@pytest.fixture
def sites(tmp_path, start_lb, start_backend, connect):
    with FakeDocker(tmp_path / "docker.sock") as engine:
        yield Sites(engine, start_lb, start_backend, connect)


# ---- nginx-proxy ---------------------------------------------------------------------------------


def test_n11_without_a_host(sites):
    sites.add("a", ["VIRTUAL_HOST=a.test"])
    sites.start()
    assert sites.status(None) == 400
    assert sites.ask(None, version="1.0")[:2] == (404, None)


def test_n11_without_a_host_and_with_a_default_one(sites):
    sites.add("a", ["VIRTUAL_HOST=a.test"])
    sites.add("b", ["VIRTUAL_HOST=b.test"])
    sites.start(env={"DEFAULT_HOST": "b.test"})
    assert sites.status(None) == 400
    assert sites.ask(None, version="1.0")[:2] == (200, "b")


@pytest.mark.parametrize("words", [None, ["VIRTUAL_HOST="]])
def test_n17_no_site_at_all(sites, words):
    """It answers, and refuses no connection."""
    if words:
        sites.add("none", words)
    sites.start("--default-route=503", ready=0)
    wait_for(lambda: sites.lb.pool()["discovery"].get("lines", 0) > 0, "the engine has told what there is")
    assert sites.ask("a.test")[:2] == (503, None)


def sent_on(sites, path, dest, targets):
    """What the backend gets for each of these, or the place to which lb sends the client."""
    sites.add("a", ["VIRTUAL_HOST=a.test", f"VIRTUAL_PATH={path}"] + ([f"VIRTUAL_DEST={dest}"] if dest else []))
    sites.start()
    got = {}
    for target in targets:
        status, _, request = sites.ask("a.test", target)
        got[target] = request.target if request else status
    return got


@pytest.mark.parametrize("path, dest, rows", [
    pytest.param("/app", None, {"/app": "/app", "/app/x": "/app/x", "/apple": "/apple", "/app?x=1": "/app?x=1"}, id="n40"),
    pytest.param("/app/", "/", {"/app/x": "/x", "/app": 404}, id="n41"),
    # nginx sends //x on; the bare prefix is found with a slash
    pytest.param("/strip", "/", {"/strip": 308, "/strip/x": "/x", "/stripx": "/x"}, id="n42"),
    pytest.param("/re/", "/base", {"/re/x": "/base/x"}, id="n43"),  # nginx sends /basex on
    pytest.param("/re2/", "/base/", {"/re2/x": "/base/x"}, id="n44"),
    pytest.param("~^/(r1|r2)/", None, {"/r1/x": "/r1/x", "/r3/x": 404}, id="n45"),
    pytest.param("/web1", None, {"/foo": 404, "/web1": "/web1"}, id="n48"),
    pytest.param("/app", None, {"/APP": 404}, id="n50"),
])
def test_paths_and_what_is_sent_on(sites, path, dest, rows):
    assert sent_on(sites, path, dest, rows) == rows


def test_n46_what_is_sent_on_behind_a_dest(sites):
    """nginx decodes, merges and encodes anew; lb puts the beginning in the place of the other, and leaves the rest
    as it came: an escaped slash ends no segment."""
    sites.add("a", ["VIRTUAL_HOST=a.test", "VIRTUAL_PATH=/app/", "VIRTUAL_DEST=/"])
    sites.start()
    rows = {"/app/a%2Fb": "/a%2Fb", "/app//a": "//a", "/app/a%20b?q=%2F": "/a%20b?q=%2F", "/app/": "/",
            "/app/x/../y": "/y"}
    for target, wanted in rows.items():
        status, name, request = sites.ask("a.test", target)
        assert (status, name, request.target) == (200, "a", wanted)


def test_n13_default_host(sites):
    sites.add("a", ["VIRTUAL_HOST=a.test"])
    sites.add("b", ["VIRTUAL_HOST=b.test"])
    sites.start(env={"DEFAULT_HOST": "b.test"})
    assert (sites.ask("x.test")[1], sites.ask("a.test")[1], sites.ask("b.test")[1]) == ("b", "a", "b")


def test_n47_paths_that_leave_their_location(sites):
    sites.add("a", ["VIRTUAL_HOST=a.test", "VIRTUAL_PATH=/app"])
    sites.start()
    assert sites.status("a.test", "/app/%2e%2e/y") == sites.status("a.test", "/app/../q") == 404
    assert sites.status("a.test", "/x/../app") == 200


def test_n49_hot_plug(sites, clock):
    """What is removed is missed for a while (a compose file that is brought up again), and then is not there."""
    sites.add("web", ["VIRTUAL_HOST=a.test", "VIRTUAL_PATH=/web1/", "VIRTUAL_DEST=/"])
    sites.start("--hold=0", env=clock.env)
    assert sites.status("a.test", "/web4/port") == 404
    plugged = sites.plug_in("late", ["VIRTUAL_HOST=a.test", "VIRTUAL_PATH=/web4/", "VIRTUAL_DEST=/"])
    sites.lb.wait_ready(2)
    status, name, request = sites.ask("a.test", "/web4/port")
    assert (status, name, request.target) == (200, "late", "/port")
    del sites.engine.containers[plugged["Id"]]
    sites.engine.event("destroy", plugged["Id"])
    wait_for(lambda: sites.status("a.test", "/web4/port") == 503, "it is missed")
    assert sites.ask("a.test", "/web1/x")[:2] == (200, "web")
    clock.run_on(sites.lb, 31)
    wait_for(lambda: sites.status("a.test", "/web4/port") == 404, "it is not there")
    assert sites.ask("a.test", "/web1/x")[:2] == (200, "web")


CLAIMS = ["X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: f00", "X-Forwarded-Host: other", "X-Forwarded-Port: 99",
          "X-Forwarded-Ssl: f00", "X-Real-IP: 6.6.6.6", "Proxy: evil"]


def test_n98_what_the_backend_is_told(sites):
    """nginx-proxy believes everybody; lb believes whom it is told to, and of a scheme only what is one. There is no
    X-Original-URI, and no X-Forwarded-Ssl."""
    sites.add("a", ["VIRTUAL_HOST=a.test"])
    sites.start("--trusted-proxies=127.0.0.1")
    _, _, request = sites.ask("a.test:8080", fields=["X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: https",
                                                     "X-Forwarded-Host: other", "Proxy: evil"])
    assert request.get("Host") == "a.test:8080"
    assert request.get("X-Forwarded-For") == "1.2.3.4, 127.0.0.1"
    assert (request.get("X-Forwarded-Proto"), request.get("X-Forwarded-Host")) == ("https", "other")
    assert request.get("Proxy") is None
    _, _, request = sites.ask("a.test", fields=["X-Forwarded-Proto: f00"])
    assert request.head.all("X-Forwarded-Proto") != ["f00", "http"]


def test_n99_nobody_is_believed(sites):
    sites.add("a", ["VIRTUAL_HOST=a.test"])
    sites.start()
    _, _, request = sites.ask("a.test", fields=CLAIMS)
    got = {name: request.head.all(name) for name in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
                                                "X-Forwarded-Port", "X-Real-IP", "X-Forwarded-Ssl", "Proxy")}
    assert got == {"X-Forwarded-For": ["127.0.0.1"], "X-Forwarded-Proto": ["http"], "X-Forwarded-Host": ["a.test"],
                   "X-Forwarded-Port": ["80"], "X-Real-IP": ["127.0.0.1"], "X-Forwarded-Ssl": [], "Proxy": []}


def test_n100_upgrade(sites):
    sites.add("a", ["VIRTUAL_HOST=a.test"])
    sites.start()
    _, _, request = sites.ask("a.test", fields=["Connection: Upgrade", "Upgrade: x"])
    assert (request.get("Connection").lower(), request.get("Upgrade")) == ("upgrade", "x")
    _, _, request = sites.ask("a.test")
    assert (request.get("Connection"), request.get("Upgrade")) == (None, None)


APR1 = "$apr1$wy8irF3A$kBnzWQQqs1ljaANMpA4wU0"  # secret


def by(user, password="secret"):
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_n102_htpasswd_files(sites, tmp_path):
    """Beside the proxy, by the name of the host, or of it and the path's hash; who has none is open to all."""
    users = tmp_path / "users"
    users.mkdir()
    (users / "a.test").write_text(f"bob:{APR1}\n")
    (users / f"b.test_{hashlib.sha1(b'/in').hexdigest()}").write_text(f"eve:{APR1}\n")
    (users / hashlib.sha1(b"~^c.*$").hexdigest()).write_text(f"zoe:{APR1}\n")
    sites.add("a", ["VIRTUAL_HOST=a.test"])
    sites.add("b", ["VIRTUAL_HOST=b.test", "VIRTUAL_PATH=/in"])
    sites.add("c", ["VIRTUAL_HOST=~^c.*$"])
    sites.add("d", ["VIRTUAL_HOST=d.test"])
    sites.start(f"--htpasswd-dir={users}")
    assert sites.status("d.test") == 200
    for host, target, user in ("a.test", "/", "bob"), ("b.test", "/in", "eve"), ("c.test", "/", "zoe"):
        with sites.connect(sites.lb) as client:
            answer = client.get(target, host=host)
        assert answer.status == 401
        if host != "c.test":
            assert answer.get("WWW-Authenticate").startswith(f'Basic realm="Restricted {host}"')
        assert sites.status(host, target, fields=[by("other")]) == 401
        status, _, request = sites.ask(host, target, fields=[by(user)])
        assert status == 200 and request.get("Authorization") == by(user)[15:]
    (users / "d.test").write_text(f"dan:{APR1}\n")
    wait_for(lambda: sites.status("d.test") == 401, "the new file is seen")
    assert sites.status("d.test", fields=[by("dan")]) == 200


def test_n102_without_a_directory_there_are_no_files(sites):
    sites.add("a", ["VIRTUAL_HOST=a.test"])
    sites.start()
    assert sites.status("a.test") == 200


def test_n104_bodies_of_more_than_a_megabyte(sites):
    """nginx answers 413; lb has no such limit unless it is set."""
    sites.add("a", ["VIRTUAL_HOST=a.test"])
    sites.start()
    assert sites.status("a.test", method="POST", body=bytes(1_500_000)) == 200


def test_n106_proxy_protocol_is_not_known(sites):
    """A line of it is no request; nobody is believed by it."""
    sites.add("a", ["VIRTUAL_HOST=a.test"])
    sites.start()
    with sites.connect(sites.lb) as client:
        client.send(b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\nGET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        assert client.read_response().status == 400
    assert not sites.backends["a"].requests


def test_n30_no_shared_network(sites):
    """The host is known: 503 with Retry-After, and the others are served."""
    sites.add("a", ["VIRTUAL_HOST=a.test"])
    lost = sites.add("lost", ["VIRTUAL_HOST=lost.test"])
    lost["NetworkSettings"]["Networks"] = {"none": {"NetworkID": "c" * 64, "IPAddress": ""}}
    sites.start("--hold=0", ready=1)
    assert sites.ask("lost.test")[:2] == (503, None)
    assert sites.ask("a.test")[:2] == (200, "a")


# ---- Traefik -------------------------------------------------------------------------------------


def traefik(rule, **more):
    return {"traefik.http.routers.r.rule": rule, **more}


def test_t27_paths_before_routing(sites):
    """Dot segments are removed; an escaped slash is none; "//" stays, as RFC 3986 has it."""
    sites.add("a", labels=traefik("Host(`a.test`) && PathPrefix(`/x`)"))
    sites.start()
    rows = {"/x/./y": "/x/y", "/x/z/../y": "/x/y", "/q/../x": "/x", "/x/a%2Fb": "/x/a%2Fb", "/x//y": "/x//y"}
    for target, wanted in rows.items():
        status, _, request = sites.ask("a.test", target)
        assert (status, request.target) == (200, wanted)
    assert sites.status("a.test", "/x/../y") == sites.status("a.test", "//x") == 404


def test_t50_constraints_are_not_known(sites):
    """They are a setting of Traefik's; who is to be left out has a label that says so."""
    for name, labels in {"prod": {"env": "prod"}, "dev": {"env": "dev"}, "off": {"traefik.enable": "false"}}.items():
        sites.add(name, labels={f"traefik.http.routers.{name}.rule": f"Host(`{name}.test`)", **labels})
    sites.start("--default-route=404", ready=2)
    assert [sites.status(f"{name}.test") for name in ("prod", "dev", "off")] == [200, 200, 404]


@pytest.mark.parametrize("flags, wanted", [(["--panic-unhealthy=off"], (503, None)), ([], (200, "a"))])
def test_t51_unhealthy(sites, flags, wanted):
    """Without another server it is asked all the same, unless that is forbidden; nobody else gets its requests."""
    made = sites.add("a", labels=traefik("Host(`a.test`)"))
    made["State"]["Health"] = {"Status": "unhealthy", "FailingStreak": 3}
    sites.add("b", labels={"traefik.http.routers.b.rule": "Path(`/`)"})
    sites.start("--hold=0", *flags, ready=1)
    assert sites.ask("a.test")[:2] == wanted
    assert sites.ask("other.test")[:2] == (200, "b")


@pytest.mark.parametrize("labels", [{}, {"traefik.docker.allownonrunning": "true"}])
def test_t52_not_running(sites, labels):
    made = sites.add("a", labels=traefik("Host(`a.test`)", **labels))
    made["State"].update(Running=False, Status="exited")
    sites.add("b", labels={"traefik.http.routers.b.rule": "Path(`/`)"})
    sites.start("--hold=0", ready=1)
    assert sites.ask("a.test")[:2] == (503, None)
    sites.engine.wait_stream()
    made["State"].update(Running=True, Status="running")
    sites.engine.event("start", made["Id"])
    sites.lb.wait_ready(2)
    assert sites.ask("a.test")[:2] == (200, "a")


def test_t57_events(sites):
    """Start, die and health count at once."""
    made = sites.add("a", labels=traefik("Host(`a.test`)"))
    sites.start("--hold=0", "--panic-unhealthy=off")
    assert sites.status("a.test") == 200
    made["State"]["Health"] = {"Status": "unhealthy", "FailingStreak": 3}
    sites.engine.wait_stream()
    sites.engine.event("health_status: unhealthy", made["Id"])
    wait_for(lambda: sites.status("a.test") == 503, "it is unhealthy")
    made["State"]["Health"]["Status"] = "healthy"
    sites.engine.event("health_status: healthy", made["Id"])
    wait_for(lambda: sites.status("a.test") == 200, "it is healthy")
    made["State"].update(Running=False, Status="exited")
    sites.engine.event("die", made["Id"], exitCode="0")
    wait_for(lambda: sites.status("a.test") == 503, "it is gone")


def test_t77_names_and_passwords(sites):
    """In compose files each $ is doubled; lb gets it as the engine has it."""
    sites.add("a", labels={"traefik.http.routers.a.rule": "Host(`auth.test`)",
                           "traefik.http.routers.a.middlewares": "in",
                           "traefik.http.middlewares.in.basicauth.users": f"bob:{APR1}",
                           "traefik.http.middlewares.in.basicauth.headerfield": "X-User"})
    sites.start()
    with sites.connect(sites.lb) as client:
        answer = client.get(host="auth.test")
    assert answer.status == 401 and answer.get("WWW-Authenticate").startswith('Basic realm="traefik"')
    assert sites.status("auth.test", fields=[by("bob", "guess")]) == 401
    status, _, request = sites.ask("auth.test", fields=[by("bob"), "X-User: root"])
    assert status == 200 and request.head.all("X-User") == ["bob"]


def test_t88_redirect_of_an_entry_point_needs_tls(sites):
    """A setting of the proxy, and until there is TLS there is nowhere to lead to."""
    sites.add("a", labels=traefik("Host(`a.test`)", **{"traefik.http.routers.r.entrypoints": "web"}))
    sites.start()
    assert sites.ask("a.test")[:2] == (200, "a")


# ---- registrator and fabio -----------------------------------------------------------------------


def test_f20_each_in_its_turn(sites):
    """fabio takes one by chance unless its setting says so; no option of a tag does."""
    for name in "abc":
        sites.add(name, ["SERVICE_TAGS=urlprefix-a.test/"])
    sites.start()
    names = [sites.ask("a.test")[1] for _ in range(6)]
    assert sorted(names[:3]) == ["a", "b", "c"] and names[:3] == names[3:]


def test_r14_a_check_takes_out_who_fails_it(sites):
    sites.add("good", ["SERVICE_TAGS=urlprefix-a.test/", "SERVICE_CHECK_HTTP=/health", "SERVICE_CHECK_INTERVAL=1s"])
    made = sites.add("bad", ["SERVICE_TAGS=urlprefix-a.test/", "SERVICE_CHECK_HTTP=/health"])
    sites.backends["bad"].script = lambda connection: (connection.read_request(), connection.send(
        b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
    sites.start(ready=1)
    assert any(request.target == "/health" for request in sites.backends["good"].requests)
    assert {sites.ask("a.test")[1] for _ in range(4)} == {"good"} and made["Name"] == "/bad"
