"""Receivers that are not there yet, move, hang, die and come back: nobody who puts a line waits, what can be kept is kept,
and what is lost is counted."""

import time

import pytest
from gelf_receivers import Names, Pipe, TcpReceiver, UdpReceiver, texts
from support.program import sanitizer
from support.waiting import wait_for

SOON_MS = 50


@pytest.fixture(name="names")
def make_names(tmp_path):
    if sanitizer():
        pytest.skip("sanitizers want to be the first library")
    return Names(tmp_path)


@pytest.mark.parametrize("kind, scheme", [(UdpReceiver, "udp"), (TcpReceiver, "tcp")])
def test_it_moves(open_receiver, names, tmp_path, kind, scheme):
    first = open_receiver(kind)
    second = open_receiver(kind, "127.0.0.2", first.port)
    names.tell(logs=["127.0.0.1"])
    pipe = Pipe(tmp_path, f"{scheme}://logs:{first.port}", env=names.env, resolve_ms=SOON_MS)
    pipe.put("one")
    wait_for(lambda: texts(first.messages) == ["one"], "the first place has it")
    names.tell(logs=["127.0.0.2"])
    sent = 0

    def arrives():
        nonlocal sent
        pipe.put(f"after {sent}")
        sent += 1
        return second.messages

    wait_for(arrives, "the second place gets them", pause_s=0.02)
    pipe.close()
    assert pipe.counts()["reconnects"] == 1
    wait_for(lambda: len(first.messages) + len(second.messages) == sent + 1, "none is lost")


def test_a_name_that_is_not_known_yet(open_receiver, names, tmp_path):
    """Lines wait for it, and who puts them does not."""
    receiver = open_receiver(UdpReceiver)
    names.tell(logs=[])
    pipe = Pipe(tmp_path, f"udp://logs:{receiver.port}", env=names.env, resolve_ms=SOON_MS)
    pipe.put(*map(str, range(100)))
    pipe.wait_count("waiting", 100)
    wait_for(lambda: pipe.words, "a word")
    assert pipe.words[0].startswith("trouble: GELF cannot be sent: logs has no address: ")
    names.tell(logs=["127.0.0.1"])
    wait_for(lambda: len(receiver.messages) == 100, "all of them")
    pipe.close()
    assert texts(receiver.messages) == list(map(str, range(100)))
    assert pipe.words[-1] == "well: GELF is sent again" and len(pipe.words) == 2


def test_the_resolver_hangs(open_receiver, names, tmp_path):
    """At the next question: what is known is used. At the end: nobody waits for it."""
    receiver = open_receiver(UdpReceiver)
    names.tell(logs=["127.0.0.1"])
    pipe = Pipe(tmp_path, f"udp://logs:{receiver.port}", env=names.env, resolve_ms=SOON_MS)
    pipe.put("one")
    wait_for(lambda: receiver.messages, "the first")
    names.tell(other=["127.0.0.1"])  # logs is never answered from now on
    time.sleep(SOON_MS * 3 / 1000)
    pipe.put("two")
    wait_for(lambda: len(receiver.messages) == 2, "the second, without an answer")
    pipe.close()
    assert pipe.counts()["dropped_queue"] == 0


def test_udp_dies_and_returns(open_receiver, tmp_path):
    first = open_receiver(UdpReceiver)
    pipe = Pipe(tmp_path, first.url)
    pipe.put("one")
    wait_for(lambda: first.messages, "the first")
    first.close()
    pipe.put("lost")
    pipe.wait_count("dropped_error")
    pipe.put(*[f"kept {i}" for i in range(50)])
    second = open_receiver(UdpReceiver, "127.0.0.1", first.port)
    wait_for(lambda: len(second.messages) == 50, "what waited")
    pipe.close()
    assert texts(second.messages) == [f"kept {i}" for i in range(50)]
    assert pipe.counts()["dropped_error"] == 1 and pipe.counts()["dropped_queue"] == 0
    assert [word.partition(":")[0] for word in pipe.words] == ["trouble", "well"]


