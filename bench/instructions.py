"""Instructions of a request, counted by valgrind's callgrind: the same in every run, whatever else
the machine does. What starts and ends a program drops out as the difference of two runs."""

import pathlib
import re
import socket
import subprocess
import tempfile


TURNS = (5000, 10000)
UPDATES = (50, 150)
REQUEST = (b"GET /products/42?color=blue HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: curl/8.5\r\n"
           b"Accept: */*\r\n\r\n")


def callgrind(folder):
    """lb's master is a process of its own, and starts the one that serves; what follows the pool is not counted."""
    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/callgrind.%p", "--trace-children=yes",
            "--trace-children-skip=*/lb-discovery,*.py,*/python3*"]


def counted(folder):
    """Instructions of all processes that left their count in the folder."""
    files = list(pathlib.Path(folder).glob("callgrind.*"))
    return sum(int(re.search(r"^(?:totals|summary): (\d+)", file.read_text(), re.M)[1])
               for file in files)


def of_program(bench, name, turns):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*callgrind(folder), bench.build / "bench" / name, str(turns)],
                       check=True, capture_output=True, timeout=120)
        return counted(folder)


def ask(port, requests):
    """Requests one after the other, on one connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        for request in requests:
            peer.sendall(request)
            answer = b""
            while not answer.endswith(b"\r\n\r\nok"):
                piece = peer.recv(4096)
                if not piece:
                    raise SystemExit("a connection was closed under callgrind")
                answer += piece


def of_proxy(bench, who, turns):
    with tempfile.TemporaryDirectory() as folder:
        with bench.started(who, prefix=callgrind(folder)) as running:
            ask(running.port, [REQUEST] * turns)
        return counted(folder)


def scenario(bench, results):
    """User-space instructions of one request, by callgrind."""
    def of_one(count, numbers):
        low, high = map(count, numbers)
        return (high - low) / (numbers[1] - numbers[0])

    def note(name, count):
        results.add("", name, {"instructions": of_one(count, TURNS)})

    note("parse and forward", lambda turns: of_program(bench, "parse_forward", turns))
    for who in [bench.lb, *bench.peers]:
        note(who.name, lambda turns, who=who: of_proxy(bench, who, turns))
    update = of_one(lambda count: of_program(bench, "pool_update", count), UPDATES)
    results.note(f"{update:.0f} instructions for an update of a pool with 1 000 endpoints, of which "
                 "two have changed (lb's control thread)")
