"""The figures that were measured, and what they say: medians, spreads, ratios round by round.

One file a scenario, bench/results/SCENARIO.json, with everything that was measured: the table and
the plot are made from these files alone."""

import json
import statistics

PEERS = ("haproxy", "haproxy, splice", "nginx")
DISTURBED_SHARE = 0.1
ROUNDS_MIN = 3


class Spread:
    """The median of some values, with the least and the greatest."""

    def __init__(self, values):
        self.median = statistics.median(values)
        self.least, self.most = min(values), max(values)


class Results:
    """What one scenario has measured: case -> name -> list of figures, one a round."""

    def __init__(self, scenario, machine=None, date=None):
        self.scenario = scenario
        self.machine, self.date = machine, date
        self.cases, self.notes = {}, []

    @classmethod
    def read(cls, path):
        data = json.loads(path.read_text(encoding="utf-8"))
        results = cls(data["scenario"], data["machine"], data["date"])
        results.cases, results.notes = data["cases"], data["notes"]
        return results

    def write(self, path):
        def rounded(value):
            return float(f"{value:.6g}") if isinstance(value, float) else value
        cases = {case: {name: [{key: rounded(value) for key, value in figures.items()}
                               for figures in rounds] for name, rounds in names.items()}
                 for case, names in self.cases.items()}
        data = {"scenario": self.scenario, "date": self.date, "machine": self.machine,
                "notes": self.notes, "cases": cases}
        path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")

    def add(self, case, name, figures):
        self.cases.setdefault(case, {}).setdefault(name, []).append(figures)

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def quiet_rounds(self, case):
        """(numbers of the rounds that count, number of all). A round in which other programs took
        a tenth of the proxies' core from any contestant does not count, if enough others remain."""
        names = self.cases[case].values()
        count = max(map(len, names))
        quiet = [i for i in range(count)
                 if all(figures[i].get("foreign_share", 0.0) <= DISTURBED_SHARE
                        for figures in names if i < len(figures))]
        return (quiet if len(quiet) >= ROUNDS_MIN else list(range(count))), count

    def values(self, case, name, metric):
        """By round; None where it was not measured."""
        rounds = self.cases.get(case, {}).get(name, [])
        return [rounds[i].get(metric) if i < len(rounds) else None
                for i in self.quiet_rounds(case)[0]] if rounds else []

    def spread(self, case, name, metric):
        values = [value for value in self.values(case, name, metric) if value is not None]
        return Spread(values) if values else None

    def best_peer(self, case, metric, of=""):
        """The peer with the least median; of one program's ways `of` names the program."""
        spreads = {name: self.spread(case, name, metric) for name in PEERS}
        known = {name: spread.median for name, spread in spreads.items() if spread and name.startswith(of)}
        return min(known, key=known.get) if known else None

    def ratio(self, case, name, other, metric):
        """`name` over `other`, each round by itself: what disturbs the machine for longer than a
        round disturbs both."""
        pairs = zip(self.values(case, name, metric), self.values(case, other, metric))
        ratios = [ours / theirs for ours, theirs in pairs if ours is not None and theirs]
        return Spread(ratios) if ratios else None

    def errors(self):
        """Requests that failed, by contestant."""
        found = {}
        for names in self.cases.values():
            for name, rounds in names.items():
                count = sum(figures.get("errors", 0) for figures in rounds)
                if count:
                    found[name] = found.get(name, 0) + count
        return found
