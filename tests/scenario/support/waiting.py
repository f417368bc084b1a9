"""Waiting for a condition, never for a time."""

import time
from pathlib import Path


def wait_for(condition, what, timeout_s=30.0, pause_s=0.005):
    """Gives the first true value of condition(); fails the test when there is none in time."""
    end = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout_s} s in vain: {what}")
        time.sleep(pause_s)


def is_stopped(pid):
    """Whether SIGSTOP has taken effect, on all of its threads."""
    return all(stat.read_text().rpartition(")")[2].split()[0] == "T"
               for stat in Path(f"/proc/{pid}/task").glob("*/stat"))


def wait_until_still(measure, what, timeout_s=20.0, samples=20, pause_s=0.01):
    """Waits until measure() gives the same value many times in a row, and gives that value."""
    end = time.monotonic() + timeout_s
    last, same = measure(), 0
    while same < samples:
        if time.monotonic() > end:
            raise AssertionError(f"it never came to rest within {timeout_s} s: {what}")
        time.sleep(pause_s)
        value = measure()
        same = same + 1 if value == last else 0
        last = value
    return last
