"""Wrongly made containers, one a row: what `lb explain` says of each is true, names what is wrong, and what helps.

All stand beside one another at one lb, which is started once and asked about each."""

import contextlib
import http.server
import json
import re
import socket
import ssl
import threading

import pytest
from fake_docker import FakeDocker, container

from support.certificates import openssl
from support.lb import Lb
from support.program import run
from support.waiting import wait_for

ROUTER = "traefik.http.routers."
SERVICE = "traefik.http.services."
EXITED = {"Status": "exited", "Running": False}
IP, CLOSED = "127.0.9.1", "9/tcp"
HTTP, HTTPS, HTTP_404, BUSY = "{http}", "{https}", "{http_404}", "{busy}"  # ports at which somebody is
OTHER = {"backend": {"NetworkID": "o" * 64, "IPAddress": "10.77.0.2", "Gateway": "10.77.0.1"}}
NONE = {"none": {"NetworkID": "n" * 64, "IPAddress": ""}}
HOST = {"host": {"NetworkID": "h" * 64, "IPAddress": ""}}

pytestmark = pytest.mark.xdist_group("wrong_containers")  # one lb for all


def row(named, remedy, labels=(), env=(), url=None, **made):
    """`named`: what is wrong, `remedy`: what would help; both are found in what is said. `url`: asked about too. `made`: as `make` takes it."""
    return named, remedy, url, {"labels": dict(labels), "env": env, **made}


