"""From the words of containers to the site that a request gets: other proxies' words, through lb-discovery and lb."""

import pytest
from fake_docker import FakeDocker, container
from watcher import Watcher

IDS = [f"{number:064x}" for number in range(600)]
OLD, NEW = "2024-01-01T10:00:00.5Z", "2024-01-01T13:00:00+02:00"


@pytest.fixture
def engine(tmp_path):
    with FakeDocker(tmp_path / "docker.sock") as fake:
        yield fake


def watch(engine, *flags, **kwargs):
    return Watcher("--docker=unix://" + engine.path, "--self", "none", *flags, **kwargs)


def plain(number, name, labels=None, env=(), created=None, address=("10.9.0.2", 80), running=True, image="image"):
    """A container without labels of lb."""
    made = container(IDS[number], name, ip=address[0], running=running)
    made["Config"].update(Labels=labels or {}, Env=list(env), Image=image,
                          ExposedPorts={f"{address[1]}/tcp": {}})
    if created:
        made["Created"] = created
    return made


def routes(w):
    return sorted((route.get("host"), route.get("service", route.get("answer")), route["container_name"])
                  for route in w.last["routes"])


def serving(w):
    return {service["name"]: sorted(endpoint["name"] for endpoint in service["endpoints"])
            for service in w.last["services"]}


def test_a_virtual_host_is_a_route_to_the_pool_of_its_containers(engine):
    engine.add(plain(1, "one", env=["VIRTUAL_HOST=a.test,www.a.test"], created=OLD))
    engine.add(plain(2, "two", env=["VIRTUAL_HOST=a.test"], created=NEW))
    engine.add(plain(3, "none"))
    with watch(engine) as w:
        w.next()
        assert routes(w) == [("a.test", "a.test", "one"), ("a.test", "a.test", "two"),
                             ("www.a.test", "www.a.test", "one")]
        assert serving(w)["a.test"] == ["one", "two"] and serving(w)["www.a.test"] == ["one"]
        assert serving(w)["image"] == ["none"]
        first = next(route for route in w.last["routes"] if route["container_name"] == "one")
        assert (first["dialect"], first["label"], first["container"]) == ("nginx-proxy", "VIRTUAL_HOST", IDS[1])
        assert first["created_ns"] == 1704103200500000000
        assert next(r for r in w.last["routes"] if r["container_name"] == "two")["created_ns"] == 1704106800000000000
        ids = {endpoint["id"] for service in w.last["services"] for endpoint in service["endpoints"]
               if endpoint["name"] == "one"}
        assert ids == {f"{IDS[1]}:80"}


def test_a_site_without_a_service_has_the_containers_that_claim_it(engine):
    """Whatever their images are called, and whatever else has those."""
    engine.add(plain(1, "one", {"lb.host": "a.test,b.test", "lb.path": "/app"}, image="web"))
    engine.add(plain(2, "two", {"lb.host": "a.test", "lb.path": "/app"}, image="other"))
    engine.add(plain(3, "virtual", env=["VIRTUAL_HOST=b.test", "VIRTUAL_PATH=/app"], image="third"))
    engine.add(plain(4, "unlabelled", image="web"))
    engine.add(plain(5, "named", {"lb.host": "c.test", "lb.service": "web"}, image="web"))
    with watch(engine) as w:
        w.next()
        assert serving(w) == {"a.test/app": ["one", "two"], "b.test/app": ["one", "virtual"], "web": ["named", "unlabelled"]}
        assert {route[:2] for route in routes(w)} == {("a.test", "a.test/app"), ("b.test", "b.test/app"), ("c.test", "web")}
        assert "remarks" not in w.last


