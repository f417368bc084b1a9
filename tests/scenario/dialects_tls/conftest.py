"""Containers whose words speak of TLS, behind an lb that has a certificate for a.test and *.b.test."""

import sys
from pathlib import Path

import pytest

for folder in ("discovery", "upstream_tls"):
    sys.path.insert(0, str(Path(__file__).parent.parent / folder))

from fake_docker import FakeDocker, container  # noqa: E402
from secure_backend import SecureBackend, server_context  # noqa: E402

from support.certificates import issue, make_ca, self_signed  # noqa: E402
from support.tls import TlsLb  # noqa: E402

IDS = [f"{number:064x}" for number in range(20)]


@pytest.fixture(name="ca", scope="session")
def fixture_ca(tmp_path_factory):
    return make_ca(tmp_path_factory.mktemp("ca") / "root")


class Sites:
    """Each container has a backend of its own, which may speak TLS by `identity`."""

    def __init__(self, folder, engine, ca, start_lb, start_backend, connect, cleanup):
        self.folder, self.engine, self.ca, self.start_lb = folder, engine, ca, start_lb
        self.start_backend, self.plainly, self.cleanup = start_backend, connect, cleanup
        self.backends = []
        self.tls = None

    def _secure(self, identity):
        backend = SecureBackend(server_context(self.folder, identity))
        self.cleanup.callback(backend.close)
        return backend

    def add(self, labels=None, env=(), identity=None, name=None):
        backend = self._secure(identity) if identity else self.start_backend()
        self.backends.append(backend)
        made = container(IDS[len(self.backends)], name or f"site{len(self.backends)}", ip=backend.address[0])
        made["Config"].update(Labels=labels or {}, Env=list(env), Image="image",
                              ExposedPorts={f"{backend.address[1]}/tcp": {}})
        self.engine.add(made)
        return backend

    def plug_in(self, *words, **options):
        """Its id."""
        self.engine.wait_stream()
        self.add(*words, **options)
        self.engine.event("start", IDS[len(self.backends)])
        return IDS[len(self.backends)]

    def unplug(self, made):
        self.engine.event("die", made)
        del self.engine.containers[made]
        self.engine.event("destroy", made)

    @property
    def flag(self):
        return "--docker=unix://" + self.engine.path

    def start(self, *flags, ready=None, **options):
        self.tls = TlsLb(self.start_lb, self.folder / "certificates", self.ca, self.flag,
                         "--allow-address=127.0.0.0/8", *flags, env={"LB_CONTAINER_ID": "none"}, is_ready=False,
                         **options)
        self.tls.lb.wait_ready(len(self.backends) if ready is None else ready)
        return self.tls.lb

    def http(self, host="a.test", target="/", method="GET"):
        with self.plainly(self.tls.lb) as client:
            return client.request(method, target, host=host).read_response(method == "HEAD")

    def https(self, host="a.test", target="/"):
        return self.tls.get(host, target)


@pytest.fixture
def sites(tmp_path, ca, start_lb, start_backend, connect, cleanup):
    with FakeDocker(tmp_path / "docker.sock") as engine:
        yield Sites(tmp_path, engine, ca, start_lb, start_backend, connect, cleanup)


@pytest.fixture(scope="session")
def papers(ca):
    """Identities of servers."""
    return {"good": issue(ca, ["127.0.0.1", "a.test"]), "own": self_signed(["a.test"])}
