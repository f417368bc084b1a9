"""Measures lb beside haproxy, nginx and a bare relay. bench/run.sh calls this; see README.md."""

import argparse
import pathlib
import time

import report
import scenario
from results import Results

TOP = pathlib.Path(__file__).resolve().parent.parent


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__,
                                     epilog="Scenarios: " + " ".join(scenario.ALL))
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="default: all")
    parser.add_argument("--rounds", type=int, help="how often each contestant is measured")
    parser.add_argument("--seconds", type=int, help="how long each measurement takes")
    parser.add_argument("--build", type=pathlib.Path, default=TOP / "build/release")
    parser.add_argument("--results", type=pathlib.Path, default=TOP / "bench/results")
    options = parser.parse_args()
    unknown = [name for name in options.scenarios if name not in scenario.ALL]
    if unknown:
        parser.error(f"no scenario {unknown[0]}; there are {' '.join(scenario.ALL)}")
    return options


def main():
    options = parse_arguments()
    results = Results()
    bench = scenario.Bench(options.build, options, results)
    try:
        for name in options.scenarios or scenario.ALL:
            began = time.monotonic()
            print(f"== {name} ...", flush=True)
            scenario.ALL[name](bench)
            print(report.text(results, name))
            print(f"   ({time.monotonic() - began:.0f} s)\n", flush=True)
    finally:
        bench.close()


if __name__ == "__main__":
    main()
