"""A new version that does not work: the old one serves on, and says why."""

import re

import pytest

from support.traffic import Traffic


def not_executable(installed):
    installed.put("lb-proxy", (installed.folder / "lb-proxy").read_bytes(), mode=0o644)


def master_not_executable(installed):
    installed.put("lb", (installed.folder / "lb").read_bytes(), mode=0o644)


def master_exits(installed):
    installed.put("lb", b"#!/bin/sh\nexit 1\n")


def no_program(installed):
    installed.put("lb-proxy", b"this is no program\n")


def not_there(installed):
    (installed.folder / "lb-proxy").unlink()


def pretended(installed):
    installed.pretend()


# How it is broken, what PRETEND says, and what the reason must tell.
CASES = {
    "not executable": (not_executable, "", r"(?i)permission denied|status 127"),
    "master not executable": (master_not_executable, "", r"(?i)permission denied|status 127"),
    "master exits": (master_exits, "", r"exit status 1"),
    "no program": (no_program, "", r"(?i)exec format error|status 127"),
    "not there": (not_there, "", r"(?i)no such file|status 127"),
    "exits": (pretended, "exit", r"exit status 1"),
    "crashes": (pretended, "crash", r"137|SIGKILL"),
    "another version of the channel": (pretended, "version", r"version|SIGKILL|137"),
    "silent": (pretended, "silence", r"in time"),
    "never ready": (pretended, "unready", r"in time"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_old_one_serves_on(case, start_upgrading):
    breaks, pretend, expected = CASES[case]
    is_hasty = expected == "in time"
    upgrading = start_upgrading(*["--upgrade-timeout=1s"] * is_hasty, env={"PRETEND": pretend})
    lb = upgrading.lb
    with Traffic(lb.address, kept=2, fresh=2, puts=1) as traffic:
        traffic.wait_more()
        breaks(upgrading.installed)
        reason = upgrading.fail()
        traffic.wait_more()
    assert not traffic.failures
    assert len(lb.proxy_pids()) == 1
    assert re.search(expected, reason), reason
    if is_hasty:  # a second is too short for a sound one on a busy machine, too
        return
    upgrading.installed.next_version()
    upgrading.upgrade()
    assert upgrading.version() == upgrading.installed.version
    assert not traffic.failures


@pytest.mark.parametrize("pretend", ["exit", "silence"])
def test_ctl_tells_why(pretend, start_upgrading, installed):
    upgrading = start_upgrading(*["--upgrade-timeout=1s"] * (pretend == "silence"), env={"PRETEND": pretend})
    installed.pretend()
    done = installed.ctl(upgrading.lb, "upgrade")
    assert done.returncode == 1, done
    assert ("exit status 1" if pretend == "exit" else "in time") in done.stderr, done
    assert upgrading.lb.ask("/readyz").status == 200
