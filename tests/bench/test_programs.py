"""Each measuring program, for a moment: it prints its figures and ends well, or serves until it is told to end."""

import contextlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("LB_BENCH_DIR", TOP / "build/dev/bench"))
# An address of this test's own. A port of it may be taken all the same: by who listens at every address.
HOST = f"127.7.{os.getpid() // 250 % 250}.{os.getpid() % 250 + 1}"
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}


def figures(name, *words):
    done = subprocess.run([PROGRAMS / name, *words], capture_output=True, text=True, check=False, timeout=60,
                          env=ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(type=kind) as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(name, *backends, before=()):
    """Runs a program that serves at the port it yields, in front of these ports."""
    port = free_port()
    with subprocess.Popen([PROGRAMS / name, *before, *(f"{HOST}:{number}" for number in (port, *backends))],
                          stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as program:
        try:
            wait_for_answer(program, port)
            yield port
            assert program.poll() is None, program.stderr.read()
        finally:
            program.terminate()
        said = program.stderr.read()
        assert (program.wait(20), said) == (-signal.SIGTERM, "")


def wait_for_answer(program, port):
    end = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection((HOST, port), timeout=20).close()
        except ConnectionRefusedError:
            assert program.poll() is None, program.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.01)


def check_steady(port):
    told = json.loads(figures("steady", f"{HOST}:{port}", "2", "400", "0.6"))  # the first half second warms up
    assert told["requests"] == 240 and told["errors"] == 0
    assert 0 < told["p50_us"] <= told["p99_us"] <= told["max_us"] * 1.02


def run_pool_update():
    assert float(re.fullmatch(r"([\d.]+) us per update\n", figures("pool_update", "5"))[1]) > 0


def run_parse_forward():
    assert int(re.fullmatch(r"5 turns, (\d+) bytes of heads each\n", figures("parse_forward", "5"))[1]) > 500


def run_routes():
    assert re.fullmatch(r"7 routes built in [\d.]+ ms, again in [\d.]+ ms\n20 questions, \d+ ns each\n", figures("routes", "7", "20"))


def run_backend():
    with serving("backend") as port:
        with socket.create_connection((HOST, port), timeout=20) as peer:
            peer.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert peer.recv(65536).startswith(b"HTTP/1.1 200 ")
        check_steady(port)


def run_relay(name):
    with serving("backend") as one, serving("backend") as two, serving(name, one, two) as port:
        check_steady(port)


def run_floor():
    run_relay("floor")


@pytest.fixture(name="pem", scope="module")
def make_pem(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc", "-subj",
                    "/CN=bench.example", "-keyout", folder / "key", "-out", folder / "chain"], check=True, capture_output=True)
    (folder / "whole.pem").write_bytes((folder / "chain").read_bytes() + (folder / "key").read_bytes())
    return folder / "whole.pem"


def exchange(port, request, wanted_bytes):
    """By TLS; gives the answer."""
    context = ssl._create_unverified_context()  # noqa: SLF001  # pylint: disable=protected-access
    with socket.create_connection((HOST, port), timeout=20) as plain, context.wrap_socket(plain) as peer:
        peer.sendall(request)
        answer = b""
        while len(answer) < wanted_bytes and (piece := peer.recv(65536)):
            answer += piece
        return answer


def test_a_relay_that_ends_tls(pem):
    with serving("backend") as backend, serving("floor", backend, before=("--tls", pem)) as port:
        big = exchange(port, b"GET /1000000 HTTP/1.1\r\nHost: x\r\n\r\n", 1_000_000)
        assert big.startswith(b"HTTP/1.1 200 ") and len(big) > 1_000_000
        body = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n" + bytes(3_000_000)
        assert exchange(port, body, 12).startswith(b"HTTP/1.1 200 ")
        for how in ("full", "resumed"):
            told = json.loads(figures("handshakes", f"{HOST}:{port}", "2", how, "0.3"))
            assert told["requests"] > 0 and told["errors"] == 0
            assert (told["resumed"] > 0) == (how == "resumed"), told


def run_floor_pool():
    run_relay("floor_pool")


def run_route_update():
    assert re.fullmatch(r"first [\d.]+ ms, then [\d.]+ ms each\n", figures("route_update", "7", "3", "4"))


def check_load(words):
    told = json.loads(figures(*words))
    assert told["requests"] > 0 and told["errors"] == 0 and told["seconds"] >= 0.3


def run_visits():
    with serving("backend") as port:
        check_load(("visits", f"{HOST}:{port}", "2", "0.3"))


def wait_for_echo(port):
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.1)
        probe.connect((HOST, port))
        end = time.monotonic() + 20
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                probe.send(b"ping")
                assert probe.recv(16) == b"ping"
                return
            time.sleep(0.01)
    raise AssertionError("nothing comes back")


def run_flows():
    port = free_port(socket.SOCK_DGRAM)
    with subprocess.Popen([PROGRAMS / "echo", f"{HOST}:{port}"], env=ENVIRONMENT) as echo:
        try:
            wait_for_echo(port)
            check_load(("flows", f"{HOST}:{port}", "3", "2", "0.3"))
        finally:
            echo.terminate()
    assert echo.returncode == -signal.SIGTERM


CASES = {"pool_update": run_pool_update, "parse_forward": run_parse_forward, "routes": run_routes, "backend": run_backend, "steady": run_backend,
         "route_update": run_route_update, "floor": run_floor, "floor_pool": run_floor_pool, "visits": run_visits, "flows": run_flows, "echo": run_flows}


@pytest.mark.parametrize("case", dict.fromkeys(CASES.values()), ids=lambda case: case.__name__)
def test_each_program_runs(case):
    case()


def test_no_program_is_left_out():
    assert {path.name for path in PROGRAMS.iterdir() if path.is_file() and os.access(path, os.X_OK)} == {*CASES, "handshakes"}


@pytest.mark.parametrize("words", [("pool_update", "many"), ("parse_forward",), ("steady", f"{HOST}:1"), ("floor", f"{HOST}:1"),
                                   ("floor_pool", f"{HOST}:1"), ("backend",), ("visits", f"{HOST}:1"), ("handshakes", f"{HOST}:1"), ("flows", f"{HOST}:1"), ("echo",), ("routes", "1"), ("route_update", "1", "1")], ids=lambda words: words[0])
def test_without_its_words_a_program_ends(words):
    assert subprocess.run([PROGRAMS / words[0], *words[1:]], check=False, timeout=20, env=ENVIRONMENT,
                          stdout=subprocess.DEVNULL).returncode in (1, 2)


def test_the_readme_names_every_file():
    table = (TOP / "bench/README.md").read_text(encoding="utf-8").partition("## The files")[2]
    named = set(re.findall(r"`([\w./]+)`", table))
    files = {path.name + "/" * path.is_dir() for path in (TOP / "bench").iterdir() if not path.name.startswith(("_", "."))}
    assert files - named == {"CMakeLists.txt", "README.md", "results/"}
    assert {name for name in named if not (TOP / "bench" / name).exists()} <= {"build/release/bench"}
