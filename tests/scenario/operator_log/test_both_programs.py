"""What the operator says of the log and of the end holds for lb and lb-discovery alike."""

import json
import os
import re
import signal
import socket
import subprocess

import pytest

from support.program import BIN_DIR, environment, split_address

PLAIN = re.compile(r"\d\d:\d\d:\d\d\.\d{3} \w+ +lb(-discovery)?: ")


class Both:
    """lb with the real lb-discovery beside it, leaders of a process group as under a shell."""

    def __init__(self, folder, *flags, env=None, services=None):
        (folder / "s.json").write_text(json.dumps(services or {"services": []}))
        self.process = subprocess.Popen(
            [BIN_DIR / "lb", "--listen=127.0.0.1:0", "--admin=off", f"--file={folder}/s.json", *flags],
            env=environment(env), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, start_new_session=True)
        self.lines = []

    def read_until(self, word):
        for line in self.process.stderr:
            self.lines.append(line)
            if word in line:
                return
        raise AssertionError(f"lb ended without {word!r}: {self.lines}")

    def end(self, number):
        """As Ctrl-C does: the whole group gets the signal. What was said after it."""
        said = len(self.lines)
        os.killpg(self.process.pid, number)
        self.lines += self.process.stderr.readlines()
        assert self.process.wait(20) == 0
        return self.lines[said:]


@pytest.mark.parametrize("flags, env", [(["--log-format=plain"], None), ([], {"LB_LOG_FORMAT": "plain"})])
def test_plain_is_plain_in_both(flags, env, tmp_path):
    both = Both(tmp_path, *flags, env=env)
    both.read_until("was read")
    both.end(signal.SIGINT)
    assert all(PLAIN.match(line) for line in both.lines), both.lines
    assert any("lb-discovery: " in line for line in both.lines)


def test_level_is_the_same_in_both(tmp_path):
    both = Both(tmp_path, "--log-level=warn")
    (tmp_path / "s.json").write_text("nonsense")
    both.read_until("s.json: line 1")
    both.end(signal.SIGINT)
    assert not any("was read" in line for line in both.lines)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_for_the_whole_group_ends_lb_without_a_warning(number, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as backend:
        services = {"services": [{"name": "appserver", "endpoints": [
            {"address": "127.0.0.1", "port": backend.getsockname()[1]}]}]}
        both = Both(tmp_path, "--shutdown-delay=0s", "--shutdown-grace=1s", services=services)
        both.read_until("ready, 1 endpoint")
        address = split_address(re.search(r"listening on ([0-9.:]+)", "".join(both.lines))[1])
        with socket.create_connection(address) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            while b"GET" not in backend.accept()[0].recv(100):
                pass  # the first contact, and then the request: lb stays for it
            said = "".join(both.end(number))
    assert "stopped" in said
    assert "started again" not in said and "lb-discovery" not in said, said
