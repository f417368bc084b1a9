"""An lb that is held up, by the clock for 10 ms to 3 s: what came in the meantime is heard before a
deadline ends what waits for it, and no backend is blamed for lb's own delay."""

import json
import signal
import threading
import time

import pytest

from support.backend import OK
from support.clock import Clock
from support.discovery import endpoint
from support.waiting import wait_for

STALLS_MS = [10, 400, 3000]
GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
TIMEOUT = "350ms"


@pytest.fixture(autouse=True)
def not_under_sanitizers(built_with):
    if built_with:
        pytest.skip("a sanitizer wants to be preloaded first")


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


@pytest.fixture(params=STALLS_MS)
def stall_ms(request):
    return request.param


@pytest.fixture
def start(start_lb, clock):
    def start(*flags, **options):
        return start_lb("--workers=1", "--eject-after=1", *flags, env=clock.env, **options)
    return start


class Held:
    """A backend that waits to be told for each piece that it says. The answer is a chunk of bytes
    and its rest."""

    def __init__(self, start_backend, *pieces):
        self.pieces = pieces
        self.may_say = [threading.Event() for _ in pieces]
        self.has_said = [threading.Event() for _ in pieces]
        self.backend = start_backend(self.script)

    def script(self, connection):
        connection.read_request()
        for piece, may, has in zip(self.pieces, self.may_say, self.has_said):
            may.wait(15)
            connection.send(piece)
            has.set()
        connection.wait_end()

    def say(self, index):
        self.may_say[index].set()
        assert self.has_said[index].wait(10)


def is_blameless(lb):
    return all(e["state"] == "ready" and e["failures"] == 0 for e in lb.endpoints().values())


def test_many_slow_connects_in_one_turn(start, clock, start_backend, connect):
    """40 ms each, for more clients than are accepted in one turn: all are begun, and over their time,
    before the loop polls once, and that in two turns in a row."""
    lb = start(backends=[start_backend() for _ in range(2)])
    clock.set_connect_ms(40)
    with clock.held_up(lb.proxy_pid, 0):
        clients = [connect(lb).send(GET) for _ in range(100)]
    assert [client.read_response().status for client in clients] == [200] * 100
    assert is_blameless(lb)
    assert lb.totals()["retries"] == 0


def test_connect(start, clock, stall_ms, start_backend, connect):
    """Long turns in a row, with several connects each."""
    lb = start(f"--connect-timeout={TIMEOUT}", backends=[start_backend() for _ in range(2)])
    clock.set_connect_ms(stall_ms)
    with clock.held_up(lb.proxy_pid, 0):
        clients = [connect(lb).send(GET) for _ in range(70)]
    assert [client.read_response().status for client in clients] == [200] * 70
    assert is_blameless(lb)


def test_head_of_a_request(start, clock, stall_ms, start_backend, connect):
    lb = start(f"--head-timeout={TIMEOUT}", backends=[start_backend()])
    client = connect(lb).send(GET[:10])
    with clock.held_up(lb.proxy_pid, stall_ms):
        client.send(GET[10:])
    assert client.read_response().status == 200


def test_next_request_of_a_client(start, clock, stall_ms, start_backend, connect):
    lb = start(f"--idle-timeout={TIMEOUT}", backends=[start_backend()])
    client = connect(lb)
    assert client.get().status == 200
    with clock.held_up(lb.proxy_pid, stall_ms):
        client.send(GET)
    assert client.read_response().status == 200


def test_body_of_a_request(start, clock, stall_ms, start_backend, connect):
    lb = start(f"--body-timeout={TIMEOUT}", backends=[start_backend()])
    client = connect(lb).send(b"PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\n")
    for byte in b"abcd":
        with clock.held_up(lb.proxy_pid, stall_ms):
            client.send(bytes([byte]))
    assert client.read_response().status == 200
    assert is_blameless(lb)


def test_answer(start, clock, stall_ms, start_backend, connect):
    held = Held(start_backend, OK)
    lb = start(f"--response-timeout={TIMEOUT}", backends=[held.backend])
    client = connect(lb).send(GET)
    held.backend.wait_requests(1)
    with clock.held_up(lb.proxy_pid, stall_ms):
        held.say(0)
    assert client.read_response().status == 200
    assert is_blameless(lb)


def test_body_of_an_answer(start, clock, stall_ms, start_backend, connect):
    held = Held(start_backend, OK[:-2], b"o", b"k")
    lb = start(f"--body-timeout={TIMEOUT}", backends=[held.backend])
    client = connect(lb).send(GET)
    for index in range(3):
        held.backend.wait_requests(1)
        with clock.held_up(lb.proxy_pid, stall_ms):
            held.say(index)
    assert client.read_response().body == b"ok"
    assert is_blameless(lb)


def test_tunnel(start, clock, stall_ms, start_backend, connect):
    held = Held(start_backend, b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                               b"Upgrade: echo\r\n\r\n", b"hello")
    lb = start(f"--tunnel-timeout={TIMEOUT}", backends=[held.backend])
    client = connect(lb).request(fields=["Connection: Upgrade", "Upgrade: echo"])
    held.say(0)
    assert client.read_head().status == 101
    with clock.held_up(lb.proxy_pid, stall_ms):
        held.say(1)
    assert client.wire.take_exactly(5) == b"hello"
    with clock.held_up(lb.proxy_pid, stall_ms):
        client.half_close()  # the backend, which waits for that, hears of it late
    lb.wait_total("ends", {"ok": 1})


