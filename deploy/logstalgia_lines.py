"""lb's access log, whose lines are JSON, in Logstalgia's own format. All that stands in them is foreign."""

import datetime
import json
import re

PATH_MAX = 200
WORD_MAX = 80
GROUP_MAX = 16
NOBODY = "lb"  # what lb answers by itself

# Bright on black, and apart from one another.
COLOURS = ("5794F2", "73BF69", "FF9830", "B877D9", "FADE2A", "F2495C", "8AB8FF", "37872D", "FFB357", "CA95E5", "E0B400",
           "C4162A", "96D98D", "DEB6F2", "FFA6B0", "C8F2C2")
STATUS_COLOURS = {"2": "73BF69", "3": "8AB8FF", "4": "FADE2A", "5": "F2495C"}


class Skipped(Exception):
    """This line is shown by nobody; its word says why."""


def _get(entry, path, kind):
    for key in path.split("."):
        entry = entry.get(key) if isinstance(entry, dict) else None
    return entry if isinstance(entry, kind) and not (kind is int and isinstance(entry, bool)) else None


def _clean(text, limit):
    """No mark of the format, no control character, no half of a character."""
    text = re.sub(r"[\x00-\x1f\x7f-\x9f|\ud800-\udfff]", "_", text or "")
    return text if len(text) <= limit else text[:limit] + "…"


def _name(text):
    """As a word in a regex and in the flag -g."""
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text or "")[:WORD_MAX]


def _seconds(stamp):
    try:
        return int(datetime.datetime.fromisoformat((stamp or "").replace("Z", "+00:00")).timestamp())
    except (ValueError, OverflowError):
        raise Skipped("without a time") from None


def _read(line):
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        raise Skipped("no JSON") from None
    if not isinstance(entry, dict) or _get(entry, "event.dataset", str) != "lb.access":
        raise Skipped("no line of the access log")
    return entry


def _path(entry):
    path = _get(entry, "url.path", str)
    if path is None:
        path = f"/{_get(entry, 'network.transport', str) or 'bad request'}"
        path += f"/{_get(entry, 'lb.listener', str)}" if _get(entry, "lb.listener", str) else ""
    return path if path.startswith("/") else "/" + path


def _status(entry):
    """Connections have none: 200 where all went well."""
    status = _get(entry, "http.response.status_code", int)
    if status is None:
        status = 200 if _get(entry, "event.outcome", str) == "success" else 499
    return status if 100 <= status <= 599 else 500


def group_of(entry):
    return _name(_get(entry, "lb.upstream.name", str)) or NOBODY


class Converter:
    """Groups are numbered as they come; behind the last one everybody is `others`."""

    def __init__(self):
        self.count, self.skipped, self.groups = 0, {}, []

    def convert(self, line):
        """The line for Logstalgia, or None; what is skipped is counted by its reason."""
        try:
            entry = _read(line)
            fields = self._fields(entry)
        except Skipped as reason:
            self.skipped[str(reason)] = self.skipped.get(str(reason), 0) + 1
            return None
        self.count += 1
        return "|".join(fields)

    def _fields(self, entry):
        second, group, status = _seconds(_get(entry, "@timestamp", str)), self._group(group_of(entry)), _status(entry)
        size = max(_get(entry, "http.response.body.bytes", int) or _get(entry, "destination.bytes", int) or 0, 0)
        host = _get(entry, "client.ip", str) or _get(entry, "source.ip", str) or "unknown"
        return (str(second), _clean(host, WORD_MAX), f"/{group}{_clean(_path(entry), PATH_MAX)}", str(status),
                str(min(size, 1 << 40)), str(int(status < 400)), STATUS_COLOURS.get(str(status)[0], "FFFFFF"), "", "",
                _clean(_get(entry, "url.domain", str), WORD_MAX), group)

    def _group(self, name):
        if name not in self.groups:
            if len(self.groups) == GROUP_MAX:
                return "others"
            self.groups.append(name)
        return name


def group_flags(groups):
    """A part of the picture for each, with a colour of its own."""
    flags = []
    for number, name in enumerate(sorted(groups)):
        share = 96 // len(groups)  # some room for who comes later
        flags += ["-g", f"{name},URI=^/{re.escape(name)}/,{share},{COLOURS[number % len(COLOURS)]}"]
    return flags


def summary(converter):
    skipped = ", ".join(f"{count} {reason}" for reason, count in sorted(converter.skipped.items()))
    return f"{converter.count} lines shown" + (f"; left out: {skipped}" if skipped else "")
