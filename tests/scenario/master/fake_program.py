#!/usr/bin/python3 -IS
"""Plays lb-proxy, lb-discovery, lb-report or lb-acme: passes its channel (or its standard output, or descriptors 3 and 4) to the
test that waits at FAKE_PATH, and does what that says: "exit N", "close"."""

import json
import os
import signal
import socket
import sys

if "--version" in sys.argv:
    print("fake 1")
    sys.exit(int(os.environ.get("FAKE_VERSION_STATUS", "0")))

test = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
test.connect(os.environ["FAKE_PATH"])
role = os.environ.get("FAKE_ROLE", "proxy")
heard = []
if os.environ.get("FAKE_HEARS"):
    signal.signal(signal.SIGTERM, lambda number, _: test.send(b"signal %d" % number))
    signal.signal(signal.SIGINT, lambda number, _: test.send(b"signal %d" % number))
for number in (signal.SIGHUP, signal.SIGUSR1):
    signal.signal(number, lambda number, _: test.send(b"signal %d" % number))
about = {"pid": os.getpid(), "role": role, "arguments": sys.argv[1:], "environment": dict(os.environ),
         "session": os.getsid(0), "uid": os.getresuid(), "gid": os.getresgid(), "groups": os.getgroups(),
         "open": [os.readlink(f"/proc/self/fd/{fd}") for fd in range(3)], "mask": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, []))}
signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
fds = {"proxy": [3], "discovery": [1], "reporter": [3, 4], "acme": [3, 4]}[role]
if "LB_OUTBOX_FD" in os.environ:
    fds.append(int(os.environ["LB_OUTBOX_FD"]))
socket.send_fds(test, [json.dumps(about).encode()], fds)
while True:
    words = test.recv(100).decode().split()
    if not words:
        sys.exit(9)
    if words[0] == "exit":
        sys.exit(int(words[1]))
    if words[0] == "close":
        os.close(3)
