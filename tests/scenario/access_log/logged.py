"""Reading access logs back: the parsers that others use, as strict as can be."""

import json
import re

from support.waiting import wait_for

COMBINED = re.compile(r'(?P<client>\S+) - - \[(?P<time>\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000)\] '
                      r'"(?:-|(?P<method>\S+) (?P<target>\S+) HTTP/(?P<version>1\.[01]))" '
                      r'(?P<status>\d{3}) (?P<bytes>\d+) "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)"')

# As Logstalgia's own source has it, with all optional fields.
LOGSTALGIA = re.compile(r"([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|#?([^|]*)\|([^|]*)"
                        r"\|([^|]*)\|([^|]*)\|([^|]*)")

HAPROXY = re.compile(r'(?P<client>\S+):(?P<port>\d+) \[(?P<time>[^\]]+)\] lb (?P<backend>\S+)/'
                     r'(?P<server>\S+) (?P<timers>-?\d+(?:/-?\d+){4}) (?P<status>\d+) (?P<bytes>\d+)'
                     r' - - (?P<ended>..)-- 0/0/0/0/(?P<retries>\d+) 0/0 '
                     r'\{(?P<host>[^|{} ]*)\|(?P<agent>[^|{} ]*)\|(?P<referrer>[^|{} ]*)\} '
                     r'\{(?P<id>[^|{} ]*)\|(?P<end>[a-z_:]+)\|(?P<why>\S+?)\|(?P<container>[^|{} ]*)\|'
                     r'(?P<address>[^|{} ]*)\|(?P<received>\d+)\} '
                     r'"(?:-|(?P<method>\S+) (?P<target>\S+) HTTP/(?P<version>1\.[01]))"')


def plain_lines(data):
    """Whole lines of printable bytes, each of them shorter than what Docker cuts."""
    assert data == b"" or data.endswith(b"\n")
    lines = data.split(b"\n")[:-1]
    for line in lines:
        assert len(line) < 16383
        text = line.decode("utf-8")
        assert not re.search("[\x00-\x08\x0a-\x1f\x7f-\x9f]", text), text
    return [line.decode("utf-8") for line in lines]


def no_twins(pairs):
    assert len({key for key, _ in pairs}) == len(pairs), pairs
    return dict(pairs)


def json_lines(data):
    return [json.loads(line, object_pairs_hook=no_twins) for line in plain_lines(data)]


def unescape(text):
    """Undoes \\xHH; what it gives are the bytes that were sent, as latin-1."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), text)


class LogFile:
    """A file with an access log that is written."""

    def __init__(self, path):
        self.path = path

    def read(self):
        return self.path.read_bytes() if self.path.exists() else b""

    def wait_lines(self, count):
        """The lines once there are so many; never more."""
        wait_for(lambda: self.read().count(b"\n") >= count, f"{count} lines in {self.path}")
        lines = plain_lines(self.read())
        assert len(lines) == count, lines
        return lines

    def wait_json(self, count):
        self.wait_lines(count)
        return json_lines(self.read())
