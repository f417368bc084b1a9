#!/usr/bin/python3
"""echo.py NAME PORT: HTTP on PORT, an echo of TCP on PORT + 1 and of UDP on PORT + 2, each with the NAME before it. The
first two live in threads that end with their connection; SIGTERM ends all, after LB_GRACE seconds."""
import os
import signal
import socket
import sys
import threading
import time

NAME, PORT = sys.argv[1].encode(), int(sys.argv[2])


def answer_http(sock):
    while b"\r\n\r\n" not in sock.recv(65536):
        pass
    sock.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(NAME), NAME))


def echo_tcp(sock):
    sock.sendall(NAME + b"\n")
    while data := sock.recv(65536):
        sock.sendall(data)


def serve(port, answer):
    def run(sock):
        try:
            with sock:
                answer(sock)
        except OSError:
            pass

    with socket.create_server(("", port), backlog=1000) as listener:
        while True:
            threading.Thread(target=run, args=listener.accept()[:1], daemon=True).start()


def echo_udp(port):
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("", port))
        while True:
            data, peer = sock.recvfrom(65536)
            sock.sendto(NAME + b" " + data, peer)


def end(*_):
    time.sleep(float(os.environ.get("LB_GRACE", "0")))
    os._exit(0)


signal.signal(signal.SIGTERM, end)
threading.Thread(target=serve, args=(PORT, answer_http), daemon=True).start()
threading.Thread(target=serve, args=(PORT + 1, echo_tcp), daemon=True).start()
echo_udp(PORT + 2)
