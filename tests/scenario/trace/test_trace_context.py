"""Trace context (W3C Trace Context level 1) and Sentry's headers: passed on to the byte, in the log, and made where
lb is told so. What is valid is judged by appserver too, whose code knows nothing of lb's."""

import re

import pytest

ID = "0af7651916cd43dd8448eb211c80319c"
OTHER = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "b7ad6b7169203331"
GOOD = f"00-{ID}-{SPAN}-01"
MADE = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-(0[01])")

# Lines as they are sent, the trace that they are of.
CASES = {
    "none": ([], None),
    "W3C": ([f"traceparent: {GOOD}", "tracestate: rojo=00f067aa0ba902b7 , congo=t61rcWkgMzE"], ID),
    "odd spaces and letters": ([f"TraceParent:{GOOD}\t ", "TRACESTATE:  a=b", "tracestate: c=d"], ID),
    "not sampled": ([f"traceparent: 00-{ID}-{SPAN}-00"], ID),
    "a later version": ([f"traceparent: cc-{ID}-{SPAN}-01-what-will-be"], ID),
    "Sentry": ([f"sentry-trace: {ID}-{SPAN}-1", "baggage: sentry-trace_id=x,sentry-environment=a%20b"], ID),
    "Sentry, the id alone": ([f"Sentry-Trace: {ID}"], ID),
    "both": ([f"sentry-trace: {OTHER}-{SPAN}-1", f"traceparent: {GOOD}"], ID),
    "Sentry behind nonsense": (["traceparent: nonsense", f"sentry-trace: {OTHER}-{SPAN}-0"], OTHER),
    "twice": ([f"traceparent: {GOOD}", f"traceparent: {GOOD}"], None),
    "twice, but for Sentry": ([f"traceparent: {GOOD}", "traceparent: x", f"sentry-trace: {OTHER}"], OTHER),
    "Sentry's twice": ([f"sentry-trace: {ID}", f"sentry-trace: {ID}"], None),
    "a list": ([f"traceparent: {GOOD},{GOOD}"], None),
    "zeros": ([f"traceparent: 00-{'0' * 32}-{SPAN}-01", "tracestate: a=b"], None),
    "zeros as a span": ([f"traceparent: 00-{ID}-{'0' * 16}-01"], None),
    "capitals": ([f"traceparent: 00-{ID.upper()}-{SPAN}-01"], None),
    "more than version 00 has": ([f"traceparent: {GOOD}-more"], None),
    "version ff": ([f"traceparent: ff-{ID}-{SPAN}-01"], None),
    "short": ([f"traceparent: 00-{ID}-{SPAN}"], None),
    "empty": (["traceparent:", "tracestate:", "sentry-trace:", "baggage:"], None),
    "quotes and markup": (["traceparent: \"><script>", "sentry-trace: ${jndi:ldap://x}"], None),
    "octets": (["traceparent: \xff\xfe\x80", f"sentry-trace: {ID}\xe9"], None),
    "long": (["traceparent: " + "0" * 6000], None),
    "tracestate alone": (["tracestate: a=b"], None),
}
NAMES = ("traceparent", "tracestate", "sentry-trace", "baggage")


def trace_lines(head):
    """The lines of these fields as they came, byte for byte."""
    return [line for line in head.raw.split(b"\r\n")[1:]
            if line.split(b":")[0].decode().lower() in NAMES]


def sent(lines):
    return [line.encode("latin-1") for line in lines]


@pytest.mark.parametrize("case", CASES)
def test_passed_on_to_the_byte(case, start_lb, start_backend, connect, trace_log):
    lines, trace_id = CASES[case]
    backend = start_backend()
    lb = start_lb(trace_log.flag, backends=[backend])
    assert connect(lb).get("/it", fields=lines).status == 200
    assert trace_lines(backend.requests[0].head) == sent(lines)
    assert trace_log.trace_of("/it") == trace_id


@pytest.mark.parametrize("case", CASES)
def test_generated(case, start_lb, start_backend, connect, trace_log):
    lines, trace_id = CASES[case]
    backend = start_backend()
    lb = start_lb(trace_log.flag, "--trace-context=generate", backends=[backend])
    assert connect(lb).get("/it", fields=lines).status == 200
    head = backend.requests[0].head
    came = {name: head.all(name) for name in NAMES}
    if any(line.lower().startswith("traceparent") for line in lines) and trace_id == ID:
        assert trace_lines(head) == sent(lines)
        assert trace_log.trace_of("/it") == ID
        return
    (parent,) = came["traceparent"]
    made = MADE.fullmatch(parent)
    assert made and made[2] == ("00" if lines and lines[-1].endswith("-0") else "01")
    assert trace_id in (None, made[1])
    assert came["tracestate"] == []
    others = [line for line in sent(lines) if not line.lower().startswith((b"traceparent", b"tracestate"))]
    assert [line for line in trace_lines(head) if not line.startswith(b"traceparent")] == others
    assert trace_log.trace_of("/it") == made[1]


