"""The scenarios tcp and udp: connections and datagrams that are passed on as they are."""

import contextlib

import contestant
import load

BODY_BYTES = 10_000_000
VISITS_AT_ONCE = 16
DATAGRAMS_AT_ONCE = 64
FLOWS = {"1 flow": 1, "100 flows": 100, "4 000 flows": 4000}


def passing(bench, who, **more):
    return lambda: bench.started(who, **more)


def starts_of(bench, contestants, **more):
    return {who.name: passing(bench, who, **more) for who in contestants}


def measured(bench, running, program, *numbers):
    """One slice of the load that this program makes, with what it cost the proxy."""
    return load.measure(running.cpu_time, bench.cores,
                        lambda: load.by_program(bench.build / "bench" / program, running.port,
                                                bench.seconds(), bench.cores.load, *numbers))


def tcp(bench, results):
    """Connections passed on: a small exchange on one that stays, a new one for each exchange, much each way."""
    contestants = [bench.floor, bench.lb, *bench.peers, bench.splicing_peer]

    def small(name, running):
        for count in (64, 4):
            results.add(f"exchange, {count} connections", name,
                        bench.measure(running, connection_count=count))
        results.add("new connection", name, measured(bench, running, "visits", VISITS_AT_ONCE))

    def bulk(name, running):
        for case, request in (("down", {"path": str(BODY_BYTES)}), ("up", {"upload_bytes": BODY_BYTES})):
            figures = bench.measure(running, connection_count=4, **request)
            gigabytes = figures["requests"] * BODY_BYTES / 1e9
            figures["cpu_ms_per_gb"] = figures["cpu_s"] / gigabytes * 1e3
            figures["gb_per_s"] = gigabytes / figures["seconds"]
            results.add(case, name, figures)

    bench.in_rounds(12, starts_of(bench, contestants, protocol="tcp"), bench.wrk, small)
    bench.in_rounds(6, starts_of(bench, contestants, protocol="tcp", is_bulk=True), bench.wrk, bulk)


@contextlib.contextmanager
def echo(bench, backends):
    """The server for datagrams, while this lasts."""
    process = contestant.spawn([bench.build / "bench/echo", *backends], bench.cores.backend)
    try:
        yield
    finally:
        contestant.end(process)


def udp(bench, results):
    """Datagrams of 64 bytes that go to a server and come back, up to 64 at a time on their way."""
    def ask(running, count):
        return measured(bench, running, "flows", count, min(count, DATAGRAMS_AT_ONCE))

    def round_of(name, running):
        for case, count in FLOWS.items():
            results.add(case, name, ask(running, count))

    contestants = [bench.lb, bench.peers[1]]
    with echo(bench, bench.backends()):
        bench.in_rounds(12, starts_of(bench, contestants, protocol="udp", connection_max=16384),
                        lambda running: ask(running, 100), round_of)
