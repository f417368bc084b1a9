"""lb under a systemd that runs, by the units of deploy/systemd: started, reloaded, upgraded, hung, killed, in two services,
and with ports that systemd opened.
"""

import os
import pathlib
import signal

import pytest

from booted import ADDRESS, Load, make_machine  # noqa: F401
from scenario_engine import engine_at
from support.client import RawClient
from support.program import BIN_DIR
from support.waiting import wait_for

pytestmark = [pytest.mark.xdist_group("systemd"),  # one machine for all
              pytest.mark.slow("a systemd is booted, and services start and end")]
APPSERVER_PORT = 9001
PORT = 80
DROP_IN = "/etc/systemd/system/lb.service.d"


@pytest.fixture(scope="module", autouse=True)
def appserver(machine):
    machine.run("systemd-run", "--unit=app", "/usr/bin/appserver", f"--listen={ADDRESS}:{APPSERVER_PORT}", "--name=app",
                "--no-log")
    wait_for(lambda: machine.is_well(APPSERVER_PORT), "the appserver")


@pytest.fixture(name="unit")
def make_unit(machine):
    """start(settings, drop_in=…): lb.service with these words in /etc/default/lb."""
    def start(*settings, drop_in=None, is_awaited=True):
        base = [f"LB_LISTEN=0.0.0.0:{PORT}", "LB_ADMIN=127.0.0.1:8001", "LB_HOLD=0s", "LB_SHUTDOWN_DELAY=0s"]
        machine.write("/etc/default/lb", "\n".join([*base, *settings, ""]))
        if drop_in:
            machine.write(f"{DROP_IN}/test.conf", drop_in)
        machine.systemctl("daemon-reload")
        machine.systemctl("start", "lb")
        if is_awaited:
            wait_for(lambda: machine.is_well(PORT), "lb answers", 30)
    yield start
    machine.systemctl("stop", "lb.socket", "lb-discovery", "lb", check=False)
    machine.write("/etc/lb/lb.json", "{}")
    for name in ("test", "split"):
        machine.remove(f"{DROP_IN}/{name}.conf")
    machine.systemctl("daemon-reload")
    machine.systemctl("reset-failed", check=False)


def one(machine, name, unit="lb"):
    """The one process of that name."""
    found = [pid for pid, comm in machine.processes(unit).items() if comm == name]
    return found[0] if len(found) == 1 else None


def status_of(pid, word):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split(":", 1)[1].split() for line in lines if line.startswith(f"{word}:"))


BACKEND = f"LB_BACKEND={ADDRESS}:{APPSERVER_PORT}"


def test_is_ready_when_systemd_says_so_and_locked_in_twice(machine, unit):
    """The filter of the unit, and beside it the one that lb-proxy locks itself in with."""
    unit(BACKEND)
    assert machine.property("lb", "ActiveState") == "active"
    assert machine.property("lb", "StatusText") != ""
    assert sorted(machine.processes("lb").values()) == ["lb", "lb-proxy"]
    proxy, master = one(machine, "lb-proxy"), one(machine, "lb")
    assert int(status_of(proxy, "Seccomp_filters")[0]) > int(status_of(master, "Seccomp_filters")[0])
    assert status_of(proxy, "NoNewPrivs") == ["1"]
    assert status_of(proxy, "Uid")[0] != "0"
    assert "jail" not in [line for line in machine.journal().splitlines() if '"warn"' in line]
    machine.systemctl("stop", "lb")
    assert machine.property("lb", "Result") == "success"
    assert machine.property("lb", "ExecMainStatus") == "0"


def test_settings_are_read_again_and_what_makes_no_sense_changes_nothing(machine, unit):
    unit(BACKEND)
    master = one(machine, "lb")
    with Load(machine, PORT) as load:
        machine.write("/etc/lb/lb.json", '{"retry-budget": 30}')
        machine.systemctl("reload", "lb")
        load.more()
        machine.write("/etc/lb/lb.json", '{"retry-budget": ')
        machine.systemctl("reload", "lb", check=False)
        load.more()
        assert machine.property("lb", "ActiveState") == "active"
        machine.write("/etc/lb/lb.json", '{"workers": 3}')  # another process, which takes the place of the first
        machine.systemctl("reload", "lb")
        load.more()
    assert load.faults == []
    assert one(machine, "lb") == master


