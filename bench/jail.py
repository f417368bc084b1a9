"""What lb's master and its jail cost, beside lb without the jail, and beside another build of it (--before)."""

import time

IDLE_S = 0.5


def starts_of(bench):
    starts = {f"lb, jail {jail}": lambda jail=jail: bench.started(bench.lb, jail=jail) for jail in ("strict", "off")}
    if bench.before:
        starts[bench.before.name] = lambda: bench.started(bench.before)
    return starts


def note_memory(results, name, running):
    """Of each process alone, and of all of them. A page that several share counts in each one's RSS."""
    time.sleep(IDLE_S)
    for process, rss, pss in [*running.memory_of_each(), ("all of them", *running.memory_bytes())]:
        results.add(f"idle memory, {process}", name, {"rss_mb": rss / 1e6, "pss_mb": pss / 1e6})


def scenario(bench, results):
    """lb with its jail and without it, and another build of lb (--before): CPU per request, idle memory."""
    starts = starts_of(bench)
    for name, start in starts.items():
        for _ in range(bench.rounds(3)):
            with start() as running:
                note_memory(results, name, running)

    def round_of(name, running):
        results.add("keep-alive", name, bench.measure(running))
        results.add("a new connection each time", name, bench.measure(running, closes=True))

    bench.in_rounds(24, starts, bench.wrk, round_of)
    for name in starts:
        if name == "lb, jail strict":
            continue
        for case in ("keep-alive", "a new connection each time"):
            ratio = results.ratio(case, "lb, jail strict", name, "cpu_us")
            if ratio:
                results.note(f"{case}: lb with its jail takes {ratio.median:.3f} ({ratio.least:.3f}–{ratio.most:.3f}) "
                             f"times the CPU time of {name}")
