"""lb-discovery --register beside an engine and an agent of pretence."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "discovery"))
from fake_docker import FakeDocker, container  # noqa: E402
from watcher import Watcher  # noqa: E402

HOST, ENGINE = "h1", "ENGINE:1"


def cid(number):
    return f"{number:064x}"


def web(number, health=None, output="its output", env=(), port=80, **more):
    """A container that publishes a port."""
    more = {"ip": f"10.9.{number >> 8}.{number & 255}", **more}
    made = container(cid(number), f"web{number}", env=["SERVICE_NAME=web", *env], **more)
    made["NetworkSettings"]["Ports"] = {f"{port}/tcp": [{"HostIp": "0.0.0.0", "HostPort": str(30000 + number)}]}
    if health:
        set_health(made, health, output)
    return made


def set_health(made, health, output="its output"):
    made["Config"]["Healthcheck"] = {"Test": ["CMD", "true"]}
    made["State"]["Health"] = {"Status": health, "FailingStreak": 3 * (health == "unhealthy"), "Log": [
        {"Start": "2026-01-01T00:00:00Z", "End": "2026-01-01T00:00:01Z", "ExitCode": int(health == "unhealthy"),
         "Output": output}]}


class RegisteringHost:
    def __init__(self, folder, agent):
        self.agent = agent
        self.engine = FakeDocker(folder / "docker.sock").start()
        self.engine.answers["/info"] = (200, json.dumps({"ID": ENGINE, "Name": HOST}).encode())
        self.watcher = None

    def start(self, *flags, environment=None):
        """Alone, as registrator is started."""
        self.watcher = Watcher(f"--register={self.agent.url}", "--self=none", *flags,
                               environment={"DOCKER_HOST": f"unix://{self.engine.path}", **(environment or {})})
        self.engine.wait_stream()
        return self.watcher

    def add(self, *made):
        """As they are before the program looks, or with start_container() later."""
        for one in made:
            self.engine.add(one)

    def start_container(self, made):
        self.engine.add(made)
        self.engine.event("start", made["Id"])

    def tell_to_stop(self, number):
        self.engine.event("kill", cid(number), signal="15")

    def end_container(self, number):
        self.engine.containers[cid(number)]["State"].update(Running=False, Status="exited", ExitCode=0)
        self.engine.event("die", cid(number), exitCode="0")

    def end(self):
        if self.watcher:
            watcher, self.watcher = self.watcher, None
            try:
                assert watcher.end() == 0
            finally:
                watcher.process.kill()

    def kill(self):
        self.watcher.process.kill()
        self.watcher.process.wait()
        self.watcher = None

    def close(self):
        try:
            self.end()
        finally:
            self.engine.stop()


def id_of(number, port=80):
    return f"{HOST}:web{number}:{port}"


def owned(agent, owner=ENGINE):
    return {service_id for service_id, entry in list(agent.services.items())
            if entry["Meta"].get("lb-owner") == owner}
