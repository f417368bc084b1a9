"""lb --gelf: what lb and its programs write arrives at a receiver, by lb-report in its jail; requests never wait for it."""

import json
import signal

import pytest
from gelf_receivers import Graygelf, Names, TcpReceiver, UdpReceiver, texts
from support import processes
from support.program import sanitizer
from support.waiting import wait_for


@pytest.fixture(name="open_receiver")
def make_receivers(cleanup):
    def open_receiver(kind, *args, **kwargs):
        receiver = kind(*args, **kwargs)
        cleanup.callback(receiver.close)
        return receiver
    return open_receiver


def lines_of(messages):
    return [json.loads(text) for text in texts(messages)]


def access_lines(messages):
    return [line for line in lines_of(messages) if line.get("event", {}).get("dataset") == "lb.access"]


def counts_of(lb):
    """What /process tells of GELF's delivery, or what metrics tell of it."""
    return {name: value for name, value in lb.metrics().samples.items() if "gelf" in str(name)}


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
    lb.signal(signal.SIGTERM)
    wait_for(lambda: any("stopping" in line["message"] or "stop" in line["message"] for line in lines_of(receiver.messages)),
             "the last words")
    assert {message["host"] for message in receiver.messages} == {"edge1"}
    assert {message["_tag"] for message in receiver.messages} == {"lb"}
    assert {line["url"]["path"] for line in access_lines(receiver.messages)} == {f"/{number}" for number in range(100)}
    told = [line["message"] for line in lines_of(receiver.messages) if "log.level" in line]
    assert any(message.startswith("listening on") for message in told), told
    loggers = {message.get("_logger") for message in receiver.messages}
    assert {"access", "lb"} <= loggers


def test_it_moves(open_receiver, start_lb, start_backend, connect, tmp_path):
    if sanitizer():
        pytest.skip("sanitizers want to be the first library")
    names = Names(tmp_path)
    first = open_receiver(UdpReceiver)
    names.tell(logs=["127.0.0.1"])
    lb = start_lb(f"--gelf=udp://logs:{first.port}", backends=[start_backend()], env=names.env)
    connect(lb).get(target="/one")
    wait_for(lambda: access_lines(first.messages), "the first place has it")
    second = open_receiver(UdpReceiver, "127.0.0.2", first.port)
    first.close()
    names.tell(logs=["127.0.0.2"])  # asked for as soon as the first one refuses

    def arrives():
        connect(lb).get(target="/two")
        return access_lines(second.messages)

    wait_for(arrives, "the second place has them", pause_s=0.1)


def test_requests_do_not_wait(open_receiver, start_lb, start_backend, connect):
    """Neither for a receiver that takes nothing, nor for lb-report when it hangs or is killed."""
    receiver = open_receiver(TcpReceiver, reads=False)
    lb = start_lb(f"--gelf={receiver.url}", backends=[start_backend()])
    reporter = reporter_of(lb)
    wait_for(lambda: receiver.connections, "it is connected")
    lb_client = connect(lb)
    import os
    os.kill(reporter, signal.SIGSTOP)
    for number in range(3000):
        lb_client.request(target="/" + "x" * 2000 + str(number))
        assert lb_client.read_response().status == 200
    os.kill(reporter, signal.SIGKILL)
    wait_for(lambda: reporter_of(lb) != reporter, "another one")
    receiver.may_read.set()
    connect(lb).get(target="/after")
    wait_for(lambda: any(line["url"]["path"] == "/after" for line in access_lines(receiver.messages)), "lines of then")
