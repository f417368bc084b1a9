"""An agent that speaks TLS: whose certificate is trusted, and for which name."""

import ssl
import subprocess

import pytest
from pretended_catalog import PretendedCatalog, entry
from test_catalog_trouble import wait_obstacle
from watcher import Watcher


@pytest.fixture
def certificate(tmp_path):
    """Of its own authority, for the name agent.test."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=agent.test", "-addext", "subjectAltName=DNS:agent.test",
                    "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    return tmp_path / "cert.pem", tmp_path / "key.pem"


@pytest.fixture
def agent(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with PretendedCatalog() as catalog:
        catalog.server.socket = context.wrap_socket(catalog.server.socket, server_side=True)
        catalog.put("web", entry("web"))
        yield catalog


def follow(agent, **environment):
    return Watcher("--consul", f"https://127.0.0.1:{agent.port}", "--consul-service", "web",
                   environment={key: str(value) for key, value in environment.items()})


def test_the_name_that_is_given_is_looked_for(agent, certificate):
    with follow(agent, CONSUL_CACERT=certificate[0], CONSUL_TLS_SERVER_NAME="agent.test") as watcher:
        watcher.next()
        assert watcher.states() == {"web-1": "ready"}


@pytest.mark.parametrize("environment", [{}, {"CONSUL_CACERT": True}, {"CONSUL_TLS_SERVER_NAME": "agent.test"},
                                         {"CONSUL_CACERT": True, "CONSUL_TLS_SERVER_NAME": "other.test"}])
def test_others_are_not_trusted(agent, certificate, environment):
    if "CONSUL_CACERT" in environment:
        environment = {**environment, "CONSUL_CACERT": certificate[0]}
    with follow(agent, **environment) as watcher:
        wait_obstacle(watcher, "certificate")
        watcher.no_line()
        assert not agent.requests


def test_an_agent_that_asks_for_a_certificate_of_ours(certificate):
    """By TLS 1.3 it says so when the handshake is over."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.load_verify_locations(certificate[0])
    context.verify_mode = ssl.CERT_REQUIRED
    ours = {"CONSUL_CLIENT_CERT": certificate[0], "CONSUL_CLIENT_KEY": certificate[1]}
    with PretendedCatalog() as catalog:
        catalog.server.socket = context.wrap_socket(catalog.server.socket, server_side=True)
        catalog.put("web", entry("web"))
        with follow(catalog, CONSUL_HTTP_SSL_VERIFY="false") as watcher:
            wait_obstacle(watcher, "CONSUL_CLIENT_CERT")
        with follow(catalog, CONSUL_HTTP_SSL_VERIFY="false", **ours) as watcher:
            watcher.next()
            assert watcher.states() == {"web-1": "ready"}


def test_any_will_do(agent):
    with follow(agent, CONSUL_HTTP_SSL_VERIFY="false") as watcher:
        watcher.next()
