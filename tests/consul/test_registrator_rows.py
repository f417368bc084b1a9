"""What containers ask for in registrator's words, as a real agent has it afterwards. The numbers are those of the
table of registrator's conventions, R1 to R31; what registrator does wrong lb does right, and says so here."""
import itertools

import pytest
from registrar import ADVERTISED, Host, cid, container
from support.waiting import wait_for

numbers = itertools.count(1)
WEB = {"80/tcp": 32080, "443/tcp": 32443}


@pytest.fixture
def host(shared_agent, tmp_path, cleanup):
    number = next(numbers)
    made = Host(tmp_path, shared_agent, f"h{number}", f"ENGINE-{number}")

    def end():
        made.close()
        for service_id in made.entries():
            shared_agent.deregister(service_id)
    cleanup.callback(end)
    return made


def registered(host, *containers, flags=(), count=None):
    """{id without the host's name: entry} when all have come; `count`: so many."""
    for inspect in containers:
        host.engine.add(inspect)
    marker = container(cid(4000), "last", image="zzz", ports={"1/tcp": 1}, env=["SERVICE_NAME=zzz", "SERVICE_ID=zzz-" + host.name],
                       ip="172.17.0.99")
    host.engine.add(marker)
    host.start(f"--host-name={host.name}", *flags)

    def look():
        found = host.entries()
        is_whole = found.pop("zzz-" + host.name, None) and (count is None or len(found) == count)
        return (found,) if is_whole else None
    try:
        found, = wait_for(look, "the entries", 10)
    except AssertionError as failure:
        raise AssertionError(f"{failure}: {host.entries()}; {host.program.messages()}") from None
    return {service_id.removeprefix(host.name + ":"): entry for service_id, entry in found.items()}


def own_meta(entry):
    """Without what the registrar adds."""
    return {key: value for key, value in entry["Meta"].items() if not key.startswith("lb-")}


def names(found):
    return {service_id: entry["Service"] for service_id, entry in found.items()}


def web1(**more):
    return container(cid(1), "web1", **{"ports": {"8001/tcp": 32768}, **more})


@pytest.mark.quick
def test_r1_one_published_port(host):
    found = registered(host, web1(), count=1)
    entry = found["web1:8001"]
    assert (entry["ID"], entry["Service"]) == (f"{host.name}:web1:8001", "shop")
    assert (entry["Address"], entry["Port"], entry["Tags"], own_meta(entry)) == (ADVERTISED, 32768, [], {})
    assert entry["Meta"]["lb-owner"] == host.owner
    assert (entry["Meta"]["lb-container"], entry["Meta"]["lb-port"]) == (cid(1), "8001")
    assert host.check(entry["ID"]) is None


def test_r1_without_an_address_it_is_the_node_s(host, shared_agent):
    host.engine.add(web1())
    from support.program import Program
    host.program = Program("lb-discovery", f"--register={shared_agent.url}", f"--docker=unix://{host.engine.path}",
                           "--self=none")     # the host's name is the engine's
    entry = wait_for(lambda: host.entries().get(f"{host.name}:web1:8001"), "the entry")
    assert (entry["Address"], entry["Port"]) == ("", 32768)


def test_r2_two_ports_two_names(host):
    assert names(registered(host, web1(ports=WEB), count=2)) == {"web1:80": "shop-80", "web1:443": "shop-443"}


def test_r3_name(host):
    assert names(registered(host, web1(ports=WEB, env=["SERVICE_NAME=app"]), count=2)) == {
        "web1:80": "app-80", "web1:443": "app-443"}


def test_r4_name_of_a_port(host):
    assert names(registered(host, web1(ports=WEB, env=["SERVICE_80_NAME=web"]), count=2)) == {
        "web1:80": "web", "web1:443": "shop-443"}


def test_r5_a_port_ignored_the_suffix_stays(host):
    assert names(registered(host, web1(ports=WEB, env=["SERVICE_443_IGNORE=1"]), count=1)) == {"web1:80": "shop-80"}


