"""That nothing is registered is an obstacle that lb is told of, while the source itself is followed."""

from registering_host import id_of, owned, web
from support.waiting import wait_for
from watcher import Watcher


def test_told_as_a_sign_of_life(agent, host):
    host.add(web(1))
    agent.stop()
    with Watcher(f"--docker=unix://{host.engine.path}", "--self=none", f"--register={agent.url}") as watcher:
        def last():
            return watcher.signs_of_life[-1]["alive"] if watcher.signs_of_life else {}
        wait_for(lambda: "takes no registrations" in last().get("obstacle", {}).get("why", ""), "it is told")
        assert last()["connected"] and "start the agent" in last()["obstacle"]["remedy"]
        agent.start()
        agent.wait_for(lambda: owned(agent) == {id_of(1)})
        wait_for(lambda: "obstacle" not in last(), "it is over")
    assert watcher.next()["services"]
