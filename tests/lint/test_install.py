"""deploy/lib.sh installs packages and starts none of their services: with an apt-get that only notes what
it sees, and a place for policy-rc.d where nobody else looks."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
SCRIPT = """
. deploy/lib.sh
policy_rc_d=$1
as_root() { "$@"; }
consent() { :; }
is_installed() { false; }
ensure_packages first 'second|third'
"""
APT_GET = """#!/bin/sh
[ "$1" = install ] || exit 0
echo "$@" >"$NOTES/words"
"$POLICY"; echo $? >"$NOTES/answer"
[ ! -e "$NOTES/waits" ] || { echo $$ >"$NOTES/pid"; exec sleep 200; }
exit "$APT_CODE"
"""


class Place:
    def __init__(self, folder):
        self.folder, self.policy = folder, folder / "policy-rc.d"
        programs = folder / "bin"
        programs.mkdir()
        for name, text in (("apt-get", APT_GET), ("apt-cache", "#!/bin/sh\n[ $2 != second ]\n")):
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "NOTES": str(folder),
                            "POLICY": str(self.policy), "APT_CODE": "0"}

    def begin(self, **environment):
        return subprocess.Popen(["bash", "-c", SCRIPT, "bash", str(self.policy)], cwd=TOP, start_new_session=True,
                                env={**self.environment, **environment}, stdout=subprocess.DEVNULL)

    def install(self, **environment):
        return self.begin(**environment).wait(60)

    def seen(self, name):
        return (self.folder / name).read_text().strip()

    def sleeps(self):
        """apt-get does: a shell may lose a signal that comes while it starts a program."""
        pid = self.folder / "pid"
        return pid.exists() and pid.read_text().endswith("\n") and \
            Path(f"/proc/{pid.read_text().strip()}/comm").read_text() == "sleep\n"


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def wait_for(condition):
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("code", [0, 100])
def test_services_may_not_start_meanwhile(place, code):
    assert place.install(APT_CODE=str(code)) == code
    assert place.seen("words") == "install -y -qq --no-install-recommends first third"
    assert place.seen("answer") == "101"
    assert not place.policy.exists()


def test_somebody_else_s_policy_stays(place):
    place.policy.write_text("#!/bin/sh\nexit 7\n")
    place.policy.chmod(0o755)
    assert place.install() == 0
    assert place.seen("answer") == "7"
    assert place.policy.read_text() == "#!/bin/sh\nexit 7\n"


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_it_is_undone_when_broken_off(place, signum):
    (place.folder / "waits").touch()
    job = place.begin()
    wait_for(place.sleeps)
    os.killpg(job.pid, signum)  # as a terminal does it
    assert job.wait(60) != 0
    wait_for(lambda: not place.policy.exists())


@pytest.mark.parametrize("answer, before, status", [
    ("n", "", 1), ("y", "", 0), ("n", "assume_yes=yes;", 0), (None, "", 0)])
def test_root_is_asked_on_a_terminal(answer, before, status):
    if os.geteuid() != 0:
        pytest.skip("who is not root is asked by the same lines, and then by sudo")
    ours, theirs = os.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        done = subprocess.run(["bash", "-c", f". deploy/lib.sh; {before} consent 'Change it'"], cwd=TOP, check=False,
                              stdin=theirs if answer else subprocess.DEVNULL, capture_output=True, timeout=20)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == status
