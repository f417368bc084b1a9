"""What becomes of services and tasks of a swarm: with a manager that a test plays."""

import pytest
from fake_docker import container
from pretended_manager import NETWORK, PretendedManager
from watcher import Watcher

from support.waiting import wait_for

LB = "9" * 64
PORTS = [{"Protocol": "tcp", "TargetPort": 80}]


def watch(manager, *flags):
    """lb runs in a container on the overlay network."""
    manager.add(container(LB, "lb", networks={"web": {"NetworkID": NETWORK, "IPAddress": "10.0.1.9"}}))
    return Watcher(f"--swarm=unix://{manager.path}", "--self", LB, *flags)


def test_services_tasks_and_their_labels(manager):
    manager.add_service("shop", {"lb.host": "shop.test", "lb.weight": "7"}, PORTS)
    manager.add_task("a1", "shop", labels={"lb.weight": "3"})
    manager.add_task("b2", "shop", ip="10.0.1.3", state="preparing")
    with watch(manager) as w:
        w.next()
        endpoint, = w.endpoints("shop.test").values()
        assert endpoint["id"] == "a1".ljust(64, "0") + ":80"
        assert (endpoint["name"], endpoint["address"], endpoint["port"]) == ("shop.1.a1", "10.0.1.2", 80)
        assert (endpoint["weight"], endpoint["state"], endpoint["local"]) == (3, "ready", True)
        assert w.left_out()["shop.1.b2"]["detail"] == "it is preparing"
        manager.add_task("b2", "shop", ip="10.0.1.3", state="starting")
        w.wait(lambda w: w.states("shop.test") == {"shop.1.a1": "ready", "shop.1.b2": "starting"})
        manager.add_task("b2", "shop", ip="10.0.1.3")
        w.wait(lambda w: w.states("shop.test").get("shop.1.b2") == "ready")
        manager.add_service("shop", {"lb.host": "other.test"}, PORTS)
        manager.ring()
        w.wait(lambda w: set(w.states("other.test")) == {"shop.1.a1", "shop.1.b2"})


def test_told_to_end_until_it_has(manager):
    manager.add_service("shop", ports=PORTS)
    manager.add_task("a1", "shop")
    manager.add_task("b2", "shop", ip="10.0.1.3")
    with watch(manager) as w:
        w.wait(lambda w: len(w.states("shop")) == 2)
        manager.desire("b2", "shutdown")
        manager.ring()
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "ready", "shop.1.b2": "draining"})
        manager.desire("b2", "shutdown", "shutdown")
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "ready"})
        del manager.services["shop"]  # and with it all tasks, which end by and by
        manager.desire("a1", "remove")
        manager.ring("remove")
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "draining"})
        manager.remove_task("a1")
        w.wait(lambda w: not w.states("shop"))


def test_quickly_while_something_moves(manager):
    """An update goes from task to task without a word; each is seen at once."""
    manager.add_service("shop", ports=PORTS, update="updating")
    manager.add_task("a1", "shop")
    with watch(manager) as w:
        w.next()
        manager.wait_request("/tasks", 10)  # 50 ms each, where quiet ones are 2 s
        manager.desire("a1", "shutdown")
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "draining"}, 2)


def test_ports_of_the_image(manager):
    manager.add_service("shop")
    manager.add_task("a1", "shop")
    with watch(manager) as w:
        w.wait(lambda w: w.reasons() == {"shop.1.a1": "no_port"})
        assert "this node does not have it" in w.left_out()["shop.1.a1"]["detail"]
    manager.images["shop:1"] = {"Config": {"ExposedPorts": {"8484/tcp": {}}, "Labels": {"lb.weight": "5"}}}
    with watch(manager) as w:
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "ready"})
        assert w.endpoints("shop")["shop.1.a1"]["port"] == 8484
        assert w.endpoints("shop")["shop.1.a1"]["weight"] == 5


def test_other_nodes_and_one_that_is_lost(manager):
    manager.add_node("othernode", "192.0.2.2")
    manager.add_service("shop", ports=PORTS)
    manager.add_task("a1", "shop", node="othernode")
    with watch(manager) as w:
        w.next()
        assert not w.endpoints("shop")["shop.1.a1"].get("local")
        manager.add_node("othernode", "192.0.2.2", "down")
        manager.ring(kind="node")
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "unhealthy"})
        assert w.endpoints("shop")["shop.1.a1"]["health"] == "its node host-ot is down"
        manager.add_node("othernode", "192.0.2.2")
        manager.ring(kind="node")
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "ready"})


def test_lb_on_the_host(manager):
    published = [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 8080, "PublishMode": "host"}]
    manager.add_node("othernode", "192.0.2.2")
    manager.add_service("shop", ports=PORTS)
    manager.add_task("a1", "shop", node="othernode", published=published)
    manager.add_task("b2", "shop", ip="10.0.1.3")
    with Watcher(f"--swarm=unix://{manager.path}", "--self", "none") as w:
        w.next()
        endpoint, = w.endpoints("shop").values()
        assert (endpoint["address"], endpoint["port"]) == ("192.0.2.2", 8080)
        assert w.reasons() == {"shop.1.b2": "no_shared_network"}
        assert "mode=host" in w.left_out()["shop.1.b2"]["remedy"]


