"""A real Prometheus, Alertmanager and node-exporter with the settings of deploy/stack: the jobs, rules, routes and receivers as
they are, but for addresses and for intervals, which are short."""

import os
import shutil
import subprocess
import urllib.error
import urllib.request

import yaml

from deployed import ALERTMANAGER, PROMETHEUS
from support.free_port import free_port
from support.prometheus_server import PrometheusServer


class Daemon:
    def __init__(self, folder, *command):
        self.log = open(folder / f"{command[0]}.log", "wb")
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


class NodeExporter(Daemon):
    def __init__(self, folder):
        self.address = f"127.0.0.1:{free_port()}"
        super().__init__(folder, "prometheus-node-exporter", f"--web.listen-address={self.address}")


class Alertmanager(Daemon):
    def __init__(self, folder, url):
        self.address = f"127.0.0.1:{free_port()}"
        settings = yaml.safe_load(ALERTMANAGER.read_text(encoding="utf-8"))
        settings["route"].update(group_wait="1s", group_interval="1s")
        settings["receivers"][0]["webhook_configs"][0]["url"] = url
        path = folder / "alertmanager.yml"
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        super().__init__(folder, "prometheus-alertmanager", f"--config.file={path}", f"--storage.path={folder}/alertmanager",
                         f"--web.listen-address={self.address}", "--cluster.listen-address=", "--log.level=warn")

    def is_up(self):
        try:
            with urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=2) as answer:
                return answer.status == 200
        except (OSError, urllib.error.URLError):
            return False


NETWORK = "stack-lb-demo"


def as_docker_tells(name, service, ip, network=NETWORK):
    """What Docker's service discovery says of a container of the stack, for the same rules."""
    return {"targets": ["unused:80"],
            "labels": {"__meta_docker_container_label_com_docker_compose_service": name,
                       "__meta_docker_container_label_org_opencontainers_image_title": service, "__meta_docker_network_name": network,
                       "__meta_docker_network_ip": ip, "__meta_docker_container_name": f"/{name}"}}


class DeployedPrometheus(PrometheusServer):
    """`containers`: (name, image, IP) of each of this machine; an lb's admin listener has port 8001, an appserver 8484. Another stack
    has the same. `elsewhere`: job → "ip:port" of others. `others`: job → address of its only target; the others are left out."""

    def __init__(self, folder, containers, elsewhere, alertmanager, others):
        # pylint: disable=super-init-not-called  # its settings are others
        self.address = f"127.0.0.1:{free_port()}"
        settings = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
        settings["global"].update(scrape_interval="500ms", scrape_timeout="500ms", evaluation_interval="500ms")
        settings["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [alertmanager]}]}]
        others = {**others, "prometheus": self.address, "alertmanager": alertmanager}
        jobs = {job["job_name"]: job for job in settings["scrape_configs"]}
        for name in ("lb", "appserver"):
            del jobs[name]["docker_sd_configs"]
            jobs[name]["static_configs"] = [as_docker_tells(*container, network=before + NETWORK) for container in containers
                                            for before in ("", "second-")]
        for name, address in others.items():
            jobs[name].pop("dns_sd_configs", None)
            jobs[name]["static_configs"] = [{"targets": [address]}]
        settings["scrape_configs"] = [job for name, job in jobs.items() if name in {"lb", "lb-elsewhere", "appserver", "appserver-elsewhere", *others}]
        shutil.copytree(PROMETHEUS, folder / "prometheus")
        for place, job in ((".", "lb"), ("appserver", "appserver")):
            (folder / "prometheus" / "targets" / place / "more.yml").write_text(yaml.safe_dump([{"targets": elsewhere[job]}]), encoding="utf-8")
        config = folder / "prometheus" / "prometheus.yml"
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        self.log = open(folder / "prometheus.log", "wb")
        self.process = subprocess.Popen(
            ["sh", folder / "prometheus" / "start.sh", f"--storage.tsdb.path={folder}/data", f"--web.listen-address={self.address}",
             "--log.level=warn", "--enable-feature=exemplar-storage"],
            env={**os.environ, "STACK_NETWORK": NETWORK, "STACK_MADE": str(folder / "made")}, stdout=self.log, stderr=self.log)
