"""Log, flags, environment, and curl as a client."""
import os
import random
import re
import zlib

import pytest

from appserver_under_test import Appserver, GREETING, curl, get, run, wait_until


def test_one_json_line_per_request():
    with Appserver() as server:
        with server.client() as client:
            client.send(get("/?x=\"q\"\\") + get("/bytes/1000") + get("/status/204") +
                        get("/delay/30", method="HEAD") + get("/drop"))
            client.read_to_end()
            port = client.sock.getsockname()[1]
        with server.client() as client:
            client.send(b"rubbish\r\n\r\n")
            client.read_to_end()
        wait_until(lambda: len(server.log_lines()) == 6, "six log lines")
        lines = server.log_lines()
        for line in lines:
            assert list(line) == ["time", "method", "path", "status", "bytes", "ms", "peer"]
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["time"])
        short = [(line["method"], line["path"], line["status"], line["bytes"]) for line in lines]
        assert short == [
            ("GET", "/?x=\"q\"\\", 200, len(GREETING)), ("GET", "/bytes/1000", 200, 1000),
            ("GET", "/status/204", 204, 0), ("HEAD", "/delay/30", 200, 0),
            ("GET", "/drop", 0, 0), (None, None, 400, lines[5]["bytes"])]
        assert 30 <= lines[3]["ms"] < 5000
        assert lines[0]["peer"] == f"127.0.0.1:{port}"


def test_a_client_that_leaves_is_logged():
    with Appserver() as server:
        with server.client() as client:
            client.send(get("/upload", "Content-Length: 10", method="POST") + b"half")
        line = server.log_line("/upload")
        assert (line["method"], line["status"]) == ("POST", 0)


def test_no_log():
    with Appserver("--no-log") as server:
        assert server.ask(get("/")).body == GREETING
    assert server.log_lines() == []


def test_log_survives_a_closed_pipe():
    reading, writing = os.pipe()
    os.close(reading)
    with Appserver(stdout=writing) as server:
        os.close(writing)
        for _ in range(3):
            assert server.ask(get("/")).body == GREETING


@pytest.mark.parametrize("arguments,says", [
    (["--port", "65536"], ["--port", "65536", "0 to 65535"]),
    (["--port", ""], ["--port", "0 to 65535"]),
    (["--port"], ["--port", "missing"]),
    (["--listen", "localhost:80"], ["--listen", "localhost:80", "IP:PORT"]),
    (["--name", ""], ["--name", "1 to 255 bytes"]),
    (["--name", "a\nb"], ["--name", "control characters"]),
    (["--keepalive-ms", "-1"], ["--keepalive-ms", "-1", "milliseconds"]),
    (["--linger-ms=1s"], ["--linger-ms", "1s", "milliseconds"]),
    (["--grace-ms", "86400001"], ["--grace-ms", "86400000"]),
    (["--wait-ms", "0"], ["--wait-ms", "at least 1"]),
    (["--wat"], ["--wat", "--help"]),
    (["-x"], ["-x", "--help"]),
    (["extra"], ["extra", "--help"]),
    (["--healthcheck", "nopath"], ["--healthcheck", "nopath", "/"]),
])
def test_bad_flags(arguments, says):
    result = run(*arguments)
    assert result.returncode == 2
    for word in says:
        assert word in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("name,value", [("APPSERVER_PORT", "x"), ("APPSERVER_NAME", "\t"),
                                        ("APPSERVER_LINGER_MS", "x")])
def test_bad_environment(name, value):
    result = run(**{name: value})
    assert result.returncode == 2
    assert name in result.stderr


@pytest.mark.parametrize("variable, value", [
    ("APPSERVER_PORT", "tcp://10.0.0.7:8484"),
    ("APPSERVER_PORT", "udp://[fd00::7]:53"),
    ("APPSERVER_NAME", "/client/appserver"),
])
def test_variables_that_docker_injects(variable, value):
    """Of a neighbour that is called "appserver", in a link or a Kubernetes service."""
    neighbour = {"APPSERVER_PORT_8484_TCP_ADDR": "10.0.0.7", "APPSERVER_SERVICE_HOST": "10.0.0.7"}
    with Appserver(name=None, **{**neighbour, variable: value}) as server:
        answer = server.ask(get("/"))
        assert answer.status == 200 and value.encode() not in answer.body
        server.stderr.seek(0)
        assert f"{variable} in the environment" in server.stderr.read()


def test_help_and_version():
    result = run("--help")
    assert result.returncode == 0
    for word in "--listen", "--no-drain", "--healthcheck", "/bytes/N", "APPSERVER_PORT", "8484":
        assert word in result.stdout
    result = run("--version")
    assert result.returncode == 0
    assert re.fullmatch(r"appserver \S+ \(libuv \S+, llhttp \S+\)\n", result.stdout)


@pytest.mark.parametrize("how", ["--listen", "--port", "environment"])
def test_a_taken_port_is_an_error(how):
    with Appserver(listen="0.0.0.0") as server:
        arguments = {"--listen": ["--listen", server.address],
                     "--port": ["--port", str(server.port)], "environment": []}
        env = {"APPSERVER_PORT": str(server.port)} if how == "environment" else {}
        result = run(*arguments[how], **env)
        assert result.returncode == 1
        assert server.address in result.stderr and "--listen" in result.stderr


def test_ipv6():
    with Appserver(listen="::") as server:
        assert server.ask(get("/")).body == GREETING
        assert curl(f"http://127.0.0.1:{server.port}/").stdout == GREETING


def test_curl(server, tmp_path):
    assert curl(server.url("/")).stdout == GREETING
    assert curl("--http1.0", server.url("/")).stdout == GREETING
    assert curl("-I", server.url("/")).stdout.startswith(b"HTTP/1.1 200 OK\r\n")
    upload = tmp_path / "upload"
    upload.write_bytes(random.Random(6).randbytes(3000000))
    expected = b"received 3000000 bytes, adler32 %08x\n" % zlib.adler32(upload.read_bytes())
    assert curl("-T", str(upload), server.url("/upload")).stdout == expected
    assert curl("-T", str(upload), "-H", "Transfer-Encoding: chunked",
                server.url("/upload")).stdout == expected
    reused = curl("-w", "%{num_connects}", server.url("/healthz"), server.url("/healthz"))
    assert reused.stdout == b"ok\n1ok\n0"
