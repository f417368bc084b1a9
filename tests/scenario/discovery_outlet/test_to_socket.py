"""--to unix:PATH: lb listens somewhere else, and comes and goes as it likes."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from line_listener import LineListener
from stream_reader import StreamReader
from support.waiting import wait_for
from watcher import ENVIRONMENT, PROGRAM, Watcher


@pytest.fixture(name="path")
def make_path(tmp_path):
    return tmp_path / "line.sock"


def said_of(watcher, words):
    return [message for message in watcher.messages if words in message]


def test_lb_comes_later(services, path):
    with Watcher(services.flag, f"--to=unix:{path}") as w:
        w.wait_message("there is no such socket; start lb with --discovery unix:")
        services.set(2)  # it goes on keeping its state
        wait_for(lambda: len(said_of(w, "was read")) == 2, "it has read the file")
        with LineListener(path) as lb:
            reader = lb.accept().wait_kinds("SA")
            assert reader.kinds() == "_SA" and reader.counts() == [2]
            w.wait_message("connected to lb at ")
            services.set(3)
            assert reader.wait_kinds("SAS").counts() == [2, 3]
            assert len(said_of(w, "cannot connect")) == 1, "it is told once, however often it is tried"
            w.no_line()  # nothing of all that is on its standard output
            assert not w.signs_of_life


def test_lb_goes_and_comes(services, path):
    """Each connection begins with the whole state, and with the newest."""
    with Watcher(services.flag, f"--to=unix:{path}") as w:
        for count in range(1, 5):
            with LineListener(path) as lb:
                reader = lb.accept().wait_kinds("SA")
                assert reader.kinds() == "_SA" and reader.counts() == [count]
            said = len(said_of(w, "was read"))
            services.set(count + 1)
            wait_for(lambda: len(said_of(w, "was read")) > said, "it has read the file")
        w.wait_message("nobody listens there; start lb")
        assert len(said_of(w, "there is no such socket")) <= 1


def test_another_reader_of_the_same_lb(services, path):
    """Whoever wants all again hangs up, and has it in no time."""
    with LineListener(path) as lb, Watcher(services.flag, f"--to=unix:{path}") as w:
        lb.accept().wait_kinds("_SA")
        lb.hang_up()
        assert lb.accept().wait_kinds("_SA").kinds() == "_SA"
        assert not said_of(w, "cannot connect")


def test_another_socket_at_the_path(services, path):
    """The one that is connected counts until it ends."""
    with Watcher(services.flag, f"--to=unix:{path}"), LineListener(path) as old:
        reader = old.accept().wait_kinds("SA")
        with LineListener(path) as new:
            services.set(2)
            reader.wait_kinds("S")
            assert reader.counts() == [1, 2]
            old.hang_up()
            assert new.accept().wait_kinds("SA").counts() == [2]


def test_the_signal_counts_here_as_well(services, path):
    with Watcher(services.flag, f"--to=unix:{path}") as w, LineListener(path) as lb:
        reader = lb.accept().wait_kinds("SA")
        w.process.send_signal(signal.SIGUSR1)
        assert reader.wait_kinds("SA_SA").kinds() == "_SA_SA"


def test_a_reader_that_does_not_read(services, path):
    """It gets what was begun, then the newest; another connection begins anew."""
    services.set(4000)
    with Watcher(services.flag, f"--to=unix:{path}") as w, LineListener(path) as lb:
        slow = lb.accept()
        for count in range(4001, 4004):
            said = len(said_of(w, "was read"))
            services.set(count)
            wait_for(lambda: len(said_of(w, "was read")) > said, "it has read the file")
        counts = slow.wait(lambda self: self.counts()[-1:] == [4003]).counts()
        assert counts[0] == 4000 and len(counts) <= 3, "one that it had made when the last reading began"
        services.set(4004)
        slow.wait(lambda self: self.rest)  # in the middle of it
        lb.hang_up()
        again = lb.accept().wait_kinds("SA")
        assert again.kinds() == "_SA" and again.counts() == [4004]


def test_what_the_reader_says_is_not_heard(services, path):
    """And keeps nobody busy."""
    with Watcher(services.flag, f"--to=unix:{path}") as w, LineListener(path) as lb:
        reader = lb.accept().wait_kinds("SA")
        lb.connections[0].sendall(b"GET / HTTP/1.1\r\n\r\n" * 100)
        services.set(2)
        reader.wait_kinds("S")
        before = ticks(w.process.pid)
        assert not reader.take(1)
        assert ticks(w.process.pid) - before < 20


def ticks(pid):
    with open(f"/proc/{pid}/stat") as stat:
        words = stat.read().rpartition(")")[2].split()
    return int(words[11]) + int(words[12])


def test_signs_of_life(services, path, clock):
    with Watcher(services.flag, f"--to=unix:{path}", environment=clock.env), LineListener(path) as lb:
        reader = lb.accept().wait_kinds("SA")
        for _ in range(2):
            clock.pass_s(5)
            seen = len(reader.items)
            reader.wait(lambda self, seen=seen: len(self.items) > seen)
        assert reader.kinds() == "_SAAA"


def test_a_line_and_the_end(services, path):
    with LineListener(path) as lb:
        with Watcher(services.flag, f"--to=unix:{path}", "--once") as w:
            assert w.process.wait(20) == 0
            reader = lb.accept()
            while reader.take(0.5):
                pass
            assert reader.kinds() == "S" and reader.is_over


@pytest.mark.slow("it gives up after five seconds")
def test_a_line_that_nobody_takes(services, path):
    done = subprocess.run([PROGRAM, services.flag, f"--to=unix:{path}", "--once"], env=ENVIRONMENT, capture_output=True,
                          text=True, timeout=20, check=False)
    assert done.returncode == 1 and "nobody read within 5 seconds" in done.stderr


def test_by_a_variable(services, path):
    with LineListener(path) as lb:
        with Watcher(services.flag, environment={"LB_DISCOVERY_TO": f"unix:{path}"}):
            assert lb.accept().wait_kinds("SA").kinds() == "_SA"
        with Watcher(services.flag, environment={"LB_DISCOVERY_TO": f"unix:{path}", "LB_DISCOVERY_PARENT": "1"}) as w:
            assert w.next()["services"]  # lb has started it, and reads its output


def test_it_also_registers(engine, path):
    """Alone it would be silent: here is an lb that listens."""
    with Watcher("--register=http://127.0.0.1:1", f"--to=unix:{path}", f"--docker=unix://{engine.path}", "--self=none"), \
            LineListener(path) as lb:
        lb.accept().wait(lambda self: self.states())


# ---- what is in the way ------------------------------------------------------------------------------


def run(*flags):
    return subprocess.run([PROGRAM, *flags], env=ENVIRONMENT, capture_output=True, text=True, timeout=20, check=False)


@pytest.mark.parametrize("value, words", [
    ("/run/line.sock", "it is no place to tell lb; unix:PATH is accepted"),
    ("unix:", "unix:PATH is accepted"),
    ("tcp:127.0.0.1:9", "unix:PATH is accepted"),
    ("unix:/" + "a" * 107, "its path is longer than the system takes for a socket; at most 107 bytes are accepted"),
])
def test_places_that_are_none(value, words):
    done = run("--file=x", f"--to={value}")
    assert done.returncode == 2 and done.stdout == ""
    assert "--to: " in done.stderr and words in done.stderr


def test_a_folder_that_is_not_there(services, tmp_path):
    folder = tmp_path / "shared"
    with Watcher(services.flag, f"--to=unix:{folder}/line.sock") as w:
        w.wait_message("its folder is not there; let lb and lb-discovery share one")
        folder.mkdir()
        w.wait_message("there is no such socket; start lb")
        with LineListener(folder / "line.sock") as lb:
            lb.accept().wait_kinds("SA")


def test_what_is_no_socket(services, path):
    path.write_text("x")
    with Watcher(services.flag, f"--to=unix:{path}") as w:
        w.wait_message("that is no socket; remove it, or name another path")
        path.unlink()
        with LineListener(path) as lb:
            lb.accept().wait_kinds("SA")


def test_a_socket_of_another_kind(services, path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(str(path))
        with Watcher(services.flag, f"--to=unix:{path}") as w:
            w.wait_message("that is a socket of another kind; name the path")


@pytest.fixture(name="open_folder")
def make_open_folder():
    """One that everybody may look into, as tmp_path is not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")
