"""Ten thousand certificates: how long lb takes to start with them, what they weigh, and what watching them costs."""

import time

import pytest

from support.certificates import write_pair
from support.processes import cpu_seconds
from support.program import sanitizer

COUNT = 10000 if not sanitizer() else 300


def fill(folder, identity, count):
    """As many files as that, each with the same in it: lb reads each for itself."""
    for number in range(count):
        (folder / f"h{number}.test.key").write_text(identity.key)
        (folder / f"h{number}.test.crt").write_text(identity.full_chain)


@pytest.mark.slow("ten thousand certificates are read")
def test_ten_thousand(start, made, folder):
    identity, other = made("h0.test"), made("h0.test", turn=1)
    empty = start()
    weight = empty.lb.rss_bytes()
    empty.lb.end()
    fill(folder, identity, COUNT)
    begin = time.monotonic()
    lb = start()
    took = time.monotonic() - begin
    assert lb.lb.metrics().value("lb_certificates") == COUNT
    assert lb.lb.metrics().sum("lb_certificate_not_after_seconds") > 0
    weight = (lb.lb.rss_bytes() - weight) / COUNT
    for number in (0, 1, COUNT // 2, COUNT - 1):
        assert lb.shows(f"h{number}.test", identity)
    assert lb.shows(f"www.h{COUNT - 1}.test", identity)
    assert lb.shows(f"h{COUNT}.test", None)
    used, begin = cpu_seconds(lb.lb.proxy_pid), time.monotonic()
    write_pair(folder, "h77.test", other)
    lb.wait_shown("h77.test", other)
    seen = time.monotonic() - begin
    time.sleep(max(0, begin + 15 - time.monotonic()))
    share = (cpu_seconds(lb.lb.proxy_pid) - used) / (time.monotonic() - begin)
    print(f"started in {took:.2f} s, {weight / 1024:.1f} KiB each, a change seen in {seen:.1f} s, {share:.1%} of a core")
    assert sanitizer() or (took < 60 and seen < 20)
    assert sanitizer() or (weight < 40 * 1024 and share < 0.10)