def test_r6_ignore_false_is_ignore(host):
    assert registered(host, web1(env=["SERVICE_IGNORE=false"]), count=0) == {}


def test_r7_tags(host):
    entry = registered(host, web1(env=[r"SERVICE_TAGS=a,b\,c,,d"]), count=1)["web1:8001"]
    assert set(entry["Tags"]) == {"a", "b,c", "d"} and len(entry["Tags"]) == 3


def test_r8_udp(host):
    found = registered(host, web1(ports={"53/udp": 32053}), count=1)
    entry = found["web1:53:udp"]
    assert (entry["Service"], entry["Port"], entry["Tags"], entry["Meta"]["lb-port"]) == ("shop", 32053, ["udp"], "53/udp")


def test_r9_ids(host, shared_agent):
    found = registered(host, web1(env=[f"SERVICE_ID=x-{host.name}"]),
                       container(cid(2), "web2", ports=WEB, env=[f"SERVICE_80_ID=y-{host.name}"]), count=3)
    assert set(found) == {f"x-{host.name}", f"y-{host.name}", "web2:443"}


def test_r10_meta_of_a_port_before_that_of_all(host):
    found = registered(host, web1(ports=WEB, env=["SERVICE_80_REGION=eu", "SERVICE_REGION=us"]), count=2)
    assert own_meta(found["web1:80"]) == {"region": "eu"} and own_meta(found["web1:443"]) == {"region": "us"}


def test_r11_a_label_before_the_environment(host):
    assert names(registered(host, web1(env=["SERVICE_NAME=a"], labels={"SERVICE_NAME": "b"}), count=1)) == {
        "web1:8001": "b"}


def test_r12_r13_meta_that_consul_refuses_costs_only_itself(host):
    many = [f"SERVICE_K{number:03}=v" for number in range(80)]
    found = registered(host, web1(env=["SERVICE_FOO.BAR=1", "SERVICE_GOOD=2", "SERVICE_LONG=" + "v" * 600]),
                       container(cid(2), "web2", ports={"8002/tcp": 32769}, env=many), count=2)
    meta = own_meta(found["web1:8001"])
    assert meta["good"] == "2" and "foo.bar" not in meta and len(meta.get("long", "")) <= 512
    assert 1 < len(found["web2:8002"]["Meta"]) <= 64
    assert host.program.find_message("web1") and host.program.find_message("web2"), host.program.messages()


@pytest.mark.parametrize("row, words, type_, definition", [
    ("R14", ["CHECK_HTTP=/health", "CHECK_INTERVAL=15s", "CHECK_TIMEOUT=1s", "CHECK_HTTP_METHOD=HEAD"], "http",
     {"HTTP": f"http://{ADVERTISED}:32768/health", "Method": "HEAD", "Interval": "15s", "Timeout": "1s"}),
    ("R14 default", ["CHECK_HTTP=/health"], "http", {"HTTP": f"http://{ADVERTISED}:32768/health", "Interval": "10s"}),
    ("R15", ["CHECK_HTTPS=/h", "CHECK_HTTPS_METHOD=HEAD"], "http",
     {"HTTP": f"https://{ADVERTISED}:32768/h", "Method": "HEAD"}),
    ("R16", ["CHECK_TCP=true"], "tcp", {"TCP": f"{ADVERTISED}:32768", "Interval": "10s"}),
    ("R17", ["CHECK_TTL=30s"], "ttl", {"TTL": "30s"}),
    ("R18", ["CHECK_GRPC=1", "CHECK_GRPC_USE_TLS=1", "CHECK_TLS_SKIP_VERIFY=1"], "grpc",
     {"GRPC": f"{ADVERTISED}:32768", "GRPCUseTLS": True, "TLSSkipVerify": True}),
    ("R20", ["CHECK_TTL=30s", "CHECK_HTTP=/health"], "http", {"HTTP": f"http://{ADVERTISED}:32768/health"}),
])
def test_checks(row, words, type_, definition, host):
    """The agent took it; it tells of a check only its kind, so what it was told is looked at, too."""
    registered(host, web1(env=["SERVICE_" + word for word in words]), count=1)
    assert host.check(f"{host.name}:web1:8001")["Type"] == type_, row
    told = host.told(f"{host.name}:web1:8001")
    assert {key: told.get(key) for key in definition} == definition, row
    assert sum(key in told for key in ("HTTP", "TCP", "GRPC", "TTL", "Args")) == 1, told


