"""lb-report follows a receiver that moves, and counts on its page what becomes of lines."""

import pytest
from gelf_receivers import Names, TcpReceiver, UdpReceiver, texts
from support.program import sanitizer
from support.waiting import wait_for


@pytest.mark.parametrize("kind, scheme", [(UdpReceiver, "udp"), (TcpReceiver, "tcp")])
def test_it_moves(open_receiver, start_report, tmp_path, kind, scheme):
    """The name is asked for again as soon as the old place answers no more."""
    if sanitizer():
        pytest.skip("sanitizers want to be the first library")
    names = Names(tmp_path)
    first = open_receiver(kind)
    names.tell(logs=["127.0.0.1"])
    report = start_report(f"--gelf={scheme}://logs:{first.port}", "--gelf-host=box", env=names.env)
    report.tell("L", "one\n")
    wait_for(lambda: texts(first.messages) == ["one"], "the first place has it")
    second = open_receiver(kind, "127.0.0.2", first.port)
    names.tell(logs=["127.0.0.2"])
    first.close()
    sent = []

    def arrives():
        sent.append(f"after {len(sent)}")
        report.tell("A", sent[-1] + "\n")
        return second.messages

    wait_for(arrives, "the second place has them", pause_s=0.05)
    wait_for(lambda: report.count("gelf_waiting") == 0, "all went")
    assert report.count("gelf_reconnects") >= 1
    assert report.count("gelf_dropped_queue") == 0
    wait_for(lambda: texts(second.messages)[-1] == sent[-1], "the last one")


def test_counts(open_receiver, start_report):
    receiver = open_receiver(TcpReceiver, reads=False)
    report = start_report(f"--gelf={receiver.url}", "--gelf-host=box")
    put = 0
    while report.count("gelf_dropped_queue") < 100:
        report.tell("A", ("x" * 7000 + "\n") * 4)
        put += 4
    wait_for(lambda: report.count("gelf_sent") + report.count("gelf_waiting") + report.count("gelf_dropped_queue") == put,
             "all are counted")
    receiver.may_read.set()
    wait_for(lambda: report.count("gelf_waiting") == 0, "it drains")
    wait_for(lambda: len(receiver.messages) == report.count("gelf_sent"), "all that were sent")
    assert report.count("gelf_sent_bytes") > 7000 * report.count("gelf_sent")
