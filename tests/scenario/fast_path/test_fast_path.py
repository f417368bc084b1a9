"""What a keep-alive request costs in steady state: four socket calls, no allocation, one look at the
clock in a turn of the loop. Counted, not timed, so it holds on any machine. The counts are sums over many requests: a
deadline's timer now and then is no matter."""

import collections
import os
import re
import struct
import subprocess

import pytest

from support.program import BIN_DIR, run
from support.waiting import wait_for

COUNT_CALLS = BIN_DIR.parent / "tests/libcount_calls.so"
REQUESTS = 1000
# One in each turn of the loop, and a request that is alone has two turns, its own and its answer's;
# the access log wants the wall clock as well.
CLOCK_CALLS = 3
NOW_AND_THEN = 10  # calls in all of them that are nobody's in particular
IDLE_LONG_S = 0.09  # FRESH_MS of lb/back/h1_upstream.c, but for what a coarse clock is behind

CURL = ["User-Agent: curl/8.5.0", "Accept: */*"]
BROWSER = [
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language: en-US,en;q=0.5", "Accept-Encoding: gzip, deflate, br, zstd",
    "Referer: https://shop.example/products", "Cookie: session=6f1a0c5e9b7d4a3f; theme=dark",
    "Connection: keep-alive", "Upgrade-Insecure-Requests: 1", "Sec-Fetch-Dest: document",
    "Sec-Fetch-Mode: navigate", "Priority: u=0, i",
]
KINDS = {"curl": {"fields": CURL}, "browser": {"fields": BROWSER},
         "traced": {"fields": [*CURL, f"traceparent: 00-{'1f' * 16}-{'2e' * 8}-01", "tracestate: a=b"]},
         "upload": {"method": "POST", "fields": CURL, "body": b"x" * 500}}

# Of a connection with one request: its own, and the two of the backend's connection.
CHURN_CALLS = {"accept4": 1, "ioctl": 1, "epoll_ctl": 2, "recvfrom": 2, "sendto": 2, "shutdown": 1,
               "close": 1, "getsockopt": 1}
SOCKET_CALL = re.compile(r"(\w+)\(\d+<(?:socket|TCP)")
CALL = re.compile(r"^\d+ +([\d.]+) +(\w+)\((?:(\d+)<)?")


@pytest.fixture(autouse=True)
def not_under_sanitizers(built_with):
    if built_with:
        pytest.skip("a sanitizer allocates and calls for itself")


@pytest.fixture(name="start", params=["no log", "log in a file", "log, and traces begun"])
def make_start(request, start_lb, start_appserver, tmp_path):
    """start(env): an lb with one worker and two backends, warmed up by 100 requests."""
    def start(client_of, env=None):
        has_log = "--access-log" in run("lb", "--help").stdout
        if request.param != "no log" and not has_log:
            pytest.skip("this lb writes no access log")
        log = tmp_path / "access.log" if request.param != "no log" else "off"
        traces = ["--trace-context=generate"] if "traces" in request.param else []
        lb = start_lb("--workers=1", *traces, *([f"--access-log={log}"] if has_log else []),
                      backends=[start_appserver(name) for name in ("one", "two")], env=env)
        client = client_of(lb)
        for kind in KINDS.values():
            for _ in range(50):
                assert client.request(**kind).read_response().status == 200
        return lb, client
    return start


@pytest.mark.parametrize("kind", KINDS)
def test_no_allocation_and_no_clock(start, connect, tmp_path, kind):
    path = tmp_path / "counts"
    _, client = start(connect, {"LD_PRELOAD": str(COUNT_CALLS), "LB_COUNT_CALLS": str(path)})
    before = struct.unpack("2Q", path.read_bytes())
    assert before[0] > 100, "it does not count"
    for _ in range(REQUESTS):
        client.request(**KINDS[kind]).read_response()
    after = struct.unpack("2Q", path.read_bytes())
    allocations, clock_calls = (b - a for a, b in zip(before, after))
    assert allocations <= NOW_AND_THEN
    assert clock_calls <= CLOCK_CALLS * REQUESTS + NOW_AND_THEN


