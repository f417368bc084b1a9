"""What lb explains of containers on a real engine: a table of situations, each sentence of which has
to hold, and checks of all of them against docker inspect."""
import concurrent.futures
import json
import re
import urllib.request

import pytest

from conftest import TAG, Bench, docker, remove_everything, wait_for

BARE = "debian:trixie-slim"  # exposes no port; the images are built on it
SERVER = f"appserver:{TAG}"
SICK = ("--health-cmd", "echo no; echo 'database\x1b[2J'; exit 1", "--health-retries", "1", "--health-interval", "300ms",
        "--health-start-period", "1ms")
SLEEPS = ("--entrypoint", "sleep")

# By name: the image, docker's options, the command, and what is said: a pattern for the whole line.
# PUBLISHED is within every lb's reach: a service and an lb of its own keep it out of other tests' pools.
# @NAME is its name, ADDRESS a container's address of its first network, LOAN of the one called "ready".
SITUATIONS = {
    "ready": (SERVER, (), (), r"routed as appserver/@NAME at ADDRESS:8484 since .*, \d+ requests\. Address: its network "
              r"\S+net\S+, which lb is on too\. Port: the only TCP port that it exposes\. Service: the name of its image\."),
    "sever": (SERVER, ("--expose", "9000", "--expose", "9100/udp", "--label", "lb.service=appserver"), (),
              r"routed as .* Port: the lowest of the 2 TCP ports that it exposes\. Service: lb\.service\."),
    "twons": (SERVER, ("SECOND",), (), r"routed as .* Address: its network (\S+), the first by name of the 2 that "
              r"lb is on too: \1, \S+\. Port: .*"),
    "alone": (SERVER, ("--env", "SERVICE_PORT=8484", "--env", "SERVICE_NAME=appserver"), (),
              r"routed as .* Port: SERVICE_PORT\. Service: SERVICE_NAME\."),
    "knows": (SERVER, ("SECOND", "CHOSEN"), (), r"routed as .* Address: its network \S+, as the label lb\.network says\. .*"),
    "share": (SERVER, ("LOAN", "--label", "lb.port=9001"), ("--port", "9001"),
              r"routed as .* at LOAN:9001 .* Address: it uses the network of the container \S+ready\S*: its network \S+, "
              r"which lb is on too\. Port: the label lb\.port\. .*"),
    "check": (SERVER, ("--label", "lb.check.path=/status/404"), (),
              r"not routed, probing since .*: the check before its first request has not passed yet: GET /status/404: .*404"
              r"[^.]*\. It gets requests when the check passes: .* Address: ADDRESS:8484 \(its network .*\)\. "
              r"Port: 8484 \(the only TCP port that it exposes\)\. Service: appserver \(the name of its image\)\."),
    "deafs": (SERVER, SLEEPS, ("600",), r"not routed, probing since .*: nothing has answered on its port yet: connection "
              r"refused\. .* Address: ADDRESS:8484 \(its network .*"),
    "wrong": (SERVER, ("--label", "lb.port=9"), (), r"not routed, probing since .*: nothing has answered on its port yet: "
              r"connection refused\. .* Address: ADDRESS:9 \(.*\)\. Port: 9 \(the label lb\.port\)\. .*"),
    "drain": (SERVER, ("--label", "lb.drain=true"), (), r"not routed, draining since .*: its labels ask for no new "
              r"requests \(lb\.drain, or lb\.weight=0\)\. It comes back when it is created anew without that label[.;] .*"),
    "zero0": (SERVER, ("--label", "lb.weight=0"), (), r"not routed, draining since .*: its labels ask for no .*"),
    "stops": (SERVER, ("--stop-timeout", "100"), ("--linger-ms", "99999"), r"not routed, draining since .*: it was told "
              r"to stop and finishes what it has\. It comes back when it is started again, or if it survives the stop\. .*"),
    "wrnet": (SERVER, ("--label", "lb.network=nonesuch"), (), r"not routed, no_shared_network since .*: the label lb\.network "
              r"asks for nonesuch; it is on: (\S+); lb is on: \1, .*\. Correct that label and create it anew, or "
              r"let docker network connect join it and lb to that network\. Port: 8484 .*"),
    "local": (SERVER, ("OTHER", "--publish", "127.0.0.1::8484"), (), r"not routed, no_shared_network since .*: its port 8484 "
              r"is published on the host, but on an address that lb's container cannot reach; it is on: \S+; lb is on: .*\. "
              r"Publish the port on all addresses of the host \(.*\), or let docker network connect join .*"),
    "publd": (SERVER, ("OTHER", "PUBLISHED", "--publish", "0.0.0.0::8484"), (), r"routed as .* Address: the host, where its port is "
              r"published on 0\.0\.0\.0, by way of the gateway of lb's container\. Port: where its port 8484 is published: "
              r"the only TCP port that it exposes\. .*"),
    "apart": (SERVER, ("OTHER",), (), r"not routed, no_shared_network since .*: it is on: (\S+); lb is on: (?!\1)\S+, "
              r"(?!\1)\S+\. docker network connect, for it or for lb, would join them; or publish its port\. Port: 8484 .*"),
    "nonet": (SERVER, ("NONE",), (), r"not routed, no_address since .*: it has no network \(--network none\)\. Create it .*"),
    "nopor": (BARE, (*SLEEPS, "--label", "lb.service=appserver"), ("600",), r"not routed, no_port since .*: it exposes no "
              r"TCP port, and neither lb\.port nor SERVICE_PORT names one\. .* Service: appserver \(lb\.service\)\."),
    "sickk": (SERVER, SICK, (), r"not routed, unhealthy since .*: its HEALTHCHECK fails: exit code 1: no database\?\[2J\. "
              r"It gets requests when the check passes again; .* Address: ADDRESS:8484 .*"),
    "start": (SERVER, (*SICK, "--health-start-period", "600s"), (), r"not routed, starting since .*: its HEALTHCHECK has not "
              r"passed yet(: exit code 1: no database\?\[2J)?\. It gets requests when the check passes; .*"),
    "ignor": (SERVER, (*SICK, "--label", "lb.health=ignore"), (), r"routed as .*"),
    "pause": (SERVER, (), (), r"not routed, paused since .*: it is paused\. docker unpause brings it back\. Address: .*"),
    "exit3": (SERVER, ("--entrypoint", "sh"), ("-c", "exit 3"), r"not routed, not_running since .*: it is exited with code 3\. "
              r"docker start brings it up; docker logs shows what it wrote\. Port: 8484 .*"),
    "exit0": (SERVER, ("--entrypoint", "true"), (), r"not routed, not_running since .*: it is exited with code 0\. docker "
              r"start brings it up\. Port: .* Service: appserver \(the name of its image\)\."),
    "hogoo": (SERVER, ("--memory", "8m", "--memory-swap", "8m", "--entrypoint", "sh"),
              ("-c", "x=0123456789; while :; do x=$x$x; done"), r"not routed, not_running since .*: it is exited with code 137 "
              r"\(signal 9\), as the kernel killed it, or a process of it, for want of memory \(OOMKilled\)\. Give it more .*"),
    "creat": (SERVER, ("CREATE",), (), r"not routed, not_running since .*: it is created\. docker start brings it up\. .*"),
    "fails": (SERVER, ("FAILS", "--entrypoint", "/nonesuch"), (), r"not routed, not_running since .*: it is created; "
              r"the engine says: .*/nonesuch.* no such file or directory.*\. docker start brings it up once that is mended\. .*"),
    "disab": (SERVER, ("--label", "lb.enable=false"), (), r"not routed, disabled since .*: it has lb\.enable=false\. "
              r"Create it anew without that .*"),
    "regis": (SERVER, ("--env", "SERVICE_IGNORE=1"), (), r"not routed, disabled since .*: it has SERVICE_IGNORE\. Create .*"),
    "spelt": (SERVER, ("--label", "lb.prot=9"), (), r'routed as .* Note: .*lb\.prot.*'),
    "other": (SERVER, ("--label", "lb.service=lonely"), (), r'not routed, other_service: (?:lb routes to the service "appserver" '
              r"\(--service\)|there are routes, and none leads to its service)\. Nothing is routed to its service: "
              r".* Address: ADDRESS:8484 \(.* Service: lonely \(lb\.service\)\."),
    "ended": (SERVER, ("--env", "SERVICE_NAME=lonely", "--entrypoint", "true"), (), r"not routed, not_running since .*: it is "
              r"exited with code 0\. (?:Nothing is routed to its service: .*|docker start brings it up\. .*)"  # beside routes it may bring one
              r" Service: lonely \(SERVICE_NAME\)\."),
}
LATE = ("hogoo", "exit3", "sickk")  # begin when lb is there already: events tell of them
HAVE_HEALTH = ("sickk", "start", "ignor")


