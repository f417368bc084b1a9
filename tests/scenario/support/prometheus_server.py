"""A real Prometheus as a process on a free port, and what it answers to queries."""

import json
import subprocess
import urllib.parse
import urllib.request

from support.free_port import free_port


class PrometheusServer:
    """Scrapes the given (host, port) addresses so often (a busy machine may need a second for it), exemplars too; keeps its data
    in `folder`."""

    def __init__(self, folder, *targets, every="1s"):
        self.address = f"127.0.0.1:{free_port()}"
        config = folder / "prometheus.yml"
        listed = ", ".join("'%s:%d'" % target for target in targets)
        config.write_text(f"global: {{scrape_interval: {every}, scrape_timeout: {every}}}\n"
                          "scrape_configs:\n- job_name: lb\n"
                          f"  static_configs: [{{targets: [{listed}]}}]\n", encoding="utf-8")
        self.log = open(folder / "prometheus.log", "wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address={self.address}", "--log.level=warn", "--enable-feature=exemplar-storage"],
            stdout=self.log, stderr=self.log)

    def ask(self, path, **query):
        url = f"http://{self.address}{path}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return json.load(answer)["data"]
        except OSError:
            return None  # it is not up yet

    def query(self, expression):
        """{label values: value} of an instant query."""
        data = self.ask("/api/v1/query", query=expression)
        return {tuple(sorted(r["metric"].items())): float(r["value"][1])
                for r in data["result"]} if data else {}

    def by(self, expression, *labels):
        return {tuple(dict(key)[label] for label in labels): value
                for key, value in self.query(expression).items()}

    def close(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
