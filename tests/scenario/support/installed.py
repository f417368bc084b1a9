"""Programs in a folder of a test's own, which are replaced while they run, as a package manager does it."""

import os
import re
import shutil
import subprocess

from support.program import BIN_DIR, environment

PROGRAMS = ("lb", "lb-proxy", "lb-discovery", "lb-report", "lb-acme")
PRETENDED = BIN_DIR.parent / "tests/pretended_proxy"


def version_of(folder):
    return subprocess.run([folder / "lb", "--version"], env=environment(), capture_output=True, text=True,
                          check=True, timeout=20).stdout


class Installed:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.number = re.search(r"\d+\.\d+\.\d+", version_of(BIN_DIR))[0]
        self.version = self.number
        for name in PROGRAMS:
            shutil.copy(BIN_DIR / name, folder / name)

    def put(self, name, content, mode=0o755):
        """In one step, so that nobody sees half of it; who runs goes on with what it has."""
        path = self.folder / f"{name}.new"
        path.write_bytes(content)
        path.chmod(mode)
        os.rename(path, self.folder / name)

    def install(self, version):
        """The same build, but for the version that it tells, which is as long as the true one."""
        assert len(version) == len(self.number)
        for name in PROGRAMS:
            self.put(name, (BIN_DIR / name).read_bytes().replace(self.number.encode(), version.encode()))
        assert version in version_of(self.folder)
        self.version = version

    def next_version(self):
        """Another one than before, each time; gives it."""
        head, _, last = self.version.rpartition(".")
        version = f"{head}.{(int(last) + 1) % 10 ** len(last)}"
        self.install(version)
        return version

    def pretend(self):
        """lb-proxy is one that does what PRETEND says (tests/guard/pretended_proxy.c)."""
        self.put("lb-proxy", PRETENDED.read_bytes())

    def ctl(self, lb, *words):
        """lb ctl, to its end; of a build that is well."""
        return subprocess.run([BIN_DIR / "lb", "ctl", *words, "--admin=%s:%d" % lb.admin], env=environment(),
                              capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL)
