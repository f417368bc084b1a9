"""What a route or a service asks for, and what that adds to a request: instructions by callgrind, each feature
alone beside a route that asks for nothing."""

import json
import re
import socket
import tempfile

import instructions

HOST = "shop.example"  # of the requests that are counted; the first look asks another one
PASSWORD = "$6$bench$u9sbnlzTzNO616iodAY6yinU4IboCIFVIEZV.rOR4nR0FvLGnLbj4b42AKUnCts3r5nUPp3XrUGxEOsJ.HxBU1"
PLAIN = "a route that asks for nothing"

# Name: (words of the route, words of the service, words of each endpoint, fields of the request).
FEATURES = {
    PLAIN: ({}, {}, {}, ""),
    "allow": ({"allow": "10.0.0.0/8,127.0.0.0/8"}, {}, {}, ""),
    "rate": ({"rate": "1000000/s"}, {}, {}, ""),
    "redirect": ({"redirect": "https"}, {}, {}, ""),
    "auth": ({"auth": f"anna:{PASSWORD}"}, {}, {}, "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n"),
    "max-body": ({"max-body": "10m"}, {}, {}, ""),
    "replace-path": ({"replace-path": "/index.html"}, {}, {}, ""),
    "request-headers": ({"request-headers": "set X-Tenant: shop | remove X-Debug"}, {}, {}, ""),
    "response-headers": ({"response-headers": "X-Frame-Options: DENY | remove Server"}, {}, {}, ""),
    "shares of two services": ({"shares": [{"service": "appserver", "weight": 95}, {"service": "next", "weight": 5}]},
                               {}, {}, ""),
    "mirror 10%": ({"mirror": "next 10%"}, {}, {}, ""),
    "sticky": ({}, {"balance": "sticky"}, {}, ""),
    "least-requests": ({}, {"balance": "least-requests"}, {}, ""),
    "hash client": ({}, {"balance": "hash client"}, {}, ""),
    "max-inflight": ({}, {}, {"max-inflight": 100}, ""),
}


def write_services(path, backends, name):
    """The file that lb follows: a service of all backends, another one of the last, and two routes."""
    of_route, of_service, of_endpoint, _ = FEATURES[name]
    endpoints = [{"address": host, "port": int(port), **of_endpoint} for host, port in
                 (backend.split(":") for backend in backends)]
    path.write_text(json.dumps({
        "services": [{"name": "appserver", "endpoints": endpoints, **of_service},
                     {"name": "next", "endpoints": [{**endpoints[-1], "id": "next"}]}],
        "routes": [{"host": HOST, "service": "appserver", **of_route}, {"host": "bench", "service": "appserver"}]}))


def read_answer(peer):
    """Gives its head."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        piece = peer.recv(4096)
        if not piece:
            raise SystemExit("a connection was closed under callgrind")
        answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    left = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)[1]) - len(body)
    while left > 0:
        left -= len(peer.recv(left))
    return head.decode()


def ask(port, name, turns):
    """One after the other on one connection, as a browser does it: with the cookie that it got."""
    fields = FEATURES[name][3]
    wanted = " 302 " if name == "redirect" else " 200 "
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        for _ in range(turns):
            peer.sendall(instructions.REQUEST[:-2] + f"{fields}\r\n".encode())
            head = read_answer(peer)
            if wanted not in head:
                raise SystemExit(f"{name}: {head}")
            cookie = re.search(r"(?i)\r\nset-cookie: ([^;]*)", head)
            fields = f"Cookie: {cookie[1]}\r\n" if cookie else fields


def of_request(bench, name):
    def counted(turns):
        with tempfile.TemporaryDirectory() as folder:
            with bench.started(bench.lb, feature=name, prefix=instructions.callgrind(folder)) as running:
                ask(running.port, name, turns)
            return instructions.counted(folder)

    low, high = map(counted, instructions.TURNS)
    return (high - low) / (instructions.TURNS[1] - instructions.TURNS[0])


def scenario(bench, results):
    """What each thing that a route or a service asks for adds to a request: instructions, by callgrind."""
    for name in FEATURES:
        results.add(name, "lb", {"instructions": of_request(bench, name)})


def sentences(results):
    """For the report."""
    plain = results and results.spread(PLAIN, "lb", "instructions")
    if not plain:
        return []
    parts = []
    for name in FEATURES:
        spread = results.spread(name, "lb", "instructions")
        if spread and name != PLAIN:
            parts.append(f"{name} {spread.median - plain.median:+.0f}")
    return [f"* what a route and a service may ask for, in instructions beside the {plain.median:.0f} of {PLAIN}: "
            + ", ".join(parts)]
