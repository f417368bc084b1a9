"""What a real Prometheus has scraped from lb against what the clients counted."""
import shutil
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "scenario"))
from support.prometheus_server import PrometheusServer  # noqa: E402  (after the path is known)

from engine import wait_for  # noqa: E402

BY_CODE = "sum by (code) (lb_requests_total)"
LAST_SCRAPE_SECONDS = 30


class Scrapes:
    """A real Prometheus in the run's network namespace, which scrapes lb from before the first request to
    after the last."""

    def __init__(self, folder, host):
        folder.mkdir()
        self.begun = time.time()
        self.server = PrometheusServer(folder, (host, 8001), every="200ms")
        wait_for("Prometheus to scrape lb", lambda: self.server.query("up == 1"), 60)

    def end(self):
        """{code: count} of the last scrape: one that began after every client was done, and that says lb
        has ended every request too."""
        ended = time.time()
        problem = None
        try:
            wait_for("a last scrape without requests in flight",
                     lambda: self.server.query(f"timestamp(up) > {ended:.3f} and on() "
                                               "(lb_requests_in_flight == 0)"), LAST_SCRAPE_SECONDS)
        except TimeoutError as error:
            problem = str(error)
        window = f"[{int(time.time() - self.begun) + 60}s]"
        return {"by_code": {code: int(count) for (code,), count in self.server.by(BY_CODE, "code").items()},
                "scrapes": int(self.number(f"sum(count_over_time(up{window}))")),
                "failed_scrapes": int(self.number(f"sum(count_over_time(up{window})) - "
                                                  f"sum(sum_over_time(up{window}))")),
                "resets": int(self.number(f"sum(resets(lb_requests_total{window}))")), "problem": problem}

    def number(self, expression):
        return next(iter(self.server.query(expression).values()), 0)

    def close(self):
        self.server.close()


def start(folder, proxy):
    """Only for lb, and where Debian's package prometheus is installed; else None."""
    if proxy.name != "lb" or not shutil.which("prometheus"):
        return None
    return Scrapes(folder / "prometheus", proxy.host)


def clients_by_code(load, tunnels, visitors=None):
    """What the clients saw; `visitors` is the same of the sites. The tunnels are requests too: each has
    ended, with a 101. Nobody else asks through lb: the harness uses the admin listener, and health checks
    do not pass by lb's listener."""
    counts = {code: count for code, count in load["by_status"].items() if code != "none"}
    for code, count in (visitors or {}).items():
        if code != "none":
            counts[code] = counts.get(code, 0) + count
    counts["101"] = counts.get("101", 0) + len(tunnels)
    return {code: count for code, count in counts.items() if count}


def differences(by_code, clients, unanswered_count):
    """Sentences; none when both agree. A request whose client saw no status at all (its connection broke
    or it gave up) may stand in lb's sums once, with whatever lb made of it, or not at all; it leaves room
    for so many more, and for nothing else."""
    lines = []
    more = {code: by_code.get(code, 0) - clients.get(code, 0) for code in {*by_code, *clients}}
    for code, count in sorted(more.items()):
        if count < 0 or (count > 0 and unanswered_count == 0):
            lines.append(f"code {code}: Prometheus has {by_code.get(code, 0)}, "
                         f"the clients counted {clients.get(code, 0)}")
    if sum(more.values()) > unanswered_count > 0:
        lines.append(f"Prometheus has {sum(more.values())} more, but only {unanswered_count} requests "
                     "were left without an answer")
    return lines


def compare(scraped, load, tunnels, visitors=None):
    """The report's part of it; None where there was no Prometheus."""
    if scraped is None:
        return None
    clients = clients_by_code(load, tunnels, visitors)
    unanswered = load["by_status"].get("none", 0) + (visitors or {}).get("none", 0)
    found = differences(scraped["by_code"], clients, unanswered)
    if scraped["problem"]:
        found.append(scraped["problem"])
    if scraped["resets"]:
        found.append(f"a counter of lb fell {scraped['resets']} times")
    return {**scraped, "clients": clients, "unanswered": unanswered, "differences": found}


def table(counts):
    lines = ["requests by code, of Prometheus (sum by code of lb_requests_total) and of the clients:"]
    for code in sorted({*counts["by_code"], *counts["clients"]}):
        lines.append(f"  {code:>4}  {counts['by_code'].get(code, 0):>10}  {counts['clients'].get(code, 0):>10}")
    lines.append(f"  {counts['scrapes']} scrapes, {counts['failed_scrapes']} failed; "
                 f"{counts['unanswered']} requests without an answer")
    return lines
