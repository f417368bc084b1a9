"""A port for a server that cannot be told to choose one itself."""
import random
import socket


def free_port():
    """Below the range that the kernel gives to outgoing connections: those, also the ones that
    only wait for their end, would keep a server from listening on all addresses."""
    for _ in range(200):
        port = random.randint(10000, 32000)
        try:
            with socket.socket() as v4, socket.socket(socket.AF_INET6) as v6:
                v6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                v4.bind(("0.0.0.0", port))
                v6.bind(("::", port))
                return port
        except OSError:
            continue
    raise AssertionError("no free port among 200 tried")


def free_udp_port(host="127.0.0.1"):
    """The same of UDP, at one address."""
    for _ in range(200):
        port = random.randint(10000, 32000)
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET,
                           socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((host, port))
                return port
            except OSError:
                continue
    raise AssertionError("no free port among 200 tried")
