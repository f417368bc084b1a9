"""SIGUSR1: another reader has come to the same pipe, and knows nothing."""

import os
import signal
import subprocess

from fake_docker import container
from piped_discovery import PIPE_BYTES, PipedDiscovery, block_usr1
from support.program import sanitizer
from support.waiting import wait_for

MANY = 500  # endpoints: a line of some 100 KB


def without_time(state):
    return {key: value for key, value in state.items() if key != "time_ns"}


def test_all_is_told_again_though_nothing_has_changed(services):
    with PipedDiscovery(services.flag) as discovery:
        first = discovery.reader().wait_kinds("SA")
        discovery.tell_again()
        second = discovery.reader(is_late=True).wait_kinds("SA")
        assert second.dropped == b"" and second.kinds() == "SA"
        assert without_time(second.states()[0]) == without_time(first.states()[0])
        assert second.states()[0]["time_ns"] > first.states()[0]["time_ns"]
        services.set(2)  # what is told when it has changed is not upset by it
        assert discovery.reader().wait_kinds("S").counts() == [2]


def test_a_line_that_the_last_reader_took_in_part(services):
    services.set(MANY)
    with PipedDiscovery(services.flag) as discovery:
        wait_for(lambda: discovery.unread_bytes() == PIPE_BYTES, "the pipe is full")
        torn = os.read(discovery.fd, 1000)
        assert b"\n" not in torn
        discovery.tell_again()
        new = discovery.reader(is_late=True).wait_kinds("SA")
        assert new.dropped and new.kinds().removeprefix("A") == "_SA" and new.counts() == [MANY]


def test_nobody_reads_while_much_happens(services):
    """What was begun is finished, and of the rest only the newest is told; twice where that comes of a pause after the line
    before it, which took long."""
    services.set(MANY)
    with PipedDiscovery(services.flag) as discovery:
        wait_for(lambda: discovery.unread_bytes() == PIPE_BYTES, "the pipe is full")
        for count in range(MANY + 1, MANY + 6):
            said = len(discovery.messages)
            services.set(count)
            discovery.tell_again()
            wait_for(lambda: len(discovery.messages) > said, "it has read the file")
        wait_for(lambda: discovery.process.poll() is None and is_idle(discovery.process.pid), "it rests")
        new = discovery.reader(is_late=True).wait(lambda self: self.counts()[-1:] == [MANY + 5])
        assert new.kinds()[:2] == "_S" and len(new.counts()) <= 2


def is_idle(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "S"


def test_no_signal_is_lost_that_came_before_the_program(services):
    """Whoever starts it has blocked the signal, and sends it at once."""
    for _ in range(10):
        with PipedDiscovery(services.flag, prepare=block_usr1) as discovery:
            discovery.tell_again()
            assert discovery.reader().wait_kinds("_SA").kinds() in ("_SA", "S_SA", "SA_SA")


def test_many_signals_while_it_tells(services):
    """Each line is whole, and the end is heeded among them."""
    services.set(MANY)
    with PipedDiscovery(services.flag) as discovery:
        reader = discovery.reader().wait_kinds("SA")
        for _ in range(300):
            discovery.tell_again()
            reader.take()
        reader.wait(lambda self: self.kinds().endswith("_SA") and not self.take(0.2))
        assert set(reader.counts()) == {MANY}
        for _ in range(100):
            discovery.tell_again()
        discovery.process.send_signal(signal.SIGTERM)
        discovery.tell_again()
        assert discovery.process.wait(20) == 0


def test_a_reader_that_is_gone_for_long(engine, clock):
    """Minutes without a reader cost nothing, and the next one gets the newest."""
    for number in range(300):
        engine.add(container(f"{number:064x}", f"app-{number}", ip=f"10.9.{number >> 8}.{number & 255}"))
    with PipedDiscovery("--docker=unix://" + engine.path, "--self=none", environment=clock.env) as discovery:
        first = discovery.reader().wait(lambda self: self.counts()[-1:] == [300])
        assert first.states()
        before_kb = None
        for turn in range(60):
            number = turn % 300
            engine.event("die", f"{number:064x}")
            engine.containers[f"{number:064x}"]["State"].update(Running=False, Status="exited")
            asked = len(engine.requests)
            if not sanitizer():  # there it would be waited for
                clock.pass_s(10)
            engine.event("start", f"{number:064x}")
            engine.containers[f"{number:064x}"]["State"].update(Running=True, Status="running")
            engine.event("start", f"{number:064x}")
            engine.wait_for(lambda: len(engine.requests) > asked)
            before_kb = before_kb or (discovery.resident_kb() if turn == 20 else None)
        engine.event("die", f"{7:064x}")
        engine.containers[f"{7:064x}"]["State"].update(Running=False, Status="exited")
        assert discovery.process.poll() is None
        if not sanitizer():
            assert discovery.resident_kb() < before_kb + 1500
        discovery.tell_again()
        new = discovery.reader(is_late=True).wait(lambda self: self.kinds().endswith("SA") and self.counts()[-1] == 299)
        assert len(new.states()) <= 4, "only what was begun, and the newest"


def test_one_line_stays_one_line(services):
    with PipedDiscovery(services.flag, "--once", prepare=block_usr1) as discovery:
        discovery.tell_again()
        discovery.process.wait(20)
        assert discovery.reader().wait(lambda self: self.take(0.1) or self.items).kinds() == "S"


def test_who_only_registers_says_nothing(tmp_path):
    with PipedDiscovery("--register=http://127.0.0.1:1", environment={"DOCKER_HOST": f"unix://{tmp_path}/none"}) as discovery:
        wait_for(lambda: discovery.messages, "it runs")
        discovery.tell_again()
        assert not discovery.reader().take(1.2)


def test_it_starts_nothing_and_listens_nowhere(engine):
    """As the kernel sees it."""
    with PipedDiscovery("--docker=unix://" + engine.path, "--self=none") as discovery:
        discovery.reader().wait(lambda self: self.states())
        children = subprocess.run(["ps", "--no-headers", "-o", "pid", "--ppid", str(discovery.process.pid)],
                                  capture_output=True, text=True, check=False).stdout
        assert children.strip() == ""
        own = {os.readlink(f"/proc/{discovery.process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{discovery.process.pid}/fd")}
        listening = []
        for table, flags_at in (("unix", 3), ("tcp", 3), ("tcp6", 3)):
            for row in open(f"/proc/{discovery.process.pid}/net/{table}").read().splitlines()[1:]:
                words = row.split()
                is_listening = int(words[3], 16) & 0x10000 if table == "unix" else words[3] == "0A"
                inode = words[6] if table == "unix" else words[9]
                if is_listening and f"socket:[{inode}]" in own:
                    listening.append(row)
        assert any(name.startswith("socket:") for name in own) and not listening