def test_routes_stay_with_a_container_that_is_down(engine):
    engine.add(plain(1, "one", env=["VIRTUAL_HOST=a.test"]))
    with watch(engine) as w:
        w.next()
        engine.wait_stream()
        engine.containers[IDS[1]]["State"].update(Running=False, Status="exited")
        engine.event("die", IDS[1], exitCode="0")
        w.wait(lambda w: w.reasons() == {"one": "not_running"})
        assert routes(w) == [("a.test", "a.test", "one")] and serving(w) == {}
        del engine.containers[IDS[1]]
        engine.event("destroy", IDS[1])
        w.wait(lambda w: not w.last["routes"])


def test_of_two_that_want_the_same_the_older_one_is_heard_and_the_other_told(engine):
    engine.add(plain(1, "young", {"lb.service": "b", "lb.host": "a.test"}, created=NEW))
    engine.add(plain(2, "old", {"lb.service": "a", "lb.host": "a.test"}, created=OLD))
    engine.add(plain(3, "down", {"lb.service": "c", "lb.host": "a.test"}, created=OLD, running=False))
    with watch(engine) as w:
        w.next()
        said = ("its route for a.test, by lb.host, is overruled: the container old, which is older, "
                "wants them for a")
        assert w.last["remarks"] == {IDS[1]: said}
        w.wait_message("container young: " + said)
        assert routes(w) == [("a.test", "a", "old"), ("a.test", "b", "young")]
        assert [route["created_ns"] for route in w.last["routes"]] == sorted(
            (route["created_ns"] for route in w.last["routes"]), reverse=True)


def test_traefik_routers_use_what_other_containers_define(engine):
    engine.add(plain(1, "web", {"traefik.http.routers.web.rule": "Host(`a.test`) && PathPrefix(`/api`)",
                                "traefik.http.routers.web.middlewares": "strip@docker"}))
    with watch(engine) as w:
        w.next()
        assert [(route["host"], route["answer"]) for route in w.last["routes"]] == [("a.test", 404)]
        engine.wait_stream()
        engine.add(plain(2, "shared", {"traefik.http.middlewares.strip.stripprefix.prefixes": "/api"}))
        engine.event("start", IDS[2])
        w.wait(lambda w: any(route.get("strip") == "/api" for route in w.last["routes"]))
        assert not [route for route in w.last["routes"] if "answer" in route]
        del engine.containers[IDS[2]]
        engine.event("destroy", IDS[2])
        w.wait(lambda w: [route.get("answer") for route in w.last["routes"]] == [404])


def test_registrators_names_are_services(engine):
    engine.add(plain(1, "one", env=["SERVICE_80_NAME=shop"]))
    engine.add(plain(2, "two", env=["SERVICE_IGNORE=true", "VIRTUAL_HOST=a.test"]))
    with watch(engine) as w:
        w.next()
        assert serving(w) == {"shop": ["one"]} and w.reasons() == {"two": "disabled"} and not w.last["routes"]


def test_registrators_ports_need_not_be_published_nor_exposed(engine):
    """Each port that has a name is a server of its own service, by the network of the container."""
    engine.add(plain(1, "one", env=["SERVICE_8080_NAME=shop", "SERVICE_9090_NAME=metrics", "SERVICE_8009_NAME=ajp",
                                    "SERVICE_8009_IGNORE=true", "SERVICE_8080_TAGS=http,urlprefix-shop.test/"]))
    engine.add(plain(2, "two", env=["SERVICE_8080_TAGS=urlprefix-shop.test/", "SERVICE_TAGS=urlprefix-all.test/x strip=/x"]))
    with watch(engine) as w:
        w.next()
        ports = {(service["name"], endpoint["name"], endpoint["address"], endpoint["port"])
                 for service in w.last["services"] for endpoint in service["endpoints"]}
        assert ports == {("shop", "one", "10.9.0.2", 8080), ("metrics", "one", "10.9.0.2", 9090),
                         ("shop.test", "one", "10.9.0.2", 8080), ("shop.test", "two", "10.9.0.2", 8080),
                         ("all.test/x", "two", "10.9.0.2", 80)}
        assert {route[:2] for route in routes(w)} == {("shop.test", "shop.test"), ("all.test", "all.test/x")}


