"""A master whose lb-proxy, lb-discovery and lb-report are played by the test (tests/scenario/master/rig.py)."""

import json
import os
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "master"))

from rig import OUTBOX, REPORTER  # noqa: E402

COUNTS_BYTES = 4096


def serve(rig, proxy, *environment, discovery=(), reports=True, **place):
    """Until it serves; gives the keepsakes. `discovery`: more of its environment, None: without it."""
    keepsakes = proxy.greet().fds
    proxy.place(**place)
    if reports:
        proxy.plan(*rig.reporter_plan(*environment), helper=REPORTER)
    if discovery is not None:
        program, arguments, words = rig.discovery_plan()
        proxy.plan(program, arguments, (*words, *discovery))
    proxy.seal()
    return keepsakes


def start(rig, *environment, discovery=None, **place):
    """A master, its proxy that serves, the outbox that it was given, and its lb-report."""
    master = rig.master()
    proxy = rig.next()
    keepsakes = serve(rig, proxy, *environment, discovery=discovery, **place)
    proxy.hear("SERVE")
    return master, proxy, outbox_of(keepsakes), rig.next("reporter")


def succeed(rig, proxy, *environment, **more):
    """Another proxy process that comes gets so far that it serves; gives its keepsakes."""
    second = rig.next()
    keepsakes = serve(rig, second, *environment, **more)
    second.say("READY")
    proxy.await_kind("YIELD")
    proxy.say("YIELDED")
    second.await_kind("SERVE")
    return second, keepsakes


def outbox_of(keepsakes):
    return socket.socket(fileno=os.dup(keepsakes[OUTBOX]))


def inbox_of(reporter):
    return socket.socket(fileno=os.dup(reporter.fds[0]))


def outlet_of(discovery):
    """The outbox, as lb-discovery has it."""
    return socket.socket(fileno=os.dup(discovery.fds[1]))


def tell(outbox, message):
    outbox.send(message, socket.MSG_DONTWAIT)


def fill(outbox):
    """Until nothing fits any more; gives how many bytes did."""
    total = 0
    for size in (32768, 1024, 1):
        try:
            while True:
                total += outbox.send(b"L" * size, socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass
    return total


def messages(inbox):
    """All that waits there."""
    found = []
    try:
        while message := inbox.recv(65536, socket.MSG_DONTWAIT):
            found.append(message)
    except BlockingIOError:
        pass
    return found


def objects(found, kind):
    """The JSON of all messages of that kind."""
    return [json.loads(message[1:]) for message in found if message[:1] == kind]
