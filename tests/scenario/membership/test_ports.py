"""Lines of version 2: an endpoint is one port of a container, which may have several."""

import json

import pytest

from support.discovery import endpoint, line_of
from support.waiting import wait_for

CONTAINER = "4f9cab" + "0" * 58


def port_of(container, port, address, name="app1", **more):
    return endpoint(name, address, id=f"{container}:{port}", container=container,
                    **{"protocol": "http", **more})


def version_2(*endpoints, **more):
    return {**line_of(endpoints, **more), "v": 2}


@pytest.fixture(name="backends")
def make_backends(start_backend):
    return [start_backend() for _ in range(2)]


def tell(discovery, backends, **more):
    discovery.send_line(version_2(*(port_of(CONTAINER, port, backend.address)
                                    for port, backend in zip((80, 81), backends)), **more))


def states(lb):
    """By address: both have the container's name."""
    return [e["state"] for e in sorted(
        (e for service in lb.pool()["services"] for e in service["endpoints"]),
        key=lambda e: e["address"])]


def order_of(backends, first, second):
    pair = sorted(zip(("%s:%d" % b.address for b in backends), (first, second)))
    return [state for _, state in pair]


@pytest.fixture(name="lb")
def make_lb(start_lb, discovery, backends, tmp_path):
    lb = start_lb("--workers=1", "--panic-below=0", f"--state={tmp_path / 'state.json'}", *discovery.flags)
    tell(discovery, backends)
    wait_for(lambda: states(lb) == ["ready"] * 2, "both are ready")
    return lb


def counts(connect, lb, backends, total=8):
    before = [backend.request_count for backend in backends]
    client = connect(lb)
    for _ in range(total):
        assert client.get().status == 200
    return [b.request_count - n for b, n in zip(backends, before)]


def test_both_ports_get_requests_and_are_told_as_the_container(lb, backends, connect):
    assert counts(connect, lb, backends) == [4, 4]
    told = [e for service in lb.pool()["services"] for e in service["endpoints"]]
    assert [(e["id"], e["name"]) for e in told] == [(CONTAINER, "app1")] * 2
    containers = json.loads(lb.ask("/explain/4f9c", fields=["Accept: application/json"]).body)["containers"]
    assert [c["id"] for c in containers] == [CONTAINER] * 2
    assert len(lb.ask("/explain/app1").body.splitlines()) == 2
    one = lb.ask("/explain/app1%3A80").body.decode()
    assert "at %s:%d since" % backends[0].address in one and len(one.splitlines()) == 1


@pytest.mark.parametrize("name", ["app1", "4f9c", CONTAINER])
def test_one_port_is_drained_alone(name, lb, backends, connect):
    status, answer = lb.order(f"/endpoints/{name}%3A80/drain")
    assert (status, answer["id"], answer["state"]) == (200, CONTAINER, "draining")
    assert states(lb) == order_of(backends, "draining", "ready")
    assert counts(connect, lb, backends) == [0, 8]
    assert lb.messages().count(f"admin: drain app1:80 ({CONTAINER[:12]})") == 1
    assert lb.order(f"/endpoints/{name}%3A80/undrain")[1]["state"] == "ready"
    assert counts(connect, lb, backends) == [4, 4]


def test_an_order_for_the_container_is_for_all_its_ports(lb, backends, tmp_path):
    lb.order("/endpoints/app1%3A80/disable")
    status, answer = lb.order("/endpoints/app1/drain")
    assert status == 200 and [e["state"] for e in answer["endpoints"]] == ["draining"] * 2
    assert answer["message"].count("app1 is draining") == 2
    assert states(lb) == ["draining"] * 2
    assert json.loads((tmp_path / "state.json").read_text())["orders"] == [
        {"id": CONTAINER, "order": "drain", "weight": 0}]
    status, error = lb.order("/endpoints/app1%3A80/undrain")
    assert (status, error["error"]) == (409, "other_order") and "All of app1 was drained" in error["message"]
    assert lb.order("/endpoints/app1/undrain")[0] == 200
    assert states(lb) == ["ready"] * 2


