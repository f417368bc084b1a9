"""Docker as Debian 13 has it, beside the engine of this machine: unpacked from Debian's packages, with
namespaces, folders and a socket of its own. Whatever enters `inside()` is on that engine's host.
"""
import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

SUITE = "trixie"
# Only unpacked, which takes ten seconds instead of a minute: what their scripts would have set up
# follows by hand. `mount` brings umount, which is needed when nothing else is there any more.
PACKAGES = "docker.io,iptables,mount"
MERGED = ("bin", "sbin", "lib", "lib64")
TABLES = ("iptables", "ip6tables", "iptables-save", "iptables-restore", "ip6tables-save", "ip6tables-restore")
NEEDED = ("mmdebstrap", "unshare", "setpriv", "pivot_root", "ip")

# $1: the root, $2: the folder that is its /run, $3: the group of the socket. pivot_root because runc
# wants it: after a chroot `docker exec` and health checks would run in the root of the machine.
START = """
cd "$1"
ip link set lo up
mount --bind . .
cd "$1"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs tmp
mount -t tmpfs tmpfs var/lib
mount --bind "$2" run
mkdir tmp/old
pivot_root . tmp/old
cd /
umount -l /tmp/old
exec dockerd --host unix:///run/docker.sock --exec-root /run/docker --pidfile /run/docker.pid \\
    --data-root /var/lib/docker --group "$3"
"""

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    pass


def make_root(root):
    """Unpacks the packages, once for each checkout."""
    if root.exists():
        return
    made = root.with_name(f"{root.name}.{os.getpid()}")
    made.parent.mkdir(exist_ok=True)
    try:
        done = subprocess.run(
            ["mmdebstrap", "--quiet", "--mode=root", "--variant=extract", f"--include={PACKAGES}",
             "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*",
             SUITE, str(made)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=300)
        if done.returncode:
            raise Unavailable(f"Debian's {SUITE} cannot be unpacked here: {done.stdout[-1000:]}")
        for name in MERGED:
            (made / name).symlink_to(f"usr/{name}")
        for name in TABLES:
            (made / "usr" / "sbin" / name).symlink_to(name.replace("tables", "tables-nft"))
        for name in ("proc", "sys", "run"):
            (made / name).mkdir(exist_ok=True)
        if not (made / "var" / "run").exists():
            (made / "var" / "run").symlink_to("/run")
        made.rename(root)
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", str(made)], check=False)


def enter_network(descriptor):
    """Of this thread, and of the threads and processes that it starts."""
    if libc.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class SecondEngine:
    def __init__(self, root, folder, group):
        missing = [word for word in NEEDED if not shutil.which(word)]
        if missing:
            raise Unavailable(f"no {', '.join(missing)} here; tests/run.sh installs it")
        make_root(root)
        self.folder = folder
        self.socket = folder / "docker.sock"
        self.host = f"unix://{self.socket}"
        self.log = folder.with_name(f"{folder.name}.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL",  # no engine outlives the tests
                 "unshare", "--mount", "--net", "--pid", "--fork", "--kill-child",
                 "sh", "-euc", START, "sh", str(root), str(folder), str(group)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            self.wait_until_it_answers(60)
        except BaseException:
            self.end()
            raise

    def wait_until_it_answers(self, seconds):
        end = time.monotonic() + seconds
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise Unavailable(f"its dockerd does not come up: {self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def answers(self):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(10)
            try:
                sock.connect(str(self.socket))
                sock.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
                return b" 200 " in sock.recv(100)
            except OSError:
                return False

    def load(self, *images):
        with subprocess.Popen(["docker", "save", *images], stdout=subprocess.PIPE) as saved:
            subprocess.run(["docker", "--host", self.host, "load"], stdin=saved.stdout,
                           stdout=subprocess.DEVNULL, check=True, timeout=120)

    @contextlib.contextmanager
    def inside(self):
        """On the network of that engine's host, and `docker` speaks to that engine."""
        before = os.environ.get("DOCKER_HOST")
        with open("/proc/thread-self/ns/net", "rb") as ours, \
                open(f"/proc/{self.process.pid}/ns/net", "rb") as theirs:
            enter_network(theirs.fileno())
            os.environ["DOCKER_HOST"] = self.host
            try:
                yield self
            finally:
                enter_network(ours.fileno())
                del os.environ["DOCKER_HOST"]
                if before is not None:
                    os.environ["DOCKER_HOST"] = before

    def end(self):
        """dockerd is the first process of its namespace: all that it started ends with it."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children")
        try:
            for child in children.read_text().split():
                os.kill(int(child), signal.SIGTERM)
            self.process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