def test_leave_to_send_a_body(start, clock, stall_ms, start_backend, connect):
    def script(connection):
        head = connection.read_head()
        backend.may_say.wait(15)
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        backend.has_said.set()
        connection.read_body(head)
        connection.send(OK)

    backend = start_backend(script)
    backend.may_say, backend.has_said = threading.Event(), threading.Event()
    lb = start(f"--body-timeout={TIMEOUT}", backends=[backend])
    client = connect(lb).send(b"PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n"
                              b"Expect: 100-continue\r\n\r\n")
    backend.wait_requests(1)
    with clock.held_up(lb.proxy_pid, stall_ms):
        backend.may_say.set()
        assert backend.has_said.wait(10)
    assert client.read_head().status == 100
    assert client.send(b"body").read_response().status == 200
    assert is_blameless(lb)


def test_check(start, clock, stall_ms, start_backend):
    """The check's connect and its answer wait both; lb hears of each after its time."""
    def script(connection):
        connection.read_request()
        backend.asked.set()
        backend.may_answer.wait(15)
        connection.send(OK)
        backend.has_answered.set()

    backend = start_backend(script)
    backend.asked, backend.may_answer, backend.has_answered = (threading.Event() for _ in range(3))
    backend.may_answer.set()
    lb = start("--check-path=/", f"--check-timeout={TIMEOUT}", "--check-interval=10ms",
               "--check-fall=1", backends=[backend])
    for _ in range(3):
        backend.may_answer.clear()
        backend.asked.clear()
        assert backend.asked.wait(10)
        backend.has_answered.clear()
        with clock.held_up(lb.proxy_pid, stall_ms):
            backend.may_answer.set()
            assert backend.has_answered.wait(10)
        asked = backend.request_count
        backend.wait_requests(asked + 2)  # so the check was judged
        assert is_blameless(lb)


def test_first_contact(start, clock, stall_ms, start_backend, discovery):
    """Its connect is over in time; lb looks late."""
    lb = start(f"--connect-timeout={TIMEOUT}", *discovery.flags)
    clock.set_connect_ms(stall_ms)
    backends = {f"b{i}": start_backend() for i in range(20)}
    discovery.send(*(endpoint(name, b.address) for name, b in backends.items()))
    wait_for(lambda: all(b.connections for b in backends.values()), "all have accepted it")
    lb.wait_ready(20)
    assert all(len(b.connections) == 1 for b in backends.values())


def test_question_to_the_admin_listener(start, clock, start_backend, connect):
    lb = start(backends=[start_backend()])
    client = connect(lb.admin).send(b"GET /healthz HT")
    assert lb.ask("/healthz").status == 200  # so the first part was read
    with clock.held_up(lb.proxy_pid, 20000):
        client.send(b"TP/1.1\r\nHost: admin\r\n\r\n")
    assert client.read_response().status == 200


@pytest.mark.parametrize("sign", [{"alive": {"connected": True}}, None])
def test_silence_of_discovery(sign, start, clock, start_backend, connect, discovery):
    """It spoke in time, or it stood still as lb did."""
    backend = start_backend()
    lb = start(*discovery.flags)
    discovery.send_line({"v": 1, "time_ns": time.time_ns(), "alive": {"connected": True}})
    discovery.send(endpoint("one", backend.address))
    lb.wait_ready(1)
    with clock.held_up(lb.proxy_pid, 60000):
        if sign:
            discovery.send_line({"v": 1, "time_ns": time.time_ns(), **sign})
    discovery.send(endpoint("two", backend.address))
    lb.wait_states(two="ready")
    assert len(discovery.connections) == 1
    assert json.loads(lb.ask("/pool").body)["services"]


def test_end_of_the_grace(start, clock, stall_ms, start_backend, connect):
    """What came while lb stood still, beyond the grace, is still passed on."""
    held = Held(start_backend, OK)
    lb = start(f"--shutdown-grace={TIMEOUT}", backends=[held.backend])
    client = connect(lb).send(GET)
    held.backend.wait_requests(1)
    serving = lb.proxy_pid
    lb.signal(signal.SIGTERM)
    lb.wait_message("finishing what runs")
    with clock.held_up(serving, stall_ms):
        held.say(0)
    assert client.read_response().status == 200
    lb.wait_end()


def test_what_does_not_come_is_given_up_all_the_same(start, clock, start_backend, connect):
    held = Held(start_backend, OK)
    lb = start("--head-timeout=1h", "--response-timeout=1h", backends=[held.backend])
    half, whole = connect(lb).send(GET[:10]), connect(lb).send(GET)
    held.backend.wait_requests(1)
    assert connect(lb).send(GET[:10]).is_silent()
    with clock.held_up(lb.proxy_pid, 3600 * 1000):
        pass
    assert half.read_response().status == 408
    assert whole.read_response().status == 504
    wait_for(lambda: lb.totals()["ends"].get("upstream_timeout") == 1, "it is counted")
