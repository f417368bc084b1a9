"""That nothing is registered is an obstacle that lb is told of, while the source itself is followed."""

from registering_host import id_of, owned, web
from support.waiting import wait_for
from watcher import Watcher


def test_told_as_a_sign_of_life(agent, host):
    host.add(web(1))
    agent.stop()
    with Watcher(f"--docker=unix://{host.engine.path}", "--self=none", f"--register={agent.url}") as watcher:
        def row(alive):
            return next(source for source in alive["sources"] if source["source"] == "register")
        alive = watcher.wait_sign(lambda alive: "takes no registrations" in row(alive).get("obstacle", {}).get("why", ""))
        assert not row(alive)["connected"] and "start the agent" in row(alive)["obstacle"]["remedy"]
        assert alive["connected"] and "obstacle" not in alive  # all that serve are followed
        agent.start()
        agent.wait_for(lambda: owned(agent) == {id_of(1)})
        wait_for(lambda: "obstacle" not in row(watcher.signs_of_life[-1]["alive"]), "it is over")
    assert watcher.next()["services"]
