"""The command line of lb: what it prints, what it refuses, and what wins over what."""

import json
import re

import pytest

from support.backend import RecordingBackend
from support.program import Program, run


def test_help_teaches():
    done = run("lb", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    printed = json.loads(run("lb", "--print-config").stdout)
    for word in printed:
        assert f"--{word}" in done.stdout, f"--{word} is not explained"
    for word in ("--backend", "--file", "--config", "--check", "--version", "LB_", "Examples"):
        assert word in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_version_names_the_libraries():
    done = run("lb", "--version")
    assert done.returncode == 0
    assert re.match(r"lb \d+\.\d+\.\d+ \(.*libuv \d.*llhttp \d.*jansson \d.*\)\n$", done.stdout)


def test_defaults():
    printed = json.loads(run("lb", "--print-config").stdout)
    assert printed["listen"] == ["0.0.0.0:8000"]
    assert printed["admin"] == "127.0.0.1:8001"
    assert printed["docker"] is True
    assert "service" not in printed and printed["default-route"] == "auto"
    assert printed["workers"] == 0
    timeouts = {word: value for word, value in printed.items() if "timeout" in word}
    assert timeouts == {"head-timeout": "10s", "idle-timeout": "75s", "connect-timeout": "300ms",
                        "check-timeout": "2s",
                            "far-connect-timeout": "2s", "last-connect-timeout": "5s", "discovery-timeout": "20s",
                        "queue-timeout": "10s", "upgrade-timeout": "1m", "response-timeout": "1m", "body-timeout": "30s",
                        "tunnel-timeout": "1h", "stream-timeout": "1h", "tcp-idle-timeout": "1h", "udp-idle-timeout": "30s",
                        "upstream-idle-timeout": "1m", "tls-handshake-timeout": "10s"}


def test_printed_config_is_one(tmp_path):
    flags = ["--listen=127.0.0.1:0", "--backend=127.0.0.1:1", "--max-body=5m", "--workers=3"]
    printed = run("lb", *flags, "--print-config").stdout
    file = tmp_path / "lb.json"
    file.write_text(printed)
    again = run("lb", "--config", str(file), "--print-config")
    assert (again.returncode, again.stdout) == (0, printed)


@pytest.mark.parametrize("flag, says", [
    ("--listen=nonsense", "--listen"),
    ("--listen=127.0.0.1:65536", "--listen"),
    ("--admin=127.0.0.1", "--admin"),
    ("--backend=nowhere", "--backend"),
    ("--workers=-1", "--workers"),
    ("--workers=many", "--workers"),
    ("--idle-timeout=5", "--idle-timeout"),
    ("--max-head=1", "--max-head"),
    ("--max-body=1x", "--max-body"),
    ("--log-level=loud", "--log-level"),
    ("--lisen=127.0.0.1:0", "--listen"),  # the nearest word is named
    ("--docker --backend=127.0.0.1:1", "--docker"),
    ("--config=/nonexistent/lb.json", "/nonexistent/lb.json"),
    ("stray", "stray"),
])
def test_bad_value_ends_it_with_status_2(flag, says):
    for more in ([], ["--check", "--listen=127.0.0.1:0"]):
        done = run("lb", *flag.split(" "), *more, env={"LB_ADMIN": "127.0.0.1:0"})
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith("lb: ") and says in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_bad_file_is_named_with_its_path(tmp_path):
    file = tmp_path / "lb.json"
    file.write_text('{"workers": "many"}')
    done = run("lb", "--config", str(file), "--check")
    assert done.returncode == 2
    assert "workers" in done.stderr and str(file) in done.stderr


def test_check_says_that_all_is_well():
    done = run("lb", "--listen=127.0.0.1:0", "--admin=off", "--check")
    assert (done.returncode, done.stderr) == (0, "")
    assert "good" in done.stdout


def test_flag_over_environment_over_file_over_default(tmp_path):
    file = tmp_path / "lb.json"
    file.write_text('{"workers": 3, "max-headers": 30, "idle-timeout": "30s"}')
    env = {"LB_WORKERS": "5", "LB_MAX_HEADERS": "50"}
    printed = json.loads(run("lb", f"--config={file}", "--workers=7", "--print-config",
                             env=env).stdout)
    assert (printed["workers"], printed["max-headers"], printed["idle-timeout"]) == (7, 50, "30s")
    assert printed["head-timeout"] == "10s"


def test_bad_environment_is_named():
    done = run("lb", "--check", env={"LB_WORKERS": "many"})
    assert done.returncode == 2
    assert "LB_WORKERS" in done.stderr


@pytest.mark.parametrize("flag", ["listen", "admin"])
def test_port_in_use_is_told(flag, start_lb, start_backend):
    """After a while, as an lb that was killed leaves its ports."""
    lb = start_lb(backends=[start_backend()])
    words = {"listen": "127.0.0.1:0", "admin": "off", flag: "127.0.0.1:%d" % lb.address[1]}
    other = run("lb", *(f"--{name}={word}" for name, word in words.items()), "--backend=127.0.0.1:1")
    assert other.returncode == 1
    assert f"{words[flag]} is in use: waiting for who has it" in other.stderr
    assert f"cannot listen on {words[flag]}: address already in use" in other.stderr and f"--{flag}" in other.stderr


def test_several_listeners(start_lb, start_backend, connect):
    lb = start_lb("--listen=127.0.0.1:0", "--listen=[::1]:0", backends=[start_backend()])
    addresses = lb.wait_listening(2)
    assert [host for host, _ in addresses] == ["127.0.0.1", "::1"]
    for address in addresses:
        assert connect(address).get().status == 200


def test_healthcheck(start_lb, start_backend):
    lb = start_lb(backends=[start_backend()])
    admin = "%s:%d" % lb.admin
    assert run("lb", "--healthcheck", f"--admin={admin}").returncode == 0
    assert run("lb", "--healthcheck", env={"LB_ADMIN": admin}).returncode == 0
    lb.stop()
    gone = run("lb", "--healthcheck", f"--admin={admin}")
    assert gone.returncode == 1
    assert admin in gone.stderr


def test_healthcheck_of_something_that_is_not_well(cleanup):
    def script(connection):
        connection.read_request()
        connection.send(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")

    ill = RecordingBackend(script)
    cleanup.callback(ill.close)
    assert run("lb", "--healthcheck", "--admin=%s:%d" % ill.address).returncode == 1


def test_without_admin(start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb(backends=[backend], admin=False)
    lb.wait_message("ready, 1 endpoint")
    assert connect(lb).get().status == 200
    assert lb.find_message("admin on") is None


def test_plain_log():
    """For people: no JSON. An address of another machine ends it at once."""
    flags = ["--listen=192.0.2.1:80", "--admin=off", "--backend=127.0.0.1:1"]
    plain = run("lb", *flags, "--log-format=plain").stderr.splitlines()[-1]
    assert re.match(r"\d\d:\d\d:\d\d\.\d{3} error lb: cannot listen on ", plain)
    line = json.loads(run("lb", *flags, "--log-format=json").stderr.splitlines()[-1])
    assert (line["log.level"], line["log.logger"]) == ("error", "lb")
    assert run("lb", *flags).stderr.startswith("{")  # not on a terminal


def test_workers(start_lb, start_backend):
    lb = start_lb("--workers=3", backends=[start_backend()])
    assert lb.pool()["workers"] == 3


def test_backend_by_name(start_lb, start_backend, connect):
    backend = start_backend()
    lb = start_lb(backends=[("localhost", backend.address[1])], is_ready=False)
    lb.wait_message("ready, 1 endpoint")
    assert connect(lb).get().status == 200


@pytest.mark.parametrize("name, said", [
    ("LB_SERVCE", "LB_SERVCE in the environment: no setting has this name; did you mean LB_SERVICE?"),
    ("lb_service", "lb_service in the environment: no setting has this name; did you mean LB_SERVICE?"),
    ("LB_SOMETHING_ELSE", "LB_SOMETHING_ELSE in the environment: no setting has this name"),
])
def test_a_misspelt_variable_is_told_and_does_no_harm(name, said):
    checked = run("lb", "--listen=127.0.0.1:0", "--admin=off", "--check", env={name: "web"})
    assert (checked.returncode, said in checked.stderr) == (0, True), checked.stderr
    lb = Program("lb", "--backend=127.0.0.1:1", "--listen=127.0.0.1:0", "--admin=off", env={name: "web"})
    try:
        lb.wait_message(re.escape(said))
        lb.wait_listening()
    finally:
        lb.stop()


@pytest.mark.parametrize("name, value", [("LB_PORT", "tcp://10.0.0.1:80"), ("LB_SERVICE_HOST", "10.0.0.1"),
                                         ("LB_PORT_80_TCP_ADDR", "10.0.0.1"), ("LBX", "1")])
def test_variables_that_kubernetes_and_links_put_there_are_no_mistakes(name, value):
    checked = run("lb", "--listen=127.0.0.1:0", "--admin=off", "--check", env={name: value})
    assert (checked.returncode, checked.stderr) == (0, "")
