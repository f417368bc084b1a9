"""Whether the outcome of a case is what it wants."""

import re

from case import id_of

DATE_LINE = re.compile(rb"(?<=\r\n)Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n")


def same_request(wanted, got, host):
    """None, or what is wrong with a request at the backend."""
    head = wanted.head.replace(b"{client}", host).replace(b"{request id}", id_of(got.head))
    if got.head != head:
        return f"the backend got\n  {got.head!r}, not\n  {head!r}"
    for what in ("body", "trailers", "framing"):
        if getattr(got, what) != getattr(wanted, what):
            return f"the backend got {what} {getattr(got, what)!r}, not {getattr(wanted, what)!r}"
    return None


def same_reply(wanted, got):
    statuses = (wanted.status,) if isinstance(wanted.status, int) else wanted.status
    if got.status not in statuses:
        return f"the client got status {got.status}, not {wanted.status}: {got.head!r}"
    for what in ("head", "body", "framing", "trailers"):
        expected, came = getattr(wanted, what), getattr(got, what)
        if expected is not None and what == "head" and b"\r\nDate: " not in expected:
            came = DATE_LINE.sub(b"", came, count=1)  # lb's, where the backend gave none
        if expected is not None and came != expected:
            return f"the client got {what}\n  {came!r}, not\n  {expected!r}"
    if wanted.interim is not None and got.interim != tuple(wanted.interim):
        return f"the client got before it {got.interim!r}, not {wanted.interim!r}"
    return None


def judge(case, outcome, is_alone=True):
    """None if the outcome is what the case wants, else what is wrong, in words. While other cases
    run, the next request may come over any of the kept connections."""
    if outcome.problem:
        return outcome.problem
    problem = judge_requests(case, outcome)
    if problem or (case.may_truncate and outcome.end == "truncated" and not outcome.replies):
        return problem
    if len(outcome.replies) != len(case.replies):
        return (f"{len(outcome.replies)} replies, not {len(case.replies)}, and {outcome.end}: "
                f"{outcome.replies}")
    for wanted, got in zip(case.replies, outcome.replies):
        problem = same_reply(wanted, got)
        if problem:
            return problem
    end = "kept" if case.may_truncate else case.end
    if outcome.end != end:
        return f"the connection was {outcome.end}, not {case.end}"
    if case.tunnelled is not None and outcome.tunnelled != case.tunnelled:
        return f"through the tunnel came {outcome.tunnelled!r}, not {case.tunnelled!r}"
    if (case.upstream and outcome.upstream and outcome.upstream != case.upstream
            and (is_alone or case.upstream == "closed")):
        return f"the backend's connection was {outcome.upstream}, not {case.upstream}"
    return None


def judge_requests(case, outcome):
    wanted = case.forwards
    if wanted is None:
        return None
    count = wanted if isinstance(wanted, int) else len(wanted)
    if len(outcome.requests) != count:
        return (f"the backend got {len(outcome.requests)} requests, not {count}: "
                f"{[r.head for r in outcome.requests]}; the client got {outcome.replies}")
    if isinstance(wanted, int):
        return None
    for expected, got in zip(wanted, outcome.requests):
        host = got.all(b"x-forwarded-for")[-1].split(b",")[-1].strip()
        problem = same_request(expected, got, host)
        if problem:
            return problem
    return None
