"""SIGHUP with settings that a process cannot take while it runs: another one comes, and no request fails."""

import json
import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from support.free_port import free_port
from support.program import split_address
from support.traffic import Traffic
from support.waiting import wait_for

DONE = r"^renewal: lb-proxy (\d+) serves"
GRACE = "--shutdown-grace=60s"  # what runs in the one before ends by itself, however busy the machine is


class Renewing:
    """lb with a file for --config, whose listeners are said there."""

    def __init__(self, start_lb, path, servers):
        self.path = path
        self.settings = {}
        self.servers = servers
        self.write(backend=["%s:%d" % server.address for server in servers], workers=2)
        self.lb = start_lb(f"--config={path}", "--listen=127.0.0.1:0", "--admin=127.0.0.1:0",
                           "--shutdown-delay=0s", GRACE, "--access-log=off", defaults=False)
        self.lb.wait_ready(len(servers))

    def write(self, **settings):
        """These differ from before; None takes one away."""
        self.settings.update({key.replace("_", "-"): value for key, value in settings.items()})
        self.settings = {key: value for key, value in self.settings.items() if value is not None}
        self.path.write_text(json.dumps(self.settings))

    def renew(self, **settings):
        before = self.lb.proxy_pid
        self.write(**settings)
        said = len(self.lb.messages())
        self.lb.signal(signal.SIGHUP)
        pid = int(self.lb.wait_message(DONE, since=said)[1])
        assert pid != before
        wait_for(lambda: self.lb.proxy_pid == pid, "it serves")
        return pid


@pytest.fixture
def start_renewing(start_lb, start_appserver, tmp_path):
    return lambda: Renewing(start_lb, tmp_path / "lb.json", [start_appserver("one"), start_appserver("two")])


@pytest.fixture(name="renewing")
def make_renewing(start_renewing):
    return start_renewing()


@pytest.mark.parametrize("counts", [(3, 1, 4)])
def test_workers_up_and_down(counts, renewing):
    lb = renewing.lb
    with Traffic(lb.address, kept=4, puts=2, fresh=4) as traffic:
        for count in counts:
            renewing.renew(workers=count)
            traffic.wait_more()
            assert lb.pool()["workers"] == count
    assert not traffic.failures
    assert lb.metrics().value("lb_renewals_total") == len(counts)


def test_access_log(moved, tmp_path):
    lb, log = moved.lb, tmp_path / "access.log"
    with Traffic(lb.address, kept=2, fresh=2) as traffic:
        traffic.wait_more(50)
        moved.renew(access_log=str(log))
        traffic.wait_more(50)
        wait_for(lambda: log.exists() and log.read_text().count("\n") > 20, "it is written")
        moved.renew(access_log="off")
        traffic.wait_more(50)
    assert not traffic.failures


def test_connections_in_flight_finish(renewing, connect):
    lb = renewing.lb
    slow, kept = connect(lb).request(target="/delay/1500"), connect(lb)
    tunnel = connect(lb).request(target="/ws", fields=["Connection: Upgrade", "Upgrade: echo"])
    assert tunnel.read_head().status == 101 and kept.get().status == 200
    wait_for(lambda: sum(e["inflight"] for e in lb.endpoints().values()) == 2, "both run")
    renewing.renew(workers=1)
    tunnel.send(b"still here")
    assert tunnel.wire.take_exactly(10) == b"still here"
    assert slow.read_response().status == 200
    assert kept.get().status == 200


def test_backends_become_a_file(renewing, tmp_path):
    """The kind of source is another one; lb-discovery comes with it, and goes again."""
    lb, services = renewing.lb, tmp_path / "services.json"
    services.write_text(json.dumps({"services": [{"name": "appserver", "endpoints": [
        {"name": f"f{number}", "address": server.address[0], "port": server.address[1]}
        for number, server in enumerate(renewing.servers)]}]}))
    backends = renewing.settings["backend"]
    with Traffic(lb.address, kept=2, fresh=2, puts=1) as traffic:
        traffic.wait_more(50)
        renewing.renew(backend=None, file=str(services))
        lb.wait_states(f0="ready", f1="ready")
        traffic.wait_more(50)
        renewing.renew(backend=backends, file=None)
        lb.wait_ready(2)
        traffic.wait_more(50)
    assert not traffic.failures


def test_flags_of_discovery(renewing, tmp_path):
    lb = renewing.lb
    paths = [tmp_path / f"services-{number}.json" for number in range(2)]
    for number, (path, server) in enumerate(zip(paths, renewing.servers)):
        path.write_text('{"services":[{"name":"appserver","endpoints":[{"name":"s%d","address":"%s","port":%d}]}]}'
                        % (number, *server.address))
    renewing.renew(backend=None, file=str(paths[0]))
    lb.wait_states(s0="ready")
    with Traffic(lb.address, kept=2, fresh=2) as traffic:
        for number in (1, 0, 1):
            renewing.renew(file=str(paths[number]))
            lb.wait_states(**{f"s{number}": "ready"})
            traffic.wait_more(50)
    assert not traffic.failures


