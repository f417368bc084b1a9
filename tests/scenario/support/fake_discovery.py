#!/usr/bin/python3 -IS
"""Stands in for lb-discovery: `fake_discovery.py --file=SOCKET` prints what comes through that Unix
socket, byte for byte, and ends when it ends."""

import os
import socket
import sys

peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1].removeprefix("--file=").removeprefix("--docker=unix://"))
while True:
    data = peer.recv(65536)
    if not data:
        break
    while data:
        data = data[os.write(1, data):]
