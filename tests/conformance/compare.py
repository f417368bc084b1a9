#!/usr/bin/python3
"""Points the driver of the conformance suite at lb, haproxy and nginx and writes what each did with
each case into the table of tests/README.md.

usage: compare.py [--print]     (LB_BIN_DIR: where lb is; --print: on standard output instead)
"""

import asyncio
import dataclasses
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scenario")]

# pylint: disable=wrong-import-position
import peers  # noqa: E402
from cases import TABLES  # noqa: E402
from driver import Rig  # noqa: E402
from message import fields_of  # noqa: E402

README = HERE.parent / "README.md"
BEGIN, END = "<!-- compare.py writes from here -->", "<!-- to here -->"
PEERS = {"lb": peers.lb(), "haproxy": peers.haproxy, "nginx": peers.nginx}


def version_of(name):
    if name == "lb":
        return "lb"
    text = subprocess.run([peers.program(name), "-v"], capture_output=True, text=True, check=True)
    words = (text.stdout + text.stderr).replace("/", " ").split()
    number = next(word for word in words if word[0].isdigit())
    return f"{name} {number.split('-')[0]}"


# Lines that a proxy writes by itself, each its own way.
OWN = {b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port",
       b"x-real-ip", b"via", b"x-request-id", b"connection", b"transfer-encoding",
       b"content-length", b"date", b"server"}


def without_own_lines(case):
    """The case without what only lb writes so: for other proxies."""
    replies = [dataclasses.replace(reply, head=None) for reply in case.replies]
    return dataclasses.replace(case, replies=replies, upstream=None, forwards=len(case.forwards)
                               if isinstance(case.forwards, list) else case.forwards)


def compared(cases):
    return [case for case in cases if case.compares and not case.flags]


def names_of(head):
    return {name.lower() for name, _ in fields_of(head)} - OWN


def mentions(name, data):
    return name + b":" in data.lower()


def notes_on_lines(wanted, got, source):
    """Lines of `source` that should have stayed there and are passed on, or were lost."""
    passed = [n for n in names_of(got) - names_of(wanted) if mentions(n, source)]
    lost = names_of(wanted) - names_of(got)
    return ([f"passes on {n.decode()}" for n in sorted(passed)]
            + [f"loses {n.decode()}" for n in sorted(lost)])


def notes_on_request(wanted, got, sent):
    target = wanted.head.split(b" ", 2)[1]
    if got.target != target:
        yield f"target {got.target.decode('latin-1')}"
    if got.body != wanted.body:
        yield "another body"
    if got.trailers != wanted.trailers:
        yield "other trailers"
    yield from notes_on_lines(wanted.head, got.head, sent)


def notes_of(case, outcome):
    """What was forwarded otherwise than the case wants, in a few words."""
    notes = []
    if isinstance(case.forwards, list) and len(case.forwards) == len(outcome.requests):
        sent = b"".join([case.send] if isinstance(case.send, bytes) else
                        [step for step in case.send if isinstance(step, bytes)])
        for wanted, got in zip(case.forwards, outcome.requests):
            notes += notes_on_request(wanted, got, sent)
    if case.tunnelled is not None and outcome.tunnelled != case.tunnelled:
        notes.append("bytes of the tunnel lost")
    if len(case.replies) == len(outcome.replies):
        answers = b"".join(answer.data + answer.at_head for answer in case.answers)
        for wanted, got in zip(case.replies, outcome.replies):
            if wanted.body is not None and got.status == wanted.status and got.body != wanted.body:
                notes.append("another answer")
            if wanted.head is not None and got.status == wanted.status:
                notes += notes_on_lines(wanted.head, got.head, answers)
            if wanted.interim and not got.interim:
                notes.append("no 1xx")
    return notes


def cell_of(case, outcome):
    """Statuses, what became of the connection, how many requests went on, and what was odd."""
    if outcome.problem and outcome.problem.startswith("to the client"):
        return "malformed answer"
    statuses = " ".join(str(reply.status) for reply in outcome.replies) or "nothing"
    arrow = f" →{len(outcome.requests)}" if outcome.requests else ""
    notes = notes_of(case, outcome)
    if outcome.problem:
        notes.append("forwards malformed bytes")
    return f"{statuses} {outcome.end}{arrow}" + (f" ({', '.join(notes)})" if notes else "")


def essence_of(case, outcome):
    """What must not differ from both others without a reason."""
    statuses = [400 if reply.status >= 400 else reply.status for reply in outcome.replies]
    return (bool(outcome.problem), statuses, len(outcome.requests), outcome.end == "truncated",
            notes_of(case, outcome))


async def run_peer(start, cases):
    rig = await Rig(start, is_patient=False, patience_s=2).open()
    try:
        return await rig.play_all([(case, {}) for case in cases], at_once=1)
    finally:
        await rig.close()


def rows_of(title, cases, outcomes, faults):
    yield f"\n### {title}\n"
    yield "| case | RFC | " + " | ".join(version_of(name) for name in PEERS) + " | why |"
    yield "| --- | --- | " + " | ".join("---" for _ in PEERS) + " | --- |"
    for index, case in enumerate(cases):
        found = [outcomes[name][index] for name in PEERS]
        own, *others = (essence_of(case, outcome) for outcome in found)
        differs = own not in others
        if differs and not case.why:
            faults.append(f"{case.id}: differs from both, and the case does not say why")
        cells = " | ".join(cell_of(case, outcome).replace("|", "\\|") for outcome in found)
        yield f"| {case.id} | {case.rfc} | {cells} | {case.why if differs else ''} |"


def table():
    loop = asyncio.new_event_loop()
    groups = {title: compared(cases) for title, cases in TABLES.items()}
    everything = [case for cases in groups.values() for case in cases]
    results = {name: loop.run_until_complete(run_peer(start, everything))
               for name, start in PEERS.items()}
    loop.close()
    faults, lines, at = [], [], 0
    for title, cases in groups.items():
        part = {name: found[at:at + len(cases)] for name, found in results.items()}
        lines += rows_of(title, cases, part, faults)
        at += len(cases)
    return "\n".join(lines) + "\n", faults


def main():
    text, faults = table()
    if "--print" in sys.argv:
        print(text)
    else:
        before, rest = README.read_text(encoding="utf-8").split(BEGIN)
        after = rest.split(END)[1]
        README.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")
    print("\n".join(faults), file=sys.stderr)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
