"""The figures that were measured, and what they say: medians, spreads, ratios round by round."""

import statistics

PEERS = ("haproxy", "nginx")


class Spread:
    """The median of some values, with the least and the greatest."""

    def __init__(self, values):
        self.median = statistics.median(values)
        self.least, self.most = min(values), max(values)

    def as_json(self):
        return {"median": self.median, "min": self.least, "max": self.most}


class Results:
    def __init__(self):
        self.samples = {}  # (scenario, case) -> name -> list of figures, one a round
        self.notes = {}

    def add(self, scenario, case, name, figures):
        self.samples.setdefault((scenario, case), {}).setdefault(name, []).append(figures)

    def note(self, scenario, text):
        notes = self.notes.setdefault(scenario, [])
        if text not in notes:
            notes.append(text)

    def cases(self, scenario):
        return [case for found, case in self.samples if found == scenario]

    def names(self, scenario, case):
        return list(self.samples[scenario, case])

    def values(self, scenario, case, name, metric):
        return [figures[metric] for figures in self.samples[scenario, case].get(name, ())
                if metric in figures]

    def spread(self, scenario, case, name, metric):
        values = self.values(scenario, case, name, metric)
        return Spread(values) if values else None

    def best_peer(self, scenario, case, metric):
        spreads = {name: self.spread(scenario, case, name, metric) for name in PEERS}
        known = {name: spread.median for name, spread in spreads.items() if spread}
        return min(known, key=known.get) if known else None

    def ratio(self, scenario, case, name, other, metric):
        """`name` over `other`, each round by itself: what disturbs the machine for longer than a
        round disturbs both."""
        pairs = zip(self.values(scenario, case, name, metric),
                    self.values(scenario, case, other, metric))
        ratios = [ours / theirs for ours, theirs in pairs if theirs]
        return Spread(ratios) if ratios else None
