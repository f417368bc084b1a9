"""Noise on the channel, of all kinds, at all stages: the master ends who talks nonsense, and starts another one."""

import contextlib
import os
import random
import socket

import pytest
from rig import DISCOVERY, KINDS, REPORTER, VERSION, place_words, plan_memfd, socket_words

ROLES = ["listen", "tcp", "udp", "admin", "", "x" * 16]


def socket_noise(rng):
    words = socket_words(rng.choice([0, 1, 80, 1024, rng.randint(10000, 32000)]), role=rng.choice(ROLES),
                         count=rng.choice([0, 1, 2, 64, 256, 257, 1 << 31]), kind=rng.choice([0, 1, 2, 3, 4, 1 << 31]),
                         ordinal=rng.choice([0, 1, 1 << 31, (1 << 32) - 1]))
    return spoil(rng, words) if rng.random() < 0.2 else words


def spoil(rng, words):
    words = bytearray(words)
    for _ in range(rng.randint(1, 8)):
        words[rng.randrange(len(words))] = rng.randrange(256)
    return bytes(words)


def body_of(rng, kind):
    if kind in ("WANT", "DROP"):
        return socket_noise(rng)
    if kind == "PLACE":
        return spoil(rng, place_words(handover=rng.choice(["", "/nowhere/at/all"])))
    return rng.choice([b"", b"one\nREADY=1\n", b"\xff" * 512, rng.randbytes(512)])


def descriptors(rng, kind):
    if rng.random() > (0.8 if kind == "PLAN" else 0.05):
        return []
    if kind == "PLAN" and rng.random() < 0.8:
        return [plan_memfd("/bin/false", ["a"], ["B=1"], head=rng.choice([None, rng.randbytes(24)]))]
    return [os.open("/dev/null", os.O_RDONLY) for _ in range(rng.choice([1, 2, 64]))]


def say(proxy, rng):
    kind = rng.choice([*KINDS, 0, 16, 255, 1 << 31]) if rng.random() < 0.1 else rng.choice(list(KINDS)[3:15])
    fds = descriptors(rng, kind)
    number = KINDS.get(kind, kind)
    values = [0, 1] if kind == "PLAN" and rng.random() < 0.8 else [0, 1, VERSION, (1 << 64) - 1]
    try:
        proxy.say(number, body_of(rng, kind), rng.choice(values), rng.choice([0, -1, 1 << 30]),
                  fds, rng.choice([528] * 60 + [1, 16, 527, 529, 4096]))
    finally:
        for fd in fds:
            os.close(fd)


def drain(proxy):
    with contextlib.suppress(BlockingIOError):
        while True:
            data, fds, _, _ = socket.recv_fds(proxy.channel, 2048, 64)
            for fd in fds:
                os.close(fd)
            if not data:
                raise BrokenPipeError


def babble(proxy, rng, count):
    """Gives how much was said before it was ended."""
    for i in range(count):
        try:
            with contextlib.suppress(BlockingIOError):
                say(proxy, rng)
            if rng.random() < 0.5:
                drain(proxy)
        except OSError:
            return i
    return count


@pytest.mark.parametrize("seed", range(int(os.environ.get("NOISE_SEEDS", "3"))))
def test_noise(seed, rig):
    rng = random.Random(seed)
    master = rig.master()
    first = rig.next()
    first.start(0)
    said = babble_on(rig, first, rng)
    print(f"seed {seed}: {said} messages, {len(rig.played)} processes")  # how soon each was ended is the scheduler's
    rig.next().start(0)  # one that talks sense serves
    assert said > 0 and master.poll() is None
    master.kill()


def babble_on(rig, proxy, rng):
    said = 0
    for number in range(5):
        if number > 0:
            proxy = next_of(rig, rng)
        proxy.channel.setblocking(False)
        said += babble(proxy, rng, 300)
        with contextlib.suppress(ProcessLookupError):
            os.kill(proxy.pid, 9)
        proxy.channel.close()
    return said


def next_of(rig, rng):
    """Whoever comes, at any stage."""
    proxy = rig.next()
    steps = rng.randint(0, 4)
    with contextlib.suppress(OSError, AssertionError):
        if steps > 0:
            proxy.greet()
        if steps > 1:
            proxy.place()
        if steps > 3:
            proxy.plan("/bin/false", helper=rng.choice([DISCOVERY, REPORTER]))
        if steps > 2:
            proxy.seal()
    return proxy
