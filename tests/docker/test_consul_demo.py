"""deploy/consul as typed: one command brings a Consul agent beside lb and appservers, and the catalog, DNS and the pages know them."""
import json
import os
import re
import shutil
import signal
import subprocess
import uuid

import pytest
from conftest import TAG, TOP, docker, free_port, get, wait_for

LIFE_S = 600  # the image of Consul may have to be made first


class Demo:
    def __init__(self):
        self.prefix = f"t{uuid.uuid4().hex[:6]}-"
        self.port, self.admin_port, self.consul_port, self.dns_port = (free_port() for _ in range(4))
        self.environment = {**os.environ, "LB_DEMO_PREFIX": self.prefix, "LB_IMAGE_TAG": TAG, "LB_PORT": str(self.port),
                            "LB_ADMIN_PORT": str(self.admin_port), "CONSUL_PORT": str(self.consul_port),
                            "CONSUL_DNS_PORT": str(self.dns_port)}
        self.environment.pop("CONSUL_IMAGE", None)

    def script(self, name):
        done = subprocess.run([str(TOP / "deploy" / "consul" / name)], stdin=subprocess.DEVNULL, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIFE_S, check=False)
        return done.returncode, done.stdout

    def name(self, word):
        return f"{self.prefix}consul-{word}"

    def address(self, word):
        return docker("container", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
                      self.name(word))

    def ask_consul(self, path):
        status, body = get("127.0.0.1", self.consul_port, path)
        assert status == 200, (path, status, body)
        return json.loads(body)

    def catalog(self, service="appserver"):
        """{container's name: (address, port, all of its checks' states)} of what this demo has there."""
        found = {}
        for entry in self.ask_consul(f"/v1/health/service/{service}"):
            container = entry["Service"]["ID"].split(":")[1] if entry["Service"]["ID"].count(":") > 1 else ""
            if container.startswith(self.prefix) or service == "proxy":
                found[container] = (entry["Service"]["Address"], entry["Service"]["Port"],
                                    {check["Status"] for check in entry["Checks"]})
        return found

    def dig(self, *words):
        done = subprocess.run(["dig", "@127.0.0.1", "-p", str(self.dns_port), "+short", "+tcp", *words], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=30, check=True)
        return done.stdout.split("\n")

    def start_app(self, name):
        return subprocess.Popen([str(TOP / "deploy" / "consul" / "start-app.sh"), name], text=True, start_new_session=True,
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment)


@pytest.fixture
def demo():
    made = Demo()
    yield made
    made.script("stop.sh")


@pytest.mark.slow("a whole demo, started twice, of real containers, and Consul's image the first time")
@pytest.mark.timeout(LIFE_S)
def test_the_demo_with_consul_from_start_to_stop(demo):
    code, text = demo.script("start.sh")
    assert code == 0, text
    assert len(re.findall(r"^ +Hi there, I'm served from \S+!$", text, re.MULTILINE)) == 6, text
    assert f"http://localhost:{demo.consul_port}/ui/" in text
    addresses = {demo.address(f"appserver{number}") for number in (1, 2)}
    both = {demo.name(f"appserver{number}") for number in (1, 2)}

    wait_for("both in the catalog", lambda: set(demo.catalog()) >= both)
    for name in both:
        address, port, states = demo.catalog()[name]
        assert address in addresses and port == 8484 and states == {"passing"}
    if shutil.which("dig"):
        assert addresses <= set(demo.dig("appserver.service.consul"))
        assert sum(" 8484 " in line for line in demo.dig("appserver.service.consul", "SRV")) >= 2
    assert get("127.0.0.1", demo.consul_port, "/ui/")[0] == 200
    # lb itself, with a check of its own.
    wait_for("lb's own service to be well", lambda: [1 for _, port, states in demo.catalog("proxy").values()
                                                     if states == {"passing"}])

    running = docker("ps", "--no-trunc", "--filter", f"label=lb-demo={demo.name('lb-demo')}", "--format", "{{.ID}}").split()
    code, text = demo.script("start.sh")
    assert code == 0 and "running already" in text, text
    assert docker("ps", "--no-trunc", "--filter", f"label=lb-demo={demo.name('lb-demo')}", "--format", "{{.ID}}").split() == running

    third = demo.start_app(demo.name("appserver3"))
    try:
        wait_for("the third in the catalog", lambda: demo.name("appserver3") in demo.catalog())
    finally:
        os.killpg(third.pid, signal.SIGINT)
        text = third.communicate(timeout=60)[0]
    wait_for(f"the third to leave the catalog\n{text}", lambda: demo.name("appserver3") not in demo.catalog())
    docker("rm", "--force", demo.name("appserver1"))
    wait_for("one to leave the catalog", lambda: demo.name("appserver1") not in demo.catalog())
    assert {get("127.0.0.1", demo.port)[0] for _ in range(20)} == {200}

    code, text = demo.script("stop.sh")
    assert code == 0, text
    assert docker("ps", "--all", "--quiet", "--filter", f"name={demo.prefix}") == ""
    assert docker("network", "ls", "--quiet", "--filter", f"name={demo.prefix}") == ""


def test_help_and_nonsense(demo):
    for script in ("start.sh", "stop.sh", "start-app.sh"):
        done = subprocess.run([str(TOP / "deploy" / "consul" / script), "--help"], text=True, stdout=subprocess.PIPE,
                              env=demo.environment, timeout=30, check=True)
        assert "deploy/" in done.stdout
    done = subprocess.run([str(TOP / "deploy" / "consul" / "start.sh"), "--nonsense"], env=demo.environment, timeout=30,
                          stderr=subprocess.DEVNULL, check=False)
    assert done.returncode == 2
