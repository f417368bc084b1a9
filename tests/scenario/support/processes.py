"""What the kernel tells of processes that a test has not started itself. Of one that is gone: nothing."""

import os
import pathlib
import re
import socket
import struct

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, DUMP_REQUEST, TCP_LISTEN = 4, 20, 0x301, 10


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


def listening_inodes():
    """Of all TCP sockets of this network namespace that listen, as the kernel's sock_diag(7) tells: /proc/net/tcp would
    have all others as well, of which there are thousands after a load."""
    found = set()
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as asked:
        for family in (socket.AF_INET, socket.AF_INET6):
            wish = struct.pack("BBBxI48x", family, socket.IPPROTO_TCP, 0, 1 << TCP_LISTEN)
            asked.send(struct.pack("=IHHII", 16 + len(wish), SOCK_DIAG_BY_FAMILY, DUMP_REQUEST, 1, 0) + wish)
            while _take_inodes(asked.recv(1 << 20), found):
                pass
    return found


def _take_inodes(data, found):
    """Whether more is to come."""
    while data:
        size, kind = struct.unpack_from("=IH", data)
        if kind != SOCK_DIAG_BY_FAMILY:
            return False
        found.add(struct.unpack_from("=I", data, 16 + 68)[0])
        data = data[(size + 3) & ~3:]
    return True


def is_listening(pid):
    """Whether it has a TCP socket that listens."""
    wanted = {f"socket:[{inode}]" for inode in listening_inodes()}
    try:
        return any(str(link.readlink()) in wanted for link in pathlib.Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def cpu_seconds(pid):
    """That all its threads have used."""
    fields = read(pid, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
