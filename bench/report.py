"""The results as Markdown: the sentences of the project's README, the table, and all details."""

import textwrap

import features
from goals import (BUILD_GOAL_MS, COMPARISONS, FIELDS, MEMORY_GOALS_MB, ROUTES_GOAL, SAME, SPREAD_MAX,
                   WORKERS_GOAL)

COLUMNS = ("lb", "haproxy", "nginx", "floor")

# metric -> heading and how a value is written
DETAILS = {
    "cpu_us": ("CPU µs/request", "{:.1f}"),
    "cpu_user_us": ("of it user", "{:.1f}"),
    "serving_us": ("serving threads", "{:.1f}"),
    "cpu_ms_per_gb": ("CPU ms/GB", "{:.0f}"),
    "gb_per_s": ("GB/s", "{:.2f}"),
    "requests_per_s": ("requests/s", "{:.0f}"),
    "busy_cores": ("cores busy", "{:.2f}"),
    "p50_us": ("p50 µs", "{:.0f}"),
    "p99_us": ("p99 µs", "{:.0f}"),
    "p999_us": ("p99.9 µs", "{:.0f}"),
    "max_us": ("max µs", "{:.0f}"),
    "per_cpu_second": ("handshakes/CPU second", "{:.0f}"),
    "idle_bytes": ("bytes/idle connection", "{:.0f}"),
    "start_ms": ("first answer after ms", "{:.1f}"),
    "rss_mb": ("RSS MB", "{:.1f}"),
    "pss_mb": ("PSS MB", "{:.1f}"),
    "instructions": ("instructions/request", "{:.0f}"),
    "build_ms": ("table built in ms", "{:.2f}"),
    "rebuild_ms": ("again, one route changed", "{:.2f}"),
    "change_ms": ("control thread for such a line, ms", "{:.1f}"),
}


def row(cells):
    return "| " + " | ".join(cells) + " |"


def table(head, rows):
    return [row(head), row(["---"] * len(head)), *map(row, rows)]


def in_short(ratio, goal=0.0):
    """"0.74 (0.70–0.79)", and whether that is what was meant to be; nothing where the rounds differ
    too much to tell."""
    if not ratio:
        return ""
    digits = 2 if not goal or f"{ratio.median:.2f}" != f"{goal:.2f}" else 3  # as the verdict shows
    text = f"{ratio.median:.{digits}f} ({ratio.least:.2f}–{ratio.most:.2f})"
    if ratio.most > SPREAD_MAX * ratio.least:
        return f"too wide to tell ({ratio.least:.2f}–{ratio.most:.2f})"
    if goal:
        text += f" {'✓' if ratio.median <= goal else '✗'} ≤ {goal:g}"
    return text


def peer_of(comparison, results):
    return comparison.peer or results.best_peer(comparison.case, comparison.metric)


def comparison_row(comparison, results):
    def value(name):
        name = results.best_peer(comparison.case, comparison.metric, name) or name
        spread = results.spread(comparison.case, name, comparison.metric)
        return f"{spread.median * comparison.scale:.{comparison.digits}f}" if spread else ""
    peer = peer_of(comparison, results)
    ratio = peer and results.ratio(comparison.case, comparison.ours, peer, comparison.metric)
    floor = results.ratio(comparison.case, comparison.ours, "floor", comparison.metric)
    unit = f", {comparison.unit}" if comparison.unit else ""
    return [f"{comparison.label}{unit}", *map(value, COLUMNS),
            in_short(ratio, comparison.peer_goal), in_short(floor, comparison.floor_goal)]


def summary(found):
    """The table, and what lb alone does. `found`: scenario -> Results."""
    rows = [comparison_row(comparison, found[comparison.scenario]) for comparison in COMPARISONS
            if comparison.scenario in found]
    head = ["", *COLUMNS, "lb / better peer", "lb / floor"]
    return table(head, rows) + against_itself(found)


def ratios_of(found):
    """(comparison, median of lb's ratio to the better peer) of all that tell something."""
    for comparison in COMPARISONS:
        results = found.get(comparison.scenario)
        peer = results and peer_of(comparison, results)
        ratio = peer and results.ratio(comparison.case, comparison.ours, peer, comparison.metric)
        if ratio and ratio.most <= SPREAD_MAX * ratio.least:
            yield comparison, ratio.median


def joined(words):
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def headlines(found):
    """Two sentences for the project's README: where it stands, and where it is worse."""
    ratios = list(ratios_of(found))
    best = [f"{ratio:.2f} for {comparison.headline}" for comparison, ratio in ratios if comparison.headline]
    worse = [f"{comparison.label} ({ratio:.2f})" for comparison, ratio in ratios if ratio > 1]
    said = ["CPU time of lb beside the better of haproxy and nginx, on one machine and with the same features on: "
            f"{joined(best)}."]
    if worse:
        said.append(f"Where lb needs more than the better of them: {joined(worse)}.")
    return textwrap.wrap(" ".join(said), 120, break_long_words=False)


