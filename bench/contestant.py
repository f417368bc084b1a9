"""The proxies that are compared, as processes that are started and ended."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import features
import machine
import sites

HERE = pathlib.Path(__file__).resolve().parent
CONFIG = HERE / "config"
STOP_TIMEOUT_S = 3
STOP_SIGNALS = 4
ANSWER_TIMEOUT_S = 20


def free_port():
    """A port of TCP and UDP that nobody has, below those that the kernel gives to outgoing connections."""
    low = int(machine.read("/proc/sys/net/ipv4/ip_local_port_range").split()[0])
    for port in range(low - 1, 1024, -1):
        with contextlib.closing(socket.socket()) as probe, \
                contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as datagrams:
            try:
                probe.bind(("0.0.0.0", port))
                datagrams.bind(("0.0.0.0", port))
                return port
            except OSError:
                continue
    raise RuntimeError("no free port")


def spawn(command, cores, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
    """Starts a program on these cores."""
    return subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                            stdout=stdout, stderr=stderr,
                            preexec_fn=lambda: os.sched_setaffinity(0, cores))


def end(process):
    """nginx, slowed down by valgrind, may take the signal just before it goes to sleep: then it
    needs another one."""
    for _ in range(STOP_SIGNALS):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_TIMEOUT_S)
            return
        except subprocess.TimeoutExpired:
            pass
    process.kill()
    process.wait()


PROBE = b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n"


def believing():
    """For a client that asks for nobody's certificate."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def answers(port, request=PROBE, tls=None):
    """One request was answered with 200."""
    try:
        with contextlib.ExitStack() as stack:
            peer = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=2))
            if tls:
                peer = stack.enter_context(tls.wrap_socket(peer, server_hostname="localhost"))
            peer.sendall(request)
            return peer.recv(4096).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def echoes(port):
    """One datagram came back."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as peer:
        peer.settimeout(0.1)
        try:
            peer.connect(("127.0.0.1", port))
            peer.send(b"?")
            return peer.recv(16) == b"?"
        except OSError:
            return False


def wait_answer(process, port, pause_s=0.005, request=PROBE, tls=None):
    """Until it answers; gives the seconds that took. `request` of None: datagrams."""
    began = time.monotonic()
    while not (answers(port, request, tls) if request else echoes(port)):
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with status {process.returncode}")
        if time.monotonic() - began > ANSWER_TIMEOUT_S:
            raise RuntimeError(f"{process.args[0]} does not answer")
        time.sleep(pause_s)
    return time.monotonic() - began


def fill_in(template, values):
    text = (CONFIG / template).read_text(encoding="utf-8")
    for word, value in values.items():
        text = text.replace(f"@{word}@", str(value))
    return text


def has_engine():
    """A Docker engine answers where lb-discovery looks for one."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as engine:
        engine.settimeout(2)
        try:
            engine.connect("/var/run/docker.sock")
            engine.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b" 200 " in engine.recv(64)
        except OSError:
            return False


# What tells the backend about the client, in the peers' words; lb always does.
HAPROXY_FIELDS = """option forwardfor
    unique-id-format %[uuid()]
    unique-id-header X-Request-Id
    http-request set-header X-Forwarded-Proto http
    http-request set-header X-Forwarded-Host %[req.hdr(host)]"""
NGINX_FIELDS = """proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Request-Id $request_id;"""


class Setting:
    """What a contestant is asked for: backends as "IP:PORT", and which features are on."""

    def __init__(self, backends, cores, worker_count=1, is_logging=False, is_bulk=False,
                 pool_updates=False, uses_discovery=False, prefix=(), pause_s=0.005,
                 connection_max=8192, has_fields=True, route_count=0, feature="", protocol="http", jail="", certificate=None):
        self.backends = backends
        self.cores = cores
        self.worker_count = worker_count
        self.is_logging = is_logging
        self.has_fields = has_fields  # of the peers: the forwarded fields and the request id
        self.is_bulk = is_bulk  # for the peers: buffers of 64k, as lb has them
        self.pool_updates = pool_updates  # of lb: 100 a second
        self.uses_discovery = uses_discovery  # of lb: lb-discovery follows a file
        self.prefix = list(prefix)  # a program that runs the proxy
        self.pause_s = pause_s  # between two looks whether it answers
        self.connection_max = connection_max  # what nginx makes room for when it starts
        self.feature = feature  # of lb: one of features.FEATURES
        self.protocol = protocol  # "tcp", "udp": connections or datagrams are passed on, by service "passed"
        self.jail = jail  # of lb: "strict", "off"; "": as it comes
        self.certificate = certificate  # tls.Certificate: clients speak TLS
        self.route_count = route_count  # > 0: only the hosts and paths of these are served