def test_r19_a_script_is_refused_and_said(host):
    found = registered(host, web1(env=["SERVICE_CHECK_SCRIPT=curl $SERVICE_IP"]), count=1)
    assert host.check(f"{host.name}:web1:8001") is None and "web1:8001" in found
    assert host.program.find_message("(?i)script"), host.program.messages()


def test_r21_first_status_and_end(host):
    registered(host, web1(env=["SERVICE_CHECK_HTTP=/", "SERVICE_CHECK_INITIAL_STATUS=passing",
                               "SERVICE_CHECK_INTERVAL=1h", "SERVICE_CHECK_DEREGISTER_AFTER=5m"]), count=1)
    assert host.check(f"{host.name}:web1:8001")["Status"] == "passing"
    assert host.told(f"{host.name}:web1:8001")["DeregisterCriticalServiceAfter"] == "5m"


def test_r22_words_of_checks_are_in_the_meta_too(host):
    found = registered(host, web1(env=["SERVICE_CHECK_HTTP=/h", "SERVICE_CHECK_INTERVAL=15s"]), count=1)
    assert own_meta(found["web1:8001"]) == {"check_http": "/h", "check_interval": "15s"}


def test_r23_explicit(host):
    # the row's marker has a name, too
    found = registered(host, web1(), container(cid(2), "web2", ports=WEB, env=["SERVICE_80_NAME=w"]),
                       container(cid(3), "web3", ports={"9/tcp": 9}, env=["SERVICE_NAME=n"]),
                       flags=["--register-explicit"], count=2)
    assert names(found) == {"web2:80": "w", "web3:9": "n"}


def test_r24_internal(host):
    found = registered(host, web1(exposed=["9000/tcp"], ip="172.17.0.5"), flags=["--register-internal"], count=2)
    assert {service_id: (entry["Address"], entry["Port"]) for service_id, entry in found.items()} == {
        "web1:8001": ("172.17.0.5", 8001), "web1:9000": ("172.17.0.5", 9000)}


def test_r25_on_a_network_of_its_own_address_and_port_are_a_pair(host):
    """registrator tells the container's address with the host's port."""
    found = registered(host, web1(network="mine", ip="10.9.0.7"), count=1)
    assert (found["web1:8001"]["Address"], found["web1:8001"]["Port"]) == (ADVERTISED, 32768)


def test_r26_the_first_of_several_bindings(host):
    found = registered(host, web1(ports={"8001/tcp": [("0.0.0.0", 32001), ("0.0.0.0", 32002)]}), count=1)
    assert found["web1:8001"]["Port"] == 32001


def test_r27_in_another_one_s_network(host):
    """Ports are published by the one that lends it."""
    lender = container(cid(2), "lender", ports={"8001/tcp": 32768}, ip="172.17.0.9", env=["SERVICE_IGNORE=1"])
    found = registered(host, lender, web1(ports={}, exposed=["8001/tcp"], mode="container:" + cid(2)),
                       flags=["--register-internal"], count=1)
    assert (found["web1:8001"]["Address"], found["web1:8001"]["Port"]) == ("172.17.0.9", 8001)


def test_r28_on_the_host_s_network(host):
    found = registered(host, web1(ports={}, exposed=["80/tcp"], mode="host"), count=1)
    assert (found["web1:80"]["Address"], found["web1:80"]["Port"]) == (ADVERTISED, 80)