def test_dialects_are_chosen_and_labels_can_be_required(engine):
    engine.add(plain(1, "host", env=["VIRTUAL_HOST=a.test"]))
    engine.add(plain(2, "traefik", {"traefik.http.routers.b.rule": "Host(`b.test`)"}))
    engine.add(plain(3, "plain"))
    with watch(engine, "--dialects", "lb,traefik", "--require-label") as w:
        w.next()
        assert [route["host"] for route in w.last["routes"]] == ["b.test"]
        assert w.reasons() == {"host": "disabled", "plain": "disabled"}
    environment = {"LB_DIALECTS": "all", "LB_TRAEFIK_EXPOSED": "off"}
    with watch(engine, environment=environment) as w:
        w.next()
        assert [route["host"] for route in w.last["routes"]] == ["a.test"]
    with watch(engine, "--traefik-default-rule", "Host(`{{ .Name }}.site`)") as w:
        w.next()
        assert {"host.site", "plain.site", "a.test", "b.test"} == {route["host"] for route in w.last["routes"]}


def test_a_network_may_be_called_as_in_the_compose_file(engine):
    made = plain(1, "one", {"lb.network": "back", "com.docker.compose.project": "shop"})
    made["NetworkSettings"]["Networks"] = {
        f"shop_{name}": {"NetworkID": digit * 64, "IPAddress": f"10.9.{at}.2", "Gateway": f"10.9.{at}.1"}
        for at, (name, digit) in enumerate({"aaa": "a", "back": "c"}.items())}
    engine.networks += [{"Id": digit * 64, "Name": name, "Driver": "bridge"}
                        for name, digit in {"shop_aaa": "a", "shop_back": "c"}.items()]
    engine.add(made)
    with watch(engine) as w:
        w.next()
        assert not w.left_out(), w.last
        assert w.endpoints("image")["one"]["address"] == "10.9.1.2"


def test_hundreds_with_labels_of_traefik_are_soon_there(engine):
    for number in range(1, 501):
        engine.add(plain(number, f"c{number}", {f"traefik.http.routers.r{number}.rule": f"Host(`h{number}.test`)",
                                                f"traefik.http.routers.r{number}.middlewares": "strip"}))
    engine.add(plain(501, "shared", {"traefik.http.middlewares.strip.stripprefix.prefixes": "/x"}))
    with watch(engine) as w:
        w.next(10)
        assert len({route["host"] for route in w.last["routes"]}) == 501


def test_each_site_gets_its_own_requests_through_lb(engine, start_backend, start_lb, connect):
    names = ["a", "b", "c", "ignored", "disabled", "plain"]
    backends = {name: start_backend() for name in names}
    words = {"ignored": ({}, ["SERVICE_IGNORE=true", "VIRTUAL_HOST=ignored.test"]),
             "disabled": ({"traefik.enable": "false", "traefik.http.routers.d.rule": "Host(`disabled.test`)"}, []),
             "plain": ({}, [])}
    for number, name in enumerate(names):
        labels, env = words.get(name, ({}, [f"VIRTUAL_HOST={name}.test,www.{name}.test"]))
        engine.add(plain(number + 1, name, labels, env, address=backends[name].address, image="app"))
    lb = start_lb("--docker=unix://" + engine.path, "--allow-address=127.0.0.0/8", "--service=app",
                  env={"LB_CONTAINER_ID": "none"})
    lb.wait_ready(4)

    def ask(host):
        with connect(lb) as client:
            status = client.request("GET", "/", host=host).read_response().status
        found = [name for name, backend in backends.items() if backend.requests]
        for backend in backends.values():
            backend.requests.clear()
        return status, found

    for name in "abc":
        assert ask(f"{name}.test") == ask(f"www.{name}.test") == (200, [name])
    for host in ("ignored.test", "disabled.test", "unknown.test"):
        assert ask(host) == (200, ["plain"])  # the service that was given by hand