class Running:
    """A started proxy; `with` ends it and removes its files."""

    def __init__(self, contestant, setting):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lb-bench-"))
        self.port = free_port()
        self.scheme = "https" if setting.certificate else "http"
        self.log = self.folder / "access.log"
        self.errors = self.folder / "errors.log"
        self.process_names = contestant.process_names
        command, logs_to_stdout = contestant.command(self, setting)
        with open(self.log if logs_to_stdout else os.devnull, "wb") as out, \
                open(self.errors, "wb") as errors:
            self.process = spawn([*setting.prefix, *command], setting.cores, out, errors)
        self.pid = self.process.pid
        try:
            self.start_s = wait_answer(self.process, self.port, setting.pause_s,
                                       self.probe(setting), believing() if setting.certificate else None)
        except RuntimeError as error:
            said = self.errors.read_text(errors="replace")[-2000:]
            self.close()
            raise SystemExit(f"{contestant.name}: {error}\n{said}") from None

    @staticmethod
    def probe(setting):
        if setting.protocol == "udp":
            return None
        return sites.request(0) if setting.route_count else PROBE

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def processes(self):
        """Those of the proxy, the one that serves first. What only stands in for lb-discovery is none of them."""
        found = machine.family(self.pid)
        ours = [pid for name in self.process_names for pid in found if machine.name_of(pid) == name]
        return ours or [self.pid]

    def cpu_time(self):
        return machine.CpuTime(self.processes())

    def memory_bytes(self):
        """(RSS, PSS) of the proxy."""
        return machine.memory_bytes(self.processes())

    def memory_of_each(self):
        """(name, RSS, PSS) of each of its processes."""
        return [(machine.name_of(pid), *machine.memory_bytes([pid])) for pid in self.processes()]

    def others(self):
        """What the proxy has started and is none of it: who tells it of its pool."""
        return set(machine.family(self.pid)) - set(self.processes())

    @contextlib.contextmanager
    def others_going(self):
        """They go on for as long as this lasts, and stand still from then on."""
        others = self.others()
        for pid in others:
            os.kill(pid, signal.SIGCONT)
        try:
            yield
        finally:
            for pid in others:
                os.kill(pid, signal.SIGSTOP)

    def close(self):
        end(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)


class Floor:
    name = "floor"
    process_names = ()

    def __init__(self, build):
        self.program = build / "bench/floor"

    def command(self, running, setting):
        tls = ["--tls", setting.certificate.whole] if setting.certificate else []
        return [self.program, *tls, f"127.0.0.1:{running.port}", *setting.backends], False


class FloorPool(Floor):
    """Each request to the next backend."""

    def __init__(self, build):
        self.program = build / "bench/floor_pool"


class Lb:
    """As it comes: only the listener, the backends and the number of workers are said."""
    process_names = ("lb-proxy", "lb", "lb-discovery")

    def __init__(self, build, name="lb"):
        self.name = name
        self.program = build / "bin/lb"
        text = subprocess.run([self.program, "--help"], capture_output=True, text=True,
                              check=True).stdout
        self.has_access_log = "--access-log" in text
        self.has_jail = "--jail" in text

    def command(self, running, setting):
        flags = [*self.listeners(running, setting), "--admin=127.0.0.1:0",
                 f"--workers={setting.worker_count}", "--shutdown-delay=0s",
                 "--shutdown-grace=1s"]
        if self.has_access_log:
            flags.append(f"--access-log={running.log if setting.is_logging else 'off'}")
            flags.append("--access-log-format=combined")  # the form that nginx writes as well
        jail = "off" if setting.prefix else setting.jail  # valgrind's own calls are none of lb's
        if self.has_jail and jail:
            flags.append(f"--jail={jail}")
        return [self.program, *flags, *self.sources(running, setting)], False

    @staticmethod
    def listeners(running, setting):
        at = f"127.0.0.1:{running.port}"
        if setting.certificate:
            return ["--listen=127.0.0.1:0", f"--listen-tls={at}", f"--certificates={setting.certificate.folder}"]
        if setting.protocol == "http":
            return [f"--listen={at}"]
        return ["--listen=127.0.0.1:0", f"--{setting.protocol}={at}=passed"]

    @staticmethod
    def sources(running, setting):
        """The flags that say where backends come from."""
        if setting.protocol != "http":
            return [f"--backend=passed={setting.protocol}://{backend}"
                    for backend in setting.backends]
        if setting.pool_updates:
            addresses = running.folder / "addresses"
            addresses.write_text("\n".join([str(machine.cpus()[0]), *setting.backends]))
            return [f"--discovery={HERE / 'pool_updates.py'}", f"--file={addresses}"]
        if setting.route_count:
            lines = running.folder / "lines"
            sites.write_lines(lines, setting.backends, setting.route_count)
            return [f"--discovery={HERE / 'one_line.py'}", f"--file={lines}"]
        if setting.feature:
            services = running.folder / "services.json"
            features.write_services(services, setting.backends, setting.feature)
            return [f"--file={services}"]
        if setting.uses_discovery:
            services = running.folder / "services.json"
            endpoints = [{"address": host, "port": int(port)} for host, port in
                         (backend.split(":") for backend in setting.backends)]
            services.write_text(json.dumps(
                {"services": [{"name": "appserver", "endpoints": endpoints}]}))
            return [f"--file={services}"]
        return [f"--backend={backend}" for backend in setting.backends]