def test_somebody_who_may_not(services, open_folder):
    """As lb's socket is for its own user alone."""
    path, file = open_folder / "line.sock", open_folder / "services.json"
    program = open_folder / "lb-discovery"
    shutil.copy(services.path, file)
    shutil.copy(PROGRAM, program)
    with LineListener(path) as lb:
        path.chmod(0o600)
        process = subprocess.Popen([program, f"--file={file}", f"--to=unix:{path}", "--log-format=plain"], env=ENVIRONMENT,
                                   stderr=subprocess.PIPE, text=True, user=65534, group=65534, extra_groups=[])
        try:
            said = ""
            while "permission denied" not in said:
                said = process.stderr.readline()
                assert said, "it ended"
            assert "run lb-discovery as the user that lb runs as, or as root" in said
            path.chmod(0o666)
            lb.accept().wait_kinds("SA")
        finally:
            process.terminate()
            process.stderr.close()
            assert process.wait(20) == 0


def test_an_lb_that_wants_no_more(services, path):
    """Another lb-discovery may be connected already, of which there can be one."""
    with Watcher(services.flag, f"--to=unix:{path}") as w, LineListener(path) as lb:
        for _ in range(4):
            lb.accept()
            lb.hang_up()
        w.wait_message("closes each connection soon after it is there; see whether another lb-discovery")
        assert len(said_of(w, "connected to lb at")) == 1


def test_a_line_in_full(services, path):
    """As an lb would read it, of any length, with a small buffer of its socket."""
    services.set(9000)
    with Watcher(services.flag, f"--to=unix:{path}"), LineListener(path) as lb:
        lb.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock, _ = lb.listener.accept()
        reader = StreamReader(sock.fileno(), lambda size: sock.recv(777))
        assert reader.wait(lambda self: self.states()).counts() == [9000]
        sock.close()
