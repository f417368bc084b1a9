"""This machine's systemd as the first process of namespaces of its own, over the files of this machine, which it cannot change:
the units of deploy/systemd as an administrator has them, with the programs that are tested.
"""

import contextlib
import ctypes
import os
import pathlib
import shutil
import signal
import subprocess
import threading

import pytest

from support.client import RawClient
from support.program import BIN_DIR, ROOT, sanitizer
from support.waiting import wait_for

UNITS = ROOT / "deploy" / "systemd"
PROGRAMS = ("lb", "lb-proxy", "lb-discovery", "appserver")
ADDRESS = "192.0.2.10"  # of its host, which nobody else reaches
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)

# $1: an empty folder; $2: the one with the units and programs; $3: a folder that both sides see, as /run/lbtest.
# Nothing starts but what is asked for, and nothing that is the kernel's can be changed.
START = """
cd "$1"
mkdir upper root
mount -t tmpfs tmpfs upper
mkdir upper/files upper/work
mount -t overlay overlay -o lowerdir=/,upperdir=upper/files,workdir=upper/work root
cd root
cp "$2"/bin/* usr/bin/
rm -rf etc/systemd/system/*.wants etc/lb etc/default/lb
mkdir -p etc/lb
echo '{}' >etc/lb/lb.json
cp "$2"/units/*.service "$2"/units/*.socket "$2"/units/*.target etc/systemd/system/
for unit in docker.socket podman.socket dbus.socket systemd-sysctl.service systemd-modules-load.service \\
    systemd-udevd.service systemd-udev-trigger.service systemd-remount-fs.service systemd-journald-audit.socket \\
    systemd-update-utmp.service dev-hugepages.mount sys-kernel-debug.mount sys-kernel-tracing.mount \\
    sys-kernel-config.mount sys-fs-fuse-connections.mount systemd-ask-password-console.path; do
    ln -sf /dev/null "etc/systemd/system/$unit"
done
grep -q ^docker: etc/group || echo docker:x:20108: >>etc/group
grep -q ^lb: etc/group || echo lb:x:20109: >>etc/group
grep -q ^lb: etc/passwd || echo "lb:x:20109:$(sed -n 's/^lb:[^:]*:\\([0-9]*\\):.*/\\1/p' etc/group)::/nonexistent:/usr/sbin/nologin" >>etc/passwd
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs tmpfs tmp
mkdir run/lbtest
mount --bind "$3" run/lbtest
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do
    touch "dev/$name"
    mount --bind "/dev/$name" "dev/$name"
done
mkdir dev/shm dev/pts
mount -t tmpfs tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ip link set lo up
ip link add lbtest0 type bridge
ip address add "$4/24" dev lbtest0
ip link set lbtest0 up
mkdir old
pivot_root . old
umount -l old
rmdir old
exec env -i PATH="$PATH" container=lbtest /lib/systemd/systemd --unit=lbtest.target --log-target=journal --show-status=no
"""

TARGET = """
[Unit]
Requires=basic.target
After=basic.target
"""


def why_not():
    """Why nothing can be booted here, or None."""
    if os.geteuid() != 0:
        return "it needs root"
    if sanitizer():
        return "sanitizers want more memory and files than the units give"
    for word in ("unshare", "setpriv", "pivot_root", "nsenter", "ip", "systemctl"):
        if not shutil.which(word):
            return f"no {word} here"
    return None if pathlib.Path("/lib/systemd/systemd").exists() else "no systemd here"