def test_tcp_dies_and_returns(open_receiver, tmp_path):
    first = open_receiver(TcpReceiver)
    pipe = Pipe(tmp_path, first.url, "gzip")  # not over TCP
    pipe.put("one")
    wait_for(lambda: first.messages, "the first")
    first.close()
    wait_for(lambda: pipe.words, "it is told")
    pipe.put(*[f"kept {i}" for i in range(500)])
    pipe.wait_count("waiting", 500)
    second = open_receiver(TcpReceiver, "127.0.0.1", first.port)
    wait_for(lambda: len(second.messages) == 500, "what waited")
    pipe.close()
    assert texts(second.messages) == [f"kept {i}" for i in range(500)]
    assert pipe.counts()["reconnects"] == 1 and pipe.counts()["dropped_queue"] == 0
    assert "closed the connection" in pipe.words[0] and pipe.words[-1] == "well: GELF is sent again"


def test_tcp_that_is_cut_off_in_a_message(open_receiver, tmp_path):
    """It is sent again from its beginning: a receiver never gets the end of one without its beginning."""
    receiver = open_receiver(TcpReceiver, reads=False)
    pipe = Pipe(tmp_path, receiver.url, queue_bytes=1 << 24)
    lines = [f"{i} " + "x" * 10000 for i in range(600)]  # more than the kernel takes
    pipe.put(*lines)
    wait_for(lambda: pipe.counts()["waiting"] > 0 and receiver.connections, "the kernel takes no more")
    receiver.hang_up()
    receiver.may_read.set()
    pipe.close()
    wait_for(lambda: texts(receiver.messages)[-1:] == lines[-1:], "the last one")
    got = texts(receiver.messages)
    assert set(got) <= set(lines)
    assert got[-200:] == lines[-200:]


def test_tcp_hangs(open_receiver, tmp_path):
    """The queue fills, the rest is dropped and counted; when it reads again, all that waited comes."""
    receiver = open_receiver(TcpReceiver, reads=False)
    pipe = Pipe(tmp_path, receiver.url, queue_bytes=200_000)
    put = 0
    while pipe.counts()["dropped_queue"] < 500:
        pipe.put(*[f"{put + i} " + "x" * 5000 for i in range(100)])  # would block if it were not read
        put += 100
    receiver.may_read.set()
    wait_for(lambda: pipe.counts()["waiting"] == 0, "it drains")
    pipe.close()
    counts = pipe.counts()
    assert any("lines for GELF are dropped" in word for word in pipe.words)
    assert counts["sent"] + counts["dropped_queue"] == put
    wait_for(lambda: len(receiver.messages) == counts["sent"], "all that were sent")
    assert len(set(texts(receiver.messages))) == counts["sent"]


def test_tcp_hangs_at_the_end(open_receiver, tmp_path):
    """Two seconds are the most."""
    receiver = open_receiver(TcpReceiver, reads=False)
    pipe = Pipe(tmp_path, receiver.url, queue_bytes=1 << 25)
    pipe.put(*["x" * 10000] * 2000)  # more than a kernel takes
    wait_for(lambda: pipe.counts()["waiting"] > 0 and receiver.connections, "some wait")
    before = time.monotonic()
    pipe.close()
    assert 1.5 < time.monotonic() - before < 10
    assert sum(pipe.counts()[name] for name in ("sent", "dropped_queue")) == 2000


def test_tcp_takes_nothing_for_too_long(open_receiver, tmp_path):
    receiver = open_receiver(TcpReceiver, reads=False)
    pipe = Pipe(tmp_path, receiver.url, stall_ms=200, queue_bytes=1 << 24)
    pipe.put(*[f"{i} " + "x" * 10000 for i in range(600)])
    wait_for(lambda: len(receiver.connections) > 1, "it comes again")
    assert any("takes nothing any more" in word for word in pipe.words)
    receiver.may_read.set()
    wait_for(lambda: any(text.startswith("599 ") for text in texts(receiver.messages)), "the last")
    pipe.close()


def test_tcp_talks_back(open_receiver, tmp_path):
    """What a receiver says is read away, whatever it is."""
    receiver = open_receiver(TcpReceiver)
    pipe = Pipe(tmp_path, receiver.url)
    pipe.put("one")
    wait_for(lambda: receiver.messages, "the first")
    receiver.connections[0].sendall(b"\xff" * 1_000_000)
    pipe.put("two")
    wait_for(lambda: len(receiver.messages) == 2, "the second")
    pipe.close()
    assert pipe.counts()["reconnects"] == 0
