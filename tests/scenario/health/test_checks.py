"""Active health: lb asks by itself, by HTTP or TCP, and believes what it is told."""

import time

import pytest

from patient import BAD, CHECK_PATH, GOOD, Patient
from support.discovery import endpoint
from support.waiting import wait_for

FAST = ["--check-interval=20ms", "--check-rise=2", "--check-fall=3"]
HTTP = [f"--check-path={CHECK_PATH}", *FAST]


def answer(body, status="200 OK"):
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


def chunked(*chunks):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return [head, *(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks), b"0\r\n\r\n"]


def send(discovery, *backends, **more):
    discovery.send(*(endpoint(b.name, b.address, **more) for b in backends))


def test_off_unless_asked_for(start_lb, patient, ask):
    one = patient("one")
    lb = start_lb("--check-interval=10ms", backends=[one])
    ask(lb, 3)
    assert one.checks == []


def test_failing_checks_take_out_and_good_ones_bring_back(start_lb, discovery, patient, ask):
    one, two = patient("one"), patient("two")
    lb = start_lb(*HTTP, *discovery.flags)
    send(discovery, one, two)
    lb.wait_ready(2)
    one.check = BAD
    lb.wait_states(one="failing", two="ready")
    found = lb.endpoints()["one"]
    assert found["problem"] == f"GET {CHECK_PATH}: status 503 instead of 200-399"
    assert found["cause"] == "check"
    assert "successful checks" in found["remedy"]
    assert ask(lb, 6) == ["two"] * 6
    lb.wait_message(r"one failing, 1 endpoint: GET /check: status 503")
    one.check = GOOD
    lb.wait_ready(2)
    assert sorted(ask(lb, 6)) == ["one"] * 3 + ["two"] * 3
    assert "problem" not in lb.endpoints()["one"]
    assert {r.head.get("User-Agent") for r in one.checks} == {"lb-health"}


def test_fall_and_rise_count(start_lb, discovery, patient):
    """The backend itself counts: it fails twice in a row, never three times, then often enough."""
    one, two = patient("one"), patient("two")
    lb = start_lb(*HTTP, *discovery.flags)
    send(discovery, one, two)
    lb.wait_ready(2)
    script = iter([BAD, BAD, GOOD] * 5)
    seen = []

    class Moody:
        """Bytes that differ each time they are sent."""
    original = one.send

    def sending(connection, what):
        if what is Moody:
            what = next(script, GOOD)
            seen.append(what)
        original(connection, what)
    one.send = sending
    one.check = Moody
    wait_for(lambda: len(seen) >= 15, "15 checks")
    assert not lb.find_message("one failing")
    one.check = BAD
    lb.wait_states(one="failing", two="ready")
    last = len(one.checks)
    one.check = GOOD
    lb.wait_ready(2)
    assert len(one.checks) >= last + 1


