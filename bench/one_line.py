#!/usr/bin/python3 -IS
"""Stands in for lb-discovery: `one_line.py --file=FILE` prints the first line of the file, and each time
it gets SIGUSR1 the next one, the first after the last."""

import itertools
import os
import signal
import sys


def main():
    with open(sys.argv[1].removeprefix("--file="), "rb") as file:
        lines = file.readlines()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    for data in itertools.cycle(lines):
        while data:
            data = data[os.write(1, data):]
        signal.sigwait({signal.SIGUSR1})


main()
