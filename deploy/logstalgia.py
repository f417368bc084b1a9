"""Follows lb's access log into Logstalgia; deploy/logstalgia.sh installs what this needs. See --help."""

import argparse
import collections
import contextlib
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

from logstalgia_lines import Converter, group_flags, summary

LINE_MAX = 65536
START_S = 20
LOOK_S = 0.1  # lines are handed on, and a closed window is seen


def arguments():
    parser = argparse.ArgumentParser(prog="deploy/logstalgia.sh", description=(
        "Shows lb's traffic in Logstalgia. Needs lb's access log as JSON, which is its default."))
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--container", default=os.environ.get("LB_CONTAINER", "lb"), metavar="NAME",
                        help="follow this container's log [lb]")
    source.add_argument("--file", metavar="FILE", help="follow this file; -: standard input")
    parser.add_argument("--learn", type=float, default=2, metavar="SECONDS",
                        help="look at the traffic for so long to see which containers there are [2]")
    parser.add_argument("--size", default="1280x720", metavar="WxH", help="of the window or the picture [1280x720]")
    parser.add_argument("--picture", metavar="FILE.png", help="no window: collect, and write one picture")
    parser.add_argument("--frames", metavar="DIR", help="no window: collect, and write 25 pictures for each second")
    parser.add_argument("--seconds", type=float, default=10, metavar="SECONDS",
                        help="for how long traffic is collected for pictures [10]")
    parser.add_argument("--yes", action="store_true", help="install packages without asking")
    parser.add_argument("flags", nargs="*", metavar="-- FLAG", help="more flags for logstalgia")
    made = parser.parse_args()
    width, _, height = made.size.partition("x")
    if not (width.isdigit() and height.isdigit() and 160 <= int(width) <= 7680 and 120 <= int(height) <= 4320):
        parser.error("--size: want WIDTHxHEIGHT, 160x120 to 7680x4320")
    if made.learn < 0 or not 0 < made.seconds <= 3600:
        parser.error("--seconds: more than 0, at most 3600; --learn: 0 or more")
    made.width, made.height = int(width), int(height)
    return made


# ---- where lines come from ---------------------------------------------------------------------------------------------

def open_source(options, children):
    """A descriptor to read."""
    if options.file == "-":
        return sys.stdin.fileno()
    if options.file:
        if not Path(options.file).exists():
            raise SystemExit(f"deploy/logstalgia.sh: there is no file {options.file}")
        command = ["tail", "--lines=1000", "--follow=name", "--", options.file]
    else:
        docker = os.environ.get("LB_DOCKER", "docker").split()
        if shutil.which(docker[0]) and subprocess.run([*docker, "container", "inspect", options.container], check=False,
                                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                                      stderr=subprocess.DEVNULL).returncode:
            raise SystemExit(f"deploy/logstalgia.sh: there is no container {options.container}; deploy/start.sh starts the demo, "
                             "--container NAME follows another one, --file FILE a file")
        command = [*docker, "logs", "--follow", "--tail=1000", options.container]
    try:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
                                 if not options.file else subprocess.DEVNULL, start_new_session=True)
    except FileNotFoundError:
        raise SystemExit(f"deploy/logstalgia.sh: there is no {command[0]} here; --file FILE reads a file") from None
    children.append(child)
    return child.stdout.fileno()


class Lines:
    """Whole lines of a descriptor; one that is too long is passed over."""

    def __init__(self, descriptor):
        self.descriptor, self.rest, self.has_ended = descriptor, b"", False

    def until(self, deadline):
        """The lines that come up to then (monotonic clock)."""
        while not self.has_ended:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            if not select.select([self.descriptor], [], [], left)[0]:
                continue
            data = os.read(self.descriptor, 65536)
            self.has_ended = not data
            *whole, self.rest = (self.rest + data).split(b"\n")
            if len(self.rest) > LINE_MAX:
                self.rest = b"{"  # no JSON, whatever follows
            yield from (line.decode("utf-8", "replace") for line in whole)


# ---- Logstalgia --------------------------------------------------------------------------------------------------------

def command_of(options, groups, *more):
    return ["logstalgia", f"-{options.size}", *group_flags(groups), "--paddle-mode", "single", "--hide-url-prefix",
            "--title", "lb", *more, *options.flags]