class Trace:
    """strace on all threads of a running program."""

    def __init__(self, pid, path):
        self.path = path
        self.process = subprocess.Popen(
            ["strace", "-f", "-y", "-ttt", "-s", "256", "-o", str(path), "-p", str(pid)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        said = self.process.stderr.readline()
        if "Operation not permitted" in said:
            pytest.skip("strace may not attach here (kernel.yama.ptrace_scope)")
        assert "attached" in said, said
        count = len(os.listdir(f"/proc/{pid}/task"))
        wait_for(lambda: self.traced(pid) == count, "strace has all threads")

    @staticmethod
    def traced(pid):
        def is_traced(tid):
            with open(f"/proc/{pid}/task/{tid}/status", encoding="ascii") as status:
                return not re.search(r"^TracerPid:\t0$", status.read(), re.M)
        return sum(map(is_traced, os.listdir(f"/proc/{pid}/task")))

    def end(self):
        self.process.terminate()
        self.process.wait(10)
        self.process.stderr.close()

    def lines_between(self, first, last):
        """The calls of the thread that read the two marks, from one to the other."""
        lines = self.path.read_text(errors="replace").splitlines()
        marks = [next(i for i, line in enumerate(lines) if mark in line) for mark in (first, last)]
        thread = lines[marks[0]].split()[0]
        return [line for line in lines[marks[0]:marks[1]] if line.split()[0] == thread]


def looks_at_idle(lines):
    """How many looks were at a backend's connection that may have been idle for long, as on a busy machine: its time runs
    from the turn of the loop that read the last answer, which began no earlier than the wait before it."""
    count, waits_at, idle_from = 0, 0.0, {}
    for call in filter(None, map(CALL.match, lines)):
        at, name, descriptor = float(call[1]), call[2], call[3]
        if "MSG_PEEK" in call.string:
            count += at - idle_from.get(descriptor, 0) > IDLE_LONG_S
        elif name == "recvfrom":
            idle_from[descriptor] = waits_at
        elif name in ("epoll_wait", "epoll_pwait"):
            waits_at = at
    return count


@pytest.mark.parametrize("kind", KINDS)
def test_four_socket_calls(start, connect, cleanup, tmp_path, kind):
    lb, client = start(connect)
    trace = Trace(lb.proxy_pid, tmp_path / "strace")
    cleanup.callback(trace.end)
    client.get("/first-mark")
    for _ in range(REQUESTS):
        client.request(**KINDS[kind]).read_response()
    client.get("/last-mark")
    wait_for(lambda: "GET /last-mark" in trace.path.read_text(errors="replace"),
             "the last request is in the trace")
    calls, socket_calls = collections.Counter(), collections.Counter()
    lines = trace.lines_between("GET /first-mark", "GET /last-mark")
    for line in lines:
        call = CALL.match(line)
        if call:
            calls[call[2]] += 1
            socket_calls[call[2]] += bool(SOCKET_CALL.search(line))
    idle_count, socket_count = looks_at_idle(lines), sum(socket_calls.values())
    socket_count -= idle_count
    calls["recvfrom"] -= idle_count
    assert 4 * REQUESTS <= socket_count <= 4 * REQUESTS + NOW_AND_THEN, calls
    waits = calls["epoll_wait"] + calls["epoll_pwait"]
    assert waits <= 2 * REQUESTS + NOW_AND_THEN, calls  # one request at a time: it waits twice
    others = sum(calls.values()) - socket_count - waits
    assert others <= NOW_AND_THEN + (REQUESTS if "access.log" in str(lb.process.args) else 0), calls


def test_calls_of_a_connection(start, connect, cleanup, tmp_path):
    """One connection, one request with `Connection: close`, nobody else: no call more than needed."""
    count = REQUESTS // 4
    lb, client = start(connect)
    trace = Trace(lb.proxy_pid, tmp_path / "strace")
    cleanup.callback(trace.end)
    client.get("/first-mark")
    for _ in range(count):
        with connect(lb) as churned:
            churned.request(fields=["Connection: close"]).read_response()
            assert churned.ends()
    client.get("/last-mark")
    wait_for(lambda: "GET /last-mark" in trace.path.read_text(errors="replace"),
             "the last request is in the trace")
    calls = collections.Counter()
    for line in trace.lines_between("GET /first-mark", "GET /last-mark"):
        call = CALL.match(line)
        if call and "MSG_PEEK" not in line:  # whether a backend is there that was idle for a while
            calls[call[2]] += 1
    assert calls["accept4"] >= count, calls
    for name in ("epoll_wait", "epoll_pwait"):
        calls.pop(name, None)
    if "access.log" in str(lb.process.args):
        calls.pop("futex", None)
    assert sum(calls.values()) <= sum(CHURN_CALLS.values()) * count + NOW_AND_THEN, calls
    for name, per_connection in CHURN_CALLS.items():
        assert calls[name] <= per_connection * count + NOW_AND_THEN, calls


def test_one_look_behind_a_body_that_went_through_a_pipe(start_lb, start_backend, connect, cleanup,
                                                        tmp_path):
    """Exactly the body was read then, so that lb has to ask whether something follows it. Behind a
    small one it need not: what follows would have come by the same read."""
    count, size = 20, 1 << 18
    large = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size
    small = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    def script(connection):
        while True:
            connection.send(large if connection.read_request().target == "/large" else small)

    backend = start_backend(script)
    lb = start_lb("--workers=1", "--access-log=off", backends=[backend])
    client = connect(lb)
    client.get("/warm-up")
    trace = Trace(lb.proxy_pid, tmp_path / "strace")
    cleanup.callback(trace.end)
    looks = {}
    for target in ("/large", "/small"):
        client.get(f"/first{target}")
        for _ in range(count):
            client.get(target)
        client.get(f"/last{target}")
        wait_for(lambda: f"GET /last{target}" in trace.path.read_text(errors="replace"),
                 "the last request is in the trace")
        lines = trace.lines_between(f"GET /first{target}", f"GET /last{target}")
        # One that was idle for long is looked at, too: the machine is busy.
        looks[target] = sum("MSG_PEEK" in line for line in lines)
    assert count <= looks["/large"] <= count + NOW_AND_THEN
    assert looks["/small"] <= NOW_AND_THEN
    assert backend.used_connections() == 1
