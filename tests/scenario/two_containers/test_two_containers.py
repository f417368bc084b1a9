"""lb --discovery unix:PATH beside lb-discovery --to unix:PATH: who holds the engine's socket has no network, and who faces the
network has no socket."""

import os
import signal
import socket
import stat

import pytest
from fake_docker import container
from support import processes
from support.client import RawClient
from support.waiting import wait_for


def ask(lb):
    with RawClient(lb.address) as client:
        client.request("GET", "/")
        return client.read_response()


def test_lb_first(pair, start_appserver):
    """It waits at its socket, which is its own alone, and starts no lb-discovery of its own."""
    lb = pair.start_lb()
    assert lb.ask("/readyz").status == 503
    mode = pair.line.stat().st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600
    pair.serve(one=start_appserver("one"))
    pair.start_discovery()
    lb.wait_ready(1)
    assert ask(lb).status == 200
    assert {processes.name_of(pid) for pid in processes.children(lb.pid)} == {"lb-proxy"}
    pair.serve(one=start_appserver("one"), two=start_appserver("two"))
    lb.wait_ready(2)


def test_discovery_first(pair, start_appserver):
    pair.serve(one=start_appserver("one"))
    discovery = pair.start_discovery()
    discovery.wait_message("there is no such socket; start lb with --discovery unix:")
    lb = pair.start_lb()
    lb.wait_ready(1)
    assert ask(lb).status == 200


def test_discovery_goes_and_comes(pair, start_appserver):
    """While there is none the last world stays; the next one tells what has changed."""
    servers = {"one": start_appserver("one")}
    pair.serve(**servers)
    lb = pair.start_lb()
    first = pair.start_discovery()
    lb.wait_ready(1)
    pair.kill_discovery(first)
    servers["two"] = start_appserver("two")
    pair.serve(**servers)
    assert ask(lb).status == 200 and lb.states() == {"one": "ready"}
    second = pair.start_discovery()
    lb.wait_ready(2)
    pair.stop_discovery(second)
    assert ask(lb).status == 200


@pytest.mark.parametrize("how", ["crash", "upgrade"])
def test_another_process_serves(pair, start_appserver, how):
    """It is told the whole by a connection of its own."""
    servers = {"one": start_appserver("one")}
    pair.serve(**servers)
    lb = pair.start_lb()
    pair.start_discovery()
    lb.wait_ready(1)
    before = lb.proxy_pid
    if how == "crash":
        os.kill(before, signal.SIGKILL)
    else:
        lb.signal(signal.SIGUSR2)
    wait_for(lambda: lb.proxy_pid != before, "another process serves")
    assert ask(lb).status == 200
    servers["two"] = start_appserver("two")
    pair.serve(**servers)
    wait_for(lambda: ready(lb) == {"one", "two"}, "it is told of what changes")


def ready(lb):
    """Also while another process begins to serve."""
    try:
        return {name for name, state in lb.states().items() if state == "ready"}
    except (OSError, AssertionError, ValueError):
        return None


def test_lb_is_replaced(pair, start_appserver):
    """The next one listens at the same path, where the last one left its socket."""
    pair.serve(one=start_appserver("one"))
    discovery = pair.start_discovery()
    for _ in range(3):
        lb = pair.start_lb()
        lb.wait_ready(1)
        assert ask(lb).status == 200
        lb.stop()
    assert discovery.process.poll() is None


def test_a_second_discovery(pair, start_appserver):
    """The newest one counts; the other is told what is the matter."""
    pair.serve(one=start_appserver("one"))
    lb = pair.start_lb()
    first = pair.start_discovery()
    lb.wait_ready(1)
    second = pair.start_discovery()
    wait_for(lambda: any("another lb-discovery" in message for one in (first, second) for message in one.messages),
             "one of them says it")
    assert lb.states() == {"one": "ready"}
    pair.stop_discovery(second)
    pair.serve(one=start_appserver("one"), two=start_appserver("two"))
    lb.wait_ready(2)


def test_the_engine_is_beyond_the_line(pair, engine):
    """lb-discovery has the engine's socket, and lb stands where its container stands, which it is told by name."""
    web = {"web": {"NetworkID": "w1", "IPAddress": "10.2.0.2", "Gateway": "10.2.0.1"}}
    engine.add(container("b" * 64, "near", service="appserver", networks=web))
    engine.add(container("c" * 64, "far", service="appserver", networks={"back": {"NetworkID": "k1", "IPAddress": "10.3.0.3"}}))
    engine.add(container("a" * 64, "lb", networks={"web": {"NetworkID": "w1", "IPAddress": "10.2.0.9"}}, labels={"lb.service": ""}))
    lb = pair.start_lb("--check-mode=off")
    discovery = pair.start_discovery(f"--docker=unix://{engine.path}", "--self=lb")
    discovery.wait_message("lb runs in container aaaaaaaaaaaa, on: web")
    wait_for(lambda: lb.states() == {"near": "ready"}, "lb knows who is near")
    left_out = {row["name"]: row["reason"] for row in lb.pool()["left_out"]}
    assert left_out == {"far": "no_shared_network", "lb": "self"}
    engine.stop()
    wait_for(lambda: "cannot connect" in lb.pool()["discovery"].get("problem", ""), "lb says what is in the way")


def test_who_may_not_come(pair, start_appserver):
    """Another user is kept out, and told why."""
    if os.geteuid() != 0:
        pytest.skip("only root may become somebody else")
    lb = pair.start_lb()
    reader = os.fork()
    if reader == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        with socket.socket(socket.AF_UNIX) as sock:
            os._exit(0 if sock.connect_ex(str(pair.line)) == 13 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1]) == 0
    pair.serve(one=start_appserver("one"))
    pair.start_discovery()
    lb.wait_ready(1)


def test_what_is_no_line_harms_nothing(pair, start_appserver):
    """Somebody else who may come writes what he likes."""
    pair.serve(one=start_appserver("one"))
    lb = pair.start_lb()
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(pair.line))
        sock.sendall(b"\n\n\xff\x00{]\n" * 100)
        lb.wait_message(r"refused|cannot be used|is no")
    pair.start_discovery()
    lb.wait_ready(1)
    assert ask(lb).status == 200
