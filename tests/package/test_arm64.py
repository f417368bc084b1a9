"""64-bit ARM: compiled on this machine with Debian 13's cross compiler, in a root of its own; and the unit tests, run by
qemu-user. It takes about ten minutes on two cores, so it is run by hand:

    LB_BY_HAND=1 /usr/bin/python3 -m pytest tests/package/test_arm64.py
"""

import os
import platform
import re

import hardening
import pytest

pytestmark = [
    pytest.mark.slow("everything is compiled once more, and the unit tests are run by an emulator"),
    pytest.mark.timeout(6000),
    pytest.mark.xdist_group("package-arm64"),
    pytest.mark.skipif(os.environ.get("LB_BY_HAND") != "1", reason="takes ten minutes; by hand, with LB_BY_HAND=1"),
    pytest.mark.skipif(platform.machine() == "aarch64", reason="this machine is one"),
]

HERE = ["crossbuild-essential-arm64", "cmake", "ninja-build", "pkgconf", "python3", "qemu-user"]
THERE = ["libuv1-dev", "libllhttp-dev", "libcurl4-openssl-dev", "libjansson-dev", "libpcre2-dev", "libyaml-dev",
         "libcrypt-dev", "libssl-dev", "libseccomp-dev", "zlib1g-dev", "libcmocka-dev"]

# Unit tests that an emulator of a process cannot run, and why.
NOT_EMULATED = {
    "unit/admin/kin": "the command lines of others in /proc begin with qemu's",
    "unit/admin/metrics_page": "/proc/self/stat tells no memory",
    "unit/jail/jail": "no seccomp",
    "unit/jail/resolver": "no seccomp",
    "unit/net/listener": "getsockopt(TCP_INFO) tells nothing",
    "unit/net/progress": "getsockopt(TCP_INFO) tells nothing",
    "unit/observe/process_stats": "/proc/self/stat tells no memory",
    "unit/proxy/flow": "the error queue of a socket gives 0 for ever instead of EAGAIN",
    "unit/run/crash_report": "qemu has the signals of crashes, and the stacks, for itself",
}


@pytest.fixture(scope="module")
def crossing(place):
    """The source is copied: it may change meanwhile."""
    copy = place.copy("trixie", "arm64", [*HERE, *(f"{name}:arm64" for name in THERE)], "--architectures=amd64,arm64")
    copy.run("sh", "-ec", "mkdir /tree && tar -C /source --exclude=./build --exclude=./.git -c . | tar -C /tree -x")
    return copy


def cmake(crossing, folder, *options):
    crossing.run("cmake", "-S", "/tree", "-B", folder, "-G", "Ninja", "--toolchain", "/tree/deploy/arm64.cmake", *options)
    crossing.run("nice", "cmake", "--build", folder, timeout=3000)


def test_a_release_is_hardened(crossing):
    cmake(crossing, "/release", "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_INSTALL_PREFIX=/usr")
    crossing.run("sh", "-ec", "DESTDIR=/out cmake --install /release")
    programs = sorted(crossing.path("/out/usr/bin").iterdir())
    assert {"lb", "lb-proxy", "lb-discovery", "lb-report", "lb-acme"} <= {program.name for program in programs}
    for program in programs:
        assert hardening.machine_of(hardening.readelf(program, "--file-header")) == "AArch64"
        assert not list(hardening.problems_of(program)), program
    assert crossing.run("qemu-aarch64", "/out/usr/bin/lb-discovery", "--version").startswith("lb-discovery ")
    assert crossing.run("qemu-aarch64", "/out/usr/bin/lb-proxy", "--version").startswith("lb ")


def test_unit_tests(crossing):
    cmake(crossing, "/dev-build", "-DCMAKE_BUILD_TYPE=Debug", "-DLB_TESTS=ON", "-DLB_BENCH=OFF", "-DLB_WERROR=ON")
    there = set(re.findall(r"Test +#\d+: (\S+)", crossing.run("ctest", "--test-dir", "/dev-build", "-N", "-L", "^unit$")))
    assert len(there) > 300 and set(NOT_EMULATED) <= there
    left_out = "|".join(f"^{re.escape(name)}$" for name in NOT_EMULATED) or "^$"
    told = crossing.run("ctest", "--test-dir", "/dev-build", "-L", "^unit$", "-E", left_out, "--parallel", "2",
                        "--timeout", "300", "--output-on-failure", check=False, timeout=3000)
    print(told[-3000:])
    failed = re.findall(r"^\s+\d+ - (\S+) \(", told, re.M)
    assert not failed and f"100% tests passed, 0 tests failed out of {len(there) - len(NOT_EMULATED)}" in told, failed