def test_each_request_is_of_a_trace_of_its_own(start_lb, start_backend, connect):
    backend = start_backend()
    client = connect(start_lb("--trace-context=generate", "--workers=2", backends=[backend]))
    for _ in range(200):
        client.get()
    parents = [MADE.fullmatch(request.get("traceparent")) for request in backend.requests]
    assert len({made[1] for made in parents}) == len({made[0] for made in parents}) == 200


@pytest.mark.parametrize("mode", ["pass", "generate"])
@pytest.mark.parametrize("lines", [[], CASES["W3C"][0], CASES["Sentry"][0]])
def test_the_same_over_retries(lines, mode, start_lb, start_backend, connect, trace_log):
    """Three backends get the request, of which two end the connection; its body is kept for the third."""
    lost = [start_backend(lambda connection: connection.read_request()) for _ in range(2)]
    good = start_backend()
    lb = start_lb(trace_log.flag, f"--trace-context={mode}", "--eject-after=0", "--workers=1", backends=[*lost, good])
    client = connect(lb)
    while good.request_count == 0 or lost[0].request_count == 0:
        client.request("PUT", f"/{good.request_count + lost[0].request_count}", fields=lines, body=b"x")
        assert client.read_response().status == 200
    of_one = {}
    for backend in (*lost, good):
        for request in backend.requests:
            of_one.setdefault(request.target, []).append(trace_lines(request.head))
    assert any(len(came) > 1 for came in of_one.values())
    for target, came in of_one.items():
        assert came == [came[0]] * len(came)
        if mode == "pass":
            assert came[0] == sent(lines)
        if came[0] and came[0][-1].startswith(b"traceparent"):
            assert trace_log.trace_of(target) == came[0][-1].decode()[16:48]


@pytest.mark.parametrize("mode", ["pass", "generate"])
def test_of_an_upgrade(mode, start_lb, start_backend, connect, trace_log):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
        connection.wait_end()

    lines = CASES["W3C"][0]
    backend = start_backend(script)
    lb = start_lb(trace_log.flag, f"--trace-context={mode}", backends=[backend])
    client = connect(lb).request("GET", "/it", fields=[*lines, "Connection: Upgrade", "Upgrade: echo"])
    assert client.read_head().status == 101
    client.close()
    assert trace_lines(backend.requests[0].head) == sent(lines)
    line = trace_log.line_of("/it")
    assert line["trace"]["id"] == ID and line["lb"]["tunnel"] is True


def test_no_longer_than_this_hop(start_lb, start_backend, connect, trace_log):
    """Connection names it: it is dropped, and of no trace."""
    backend = start_backend()
    lb = start_lb(trace_log.flag, backends=[backend])
    connect(lb).get("/it", fields=[f"traceparent: {GOOD}", "Connection: traceparent"])
    assert trace_lines(backend.requests[0].head) == []
    assert trace_log.trace_of("/it") is None


def test_of_what_lb_answers_itself(start_lb, start_backend, connect, trace_log):
    backend = start_backend()
    lb = start_lb(trace_log.flag, "--trace-context=generate", backends=[backend])
    backend.stop_listening()
    assert connect(lb).get("/it", fields=[f"traceparent: {GOOD}"]).status == 502
    assert connect(lb).get("/other").status == 502
    assert trace_log.trace_of("/it") == ID
    assert re.fullmatch("[0-9a-f]{32}", trace_log.trace_of("/other"))


def test_field_of_a_template(start_lb, start_backend, connect, tmp_path):
    log = tmp_path / "log"
    lb = start_lb(f"--access-log={log}", "--access-log-format=%{trace_id} %{target}", backends=[start_backend()])
    connect(lb).get("/a", fields=[f"traceparent: {GOOD}"])
    connect(lb).get("/b")
    lb.wait_total("requests", 2)
    lb.stop()
    assert sorted(log.read_text(encoding="utf-8").splitlines()) == ["- /b", f"{ID} /a"]  # each worker has lines of its own


@pytest.mark.parametrize("mode", ["pass", "generate"])
def test_as_appserver_sees_it(mode, logged_appserver, start_lb, connect, trace_log):
    lb = start_lb(trace_log.flag, f"--trace-context={mode}", backends=[Backend(logged_appserver)])
    client = connect(lb)
    for number, (lines, trace_id) in enumerate(CASES.values()):
        client.get(f"/status/{200 + number}", fields=lines)
        path = f"/status/{200 + number}"
        theirs = logged_appserver.log_line(path).get("trace", {}).get("id")
        assert theirs == trace_log.trace_of(path)
        assert trace_id in (None, theirs)
        assert theirs or mode == "pass"


class Backend:
    def __init__(self, server):
        self.address = server.server_address
