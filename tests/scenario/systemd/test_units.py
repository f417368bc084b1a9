"""The units of deploy/systemd, judged by systemd's own judge: nothing runs."""

import re
import shutil
import subprocess

import pytest

from support.program import BIN_DIR, ROOT

UNITS = ROOT / "deploy" / "systemd"
EXPOSURE_MAX = {"lb.service": 1.6, "lb-discovery.service": 1.0}

pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")


@pytest.fixture(name="folder")
def make_folder(tmp_path):
    """The units with the programs where they are: it looks whether these are there."""
    for unit in UNITS.glob("*.s*"):
        (tmp_path / unit.name).write_text(unit.read_text().replace("/usr/bin/lb", f"{BIN_DIR}/lb"))
    return tmp_path


def analyze(*words):
    return subprocess.run(["systemd-analyze", *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, check=False)


def exposure(unit):
    said = analyze("security", "--no-pager", "--offline=true", unit).stdout
    return float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", said)[1])


def verify(*units):
    """What it has to say of the programs' manuals is of another machine: they are not installed here."""
    done = analyze("verify", "--man=no", *units)
    return done.returncode, done.stdout


def test_nothing_is_to_be_said_against_them(folder):
    assert verify(*sorted(folder.iterdir())) == (0, "")


def test_a_word_that_is_none_is_seen(folder):
    unit = folder / "lb.service"
    unit.write_text(unit.read_text().replace("ProtectHome=", "ProtectHouse="))
    assert "ProtectHouse" in verify(unit)[1]


@pytest.mark.parametrize("drop_in", [(), ("split.conf",), ("read-keys.conf",), ("split.conf", "read-keys.conf")],
                         ids=["alone", "split", "keys", "both"])
def test_with_the_drop_in_as_well(drop_in, folder):
    for name in drop_in:
        (folder / "lb.service.d").mkdir(exist_ok=True)
        text = (UNITS / name).read_text().replace("/usr/bin/lb", f"{BIN_DIR}/lb")
        (folder / "lb.service.d" / name).write_text(text)
    assert verify(folder / "lb.service", folder / "lb-discovery.service") == (0, "")


@pytest.mark.parametrize("name", EXPOSURE_MAX)
def test_they_leave_little_to_whoever_takes_them_over(name):
    assert exposure(UNITS / name) <= EXPOSURE_MAX[name]


def test_less_of_it_is_seen(folder):
    unit = folder / "lb.service"
    unit.write_text(re.sub(r"^(SystemCall|Private|Restrict).*\n", "", unit.read_text(), flags=re.M))
    assert exposure(unit) > 3


def test_every_service_has_its_bound():
    assert {unit.name for unit in UNITS.glob("*.service")} == set(EXPOSURE_MAX)