class Booted:
    def __init__(self, folder):
        self.shared = folder / "shared"
        self.log = folder / "log"
        for name in ("root", "shared", "files/bin", "files/units"):
            (folder / name).mkdir(parents=True)
        self.shared.chmod(0o755)
        for name in PROGRAMS:
            shutil.copy(BIN_DIR / name, folder / "files" / "bin")
        for unit in UNITS.glob("*.s*"):
            shutil.copy(unit, folder / "files" / "units")
        (folder / "files" / "units" / "lbtest.target").write_text(TARGET)
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL",  # it does not outlive the tests
                 "unshare", "--mount", "--net", "--ipc", "--uts", "--cgroup", "--pid", "--fork", "--kill-child",
                 "sh", "-euc", START, "sh", str(folder / "root"), str(folder / "files"), str(self.shared), ADDRESS],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            self.pid = wait_for(self._first_process, "its first process", 20)
            wait_for(self._is_up, f"systemd is up: {self.log}", 60)
        except BaseException:
            self.end()
            raise

    def _first_process(self):
        assert self.process.poll() is None, self.log.read_text()
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(children[0]) if children else None

    def _is_up(self):
        assert self.process.poll() is None, self.log.read_text()
        state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        return state in ("running", "degraded")

    def run(self, *words, check=True, timeout=60):
        done = subprocess.run(["nsenter", "--target", str(self.pid), "--mount", "--net", "--ipc", "--uts", "--cgroup",
                               "--pid", *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=timeout, check=False)
        assert not check or done.returncode == 0, (words, done.stdout, done.stderr, self.journal())
        return done

    def systemctl(self, *words, check=True):
        return self.run("systemctl", "--no-pager", *words, check=check).stdout.strip()

    def property(self, unit, name):
        return self.systemctl("show", "--property", name, "--value", unit)

    def journal(self, unit="lb*"):
        return self.run("journalctl", "--no-pager", "--output=cat", "--unit", unit, check=False).stdout

    def write(self, path, text):
        """A file there."""
        target = f"/proc/{self.pid}/root{path}"
        os.makedirs(os.path.dirname(target), exist_ok=True)
        pathlib.Path(target).write_text(text)

    def remove(self, path):
        pathlib.Path(f"/proc/{self.pid}/root{path}").unlink(missing_ok=True)

    def install(self, source, path):
        """A program in the place of another, as a package does it."""
        target = f"/proc/{self.pid}/root{path}"
        shutil.copy(source, f"{target}.new")
        os.rename(f"{target}.new", target)

    @contextlib.contextmanager
    def inside(self):
        """This thread is on the network of its host."""
        with open("/proc/thread-self/ns/net", "rb") as ours, open(f"/proc/{self.pid}/ns/net", "rb") as theirs:
            enter_network(theirs.fileno())
            try:
                yield
            finally:
                enter_network(ours.fileno())

    def get(self, port, path="/", host="test"):
        """(status, body) of one request on a connection of its own."""
        with self.inside(), RawClient((ADDRESS, port)) as client:
            answer = client.get(path, host=host, fields=["Connection: close"])
            return answer.status, answer.body

    def is_well(self, port):
        try:
            return self.get(port)[0] == 200
        except OSError:
            return False

    def processes(self, unit):
        """{pid, as seen from here: name}."""
        group = self.property(unit, "ControlGroup")
        found = {}
        for pid in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if pid.name.isdigit() and any(line.endswith(group) for line in (pid / "cgroup").read_text().splitlines()
                                              if group and line.startswith("0::")):
                    if os.stat(pid / "ns" / "pid").st_ino == os.stat(f"/proc/{self.pid}/ns/pid").st_ino:
                        found[int(pid.name)] = (pid / "comm").read_text().strip()
        return found

    def end(self):
        for pid in [getattr(self, "pid", None), self.process.pid]:
            with contextlib.suppress(TypeError, ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


def enter_network(descriptor):
    if libc.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


class Load:
    """Requests one after the other, each on a connection of its own, until the end: what went wrong is in `faults`."""

    def __init__(self, machine, port, count=2):
        self.machine, self.port = machine, port
        self.done, self.faults, self.is_over = 0, [], False
        self.threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(count)]

    def _ask(self):
        with self.machine.inside():
            while not self.is_over:
                try:
                    with RawClient((ADDRESS, self.port)) as client:
                        status = client.get("/", fields=["Connection: close"]).status
                    if status != 200:
                        self.faults.append(status)
                except Exception as fault:  # pylint: disable=broad-except  # whatever it is, a client has met it
                    self.faults.append(repr(fault))
                self.done += 1

    def more(self, count=50):
        wanted = self.done + count
        wait_for(lambda: self.done >= wanted, "more requests")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.more()
        return self

    def __exit__(self, *_):
        self.is_over = True
        for thread in self.threads:
            thread.join(30)


@pytest.fixture(scope="module", name="machine")
def make_machine(tmp_path_factory):
    reason = why_not()
    if reason:
        pytest.skip(f"systemd cannot be booted: {reason}")
    made = Booted(tmp_path_factory.mktemp("systemd"))
    try:
        yield made
    finally:
        made.end()
