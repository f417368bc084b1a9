"""lb's keepsakes (lb/base/keepsake.h): a memfd with two places that are written in turns."""
import fcntl
import json
import os
import struct

HEAD, PLACE = 4096, 16 << 20
MASK = (1 << 64) - 1


def mix(bits):
    bits = (bits ^ bits >> 33) * 0xFF51AFD7ED558CCD & MASK
    bits = (bits ^ bits >> 33) * 0xC4CEB9FE1A85EC53 & MASK
    return bits ^ bits >> 33


def sum_of(sequence, content):
    total = mix(sequence ^ mix(len(content) ^ 14695981039346656037))
    whole = len(content) // 8 * 8
    for word, in struct.iter_unpack("<Q", content[:whole]):
        total = mix(total ^ word)
    for byte in content[whole:]:
        total = (total ^ byte) * 1099511628211 & MASK
    return total


class Keepsake:
    def __init__(self, name):
        made = os.memfd_create(name)
        self.fd = fcntl.fcntl(made, fcntl.F_DUPFD_CLOEXEC, 64)
        os.close(made)
        self.sequence = 0

    def write(self, value):
        content = json.dumps(value).encode() if not isinstance(value, bytes) else value
        self.sequence += 1
        place = self.sequence % 2
        os.pwrite(self.fd, content, HEAD + place * PLACE)
        os.pwrite(self.fd, struct.pack("<QQQ", self.sequence, len(content), sum_of(self.sequence, content)),
                  place * 24)

    def read(self):
        """None: nothing is there."""
        labels = os.pread(self.fd, 48, 0)
        if len(labels) < 48:
            labels = labels.ljust(48, b"\0")
        found = [(struct.unpack_from("<QQQ", labels, 24 * place), place) for place in (0, 1)]
        for (sequence, length, total), place in sorted(found, reverse=True):
            content = os.pread(self.fd, length, HEAD + place * PLACE) if sequence else b""
            if sequence and len(content) == length and sum_of(sequence, content) == total:
                return json.loads(content)
        return None

    def close(self):
        os.close(self.fd)