def show(options, lines, converter, children):
    """In a window, as it happens."""
    first = [made for made in map(converter.convert, lines.until(time.monotonic() + options.learn)) if made]
    child = subprocess.Popen(command_of(options, converter.groups, "--sync", "-"), stdin=subprocess.PIPE)
    children.append(child)
    with contextlib.suppress(BrokenPipeError):
        more = first
        while child.poll() is None:
            child.stdin.write("".join(line + "\n" for line in more if line).encode())
            child.stdin.flush()
            if lines.has_ended:
                break
            more = [converter.convert(line) for line in lines.until(time.monotonic() + LOOK_S)]
        child.stdin.close()
    return child.wait()


def start_display(options, children):
    """An X server in memory: its number."""
    reading, writing = os.pipe()
    child = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{options.size}x24", "+extension", "GLX",
                              "-nolisten", "tcp"], pass_fds=[writing], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    children.append(child)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        ready = select.select([pipe], [], [], START_S)[0]
        number = pipe.readline().strip() if ready else b""
    if not number:
        raise SystemExit("deploy/logstalgia.sh: Xvfb does not start")
    return ":" + number.decode()


def read_frame(stream, deadline):
    """One PPM picture: (width, height, pixels); None: there are no more."""
    def take(count):
        data = b""
        while len(data) < count:
            if not select.select([stream], [], [], max(deadline - time.monotonic(), 0))[0]:
                return b""
            more = os.read(stream.fileno(), count - len(data))
            if not more:
                return b""
            data += more
        return data

    words, word = [], b""
    while len(words) < 4:
        byte = take(1)
        if not byte:
            return None
        if byte.isspace():
            words += [word] if word else []
            word = b""
        else:
            word += byte
    width, height = int(words[1]), int(words[2])
    pixels = take(3 * width * height)
    return (width, height, pixels) if pixels else None


def write_png(path, frame):
    width, height, pixels = frame

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + pixels[3 * width * y:3 * width * (y + 1)] for y in range(height))
    Path(path).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)) +
                           chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def brightness(frame):
    """How much there is to see, roughly."""
    return sum(1 for value in frame[2][::97] if value > 40)


def draw(options, lines, converter, children):
    """Collects, then draws what was collected, however long that takes."""
    made = [line for line in map(converter.convert, lines.until(time.monotonic() + options.seconds)) if line]
    if not made:
        raise SystemExit("deploy/logstalgia.sh: no request came, so there is nothing to draw. " + summary(converter))
    span = int(made[-1].split("|")[0]) - int(made[0].split("|")[0])
    wanted = int(25 * min(span + 6, options.seconds + 6))
    with tempfile.NamedTemporaryFile("w", suffix=".log", encoding="utf-8") as log:
        log.write("\n".join(made) + "\n")
        log.flush()
        environment = {**os.environ, "DISPLAY": start_display(options, children), "LIBGL_ALWAYS_SOFTWARE": "1",
                       "SDL_AUDIODRIVER": "dummy"}
        child = subprocess.Popen(command_of(options, converter.groups, "-o", "-", "-r", "25", "--disable-progress", log.name),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                 env=environment, start_new_session=True)
        children.append(child)
        keep_frames(options, child.stdout, wanted)


def keep_frames(options, stream, wanted):
    deadline = time.monotonic() + START_S + wanted  # a second for each of them is plenty
    best, best_value, count = None, -1, 0
    if options.frames:
        Path(options.frames).mkdir(parents=True, exist_ok=True)
    while count < wanted and (frame := read_frame(stream, deadline)):
        if options.frames:
            write_png(Path(options.frames) / f"{count:05}.png", frame)
        if options.picture and count % 5 == 0 and (value := brightness(frame)) > best_value:
            best, best_value = frame, value
        count += 1
    if count == 0:
        raise SystemExit("deploy/logstalgia.sh: logstalgia draws nothing")
    if options.picture:
        write_png(options.picture, best)


# ---- all of it ---------------------------------------------------------------------------------------------------------

def end(children):
    """Those started here, the last one first."""
    for child in reversed(children):
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    options, converter = arguments(), Converter()
    children = collections.deque()
    signal.signal(signal.SIGTERM, interrupt)
    status = 0
    try:
        lines = Lines(open_source(options, children))
        if options.picture or options.frames:
            draw(options, lines, converter, children)
        else:
            status = show(options, lines, converter, children)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    finally:
        end(children)
    print(summary(converter), file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