pytestmark = pytest.mark.xdist_group("explain")  # one street for all


class Street:
    """All of them, and lb, on two networks; a third one is not lb's."""

    def __init__(self, bench):
        self.bench = bench
        self.first, self.second, self.other = sorted(bench.network() for _ in range(3))
        self.published = bench.name("published")
        self.names = {word: bench.name(word) for word in SITUATIONS}

    def begin(self, word):
        image, options, command, _ = SITUATIONS[word]
        special = {"SECOND", "CHOSEN", "LOAN", "OTHER", "NONE", "CREATE", "FAILS", "PUBLISHED"} & set(options)
        network = (self.other if "OTHER" in special else "none" if "NONE" in special else
                   f"container:{self.names['ready']}" if "LOAN" in special else self.first)
        words = ["create" if "CREATE" in special else "run", *(() if "CREATE" in special else ("--detach",)),
                 "--name", self.names[word], "--network", network, *self.bench.labels(),
                 *(("--label", f"lb.service={self.published}") if "PUBLISHED" in special else ()),
                 *(("--label", f"lb.network={self.second}") if "CHOSEN" in special else ()),
                 *(() if word in HAVE_HEALTH else ("--no-healthcheck",)),
                 *(option for option in options if option not in special), image, *command]
        docker(*words, check="FAILS" not in special)
        if "SECOND" in special:
            docker("network", "connect", self.second, self.names[word])

    def begin_all(self, words):
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            list(pool.map(self.begin, words))

    def remove_all(self):
        ids = docker("ps", "--all", "--quiet", "--filter", f"label={self.bench.label}").split()
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda some: docker("rm", "--force", *some, check=False), filter(None, (ids[i::6] for i in range(6)))))


