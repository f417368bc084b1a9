"""How appserver ends, and how it is asked whether it is well."""
import fcntl
import os
import signal
import socket
import subprocess
import sys
import termios
import threading
import time

import pytest

from appserver_under_test import BINARY, Appserver, free_port, get, run, wait_until
from support.waiting import is_stopped


def ends(client):
    """True when the connection ends without another byte, whichever way."""
    try:
        return client.at_end()
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_when_idle(number):
    with Appserver() as server, server.client() as idle:
        idle.send(get("/"))
        idle.answer()
        began = time.monotonic()
        server.signal(number)
        assert idle.at_end()
        assert server.wait() == 0
        assert time.monotonic() - began < 3


def test_stop_finishes_what_runs():
    with Appserver() as server:
        began = time.monotonic()
        with server.client() as delayed, server.client() as slow, server.client() as late, \
                server.client() as large:
            delayed.send(get("/delay/2500"))
            slow.send(get("/slow/4/150"))
            slow.read_until(b"piece 1")
            late.send(get("/upload", "Content-Length: 4", method="POST"))
            large.send(get("/bytes/30000000"))
            large.read_until(b"\r\n\r\n")
            wait_until(lambda: has_read_all(server, late), "the upload's head is read")
            server.signal()
            wait_until(lambda: not can_connect(server), "it stops accepting")
            late.send(b"body")
            answer = late.answer()
            assert answer.body.startswith(b"received 4 bytes")
            assert answer.fields["connection"] == "close"
            assert len(large.read_exactly(30000000)) == 30000000
            answer = delayed.answer()
            assert (answer.body, answer.fields["connection"]) == (b"waited\n", "close")
            slow.read_until(b"piece 4 of 4\n\r\n0\r\n\r\n")
            for client in delayed, slow, late, large:
                assert client.at_end()
        assert server.wait() == 0
        assert time.monotonic() - began < 5  # it did not wait for the end of the grace time
        server.log_line("/delay/2500")


def has_read_all(server, client):
    """True when the kernel holds nothing of the client's that the server has not read."""
    port = client.sock.getsockname()[1]
    lines = open("/proc/net/tcp").read().splitlines()[1:]
    wanted = f":{server.port:04X}", f":{port:04X}"
    for line in lines:
        columns = line.split()
        if columns[1].endswith(wanted[0]) and columns[2].endswith(wanted[1]):
            return columns[4].endswith(":00000000")
    return False


def can_connect(server):
    try:
        socket.create_connection((server.host, server.port), 1).close()
        return True
    except (ConnectionRefusedError, ConnectionResetError):
        return False


def test_what_comes_while_it_turns_to_stop_is_answered():
    """One turn of the loop is held up between a request and the signal, by a full pipe for the
    log. What clients send meanwhile has not been read when the stop begins."""
    reading, writing = os.pipe()
    with Appserver(stdout=writing) as server, server.client() as holding, server.client() as used:
        os.close(writing)
        pipe_bytes = fcntl.fcntl(reading, fcntl.F_GETPIPE_SZ)
        used.send(get("/"))
        used.answer()
        server.signal(signal.SIGSTOP)
        wait_until(lambda: is_stopped(server.process.pid), "the server stands still")
        holding.send(get("/" + "a" * 16000) * (2 * pipe_bytes // 16000))
        server.signal(signal.SIGTERM)
        server.signal(signal.SIGCONT)
        wait_until(lambda: unread_bytes(reading) > pipe_bytes - 8192, "the pipe is full")
        used.send(get("/"))
        with server.client() as fresh:
            fresh.send(get("/"))
            threading.Thread(target=drain, args=[reading]).start()
            for client in used, fresh:
                answer = client.answer()
                assert (answer.status, answer.fields["connection"]) == (200, "close")
                assert client.at_end()
        holding.sock.close()
        assert server.wait() == 0


def unread_bytes(fd):
    return int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, bytes(4)), sys.byteorder)


def drain(fd):
    while os.read(fd, 65536):
        pass
    os.close(fd)


