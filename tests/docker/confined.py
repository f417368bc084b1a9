"""The least that a container may have, and what lb's processes have of it: as seen from inside, in /proc, so that it can be
asked of any engine."""
from conftest import docker, wait_for

CONFINED = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--read-only")
LIST = 'for process in /proc/[0-9]*; do echo "${process#/proc/} $(cat "$process/comm")"; done 2>/dev/null'


def processes_of(name):
    """{program: pid} of a container's processes."""
    lines = docker("exec", name, "sh", "-c", LIST).splitlines()
    return {program: pid for pid, _, program in (line.partition(" ") for line in lines) if program.startswith("lb")}


def wait_for_three(name):
    """{program: pid} of lb's three processes."""
    def look():
        found = processes_of(name)
        return found if set(found) >= {"lb", "lb-proxy", "lb-discovery"} else None
    return wait_for("three processes", look)


def status_of(name, pid):
    """{word: values} of /proc/PID/status."""
    lines = docker("exec", name, "cat", f"/proc/{pid}/status").splitlines()
    return {line.partition(":")[0]: line.partition(":")[2].split() for line in lines}


def check_sealed(name):
    """lb-proxy and lb-discovery have each a filter of their own above the engine's."""
    three = wait_for_three(name)

    def filters_of(word):
        return int(status_of(name, three[word])["Seccomp_filters"][0])
    for word in ("lb-proxy", "lb-discovery"):
        wait_for(f"{word} is sealed", lambda: filters_of(word) > filters_of("lb"))
        status = status_of(name, three[word])
        assert status["NoNewPrivs"] == ["1"]
        assert int(status["CapEff"][0], 16) == int(status["CapPrm"][0], 16) == 0
    return three
