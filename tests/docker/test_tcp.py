"""Real servers of TCP behind lb: PostgreSQL, Redis, SMTP, MQTT and TLS, in containers that come and go."""
import errno
import os
import re
import smtplib
import socket

import pytest

import peers
from conftest import docker, wait_for
from peers import IMAGE, RESET, Askers, Meanwhile, ask_echo, ask_postgres, ask_redis, read_line, run_client, start_client
from sites import explain

SECONDS = int(os.environ.get("LB_TEST_SECONDS", "15"))  # of the load while containers come and go
SLOW = pytest.mark.slow("servers begin and end one after the other")


@pytest.fixture(scope="module", autouse=True)
def peers_image(images):
    peers.build_image()


@pytest.fixture
def serve(bench, network):
    """serve("postgres", "lb.service=db", …) starts one with these labels; `options` are docker's."""
    def start(what, *labels, options=(), name=None, words=()):
        labels = [word for label in labels for word in ("--label", label)]
        name = name or bench.name(what)
        return bench.run(IMAGE, "--hostname", name, *labels, *options, network=network, name=name,
                         command=(what, *words))
    return start


@pytest.fixture
def serve_echo(serve):
    """serve_echo("a", "lb.service=db", …): echo.py, whose greeting is that name; HTTP at 7000, TCP 7001, UDP 7002."""
    def start(name, *labels, options=()):
        return serve("echo.py", *labels, options=("--env", "LB_GRACE=0", *options), words=(name, "7000"))
    return start


def open_echo(address):
    """A connection that has been greeted: (socket, server's name)."""
    sock = socket.create_connection(address, 20)
    return sock, read_line(sock)


def still_echoes(sock):
    sock.sendall(b"still here\n")
    return read_line(sock) == "still here"


# ---- PostgreSQL ----------------------------------------------------------------------------------


@SLOW
def test_pgbench_fails_no_transaction_while_replicas_come_and_go(bench, network, serve):
    """Its connections are on servers that stay. Who connects anew gets a server that lives; one that is being stopped
    may say so itself (57P03), or reset what it has taken, in the moment before lb knows, and none after it."""
    service = bench.name("db")
    labels = (f"lb.service={service}", "lb.port=5432", "lb.check.mode=postgres")
    staying = [serve("postgres", *labels).name for _ in range(2)]
    balancer = bench.lb(network, "--tcp", f"0.0.0.0:5432={service}")
    balancer.wait_for_active(staying, service, protocol="tcp")
    client = start_client(network, "pgbench", "-h", balancer.host, "-U", "postgres", "-n", "-c", 6, "-j", 2, "-T", SECONDS,
                    "postgres")
    wait_for("its connections", lambda: balancer.service(service, "tcp")["connections"]["open"] >= 6)
    gone = []
    with Askers(lambda: ask_postgres((balancer.host, 5432))) as askers:
        while client.runs:
            new = serve("postgres", *labels)
            balancer.wait_for_active([*staying, new.name], service, protocol="tcp")
            wait_for("a client on it", lambda: new.name in askers.seen or not client.runs)
            stop = Meanwhile("stop", new.name)
            balancer.wait_for_active(staying, service, protocol="tcp")
            refused = len(askers.refused) + len(askers.threads)  # with what is on its way just now
            stop.end()
            wait_for("more clients", askers.goes_on())
            assert len(askers.refused) <= refused
            gone.append(new.name)
    printed = client.end()
    assert "number of failed transactions: 0" in printed and "aborted" not in printed, printed
    assert askers.faults == []
    assert set(askers.refused) <= {"57P03", RESET}, askers.refused
    assert gone and askers.seen >= set(staying)
    print(printed, f"{len(gone)} came and went, {askers.done} more connections, {len(askers.refused)} refused by the server")


def test_a_server_that_hangs_is_seen_by_a_question_of_its_protocol(bench, network, serve):
    """The kernel accepts connections for a process that has stopped; only an answer tells."""
    service = bench.name("db")
    servers = [serve("postgres", f"lb.service={service}", "lb.port=5432", "lb.check.mode=postgres",
                     "lb.check.interval=200ms", "lb.check.timeout=1s") for _ in range(2)]
    balancer = bench.lb(network, "--tcp", f"0.0.0.0:5432={service}")
    balancer.wait_for_active([server.name for server in servers], service, protocol="tcp")
    docker("kill", "--signal", "STOP", servers[0].name)
    balancer.wait_for_active([servers[1].name], service, protocol="tcp")
    assert {ask_postgres((balancer.host, 5432)) for _ in range(4)} == {servers[1].name}
    docker("kill", "--signal", "CONT", servers[0].name)
    balancer.wait_for_active([server.name for server in servers], service, protocol="tcp")


