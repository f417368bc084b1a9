"""The scenario tls: what it costs to speak TLS with clients, beside haproxy, nginx and a bare relay that does."""

import pathlib
import socket
import subprocess
import tempfile

import contestant
import load

NAMES = ("bench.example", "bench", "localhost")
HANDSHAKES_AT_ONCE = 16
IDLE_CONNECTIONS = 1000
BODY_BYTES = 1_000_000
BODIES = {"1 MB down": {"path": str(BODY_BYTES), "connection_count": 8},
          "1 MB up": {"upload_bytes": BODY_BYTES, "connection_count": 8}}


class Certificate:
    """One of ECDSA P-256, as each of the contestants wants it: in a folder of its own, and in one file."""

    def __init__(self, folder):
        self.folder, self.whole = folder / "certificates", folder / "whole.pem"
        self.folder.mkdir()
        self.chain, self.key = self.folder / f"{NAMES[0]}.crt", self.folder / f"{NAMES[0]}.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc",
                        "-days", "30", "-subj", f"/CN={NAMES[0]}", "-keyout", self.key, "-out", self.chain,
                        "-addext", "subjectAltName=" + ",".join([*(f"DNS:{name}" for name in NAMES), "IP:127.0.0.1"])],
                       check=True, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for own in (self.chain, self.key):  # wrk asks for no name, but for an address
            (self.folder / f"default{own.suffix}").write_bytes(own.read_bytes())
        self.whole.write_bytes(self.chain.read_bytes() + self.key.read_bytes())


class IdleConnections:
    """Connections that have shaken hands, made one request each, and stay open."""

    def __init__(self, port, count):
        context = contestant.believing()
        self.peers = []
        for _ in range(count):
            plain = socket.create_connection(("127.0.0.1", port), timeout=20)
            self.peers.append(context.wrap_socket(plain, server_hostname=NAMES[0]))
            self.peers[-1].sendall(contestant.PROBE)
            if not self.peers[-1].recv(4096).startswith(b"HTTP/1.1 200"):
                raise SystemExit("no answer for one of many connections")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for peer in self.peers:
            peer.close()


def spoken(port):
    """Protocol, cipher and group that a client with OpenSSL's defaults is given."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", NAMES[0], "-brief"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=20)
    words = dict(line.split(": ", 1) for line in done.stderr.splitlines() if ": " in line)
    return ", ".join(words.get(name, "?") for name in ("Protocol version", "Ciphersuite", "Server Temp Key"))


def handshakes(bench, running, how):
    figures = load.measure(running.cpu_time, bench.cores, lambda: load.by_program(
        bench.build / "bench/handshakes", running.port, bench.seconds(), bench.cores.load, HANDSHAKES_AT_ONCE, how))
    if figures["errors"] > figures["requests"] / 100 or (how == "resumed") != (figures["resumed"] > figures["requests"] / 2):
        raise SystemExit(f"what was asked for did not come: {how}, {figures}")
    figures["per_cpu_second"] = 1e6 / figures["cpu_us"]
    return figures


def body(bench, running, request):
    figures = bench.measure(running, **request)
    figures["cpu_ms_per_gb"] = figures["cpu_s"] / (figures["requests"] * BODY_BYTES / 1e9) * 1e3
    return figures


def idle(bench, results, who, certificate):
    """nginx makes room for all connections that it may ever have when it starts: so it starts with little first."""
    def memory(room, count):
        with bench.started(who, certificate=certificate, connection_max=room) as running:
            bench.wrk(running)
            with IdleConnections(running.port, count):
                return running.memory_bytes()[1]

    before, after = memory(512, 0), memory(512 + IDLE_CONNECTIONS, IDLE_CONNECTIONS)
    results.add("idle", who.name, {"idle_bytes": (after - before) / IDLE_CONNECTIONS, "pss_mb": after / 1e6})


def scenario(bench, results):
    """By HTTPS: tiny bodies on 64 connections, handshakes full and resumed, 1 MB down and up, 1 000 idle connections."""
    contestants = [bench.floor, *bench.proxies()]

    def small(name, running):
        results.add("keep-alive", name, bench.measure(running))
        for how in ("full", "resumed"):
            results.add(f"{how} handshake", name, handshakes(bench, running, how))

    def bulk(name, running):
        for case, request in BODIES.items():
            results.add(case, name, body(bench, running, request))

    with tempfile.TemporaryDirectory(prefix="lb-bench-") as folder:
        certificate = Certificate(pathlib.Path(folder))
        for who in contestants:
            with bench.started(who, certificate=certificate) as running:
                results.note(f"{who.name}: {spoken(running.port)}")
        starts = {who.name: lambda who=who: bench.started(who, certificate=certificate) for who in contestants}
        bench.in_rounds(12, starts, bench.wrk, small)
        starts = {who.name: lambda who=who: bench.started(who, certificate=certificate, is_bulk=True)
                  for who in contestants}
        bench.in_rounds(6, starts, bench.wrk, bulk)
        for _ in range(bench.rounds(3)):
            for who in contestants:
                idle(bench, results, who, certificate)
