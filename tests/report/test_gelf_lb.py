"""lb --gelf: what lb and its programs write arrives at a receiver, by lb-report in its jail; requests never wait for it."""

import json
import os
import signal

import pytest
from gelf_receivers import Graygelf, TcpReceiver, UdpReceiver, texts
from support import processes
from support.fixtures import connect, make_cleanup, start_backend, start_lb  # noqa: F401
from support.waiting import wait_for


def lines_of(messages):
    return [json.loads(text) for text in texts(messages)]


def access_lines(messages):
    return [line for line in lines_of(messages) if line.get("event", {}).get("dataset") == "lb.access"]


def operator_words(messages):
    return [line["message"] for line in lines_of(messages) if "log.level" in line]


def reporter_of(lb):
    """The process id of lb-report, once it runs."""
    return wait_for(lambda: next((pid for pid in processes.children(lb.pid) if processes.name_of(pid) == "lb-report"), None),
                    "lb-report runs")


@pytest.mark.parametrize("kind", [Graygelf, UdpReceiver, TcpReceiver])
def test_all_lines_arrive(open_receiver, start_lb, start_backend, connect, kind):
    """Those of the access log as well, where it goes nowhere else."""
    receiver = open_receiver(kind)
    lb = start_lb(f"--gelf={receiver.url}", "--gelf-host=edge1", "--access-log=off", backends=[start_backend()])
    for number in range(100):
        connect(lb).get(target=f"/{number}")
    wait_for(lambda: len(access_lines(receiver.messages)) == 100, "all requests")
    lb.stop()
    words = [line["message"] for line in map(json.loads, lb.stderr_lines) if line["log.logger"] != "lb-report"]
    words = words[next(i for i, word in enumerate(words) if word.startswith("admin on ")):]  # before, nobody listens
    wait_for(lambda: "stopped" in operator_words(receiver.messages), "the last word")
    told = operator_words(receiver.messages)[-len(words):]
    assert told == words or (kind is Graygelf and sorted(told) == sorted(words))  # it unpacks several at a time
    assert {message["host"] for message in receiver.messages} == {"edge1"}
    assert {message["_tag"] for message in receiver.messages} == {"lb"}
    assert {line["url"]["path"] for line in access_lines(receiver.messages)} == {f"/{number}" for number in range(100)}
    loggers = {message.get("_logger") for message in receiver.messages}
    assert {"access", "lb"} <= loggers


def test_a_name(open_receiver, start_lb, start_backend, connect):
    """It is asked for inside the jail."""
    receiver = open_receiver(TcpReceiver)
    lb = start_lb(f"--gelf=tcp://localhost:{receiver.port}", backends=[start_backend()])
    connect(lb).get(target="/one")
    wait_for(lambda: access_lines(receiver.messages), "it has it")


def test_requests_do_not_wait(open_receiver, start_lb, start_backend, connect):
    """Neither for a receiver that takes nothing, nor for lb-report when it hangs or is killed."""
    receiver = open_receiver(TcpReceiver, reads=False)
    lb = start_lb(f"--gelf={receiver.url}", backends=[start_backend()])
    reporter = reporter_of(lb)
    wait_for(lambda: receiver.connections, "it is connected")
    lb_client = connect(lb)
    os.kill(reporter, signal.SIGSTOP)
    for number in range(3000):
        lb_client.request(target="/" + "x" * 2000 + str(number))
        assert lb_client.read_response().status == 200
    os.kill(reporter, signal.SIGKILL)
    wait_for(lambda: reporter_of(lb) != reporter, "another one")
    receiver.may_read.set()

    def arrives():  # not the first ones, which found no room yet
        connect(lb).get(target="/after")
        return any(line["url"]["path"] == "/after" for line in access_lines(receiver.messages))

    wait_for(arrives, "lines of then", pause_s=0.1)
