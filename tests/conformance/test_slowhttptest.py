"""slowhttptest's four modes against lb, each for a few seconds, while a good client's requests all
succeed and quickly, and lb is as before when they have gone."""

import shutil
import subprocess
import time

import pytest

from support.waiting import wait_for

SLOWHTTPTEST = shutil.which("slowhttptest")
SECONDS = 4
COUNT = 300

MODES = {
    "slow heads (slowloris)": ["-H", "-i", "1"],
    "slow bodies": ["-B", "-i", "1", "-s", "8192"],
    "ranges (apache killer)": ["-R", "-a", "1", "-b", "500"],
    "slow readers": ["-X", "-w", "128", "-y", "256", "-n", "1", "-z", "32", "-k", "3"],
}


@pytest.mark.slow("slowhttptest counts in seconds")
@pytest.mark.skipif(not SLOWHTTPTEST, reason="slowhttptest is not installed")
@pytest.mark.parametrize("mode", MODES)
def test_mode(mode, start_lb, start_appserver, connect, built_with, tmp_path):
    lb = start_lb("--head-timeout=2s", "--body-timeout=2s", backends=[start_appserver("one")])
    before = lb.rss_bytes()
    attack = subprocess.Popen(
        [SLOWHTTPTEST, *MODES[mode], "-c", str(COUNT), "-r", "200", "-l", str(SECONDS), "-p", "2",
         "-u", f"http://127.0.0.1:{lb.address[1]}/bytes/2000000", "-v", "0"], cwd=tmp_path,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        good, count, slowest_s = connect(lb), 0, 0
        end = time.monotonic() + SECONDS + 20
        while attack.poll() is None:
            begun = time.monotonic()
            assert good.get().status == 200
            assert connect(lb).get().status == 200
            slowest_s = max(slowest_s, time.monotonic() - begun)
            count += 1
            time.sleep(0.01)
            assert time.monotonic() < end, "slowhttptest does not end"
    finally:
        attack.kill()
        attack.wait()
    assert count >= 3
    assert slowest_s < 10
    lb.wait_idle()
    wait_for(lambda: connect(lb).get().status == 200, "it serves on")
    assert built_with or lb.rss_bytes() - before < 100 * (1 << 20)
