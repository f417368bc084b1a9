"""--backend with names: what is known serves, the rest is explained and asked for again."""

import json
import re
import signal
import time

import pytest

from support.program import BIN_DIR, run
from support.waiting import wait_for

LIBRARY = BIN_DIR.parent / "tests/libtell_names.so"
SIZE = 4096
SOON = "--resolve-interval=50ms"
RARELY = "--resolve-interval=1h"


class Names:
    """What the system's resolver says. `env` is for lb's start."""

    def __init__(self, folder):
        self.path = folder / "names"
        self.env = {"LD_PRELOAD": str(LIBRARY), "LB_TELL_NAMES": str(self.path)}
        self.tell()

    def tell(self, **names):
        """Addresses of each name; none for an empty list. Others are not answered. It is one write into the same file,
        which lb has opened."""
        told = "".join(" ".join([name, *addresses]) + "\n" for name, addresses in names.items())
        assert len(told) < SIZE
        with open(self.path, "r+b" if self.path.exists() else "wb", buffering=0) as file:
            file.write(told.encode().ljust(SIZE, b"\n"))


@pytest.fixture(name="names")
def make_names(tmp_path, built_with):
    if built_with:
        pytest.skip("sanitizers want to be the first library")
    return Names(tmp_path)


def left_out(lb):
    return {entry["name"]: entry for entry in lb.pool()["left_out"]}


def at(port, *hosts):
    return {f"{host}:{port}" for host in hosts}


def test_one_is_not_known(start_lb, start_backend, connect):
    """With the real resolver."""
    server = start_backend()
    lb = start_lb("--backend=nowhere.invalid:80", "--backend=localhost:%d" % server.address[1],
                  backends=[server], is_ready=False)
    lb.wait_message(r"^--backend nowhere.invalid:80: the host has no address: .+; it is asked for again")
    assert connect(lb).get().status == 200
    assert lb.ask("/readyz").status == 200
    row = left_out(lb)["nowhere.invalid:80"]
    assert row["reason"] == "unresolved" and "its name has no address: " in row["detail"]
    line = lb.ask("/explain/nowhere.invalid:80").body.decode()
    assert line.startswith("nowhere.invalid:80: not routed, unresolved since 20")
    assert ": its name has no address: " in line and "--resolve-interval" in line and row["since"]
    assert lb.ask("/explain/nowhere.invalid").body.decode() == line


def test_none_is_known(start_lb, connect):
    lb = start_lb("--backend=nowhere.invalid:80", is_ready=False)
    lb.wait_message(r"nowhere.invalid:80: the host has no address")
    assert connect(lb).get().status == 503
    assert lb.ask("/readyz").status == 503 and lb.ask("/healthz").status == 200


def test_known_later(names, start_lb, start_backend, connect):
    server = start_backend()
    port = server.address[1]
    names.tell(app=[])
    lb = start_lb(f"--backend=app:{port}", SOON, env=names.env)
    wait_for(lambda: f"app:{port}" in left_out(lb), "it is explained")
    names.tell(app=["127.0.0.1"])
    lb.wait_ready(1)
    assert left_out(lb) == {}
    assert connect(lb).get().status == 200


def test_requests_wait_for_the_first_answer(names, start_lb, start_backend, connect):
    server = start_backend()
    lb = start_lb("--backend=app:%d" % server.address[1], "--hold=60s", env=names.env)
    client = connect(lb).request("POST", body=b"x")
    wait_for(lambda: lb.totals()["held"] == 1, "it waits")
    names.tell(app=["127.0.0.1"])
    assert client.read_response().status == 200


def test_addresses_come_and_go(names, start_lb, start_appserver, connect):
    """What runs on the one that goes is finished."""
    server = start_appserver("one")
    port = server.address[1]
    names.tell(app=["127.0.0.1"])
    lb = start_lb(f"--backend=app:{port}", SOON, env=names.env).wait_ready(1)
    running = connect(lb).request("GET", "/delay/500")
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 1, "it runs")
    names.tell(app=["127.0.0.9", "127.0.0.1"])
    wait_for(lambda: set(lb.states()) == at(port, "127.0.0.1", "127.0.0.9"), "both are there")
    names.tell(app=["127.0.0.9"])
    wait_for(lambda: set(lb.states()) == at(port, "127.0.0.9"), "the first one is gone")
    assert running.read_response().status == 200


def test_all_addresses_fail(names, start_lb, start_backend, connect):
    """Then the name is asked for at once."""
    first = start_backend()
    port = first.address[1]
    names.tell(app=["127.0.0.1"])
    lb = start_lb(f"--backend=app:{port}", RARELY, env=names.env).wait_ready(1)
    second = start_backend(host="127.0.0.2", port=port)
    names.tell(app=["127.0.0.2"])
    first.close()

    def ask():
        with_one = connect(lb)
        return with_one.get().status == 200

    wait_for(ask, "the new address answers")
    assert set(lb.states()) == at(port, "127.0.0.2")
    assert second.requests


