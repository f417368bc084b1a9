#!/usr/bin/env python3
"""What a run has shown: judges it, and writes it as text and as JSON.

usage: report.py FILE.json…     puts the runs side by side into the README beside this file
"""
import bisect
import json
import re
import sys
from datetime import datetime
from pathlib import Path

import passages
import sites
from counts import table

# Events after which a request that had been sent may be lost with its backend.
LOSES_REQUESTS = ("kill-9", "crash", "stop-0", "rm-f", "stop", "restart")
LOSS_BEFORE_SECONDS = 0.05   # the clocks of two processes, and the time an event takes to begin
KILL_CLOCKS_SECONDS = 0.05   # of lb's own process: the clocks of two processes
KILL_TAKES_SECONDS = 1.0     # until the kernel has closed all its connections, and a busy client has seen it
LOSS_AFTER_SECONDS = 1.5     # until lb and the client have seen it, once the engine has done it
BOUNDS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
LOG_LINE = re.compile(r'"time":"([^"]+)","method":"(\w+)","path":"[^"]*\?n=(\d+)".*"ms":([\d.]+)')


def seconds_of(stamp):
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def read_logs(folder):
    """{app: sorted arrivals}, and how often each POST was served: {number: times}."""
    arrivals, posts = {}, {}
    for path in folder.iterdir():
        mine = arrivals.setdefault(path.name, [])
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                found = LOG_LINE.search(line)
                if not found:
                    continue
                mine.append(seconds_of(found[1]) - float(found[4]) / 1000)
                if found[2] == "POST":
                    number = int(found[3])
                    posts[number] = posts.get(number, 0) + 1
        mine.sort()
    return arrivals, posts


def next_of(entries, app, at):
    """The moment of the first of these entries that is about `app` and after `at`."""
    return min((entry["at"] for entry in entries if entry["app"] == app and entry["at"] > at),
               default=float("inf"))


def begin_to_first_request(begins, ends, arrivals, load_begun):
    """{event: [ms]} from the moment a container could serve to the first request it got."""
    lags = {}
    for begin in begins:
        mine = arrivals.get(begin["app"], [])
        at = bisect.bisect_left(mine, begin["at"])
        if (begin["at"] < load_begun or at == len(mine)
                or mine[at] > next_of(ends, begin["app"], begin["at"])):
            continue    # no load yet, or it was gone before its turn came
        event = begin["event"] if begin["event"] != "new" else "start"
        if begin["has_check"] and event in ("start", "restart"):
            event += ", with HEALTHCHECK"
        lags.setdefault(event, []).append(round(1000 * (mine[at] - begin["at"]), 2))
    return {event: sorted(values) for event, values in sorted(lags.items())}


def end_to_last_request(ends, begins, arrivals):
    """{event and kind: [ms]} from the moment a container was told to end to its last request; 0 where
    none came after it."""
    lags = {}
    for end in ends:
        mine = arrivals.get(end["app"], [])
        again = next_of(begins, end["app"], end["at"])
        at = bisect.bisect_left(mine, min(again, end["at"] + 30)) - 1
        last = mine[at] if at >= 0 else 0
        key = f"{end['event']}, {end['flavour']}"
        lags.setdefault(key, []).append(round(max(0.0, 1000 * (last - end["at"])), 2))
    return {event: sorted(values) for event, values in sorted(lags.items())}


def histogram(values):
    """[(upper bound in ms, count)], the last bound None."""
    counts = [0] * (len(BOUNDS_MS) + 1)
    for value in values:
        counts[bisect.bisect_left(BOUNDS_MS, value)] += 1
    return [[bound, count] for bound, count in zip((*BOUNDS_MS, None), counts) if count]