def test_weights(lb, backends, connect):
    assert lb.order("/endpoints/app1%3A80/weight?value=3")[1]["weight"] == 3
    assert counts(connect, lb, backends) == [6, 2]
    lb.order("/endpoints/app1/weight?value=2")
    assert counts(connect, lb, backends) == [4, 4]


def test_no_such_port(lb):
    assert lb.order("/endpoints/app1%3A8/drain")[0] == 404
    assert lb.order("/endpoints/app1%3A/drain")[0] == 404
    assert lb.order("/endpoints/%3A80/drain")[0] == 404
    assert lb.order("/endpoints/4f9%3A80/drain")[0] == 404  # three digits are too few


def test_orders_of_a_port_outlast_its_container_being_left_out(lb, discovery, backends):
    lb.order("/endpoints/app1%3A80/drain")
    discovery.send_line(version_2(left_out=[
        {"id": CONTAINER, "name": "app1", "service": "appserver", "since_ns": 1,
         "reason": "not_running", "detail": "it ended"}]))
    wait_for(lambda: not lb.pool()["services"], "it is gone")
    tell(discovery, backends)
    wait_for(lambda: states(lb) == order_of(backends, "draining", "ready"), "it is back")


@pytest.mark.parametrize("name", ["app1", "4f9c", CONTAINER])
def test_an_order_is_taken_back_while_its_port_is_no_endpoint(name, lb, discovery, backends, tmp_path):
    """Of one port while another is told, and of all while the container is left out."""
    lb.order("/endpoints/app1%3A80/drain")
    discovery.send_line(version_2(port_of(CONTAINER, 81, backends[1].address)))
    wait_for(lambda: states(lb) == ["ready"], "it is not told any more")
    status, error = lb.order(f"/endpoints/{name}%3A80/enable")
    assert (status, error["error"]) == (409, "other_order") and "was drained: use undrain" in error["message"]
    assert lb.order(f"/endpoints/{name}%3A82/undrain")[0] == 404
    status, answer = lb.order(f"/endpoints/{name}%3A80/undrain")
    assert status == 200 and "the order is taken back" in answer["message"]
    assert lb.order(f"/endpoints/{name}%3A80/undrain")[0] == 404  # it was
    assert json.loads((tmp_path / "state.json").read_text())["orders"] == []
    tell(discovery, backends)
    wait_for(lambda: states(lb) == ["ready"] * 2, "it is back")
    lb.order("/endpoints/app1%3A80/disable")
    discovery.send_line(version_2(left_out=[
        {"id": CONTAINER, "name": "app1", "service": "appserver", "since_ns": 1,
         "reason": "not_running", "detail": "it ended"}]))
    wait_for(lambda: not lb.pool()["services"], "it is gone")
    assert lb.order(f"/endpoints/{name}/undrain")[0] == 409
    assert lb.order(f"/endpoints/{name}/enable")[0] == 200
    tell(discovery, backends)
    wait_for(lambda: states(lb) == ["ready"] * 2, "it is back")


def test_orders_kept_before_there_were_ports_hold(start_lb, discovery, backends, tmp_path):
    (tmp_path / "state.json").write_text(json.dumps(
        {"v": 1, "orders": [{"id": CONTAINER, "order": "drain", "weight": 0}]}))
    lb = start_lb(f"--state={tmp_path / 'state.json'}", *discovery.flags)
    tell(discovery, backends)
    wait_for(lambda: states(lb) == ["draining"] * 2, "the order holds")


def test_version_2_takes_over_from_version_1(start_lb, discovery, backends, connect):
    """Discovery is replaced by a newer one: no request fails, and nothing is probed or counted anew."""
    one = backends[0]
    lb = start_lb("--workers=1", *discovery.flags)
    discovery.send(endpoint("app1", one.address, id=CONTAINER))
    lb.wait_ready(1)
    client = connect(lb)
    assert client.get().status == 200
    one.stop_listening()  # a new probe could not succeed
    discovery.send_line(version_2(port_of(CONTAINER, 80, one.address, weight=2)))
    wait_for(lambda: lb.endpoints()["app1"]["weight"] == 2, "the line is read")
    app1 = lb.endpoints()["app1"]
    assert (app1["state"], app1["requests"], app1["id"]) == ("ready", 1, CONTAINER)


