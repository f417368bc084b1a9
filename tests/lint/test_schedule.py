"""tests/schedule.sh: steps in lanes, on commands that take no time."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BEFORE = """
set -euo pipefail
work=$1
. tests/schedule.sh
trap end_all_steps EXIT
trap 'exit 130' INT
note() { echo "$1" >>"$work/order"; }
waits_for() { until grep -qx "$1" "$work/order" 2>/dev/null; do sleep 0.02; done; note "$2"; }
"""
AFTER = """
run_plan
write_times "$work/times"
printf '%s\\n' "${summary[@]}"
echo "failed $failed"
"""


def run(folder, plan):
    done = subprocess.run(["bash", "-c", BEFORE + plan + AFTER, "bash", str(folder)], cwd=TOP, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    assert done.returncode == 0, done.stdout
    order = folder / "order"
    return done.stdout, order.read_text().split() if order.exists() else []


def test_lanes_are_beside_each_other_and_a_lane_is_in_order(tmp_path):
    out, order = run(tmp_path, """
        plan a one 1 - "A" waits_for c a
        plan b one 1 - "B" note b
        plan c two 1 - "C" note c
    """)
    assert order == ["c", "a", "b"]
    ends = re.findall(r"step (\d) of 3: (\w)", out)
    assert [number for number, _ in ends] == ["1", "2", "3"]
    assert [title for _, title in ends if title != "C"] == ["A", "B"]  # C says so whenever it can
    assert "failed 0" in out


def test_what_it_needs_is_waited_for_across_lanes(tmp_path):
    _, order = run(tmp_path, """
        plan first-a one 1 - "A" note a
        plan b one 1 - "B" note b
        plan c two 1 first-a,b "C" note c
    """)
    assert order == ["a", "b", "c"]


def test_output_is_printed_whole_under_its_step(tmp_path):
    out, _ = run(tmp_path, """
        talks() { echo "$step begins"; note "$step"; waits_for "$1" x; echo "$step ends"; }
        plan a one 1 - "A" talks b
        plan b two 1 - "B" talks a
    """)
    for name in "ab":
        assert f"{name.upper()}\n{name} begins\n{name} ends\n--------" in out


def test_where_to_follow_a_step_is_said_when_it_begins(tmp_path):
    out, _ = run(tmp_path, """
        plan a one 7 - "A" test -e "$work/a.log"
        cd "$work/.."
    """)
    assert f"... step 1 of 1 begins: A (about 7 s), log: {tmp_path.name}/a.log\n" in out


def test_what_fails_is_counted_and_what_needs_it_is_left_out(tmp_path):
    out, order = run(tmp_path, """
        plan a one 1 - "A" false
        plan b one 1 - "B" note b
        plan c two 1 a "C" note c
        plan d two 1 c "D" note d
    """)
    assert order == ["b"] and "failed 1" in out
    assert "FAILED" in out and "skipped         C: it needs: A" in out and "skipped         D: it needs: C" in out


def test_what_gets_a_second_chance_is_no_failure_yet(tmp_path):
    out, order = run(tmp_path, """
        fails() { echo some test >"$work/$step.again"; return 1; }
        plan a one 1 - "A" fails
        plan b two 1 a "B" note b
    """)
    assert order == ["b"] and "failed 0" in out
    assert "A: what failed is run once more at the end (" in out and re.search(r"^retried +\d+ s  A$", out, re.M)


def test_what_is_left_goes_by_the_last_run(tmp_path):
    (tmp_path / "last").write_text("a 100\nc 30\nunknown 9\n")
    out, _ = run(tmp_path, """
        plan a one 1 - "A" true
        plan b one 50 - "B" true
        plan c two 1 a "C" true
        read_times "$work/last"
        echo "left $(seconds_left)"
    """)
    assert "left 150\n" in out  # a and b; c is done after 130
    assert re.fullmatch(r"a \d+\nb \d+\nc \d+\n", (tmp_path / "times").read_text())


def test_what_hangs_is_ended_and_told_and_the_rest_goes_on(tmp_path):
    out, order = run(tmp_path, """
        step_seconds_max=1 step_look_seconds=1 step_grace_seconds=1
        sleeps() { trap '' TERM; sleep 100 & echo $! >"$work/pid"; wait; sleep 100; }
        plan a one 1 - "A" sleeps
        plan b one 1 - "B" note b
    """)
    assert order == ["b"] and "failed 1" in out and "A: FAILED" in out
    assert re.search(r"ENDED: it took more than 0:01 min. What ran then:\n(.*\n)+.*sleep 100", out)
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_what_is_killed_whole_is_told_and_the_rest_goes_on(tmp_path):
    out, order = run(tmp_path, """
        step_look_seconds=1
        dies() { sleep 100 & echo $! >"$work/pid"; kill -KILL "$BASHPID"; }
        plan a one 1 - "A" dies
        plan b one 1 - "B" note b
    """)
    assert order == ["b"] and "failed 1" in out and "ENDED: it was killed." in out
    assert not is_alive(int((tmp_path / "pid").read_text()))


def test_what_else_runs_in_the_background_is_neither_ended_nor_waited_for(tmp_path):
    began = time.monotonic()
    _, order = run(tmp_path, """
        sleep 100 >/dev/null 2>&1 & echo $! >"$work/pid"
        plan a one 1 - "A" note a
    """)
    pid = int((tmp_path / "pid").read_text())
    assert order == ["a"] and is_alive(pid) and time.monotonic() - began < 50
    os.kill(pid, signal.SIGKILL)


def test_there_may_be_a_second_plan(tmp_path):
    out, order = run(tmp_path, """
        plan a one 1 - "A" note a
        run_plan
        plan b one 1 - "B" note b
    """)
    assert order == ["a", "b"] and "step 1 of 1: A" in out and "step 2 of 2: B" in out


def test_an_interrupt_ends_what_runs(tmp_path):
    plan = """
        sleeps() { sleep 100 & echo $! >"$work/pid"; wait; }
        plan a one 1 - "A" sleeps
    """
    job = subprocess.Popen(["bash", "-c", BEFORE + plan + AFTER, "bash", str(tmp_path)], cwd=TOP,
                           start_new_session=True, stdout=subprocess.DEVNULL)
    pid_file = tmp_path / "pid"
    wait_for(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"))
    pid = int(pid_file.read_text())
    wait_for(lambda: Path(f"/proc/{pid}/comm").read_text() == "sleep\n")
    os.kill(job.pid, signal.SIGINT)
    assert job.wait(60) == 130
    wait_for(lambda: not is_alive(pid))


def test_an_interrupt_ends_what_has_just_begun(tmp_path):
    plan = """
        interrupts() { echo $BASHPID >"$work/pid"; kill -INT $$; while sleep 0.1; do :; done; }
        plan a one 1 - "A" interrupts
        set -T
        trap 'case $BASH_COMMAND in pid_of*) sleep 0.5 ;; esac' DEBUG  # a busy machine
    """
    job = subprocess.run(["bash", "-c", BEFORE + plan + AFTER, "bash", str(tmp_path)], cwd=TOP, check=False,
                         stdout=subprocess.DEVNULL, timeout=60)
    assert job.returncode == 130
    pid = int((tmp_path / "pid").read_text())
    wait_for(lambda: not is_alive(pid))


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)