def summary(values):
    if not values:
        return {}
    return {"count": len(values), "median_ms": values[len(values) // 2],
            "p95_ms": values[min(len(values) - 1, int(0.95 * len(values)))], "max_ms": values[-1],
            "histogram_ms": histogram(values)}


def explain(failure, ends):
    """The end of a container that a failed request may have been lost with, or None: of the one that had the request, or of any
    where nobody says which that was."""
    begun, failed = seconds_of(failure["begun"]), seconds_of(failure["failed"])

    def may_be(end):
        if failure.get("app", end["app"]) != end["app"] or failed < end["at"] - LOSS_BEFORE_SECONDS:
            return False
        over = end.get("over", float("inf")) + LOSS_AFTER_SECONDS
        # Cut off from its network a backend does not end: the request waits, and fails at any time later. When the loss of
        # one that it is known to have had is seen is up to a busy machine.
        is_late = failed > over and "app" not in failure and end["event"] != "disconnect"
        return begun <= over and not is_late and end["event"] in (*LOSES_REQUESTS, "disconnect")

    return max(filter(may_be, ends), key=lambda end: end["at"], default=None)


# What lb answers when the request had been sent and the backend ended: nothing else is excused.
LOST_WORDS = ("The server closed the connection.", "The server's answer was cut off.")
# haproxy closes the client's connection without an answer then; the others say 502 or 504.
LOST_KINDS = {"haproxy": ("status_502", "status_504", "closed"), "nginx": ("status_502", "status_504"),
              "lb": ("status_502",)}


def judge_post(failure, ends, proxy):
    """Why this failure of a POST is no fault of the proxy, or None."""
    end = explain(failure, ends)
    if end is None or failure["kind"] not in LOST_KINDS[proxy]:
        return None
    if proxy == "lb" and not any(words in failure["text"] for words in LOST_WORDS):
        return None
    return f"{end['event']}, {end['flavour']}"


def killed_with(failure, kills):
    """Whether it was on a connection of a process that was killed: it had begun before, its connection ended then, and there
    was no answer. A connection that was not accepted waits for the next process, and no connect is refused."""
    if failure["kind"] not in ("closed", "reset"):
        return False
    begun, failed = seconds_of(failure["begun"]), seconds_of(failure["failed"])
    return any(begun <= at + KILL_CLOCKS_SECONDS and at - KILL_CLOCKS_SECONDS <= failed <= at + KILL_TAKES_SECONDS
               for at in kills)


def judge(report):
    """Adds the verdict: a list of broken promises, empty when all were kept."""
    broken = []
    load, kills = report["load"], report.get("kills", [])
    lost_with_lb = [failure for failure in report["failures"] if killed_with(failure, kills)]
    failures = [failure for failure in report["failures"] if failure not in lost_with_lb]
    for failure in lost_with_lb:
        failure["excuse"] = "in flight on a process that was killed"
    report["lost_with_lb"] = len(lost_with_lb)
    idempotent = [failure for failure in failures if failure["method"] != "POST"]
    if idempotent:
        broken.append(f"{len(idempotent)} idempotent requests failed")
    lost, unexcused = {}, 0
    for failure in failures:
        if failure["method"] != "POST":
            continue
        why = judge_post(failure, report["ends"], report["proxy"])
        failure["excuse"] = why
        unexcused += why is None
        if why:
            lost[why] = lost.get(why, 0) + 1
    report["posts_lost_with_their_backend"] = lost
    if unexcused:
        broken.append(f"{unexcused} POST requests failed though no backend died with them")
    if report["posts_served_twice"]:
        broken.append(f"{len(report['posts_served_twice'])} POST requests were served twice")
    tunnels = [tunnel for tunnel in report["tunnels"] if tunnel["problem"] and
               not any(0 <= tunnel["broke_at"] + KILL_CLOCKS_SECONDS - at <= KILL_TAKES_SECONDS for at in kills)]
    if tunnels:
        broken.append(f"{len(tunnels)} of {len(report['tunnels'])} WebSockets broke: {tunnels[0]['problem']}")
    counts = report.get("counts")
    if counts:
        broken += [f"lb's metrics and its clients disagree: {line}" for line in counts["differences"]]
    if report.get("sites"):
        broken += sites.judge(report["sites"])
    if report.get("passages"):
        broken += passages.judge(report["passages"])
    if report["proxy_problem"]:
        broken.append(report["proxy_problem"])
    if load["requests"] < report["wanted_requests"]:
        broken.append(f"only {load['requests']} of {report['wanted_requests']} requests were made")
    if report["event_count"] < report["wanted_events"]:
        broken.append(f"only {report['event_count']} of {report['wanted_events']} events happened")
    report["broken"] = broken


# ---- text ----------------------------------------------------------------------------------------

def bars(lines, title, groups):
    lines.append(title)
    for name, facts in groups.items():
        lines.append(f"  {name}: {facts['count']} times, median {facts['median_ms']} ms, "
                     f"95 % {facts['p95_ms']} ms, worst {facts['max_ms']} ms")
        lines.append("    " + "  ".join(f"{'≤' + str(bound) if bound else '>' + str(BOUNDS_MS[-1])}: {count}"
                                        for bound, count in facts["histogram_ms"]))


def text_of(report):
    load = report["load"]
    lines = [f"chaos against {report['proxy']} ({report['version']}), seed {report['seed']}, "
             f"{report['seconds']:.0f} s",
             f"{load['requests']} requests, {report['event_count']} events, "
             f"{load['failures']} failures, {report['facts'].get('retries')} retries by the proxy"]
    for method, counts in load["by_method"].items():
        lines.append(f"  {method}: {counts['requests']} requests, {counts['failures']} failures")
    lines.append("answers: " + ", ".join(f"{count} × {status}" for status, count in load["by_status"].items()))
    if report.get("counts"):
        lines += table(report["counts"])
    elif report["proxy"] == "lb":
        lines.append("lb's metrics were not compared: Debian's package prometheus is not installed")
    if load["failures_by_kind"]:
        lines.append("failures: " + ", ".join(f"{count} × {kind}"
                                              for kind, count in load["failures_by_kind"].items()))
    for why, count in report["posts_lost_with_their_backend"].items():
        lines.append(f"  {count} POST lost with a backend that ended by {why}")
    if report.get("kills"):
        lines.append(f"lb-proxy was killed {len(report['kills'])} times: {report['lost_with_lb']} requests were in flight on it")
    latency = load["latency_us"]
    lines.append(f"latency in ms: median {latency['p50'] / 1000}, 99 % {latency['p99'] / 1000}, "
                 f"99.9 % {latency['p999'] / 1000}, longest {latency['max'] / 1000}")
    lines.append(f"connections: {load['connections']} opened, {load['closed_while_idle']} closed by the "
                 f"proxy while idle, {load['postponed']} requests put off because all were busy")
    lines.append("events: " + ", ".join(f"{count} × {name}" for name, count in sorted(report["events"].items())))
    if report.get("certificate_swaps"):
        lines.append(f"{load['tls_connections']} connections by TLS; certificates were replaced {report['certificate_swaps']} times")
    problems = [entry for entry in report["event_log"] if entry.get("problem")]
    if problems:
        lines.append(f"  {len(problems)} of them did not work out, such as: {problems[0]['problem']}")
    for tunnel in report["tunnels"]:
        lines.append(f"WebSocket: {tunnel['echoes']} echoes, slowest {tunnel['slowest_ms']} ms, "
                     + (f"BROKE: {tunnel['problem']}" if tunnel["problem"] else "alive to the end"))
    if report.get("sites"):
        lines += sites.text_of(report["sites"])
    if report.get("passages"):
        lines += passages.text_of(report["passages"])
    bars(lines, "from an event to the first request (ms)", report["event_to_first_request"])
    bars(lines, "from the end of a container to its last request (ms)", report["end_to_last_request"])
    for failure in [failure for failure in report["failures"] if not failure.get("excuse")][:20]:
        lines.append(f"FAILED {failure['failed']} {failure['method']} {failure['target']} "
                     f"({failure['body_bytes']} bytes) {failure['kind']}: {failure['text'].strip()!r} by {failure.get('app', '?')} "
                     f"near {failure['near']}")
    lines += [f"BROKEN: {problem}" for problem in report["broken"]] or ["The promise was kept."]
    return "\n".join(lines)


# ---- side by side --------------------------------------------------------------------------------

def of(report, group, name):
    facts = report[group].get(name)
    return f"{facts['median_ms']:.0f} / {facts['max_ms']:.0f}" if facts else "–"


def failures(report, *methods):
    return sum(report["load"]["by_method"][method]["failures"] for method in methods)


ROWS = (
    ("version", lambda r: re.search(r"\d+\.\d+\.\d+", r["version"])[0]),
    ("requests", lambda r: f"{r['load']['requests']:,}"),
    ("events", lambda r: str(r["event_count"])),
    ("**failed GET and PUT**", lambda r: f"**{failures(r, 'GET', 'PUT')}**"),
    ("failed POST", lambda r: str(failures(r, "POST"))),
    ("of these, lost with a backend that had them",
     lambda r: str(sum(r["posts_lost_with_their_backend"].values()))),
    ("POST that reached two backends", lambda r: str(len(r["posts_served_twice"]))),
    ("kinds of failure", lambda r: ", ".join(f"{count} × {kind}" for kind, count in
                                             r["load"]["failures_by_kind"].items()) or "none"),
    ("WebSockets alive at the end", lambda r: f"{sum(not t['problem'] for t in r['tunnels'])} of "
                                              f"{len(r['tunnels'])}"),
    ("retries by the proxy", lambda r: str(r["facts"].get("retries"))),
    ("latency, 99 % / 99.9 % / longest, ms",
     lambda r: " / ".join(f"{r['load']['latency_us'][key] / 1000:.0f}" for key in ("p99", "p999", "max"))),
    ("start to first request, median / worst, ms", lambda r: of(r, "event_to_first_request", "start")),
    ("unpause to first request, median / worst, ms", lambda r: of(r, "event_to_first_request", "unpause")),
    ("stop of a server that serves on to its last request, median / worst, ms",
     lambda r: of(r, "end_to_last_request", "stop, lingering")),
)


def table_of(reports):
    lines = ["| | " + " | ".join(report["proxy"] for report in reports) + " |",
             "| --- " * (len(reports) + 1) + "|"]
    lines += [f"| {title} | " + " | ".join(cell(report) for report in reports) + " |" for title, cell in ROWS]
    first = reports[0]
    lines.append("")
    lines.append(f"Seed {first['seed']}, {first['rate']} requests a second, "
                 f"{'/'.join(format(report['seconds'], '.0f') for report in reports)} s; events: "
                 + ", ".join(f"{count} × {name}" for name, count in sorted(first["events"].items())) + ".")
    return "\n".join(lines)


FROM, TO = "<!-- report.py writes from here -->\n", "<!-- to here -->\n"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    runs = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    for run in runs:
        judge(run)
    readme = Path(__file__).resolve().with_name("README.md")
    before, rest = readme.read_text(encoding="utf-8").split(FROM)
    after = rest.split(TO)[1]
    readme.write_text(f"{before}{FROM}\n{table_of(runs)}\n\n{TO}{after}", encoding="utf-8")
    print(table_of(runs))


if __name__ == "__main__":
    main()