ROWS = {
    # port, network, address
    "wrong-port": row("connection refused.*Port: 9 .the label lb.port", "is the port right .label lb.port", {"lb.port": "9"}, ip=IP),
    "only-loopback": row("connection refused", "does the server listen on all addresses of its container"),
    "no-port": row("exposes no TCP port", "lb.port.*Create it anew with a port that it exposes or names", ports=()),
    "several-ports": row("9 .the lowest of the 3 TCP ports that it exposes", "label lb.port", ports=("8080/tcp", "9090/tcp", CLOSED)),
    "port-word": row('lb.port="http" cannot be used', "from 1 to 65535.*Correct", {"lb.port": "http"}),
    "port-range": row('lb.port="70000" cannot be used', "from 1 to 65535.*Correct", {"lb.port": "70000"}),
    "port-unexposed": row("Port: 8081 .VIRTUAL_PORT", "is the port right", env=["VIRTUAL_HOST=vp.test", "VIRTUAL_PORT=8081"]),
    "port-nginx": row('VIRTUAL_PORT="http" cannot be used', "one number from 1 to 65535", env=["VIRTUAL_HOST=vx.test", "VIRTUAL_PORT=http"]),
    "udp-only": row("offered as udp, and no UDP listener leads to its service", "--udp", ports=("53/udp",)),
    "no-shared-network": row("it is on: backend; lb is on: bridge", "docker network connect", networks=OTHER),
    "no-such-network": row("label lb.network asks for web; it is on: bridge", "Correct that label", {"lb.network": "web"}),
    "traefik-network": row("label traefik.docker.network asks for web; it is on: bridge", "Correct that label",
                           {"traefik.docker.network": "web", ROUTER + "tn.rule": "Host(`tn.test`)"}),
    "host-network": row("exposes no TCP port", "lb.port.*Create it anew with a port that it exposes or names", networks=HOST, mode="host", ports=()),
    "network-none": row("--network none", "on a network that lb reaches", networks=NONE, mode="none"),
    "network-of-nobody": row("uses the network of a container that is not known", "Start that container", networks={}, mode="container:gone"),
    "network-of-stopped": row("uses the network of the container stopped, which is not running", "Start that one, and then this one",
                              networks={}, mode="container:stopped"),
    "link-local": row("169.254.169.254 is link-local", "--allow-address", {"lb.address": "169.254.169.254"}),
    "address-word": row('lb.address="nowhere" cannot be used', "an IPv4 or IPv6 address.*Correct", {"lb.address": "nowhere"}),
    "lb-itself": row("the container that lb itself runs in", "lb.service and lb.port"),
    # how it runs
    "stopped": row("exited with code 1", "docker start brings it up; docker logs", state={**EXITED, "ExitCode": 1}),
    "out-of-memory": row("for want of memory .OOMKilled", "docker update --memory", state={**EXITED, "ExitCode": 137, "OOMKilled": True}),
    "never-started": row("the engine says: port is already allocated", "docker start brings it up once that is mended",
                         state={"Status": "created", "Running": False, "Error": "port is already allocated"}),
    "restarting": row("restarting, after its last run ended with code 3", "docker logs shows what it wrote",
                      state={"Status": "restarting", "Restarting": True, "Running": False, "ExitCode": 3}),
    "paused": row("it is paused", "docker unpause", state={"Status": "paused", "Paused": True}),
    "unhealthy": row("HEALTHCHECK fails: exit code 1: no database", "docker inspect shows",
                     state={"Health": {"Status": "unhealthy", "FailingStreak": 3, "Log": [
                         {"Start": "2025-01-01T10:00:00Z", "End": "2025-01-01T10:00:00Z", "ExitCode": 1, "Output": "no database"}]}}),
    "starting": row("HEALTHCHECK has not passed yet", "when the check passes", state={"Health": {"Status": "starting", "Log": []}}),
    # words
    "lb-hots": row('label "lb.hots" is not known', "did you mean lb.host", {"lb.hots": "a.test"}),
    "lb-prot": row('label "lb.prot" is not known', "did you mean lb.port", {"lb.prot": "8080"}),
    "site-prot": row('label "lb.shop.prot" is not known', "did you mean lb.shop.port", {"lb.shop.host": "z.test", "lb.shop.prot": "8080"}),
    "enable-flase": row('lb.enable="flase" cannot be used', "true or false is accepted", {"lb.enable": "flase"}),
    "contradiction": row("it has lb.enable=false", "Create it anew without that",
                         {"lb.host": "cc.test", "lb.service": "one", "lb.enable": "false"}),
    "host-with-port": row('lb.host: host "hp.test:8080" has a colon inside', "leave out the port", {"lb.host": "hp.test:8080"}),
    "host-with-scheme": row('lb.host: host "http://hu.test/" has a scheme', "write the host alone", {"lb.host": "http://hu.test/"}),
    "host-with-blank": row('lb.host: host "a b" has a blank inside', "one host", {"lb.host": "a b"}),
    "bad-regex": row(r'lb.host: host_regex "\[a" is no regex: missing terminating \]', "Correct the label", {"lb.host": "~[a"}),
    "path-without-slash": row('lb.path: path "api" does not begin with /', "Correct the label", {"lb.host": "ns.test", "lb.path": "api"}),
    "no-unit": row('lb.response-timeout="5" cannot be used', "for example 90s", {"lb.host": "t1.test", "lb.response-timeout": "5"}),
    "bad-size": row('lb.max-body "5q" is no size', "a size such as 10m", {"lb.host": "b1.test", "lb.max-body": "5q"}),
    "bad-rate": row('lb.rate "fast" is no number', "a rate such as 100/s", {"lb.host": "r1.test", "lb.rate": "fast"}),
    "weight-0": row("ask for no new requests .lb.drain, or lb.weight=0", "created anew without that label", {"lb.weight": "0"}),
    "weight-word": row('lb.weight="heavy" cannot be used', "from 0 .drains. to 256", {"lb.weight": "heavy"}),
    "share-word": row(r'lb.service.weight "half" is not followed', "a number from 0 to",
                        {"lb.host": "sh.test", "lb.service": "shop-next", "lb.service.weight": "half"}),
    "bad-balance": row('lb.balance "roundrobin" is no way to balance', "round-robin, least-requests", {"lb.balance": "roundrobin"}),
    "bad-redirect": row('lb.redirect "nowhere" has a target that is no URL', "https://a.test", {"lb.host": "rd.test", "lb.redirect": "nowhere"}),
    "bad-protocol": row('lb.protocol="h3" cannot be used', "http, https, h2c, tcp or udp", {"lb.protocol": "h3"}),
    "too-many-sites": row("name more than 64 sites", "put the others on another container", {f"lb.s{i}.host": f"m{i}.test" for i in range(70)}),
    "control-characters": row(r'lb.service="a\?b" cannot be used', "a name .* without control characters.*Correct the label", {"lb.service": "a\nb"}),
    # routes
    "same-site": row("its route for same.test, by lb.host, is overruled: the container same-old, which is older", "Change one of the two",
                     {"lb.host": "same.test", "lb.service": "same-b"}),
    "two-dialects": row("82 .VIRTUAL_PORT.*81 .the label loadbalancer.server.port of Traefik", "by lb.host of .*by VIRTUAL_HOST of",
                        {"lb.host": "d1.test", ROUTER + "d.rule": "Host(`d2.test`)", SERVICE + "d.loadbalancer.server.port": "81"},
                        ["VIRTUAL_HOST=d3.test", "VIRTUAL_PORT=82"]),
    "bad-rule": row("rule of the router br cannot be used, from byte 5 on", "a value stands in backticks", {ROUTER + "br.rule": "Host(a.test)"}),
    "no-service": row("no label of a container defines the service absent", "Mend that", {ROUTER + "ns.rule": "Host(`n.test`)", ROUTER + "ns.service": "absent"}),
    "which-service": row("router ws is dropped: it names none of the services", "Nothing is routed to its service",
                         {ROUTER + "ws.rule": "Host(`w.test`)", SERVICE + "w1.loadbalancer.server.port": "80", SERVICE + "w2.loadbalancer.server.port": "81"}),
    "no-middleware": row("no label of a container defines the middleware absent", "Mend that", {ROUTER + "nm.rule": "Host(`m.test`)", ROUTER + "nm.middlewares": "absent"}),
    "entry-point": row("none of its entry points .websecured. is one", "web,http,websecure,https; name one of these",
                       {ROUTER + "ep.rule": "Host(`e.test`)", ROUTER + "ep.entrypoints": "websecured"}),
    # checks and protocols
    "check-path": row('lb.check.path="health" cannot be used', "begins with /", {"lb.check.path": "health"}),
    "check-unit": row('lb.check.interval="5" cannot be used', "for example 5s", {"lb.check.path": "/", "lb.check.interval": "5"}),
    "check-404": row("GET /health: status 404 instead of 200-399", "lb.check", {"lb.port": HTTP_404, "lb.check.path": "/health"}, ip=IP),
    "http-asked-by-https": row("speaks none on its port: what came is no TLS", "lb.protocol=http", {"lb.port": HTTP, "lb.protocol": "https"}, ip=IP),
    "https-asked-by-http": row("GET /: the connection ended before the answer did", "label lb.protocol: http, https", {"lb.port": HTTPS, "lb.check.path": "/"}, ip=IP),
    # listeners, certificates, who may
    "tcp-taken": row("is not open: address already in use", "ss -lntup", {"lb.tcp": BUSY, "lb.service": "tt"}),
    "udp-privileged": row("udp port 53 is not open to containers", "--udp 53 would open it", {"lb.udp": "53", "lb.service": "ul"}, ports=("53/udp",)),
    "tls-word": row('lb.tls="cert.pem" cannot be used: auto, or off', "lb.certificate names a file", {"lb.host": "c1.test", "lb.tls": "cert.pem"}),
    "tls-without-acme": row(r"asks for a certificate for c2.test .lb.tls=?.*., and none is ordered: lb was started without --acme", "Start lb with --acme EMAIL",
                            {"lb.host": "c2.test", "lb.tls": "auto"}, url="https://c2.test/"),
    "auth-word": row("lb.auth is no user:hash", "as htpasswd writes them", {"lb.host": "a1.test", "lb.auth": "absent"}),
    "auth-plain": row("has a plain password", "make it with htpasswd -B", {"lb.host": "a2.test", "lb.auth": "user:password"}),
    "auth-file": row("absent, which is not in --htpasswd-dir or cannot be used", "put it there",
                     {"lb.host": "a3.test", "lb.auth-file": "absent"}, url="http://a3.test/"),
}
GOOD = {"same-old": {"lb.host": "same.test", "lb.service": "same-a"}}


