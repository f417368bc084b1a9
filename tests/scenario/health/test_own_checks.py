"""What a container's own HEALTHCHECK says (the state `unhealthy`), and when lb does not believe it."""

import pytest

from support.discovery import endpoint


def send(discovery, **states):
    discovery.send(*(endpoint(name, backend.address, state=state)
                     for name, (backend, state) in states.items()))


@pytest.mark.parametrize("flags", [(), ("--check-path=/check", "--check-interval=50ms")])
def test_panic_when_all_say_that_they_are_unhealthy(flags, start_lb, discovery, patient, ask):
    one, two = patient("one"), patient("two")
    lb = start_lb(*flags, *discovery.flags)
    send(discovery, one=(one, "ready"), two=(two, "ready"))
    lb.wait_ready(2)
    send(discovery, one=(one, "unhealthy"), two=(two, "ready"))
    lb.wait_states(one="unhealthy", two="ready")
    assert ask(lb, 4) == ["two"] * 4
    send(discovery, one=(one, "unhealthy"), two=(two, "unhealthy"))
    lb.wait_states(one="unhealthy", two="unhealthy")
    assert lb.pool()["services"][0]["panic"] is True
    assert lb.ask("/readyz").status == 200
    assert sorted(ask(lb, 6)) == ["one"] * 3 + ["two"] * 3
    lb.wait_message("panic: too few endpoints are healthy")
    send(discovery, one=(one, "ready"), two=(two, "unhealthy"))
    lb.wait_states(one="ready", two="unhealthy")
    assert lb.pool()["services"][0]["panic"] is False
    assert ask(lb, 4) == ["one"] * 4


def test_some_fail_by_their_own_check_and_the_others_by_that_of_lb(start_lb, discovery, patient, ask):
    one, two = patient("one"), patient("two")
    lb = start_lb("--check-path=/check", "--check-interval=20ms", *discovery.flags)
    send(discovery, one=(one, "ready"), two=(two, "ready"))
    lb.wait_ready(2)
    two.check = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
    lb.wait_states(one="ready", two="failing")
    send(discovery, one=(one, "unhealthy"), two=(two, "ready"))
    lb.wait_states(one="unhealthy", two="failing")
    assert sorted(ask(lb, 6)) == ["one"] * 3 + ["two"] * 3


@pytest.mark.parametrize("flag", ["--panic-unhealthy=off", "--panic-below=0"])
def test_panic_that_leaves_the_unhealthy_out(flag, start_lb, discovery, patient, ask):
    one = patient("one")
    lb = start_lb(flag, "--hold=0s", *discovery.flags)
    send(discovery, one=(one, "unhealthy"))
    lb.wait_states(one="unhealthy")
    assert lb.pool()["services"][0]["panic"] is False
    assert ask(lb, 2) == [503] * 2


@pytest.mark.parametrize("state", ["paused", "starting", "draining"])
def test_panic_takes_nobody_who_cannot_or_does_not_want_to(state, start_lb, discovery, patient, ask):
    one, two = patient("one"), patient("two")
    lb = start_lb(*discovery.flags)
    send(discovery, one=(one, "unhealthy"), two=(two, state))
    lb.wait_states(one="unhealthy", two=state)
    assert ask(lb, 4) == ["one"] * 4
