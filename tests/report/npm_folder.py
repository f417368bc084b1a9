"""A receiver that others wrote, for Node: its packages as its lock file names them, installed once into build/."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build/receivers"


def install(name):
    """The folder of tests/report/receivers/NAME with node_modules in it; skips the test where it cannot be had."""
    source = HERE / "receivers" / name
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        pytest.skip("no node or no npm here: the independent receiver is not asked")
    digest = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = BUILD / f"{name}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "installed").exists():
            _install(npm, source, folder)
    for script in source.glob("*.js"):
        if not (folder / script.name).exists() or (folder / script.name).read_bytes() != script.read_bytes():
            shutil.copy(script, folder)
    return folder


def _install(npm, source, folder):
    for file in ("package.json", "package-lock.json"):
        shutil.copy(source / file, folder)
    done = subprocess.run([npm, "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"], cwd=folder,
                          timeout=120, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()
        pytest.skip(f"npm could not fetch the independent receiver: {words[-1] if words else done.returncode}")
    (folder / "installed").touch()