@pytest.mark.parametrize("body, is_good", [
    (answer(b"well, Hello World!"), True),
    (chunked(b"Hel", b"lo", b" ", b"World"), True),
    (chunked(b"Hello Hello Worl", b"d"), True),
    ([b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nHello", b" Wor", b"ld"], True),
    (answer(b"x" * 65525 + b"Hello World"), True),
    (answer(b"x" * 65526 + b"Hello World"), False),
    (answer(b"Hello Worl"), False),
    (chunked(b"Hello", b"World"), False),
    (answer(b"Hello World", status="500 Oops"), False),
    (None, False),
    (b"nonsense\r\n\r\n", False),
])
def test_expected_text(body, is_good, start_lb, discovery, patient):
    one, two = patient("one"), patient("two")
    one.check = two.check = answer(b"Hello World")
    lb = start_lb(*HTTP, "--check-text=Hello World", *discovery.flags)
    send(discovery, one, two)
    lb.wait_ready(2)
    before = len(one.checks)
    one.check = body
    wait_for(lambda: len(one.checks) >= before + 6, "six checks")
    lb.wait_states(one="ready" if is_good else "failing", two="ready")


def test_status_and_method(start_lb, discovery, patient):
    one, two = patient("one"), patient("two")
    teapot = b"HTTP/1.1 418 Short\r\nContent-Length: 9999\r\n\r\n"  # of HEAD: no body follows
    one.check = two.check = teapot
    lb = start_lb(*HTTP, "--check-method=HEAD", "--check-status=204,418-420", *discovery.flags)
    send(discovery, one, two)
    lb.wait_ready(2)
    one.check = GOOD
    lb.wait_states(one="failing", two="ready")
    assert lb.endpoints()["one"]["problem"].endswith("status 200 instead of 204,418-420")
    assert {r.head.start_line for r in one.checks} == {f"HEAD {CHECK_PATH} HTTP/1.1"}


def test_silence_is_a_failure(start_lb, discovery, patient):
    one, two = patient("one"), patient("two")
    lb = start_lb(*HTTP, "--check-timeout=50ms", *discovery.flags)
    send(discovery, one, two)
    lb.wait_ready(2)
    one.hold.clear()
    lb.wait_states(one="failing", two="ready")
    assert "not answered within 50 ms" in lb.endpoints()["one"]["problem"]
    one.hold.set()
    lb.wait_ready(2)


def test_tcp(start_lb, start_backend, connect):
    one, two = start_backend(), start_backend()
    lb = start_lb("--check-mode=tcp", *FAST, "--eject-after=0", backends=[one, two])
    one.stop_listening()
    name = "%s:%d" % one.address
    wait_for(lambda: lb.states()[name] == "failing", "it is failing")
    assert "refused" in lb.endpoints()[name]["problem"]
    assert one.request_count == 0


def test_labels_win(start_lb, discovery, patient):
    """The flags check by TCP; one container wants HTTP, another one nothing."""
    one, two, off = patient("one", check=BAD), patient("two"), patient("off")
    lb = start_lb("--check-mode=tcp", *FAST, *discovery.flags)
    label = {"path": CHECK_PATH, "status": "503", "fall": "1", "new-word": "x"}
    discovery.send(endpoint("one", one.address, check=label), endpoint("two", two.address),
                   endpoint("off", off.address, check={"mode": "off"}))
    lb.wait_ready(3)
    wait_for(lambda: len(one.checks) >= 3, "it is asked again and again")
    wait_for(lambda: len(two.connections) >= 5, "it is connected to again and again")
    one.check = GOOD
    lb.wait_states(one="failing", two="ready", off="ready")
    assert two.checks == [] and len(off.connections) == 1


@pytest.mark.parametrize("check, says", [
    ({"path": "health"}, "check.path: want a path that begins with /"),
    ({"interval": 5}, "check.interval: want a time from 10ms to 1h"),
    ({"status": "200-100"}, "check.status: want status codes"),
    ({"mode": "mysql"}, "check.mode: want auto, off, tcp, http, https, postgres"),
    ({"send": "PING\r\n"}, "check.send: want 1 to 255 bytes without control characters"),
    ("http", "check: want an object"),
])
def test_bad_check_of_a_line(check, says, start_lb, discovery, patient):
    one = patient("one")
    lb = start_lb(*discovery.flags)
    send(discovery, one)
    lb.wait_ready(1)
    discovery.send(endpoint("one", one.address, check=check))
    lb.wait_message(r"a line of lb-discovery was refused: services\[0\].endpoints\[0\]\." +
                    says.replace(".", r"\."))
    lb.wait_ready(1)


def test_first_contact_is_the_request(start_lb, discovery, patient, ask):
    """It listens, but says for a while that it is not ready."""
    one, late = patient("one"), patient("late", check=BAD)
    lb = start_lb(*discovery.flags)
    discovery.send(endpoint("one", one.address),
                   endpoint("late", late.address, check={"path": CHECK_PATH, "interval": "1h"}))
    lb.wait_states(one="ready", late="probing")
    wait_for(lambda: len(late.checks) >= 2, "it is asked")
    wait_for(lambda: "status 503" in lb.endpoints()["late"].get("problem", ""), "/pool says why")
    assert ask(lb, 10) == ["one"] * 10
    late.check = GOOD
    lb.wait_ready(2)
    assert "problem" not in lb.endpoints()["late"]


def test_failing_survives_lines_and_a_new_name(start_lb, discovery, patient, ask):
    bad, good = patient("bad"), patient("good")
    lb = start_lb(*HTTP, *discovery.flags)
    entries = [endpoint("bad", bad.address, id="b"), endpoint("good", good.address)]
    discovery.send(*entries)
    lb.wait_ready(2)
    bad.check = BAD
    lb.wait_states(bad="failing", good="ready")
    bad.hold.clear()  # no check ends from now on: only memory can tell
    discovery.send(endpoint("renamed", bad.address, id="b", weight=2), entries[1],
                   endpoint("third", good.address))
    wait_for(lambda: "renamed" in lb.states(), "the line is read")
    lb.wait_states(renamed="failing", good="ready", third="ready")
    assert "status 503" in lb.endpoints()["renamed"]["problem"]
    bad.check = GOOD
    bad.hold.set()
    lb.wait_ready(3)


@pytest.mark.parametrize("percent, panics", [(25, True), (0, False)])
def test_panic_ignores_failing_checks(percent, panics, start_lb, discovery, patient, ask):
    one, two = patient("one"), patient("two")
    lb = start_lb(*HTTP, f"--panic-below={percent}", *discovery.flags)
    send(discovery, one, two)
    lb.wait_ready(2)
    one.check = two.check = BAD
    lb.wait_states(one="failing", two="failing")
    assert lb.pool()["services"][0]["panic"] is panics
    assert lb.ask("/readyz").status == (200 if panics else 503)
    assert sorted(ask(lb, 6)) == (["one"] * 3 + ["two"] * 3 if panics else [503] * 6)
    said = lb.ask("/explain/one").body.decode()
    assert ("though failing, as too few others are healthy" in said) is panics
    assert f"GET {CHECK_PATH}: status 503" in said  # the reason is told either way
    one.check = two.check = GOOD
    lb.wait_ready(2)
    assert lb.pool()["services"][0]["panic"] is False
    if panics:
        lb.wait_message("the panic is over")  # the page knows it a moment before the log
    assert sum("panic" in m for m in lb.messages()) == (2 if panics else 0)


def test_panic_costs_no_request(start_lb, discovery, patient, connect):
    """Health comes and goes for all; in the moments of change a request finds an endpoint too."""
    one, two = patient("one"), patient("two")
    lb = start_lb(f"--check-path={CHECK_PATH}", "--check-interval=10ms", "--check-rise=1",
                  "--check-fall=1", *discovery.flags)
    send(discovery, one, two)
    lb.wait_ready(2)
    client = connect(lb)
    changes, was = 0, False
    begin = time.monotonic()
    while time.monotonic() < begin + 2 or (changes < 4 and time.monotonic() < begin + 60):
        one.check = two.check = BAD if int(time.monotonic() * 20) % 2 else GOOD
        assert [client.get().status for _ in range(5)] == [200] * 5
        changes += lb.pool()["services"][0]["panic"] is not was
        was = lb.pool()["services"][0]["panic"]
    assert changes >= 4
    assert sum("panic" in m for m in lb.messages()) <= 4  # not each time


def test_draining_stops_the_checks(start_lb, discovery, patient):
    one, two = patient("one"), patient("two")
    lb = start_lb(*HTTP, *discovery.flags)
    send(discovery, one, two)
    lb.wait_ready(2)
    wait_for(lambda: len(one.checks) >= 3, "it is checked")
    discovery.send(endpoint("one", one.address, state="draining"), endpoint("two", two.address))
    lb.wait_states(one="draining", two="ready")
    before, others = len(one.checks), len(two.checks)
    wait_for(lambda: len(two.checks) >= others + 5, "the other one is checked on")
    assert len(one.checks) <= before + 1


REFUSING = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"


class Framework(Patient):
    """As Django and Rails do: another Host than its own is refused, and http is sent to https."""

    def send(self, connection, answer):
        head = self.requests[-1].head
        if answer is self.check and head.get("Host") != "shop.example":
            answer = REFUSING
        elif answer is self.check and head.get("X-Forwarded-Proto") != "https":
            answer = b"HTTP/1.1 301 Moved\r\nLocation: https://shop.example/\r\nContent-Length: 0\r\n\r\n"
        super().send(connection, answer)


@pytest.mark.parametrize("by", ["flags", "labels"])
def test_servers_that_know_their_name_only(by, start_lb, discovery, cleanup, ask):
    one = Framework("one")
    cleanup.callback(one.close)
    words = {"host": "shop.example", "header": "X-Forwarded-Proto: https|Authorization: Basic eDp5"}
    lb = start_lb(*HTTP, "--check-status=200", *discovery.flags,
                  *([f"--check-{k}={v}" for k, v in words.items()] if by == "flags" else []))
    discovery.send(endpoint("one", one.address, **({"check": words} if by == "labels" else {})))
    lb.wait_ready(1)
    wait_for(lambda: len(one.checks) >= 3, "some checks")
    assert lb.states() == {"one": "ready"}
    assert one.checks[-1].head.all("Host") == ["shop.example"]
    assert one.checks[-1].head.get("Authorization") == "Basic eDp5"
    assert ask(lb, 2) == ["one"] * 2


def test_checks_at_another_port(start_lb, discovery, patient, ask):
    one, management = patient("one"), patient("management")
    lb = start_lb(*HTTP, *discovery.flags)
    discovery.send(endpoint("one", one.address, check={"port": str(management.address[1])}))
    lb.wait_ready(1)
    management.check = BAD
    lb.wait_states(one="failing")
    port = management.address[1]
    assert f"GET :{port}{CHECK_PATH}: status 503" in lb.endpoints()["one"]["problem"]
    management.check = GOOD
    lb.wait_states(one="ready")
    management.close()
    lb.wait_states(one="failing")
    assert f"port {port}: " in lb.endpoints()["one"]["problem"]
    assert not one.checks and ask(lb, 2) == ["one"] * 2


def test_the_first_contact_without_a_request_is_at_the_port_of_requests(start_lb, discovery, patient):
    """What serves checks may be up long before what serves requests."""
    one, management = patient("one", is_listening=False), patient("management")
    lb = start_lb("--check-mode=tcp", *FAST, *discovery.flags)
    discovery.send(endpoint("one", one.address, check={"port": str(management.address[1])}))
    lb.wait_problem("refused")
    assert lb.states() == {"one": "probing"}
    one.listen()
    lb.wait_ready(1)
    management.close()
    lb.wait_states(one="failing")


def test_explain_tells_the_port_of_a_check_that_fails_at_first(start_lb, start_backend, discovery, patient):
    one, two, management = patient("one"), patient("two"), patient("management")
    management.check = BAD
    dead = start_backend(is_listening=False)
    lb = start_lb(*HTTP, *discovery.flags)
    discovery.send(endpoint("one", one.address, check={"port": str(management.address[1])}),
                   endpoint("two", two.address, check={"port": str(dead.address[1])}))
    wait_for(lambda: "status 503" in lb.ask("/explain/one").body.decode(), "the check has an answer")
    said = lb.ask("/explain/one").body.decode()
    assert "the check before its first request has not passed yet" in said
    wait_for(lambda: "connection refused" in lb.ask("/explain/two").body.decode(), "the check is refused")
    said = lb.ask("/explain/two").body.decode()
    assert "nothing has answered on the port of its check yet" in said and "lb.check.port" in said
