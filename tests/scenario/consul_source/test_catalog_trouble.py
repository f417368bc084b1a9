"""An agent that refuses, hangs, cuts, lies, or is not there."""

import pytest
from pretended_catalog import cut, entry, refuse, reset, say
from support.program import sanitizer
from support.waiting import wait_for

LARGE = b"[" + b" " * (17 << 20) + b"]"


def obstacle(watcher):
    """Of the last sign of life; None: there is none."""
    return watcher.signs_of_life[-1]["alive"].get("obstacle") or watcher.signs_of_life[-1].get("obstacle") \
        if watcher.signs_of_life else None


def wait_obstacle(watcher, words):
    wait_for(lambda: words in str(obstacle(watcher)), f"{words!r} in the way; {watcher.signs_of_life[-1:]}")


def wait_clear(watcher):
    wait_for(lambda: watcher.signs_of_life and watcher.signs_of_life[-1]["alive"]["connected"]
             and not obstacle(watcher), "nothing in the way")


def test_the_agent_comes_later_and_goes_and_comes(catalog, follow):
    catalog.put("web", entry("web"))
    catalog.stop()
    watcher = follow("--consul-service", "web")
    wait_obstacle(watcher, "cannot connect")
    watcher.no_line()
    catalog.start()
    watcher.next()
    wait_clear(watcher)
    catalog.wait_asked("/v1/health/service/web?index")
    catalog.stop()
    wait_obstacle(watcher, "the last state is kept")
    watcher.no_line()
    with catalog.changed:
        catalog.services["web"] = [entry("web", 2)]
    catalog.start()
    watcher.wait(lambda w: list(w.states()) == ["web-2"])
    wait_clear(watcher)


TROUBLES = {
    "429": (refuse(429, "too many"), "status 429"),
    "500": (refuse(500, "rpc error making call"), "rpc error making call"),
    "no leader": (refuse(500, "No cluster leader"), "No cluster leader"),
    "403": (refuse(403, "ACL not found"), "ACL not found"),
    "reset": (reset, "(asked for the service web)"),
    "cut": (cut, "(asked for the service web)"),
    "garbage": (say(b"nonsense"), "is no list of entries"),
    "other JSON": (say({"a": 1}), "is no list of entries"),
    "huge": (say(LARGE), "larger than is accepted"),
    "not HTTP": (lambda handler: handler.wfile.write(b"\x15\x03\x01\x00\x02\x02\x16"), "(asked for the service web)"),
}


@pytest.mark.parametrize("what", TROUBLES)
def test_trouble_with_a_service_keeps_its_state(catalog, follow, what):
    misdeed, words = TROUBLES[what]
    catalog.put("web", entry("web"))
    catalog.put("db", entry("db"))
    watcher = follow("--consul-service", "web,db")
    watcher.next()
    catalog.wait_asked("/v1/health/service/web?index")
    catalog.misdeeds["/v1/health/service/web"] = misdeed
    catalog.wake()
    wait_obstacle(watcher, words)
    assert obstacle(watcher)["remedy"]
    assert not watcher.signs_of_life[-1]["alive"]["connected"]
    watcher.no_line()
    catalog.put("db", entry("db", 2))  # the others go on
    watcher.wait(lambda w: list(w.states("db")) == ["db-2"])
    assert watcher.states() == {"web-1": "ready"}
    catalog.misdeeds.clear()
    catalog.put("web", entry("web", 2))
    watcher.wait(lambda w: list(w.states()) == ["web-2"])
    wait_clear(watcher)


@pytest.mark.parametrize("what", ["500", "no leader", "429", "reset", "cut"])
def test_trouble_at_the_start_is_waited_for(catalog, follow, what):
    catalog.put("web", entry("web"))
    catalog.misdeeds["/v1/health/service/web"] = TROUBLES[what][0]
    watcher = follow("--consul-service", "web")
    catalog.wait_asked("/v1/health/service/web", 2)
    watcher.no_line()
    catalog.misdeeds.clear()
    watcher.next()
    assert watcher.states() == {"web-1": "ready"}


def test_retry_after(catalog, follow):
    catalog.put("web", entry("web"))
    catalog.misdeeds["/v1/health/service/web"] = refuse(429, "too many", Retry_After="3600")
    watcher = follow("--consul-service", "web")
    wait_obstacle(watcher, "status 429")
    catalog.misdeeds.clear()
    watcher.no_line(2)
    assert len(catalog.asked("/v1/health/service/web")) == 1


def test_a_hang_is_noticed(catalog, follow, clock):
    catalog.put("web", entry("web"))
    catalog.misdeeds["/v1/health/service/web"] = lambda handler: catalog.wait_for(lambda: not catalog.misdeeds, 60)
    watcher = follow("--consul-service", "web", environment=clock.env)
    catalog.wait_asked("/v1/health/service/web")
    clock.pass_s(13)
    watcher.no_line(1.5)
    assert not obstacle(watcher)  # without a leader answers are held so long
    clock.pass_s(2)
    wait_obstacle(watcher, "no answer came in time")
    catalog.misdeeds.clear()
    catalog.wake()
    clock.pass_s(3)
    watcher.next()


@pytest.mark.skipif(sanitizer() is not None, reason="no clock can be moved there: it would take 80 s")
def test_a_hang_of_what_blocks_is_noticed(catalog, follow, clock):
    catalog.put("web", entry("web"))
    watcher = follow("--consul-service", "web", environment=clock.env)
    watcher.next()
    catalog.wait_asked("/v1/health/service/web?index")
    catalog.misdeeds["/v1/health/service/web?"] = lambda handler: catalog.wait_for(lambda: not catalog.misdeeds, 60)
    catalog.wake()
    catalog.wait_asked("/v1/health/service/web?index", 2)
    clock.pass_s(76)
    watcher.no_line(1.5)
    assert not any("/v1/health/service/web" == path for path in catalog.asked("/v1/health/service/web")[1:])
    clock.pass_s(3)
    wait_obstacle(watcher, "no answer came in time")
    catalog.misdeeds.clear()
    clock.pass_s(3)
    catalog.put("web", entry("web", 2))
    watcher.wait(lambda w: list(w.states()) == ["web-2"])
