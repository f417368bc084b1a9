#!/usr/bin/python3 -IS
"""Stands in for lb-discovery: `fake_discovery.py --file=SOCKET` prints what comes through that Unix socket, byte for
byte, and ends when it ends. At SIGUSR1 somebody else reads: a newline, the last whole line again, and what has come
since then."""

import os
import select
import signal
import socket
import sys


def write(data):
    while data:
        data = data[os.write(1, data):]


def main():
    peer = socket.socket(socket.AF_UNIX)
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGUSR1, lambda *_: None)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])  # lb holds it back until somebody hears it
    peer.connect(sys.argv[1].removeprefix("--file=").removeprefix("--docker=unix://"))
    line, rest = b"", bytearray()
    while True:
        ready, _, _ = select.select([peer, woken], [], [])
        if woken in ready:
            os.read(woken, 64)
            write(b"\n" + line + bytes(rest))
        if peer in ready:
            data = peer.recv(65536)
            if not data:
                break
            write(data)
            rest += data
            if b"\n" in data:
                whole, _, rest = rest.rpartition(b"\n")
                line = bytes(whole.rpartition(b"\n")[2]) + b"\n"


main()
