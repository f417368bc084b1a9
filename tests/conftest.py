"""For every test that pytest runs: what takes long says why, and is a unit of its own when tests run
side by side.

A test that takes more than 5 s carries `@pytest.mark.slow("reason")`, else the run says so. It does not fail
for it: not every machine is as quick as another. Counted is the time in which nothing on the machine waited
for a processor, so that a busy machine accuses nobody.

With CI=true a test that is left out as a program is not installed has failed.
"""

import os
import re
import time
from pathlib import Path

import pytest

UNMARKED_SECONDS_MAX = 5
PRESSURE = Path("/proc/pressure/cpu")
HERE = Path(__file__).parent

unmarked = []  # (test, seconds) of those that took too long


def pytest_addoption(parser):
    parser.addoption("--one-of-each-folder", action="store_true",
                     help="of each folder the test that is marked quick, or the first")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow(reason): takes more than 5 s, because of this")
    config.addinivalue_line("markers", "quick: stands for its folder in tests/run.sh --quick")
    config.addinivalue_line("markers", "xdist_group(name): one worker runs all of them")


# ---- what runs, and where ----------------------------------------------------------------------------

def unit_of(item):
    """A file, but for its slow tests; with what is imported into another file a part of that."""
    return ".".join(Path(item.fspath).relative_to(HERE).with_suffix("").parts[1:])


def pytest_collection_modifyitems(config, items):
    for item in items:
        slow = item.get_closest_marker("slow")
        if slow and not (slow.args and isinstance(slow.args[0], str)):
            raise pytest.UsageError(f'{item.nodeid}: say why: @pytest.mark.slow("reason")')
        if not slow and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(unit_of(item)))
    if config.getoption("--one-of-each-folder"):
        items[:] = one_of_each_folder(items)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)  # they begin first


def one_of_each_folder(items):
    chosen = {}
    for item in items:
        folder = Path(item.fspath).parent
        if folder not in chosen or (item.get_closest_marker("quick") and
                                    not chosen[folder].get_closest_marker("quick")):
            chosen[folder] = item
    return list(chosen.values())


# ---- what takes long ---------------------------------------------------------------------------------

def stalled_seconds():
    """How long something has waited for a processor since the machine began, or None."""
    try:
        return int(PRESSURE.read_text().splitlines()[0].rpartition("=")[2]) / 1e6
    except (OSError, ValueError, IndexError):
        return None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """Without its fixtures: what a whole file shares is nobody's."""
    began, stalled = time.monotonic(), stalled_seconds()
    yield
    item.own_seconds = own_seconds(began, stalled)


def own_seconds(began, stalled_before):
    """Without this kernel's word on it half of the time counts."""
    passed, stalled = time.monotonic() - began, stalled_seconds()
    return passed / 2 if None in (stalled, stalled_before) else passed - (stalled - stalled_before)


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report():
    outcome = yield
    refuse_to_go_without(outcome.get_result())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    refuse_to_go_without(outcome.get_result())
    if call.when == "call":
        report = outcome.get_result()
        report.own_seconds = item.own_seconds
        report.may_take_long = bool(item.get_closest_marker("slow")) or is_sanitized()


def refuse_to_go_without(report):
    """In CI nothing is left out for lack of a program: tests/run.sh has installed all of them."""
    if os.environ.get("CI") == "true" and report.skipped and re.search(r"not installed|could not import", str(report.longrepr)):
        report.outcome, report.longrepr = "failed", f"left out, in CI: {report.longrepr[2]}"


def is_sanitized():
    return Path(os.environ.get("LB_BIN_DIR", "")).parent.name in ("asan", "tsan")


def pytest_runtest_logreport(report):
    if report.when == "call" and not report.may_take_long and report.own_seconds > UNMARKED_SECONDS_MAX:
        unmarked.append((report.nodeid, report.own_seconds))


def pytest_terminal_summary(terminalreporter):
    for test, seconds in unmarked:
        terminalreporter.write_line(f"{test} took {seconds:.1f} s and does not say why: "
                                    '@pytest.mark.slow("reason")', red=True)
