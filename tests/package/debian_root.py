"""Roots of Debian releases, made by mmdebstrap once for each checkout, and copies of them that programs run in: what
they write stays in a folder of the test (overlayfs), and the machine stays as it is.
"""

import os
import shutil
import subprocess

NEEDED = ("mmdebstrap", "unshare")

# $1: the root, $2: what is changed, $3: for overlayfs, $4: where it is put together, $5: the source, $6…: a command.
ENTER = """
root=$1 changed=$2 work=$3 merged=$4 source=$5
shift 5
mount -t overlay overlay -o "lowerdir=$root,upperdir=$changed,workdir=$work" "$merged"
mount -t proc proc "$merged/proc"
mount --rbind /dev "$merged/dev"
mount -t tmpfs tmpfs "$merged/run"
mount -t tmpfs tmpfs "$merged/tmp"
mkdir -p "$merged/source"
mount --bind -o ro "$source" "$merged/source"
cp /etc/resolv.conf "$merged/etc/resolv.conf"
exec chroot "$merged" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
"""


class Unavailable(Exception):
    pass


def unavailable():
    """Why no root can be had; None where they can."""
    if os.geteuid() != 0:
        return "needs root"
    missing = [word for word in NEEDED if not shutil.which(word)]
    return f"no {', '.join(missing)} here; tests/run.sh installs it" if missing else None


def make_root(root, suite, packages, *options):
    """Once: a root that is there is taken as it is."""
    if root.exists():
        return
    made = root.with_name(f"{root.name}.{os.getpid()}")
    made.parent.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={','.join(packages)}", *options,
             "--dpkgopt=path-exclude=/usr/share/locale/*", suite, str(made)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1200,
            check=False)
        if done.returncode:
            raise Unavailable(f"Debian's {suite} cannot be had here: {done.stdout[-1000:]}")
        if not root.exists():  # another worker may have been quicker
            made.rename(root)
    finally:
        remove(made)


class Copy:
    """Of a root; `source` is mounted at /source, read-only. /run and /tmp are new for each command."""

    def __init__(self, root, folder, source):
        self.root, self.folder, self.source = root, folder, source
        for name in ("changed", "work", "merged"):
            (folder / name).mkdir(parents=True)

    def path(self, path):
        """Where a file lies that was written inside."""
        return self.folder / "changed" / path.lstrip("/")

    def command(self, *words):
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", ENTER, "sh", str(self.root),
                *(str(self.folder / name) for name in ("changed", "work", "merged")), str(self.source), *words]

    def run(self, *words, check=True, timeout=3000):
        done = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=timeout, check=False)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(words)}: status {done.returncode}\n{done.stdout[-6000:]}")
        return done.stdout


def remove(folder):
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=False)
