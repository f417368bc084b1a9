"""Plays the lb of `lb --discovery unix:PATH`: listens at a Unix socket, and reads from one connection after the other."""

import os
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "discovery"))

from stream_reader import StreamReader  # noqa: E402


class LineListener:
    def __init__(self, path):
        """Takes the place of whatever is there."""
        self.path = str(path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path + ".new")
        self.listener.listen(4)
        self.listener.settimeout(20)
        os.rename(self.path + ".new", self.path)
        self.connections = []

    def accept(self):
        """A reader of the next connection."""
        sock, _ = self.listener.accept()
        self.connections.append(sock)
        return StreamReader(sock.fileno(), sock.recv)

    def hang_up(self):
        while self.connections:
            self.connections.pop().close()

    def close(self):
        """As an lb that ends, and leaves its socket behind."""
        self.hang_up()
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
