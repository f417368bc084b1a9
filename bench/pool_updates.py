#!/usr/bin/python3 -IS
"""Stands in for lb-discovery: `pool_updates.py --file=FOLDER/addresses` prints the pool of these
addresses (one IP:PORT a line) every 10 ms, each time with another endpoint draining."""

import os
import signal
import sys
import time

INTERVAL_S = 0.01


def endpoint(address, state):
    host, _, port = address.rpartition(":")
    return (f'{{"id":"{address}","name":"{address}","address":"{host}","port":{port},"weight":1,'
            f'"state":"{state}","cause":"file","cause_time_ns":0}}')


def main():
    with open(sys.argv[1].removeprefix("--file="), encoding="ascii") as file:
        core, *addresses = file.read().split()
    os.sched_setaffinity(0, [int(core)])
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # who reads anew reads the next line
    ready = [endpoint(address, "ready") for address in addresses]
    turn = 0
    while True:
        endpoints = ready.copy()
        endpoints[turn % len(addresses)] = endpoint(addresses[turn % len(addresses)], "draining")
        line = (f'{{"v":1,"source":"file","time_ns":{time.time_ns()},"services":[{{"name":'
                f'"appserver","endpoints":[{",".join(endpoints)}]}}],"routes":[],"left_out":[]}}\n')
        data = line.encode()
        while data:
            data = data[os.write(1, data):]
        turn += 1
        time.sleep(INTERVAL_S)


main()