class Moved(Renewing):
    """Its listeners are in the file as well."""

    def __init__(self, start_lb, path, servers):
        self.path, self.settings, self.servers = path, {}, servers
        self.write(backend=["%s:%d" % server.address for server in servers], listen=f"127.0.0.1:{free_port()}",
                   admin=f"127.0.0.1:{free_port()}", access_log="off", hold="0s", shutdown_delay="0s",
                   shutdown_grace=GRACE.partition("=")[2])
        self.lb = start_lb(f"--config={path}", defaults=False)
        self.lb.wait_ready(len(servers))


@pytest.fixture(name="moved")
def make_moved(start_lb, start_appserver, tmp_path):
    return Moved(start_lb, tmp_path / "lb.json", [start_appserver("one"), start_appserver("two")])


def test_listeners_move(moved, connect):
    lb = moved.lb
    old, new = lb.address, ("127.0.0.1", free_port())
    with Traffic(old, kept=2) as traffic:
        traffic.wait_more(50)
        moved.write(listen="%s:%d" % new)
        said = len(lb.messages())
        traffic.end()
        lb.signal(signal.SIGHUP)
        lb.wait_message(DONE, since=said)
    assert not traffic.failures
    assert connect(new).get().status == 200
    with pytest.raises(OSError):
        connect(old)
    moved.renew(listen="%s:%d" % old)
    assert connect(old).get().status == 200


def test_admin_moves(moved, connect):
    lb = moved.lb
    new = f"127.0.0.1:{free_port()}"
    with Traffic(lb.address, kept=2, fresh=2) as traffic:
        traffic.wait_more(50)
        moved.renew(admin=new)
        traffic.wait_more(50)
    assert not traffic.failures
    old, lb.admin = lb.admin, split_address(new)
    assert lb.ask("/readyz").status == 200
    with pytest.raises(OSError):
        connect(old)


def test_an_address_that_is_taken(moved, start_appserver, connect):
    """Nothing changes, and why is told."""
    lb = moved.lb
    serving, taken = lb.proxy_pid, start_appserver("three")
    good = moved.settings["listen"]
    moved.write(listen="%s:%d" % taken.address)
    with Traffic(lb.address, kept=2, fresh=2) as traffic:
        lb.signal(signal.SIGHUP)
        lb.wait_message(r"address already in use|is taken|cannot listen")
        traffic.wait_more(50)
    assert not traffic.failures
    wait_for(lambda: lb.proxy_pids() == [serving], "the one that could not is gone")
    moved.renew(listen=good, workers=3)
    assert connect(lb).get().status == 200


@pytest.mark.parametrize("settings", [{"workers": 100000}, {"workers": "many"}, {"listen": "nonsense"}, {"no-such-word": 1}],
                         ids=lambda settings: next(iter(settings)) + str(next(iter(settings.values()))))
def test_refused_settings_change_nothing(settings, moved):
    lb = moved.lb
    serving = lb.proxy_pid
    moved.path.write_text(json.dumps({**moved.settings, **settings}))
    lb.reload(r"^SIGHUP: refused, the settings in force stay: ")
    assert lb.proxy_pid == serving and len(lb.proxy_pids()) == 1
    moved.write()
    lb.reload()
    assert lb.proxy_pid == serving


def test_harmless_settings_want_no_other_process(moved):
    serving = moved.lb.proxy_pid
    moved.write(idle_timeout="9s")
    moved.lb.reload()
    assert moved.lb.proxy_pid == serving


def test_many_in_a_row(moved):
    lb = moved.lb
    with Traffic(lb.address, kept=2, fresh=4) as traffic:
        for number in range(6):
            moved.renew(workers=1 + number % 3)
    assert not traffic.failures


@pytest.fixture
def folder_at_the_root():
    """/config and the like, as people name it in containers."""
    if os.geteuid() != 0:
        pytest.skip("only root makes folders there")
    made = Path(tempfile.mkdtemp(prefix="lbtest-", dir="/"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def test_another_file_in_its_place_needs_no_other_process(folder_at_the_root, start_lb, start_appserver):
    """Editors and configuration tools rename a new one there; the jail lets it in, and the process goes on."""
    renewing = Renewing(start_lb, folder_at_the_root / "lb.json", [start_appserver("one")])
    pid = renewing.lb.proxy_pid
    old = renewing.path
    for percent in (30, 40):
        renewing.path = folder_at_the_root / "new"
        renewing.write(retry_budget=percent)
        os.replace(renewing.path, old)
        renewing.lb.signal(signal.SIGHUP)
        wait_for(lambda: json.loads(renewing.lb.ask("/config").body)["retry-budget"] == percent, "it is in force")
    assert renewing.lb.proxy_pid == pid
    assert not [line for line in renewing.lb.messages() if "renewal" in line or "denied" in line]