def test_another_program_takes_the_place_of_this_one_and_its_pid_stays(machine, unit):
    unit(BACKEND)
    master, proxy = one(machine, "lb"), one(machine, "lb-proxy")
    with Load(machine, PORT) as load:
        for name in ("lb", "lb-proxy", "lb-discovery"):
            machine.install(BIN_DIR / name, f"/usr/bin/{name}")
        machine.systemctl("kill", "--kill-who=main", "--signal=USR2", "lb")  # as the package does
        wait_for(lambda: one(machine, "lb-proxy") not in (None, proxy), "the new process is alone", 60)
        load.more()
    assert load.faults == []
    assert one(machine, "lb") == master
    assert machine.property("lb", "ActiveState") == "active"
    assert machine.property("lb", "NRestarts") == "0"


def test_its_crash_is_no_matter_of_systemd(machine, unit):
    unit(BACKEND)
    proxy = one(machine, "lb-proxy")
    os.kill(proxy, signal.SIGKILL)
    wait_for(lambda: one(machine, "lb-proxy") not in (None, proxy), "another one")
    wait_for(lambda: machine.is_well(PORT), "it answers")
    assert machine.property("lb", "NRestarts") == "0"


def test_one_that_hangs_is_ended_by_systemd_and_started_again(machine, unit):
    unit(BACKEND, drop_in="[Service]\nWatchdogSec=2s\nTimeoutAbortSec=1s\n")
    proxy = one(machine, "lb-proxy")
    os.kill(proxy, signal.SIGSTOP)
    wait_for(lambda: machine.property("lb", "NRestarts") == "1", "systemd starts it again", 60)
    wait_for(lambda: machine.is_well(PORT), "it answers", 30)
    assert "atchdog" in machine.journal("lb.service") or "atchdog" in machine.journal("init.scope")
    assert not pathlib.Path(f"/proc/{proxy}").exists()


def test_one_that_is_well_is_left_alone_for_longer_than_that(machine, unit):
    unit(BACKEND, drop_in="[Service]\nWatchdogSec=1s\n")
    with Load(machine, PORT, count=1) as load:
        wait_for(lambda: float(machine.run("cat", "/proc/uptime").stdout.split()[0]) > 0, "")
        began = int(machine.property("lb", "ExecMainStartTimestampMonotonic"))
        wait_for(lambda: int(machine.property("lb", "WatchdogTimestampMonotonic")) > began + 3_000_000,
                 "it is fed for three times as long", 30)
    assert load.faults == [] and machine.property("lb", "NRestarts") == "0"


def test_a_port_that_systemd_opened_starts_it_and_outlives_it(machine, unit):
    machine.write("/etc/default/lb", f"LB_LISTEN=0.0.0.0:{PORT}\n{BACKEND}\n")
    machine.systemctl("daemon-reload")
    machine.systemctl("start", "lb.socket")
    assert machine.processes("lb") == {}
    with machine.inside(), RawClient((ADDRESS, PORT)) as client:  # it is nobody's yet, and waits
        assert client.get("/").status == 200
    unit(BACKEND)
    with Load(machine, PORT) as load:
        machine.systemctl("restart", "lb")
        load.more()
    assert load.faults == []


def test_in_two_services_only_one_has_the_engine(machine, unit):
    with engine_at(machine, {"web": ADDRESS}, APPSERVER_PORT) as where:
        machine.write(f"{DROP_IN}/split.conf", (pathlib.Path(__file__).parents[3] / "deploy" / "systemd" / "split.conf")
                      .read_text())
        machine.write("/etc/default/lb-discovery", f"DOCKER_HOST={where}\n")
        unit("LB_DEFAULT_ROUTE=web")
        docker = machine.run("getent", "group", "docker").stdout.split(":")[2]
        proxy, discovery = one(machine, "lb-proxy"), one(machine, "lb-discovery", "lb-discovery")
        assert "lb-discovery" not in machine.processes("lb").values()
        assert docker not in status_of(proxy, "Groups") and docker in status_of(discovery, "Groups")
        with Load(machine, PORT) as load:  # neither misses the other for as long as it is away
            machine.systemctl("restart", "lb-discovery")
            load.more()
        assert load.faults == []
        machine.systemctl("restart", "lb")
        wait_for(lambda: machine.is_well(PORT), "lb hears of it again")