@pytest.fixture(scope="module")
def street(images):
    bench = Bench()
    made = Street(bench)
    try:
        made.begin("ready")
        early = [word for word in SITUATIONS if word not in LATE and word != "ready"]
        made.begin_all(early)
        made.lb = bench.lb(made.first, "--workers=1")
        made.lb_of_published = bench.lb(made.first, "--workers=1", "--service", made.published)
        for lb in (made.lb, made.lb_of_published):
            docker("network", "connect", made.second, lb.name)
        docker("pause", made.names["pause"])
        docker("kill", "--signal", "TERM", made.names["stops"])
        made.begin_all(LATE)
        yield made
    finally:
        made.remove_all()
        remove_everything(bench.label)


def explain(lb, accept):
    request = urllib.request.Request(f"http://{lb.host}:{lb.admin_port}/explain", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read().decode()


def line_of(lb, name):
    return next((line for line in explain(lb, "text/plain").splitlines() if line.startswith(f"{name}: ")), "")


def object_of(lb, name):
    return next(c for c in json.loads(explain(lb, "application/json"))["containers"] if c["name"] == name)


def inspect(name):
    return json.loads(docker("container", "inspect", name))[0]


def address_of(inspected, network):
    return inspected["NetworkSettings"]["Networks"].get(network, {}).get("IPAddress", "")


@pytest.mark.parametrize("word", SITUATIONS)
def test_what_is_said_of(word, street):
    name, pattern = street.names[word], SITUATIONS[word][3]
    address = address_of(inspect(name), street.first)
    loan = address_of(inspect(street.names["ready"]), street.first)
    for mark, value in (("@NAME", name), ("ADDRESS", address), ("LOAN", loan)):
        pattern = pattern.replace(mark, re.escape(value))
    lb = street.lb_of_published if word == "publd" else street.lb
    said = ""

    def is_said():
        nonlocal said
        said = line_of(lb, name)
        return re.fullmatch(f"{re.escape(name)}: {pattern}", said)
    try:
        wait_for(f"{pattern!r}", is_said)
    except AssertionError as failure:
        raise AssertionError(f"{failure}\n{said}") from None
    assert said.isprintable()
    assert_json_says_the_same(object_of(lb, name), said)
    assert_it_holds(street, word, said, inspect(name))


def assert_json_says_the_same(said, line):
    assert said["routed"] == (": routed as " in line)
    for key in ("why", "remedy", "port_from", "address_from", "service_from", "remark"):
        assert said.get(key, "") in line, key
    assert said["routed"] or (said["why"] and said["remedy"])
    if "address" in said:
        assert said["address"] in line


def assert_it_holds(street, word, said, inspected):
    """Each sentence that could be untrue, against what the engine tells of the container."""
    state, labels = inspected["State"], inspected["Config"]["Labels"]
    health = state.get("Health", {}).get("Status", "none")
    environment = [line.split("=")[0] for line in inspected["Config"]["Env"] or []]
    is_shop = word in ("other", "ended")
    lives = state["Running"]
    may = {
        "docker start": not lives,
        "docker unpause": state["Paused"],
        "docker network connect": word in ("wrnet", "local", "apart"),
        "told to stop": word == "stops",
        "HEALTHCHECK": lives and health in ("unhealthy", "starting"),
        "lb.network": "lb.network" in labels,
        "the label lb.port)": "lb.port" in labels,
        "lb.drain": "lb.drain" in labels or "lb.weight" in labels,
        "lb.service": "lb.service" in labels or is_shop,
        "SERVICE_NAME": "SERVICE_NAME" in environment,
        "ublish": word in ("local", "publd", "apart"),
        "OOMKilled": state["OOMKilled"],
        "with code": not lives and word != "creat",
        "Nothing is routed to its service": is_shop,
        "--check-path": word == "check",
    }
    for phrase, holds in may.items():
        assert holds or phrase not in said, (phrase, said)
    code = re.search(r"with code (\d+)", said)
    assert not code or int(code[1]) == state["ExitCode"]


def test_of_lb_itself_and_of_one_container(street):
    said = wait_for("its line", lambda: line_of(street.lb, street.lb.name))
    assert ": not routed, self since " in said
    assert "this is the container that lb itself runs in. lb sends no requests to itself; " in said
    assert "docker" not in said
    assert object_of(street.lb, street.lb.name)["reason"] == "self"


@pytest.mark.slow("a container is ill, gets well and is killed")
def test_health_and_end_are_told_anew(street):
    """The newest of both, after events."""
    name = street.bench.name("anew")
    docker("run", "--detach", "--name", name, "--network", street.first, *street.bench.labels(), "--health-cmd",
           "test -e /tmp/well || { echo not well; exit 2; }", "--health-retries", "1", "--health-interval", "200ms", "--health-start-period", "1ms",
           SERVER)
    wait_for("the output", lambda: "its HEALTHCHECK fails: exit code 2: not well." in line_of(street.lb, name))
    docker("exec", name, "touch", "/tmp/well")
    wait_for("it is in", lambda: ": routed as" in line_of(street.lb, name))
    assert "not well" not in line_of(street.lb, name) and "health" not in object_of(street.lb, name)
    docker("kill", name)
    wait_for("its end", lambda: "with code 137 (signal 9). docker start" in line_of(street.lb, name))
    docker("start", name)
    wait_for("it runs", lambda: "not_running" not in line_of(street.lb, name))
    assert "with code" not in line_of(street.lb, name)  # what its last check said may be told still
