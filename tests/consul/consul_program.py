"""Consul itself: the one on PATH, else Debian 11's package, unpacked once for each checkout. (Debian 12 and 13
have none. It is one static program; nothing is installed.)"""
import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
SUITE = "bullseye"
TRIES = 3


class Unavailable(Exception):
    pass


def find():
    """The path of the program."""
    on_path = shutil.which("consul")
    if on_path:
        return on_path
    root = TOP / "build" / f"consul-{SUITE}"
    program = root / "usr" / "bin" / "consul"
    root.parent.mkdir(exist_ok=True)
    with open(root.with_suffix(".lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)    # several workers begin at once
        if not program.exists():
            unpack(root)
    return str(program)


def remove(folder):
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=False)


def extract(folder):
    mode = "root" if os.geteuid() == 0 else "auto"
    return subprocess.run(
        ["mmdebstrap", "--quiet", f"--mode={mode}", "--variant=extract", "--include=consul",
         "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*", SUITE, str(folder)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)


def unpack(root):
    if not shutil.which("mmdebstrap"):
        raise Unavailable("no consul and no mmdebstrap here; tests/run.sh installs the latter")
    made = root.with_name(f"{root.name}.{os.getpid()}")
    try:
        for tries_left in reversed(range(TRIES)):
            done = extract(made)
            if done.returncode == 0:
                break
            if tries_left == 0:
                raise Unavailable(f"Debian's {SUITE} cannot be unpacked here: {done.stdout[-1000:]}")
            remove(made)
            time.sleep(5)  # a mirror has its moments
        made.rename(root)
    finally:
        remove(made)
