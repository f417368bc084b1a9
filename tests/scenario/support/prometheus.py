"""Reading /metrics strictly. promtool and Prometheus itself let duplicate series, families in pieces
and broken histograms pass, so all of that is judged here."""

import math
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf"^({NAME})(?:\{{(.*)\}})? (\S+)$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,|$)')
ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}


def read_labels(text):
    labels, at = {}, 0
    while at < len(text or ""):
        match = LABEL.match(text, at)
        assert match, f"no label: {text[at:]!r}"
        name, value, _ = match.groups()
        assert name not in labels, f"the label {name} comes twice: {text}"
        labels[name] = re.sub(r'\\.', lambda m: ESCAPES[m[0]], value)
        at = match.end()
    return labels


class Family:
    def __init__(self, name):
        self.name = name
        self.help = None
        self.type = None
        self.samples = []  # (name, labels, value), as they came

    def owns(self, name):
        if self.type == "histogram":
            return name in (f"{self.name}_bucket", f"{self.name}_sum", f"{self.name}_count")
        return name == self.name

    def check(self):
        assert self.help, f"{self.name} has no HELP"
        assert self.type in ("counter", "gauge", "histogram"), f"{self.name} has type {self.type}"
        is_total = self.name.endswith("_total")
        assert is_total == (self.type == "counter"), f"{self.name} is called like no {self.type}"
        names = [(name, tuple(sorted(labels.items()))) for name, labels, _ in self.samples]
        for series in names:
            assert names.count(series) == 1, f"{series} comes twice"
        for name, labels, value in self.samples:
            assert not math.isnan(value), f"{name}{labels} is NaN"
            assert value >= 0 or self.type == "gauge", f"{name}{labels} is negative"
        if self.type == "histogram":
            self.check_histogram()

    def check_histogram(self):
        groups = {}
        for name, labels, value in self.samples:
            rest = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
            group = groups.setdefault(rest, {"buckets": []})
            if name.endswith("_bucket"):
                group["buckets"].append((float(labels["le"].replace("+Inf", "inf")), value))
            else:
                group[name.removeprefix(self.name)] = value
        for rest, group in groups.items():
            where = f"{self.name}{dict(rest)}"
            bounds = [bound for bound, _ in group["buckets"]]
            counts = [count for _, count in group["buckets"]]
            assert bounds == sorted(set(bounds)), f"{where}: bounds out of order"
            assert bounds and bounds[-1] == math.inf, f"{where}: no +Inf"
            assert counts == sorted(counts), f"{where}: buckets are not cumulative"
            assert "_sum" in group and "_count" in group, f"{where}: no sum or no count"
            assert counts[-1] == group["_count"], f"{where}: +Inf is not the count"


class Page:
    """A page that is right in every way, or an AssertionError."""

    def __init__(self, raw):
        assert raw.endswith(b"\n"), "no newline at the end"
        assert b"\r" not in raw, "CR"
        self.families = {}
        self.open = None
        for line in raw.decode("utf-8").split("\n")[:-1]:
            if line.startswith("# "):
                self._take_comment(line)
            else:
                self._take_sample(line)
        for family in self.families.values():
            family.check()

    def _take_comment(self, line):
        _, kind, name, rest = line.split(" ", 3)
        assert kind in ("HELP", "TYPE"), line
        if not self.open or self.open.name != name:
            assert name not in self.families, f"{name} comes in pieces"
            self.open = self.families[name] = Family(name)
        assert not self.open.samples, f"{kind} of {name} after its samples"
        attribute = kind.lower()
        assert getattr(self.open, attribute) is None, f"a second {kind} of {name}"
        setattr(self.open, attribute, rest)

    def _take_sample(self, line):
        match = SAMPLE.match(line)
        assert match, f"no sample: {line!r}"
        assert self.open and self.open.owns(match[1]), f"{line!r} is in the wrong family"
        self.open.samples.append((match[1], read_labels(match[2]), float(match[3])))

    def series(self, name, /, **labels):
        """[(labels, value)] of the samples of that name that have these labels."""
        return [(found, value) for family in self.families.values()
                for sample, found, value in family.samples
                if sample == name and labels.items() <= found.items()]

    def sum(self, name, /, **labels):
        return sum(value for _, value in self.series(name, **labels))

    def value(self, name, /, **labels):
        """Of the only such sample."""
        found = self.series(name, **labels)
        assert len(found) == 1, f"{name}{labels} is there {len(found)} times"
        return found[0][1]

    def table(self, name, /, *by, **labels):
        """{label values: value}, without zeros; one label gives plain keys."""
        result = {}
        for found, value in self.series(name, **labels):
            key = tuple(found[label] for label in by)
            key = key[0] if len(by) == 1 else key
            result[key] = result.get(key, 0) + int(value)
        return {key: value for key, value in result.items() if value}
