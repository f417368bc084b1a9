"""What the kernel tells: CPU time and memory of processes, and which machine this is."""

import contextlib
import fcntl
import functools
import os
import pathlib
import platform
import re
import socket
import struct
import subprocess

SIOCSIFFLAGS = 0x8914
IFF_UP = 1
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def read(path):
    return pathlib.Path(path).read_text(encoding="utf-8", errors="replace")


def family(pid):
    """The process and all that descend from it."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in read(task / "children").split():
            found += family(int(child))
    return found


def name_of(pid):
    return read(f"/proc/{pid}/comm").strip()


def thread_cpu_s(pid):
    """CPU seconds of each thread of a process by thread id, in the kernel's nanoseconds."""
    return {int(task.name): int(read(task / "schedstat").split()[0]) / 1e9
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}


def split_cpu_s(pid):
    """User and system seconds of a process, in ticks: all of its threads, also those that ended."""
    words = read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return int(words[11]) / TICKS_PER_S, int(words[12]) / TICKS_PER_S


class CpuTime:
    """CPU time that these processes have taken up to now, in all of their threads."""

    def __init__(self, pids):
        self.first_pid = pids[0]
        self.threads, self.user_s, self.system_s = {}, 0.0, 0.0
        for pid in pids:
            self.threads.update(thread_cpu_s(pid))
            user_s, system_s = split_cpu_s(pid)
            self.user_s += user_s
            self.system_s += system_s

    def since(self, earlier):
        """(total, user, system, of the first process's first thread alone), seconds."""
        def gone(tid):
            return self.threads[tid] - earlier.threads.get(tid, 0.0)
        user_s, system_s = self.user_s - earlier.user_s, self.system_s - earlier.system_s
        total_s = sum(map(gone, self.threads))
        in_ticks = user_s + system_s or 1.0
        return (total_s, total_s * user_s / in_ticks, total_s * system_s / in_ticks,
                gone(self.first_pid))


def memory_bytes(pids):
    """(RSS, PSS) of these processes. PSS counts a page that k processes share as 1/k in each."""
    rss = pss = 0
    for pid in pids:
        rollup = read(f"/proc/{pid}/smaps_rollup")
        rss += int(re.search(r"^Rss:\s+(\d+)", rollup, re.M)[1]) * 1024
        pss += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1]) * 1024
    return rss, pss


def busy_s(cores):
    """Seconds that these cores have worked for anybody, hypervisor included."""
    lines = [line.split() for line in read("/proc/stat").splitlines()]
    return sum(sum(map(int, words[1:4] + words[6:9])) / TICKS_PER_S for words in lines
               if words[0] in {f"cpu{core}" for core in cores})


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip().splitlines()[0]


@functools.cache
def cpus():
    return sorted(os.sched_getaffinity(0))


class Cores:
    """Who runs where. The proxies and the load never share a core if there are two."""

    def __init__(self):
        all_cpus = cpus()
        if len(all_cpus) < 4:
            self.load = self.backend = all_cpus[:1]
            self.proxy = all_cpus[-1:]
            if len(all_cpus) == 3:
                self.backend = all_cpus[1:2]
        else:
            self.proxy = all_cpus[-2:]
            self.backend = all_cpus[1:2]
            self.load = all_cpus[:1] + all_cpus[2:-2]

    def proxy_for(self, worker_count):
        """On a small machine two workers have to share a core with the load."""
        if worker_count <= len(self.proxy):
            return self.proxy[:worker_count]
        return cpus()[-worker_count:]


def bring_up_loopback():
    """In a network namespace of its own the loopback device is down at first."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


@contextlib.contextmanager
def before_others():
    """Runs before other programs, with everything that is started meanwhile. Needs root. Where the
    kernel shares the CPU among sessions first (autogroup), the session counts, not the process."""
    def prefer(nice):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, nice)
            pathlib.Path("/proc/self/autogroup").write_text(str(nice), encoding="ascii")
    prefer(-15)
    try:
        yield
    finally:
        prefer(0)


def describe(lb, has_own_network):
    """The machine and the versions, for the head of the results."""
    model = re.search(r"model name\s*:\s*(.*)", read("/proc/cpuinfo"))
    memory_kb = re.search(r"MemTotal:\s+(\d+)", read("/proc/meminfo"))[1]
    release = re.search(r'PRETTY_NAME="(.*)"', read("/etc/os-release"))
    where = "a network namespace of its own" if has_own_network else "the host's network"
    congestion = read("/proc/sys/net/ipv4/tcp_congestion_control").strip()
    return {
        "cpu": model[1] if model else platform.machine(),
        "cpu_count": len(cpus()),
        "is_virtual": "hypervisor" in read("/proc/cpuinfo"),
        "memory_gb": round(int(memory_kb) / 1e6),
        "kernel": platform.release(),
        "system": release[1] if release else "",
        "network": f"loopback in {where}, TCP {congestion}",
        "versions": {
            "lb": first_line(lb, "--version"),
            "haproxy": first_line("haproxy", "-v"),
            "nginx": first_line("nginx", "-v"),
            "wrk": first_line("wrk", "-v"),
        },
    }