def test_the_only_address_fails_and_has_to_stay(names, start_lb, start_appserver, connect):
    """Then the name is asked for at once too, and the row tells both."""
    port = start_appserver("one").address[1]
    names.tell(app=["127.0.0.1"])
    lb = start_lb(f"--backend=app:{port}", RARELY, "--eject-5xx=2", env=names.env).wait_ready(1)
    names.tell(app=[])
    for _ in range(2):
        assert connect(lb).get("/status/500").status == 500

    def explain():
        return lb.ask("/explain/app").body.decode()

    wait_for(lambda: "has no address" in explain(), "it is asked for")
    assert ", though 2 answers in a row were 5xx; it stays in, because too many would be out. Address: " in explain()


def test_name_that_is_forgotten(names, start_lb, start_backend, connect):
    """The resolver, or a name server, has lost it: the last addresses stay."""
    server = start_backend()
    port = server.address[1]
    names.tell(app=["127.0.0.1"])
    lb = start_lb(f"--backend=app:{port}", SOON, env=names.env).wait_ready(1)
    names.tell(app=[])
    lb.wait_message(r"the host has no address: .+; the last ones stay in use")
    assert connect(lb).get().status == 200 and left_out(lb) == {}


def test_the_row_of_an_endpoint_tells_its_name_and_that_it_is_lost(names, start_lb, start_backend):
    """Under the name, with and without port, as under the address."""
    server, other = start_backend(), start_backend(host="127.0.0.2")
    port = server.address[1]
    names.tell(app=["127.0.0.1"], web=["127.0.0.1"])
    lb = start_lb(f"--backend=app:{port}", f"--backend=web:{port}", SOON, env=names.env,
                  backends=[other], is_ready=False).wait_ready(2)

    def explain(subject):
        return lb.ask(f"/explain/{subject}").body.decode()

    wait_for(lambda: f" Address: --backend app:{port}, --backend web:{port}" in explain("app"), "both have answered")
    line = explain(f"127.0.0.1:{port}")
    assert line.startswith(f"127.0.0.1:{port}: routed as ")
    assert [explain(subject) for subject in ("app", f"app:{port}", "web", "APP")] == [line] * 4
    assert "--backend" not in explain("127.0.0.2")
    names.tell(app=[], web=["127.0.0.1"])
    wait_for(lambda: "the last ones stay in use" in explain("app"), "it is told")
    said = rf"--backend app:{port} \(since 20\S+ its name has no address: .+; the last ones stay in use\), --backend web:{port}\.$"
    assert re.search(said, explain("app"), re.MULTILINE), explain("app")
    app, web = lb.endpoints()[f"127.0.0.1:{port}"]["backends"]
    assert app["name"] == f"app:{port}" and "has no address: " in app["problem"] and app["since"].startswith("20")
    assert web == {"name": f"web:{port}"}
    told = json.loads(lb.ask("/explain/app", fields=["Accept: application/json"]).body)["containers"]
    assert [row["backends"] for row in told] == [[app, web]]
    assert run("lb", "ctl", "drain", "app", "--admin=%s:%d" % lb.admin).stdout.startswith(f"127.0.0.1:{port} is draining")
    names.tell(app=["127.0.0.1"], web=["127.0.0.1"])
    wait_for(lambda: "stay in use" not in explain("app"), "it is known again")


def test_resolver_that_never_answers(names, start_lb, start_backend, connect):
    """Others are served, and lb ends in time."""
    server = start_backend()
    lb = start_lb(*(f"--backend=slow{i}:80" for i in range(20)), backends=[server], env=names.env,
                  is_ready=False).wait_ready(1)
    assert connect(lb).get().status == 200
    ended_at = time.monotonic()
    lb.signal(signal.SIGTERM)
    assert lb.wait_end() == 0
    assert time.monotonic() - ended_at < 5


def test_sighup_with_another_name(names, start_lb, start_backend, connect, tmp_path):
    """The old ones serve until the new name is known; a name that stays is not waited for."""
    first, second = start_backend(), start_backend()
    settings = tmp_path / "lb.json"

    def write(*backends):
        settings.write_text(json.dumps({"backend": backends, "resolve-interval": "50ms"}))

    write("one:%d" % first.address[1])
    names.tell(one=["127.0.0.1"])
    lb = start_lb(f"--config={settings}", env=names.env).wait_ready(1)
    write("two:%d" % second.address[1])
    names.tell(one=["127.0.0.1"], two=[])
    lb.reload()
    lb.wait_message("no backend has an address: those that were there before stay until one has")
    assert connect(lb).get().status == 200 and len(first.requests) == 1
    names.tell(two=["127.0.0.1"])
    wait_for(lambda: list(lb.states()) == ["127.0.0.1:%d" % second.address[1]], "it is replaced")
    assert connect(lb).get().status == 200 and len(second.requests) == 1
