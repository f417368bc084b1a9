"""lb/gelf against a receiver that others wrote, npm's graygelf 2.0: whatever is sent, it reads the same."""

import json
import random

import pytest
from gelf_receivers import Graygelf, Pipe
from support.waiting import wait_for

ACCESS = ('{"@timestamp":"2026-11-22T02:30:00.123456Z","message":"GET / 200","log":{"level":"info","logger":"access"},'
          '"lb":{"end":"ok"}}')
OPERATOR = ('{"@timestamp":"2026-11-22T02:30:01.500000Z","log.level":"warn","log.logger":"lb-discovery",'
            '"message":"it is \\"away\\""}')
HOSTILE = [b"plain words", b"\xff\xfe\xc0\xaf", "é€😀‮".encode(), b"a\x00b\x1b[31mc", b'{"half":', b'"' * 3000,
           b"\\" * 3000, b"\xff" * 65536, b"x" * 65536, bytes(random.Random(5).randbytes(20000)).replace(b"\n", b"")]


@pytest.fixture(name="receiver")
def start_receiver():
    receiver = Graygelf()
    yield receiver
    receiver.close()


def shown(line):
    """As it arrives: no UTF-8 becomes U+FFFD, above 16 KiB it is cut."""
    text, at = [], 0
    cut = line[:16384]
    if len(line) > 16384:
        back = 0
        while back < 3 and line[16384 - back] & 0xC0 == 0x80:
            back += 1
        cut = line[:16384 - back]
    while at < len(cut):
        for size in (1, 2, 3, 4):
            try:
                text.append(cut[at:at + size].decode())
                break
            except UnicodeDecodeError:
                continue
        else:
            text.append("\ufffd")
            size = 1
        at += size
    return "".join(text) + ("…" if len(line) > 16384 else "")


@pytest.mark.parametrize("compression, begin", [("none", "7b22"), ("gzip", "1f8b"), ("zlib", "7801")])
def test_it_reads_all(receiver, tmp_path, compression, begin):
    lines = [ACCESS.encode(), OPERATOR.encode(), *HOSTILE]
    pipe = Pipe(tmp_path, receiver.url, compression)
    pipe.put(*lines)
    pipe.close()
    wait_for(lambda: len(receiver.messages) >= len(lines), "all messages")
    by_text = {message["short_message"]: message for message in receiver.messages}
    assert not receiver.errors
    assert len(receiver.messages) == len(lines) == pipe.counts()["sent"]
    for line in lines:
        assert shown(line) in by_text, line[:60]
    assert pipe.counts()["sent_bytes"] == sum(size for size, _ in receiver.datagrams)
    assert max(size for size, _ in receiver.datagrams) <= 1420
    assert {head for _, head in receiver.datagrams} == {begin, "1e0f"}
    assert {k: v for k, v in by_text[ACCESS].items() if k != "short_message"} == {
        "version": "1.1", "host": "box", "timestamp": 1795314600.123, "level": 6, "_tag": "lb", "_logger": "access"}
    assert {k: v for k, v in by_text[OPERATOR].items() if k != "short_message"} == {
        "version": "1.1", "host": "box", "timestamp": 1795314601.5, "level": 4, "_tag": "lb", "_logger": "lb-discovery"}
    assert json.loads(by_text[OPERATOR]["short_message"])["message"] == 'it is "away"'


def test_smaller_datagrams(receiver, tmp_path):
    pipe = Pipe(tmp_path, receiver.url, "none", datagram_bytes=100)
    pipe.put(b"x" * 5000, ACCESS, b"y" * 20000)  # the last one does not fit into 128 of them
    pipe.close()
    wait_for(lambda: len(receiver.messages) >= 2, "both that fit")
    assert [message["short_message"] for message in receiver.messages] == ["x" * 5000, ACCESS]
    assert max(size for size, _ in receiver.datagrams) == 100
    assert pipe.counts()["dropped_error"] == 1
