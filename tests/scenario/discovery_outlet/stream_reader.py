"""Reads what lb-discovery tells, as an lb does that may have begun in the middle of a line."""

import json
import select
import time


class StreamReader:
    """Of a descriptor. `items` are what stood between newlines, in order: None for nothing, else the object. With
    `is_late` all up to the first newline is dropped."""

    def __init__(self, fd, read, is_late=False):
        self.fd, self.read = fd, read
        self.is_late = is_late
        self.rest = b""
        self.items = []
        self.dropped = None
        self.is_over = False

    def take(self, timeout_s=0.0):
        """What is there now. Gives whether there was something."""
        if self.is_over or not select.select([self.fd], [], [], timeout_s)[0]:
            return False
        data = self.read(65536)
        self.is_over = not data
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if self.is_late:
                self.dropped, self.is_late = line, False
            else:
                self.items.append(json.loads(line) if line else None)
        return True

    def wait(self, condition, timeout_s=90):
        """Until `condition` of this holds."""
        end = time.monotonic() + timeout_s
        while not condition(self):
            assert not self.is_over, "the stream has ended"
            assert time.monotonic() < end, f"the last of {len(self.items)}: {str(self.items[-3:])[:1000]}"
            self.take(0.05)
        return self

    def kinds(self):
        """S a state, A a sign of life, _ an empty line."""
        return "".join("_" if item is None else "A" if "alive" in item else "S" for item in self.items)

    def states(self):
        return [item for item in self.items if item and "services" in item]

    def counts(self):
        """How many endpoints each state has."""
        return [sum(len(service["endpoints"]) for service in state["services"]) for state in self.states()]

    def wait_kinds(self, end, timeout_s=30):
        """Until the newest items are of these kinds."""
        return self.wait(lambda self: self.kinds().endswith(end), timeout_s)
