"""The two composes that the files of deploy/stack are for: docker-compose 1.29, as Debian 12 has it, and v2, as Debian 13 has it.
The latter is unpacked from its package, once for each checkout."""
import fcntl
import functools
import os
import shutil
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
ROOT = TOP / "build" / "compose-v2"
PLUGIN = ROOT / "usr/libexec/docker/cli-plugins/docker-compose"


class Unavailable(Exception):
    pass


def unpack():
    made = ROOT.with_name(f"{ROOT.name}.{os.getpid()}")
    try:
        done = subprocess.run(["mmdebstrap", "--quiet", "--mode=root", "--variant=extract", "--include=docker-compose",
                               "--dpkgopt=path-exclude=*", "--dpkgopt=path-include=/usr/libexec/docker/cli-plugins/*", "trixie",
                               str(made)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=300, check=False)
        if done.returncode:
            raise Unavailable(f"Debian 13's docker-compose cannot be unpacked here: {done.stdout[-1000:]}")
        made.rename(ROOT)
    finally:
        subprocess.run(["rm", "-rf", "--one-file-system", str(made)], check=False)


@functools.cache
def compose_v2():
    """The program, which is a plugin of docker as well."""
    if not PLUGIN.exists():
        if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
            raise Unavailable("compose v2 is unpacked by root, with mmdebstrap")
        ROOT.parent.mkdir(exist_ok=True)
        with open(ROOT.with_suffix(".lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not PLUGIN.exists():
                unpack()
    return str(PLUGIN)


@functools.cache
def compose_v1():
    program = shutil.which("docker-compose")
    told = subprocess.run([program, "version", "--short"], stdout=subprocess.PIPE, text=True, check=False).stdout if program else ""
    if not told.startswith("1."):
        raise Unavailable(f"no docker-compose 1 here: {told or 'none'}")
    return program


PROGRAMS = {"v1": compose_v1, "v2": compose_v2}
