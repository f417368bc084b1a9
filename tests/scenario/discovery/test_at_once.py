"""One container that serves requests, connections and datagrams, by its labels alone."""

import socket
import threading

from fake_docker import FakeDocker, container
from support.waiting import wait_for


def serve_tcp(listener):
    while True:
        client, _ = listener.accept()
        with client:
            client.sendall(b"tcp:" + client.recv(100))


def serve_udp(sock):
    while True:
        datagram, client = sock.recvfrom(2000)
        if datagram:
            sock.sendto(b"udp:" + datagram, client)


def bound(kind, port=0):
    sock = socket.socket(socket.AF_INET, kind)
    sock.bind(("127.0.0.1", port))
    return sock


def server(kind, serve):
    sock = bound(kind)
    if kind == socket.SOCK_STREAM:
        sock.listen()
    threading.Thread(target=serve, args=(sock,), daemon=True).start()
    return sock.getsockname()[1]


def free_port():
    """Of TCP and UDP alike."""
    while True:
        with bound(socket.SOCK_STREAM) as tcp:
            port = tcp.getsockname()[1]
            try:
                bound(socket.SOCK_DGRAM, port).close()
            except OSError:
                continue
            return port


def ask(kind, port):
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.settimeout(1)
        try:
            sock.connect(("127.0.0.1", port))
            sock.send(b"hello")
            return sock.recv(100)
        except OSError:
            return None


def test_all_three(tmp_path, start_lb, start_backend, connect):
    http, port = start_backend().address[1], free_port()
    tcp, udp = server(socket.SOCK_STREAM, serve_tcp), server(socket.SOCK_DGRAM, serve_udp)
    with FakeDocker(tmp_path / "docker.sock") as engine:
        made = container("c" * 64, "all", service="all", ip="127.0.0.1", port=str(http), labels={
            "lb.host": "a.test", "lb.tcp": f"{port}:{tcp}", "lb.udp": f"{port}:{udp}"})
        made["Config"]["ExposedPorts"] = {f"{http}/tcp": {}, f"{tcp}/tcp": {}, f"{udp}/udp": {}}
        engine.add(made)
        lb = start_lb("--docker=unix://" + engine.path, "--allow-address=127.0.0.0/8", "--check-mode=off",
                      f"--dynamic-ports=127.0.0.1:{port}-{port}", env={"LB_CONTAINER_ID": "none"}, is_ready=False)
        with connect(lb) as client:
            wait_for(lambda: client.get("/", host="a.test").status == 200, "requests")
        wait_for(lambda: ask(socket.SOCK_STREAM, port) == b"tcp:hello", "connections")
        wait_for(lambda: ask(socket.SOCK_DGRAM, port) == b"udp:hello", "datagrams")
