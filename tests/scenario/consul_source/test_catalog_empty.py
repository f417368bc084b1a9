"""Empty answers: who is gone, and who may only not be seen any more."""

import time

import pytest
from pretended_catalog import entry, refuse, say
from test_catalog_trouble import obstacle, wait_clear, wait_obstacle

RIGHTS = {"web", "db", "consul", "nodes"}


@pytest.fixture
def web(catalog, follow):
    """Follows a service with two servers."""
    catalog.put("web", entry("web"), entry("web", 2))
    watcher = follow("--consul-service", "web")
    watcher.next()
    catalog.wait_asked("/v1/health/service/web?index")
    return watcher


def test_what_is_gone_goes_once_it_is_confirmed(catalog, web):
    began = time.monotonic()
    catalog.put("web")
    web.next()
    assert web.states() == {}
    assert time.monotonic() - began >= 0.45
    assert catalog.asked("/v1/health/service/web?consistent") and catalog.asked("/v1/catalog/nodes?consistent")
    catalog.put("web", entry("web", 3))
    web.wait(lambda w: list(w.states()) == ["web-3"])


def test_what_comes_back_within_the_pause_was_never_gone(catalog, web):
    catalog.put("web")
    catalog.wait_asked("/v1/health/service/web?index", 2)
    catalog.put("web", entry("web", 3))
    web.next()
    assert list(web.states()) == ["web-3"]


def test_one_empty_answer_is_not_believed(catalog, web):
    catalog.misdeeds["/v1/health/service/web?index"] = say([], index=50)
    catalog.wake()
    catalog.wait_asked("/v1/health/service/web?consistent")
    web.no_line(1)
    assert web.states() == {"web-1": "ready", "web-2": "ready"}


def test_a_token_that_is_revoked_and_restored(catalog, follow):
    catalog.acls, catalog.rights = True, set(RIGHTS)
    catalog.put("web", entry("web"), entry("web", 2))
    watcher = follow("--consul-service", "web")
    watcher.next()
    catalog.wait_asked("/v1/health/service/web?index")
    with catalog.changed:
        catalog.rights = set()
    catalog.wake()
    wait_obstacle(watcher, "its ACLs do not let lb see the servers of the service web; the last state is kept")
    assert "node_prefix" in obstacle(watcher)["remedy"]
    watcher.no_line(1)
    with catalog.changed:
        catalog.rights = set(RIGHTS)
    wait_clear(watcher)
    watcher.no_line()
    catalog.put("web", entry("web", 2))
    watcher.wait(lambda w: list(w.states()) == ["web-2"])


@pytest.mark.parametrize("left", [{"web"}, {"nodes", "db", "consul"}, {"web", "db", "consul"}])
def test_a_right_that_is_lost(catalog, follow, left):
    catalog.acls, catalog.rights = True, set(RIGHTS)
    catalog.put("web", entry("web"))
    watcher = follow("--consul-service", "web")
    watcher.next()
    catalog.wait_asked("/v1/health/service/web?index")
    with catalog.changed:
        catalog.rights = left
    catalog.wake()
    wait_obstacle(watcher, "its ACLs do not let lb see")
    watcher.no_line()


def test_with_rights_what_is_gone_is_gone(catalog, follow):
    catalog.acls, catalog.rights = True, set(RIGHTS)
    catalog.put("web", entry("web"))
    watcher = follow("--consul-service", "web")
    watcher.next()
    catalog.put("web")
    watcher.wait(lambda w: w.states() == {})
    wait_clear(watcher)


def test_rights_that_are_missing_from_the_beginning_are_told(catalog, follow):
    catalog.acls = True
    catalog.put("web", entry("web"))
    watcher = follow("--consul-service", "web")
    watcher.next()
    assert watcher.states() == {}
    wait_obstacle(watcher, "its ACLs do not let lb see the servers of the service web")
    with catalog.changed:
        catalog.rights = set(RIGHTS)
    watcher.wait(lambda w: w.states() == {"web-1": "ready"})
    wait_clear(watcher)


