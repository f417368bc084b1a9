"""The proxies that the driver is pointed at: lb, and from Debian haproxy and nginx, both set up to
do what lb does: keep connections to the backend, add X-Forwarded-For, tunnel WebSockets."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from support.free_port import free_port
from support.lb import Lb
from support.waiting import wait_for

HAPROXY = """
defaults
    mode http
    timeout connect 2s
    timeout client 5s
    timeout server 5s
    timeout tunnel 5s
    option forwardfor
    http-reuse safe
    retries 1
    option redispatch
frontend in
    bind 127.0.0.1:{port}
    default_backend out
backend out
    server one 127.0.0.1:{backend}
"""

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    map $http_upgrade $connection_wish {{ default upgrade; '' ''; }}
    upstream out {{ server 127.0.0.1:{backend} max_fails=0; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port};
        client_header_timeout 5s; client_body_timeout 5s;
        location / {{
            proxy_pass http://out;
            proxy_http_version 1.1;
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_read_timeout 5s; proxy_send_timeout 5s;
            proxy_set_header Host $http_host;
            proxy_set_header Connection $connection_wish;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        }}
    }}
}}
"""


def lb(*flags, workers=1):
    """One worker by default: only so can be told what lb has read already. All tests share it, with
    pauses between their turns."""
    def start(backend_address):
        proxy = Lb(f"--workers={workers}", "--connect-timeout=2s", "--idle-timeout=10m", *flags,
                   backends=[backend_address])
        proxy.wait_ready()
        return proxy
    return start


class Peer:
    """A proxy with a configuration file, in a folder of its own."""

    def __init__(self, command, config, backend_address):
        self.folder = tempfile.mkdtemp(prefix="peer-")
        self.address = ("127.0.0.1", free_port())
        path = pathlib.Path(self.folder, "config")
        path.write_text(config.format(port=self.address[1], backend=backend_address[1],
                                      folder=self.folder), encoding="ascii")
        self.process = subprocess.Popen([*command, str(path)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._listens, f"{command[0]} listens")

    def _listens(self):
        assert self.process.poll() is None, "the proxy has ended"
        with socket.socket() as sock:
            return sock.connect_ex(self.address) == 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        shutil.rmtree(self.folder)


def program(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


def haproxy(backend_address):
    return Peer([program("haproxy"), "-db", "-f"], HAPROXY, backend_address)


def nginx(backend_address):
    return Peer([program("nginx"), "-c"], NGINX, backend_address)