def make(number, name, labels=(), env=(), ip=None, ports=(CLOSED,), networks=None, state=(), mode="bridge"):
    made = container(f"{number:064x}", name, ip=ip or f"127.0.1.{number}", networks=networks)
    made["Config"].update(Labels=dict(labels), Env=list(env), Image="appserver", ExposedPorts={port: {} for port in ports})
    made["Created"] = "2020-01-01T10:00:00Z" if name in GOOD else "2025-01-01T10:00:00Z"
    made["State"].update(state)
    made["HostConfig"]["NetworkMode"] = mode
    return made


class Server(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self):
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *unused):
        pass


class Missing(Server):
    status = 404


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *unused):  # who is asked without TLS
        pass


def serve(stack, handler, context=None):
    """Gives the port."""
    server = Quiet((IP, 0), handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    stack.callback(server.server_close)
    stack.callback(server.shutdown)
    return server.server_address[1]


def serve_all(stack, folder):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", folder / "key",
            "-out", folder / "crt", "-subj", "/CN=a")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "crt", folder / "key")
    busy = stack.enter_context(socket.create_server(("0.0.0.0", 0)))
    return {HTTP: serve(stack, Server), HTTPS: serve(stack, Server, context), HTTP_404: serve(stack, Missing),
            BUSY: busy.getsockname()[1]}