def test_a_new_connection_may_still_send_its_first_request():
    with Appserver() as server, server.client() as client:
        with server.client() as witness:
            witness.send(get("/"))
            witness.answer()
            server.signal()
            assert witness.at_end()
            client.send(get("/"))
            assert client.answer().fields["connection"] == "close"
        client.sock.close()
        assert server.wait() == 0


def test_grace_bounds_the_stop():
    with Appserver("--grace-ms", "300") as server, server.client() as client:
        client.send(get("/delay/250000"))
        with server.client() as tunnel:
            tunnel.send(get("/ws", "Connection: Upgrade", "Upgrade: echo"))
            tunnel.answer()
            began = time.monotonic()
            server.signal()
            assert server.wait() == 0
            assert 0.25 < time.monotonic() - began < 3
            assert ends(client) and ends(tunnel)
        assert "2 connections cut" in server.errors()


def test_linger_serves_on():
    with Appserver("--linger-ms", "700") as server:
        began = time.monotonic()
        server.signal()
        wait_until(lambda: "serving on" in server.errors(), "the signal is seen")
        with server.client() as client:
            client.send(get("/"))
            assert "connection" not in client.answer().fields
            server.signal()  # again changes nothing
            client.send(get("/"))
            assert client.answer().status == 200
            assert client.at_end()
        assert server.wait() == 0
        assert 0.65 < time.monotonic() - began < 5


def test_linger_from_the_environment():
    with Appserver(APPSERVER_LINGER_MS="60000") as server:
        server.signal()
        wait_until(lambda: "serving on for 60000 ms" in server.errors(), "the signal is seen")
        assert server.ask(get("/")).status == 200
        server.process.kill()
        assert server.wait() == -signal.SIGKILL


def test_no_drain_drops_everything():
    with Appserver("--no-drain") as server, server.client() as client:
        client.send(get("/") + get("/delay/250000"))
        client.answer()
        began = time.monotonic()
        server.signal()
        assert server.wait() == 143
        assert time.monotonic() - began < 2
        assert ends(client)
        server.log_line("/")


def test_as_pid_1():
    """The kernel gives PID 1 no default signal actions: a server without handlers never stops."""
    unshare = ["unshare", "--pid", "--fork", "--kill-child"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode != 0:
        pytest.skip("needs the right to make a PID namespace")
    with Appserver(wrapper=unshare) as server:
        assert server.ask(get("/")).status == 200
        children = f"/proc/{server.process.pid}/task/{server.process.pid}/children"
        subprocess.run(["kill", "-TERM", open(children).read().split()[0]], check=True)
        assert server.wait() == 0


# ---- --healthcheck ------------------------------------------------------------------------------

@pytest.mark.parametrize("listen", ["0.0.0.0", "127.0.0.1", "127.0.0.2", "::", "::1"])
def test_healthcheck(listen):
    with Appserver(listen=listen) as server:
        where = ["--listen", server.address]
        assert run("--healthcheck", *where).returncode == 0
        assert run("--healthcheck", "/", *where).returncode == 0
        assert run("--healthcheck", "/status/204", *where).returncode == 1
        server.ask(get("/unhealthy", method="POST"))
        result = run("--healthcheck", *where)
        assert (result.returncode, result.stdout) == (1, "")
        assert "503" in result.stderr


def test_healthcheck_uses_the_environment():
    with Appserver() as server:
        assert run("--healthcheck", APPSERVER_PORT=str(server.port)).returncode == 0


def test_healthcheck_of_nothing():
    result = run("--healthcheck", "--port", str(free_port()))
    assert result.returncode == 1
    assert "refused" in result.stderr


def test_healthcheck_has_two_seconds():
    with Appserver("--grace-ms", "0") as server:
        began = time.monotonic()
        result = run("--healthcheck", "/delay/250000", "--port", str(server.port))
        assert result.returncode == 1
        assert "timed out" in result.stderr
        assert 1.5 < time.monotonic() - began < 4


def test_healthcheck_of_something_else():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = subprocess.Popen([BINARY, "--healthcheck",
                                    "--port", str(listener.getsockname()[1])],
                                   stderr=subprocess.PIPE, text=True)
        connection, _ = listener.accept()
        connection.recv(1000)
        connection.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")
        connection.close()
        assert process.wait(15) == 1
        assert "answered" in process.stderr.read()
        process.stderr.close()