def test_where_rights_cannot_be_asked_for_headers_count(catalog, follow):
    catalog.has_authorize, catalog.tells_filtered = False, True
    catalog.acls, catalog.rights = True, set(RIGHTS)
    catalog.put("web", entry("web"))
    watcher = follow("--consul-service", "web")
    watcher.next()
    with catalog.changed:
        catalog.rights = set()
    catalog.wake()
    wait_obstacle(watcher, "its ACLs do not let lb see")


def test_an_unknown_token(catalog, web):
    for path in ("/v1/health", "/v1/catalog", "/v1/internal"):
        catalog.misdeeds[path] = refuse(403, "ACL not found")
    catalog.wake()
    wait_obstacle(web, "ACL not found")
    web.no_line()
    catalog.misdeeds.clear()
    wait_clear(web)


def test_a_catalog_that_still_names_it(catalog, web):
    catalog.misdeeds["/v1/health/service/web"] = say([], index=60)
    catalog.wake()
    wait_obstacle(web, "nothing confirms that")
    web.no_line()


def test_a_catalog_without_nodes(catalog, web):
    catalog.nodes = []
    catalog.put("web")
    wait_obstacle(web, "nothing confirms that")
    web.no_line()
    catalog.nodes = ["n1"]
    web.wait(lambda w: w.states() == {})


def test_a_second_look_that_fails(catalog, web):
    catalog.misdeeds["/v1/catalog/nodes"] = refuse(500, "rpc error")
    catalog.put("web")
    wait_obstacle(web, "nothing confirms that")
    web.no_line()
    catalog.misdeeds.clear()
    web.wait(lambda w: w.states() == {})


@pytest.mark.slow("two minutes of a clock that is moved on, with looks in between")
def test_an_agent_that_was_wiped(catalog, follow, clock):
    """Who registers has time to do so; then it is over."""
    catalog.put("web", entry("web"))
    watcher = follow("--consul-service", "web", environment=clock.env)
    watcher.next()
    catalog.wait_asked("/v1/health/service/web?index")
    catalog.stop()
    wait_obstacle(watcher, "the last state is kept")
    with catalog.changed:
        catalog.services.clear()
        catalog.index = 2
    catalog.start()
    clock.pass_s(5)
    wait_obstacle(watcher, "its catalog is a new one")
    watcher.no_line()
    assert watcher.states() == {"web-1": "ready"}
    for _ in range(3):
        clock.pass_s(45)
        with catalog.changed:  # as a minute brings an answer
            catalog.requests.clear()
        catalog.wake()
        catalog.wait_asked("/v1/health/service/web?index")
        catalog.wait_asked("/v1/catalog/services?index")
    watcher.wait(lambda w: w.states() == {})


def test_a_wiped_agent_that_is_filled_again(catalog, follow):
    catalog.put("web", entry("web"))
    watcher = follow("--consul-service", "web")
    watcher.next()
    catalog.wait_asked("/v1/health/service/web?index")
    catalog.stop()
    with catalog.changed:
        catalog.services.clear()
        catalog.index = 2
    catalog.start()
    wait_obstacle(watcher, "its catalog is a new one")
    catalog.put("web", entry("web", 3))
    watcher.wait(lambda w: list(w.states()) == ["web-3"])
    wait_clear(watcher)


def test_a_tagged_service_that_the_list_loses(catalog, follow):
    """The list alone takes nothing away."""
    catalog.put("web", entry("web", tags=["lb.host=a.test"]))
    catalog.put("db", entry("db", tags=["lb.host=b.test"]))
    watcher = follow()
    watcher.next()
    catalog.misdeeds["/v1/catalog/services"] = say({"consul": [], "db": ["lb.host=b.test"]}, index=60)
    catalog.wake()
    watcher.no_line(1)
    assert watcher.states() == {"web-1": "ready"}
    catalog.misdeeds.clear()


def test_a_tag_that_is_taken_away(catalog, follow):
    catalog.put("web", entry("web", tags=["lb.host=a.test"]))
    watcher = follow()
    watcher.next()
    catalog.put("web", entry("web"))
    watcher.wait(lambda w: w.states() == {} and not w.last["routes"])
