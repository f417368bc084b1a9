"""What is wrong with a backend's answers is told to the operator: which rule, and a piece of the bytes;
once for each endpoint and reason."""

import pytest

from support.discovery import endpoint
from support.waiting import wait_for

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
STATUS_LINE = "its answer does not begin with a status line of HTTP/1"
FIELD = "a header field of its answer is malformed"
LENGTH = "Content-Length and Transfer-Encoding of its answer leave open where it ends"
HEAD_BYTES = "the head of its answer is longer than the limit of 65536 bytes; curl "
HEAD_FIELDS = "the head of its answer has more header fields than the limit of 128; curl "
CHUNKS = "the chunks of its answer are malformed"

# What comes, what is said of it, and what the sample begins with.
WRONG = {
    "another protocol": (b"SSH-2.0-OpenSSH_9.2\r\n", STATUS_LINE, r'"SSH-2.0-OpenSSH_9.2\r\n"'),
    "tls": (b"\x15\x03\x01\x00\x02\x02\x46", STATUS_LINE, r'"\x15\x03\x01\x00\x02\x02F"'),
    "http 2": (b"HTTP/2.0 200 OK\r\n\r\n", STATUS_LINE, r'"HTTP/2.0 200 OK\r\n'),
    "no status": (b"HTTP/1.1 OK\r\n\r\n", STATUS_LINE, r'"HTTP/1.1 OK\r\n'),
    "no colon": (HEAD + b"A: b\r\nnonsense\r\nC: d\r\n\r\n", FIELD, r'"nonsense\r\n'),
    "space before colon": (HEAD + b"A : b\r\n\r\n", FIELD, r'"A : b\r\n'),
    "zero byte": (HEAD + b"A: b\0c\r\n\r\n", FIELD, r'"A: b\x00c\r\n'),
    "two lengths": (HEAD + b"A: b\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", LENGTH, '"Content-Length: '),
    "both framings": (HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", LENGTH,
                      '"'),
    "bad length": (HEAD + b"A: b\r\nContent-Length: 1e3\r\n\r\nok", LENGTH, r'"Content-Length: 1e3\r\n'),
    "other coding": (HEAD + b"A: b\r\nTransfer-Encoding: gzip\r\n\r\nok", LENGTH, r'"Transfer-Encoding: gzip\r\n'),
    "coding below chunks": (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
                            "its answer has a Transfer-Encoding other than chunked", '"Transfer-Encoding: gzip, '),
    "many options": (HEAD + b"Connection: %s\r\n\r\n" % b",".join(b"a%d" % i for i in range(500)),
                     "Connection has too many options in its answer", '"HTTP/1.1 200 OK'),
    "endless field": (HEAD + b"A: " + b"b" * 70000, HEAD_BYTES, r'"HTTP/1.1 200 OK\r\nA: bbb'),
    "endless status line": (b"HTTP/1.1 200 " + b"b" * 70000, HEAD_BYTES, '"HTTP/1.1 200 bbb'),
    "too many fields": (HEAD + b"".join(b"A%d: b\r\n" % i for i in range(1, 200)) + b"\r\n", HEAD_FIELDS, r'"A'),
    "chunk garbage": (CHUNKED + b"2\r\nok\r\nnonsense\r\n", CHUNKS, r'"nonsense\r\n"'),
    "endless chunk": (CHUNKED + b"fffffffffffffffff\r\n", CHUNKS, '"fff'),
    "unasked 101": (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
                    "it answered 101 to a request that did not ask for that protocol", '"HTTP/1.1 101 '),
    "unasked bytes": (HEAD + b"Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n",
                      "it sent bytes that belong to no answer; ", r'"HTTP/1.1 200 OK\r\n'),
}


def complaints(lb, name="", is_over=True):
    """All that were made, of that endpoint; those of a running lb may still be on their way."""
    if is_over:
        lb.stop()
    return [m for m in lb.messages() if m.startswith(f"{name} (127.0.0.1:" if name else "127.0.0.1:")]


