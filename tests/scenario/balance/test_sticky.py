"""Who has been served comes back to the same backend: through restarts of lb, drain, death and
return."""

import re
import signal

import pytest

from support.client import RawClient
from support.discovery import endpoint, route_line
from support.waiting import wait_for

NAMES = ("one", "two", "three")
STICKY = "--balance=sticky least-requests"


class Browser:
    """Keeps its cookie, and says who served it."""

    def __init__(self):
        self.cookie = None
        self.attributes = None
        self.set_count = 0

    def ask(self, lb, *fields, target="/"):
        fields = [*fields, *([f"Cookie: other=1; {self.cookie}"] if self.cookie else [])]
        with RawClient(lb.address) as client:
            answer = client.get(target, fields=fields)
        assert answer.status == 200
        given = answer.head.all("set-cookie")
        assert len(given) <= 1
        if given:
            self.cookie, _, self.attributes = given[0].partition("; ")
            self.set_count += 1
        return answer.body.decode()

    def server(self, lb):
        return re.search(r"served from (\w+)!", self.ask(lb))[1]


@pytest.fixture(name="servers")
def start_servers(start_appserver):
    return {name: start_appserver(name) for name in NAMES}


def come(lb, count=6):
    """New browsers, and who served each."""
    browsers = [Browser() for _ in range(count)]
    return {browser: browser.server(lb) for browser in browsers}


def check_stay(lb, seats):
    for _ in range(2):
        assert {browser: browser.server(lb) for browser in seats} == seats
    assert all(browser.set_count == 1 for browser in seats)


def order(lb, server, verb):
    assert lb.order("/endpoints/%s%%3A%d/%s" % (*server.address, verb))[0] == 200


def test_the_cookie_says_nothing(start_lb, servers):
    lb = start_lb(STICKY, backends=servers.values())
    seats = come(lb)
    check_stay(lb, seats)
    assert set(seats.values()) == set(NAMES)
    for browser in seats:
        assert re.fullmatch(r"lb_[0-9a-f]{8}=[0-9a-f]{32}", browser.cookie)
        assert browser.attributes == "Path=/; HttpOnly; SameSite=Lax"
        assert "other=1" in browser.ask(lb, target="/echo")
        assert "lb_" not in browser.ask(lb, target="/echo")


def test_attributes(start_lb, servers):
    lb = start_lb(STICKY, "--sticky=name=seat max-age=1h samesite=strict",
                  "--trusted-proxies=127.0.0.0/8", backends=servers.values())
    browser = Browser()
    browser.ask(lb, "X-Forwarded-Proto: https")
    assert browser.cookie.startswith("seat=")
    assert browser.attributes == "Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=3600"


@pytest.mark.parametrize("keeper", ["sticky-secret", "state", "machine"])
def test_it_holds_when_lb_is_started_again(keeper, start_lb, servers, tmp_path):
    flags = [STICKY]
    if keeper == "sticky-secret":
        (tmp_path / "secret").write_text("correct-horse-battery\n")
        flags.append(f"--sticky-secret={tmp_path}/secret")
    if keeper == "state":
        flags.append(f"--state={tmp_path}/state")
    lb = start_lb(*flags, backends=servers.values())
    seats = come(lb)
    lb.stop()
    if keeper == "state":
        assert (tmp_path / "state.sticky-secret").stat().st_mode & 0o777 == 0o600
    check_stay(start_lb(*flags, backends=list(servers.values())[::-1]), seats)


def sticky_line(server, balance):
    sent = route_line({"site": [endpoint("one", server.address)]}, [{"host": "test", "service": "site"}])
    sent["services"][0]["options"] = {"balance": balance}
    return sent


def test_its_secret_is_made_for_the_first_sticky_service(start_lb, servers, discovery, tmp_path):
    """By a line, while lb runs; the cookie is the same in the next lb."""
    flags = ["--hold=0", f"--state={tmp_path}/state", *discovery.flags]
    secret = tmp_path / "state.sticky-secret"
    lb = start_lb(*flags)
    discovery.send_line(sticky_line(servers["one"], "round-robin"))
    lb.wait_ready()
    assert not secret.exists()
    discovery.send_line(sticky_line(servers["one"], "sticky round-robin"))
    wait_for(secret.exists, "the secret is there")
    browser = Browser()
    wait_for(lambda: browser.ask(lb) and browser.cookie, "a cookie")
    lb.stop()
    lb = start_lb(*flags)
    discovery.wait_starts(2)
    discovery.send_line(sticky_line(servers["one"], "sticky round-robin"))
    lb.wait_ready()
    assert browser.server(lb) == "one" and browser.set_count == 1


def test_a_folder_that_cannot_be_written_is_told_to_who_is_sticky(start_lb, servers, tmp_path):
    warned = [any("sticky" in message for message in start_lb(
        f"--state={tmp_path}/nowhere/state", *flags, backends=servers.values()).messages())
        for flags in ([], [STICKY])]
    assert warned == [False, True]


def test_one_that_drains_keeps_its_own_until_it_stops(start_lb, servers):
    lb = start_lb(STICKY, backends=servers.values())
    seats = come(lb)
    order(lb, servers["one"], "drain")
    assert "one" not in come(lb).values()
    check_stay(lb, seats)
    servers["one"].stop()
    for browser, name in seats.items():
        now = browser.server(lb)
        assert now != "one" and (name == "one" or now == name)
        assert browser.set_count == (2 if name == "one" else 1)
        assert browser.server(lb) == now
    misses = lb.metrics().value("lb_sticky_misses_total", service="appserver")
    assert misses >= 0


def test_one_that_is_disabled_loses_them_and_gets_them_back(start_lb, servers):
    lb = start_lb(STICKY, backends=servers.values())
    seats = come(lb)
    kept = {browser: browser.cookie for browser in seats}
    order(lb, servers["two"], "disable")
    for browser in seats:
        assert browser.server(lb) != "two"
    assert lb.metrics().value("lb_sticky_misses_total", service="appserver") == 2
    order(lb, servers["two"], "enable")
    lb.wait_ready(3)
    for browser, name in seats.items():
        browser.cookie = kept[browser]
        assert browser.server(lb) == name


def test_one_that_dies_and_returns_has_its_sessions_again(start_lb, servers, start_appserver):
    lb = start_lb(STICKY, "--eject-time=10ms", backends=servers.values())
    seats = come(lb)
    kept = {browser: browser.cookie for browser in seats}
    servers["three"].expected_status = -signal.SIGKILL
    servers["three"].signal(signal.SIGKILL)
    servers["three"].wait_end()
    for browser, name in seats.items():
        now = browser.server(lb)
        assert now != "three" and (name == "three" or now == name)
    start_appserver("three", port=servers["three"].address[1])
    lb.wait_ready(3)

    def is_back():
        for browser in seats:
            browser.cookie = kept[browser]
        return all(browser.server(lb) == name for browser, name in seats.items())
    wait_for(is_back, "everybody is back")


def test_the_name_stays_when_settings_change(start_lb, servers, tmp_path):
    config = tmp_path / "lb.json"
    config.write_text('{"balance": "sticky"}')
    lb = start_lb(f"--config={config}", backends=servers.values())
    seats = come(lb)
    config.write_text('{"balance": "sticky hash path", "sticky": "samesite=strict"}')
    lb.reload()
    check_stay(lb, seats)
    config.write_text('{"balance": "round-robin"}')
    lb.reload()
    browser = next(iter(seats))
    assert len({browser.server(lb) for _ in range(6)}) == 3
    assert browser.set_count == 1
