"""lb-discovery --register beside a Docker engine of pretence and a real agent."""
import json

from between import Between
from fake_docker import FakeDocker
from support.program import Program
from support.waiting import wait_for

ADVERTISED = "192.0.2.1"


def container(cid, name, image="acme/shop:1.2", env=(), labels=None, ports=(), exposed=(), network="bridge",
              ip="172.17.0.2", mode=None, health=None):
    """One inspect answer. `ports`: "8001/tcp" → host port, or a list of (address, port); `exposed`: more that are not
    published."""
    bound = {}
    for port, where in dict(ports).items():
        where = where if isinstance(where, list) else [("0.0.0.0", where)]
        bound[port] = [{"HostIp": address, "HostPort": str(number)} for address, number in where]
    state = {"Status": "running", "Running": True, "Paused": False, "Restarting": False, "Dead": False, "ExitCode": 0,
             "StartedAt": "2026-01-01T00:00:00Z"}
    if health:
        state["Health"] = {"Status": health, "FailingStreak": 0, "Log": [
            {"Start": "2026-01-01T00:00:00Z", "End": "2026-01-01T00:00:01Z", "ExitCode": 0, "Output": "its output"}]}
    networks = {network: {"NetworkID": "b" * 64, "IPAddress": ip, "Gateway": "172.17.0.1"}}
    if mode and (mode == "host" or mode.startswith("container:")):
        networks = {"host": {"NetworkID": "c" * 64, "IPAddress": "", "Gateway": ""}} if mode == "host" else {}
    return {
        "Id": cid, "Name": "/" + name, "Created": "2026-01-01T00:00:00Z", "State": state,
        "HostConfig": {"NetworkMode": mode or ("default" if network == "bridge" else network),
                       "PortBindings": {port: where for port, where in bound.items()}},
        "Config": {"Image": image, "Labels": dict(labels or {}), "Env": list(env),
                   "ExposedPorts": {port: {} for port in (*bound, *exposed)},
                   **({"Healthcheck": {"Test": ["CMD", "true"]}} if health else {})},
        "NetworkSettings": {"Networks": networks, "Ports": {**{port: None for port in exposed}, **bound}},
    }


def cid(number):
    return f"{number:064x}"


class Host:
    """An engine of that name, and lb-discovery on it when it is started. What it registers carries its `owner`."""

    def __init__(self, folder, agent, name="h1", owner="ENGINE"):
        folder.mkdir(parents=True, exist_ok=True)
        self.agent, self.name, self.owner = agent, name, owner
        self.engine = FakeDocker(folder / "docker.sock").start()
        self.engine.networks.append({"Id": "c" * 64, "Name": "host", "Driver": "host"})
        self.engine.answers["/info"] = (200, json.dumps(
            {"ID": owner, "Name": name, "Swarm": {"NodeID": "", "LocalNodeState": "inactive"}}).encode())
        self.program = None
        self.between = Between(agent)

    def start(self, *flags, env=None):
        """Without --docker, as registrator is started: it prints no lines. What it tells the agent is heard."""
        advertise = [] if any(flag.startswith("--advertise") for flag in flags) else [f"--advertise={ADVERTISED}"]
        self.program = Program("lb-discovery", f"--register={self.between.url}", "--self=none", *advertise,
                               *flags, env={"DOCKER_HOST": f"unix://{self.engine.path}", **(env or {})})
        self.engine.wait_stream()
        return self

    def kill(self):
        self.program.process.kill()
        self.program.process.wait(20)
        self.program.is_judged = True
        with self.engine.changed:
            self.engine.streams.clear()

    def close(self):
        try:
            if self.program:
                self.program.stop()
        finally:
            self.engine.stop()
            self.between.close()

    # ---- what happens on the engine --------------------------------------------------------------

    def run(self, inspect):
        self.engine.add(inspect)
        self.engine.event("start", inspect["Id"])
        return inspect

    def set_health(self, inspect, status):
        """As a HEALTHCHECK that ran says."""
        failed = status == "unhealthy"
        inspect["State"]["Health"] = {"Status": status, "FailingStreak": 3 if failed else 0, "Log": [
            {"Start": "2026-01-01T00:00:00Z", "End": "2026-01-01T00:00:01Z", "ExitCode": int(failed), "Output": "its output"}]}
        self.engine.event(f"health_status: {status}", inspect["Id"])

    def stop_signal(self, inspect):
        self.engine.event("kill", inspect["Id"], signal="15")

    def end(self, inspect, code=0, is_removed=True):
        inspect["State"].update(Running=False, Status="exited", ExitCode=code)
        self.engine.event("die", inspect["Id"], exitCode=str(code))
        if is_removed:
            self.engine.containers.pop(inspect["Id"], None)
            self.engine.event("destroy", inspect["Id"])

    # ---- what the catalog has ------------------------------------------------------------------

    def entries(self):
        """{id: entry} of this agent that are of this engine."""
        return {service_id: entry for service_id, entry in self.agent.services().items()
                if entry["Meta"].get("lb-owner") == self.owner}

    def check(self, service_id):
        """Its own check, or None."""
        found = [check for check in self.agent.checks().values() if check["ServiceID"] == service_id]
        return found[0] if found else None

    def told(self, service_id):
        """The check that the agent was told of last for that entry, or {}."""
        def look():
            bodies = [json.loads(body) for path, body in list(self.between.bodies)
                      if path.startswith("/v1/agent/service/register")]
            return [body for body in bodies if body["ID"] == service_id]
        mine = wait_for(look, f"the agent was told of {service_id}")
        return mine[-1].get("Check") or (mine[-1].get("Checks") or [{}])[0]