class Haproxy:
    name = "haproxy"
    process_names = ()

    splice = ""

    def command(self, running, setting):
        config = running.folder / "haproxy.cfg"
        servers = [f"    server s{i} {backend}" for i, backend in enumerate(setting.backends)]
        template = "haproxy.cfg" if setting.protocol == "http" else "haproxy-tcp.cfg"
        config.write_text(fill_in(template, {
            "SPLICE": self.splice,
            "PORT": running.port,
            "WORKERS": setting.worker_count,
            "BULK": "tune.bufsize 65536" if setting.is_bulk else "",
            "TLS": (f" ssl crt {setting.certificate.whole} alpn http/1.1 ssl-min-ver TLSv1.2"
                    if setting.certificate else ""),
            "FIELDS": HAPROXY_FIELDS.replace("Proto http\n", f"Proto {running.scheme}\n") if setting.has_fields else "",
            "LOG_TARGET": "log stdout format raw local0" if setting.is_logging else "",
            "LOG": "log global\n    option httplog" if setting.is_logging else "",
            "BACKENDS": "\n".join(servers),
            "ROUTES": (sites.haproxy_maps(running.folder, setting.route_count) if setting.route_count
                       else "default_backend servers"),
        }))
        return ["haproxy", "-db", "-f", config], setting.is_logging


class HaproxySplice(Haproxy):
    """Passing connections on by pipes of the kernel where it finds that they carry much."""
    name = "haproxy, splice"
    splice = "option splice-auto"


class Nginx:
    name = "nginx"
    process_names = ("nginx",)

    def command(self, running, setting):
        config = running.folder / "nginx.conf"
        write = self.write_http if setting.protocol == "http" else self.write_stream
        write(config, running, setting)
        one_process = ["-g", "master_process off;"] if setting.prefix else []
        return ["nginx", "-p", running.folder, "-c", config, *one_process], False

    @staticmethod
    def write_stream(config, running, setting):
        is_udp = setting.protocol == "udp"
        config.write_text(fill_in("nginx-stream.conf", {
            "PORT": running.port,
            "FOLDER": running.folder,
            "CONNECTIONS": setting.connection_max,
            "WORKERS": setting.worker_count,
            "LISTEN": (" udp" if is_udp else " backlog=4096") + (" reuseport" if setting.worker_count > 1 else ""),
            "IDLE": "30s" if is_udp else "1h",  # as lb's
            "BULK": "proxy_buffer_size 64k;" if setting.is_bulk else "",
            "BACKENDS": "\n".join(f"        server {backend};" for backend in setting.backends),
        }))

    def write_http(self, config, running, setting):
        log = f"access_log {running.log} combined buffer=32k flush=1s;"
        servers = [f"        server {backend};" for backend in setting.backends]
        config.write_text(fill_in("nginx.conf", {
            "SERVERS": self.servers(running, setting),
            "FOLDER": running.folder,
            "CONNECTIONS": setting.connection_max,
            "WORKERS": setting.worker_count,
            "LOG": log if setting.is_logging else "access_log off;",
            "KEEPALIVE": max(256, len(setting.backends)),
            "FIELDS": NGINX_FIELDS if setting.has_fields else "",
            "BULK": "proxy_buffers 8 64k; client_body_buffer_size 64k;" if setting.is_bulk else "",
            "BACKENDS": "\n".join(servers),
        }))

    @staticmethod
    def servers(running, setting):
        listen = f"127.0.0.1:{running.port}"
        if setting.route_count:
            return sites.nginx_servers(listen, setting.route_count)
        reuse = " reuseport" if setting.worker_count > 1 else ""
        tls = ""
        if setting.certificate:
            reuse += " ssl"
            tls = (f"ssl_certificate {setting.certificate.chain}; ssl_certificate_key {setting.certificate.key}; "
                   "ssl_protocols TLSv1.2 TLSv1.3; ")
        return (f"    server {{ listen {listen} backlog=4096{reuse}; {tls}"
                "location / { proxy_pass http://servers; } }")
