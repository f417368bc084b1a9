"""haproxy and nginx as Debian has them, each with a configuration of the test's."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess

import pytest

from support.free_port import free_port
from support.waiting import wait_for

STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"
HAPROXY = """
defaults
    mode {mode}
    timeout connect 5s
    timeout client 20s
    timeout server 20s
"""
NGINX = """
daemon off;
master_process off;
load_module {module};
pid {folder}/pid;
error_log {folder}/errors;
events {{ worker_connections 128; }}
"""
NGINX_HTTP = """
http {{
    access_log off;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
{text}
}}
"""


def program(name):
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")


needs_haproxy = pytest.mark.skipif(not program("haproxy"), reason="haproxy is not installed")
needs_nginx = pytest.mark.skipif(not program("nginx") or not os.path.exists(STREAM_MODULE),
                                 reason="nginx or its stream module is not installed")


class Foreign:
    """Listens on `port` of every address that the configuration names, 127.0.0.1 among them."""

    def __init__(self, command, config, folder, port):
        self.address = ("127.0.0.1", port)
        path = pathlib.Path(folder, "config")
        path.write_text(config, encoding="ascii")
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


@pytest.fixture(name="haproxy")
def start_haproxy(cleanup, tmp_path):
    """haproxy(text, mode): `{port}` in the text is where it listens."""
    def start(text, mode="tcp"):
        port = free_port()
        made = Foreign([program("haproxy"), "-db", "-f"],
                       HAPROXY.format(mode=mode) + text.format(port=port), tmp_path, port)
        cleanup.callback(made.stop)
        return made
    return start


@pytest.fixture(name="nginx")
def start_nginx(cleanup, tmp_path):
    """nginx(stream=text) or nginx(http=text): `{port}` in the text is where it listens."""
    def start(stream=None, http=None):
        port = free_port()
        config = NGINX.format(module=STREAM_MODULE, folder=tmp_path)
        if stream:
            config += "stream {\n" + stream.format(port=port) + "\n}\n"
        if http:
            config += NGINX_HTTP.format(folder=tmp_path, text=http.format(port=port))
        made = Foreign([program("nginx"), "-c"], config, tmp_path, port)
        cleanup.callback(made.stop)
        return made
    return start
