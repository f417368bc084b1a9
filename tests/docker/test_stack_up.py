"""deploy/start.sh --stack as typed, from a copy of the tree: the parts that Debian's packages can stand in for are well, find each
other and survive; what cannot be pulled is named and left out. No image is pulled, as what a test does would hang on hubs; and lb's
own are there already (test_demo.py has them built)."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid
from pathlib import Path

import pytest
from conftest import TAG, TOP, docker, free_port, get, wait_for

sys.path.insert(0, str(TOP / "tests" / "stack"))
sys.path.insert(0, str(TOP / "tests" / "stack_metrics"))
from compose_programs import Unavailable, compose_v2  # noqa: E402
from deployed import dashboard_expressions  # noqa: E402

pytestmark = pytest.mark.xdist_group("stack")  # one after the other: each is much for a machine
LIFE_S = 600  # the images of Debian's packages may have to be made first
PORTS = ("LB_PORT", "LB_ADMIN_PORT", "KIBANA_PORT", "GELF_PORT", "SENTRY_PORT", "CONSUL_PORT", "PROMETHEUS_PORT",
         "ALERTMANAGER_PORT", "GRAFANA_PORT")
DOCKER = """#!/bin/sh
case "$*" in
pull*) echo "Error response from daemon: no hub in this test" >&2; exit 1 ;;
"build --file"*" --target lb "* | "build --file"*" --target appserver "*) exit 0 ;;
esac
exec %s "$@"
"""


@pytest.fixture(scope="module", name="tree")
def _tree(tmp_path_factory):
    made = tmp_path_factory.mktemp("clone")
    shutil.copytree(TOP / "deploy", made / "deploy")
    return made


class Stack:
    def __init__(self, tree, folder, compose=None):
        self.tree = tree
        self.before = f"t{uuid.uuid4().hex[:6]}-"
        self.prefix = f"{self.before}stack-"
        self.port = {name: free_port() for name in PORTS}
        self.state = folder / "state"
        self.environment = {**os.environ, "LB_DEMO_PREFIX": self.before, "LB_IMAGE_TAG": TAG, "XDG_STATE_HOME": str(self.state),
                            "XDG_RUNTIME_DIR": str(folder), **{name: str(port) for name, port in self.port.items()}}
        programs = folder / "programs"
        programs.mkdir()
        (programs / "docker").write_text(DOCKER % shutil.which("docker"))
        (programs / "docker").chmod(0o755)
        self.environment["PATH"] = f"{programs}:{self.environment['PATH']}"
        if compose:  # as a plugin of docker
            plugin = folder / "docker" / "cli-plugins" / "docker-compose"
            plugin.parent.mkdir(parents=True)
            plugin.symlink_to(compose)
            self.environment["DOCKER_CONFIG"] = str(folder / "docker")

    def script(self, name, *words, **environment):
        done = subprocess.run([str(self.tree / "deploy" / name), *words], stdin=subprocess.DEVNULL, text=True,
                              env={**self.environment, **environment}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=LIFE_S, check=False)
        return done.returncode, done.stdout

    def start(self, *words, **environment):
        code, text = self.script("start.sh", "--stack", *words, **environment)
        assert code == 0, text
        return text

    def name(self, word):
        return self.prefix + word

    def running(self):
        """{container's id: its name and start}"""
        ids = docker("ps", "--no-trunc", "--quiet", "--filter", f"name={self.prefix}").split()
        return {entry.split()[0]: entry for entry in (docker("container", "inspect", "--format", "{{.Id}} {{.Name}} {{.State.StartedAt}}",
                                                             *ids).splitlines() if ids else [])}

    def names(self):
        return {entry.split()[1].removeprefix(f"/{self.prefix}") for entry in self.running().values()}

    def ask(self, name, path):
        status, body = get("127.0.0.1", self.port[name], path)
        assert status == 200, (name, path, status, body)
        return body

    def secret(self, name):
        return re.search(rf"^{name}=(.*)$", next(self.state.rglob("settings.env")).read_text(), re.MULTILINE).group(1)

    def run_client(self, image, program, *words, check=True, **environment):
        """As a container of the stack."""
        told = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
        return docker("run", "--rm", "--network", f"{self.prefix}lb-demo", *told, "--entrypoint", program, image, *words, check=check)

    def left(self):
        """All that there still is of it, by kind."""
        return {kind: docker(*words, "--quiet", "--filter", f"label=lb-demo={self.prefix}lb-demo").split()
                for kind, words in (("containers", ("ps", "--all")), ("networks", ("network", "ls")), ("volumes", ("volume", "ls")))}


@pytest.fixture
def make_stack(tree, tmp_path):
    made = []

    def make(compose=None):
        made.append(Stack(tree, tmp_path, compose))
        return made[-1]
    yield make
    for stack in made:
        stack.script("stop.sh", "--volumes")


def targets(stack):
    found = json.loads(stack.ask("PROMETHEUS_PORT", "/api/v1/targets?state=active"))["data"]["activeTargets"]
    return {target["scrapeUrl"]: target["health"] + " " + target["lastError"] for target in found}


def ask_prometheus(stack, path, **arguments):
    return json.loads(stack.ask("PROMETHEUS_PORT", f"/api/v1/{path}?{urllib.parse.urlencode(arguments)}"))["data"]


def asked_containers(stack, job):
    """Names of the containers that Prometheus found for it: (those it asks, those it leaves out)."""
    found = ask_prometheus(stack, "targets", state="any")
    def names(of):
        return {target["discoveredLabels"].get("__meta_docker_container_name", "").lstrip("/") for target in found[of]
                if target["discoveredLabels"]["job"] == job}
    return names("activeTargets"), names("droppedTargets")


def expressions_without_result(stack):
    """Those of the dashboards about containers, the machine and appservers, while requests go through lb, until each had one."""
    missing = {where: expression for where, expression in dashboard_expressions() if re.search(r"\b(container|node|appserver)_", expression)}
    assert len(missing) > 10
    end = time.monotonic() + 90
    while missing and time.monotonic() < end:
        for _ in range(10):
            answers(stack)
        missing = {where: expression for where, expression in missing.items() if not ask_prometheus(stack, "query", query=expression)["result"]}
    return missing


def catalog(stack, service):
    return [entry["Service"] for entry in json.loads(stack.ask("CONSUL_PORT", f"/v1/health/service/{service}?passing=1"))]


def pages_of(text):
    return re.findall(r"^    http://localhost:(\d+)(/\S*)", text, re.MULTILINE)


@pytest.mark.slow("eleven containers, the images of Debian's packages the first time")
@pytest.mark.timeout(LIFE_S)
def test_consul_and_metrics_from_start_to_stop(make_stack, bench):
    stack = make_stack()
    network = f"{bench.name('of-another')}-lb-demo"
    docker("network", "create", *bench.labels(), network)
    stranger = bench.appserver(network).name
    text = stack.start("consul,metrics")
    assert {"lb", "appserver1", "appserver2", "consul", "prometheus", "alertmanager", "cadvisor", "node-exporter"} <= stack.names()
    assert len(re.findall(r"^ +Hi there, I'm served from \S+!$", text, re.MULTILINE)) == 6, text
    pages = pages_of(text)
    assert {int(port) for port, _ in pages} >= {stack.port[name] for name in ("LB_PORT", "LB_ADMIN_PORT", "CONSUL_PORT", "PROMETHEUS_PORT",
                                                                         "ALERTMANAGER_PORT")}
    for port, path in pages:
        assert get("127.0.0.1", int(port), path)[0] in (200, 302), (port, path)
    settings = next(stack.state.rglob("settings.env"))
    assert settings.stat().st_mode & 0o777 == 0o600 and settings.parent.stat().st_mode & 0o777 == 0o700

    try:
        wait_for("all targets to be up", lambda: targets(stack) and set(targets(stack).values()) == {"up "})
    except AssertionError:
        raise AssertionError(targets(stack)) from None

    # Of another stack on the same engine nobody is asked.
    wait_for("Prometheus has seen the stranger", lambda: stranger in asked_containers(stack, "appserver")[1])
    own = {stack.name("appserver1"), stack.name("appserver2")}
    wait_for("Prometheus has found those of the stack, and no others", lambda: asked_containers(stack, "appserver")[0] == own)
    assert asked_containers(stack, "lb")[0] == {stack.name("lb")}
    # The real cAdvisor and node-exporter say what the dashboards ask for, by the names that lb has.
    assert expressions_without_result(stack) == {}
    joined = ask_prometheus(stack, "query", query="container_memory_working_set_bytes and on (name) lb_endpoint_ready")["result"]
    assert {series["metric"]["name"] for series in joined} == {stack.name("appserver1"), stack.name("appserver2")}

    wait_for("both appservers in Consul", lambda: len([entry for entry in catalog(stack, "appserver") if stack.prefix in entry["ID"]]) == 2)
    wait_for("lb itself in Consul", lambda: catalog(stack, "proxy"))

    running = stack.running()
    text = stack.start("consul,metrics")
    assert stack.running() == running, text

    code, text = stack.script("stop.sh")
    assert code == 0, text
    left = stack.left()
    assert left["containers"] == left["networks"] == [] and {stack.prefix + "lb_prometheus", stack.prefix + "lb_consul"} <= set(left["volumes"])
    assert "--volumes" in text
    code, text = stack.script("stop.sh", "--volumes")
    assert code == 0, text
    assert stack.left() == {"containers": [], "networks": [], "volumes": []} and not settings.exists()


@pytest.mark.slow("a stack of five containers, then of six, by compose v2")
@pytest.mark.timeout(LIFE_S)
def test_postgresql_and_redis_behind_lb_and_a_part_that_comes_later(make_stack):
    """By compose v2. What is in the database outlasts its container, and so does its password."""
    try:
        stack = make_stack(compose_v2())
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))
    text = stack.start("sentry")
    assert stack.names() == {"lb", "appserver1", "appserver2", "postgres", "redis"}
    assert "glitchtip        glitchtip/glitchtip:6.2.6 cannot be pulled" in text
    # What would be sent somewhere is not said where nobody is there.
    assert "LB_SENTRY_DSN" not in docker("container", "inspect", "--format", "{{.Config.Env}}", stack.name("lb"))

    def ask_postgres(statement, password=stack.secret("STACK_POSTGRES_PASSWORD"), check=True):
        return stack.run_client("lb-stack/postgres:17", "psql", "-h", "lb", "-p", "10432", "-U", "glitchtip", "-At", "-c", statement,
                                "glitchtip", PGPASSWORD=password, check=check)
    def ask_redis(*words):
        return stack.run_client("lb-stack/redis:8.0", "redis-cli", "-h", "lb", "-p", "10379", *words,
                                REDISCLI_AUTH=stack.secret("STACK_REDIS_PASSWORD"))
    ask_postgres("CREATE TABLE kept AS SELECT 4711 AS word")
    assert ask_postgres("SELECT 1", password="wrong", check=False) == ""
    assert ask_redis("SET", "word", "4711") == "OK"
    assert "NOAUTH" in stack.run_client("lb-stack/redis:8.0", "redis-cli", "-h", "lb", "-p", "10379", "PING", check=False)
    pool = {entry["name"]: entry for entry in json.loads(stack.ask("LB_ADMIN_PORT", "/pool"))["services"]}
    assert pool["postgres"]["protocol"] == pool["redis"]["protocol"] == "tcp"
    assert pool["postgres"]["connections"]["count"] == 2 and pool["redis"]["connections"]["count"] == 2

    # A part that comes later, and one of whose containers somebody has removed.
    before = stack.running()
    docker("rm", "--force", stack.name("postgres"))
    stack.start("consul")
    assert stack.names() == {"lb", "appserver1", "appserver2", "postgres", "redis", "consul"}
    replaced = {entry.split()[1].removeprefix(f"/{stack.prefix}") for key, entry in before.items() if key not in stack.running()}
    assert replaced == {"postgres", "lb"}  # lb follows Consul now
    assert ask_postgres("SELECT word FROM kept") == "4711"
    assert ask_redis("GET", "word") == "4711"
    wait_for("PostgreSQL in Consul", lambda: [entry for entry in catalog(stack, "postgres") if stack.prefix in entry["ID"]])


