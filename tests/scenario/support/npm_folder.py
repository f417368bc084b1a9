"""What others wrote for Node: its packages as a lock file names them, installed once into build/."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

BUILD = Path(__file__).parents[3] / "build/npm"


def install(source):
    """A folder with node_modules, as package-lock.json of the folder `source` says, and its scripts; skips the test where
    it cannot be had."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        pytest.skip("node or npm is not installed")
    digest = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()[:12]
    folder = BUILD / f"{source.name}-{digest}"
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
        pytest.skip(f"npm could not fetch what {source} names: {words[-1] if words else done.returncode}")
    (folder / "installed").touch()
