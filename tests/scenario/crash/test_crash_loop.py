"""One that ends again and again is started ever more slowly, and says so."""

import os
import signal
import time

import pytest

from crashing_lb import readyz
from support.waiting import wait_for


def test_crash_loop_is_told(crashing, connect):
    lb = crashing.lb
    assert readyz(lb)[0] == 200
    wait_for(lambda: crashing.crash() and readyz(lb)[0] == 503, "/readyz says no")
    status, reason = readyz(lb)
    assert status == 503 and "SIGKILL" in reason, reason
    lb.wait_message("again and again")
    assert crashing.is_looping()
    assert connect(lb).get().status == 200  # it serves for as long as it lives
    assert lb.ask("/healthz").status == 200


def test_it_backs_off(crashing):
    """The pauses grow; they are the master's, and not how long a start takes."""
    pauses = []
    for _ in range(6):
        begun = time.monotonic()
        crashing.crash()
        pauses.append(time.monotonic() - begun)
    assert max(pauses[3:]) > 0.2, pauses
    assert crashing.crashes() == {"SIGKILL": 6}


@pytest.mark.slow("it has to live for a minute")
def test_it_is_well_again(crashing):
    lb = crashing.lb
    wait_for(lambda: crashing.crash() and readyz(lb)[0] == 503, "/readyz says no")
    survivor = lb.proxy_pid
    wait_for(lambda: readyz(lb)[0] == 200, "/readyz says yes", 90)
    assert lb.proxy_pid == survivor
    assert not crashing.is_looping()
    os.kill(survivor, signal.SIGKILL)
    wait_for(lambda: lb.proxy_pid != survivor, "another one serves")
    assert readyz(lb)[0] == 200  # one crash is none of many