def test_ports_of_lb_are_published(bench, network, serve):
    """As the docker run of deploy/TCP_UDP.md has it: the client is outside, the service is named as its image."""
    image = f"{bench.name('postgres')}:1"
    docker("tag", IMAGE, image)
    try:
        server = bench.run(image, "--expose", "5432", "--hostname", "one", "--label", "lb.check.mode=postgres",
                           network=network, command=("postgres",))
        service = image.partition(":")[0]
        balancer = bench.lb(network, "--tcp", f"0.0.0.0:5432={service}", options=("-p", "127.0.0.1:0:5432"))
        balancer.wait_for_active([server.name], service, protocol="tcp")
        port = int(docker("port", balancer.name, "5432/tcp").splitlines()[0].rpartition(":")[2])
        assert ask_postgres(("127.0.0.1", port)) == "one"
    finally:
        docker("rmi", image, check=False)


# ---- Redis, SMTP, MQTT ---------------------------------------------------------------------------


@SLOW
def test_redis_benchmark_while_replicas_come_and_go(bench, network, serve):
    service = bench.name("cache")
    labels = (f"lb.service={service}", "lb.port=6379", "lb.check.mode=redis")
    staying = [serve("redis", *labels).name for _ in range(2)]
    balancer = bench.lb(network, "--tcp", f"0.0.0.0:6379={service}")
    balancer.wait_for_active(staying, service, protocol="tcp")
    client = start_client(network, "redis-benchmark", "-h", balancer.host, "-c", 20, "-n", 200000, "-t", "get", "-q")  # connects once
    wait_for("its connections", lambda: not client.runs or balancer.service(service, "tcp")["connections"]["open"] >= 20)
    with Askers(lambda: ask_redis((balancer.host, 6379))) as askers:
        for _ in range(3):
            new = serve("redis", *labels)
            balancer.wait_for_active([*staying, new.name], service, protocol="tcp")
            docker("stop", new.name)
            balancer.wait_for_active(staying, service, protocol="tcp")
    printed = client.end()
    assert "GET" in printed and "rror" not in printed, printed
    assert len(askers.faults) <= 9, askers.faults  # Redis ends at once at SIGTERM, with three that ask, three times
    assert askers.seen == {"+PONG"}


def test_smtp_servers_take_turns(bench, network, serve):
    service = bench.name("mail")
    servers = {serve("smtp", f"lb.service={service}", "lb.port=25", "lb.check.mode=smtp").name for _ in range(2)}
    balancer = bench.lb(network, "--tcp", f"0.0.0.0:25={service}")
    balancer.wait_for_active(servers, service, protocol="tcp")
    seen = set()
    for _ in range(6):
        with smtplib.SMTP(balancer.host, 25, timeout=20) as smtp:
            code, words = smtp.ehlo("client.test")
            assert code == 250
            seen.add(words.split()[0].decode())
    assert seen == servers


def test_mqtt_messages_arrive_over_connections_that_last(bench, network, serve):
    service = bench.name("bus")
    broker = serve("mqtt", f"lb.service={service}", "lb.port=1883")
    balancer = bench.lb(network, "--tcp", f"0.0.0.0:1883={service}")
    balancer.wait_for_active([broker.name], service, protocol="tcp")
    host = ("-h", balancer.host, "-t", "weather")
    subscriber = start_client(network, "mosquitto_sub", *host, "-C", 100, "-W", 60)
    wait_for("the subscription", lambda: "SUBSCRIBE" in broker.logs() or broker.logs().count("New client") >= 1)
    run_client(network, "sh", "-c", f"seq 100 | mosquitto_pub {' '.join(host)} -q 1 -l")
    assert subscriber.end().split() == [str(number) for number in range(1, 101)]


# ---- TLS by its server name ----------------------------------------------------------------------


def test_openssl_reaches_two_servers_by_their_names(bench, network, serve):
    servers = {name: serve("tls", f"lb.service={bench.name(name)}", "lb.tcp=443", f"lb.tcp.sni={name}.test",
                           words=(f"{name}.test",)) for name in ("anna", "bert")}
    balancer = bench.lb(network, "--tcp", "0.0.0.0:443")

    def subject(name):
        printed = run_client(network, "sh", "-c", f"openssl s_client -connect {balancer.host}:443 -servername {name} "
                             "</dev/null 2>&1 || true")
        found = re.search(r"subject=\s*CN\s*=\s*(\S+)", printed)
        return found and found[1]

    for name in servers:
        wait_for(f"{name}'s certificate", lambda: subject(f"{name}.test") == f"{name}.test")
    assert subject("unknown.test") is None
    docker("rm", "--force", servers["bert"].name)
    wait_for("the end of bert's", lambda: subject("bert.test") is None)
    assert subject("anna.test") == "anna.test"


# ---- listeners that containers ask for -----------------------------------------------------------


def is_open(address):
    """Somebody listens, who may well end the connection at once."""
    with socket.socket() as sock:
        sock.settimeout(5)
        return sock.connect_ex(address) != errno.ECONNREFUSED