@pytest.mark.parametrize("cleans_up", [True, False])
def test_r29_clean_up_of_what_registrator_left(cleans_up, host, shared_agent):
    """Without lb's mark, but by the pattern of this host, and its container is gone; nobody else's is touched."""
    left = {name: f"{name}:gone:80" for name in (host.name, "other" + host.name)}
    for service_id in left.values():
        shared_agent.register(service_id, "old", 80)
    try:
        registered(host, web1(), flags=["--register-cleanup"] if cleans_up else [], count=1)
        if cleans_up:
            wait_for(lambda: left[host.name] not in shared_agent.services(), "the one of this host is gone")
        assert (left[host.name] in shared_agent.services()) is not cleans_up
        assert left["other" + host.name] in shared_agent.services()
    finally:
        for service_id in left.values():
            shared_agent.deregister(service_id)


@pytest.mark.parametrize("code, flags, stays", [
    (0, ["--deregister=on-success"], False), (137, ["--deregister=on-success"], False),
    (3, ["--deregister=on-success"], True), (3, [], False), (3, ["--deregister=always"], False)])
def test_r30_ends(code, flags, stays, host):
    inspect = web1()
    registered(host, inspect, flags=flags, count=1)
    other = container(cid(2), "web2", ports={"8002/tcp": 32769})
    host.end(inspect, code, is_removed=False)
    host.run(other)     # when this one is there, that one has been seen to
    wait_for(lambda: f"{host.name}:web2:8002" in host.entries(), "the next one")
    if stays:
        assert f"{host.name}:web1:8001" in host.entries()
    else:
        wait_for(lambda: f"{host.name}:web1:8001" not in host.entries(), "it is gone", 10)


def test_r31_tags_for_fabio_come_back_as_routes(host, start_lb, start_appserver, connect):
    from reader import who_answers
    server = start_appserver("a")
    registered(host, web1(ports={"8001/tcp": server.address[1]}, env=["SERVICE_TAGS=urlprefix-/foo strip=/foo",
                                                                        "SERVICE_CHECK_TTL=1h",
                                                                        "SERVICE_CHECK_INITIAL_STATUS=passing"]),
               flags=["--advertise=127.0.0.1"], count=1)
    lb = start_lb(f"--consul={host.agent.url}", is_ready=False)
    wait_for(lambda: who_answers(connect, lb, path="/foo/") == {"a": 1}, "the route of the tag")


# ---- what registrator does not have ------------------------------------------------------------------

def test_a_healthcheck_is_a_check_kept_by_lb(host):
    inspect = web1(health="healthy")
    registered(host, inspect, count=1)
    service_id = f"{host.name}:web1:8001"
    assert host.check(service_id)["Status"] == "passing"
    host.set_health(inspect, "unhealthy")
    wait_for(lambda: host.check(service_id)["Status"] == "critical", "it is critical")
    wait_for(lambda: "its output" in host.check(service_id)["Output"], "what its HEALTHCHECK said", 5)


def test_told_to_stop_is_in_maintenance_first(host):
    inspect = web1()
    registered(host, inspect, count=1)
    service_id = f"{host.name}:web1:8001"
    host.stop_signal(inspect)
    wait_for(lambda: f"_service_maintenance:{service_id}" in host.agent.checks(), "its maintenance")
    host.end(inspect)
    wait_for(lambda: service_id not in host.entries(), "it is gone")
    assert f"_service_maintenance:{service_id}" not in host.agent.checks()


@pytest.mark.slow("the start of an agent, and its restart")
def test_a_healthcheck_is_passing_at_once_after_the_agent_s_restart(start_agent, tmp_path, cleanup):
    """The status that comes with an entry does not survive it; one that is told apart does."""
    agent = start_agent()
    made = Host(tmp_path / "host", agent)
    cleanup.callback(made.close)
    made.engine.add(web1(health="healthy"))
    made.start()
    service_id = "h1:web1:8001"
    wait_for(lambda: made.check(service_id), "the entry")
    wait_for(lambda: any("/check/update/" in path for path, _ in made.between.bodies), "its check is told apart", 5)
    made.kill()     # nobody is there to tell it again
    agent.kill()
    agent.start().wait_well()
    assert wait_for(lambda: made.check(service_id), "the check is there again")["Status"] == "passing"