def test_version_1_is_read_after_version_2(start_lb, discovery, backends, connect):
    lb = start_lb(*discovery.flags)
    discovery.send_line(version_2(port_of(CONTAINER, 80, backends[0].address)))
    lb.wait_ready(1)
    discovery.send(endpoint("app1", backends[0].address, id=CONTAINER, weight=2))
    wait_for(lambda: lb.endpoints()["app1"]["weight"] == 2, "the line is read")
    lb.wait_ready(1)
    assert connect(lb).get().status == 200
    assert lb.pool()["discovery"]["bad_lines"] == 0


LIMITS = {
    "h2c": "lb does not speak HTTP/2 to its servers yet",
    "tcp": "no TCP listener leads to its service",
    "later": "lb does not know that",
}


@pytest.mark.parametrize("protocol", LIMITS)
def test_what_lb_does_not_speak_is_left_out(protocol, start_lb, discovery, backends, connect):
    lb = start_lb(*discovery.flags)
    discovery.send_line(version_2(
        port_of(CONTAINER, 80, backends[0].address),
        port_of(CONTAINER, 81, backends[1].address, protocol=protocol)))
    lb.wait_ready(1)
    assert counts(connect, lb, backends) == [8, 0]
    left, = lb.pool()["left_out"]
    assert (left["id"], left["name"], left["reason"]) == (CONTAINER, "app1", "other_protocol")
    said = lb.ask("/explain/app1%3A81").body.decode()
    assert (f"not routed, other_protocol: it is offered as {protocol}, and {LIMITS[protocol]}. "
            "lb speaks HTTP/1.1 to its servers, by TLS or without: offer a port that does (lb.port with "
            "lb.protocol=http or https") in said
    assert "--tcp IP:PORT=SERVICE" in said and "--dynamic-ports" in said
    lb.wait_message(f'discovery: passed over: service "[a-z]+": app1: it is offered as {protocol}, and ')
    assert len(lb.ask("/explain/app1").body.splitlines()) == 2


def test_a_udp_port_that_an_image_exposes_bothers_nobody(start_lb, discovery, backends):
    """Nor does it keep its container out; where a container has nothing else, that is told."""
    lb = start_lb(*discovery.flags)
    tcp = port_of(CONTAINER, 80, backends[0].address)
    udp = {**tcp, "id": tcp["id"] + "/udp", "protocol": "udp"}
    discovery.send_line(version_2(tcp, udp))
    lb.wait_ready(1)
    assert lb.pool()["left_out"] == []
    assert len(lb.ask("/explain/app1").body.splitlines()) == 1
    assert not lb.find_message("passed over", 0)
    discovery.send_line(version_2(udp))
    wait_for(lambda: lb.pool()["left_out"], "it is told")
    said = lb.ask("/explain/app1").body.decode()
    assert "it is offered as udp, and no UDP listener leads to its service" in said and "--udp" in said
    lb.wait_message("passed over: .* it is offered as udp")


def test_remarks_are_the_containers(lb, discovery, backends):
    tell(discovery, backends, remarks={CONTAINER: "its label is odd"})
    wait_for(lambda: lb.ask("/explain/app1").body.decode().count("Note: its label is odd") == 1, "it is told once")


def test_a_label_that_leads_nowhere_is_one_ports(lb, discovery, backends):
    tell(discovery, backends, left_out=[
        {"id": f"{CONTAINER}:82", "container": CONTAINER, "name": "app1", "service": "appserver",
         "since_ns": 1, "reason": "bad_port", "detail": "why", "port": 82}])
    wait_for(lambda: len(lb.pool()["left_out"]) == 1, "the line is read")
    assert lb.pool()["left_out"][0]["id"] == CONTAINER
    assert "bad_port" in lb.ask("/explain/app1%3A82").body.decode()


def test_the_access_log_names_the_container(start_lb, discovery, backends, connect, tmp_path):
    log = tmp_path / "access.log"
    lb = start_lb(f"--access-log={log}", *discovery.flags)
    tell(discovery, backends)
    lb.wait_ready(1)
    connect(lb).get()
    wait_for(lambda: log.exists() and log.read_text(), "it is logged")
    assert CONTAINER in log.read_text() and CONTAINER + ":" not in log.read_text()