@pytest.mark.slow("a stack of seven containers")
@pytest.mark.timeout(LIFE_S)
def test_what_cannot_be_pulled_is_named_and_the_rest_runs(make_stack):
    stack = make_stack()
    own = "http://key@sentry.example.com/2"
    text = stack.start("elk,metrics", STACK_SENTRY_DSN=own)
    left_out = dict(re.findall(r"^    (\S+) +(.*)$", text.partition("Left out:")[2], re.MULTILINE))
    assert set(left_out) == {"elasticsearch", "logstash", "kibana", "elk-setup", "grafana"}
    for name, image in (("elasticsearch", "elasticsearch/elasticsearch"), ("logstash", "logstash/logstash"), ("kibana", "kibana/kibana"),
                        ("elk-setup", "elasticsearch/elasticsearch"), ("grafana", "grafana/grafana")):
        assert re.fullmatch(rf"\S*{image}:\S+ cannot be pulled", left_out[name])
    assert stack.names() == {"lb", "appserver1", "appserver2", "prometheus", "alertmanager", "cadvisor", "node-exporter"}
    # Without Logstash nobody sends it lines.
    assert docker("container", "inspect", "--format", "{{.HostConfig.LogConfig.Type}}", stack.name("lb")) == "json-file"
    # A DSN of one's own needs no GlitchTip.
    for name, variable in (("lb", "LB_SENTRY_DSN"), ("appserver1", "SENTRY_DSN")):
        told = docker("container", "inspect", "--format", "{{json .Config.Env}}", stack.name(name))
        assert f"{variable}={own}" in json.loads(told)
    # cAdvisor knows the containers by the names that lb has for them.
    wait_for("cAdvisor's metrics of both", lambda: {series["metric"]["name"] for series in json.loads(stack.ask(
        "PROMETHEUS_PORT", "/api/v1/query?query=container_last_seen"))["data"]["result"] if series["metric"].get("name")}
        >= {stack.name("appserver1"), stack.name("appserver2")})


