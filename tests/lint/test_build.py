"""What a build by hand makes, and what it says when something is not installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin"}

pytestmark = pytest.mark.skipif(not shutil.which("ninja"), reason="needs ninja")


def configure(folder, *options, **environment):
    return subprocess.run(["cmake", "-S", TOP, "-B", folder, "-G", "Ninja", *options], text=True, check=False,
                          capture_output=True, env={**ENVIRONMENT, **environment}, timeout=150)


def hide(folder, *hidden):
    """A folder that pkg-config may look into, with everything but these."""
    search = subprocess.run(["pkg-config", "--variable=pc_path", "pkg-config"], text=True, check=True,
                            capture_output=True).stdout.strip()
    for place in search.split(":"):
        for file in Path(place).glob("*.pc"):
            if file.stem not in hidden and not (folder / file.name).exists():
                (folder / file.name).symlink_to(file)
    return str(folder)


def test_all_that_is_missing_is_named_with_its_packages(tmp_path):
    (tmp_path / "pc").mkdir()
    found = hide(tmp_path / "pc", "libcurl", "jansson", "cmocka")
    done = configure(tmp_path / "build", "-DLB_TESTS=ON", PKG_CONFIG_LIBDIR=found)
    assert done.returncode != 0
    assert "Not found: libcurl 7.88 or newer, jansson 2.13 or newer, cmocka 1.1 or newer.\n" in done.stderr
    assert "On Debian: apt-get install libcurl4-openssl-dev libjansson-dev libcmocka-dev\n" in done.stderr
    assert done.stderr.count("CMake Error") == 1


def test_llhttp_is_named_by_its_package_of_this_release(tmp_path):
    (tmp_path / "pc").mkdir()
    found = hide(tmp_path / "pc", "libllhttp")
    done = configure(tmp_path / "build", "-DLLHTTP_SOURCE_DIR=0", PKG_CONFIG_LIBDIR=found)
    assert done.returncode != 0
    release = Path("/etc/os-release").read_text(encoding="utf-8")
    package = "node-llhttp" if 'VERSION_ID="12"' in release else "libllhttp-dev"
    assert f"On Debian: apt-get install {package}\n" in done.stderr


def test_a_missing_pkg_config_is_named(tmp_path):
    done = configure(tmp_path, "-DPKG_CONFIG_EXECUTABLE=/nonexistent")
    assert done.returncode != 0
    assert "Not found: the program pkg-config.\n" in done.stderr
    assert "On Debian: apt-get install pkg-config\n" in done.stderr


def test_a_build_by_hand_makes_its_programs_only(tmp_path):
    assert configure(tmp_path).returncode == 0
    all_targets = subprocess.run(["ninja", "-C", tmp_path, "-t", "targets", "all"], check=True, text=True,
                                 capture_output=True).stdout.splitlines()
    linked = {line.split(":")[0] for line in all_targets if "C_EXECUTABLE_LINKER" in line}
    assert {path for path in linked if path.startswith("bin/")} == {"bin/lb", "bin/lb-proxy", "bin/lb-discovery", "bin/lb-report", "bin/lb-acme",
                                                                     "bin/appserver"}
    assert {path for path in linked if not path.startswith("bin/")} == {"lb/config/lb-manual"}  # writes lb's manual
    assert not any(line.startswith(("tests/", "bench/")) for line in all_targets)
