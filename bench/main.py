"""Measures lb beside haproxy, nginx and a bare relay. bench/run.sh calls this; see README.md."""

import argparse
import pathlib
import re
import time

import machine
import plot
import report
import scenario
from results import Results

TOP = pathlib.Path(__file__).resolve().parent.parent
RESULTS = TOP / "bench/results"
README_PLACE = re.compile(r"(<!-- bench: begin[^>]*-->\n).*?(<!-- bench: end -->)", re.S)


def parse_arguments():
    words = "\n".join(f"  {name:13} {function.__doc__.splitlines()[0]}"
                      for name, function in scenario.ALL.items())
    parser = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__,
                                     epilog=f"scenarios:\n{words}",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="default: all")
    parser.add_argument("--rounds", type=int, help="how often each contestant is measured")
    parser.add_argument("--seconds", type=int, help="how long each measurement takes")
    parser.add_argument("--report", action="store_true",
                        help="measure nothing, make table and plot from the results that are there")
    parser.add_argument("--results", type=pathlib.Path, default=RESULTS,
                        help="folder for the results [bench/results]")
    parser.add_argument("--own-network", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build/release",
                        help="what is measured [build/release]")
    parser.add_argument("--before", type=pathlib.Path, metavar="BUILD",
                        help="another build of lb, which `jail` measures beside this one")
    options = parser.parse_args()
    unknown = [name for name in options.scenarios if name not in scenario.ALL]
    if unknown:
        parser.error(f"no scenario {unknown[0]}; there are {' '.join(scenario.ALL)}")
    return options


def run(options):
    if options.own_network:
        machine.bring_up_loopback()
    described = machine.describe(options.build / "bin/lb", options.own_network)
    bench = scenario.Bench(options.build, options)
    try:
        for name in options.scenarios or scenario.ALL:
            began = time.monotonic()
            print(f"== {name}: {scenario.ALL[name].__doc__}", flush=True)
            results = Results(name, described, time.strftime("%Y-%m-%d"))
            scenario.ALL[name](bench, results)
            results.write(options.results / f"{name}.json")
            print("\n".join(report.details(results)))
            print(f"({time.monotonic() - began:.0f} s)\n", flush=True)
    finally:
        bench.close()


def write_reports(options):
    found = {name: Results.read(options.results / f"{name}.json") for name in scenario.ALL
             if (options.results / f"{name}.json").exists()}
    titles = {name: function.__doc__ for name, function in scenario.ALL.items()}
    (options.results / "README.md").write_text(report.page(found, titles), encoding="utf-8")
    (options.results / "plot.svg").write_text(plot.draw(found), encoding="utf-8")
    print("\n".join(report.summary(found)))
    if options.results == RESULTS:
        write_headlines(found)


def write_headlines(found):
    """What the project's README says of it, and its picture."""
    (RESULTS / "headlines.svg").write_text(plot.draw(found, headlines=True), encoding="utf-8")
    readme = TOP / "README.md"
    lines = "\n".join(report.headlines(found))
    text, count = README_PLACE.subn(lambda place: f"{place[1]}{lines}\n{place[2]}",
                                    readme.read_text(encoding="utf-8"))
    if count != 1:
        raise SystemExit(f"{readme} has no place for the figures: <!-- bench: begin -->")
    readme.write_text(text, encoding="utf-8")


def main():
    options = parse_arguments()
    options.results.mkdir(parents=True, exist_ok=True)
    if not options.report:
        with machine.before_others():
            run(options)
    write_reports(options)


if __name__ == "__main__":
    main()
