"""Servers that others have made: nginx, and openssl s_server."""

import os
import shutil
import ssl
import subprocess

import pytest

from secure_backend import https_line
from support.client import RawClient
from support.free_port import free_port
from support.waiting import wait_for

needs_nginx = pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")

NGINX = """\
daemon off;
{user}
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 7;
    ssl_certificate {folder}/both.pem;
    ssl_certificate_key {folder}/both.pem;
    ssl_protocols {protocols};
    server {{
        listen 127.0.0.1:{port} ssl default_server;
        return 421 "$ssl_server_name";
    }}
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name b.test;
        ssl_client_certificate {folder}/ca.pem;
        ssl_verify_client {client};
        root {folder};
        location /who {{ return 200 "$ssl_client_s_dn $ssl_protocol $ssl_session_reused $http_host"; }}
        location /file {{ }}
    }}
}}
"""


def is_taken(port):
    try:
        RawClient(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@pytest.fixture(name="run_server")
def make_run_server(cleanup):
    """run_server(port, *command): until it listens; it is ended with the test."""
    def run(port, *command, **options):
        process = subprocess.Popen(list(map(str, command)), **options)

        def end():
            process.terminate()
            process.wait(20)
        cleanup.callback(end)
        wait_for(lambda: is_taken(port), f"{command[0]} listens")
        return process
    return run


@pytest.fixture(name="start_nginx")
def make_start_nginx(run_server, papers, tmp_path):
    """start_nginx(): its port, at which b.test is to be asked for."""
    def start(protocols="TLSv1.2 TLSv1.3", client="off"):
        port = free_port()
        (tmp_path / "both.pem").write_text(papers.good.full_chain + papers.good.key, encoding="utf-8")
        shutil.copy(papers.files / "ca.pem", tmp_path)
        (tmp_path / "file").write_bytes(b"a line of a file\n" * 200000)
        text = NGINX.format(folder=tmp_path, port=port, protocols=protocols, client=client,
                            user="user root;" if os.geteuid() == 0 else "")
        (tmp_path / "nginx.conf").write_text(text, encoding="utf-8")
        run_server(port, "nginx", "-c", tmp_path / "nginx.conf", "-e", tmp_path / "error.log", "-p", tmp_path)
        return ("127.0.0.1", port)
    return start


class At:
    def __init__(self, address):
        self.address = address


@needs_nginx
@pytest.mark.parametrize("protocols", ["TLSv1.2", "TLSv1.3"])
def test_nginx(protocols, start_nginx, start_lb, papers, discovery, connect):
    """It is asked for its name, ends connections after some requests, and takes sessions up again."""
    lb = start_lb("--workers=1", papers.flag, *discovery.flags)
    discovery.send_line(https_line(At(start_nginx(protocols)), backend_ca="ca.pem", backend_name="b.test"))
    client = connect(lb.wait_ready())
    said = [client.get("/who", host="b.test").body.decode().split() for _ in range(30)]
    assert {words[0] for words in said} == {protocols}
    assert sum(words[1] == "r" for words in said) >= 14, said  # three of four connections
    page = lb.metrics()
    assert page.value("lb_upstream_tls_resumed_total") >= 3
    assert len(client.get("/file", host="b.test").body) == 17 * 200000


@needs_nginx
def test_nginx_is_not_asked_for_a_name(start_nginx, start_lb, discovery, connect):
    lb = start_lb(*discovery.flags)
    discovery.send_line(https_line(At(start_nginx())))
    client = connect(lb.wait_ready())
    answer = client.get("/who")
    assert (answer.status, answer.body) == (421, b"")


@needs_nginx
def test_nginx_asks_who_lb_is(start_nginx, start_lb, papers, discovery, connect):
    address = start_nginx(client="on")
    lb = start_lb(papers.flag, *discovery.flags)
    discovery.send_line(https_line(At(address), backend_ca="ca.pem", backend_name="b.test"))
    assert connect(lb.wait_ready()).get("/who", host="b.test").status == 400  # nginx's own answer
    discovery.send_line(https_line(At(address), backend_ca="ca.pem", backend_name="b.test", backend_certificate="lb.pem"))
    wait_for(lambda: connect(lb).get("/who", host="b.test").body.startswith(b"CN=lb.test TLSv1.3"), "it is known")


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_s_server(version, run_server, start_lb, papers, discovery, connect, tmp_path):
    """Close-delimited pages, which end with close_notify."""
    port = free_port()
    (tmp_path / "both.pem").write_text(papers.good.full_chain + papers.good.key, encoding="utf-8")
    run_server(port, "openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", tmp_path / "both.pem", version,
               "-www", "-quiet", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    lb = start_lb(papers.flag, *discovery.flags)
    discovery.send_line(https_line(At(("127.0.0.1", port)), backend_ca="ca.pem", backend_name="b.test"))
    lb.wait_ready()
    for _ in range(5):
        answer = connect(lb).get()
        assert answer.status == 200 and b"</html>" in answer.body.lower()


@pytest.mark.parametrize("word", ["R", "r"])
def test_renegotiation_is_refused(word, run_server, start_lb, papers, discovery, connect, tmp_path):
    """TLS 1.2, asked for by the server in the middle of an answer: it ends there, told as cut off, and lb goes on."""
    port = free_port()
    (tmp_path / "both.pem").write_text(papers.good.full_chain + papers.good.key, encoding="utf-8")
    server = run_server(port, "openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", tmp_path / "both.pem", "-tls1_2",
                        "-naccept", "9", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lb = start_lb("--check-mode=tcp", *discovery.flags)
    discovery.send_line(https_line(At(("127.0.0.1", port)), backend_verify="no"))
    lb.wait_ready()
    client = connect(lb).request()
    said = b""
    while b"GET / HTTP/1.1" not in said:
        said += server.stdout.readline()
    server.stdin.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun\n")
    server.stdin.flush()
    assert client.read_head().status == 200
    server.stdin.write(word.encode() + b"\n")
    server.stdin.flush()
    server.stdin.write(b"more\n" * 10)
    server.stdin.flush()
    wait_for(lambda: set(lb.totals()["ends"]) & {"upstream_truncated", "upstream_reset"} or is_alive(lb, client),
             "it is over, or goes on")
    assert lb.ask("/healthz").status == 200


def is_alive(lb, client):
    """What came behind it was passed on."""
    client.wire.sock.settimeout(0.2)
    try:
        client.wire._fill()
    except (TimeoutError, ssl.SSLError):
        pass
    return b"more" in client.wire.buffer
