"""What the kernel tells of processes that a test has not started itself. Of one that is gone: nothing."""

import pathlib
import re


def read(pid, name):
    """A file of /proc/PID as text; "" for a process that is gone."""
    try:
        return pathlib.Path(f"/proc/{pid}/{name}").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def name_of(pid):
    return read(pid, "comm")


def children(pid):
    return [int(word) for task in pathlib.Path(f"/proc/{pid}/task").glob("*")
            for word in read(pid, f"task/{task.name}/children").split()]


def started(pid):
    """When, in ticks since the machine was started."""
    fields = read(pid, "stat").rpartition(")")[2].split()
    return int(fields[19]) if fields else 0


def is_gone(pid):
    """Whether it has ended: it may still wait for its parent to look."""
    fields = read(pid, "stat").rpartition(")")[2].split()
    return not fields or fields[0] in "XZ"


def status_bytes(pid, name):
    """Of /proc/PID/status what is told in kB, such as VmRSS."""
    found = re.search(rf"^{name}:\s+(\d+) kB", read(pid, "status"), re.M)
    assert found, f"process {pid} is gone"
    return int(found[1]) * 1024


def environment_of(pid):
    """What it was started with, by name."""
    pairs = [entry.partition("=") for entry in read(pid, "environ").split("\0") if entry]
    return {name: value for name, _, value in pairs}


def is_listening(pid):
    """Whether it has a TCP socket that listens."""
    inodes = set()
    for table in ("net/tcp", "net/tcp6"):
        rows = [line.split() for line in read(pid, table).splitlines()[1:]]
        inodes |= {f"socket:[{row[9]}]" for row in rows if row[3] == "0A"}
    try:
        return any(str(link.readlink()) in inodes for link in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False