def test_same_server_of_docker_and_swarm(manager):
    """Of two sources that tell one server the most careful counts: Docker knows of a pause, the swarm of its end."""
    cid = "a1".ljust(64, "0")
    manager.add_service("shop", {"lb.service": "shop"}, PORTS)
    manager.add_task("a1", "shop")
    manager.add(container(cid, "shop.1.a1", service="shop", networks={
        "web": {"NetworkID": NETWORK, "IPAddress": "10.0.1.2"}}))
    with watch(manager, f"--docker=unix://{manager.path}") as w:
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "ready"})
        manager.containers[cid]["State"]["Paused"] = True
        manager.event("pause", cid)
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "paused"})
        manager.containers[cid]["State"]["Paused"] = False
        manager.event("unpause", cid)
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "ready"})
        manager.desire("a1", "shutdown")
        manager.ring()
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "draining"})


# ---- managers that are none, or ill ------------------------------------------------------------


def test_no_manager(manager):
    manager.info["Swarm"] = {"LocalNodeState": "inactive", "NodeID": "", "ControlAvailable": False}
    with watch(manager) as w:
        w.wait_message("it is no manager of a swarm (its part in one: inactive)")
        w.no_line(0.1)
        manager.info["Swarm"] = {"LocalNodeState": "active", "NodeID": "n", "ControlAvailable": True}
        w.next()


def test_one_that_is_no_manager_any_more(manager):
    manager.add_service("shop", ports=PORTS)
    manager.add_task("a1", "shop")
    with watch(manager) as w:
        w.next()
        manager.answers["/services"] = manager.answers["/tasks"] = (
            503, b'{"message":"This node is not a swarm manager. Worker nodes can\'t be used to view cluster state."}')
        manager.ring()
        w.wait_message("is not a swarm manager")
        w.no_line(0.2)  # the last state stays


def test_goes_and_comes(tmp_path):
    manager = PretendedManager(tmp_path / "docker.sock")
    manager.add_service("shop", ports=PORTS)
    manager.add_task("a1", "shop")
    with watch(manager) as w:
        w.wait_message("cannot connect: No such file or directory")
        manager.start()
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "ready"})
        manager.stop()
        w.wait_message("the last state is kept")
        w.no_line(0.2)
        manager.add_task("b2", "shop", ip="10.0.1.3")
        manager.start()
        w.wait(lambda w: len(w.states("shop")) == 2)
        manager.stop()


@pytest.mark.parametrize("path", ["/networks", "/nodes", "/events", "/info", "/images/*"])
def test_refused_and_followed_all_the_same(manager, path):
    manager.refused = [path]
    manager.add_service("shop", ports=PORTS)
    manager.add_task("a1", "shop")
    with watch(manager) as w:
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "ready"})
        manager.add_task("b2", "shop", ip="10.0.1.3")
        w.wait(lambda w: len(w.states("shop")) == 2)


@pytest.mark.parametrize("path", ["/services", "/tasks"])
def test_refused_and_not_followed(manager, path):
    manager.refused = [path]
    with watch(manager) as w:
        w.wait_message(f"the list of {path[1:]} is refused with status 403")
        w.no_line(0.1)
        manager.refused = []
        w.next()


@pytest.mark.parametrize("path", ["/services", "/tasks", "/nodes"])
@pytest.mark.parametrize("body", [b"nonsense", b"{}", b"[", b'[{"ID":"x"}', b""])
def test_lists_that_are_none(manager, path, body):
    manager.add_service("shop", ports=PORTS)
    manager.add_task("a1", "shop")
    with watch(manager) as w:
        w.next()
        manager.answers[path] = (200, body)
        manager.ring()
        w.wait_message(f"the list of {path[1:]}: it is no JSON array")
        w.no_line(0.1)
        del manager.answers[path]
        manager.add_task("b2", "shop", ip="10.0.1.3")
        w.wait(lambda w: len(w.states("shop")) == 2)


def test_an_empty_list_is_asked_for_again(manager):
    """As of a manager that has lost its memory for a moment: nobody is drained for that."""
    manager.add_service("shop", ports=PORTS)
    manager.add_task("a1", "shop")
    tell, asked = manager._filter, []

    def forget_now_and_then(query):
        asked.append(query)
        return [] if len(asked) % 2 else tell(query)
    with watch(manager) as w:
        w.wait(lambda w: w.states("shop") == {"shop.1.a1": "ready"})
        manager._filter = forget_now_and_then
        manager.ring()
        wait_for(lambda: len(asked) > 6, "it is asked several times")
        w.no_line(0.1)
        manager._filter = lambda query: []
        w.wait(lambda w: not w.states("shop"))


def test_strange_elements_are_passed_over(manager):
    manager.add_service("shop", ports=PORTS)
    manager.add_service("big", {"lb.note": "x" * (1 << 20)}, PORTS)  # longer than anything that is read
    manager.services["odd"] = {"ID": "../containers", "Spec": 7}
    manager.services["list"] = [7]
    manager.add_task("a1", "shop")
    manager.add_task("c3", "big", ip="10.0.1.4")
    manager.tasks["odd"] = {"ID": 7, "DesiredState": "running"}
    with watch(manager) as w:
        w.next()
        assert w.states("shop") == {"shop.1.a1": "ready"}
        assert len(w.last["services"]) == 1
