"""A Docker engine of the run's own: its data, its socket and (because run.py has moved into a new
network namespace) its bridges are nobody else's, so it can be stopped and killed."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.parse
from pathlib import Path

API = "/v1.41"


class ApiError(Exception):
    """The engine said no, with that status; 0: it did not say so itself."""

    def __init__(self, message, status=0):
        super().__init__(message)
        self.status = status


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("docker", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def wait_for(what, condition, seconds=30):
    """Calls `condition` until it gives something true, and returns that."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.02)


class Engine:
    def __init__(self, folder):
        self.folder = Path(folder)
        # The socket has a folder of its own: that is what lb's container mounts, because a mounted
        # socket file would be dead after the engine's restart (deploy/DOCKER.md).
        self.socket = self.folder / "api" / "docker.sock"
        self.socket.parent.mkdir()
        self.process = None

    # ---- the process ---------------------------------------------------------------------------

    def start(self):
        (self.folder / "docker.pid").unlink(missing_ok=True)
        with open(self.folder / "dockerd.log", "ab") as log:
            self.process = subprocess.Popen(
                ["dockerd", "--live-restore", "--data-root", str(self.folder / "data"),
                 "--exec-root", str(self.folder / "exec"), "--pidfile", str(self.folder / "docker.pid"),
                 "--containerd-namespace", self.folder.name,
                 "--containerd-plugins-namespace", self.folder.name + "-plugins",
                 "--host", f"unix://{self.socket}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)     # a Ctrl-C is for run.py, which ends the engine in order
        wait_for("the engine to answer", self.answers, 60)

    def answers(self):
        if self.process.poll() is not None:
            log = (self.folder / "dockerd.log").read_text(errors="replace")
            raise RuntimeError(f"dockerd ended:\n{log[-3000:]}")
        try:
            return self.call("GET", "/_ping", timeout=5, raw=True) == b"OK"
        except (OSError, http.client.HTTPException, ApiError):
            return False

    def end(self, signum=signal.SIGTERM):
        """The containers stay, whichever signal it is. Its containerd ends too, though not at once when
        the engine was killed; a new engine must not find it dying."""
        self.process.send_signal(signum)
        self.process.wait(60)
        pid_file = self.folder / "exec" / "containerd" / "containerd.pid"
        if pid_file.exists():
            process = Path("/proc", pid_file.read_text().strip())
            wait_for("containerd to end", lambda: not process.exists(), 30)
            pid_file.unlink(missing_ok=True)

    def load_images(self, images):
        save = subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE)
        subprocess.run(["docker", "--host", f"unix://{self.socket}", "load"], stdin=save.stdout,
                       stdout=subprocess.DEVNULL, check=True, timeout=300)
        save.stdout.close()
        if save.wait() != 0:
            raise RuntimeError(f"docker save {images} failed")

    def close(self):
        """Removes everything: containers, processes of this network namespace, mounts, the folder."""
        try:
            if self.process and self.process.poll() is None:
                for container in self.call("GET", "/containers/json?all=true"):
                    self.call("DELETE", f"/containers/{container['Id']}?force=true", check=False)
                self.end()
        finally:
            end_everything_here()
            for line in reversed(Path("/proc/mounts").read_text().splitlines()):
                if str(self.folder) in line:
                    subprocess.run(["umount", "--lazy", line.split()[1]], check=False)
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- its API -------------------------------------------------------------------------------

    def call(self, method, path, body=None, timeout=60, check=True, raw=False):
        connection = UnixConnection(str(self.socket), timeout)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            text = json.dumps(body) if body is not None else None
            connection.request(method, path if path == "/_ping" else API + path, text, headers)
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        if check and response.status >= 400:
            raise ApiError(f"{method} {path}: {response.status} {data[:300].decode(errors='replace')}", response.status)
        if raw:
            return data
        return json.loads(data) if data.strip().startswith((b"{", b"[")) else None

    def create(self, name, body):
        return self.call("POST", "/containers/create?name=" + urllib.parse.quote(name), body)["Id"]

    def inspect(self, container):
        return self.call("GET", f"/containers/{container}/json")

    def address(self, container, network):
        return self.inspect(container)["NetworkSettings"]["Networks"][network]["IPAddress"]

    def logs(self, container):
        """Both outputs of a container as text, without the frames they come in."""
        data = self.call("GET", f"/containers/{container}/logs?stdout=true&stderr=true", raw=True)
        pieces, at = [], 0
        while at + 8 <= len(data):
            size = int.from_bytes(data[at + 4:at + 8], "big")
            pieces.append(data[at + 8:at + 8 + size])
            at += 8 + size
        return b"".join(pieces).decode(errors="replace")


def network_of(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return None


def end_everything_here():
    """Ends what still runs in this network namespace, which holds nothing but this run."""
    here = network_of("self")
    if here is None or here == os.environ["LB_CHAOS_OUTSIDE"]:
        raise RuntimeError("not in a network namespace of its own")
    for pid in [int(name) for name in os.listdir("/proc") if name.isdigit()]:
        if pid != os.getpid() and network_of(pid) == here:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
