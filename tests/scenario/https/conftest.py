"""An lb that speaks HTTP and HTTPS, with routes from a line of discovery, asked by curl."""

import json
import re
import subprocess

import pytest

from support.certificates import make_ca
from support.discovery import endpoint
from support.tls import TlsLb
from support.waiting import wait_for


@pytest.fixture(name="ca", scope="module")
def fixture_ca(tmp_path_factory):
    return make_ca(tmp_path_factory.mktemp("ca") / "root")


class Answer:
    """What curl got: status, fields by their names in lower case, and the body."""

    def __init__(self, out):
        head, _, self.body = out.partition("\n\n")
        lines = head.split("\n")
        self.status = int(lines[0].split()[1])
        self.fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.fields.setdefault(name.lower(), value.strip())

    def get(self, name):
        return self.fields.get(name.lower())


class Site:
    """Serves routes at http and https. `names`: of its one certificate; none: there is no certificate."""

    def __init__(self, start_lb, discovery, backend, ca, folder, *flags, names=("a.test", "*.b.test")):
        self.discovery, self.backend, self.ca, self.log = discovery, backend, ca, folder / "access"
        self.tls = TlsLb(start_lb, folder / "certificates", ca, "--hold=0", f"--access-log={self.log}", *discovery.flags,
                         *flags, names=names)
        self.lb = self.tls.lb

    def route(self, *routes):
        """Each is (host, options) or a whole route."""
        taken = self.lb.pool()["discovery"].get("lines", 0)
        whole = [r if isinstance(r, dict) else {"host": r[0], "service": "app", "options": r[1]} for r in routes]
        services = [{"name": "app", "endpoints": [endpoint("app", self.backend.address)]}]
        self.discovery.send_line({"v": 2, "source": "file", "time_ns": 1, "services": services, "left_out": [],
                                  "routes": [{k: v for k, v in r.items() if v} for r in whole]})
        wait_for(lambda: self.lb.pool()["discovery"].get("lines", 0) > taken, "the new routes")
        self.lb.wait_ready(1)

    def curl(self, url, *flags):
        """As a client that resolves all names to lb and trusts its authority. Gives an Answer, or curl's exit status where
        there is none, and what the backend got, or None."""
        self.backend.requests.clear()
        ports = {"http": self.lb.address[1], "https": self.tls.address[1]}
        host = re.sub(r":\d+$", "", url.split("/")[2])
        scheme = url.split(":")[0]
        default = {"http": 80, "https": 443}[scheme]
        done = subprocess.run(
            ["curl", "-sS", "-i", "--http1.1", "--max-time", "20", "--cacert", str(self.ca.root), "--connect-to",
             f"{host}:{default}:127.0.0.1:{ports[scheme]}", *flags, url],
            capture_output=True, text=True, check=False)
        answer = Answer(done.stdout) if done.stdout else done.returncode
        return answer, self.backend.requests[0] if self.backend.requests else None

    def status(self, url, *flags):
        answer, _ = self.curl(url, *flags)
        return answer.status if isinstance(answer, Answer) else f"curl {answer}"

    def logged(self, count=1):
        """The newest lines of the access log."""
        wait_for(lambda: self.log.exists() and len(self.log.read_text().splitlines()) >= count, "lines of the log")
        return [json.loads(line) for line in self.log.read_text().splitlines()]


@pytest.fixture
def start_site(start_lb, start_backend, discovery, ca, tmp_path):
    """start_site(*flags, names=...): a Site, in front of one backend."""
    def start(*flags, **options):
        return Site(start_lb, discovery, start_backend(), ca, tmp_path, *flags, **options)
    return start
