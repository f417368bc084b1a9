"""deploy/logstalgia.sh with the real Logstalgia: lb's traffic as a picture, without a screen."""

import json
import os
import shutil
import signal
import subprocess
import time
import zlib
from pathlib import Path

import pytest

from logstalgia_lines import COLOURS
from support.discovery import endpoint
from support.waiting import wait_for

TOP = Path(__file__).resolve().parents[2]
SCRIPT = TOP / "deploy/logstalgia.sh"
PATH = os.environ["PATH"] + ":/usr/games"
needs_logstalgia = pytest.mark.skipif(not (shutil.which("logstalgia", path=PATH) and shutil.which("Xvfb")),
                                      reason="logstalgia and Xvfb are not installed (Debian: logstalgia, xvfb)")


def heed_ctrl_c():
    """What a shell starts in the background ignores it, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def pixels_of(path):
    """How often each colour is there."""
    data, at, packed, colours = path.read_bytes(), 8, b"", {}
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    while at < len(data):
        length, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        if kind == b"IHDR":
            width, height = (int.from_bytes(data[at + i:at + i + 4], "big") for i in (8, 12))
        if kind == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += 12 + length
    rows, stride = zlib.decompress(packed), 3 * width + 1
    assert len(rows) == stride * height
    for y in range(height):
        row = rows[y * stride + 1:(y + 1) * stride]
        for x in range(0, len(row), 3):
            colour = row[x:x + 3]
            colours[colour] = colours.get(colour, 0) + 1
    return (width, height), colours


def near(colours, wanted):
    """Pixels that have about this hue and are bright: letters and balls are blended with what is behind them."""
    red, green, blue = (int(wanted[i:i + 2], 16) for i in (0, 2, 4))
    return sum(count for (r, g, b), count in ((tuple(c), n) for c, n in colours.items())
               if abs(r - red) + abs(g - green) + abs(b - blue) < 60)


@pytest.fixture
def traffic(start_lb, start_appserver, connect, discovery, tmp_path):
    """Three containers, requests for each; the log of it."""
    log = tmp_path / "access.log"
    lb = start_lb(f"--access-log={log}", "--workers=1", *discovery.flags)
    discovery.send(*(endpoint(f"appserver{i}", start_appserver(f"appserver{i}").address) for i in (1, 2, 3)))
    lb.wait_ready(3)
    client = connect(lb)
    for number in range(120):
        client.get(("/", "/bytes/20000", "/status/404", "/echo")[number % 4])
    wait_for(lambda: log.exists() and log.read_text().count("\n") >= 120, "120 lines")
    return log


def run(*flags, mark=""):
    return subprocess.run([SCRIPT, *map(str, flags)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280,
                          check=False, env={**os.environ, "PATH": PATH, "LB_TEST_MARK": str(mark)})


def left_behind(mark):
    """Processes that a script with this mark in its environment has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"LB_TEST_MARK={mark}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes())
        except OSError:
            pass  # gone, or not ours
    return found


@needs_logstalgia
@pytest.mark.slow("draws in software, frame by frame")
@pytest.mark.timeout(300)
def test_picture(traffic, tmp_path):
    with open(traffic, "ab") as log:
        log.write(b"not JSON\n{\"message\":\"ready\"}\n\xff\xfe\n")
    picture, frames = tmp_path / "it.png", tmp_path / "frames"
    done = run("--file", traffic, "--picture", picture, "--frames", frames, "--seconds", 1, "--size", "640x360", mark=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "120 lines shown; left out: 2 no JSON, 1 no line of the access log" in done.stderr
    size, colours = pixels_of(picture)
    assert size == (640, 360)
    assert len(colours) > 50 and max(colours.values()) < 640 * 360
    for colour in COLOURS[:3]:  # one of each container
        assert near(colours, colour) > 50, colour
    assert near(colours, COLOURS[5]) < 50  # of a container that is not there
    assert len(list(frames.iterdir())) >= 25
    assert left_behind(tmp_path) == []


@needs_logstalgia
@pytest.mark.slow("draws in software, frame by frame")
def test_ctrl_c_ends_all(traffic, tmp_path):
    child = subprocess.Popen([SCRIPT, "--file", traffic, "--picture", tmp_path / "it.png", "--seconds", "600"],
                             stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=heed_ctrl_c,
                             env={**os.environ, "PATH": PATH, "LB_TEST_MARK": str(tmp_path)})
    wait_for(lambda: any(b"tail" in words for words in left_behind(tmp_path)), "it follows the file")
    child.send_signal(signal.SIGINT)
    said = child.communicate(timeout=20)[1]
    assert "lines shown" in said and "Traceback" not in said
    assert left_behind(tmp_path) == []


@needs_logstalgia
def test_nothing_came(tmp_path):
    (tmp_path / "log").write_text("nothing\n", encoding="utf-8")
    done = run("--file", tmp_path / "log", "--picture", tmp_path / "it.png", "--seconds", "0.5")
    assert done.returncode == 1 and "no request came" in done.stderr and "1 no JSON" in done.stderr
    assert not (tmp_path / "it.png").exists()


@needs_logstalgia
@pytest.mark.parametrize("flags, says", [
    (["--file", "/nonexistent"], "there is no file /nonexistent"), (["--size", "7x7"], "--size: want"),
    (["--seconds", "0"], "--seconds: more than 0"), (["--learn", "-1"], "--learn: 0 or more"), (["--nonsense"], "unrecognized")])
def test_refusals(flags, says):
    done = run(*flags)
    assert done.returncode != 0 and says in done.stderr and "Traceback" not in done.stderr


@needs_logstalgia
@pytest.mark.slow("draws in software, frame by frame")
def test_window(traffic, tmp_path):
    """Live, from standard input, in a window on a display that is there: it draws until its input ends and it is closed."""
    reading, writing = os.pipe()
    display = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "640x360x24", "-nolisten", "tcp"],
                               pass_fds=[writing], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    child = subprocess.Popen([SCRIPT, "--file", "-", "--learn", "0.5", "--size", "640x360"], stdin=subprocess.PIPE,
                             stderr=subprocess.PIPE, preexec_fn=heed_ctrl_c, env={**os.environ, "PATH": PATH, "DISPLAY": f":{number}",
                                                          "LIBGL_ALWAYS_SOFTWARE": "1"})
    try:
        line = json.loads(traffic.read_text(encoding="utf-8").splitlines()[0])

        def drawn():
            line["@timestamp"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            child.stdin.write(json.dumps(line).encode() + b"\n")
            child.stdin.flush()
            shot = subprocess.run(["import", "-display", f":{number}", "-window", "root", f"png24:{tmp_path}/shot.png"],
                                  capture_output=True, check=False)
            return shot.returncode == 0 and near(pixels_of(tmp_path / "shot.png")[1], COLOURS[0]) > 30

        if shutil.which("import"):
            wait_for(drawn, "the window shows the container", timeout_s=60, pause_s=0.5)
        child.send_signal(signal.SIGINT)
        assert b"lines shown" in child.communicate(timeout=20)[1]
    finally:
        if child.poll() is None:
            child.kill()
        display.terminate()
        display.wait(10)


def test_a_container_that_is_not_there_is_named():
    environment = {**os.environ, "LB_DOCKER": "false", "LB_CONTAINER": "my-lb"}
    done = subprocess.run(["/usr/bin/env", "python3", "-B", str(TOP / "deploy/logstalgia.py"), "--picture", "x.png"], env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("deploy/logstalgia.sh: there is no container my-lb; deploy/start.sh starts the demo")