def settled(lb):
    """Who is tried has been, and who is checked."""
    waited = [e for e in lb.endpoints().values() if e["state"] == "probing" and not e.get("problem")]
    return not waited


@pytest.fixture(name="said", scope="module")
def ask(tmp_path_factory):
    """name → what lb explain says of it, without the time."""
    folder = tmp_path_factory.mktemp("wrong")
    with contextlib.ExitStack() as stack:
        ports = serve_all(stack, folder)
        engine = stack.enter_context(FakeDocker(folder / "docker.sock"))
        for number, (name, labels) in enumerate(GOOD.items()):
            engine.add(make(200 + number, name, labels))
        for number, (name, (*_, made)) in enumerate(ROWS.items()):
            labels = {key: str(ports.get(value, value)) for key, value in made["labels"].items()}
            engine.add(make(number + 1, name, **{**made, "labels": labels}))
        own = next(cid for cid, made in engine.containers.items() if made["Name"] == "/lb-itself")
        lb = Lb("--docker=unix://" + engine.path, "--allow-address=127.0.0.0/8", f"--dynamic-ports={ports[BUSY]}-{ports[BUSY]}",
                env={"LB_CONTAINER_ID": own})
        stack.callback(lb.stop)
        wait_for(lambda: lb.pool()["discovery"].get("lines") and settled(lb), "all have been tried")
        wait_for(lambda: lb.find_message("cannot listen on tcp"), "the listener was tried")
        texts = {}
        for name, (_, _, url, _) in ROWS.items():
            asked = [run("lb", "explain", word, "--admin=%s:%d" % lb.admin) for word in filter(None, (name, url))]
            assert all(done.returncode == 0 for done in asked), asked
            texts[name] = re.sub(r" since \d{4}-\S+Z", "", "".join(done.stdout for done in asked))
        texts[None] = "\n".join(lb.messages())
        texts["json"] = json.loads(lb.ask("/explain", fields=["Accept: application/json"]).body)
        yield texts


@pytest.mark.parametrize("name", ROWS)
def test_what_is_wrong_is_named_with_its_remedy(name, said):
    named, remedy, *_ = ROWS[name]
    text = said[name]
    missing = [piece for piece in (named, remedy) if not re.search(piece, text, re.DOTALL)]
    assert not missing, text
    assert text.isprintable() or set(text) & set("\x1b\r\x07") == set()
    assert "routed as" not in text and "Nothing is to be done" not in text  # none of them gets requests


def test_there_are_thirty_and_each_is_in_the_whole_list(said):
    assert len(ROWS) >= 30
    assert set(ROWS) <= {told["name"] for told in said["json"]["containers"]}