@SLOW
def test_a_container_opens_a_listener_and_takes_it_along(bench, network, serve_echo):
    balancer = bench.lb(network, "--dynamic-ports", "10000-10999")
    address = (balancer.host, 10432)
    assert not is_open(address)
    one = serve_echo("one", f"lb.service={bench.name('db')}", "lb.tcp=10432:7001")
    wait_for("the listener", lambda: is_open(address))
    assert ask_echo(address) == "one"
    docker("rm", "--force", one.name)
    # Its rule is kept for 30 s, and the listener for 30 s after that.
    wait_for("the end of the listener", lambda: not is_open(address), 120)


def test_a_port_outside_of_them_is_refused_and_told(bench, network, serve_echo):
    balancer = bench.lb(network, "--dynamic-ports", "10000-10999")
    one = serve_echo("one", f"lb.service={bench.name('db')}", "lb.tcp=9432:7001")
    told = wait_for("what is told of it", lambda: "9432" in explain(balancer, one.name) and explain(balancer, one.name))
    assert "--dynamic-ports" in told and "--tcp" in told
    assert not is_open((balancer.host, 9432))


# ---- containers that end, pause, and are ill -----------------------------------------------------


@pytest.fixture
def start_two(bench, network, serve_echo):
    """start_two(label…): the balancer, its address for TCP, and {name: container}."""
    def start(*labels, options=()):
        service = bench.name("db")
        servers = {name: serve_echo(name, f"lb.service={service}", "lb.port=7001", *labels, options=options)
                   for name in ("one", "two")}
        balancer = bench.lb(network, "--tcp", f"0.0.0.0:5432={service}")
        balancer.wait_for_active({server.name for server in servers.values()}, service, protocol="tcp")
        balancer.of = service
        return balancer, (balancer.host, 5432), servers
    return start


def open_to(address, wanted):
    """A connection to the server of that name."""
    for _ in range(20):
        sock, name = open_echo(address)
        if name == wanted:
            return sock
        sock.close()
    raise AssertionError(f"no connection to {wanted}")


def test_what_is_open_lives_until_its_container_ends(start_two):
    balancer, address, servers = start_two(options=("--env", "LB_GRACE=4"))
    sock = open_to(address, "one")
    with Askers(lambda: ask_echo(address)) as askers:
        stop = Meanwhile("stop", servers["one"].name)
        wait_for("one drains", lambda: balancer.active(balancer.of, "tcp") == {servers["two"].name})
        assert stop.runs and still_echoes(sock)
        askers.seen.clear()
        wait_for("new ones", askers.goes_on())
        assert stop.runs and still_echoes(sock)
        stop.end()
        assert sock.recv(1) == b""
    assert askers.faults == [] and askers.seen <= {"one", "two"}


def test_drain_by_reset_sends_long_lived_clients_elsewhere(start_two):
    balancer, address, servers = start_two("lb.tcp.drain=reset", options=("--env", "LB_GRACE=8"))
    sock = open_to(address, "one")
    stop = Meanwhile("stop", servers["one"].name)
    with pytest.raises(ConnectionResetError):
        sock.recv(1)
    assert stop.runs and open_echo(address)[1] == "two"
    stop.end()


def test_a_paused_container_keeps_its_connections(start_two):
    balancer, address, servers = start_two()
    sock = open_to(address, "one")
    docker("pause", servers["one"].name)
    wait_for("one is out", lambda: balancer.active(balancer.of, "tcp") == {servers["two"].name})
    sock.sendall(b"early\n")
    assert {ask_echo(address) for _ in range(6)} == {"two"}
    docker("unpause", servers["one"].name)
    assert read_line(sock) == "early"
    wait_for("one is back", lambda: len(balancer.active(balancer.of, "tcp")) == 2)
    sock.close()  # else it has one connection more than the other
    wait_for("new clients on one", lambda: ask_echo(address) == "one")


def test_a_health_check_of_dockers_counts(start_two):
    check = ("--health-cmd", "test ! -e /tmp/ill", "--health-interval", "1s", "--health-retries", "1")
    balancer, address, servers = start_two(options=check)
    sock = open_to(address, "one")
    docker("exec", servers["one"].name, "touch", "/tmp/ill")
    wait_for("one is out", lambda: balancer.active(balancer.of, "tcp") == {servers["two"].name})
    assert {ask_echo(address) for _ in range(6)} == {"two"}
    assert still_echoes(sock)
    docker("exec", servers["one"].name, "rm", "/tmp/ill")
    wait_for("one is back", lambda: len(balancer.active(balancer.of, "tcp")) == 2)


def test_one_container_serves_http_tcp_and_udp(bench, network, serve_echo):
    service = bench.name("all")
    server = serve_echo("one", f"lb.service={service}", "lb.port=7000", "lb.tcp=9001:7001", "lb.udp=9002:7002")
    balancer = bench.lb(network, "--service", service, "--tcp", "0.0.0.0:9001", "--udp", "0.0.0.0:9002")
    wait_for("HTTP", lambda: balancer.get() == (200, "one"))
    wait_for("TCP", lambda: peers.ask_echo((balancer.host, 9001)) == "one")
    assert peers.ask_echo_udp((balancer.host, 9002)) == "one"
    docker("rm", "--force", server.name)
    wait_for("its end", lambda: not balancer.active(service))