def fields_cost(results):
    """Keep-alive with and without the fields that lb always writes."""
    said = []
    for without in FIELDS:
        ratio = results and results.ratio("", "lb", without.ours, without.metric)
        costs = results and results.ratio("", without.ours, without.peer, without.metric)
        if ratio and costs:
            said.append("* keep-alive, `lb` with the forwarded fields and a request id, "
                        f"{without.label}: {in_short(ratio)}; {without.label} needs "
                        f"{in_short(costs)} of what it needs with them")
    return said


def routes_cost(results):
    """10 000 routes against 1, and how long they take to build."""
    many = results and results.spread("10 000 routes", "lb", "instructions")
    if not many:
        return []
    one, built = (results.spread(case, "lb", metric).median for case, metric in
                  (("1 route", "instructions"), ("10 000 routes", "build_ms")))
    words = ["✓" if kept else "✗" for kept in (many.median <= ROUTES_GOAL * one, built <= BUILD_GOAL_MS)]
    return [f"* 10 000 routes instead of 1: {100 * (many.median / one - 1):+.1f} % instructions of a request "
            f"{words[0]} ≤ {100 * (ROUTES_GOAL - 1):g} %; their table is built in {built:.1f} ms "
            f"{words[1]} ≤ {BUILD_GOAL_MS:g} ms"]


IDLE = {"lb, its master": "`lb`, the master", "lb-proxy": "`lb-proxy`", "lb-discovery": "`lb-discovery` with a file",
        "lb-discovery, Docker": "`lb-discovery` with Docker"}


def against_itself(found):
    """Sentences about lb alone."""
    said = [""]
    for same in SAME:
        results = found.get(same.scenario)
        ratio = results and results.ratio(same.case, same.ours, same.peer, same.metric)
        if ratio:
            said.append(f"* {same.label}: {in_short(ratio, same.peer_goal)} times the CPU time")
    said += fields_cost(found.get("keepalive"))
    said += routes_cost(found.get("routes"))
    said += features.sentences(found.get("features"))
    for name, label in IDLE.items():
        spread = found["start"].spread("", name, "rss_mb") if "start" in found else None
        if spread:
            word = "✓" if spread.median <= MEMORY_GOALS_MB[name] else "✗"
            said.append(f"* idle memory of {label} (RSS): {spread.median:.1f} MB "
                        f"{word} ≤ {MEMORY_GOALS_MB[name]:g}")
    if "workers" in found:
        gains = {name: found["workers"].ratio("", f"{name}, 2", f"{name}, 1", "requests_per_s")
                 for name in ("lb", "haproxy", "nginx")}
        texts = [f"{name} {gain.median:.2f}" for name, gain in gains.items() if gain]
        said.append(f"* two workers instead of one do so many times as much: {', '.join(texts)} "
                    f"(goal: ≥ {WORKERS_GOAL:g} where the machine lets anybody)")
    return said


def details(results):
    """Everything about one scenario."""
    lines = []
    for case, names in results.cases.items():
        metrics = [metric for metric in DETAILS
                   if any(metric in rounds[0] for rounds in names.values())]
        rows = []
        for name in names:
            spreads = [(results.spread(case, name, metric), DETAILS[metric][1])
                       for metric in metrics]
            rows.append([name, *(f"{form.format(spread.median)} ({form.format(spread.least)}–"
                                 f"{form.format(spread.most)})" if spread else ""
                                 for spread, form in spreads)])
        quiet, count = results.quiet_rounds(case)
        left_out = f", {count - len(quiet)} more were disturbed" if len(quiet) < count else ""
        lines += [f"{case or results.scenario}: median (least–most) of {len(quiet)} "
                  f"rounds{left_out}", ""]
        lines += table(["", *(DETAILS[metric][0] for metric in metrics)], rows) + [""]
    lines += [f"* {note}" for note in results.notes]
    lines += [f"* {name}: {count} requests failed" for name, count in results.errors().items()]
    return lines


def origin(results):
    """On which machine, when, with which versions."""
    machine = results.machine
    kind = "virtual machine" if machine["is_virtual"] else "machine"
    versions = "; ".join(machine["versions"].values())
    return (f"{results.date}, one {kind}: {machine['cpu_count']} × {machine['cpu']}, "
            f"{machine['memory_gb']} GB, Linux {machine['kernel']}, {machine['system']}; "
            f"{machine['network']}. {versions}")


def page(found, titles):
    """bench/results/README.md."""
    origins = {}
    for name, results in found.items():
        origins.setdefault(origin(results), []).append(name)
    lines = ["# Results", "", "Made by `bench/run.sh`; what each scenario does stands in "
             "[../README.md](../README.md). Absolute figures are those of one machine; the ratios "
             "are what can be compared.", ""]
    for text, names in origins.items():
        lines += textwrap.wrap(f"{', '.join(names)}: {text}", 118, initial_indent="* ", subsequent_indent="  ")
    lines += ["", "![plot](plot.svg)", "", *summary(found), ""]
    for name, results in found.items():
        lines += [f"## {name}", "", titles[name], "", *details(results), ""]
    return "\n".join(lines).rstrip() + "\n"