@pytest.mark.slow("three containers")
def test_lines_go_to_the_published_port_of_logstash_under_the_name_of_the_container(make_stack):
    """With a receiver in the place of Logstash. The engine itself resolves the address and sends."""
    stack = make_stack()
    receiver = GelfReceiver(stack.port["GELF_PORT"])
    try:
        settings = {"STACK_PREFIX": stack.prefix, "DOCKER_GID": str(os.stat("/var/run/docker.sock").st_gid)}
        files = [stack.tree / "deploy" / "stack" / f"docker-compose{which}.yml" for which in ("", ".gelf")]
        asked = set(re.findall(r"\$\{(STACK_\w+):\?", files[0].read_text())) - set(settings)
        done = subprocess.run(["docker-compose", "--project-name", f"{stack.prefix}lb", "--file", files[0], "--file", files[1], "up", "--detach",
                               "lb", "appserver1", "appserver2"], env={**stack.environment, **settings, **dict.fromkeys(asked, "unused")},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout
        wait_for("an answer", lambda: answers(stack))
        wait_for("lines of lb and of an appserver", lambda: {stack.name("lb"), stack.name("appserver1")} <= receiver.tags)
        start_and_interrupt_one_more(stack, receiver)
    finally:
        receiver.end()


def start_and_interrupt_one_more(stack, receiver):
    """It logs as the others do."""
    job = subprocess.Popen([stack.tree / "deploy" / "start-app.sh", stack.name("extra")], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
                           env={**stack.environment, "LB_DEMO_PREFIX": stack.prefix},
                           preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    try:
        wait_for("a line of one more", lambda: answers(stack) and stack.name("extra") in receiver.tags)
    finally:
        os.killpg(job.pid, signal.SIGINT)
        text = job.communicate(timeout=60)[0]
    assert job.returncode == 0, text


def answers(stack):
    try:
        return get("127.0.0.1", stack.port["LB_PORT"])[0] == 200
    except OSError:
        return False


class GelfReceiver:
    """Of compressed datagrams; notes the tags."""

    def __init__(self, port):
        import zlib  # pylint: disable=import-outside-toplevel
        self.inflate = lambda packed: zlib.decompress(packed, 47)
        self.tags = set()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(("127.0.0.1", port))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while packed := self.sock.recv(65536):
            if not packed.startswith(b"\x1e\x0f"):
                self.tags.add(json.loads(self.inflate(packed))["_tag"])

    def end(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", self.sock.getsockname())


# ---- what it refuses ------------------------------------------------------------------------------


def test_a_part_that_there_is_not_and_a_port_in_use_are_named(make_stack):
    stack = make_stack()
    code, text = stack.script("start.sh", "--stack", "consul,nonsense")
    assert code == 1 and "no part 'nonsense'" in text and "elk sentry consul metrics" in text
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, text = stack.script("start.sh", "--stack", "consul", CONSUL_PORT=str(port))
    assert code == 1 and f"port {port} is in use" in text and "CONSUL_PORT=" in text, text
    assert stack.left() == {"containers": [], "networks": [], "volumes": []}


def test_volumes_without_their_passwords_are_not_started_on(make_stack):
    stack = make_stack()
    docker("volume", "create", "--label", f"lb-demo={stack.prefix}lb-demo", f"{stack.prefix}lb_postgres")
    code, text = stack.script("start.sh", "--stack", "sentry")
    assert code == 1 and "deploy/stop.sh --volumes" in text, text
    assert Path(stack.tree, "deploy/stop.sh").exists() and stack.left()["containers"] == []