@pytest.mark.parametrize("case", WRONG)
def test_wrong_answer_is_named_once(case, start_lb, start_backend, connect):
    def script(connection):
        connection.read_request()
        connection.send(answer)
        connection.wait_end()

    answer, sentence, sample = WRONG[case]
    lb = start_lb(backends=[start_backend(script)])
    for _ in range(3):
        client = connect(lb)
        client.get(fields=["Connection: close"])
    said = complaints(lb)
    assert len(said) == 1
    assert sentence in said[0] and f": {sample}" in said[0]
    assert len(said[0]) < 500


@pytest.mark.parametrize("part", [b"HTTP/1.1 2", HEAD, HEAD + b"Content-Le"])
def test_end_within_a_head(part, start_lb, start_backend, connect):
    lb = start_lb(backends=[start_backend(lambda c: (c.read_request(), c.send(part)))])
    for _ in range(3):
        assert connect(lb).get().status == 502
    said = complaints(lb)
    assert len(said) == 1
    assert 'the connection ended within the head of its answer: "HTTP/1.1 2' in said[0]


@pytest.mark.parametrize("foreign, shown", [
    (b"\x1b[2J\x1b]0;owned\x07", r"\x1b[2J\x1b]0;owned\x07"), (b"\xff\xfe\xc3", r"\xff\xfe\xc3"),
    (b"\xe2\x80\xaegnp.exe", r"\xe2\x80\xaegnp.exe"), (b"\xc2\x9b31m", r"\xc2\x9b31m"),
    (b'" ok\\', r"\x22 ok\x5c"), (b"\r\n2026 fake line\n", r"\r\n2026 fake line\n"), (b"\t\x7f\0", r"\x09\x7f\x00")])
def test_sample_is_escaped(foreign, shown, start_lb, start_backend, connect):
    lb = start_lb(backends=[start_backend(b"x" + foreign + b"\r\n")])
    assert connect(lb).get().status == 502
    assert [m.split(": ", 1)[1] for m in complaints(lb)] == [f'{STATUS_LINE}: "x{shown}\\r\\n"']
    raw = "".join(lb.stderr_lines)
    assert raw.isascii() and raw.isprintable()


def test_sample_is_bounded(start_lb, start_backend, connect):
    lb = start_lb(backends=[start_backend(b"x" * 200 + b"\r\n")])
    assert connect(lb).get().status == 502
    assert complaints(lb)[0].endswith(': "%s" …' % ("x" * 80))


def test_other_reasons_and_other_endpoints_anew(start_lb, start_backend, connect, discovery):
    lb = start_lb(*discovery.flags)
    answers = [WRONG["no status"][0], WRONG["no colon"][0]]
    backends = [start_backend(lambda c: (c.read_request(), c.send(answers[0]), c.wait_end())) for _ in range(2)]
    one, two = [endpoint(name, backend.address) for name, backend in zip(["one", "two"], backends)]
    client = connect(lb)

    def get_three(name, expected):
        assert [client.get().status for _ in range(3)] == [502] * 3
        wait_for(lambda: [m.split(": ")[1] for m in complaints(lb, name, is_over=False)] == expected,
                 f"all is said of {name}")
    discovery.send(one)
    lb.wait_ready(1)
    get_three("one", [STATUS_LINE])
    answers.pop(0)
    get_three("one", [STATUS_LINE, FIELD])
    discovery.send({**one, "weight": 7})  # the same server
    wait_for(lambda: lb.endpoints()["one"]["weight"] == 7, "the weight has changed")
    get_three("one", [STATUS_LINE, FIELD])
    discovery.send(two)
    wait_for(lambda: lb.states() == {"two": "ready"}, "the second one has replaced it")
    get_three("two", [FIELD])
    assert len(complaints(lb, "one") + complaints(lb, "two")) == 3


def test_no_flood(start_lb, start_backend, connect):
    """Each answer is wrong in another way, as it has another sample."""
    def script(connection):
        number = connection.read_request().target
        connection.send(b"HTTP/1.1 200 OK\r\nline without a colon %s\r\n\r\n" % number.encode())
        connection.wait_end()

    lb = start_lb(backends=[start_backend(script)])
    client = connect(lb)
    client.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: test\r\n\r\n" % i for i in range(1000)))
    assert [client.read_response().status for _ in range(1000)] == [502] * 1000
    assert len(complaints(lb)) == 1
