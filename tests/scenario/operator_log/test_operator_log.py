"""The operator log: a line for each change of the pool and each trouble, but never a storm."""

import re

import pytest

from support.discovery import endpoint

LINE = re.compile(r"appserver: \w+ ready, (\d+) endpoints?, \d+\.\d ms after start")
REST = re.compile(r"… and (\d+) more changes, the last one: (.*)")


@pytest.fixture
def lb(start_lb, discovery):
    return start_lb(*discovery.flags)


def test_one_line_for_each_change(lb, discovery, start_backend):
    first, second = start_backend(), start_backend()
    discovery.send(endpoint("one", first.address))
    lb.wait_message("one ready, 1 endpoint, ")
    discovery.send(endpoint("one", first.address), endpoint("two", second.address))
    lb.wait_message("two ready, 2 endpoints, ")
    discovery.send(endpoint("two", second.address))
    lb.wait_message("appserver: one gone, 1 endpoint$")
    changes = [message for message in lb.messages() if message.startswith("appserver: ")]
    assert len(changes) == 3
    assert all(map(LINE.fullmatch, changes[:2]))


def test_500_at_once_are_few_lines(lb, discovery, start_backend):
    address = start_backend().address
    many = [endpoint(f"web{number}", address) for number in range(500)]
    discovery.send(*many)
    lb.wait_ready(500)
    lb.wait_message("… and .* more changes, the last one: appserver: web.* ready, 500 endpoints")
    lines = [match for match in map(LINE.fullmatch, lb.messages()) if match]
    rests = [match for match in map(REST.fullmatch, lb.messages()) if match]
    assert len(lines) + sum(int(match[1]) for match in rests) == 500
    assert len(lines) <= 60  # 20 in each second that it took
    seen = len(lb.messages())
    discovery.send(many[0])
    lb.wait_message("… and .* more changes, the last one: .* gone, 1 endpoint", since=seen)


def test_few_after_many_are_said_again(lb, discovery, start_backend):
    address = start_backend().address
    many = [endpoint(f"web{number}", address) for number in range(40)]
    discovery.send(*many)
    lb.wait_message("ready, 40 endpoints")
    discovery.send(*many, endpoint("late", address))
    lb.wait_message("appserver: late ready, 41 endpoints")


def test_what_was_not_said_is_said_at_the_end(lb, discovery, start_backend):
    address = start_backend().address
    discovery.send(*[endpoint(f"web{number}", address) for number in range(100)])
    lb.wait_ready(100)
    lb.stop()
    total = sum(1 for message in lb.messages() if LINE.fullmatch(message)) + \
        sum(int(match[1]) for match in map(REST.fullmatch, lb.messages()) if match)
    assert total == 100


def test_the_same_trouble_is_said_once_and_counted(lb, discovery):
    for _ in range(50):
        discovery.send_bytes(b"nonsense\n")
    discovery.send_bytes(b'{"v":9}\n')
    lb.wait_message("a line of lb-discovery was refused: v: want version 1")
    before = [message for message in lb.messages() if "was refused" in message]
    assert len(before) == 2
    lb.stop()
    counted = [message for message in lb.messages() if message.startswith("49 more times: ")]
    assert len(counted) == 1 and before[0] in counted[0]
