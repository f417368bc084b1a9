"""What lb-proxy and lb-discovery tell lb-report of their logs, how it is planned, and that nobody waits for it."""

import json
import os
import signal

import pytest
from reported_lb import DSN, ReportedLb
from support.program import sanitizer
from support.waiting import is_stopped, wait_for

GELF = "--gelf=udp://logs.test"


@pytest.fixture
def start(cleanup, tmp_path):
    def start(*flags, **options):
        lb = ReportedLb(tmp_path / "own", *flags, **options)
        cleanup.callback(lb.stop)
        return lb
    return start


# ---- how it is started -----------------------------------------------------------------------------------

def test_it_is_started_with_what_the_settings_say(start, start_backend, tmp_path):
    (tmp_path / "dsn").write_text(DSN + "\n")
    (tmp_path / "dsn").chmod(0o600)
    lb = start(GELF, "--gelf-compress=none", "--gelf-host=edge-1", f"--sentry-dsn-file={tmp_path}/dsn",
               "--sentry-environment=staging", "--sentry-queries", backends=[start_backend().address],
               env={"CONSUL_HTTP_TOKEN": "hush"})
    started = lb.wait_started()
    version = json.loads(lb.ask("/process").body)["version"]
    assert started["arguments"][:7] == [
        "--gelf=udp://logs.test", "--gelf-compress=none", "--gelf-host=edge-1", "--sentry-environment=staging",
        f"--release=lb@{version}", "--sentry-queries", "--server-name=edge-1"]
    assert all("c0ffee" not in word for word in started["arguments"])
    assert started["environment"]["LB_SENTRY_DSN"] == DSN
    assert "CONSUL_HTTP_TOKEN" not in started["environment"]
    assert started["counts_bytes"] == 4096
    assert DSN not in "\n".join(lb.stderr_lines)


def test_without_a_place_to_send_to_there_is_none(start, start_backend):
    lb = start(backends=[start_backend().address]).wait_ready()
    lb.get()
    assert lb.told() == []
    assert "lb_report_" not in lb.ask("/metrics").body.decode()
    assert "report" not in json.loads(lb.ask("/process").body)


# ---- logs ------------------------------------------------------------------------------------------------

def test_the_log_goes_there_as_json_whatever_it_is_on_standard_error(start, start_backend):
    lb = start(GELF, "--log-format=json", backends=[start_backend().address])
    lb.wait_ready()
    lb.wait_started()
    lines = wait_for(lambda: [line for line in lb.lines("L") if line["message"].startswith("admin on")], "the log is told")
    assert lines[0]["log.logger"] == "lb" and lines[0]["log.level"] == "info" and "@timestamp" in lines[0]


def test_lb_discovery_tells_its_log_too(start, tmp_path):
    (tmp_path / "services.json").write_text("[]")
    lb = start(GELF, f"--file={tmp_path}/services.json")
    lb.wait_started()
    wait_for(lambda: any(line["log.logger"] == "lb-discovery" for line in lb.lines("L")), "lb-discovery's log is told")
    assert any(line["log.logger"] == "lb" for line in lb.lines("L"))


@pytest.mark.skipif(bool(sanitizer()), reason="a sanitizer reports a crash by itself")
def test_no_line_is_told_where_incidents_alone_are_wanted(start, tmp_path):
    """Neither by lb-proxy, nor by lb-discovery, nor by the master, who has logged the crash before it tells it."""
    (tmp_path / "services.json").write_text("[]")
    lb = start(f"--sentry-dsn={DSN}", "--log-format=json", f"--file={tmp_path}/services.json")
    lb.wait_started()
    wait_for(lambda: any('"log.logger":"lb-discovery"' in line for line in lb.stderr_lines), "lb-discovery has said something")
    os.kill(lb.proxy_pid, signal.SIGSEGV)
    wait_for(lambda: [kind for kind, _ in lb.told() if kind == "C"], "the crash is told")
    assert lb.lines("L") == []


@pytest.mark.parametrize("where", ["off", "-", "FILE"])
def test_each_request_goes_there_as_json(start, start_backend, tmp_path, where):
    log = tmp_path / "access.log"
    with open(tmp_path / "stdout", "wb") as stdout:
        lb = start(GELF, f"--access-log={where.replace('FILE', str(log))}", "--access-log-format=%{method} %{status}",
                   backends=[start_backend().address], stdout=stdout)
        lb.wait_ready()
        for path in ("/one?a=1", "/two"):
            assert lb.get(path).status == 200
        lines = wait_for(lambda: len(lb.lines("A")) == 2 and lb.lines("A"), "both are told")
        assert sorted(line["url"]["path"] for line in lines) == ["/one", "/two"]
        assert all(line["http"]["response"]["status_code"] == 200 for line in lines)
        if where != "off":
            place = log if where == "FILE" else tmp_path / "stdout"
            wait_for(lambda: sorted(place.read_text().splitlines()) == ["GET 200", "GET 200"], "the file has its own form")


def test_whole_lines_in_batches(start, start_backend):
    lb = start(GELF, backends=[start_backend().address])
    lb.wait_ready()
    for number in range(200):
        lb.get(f"/{number}/" + "x" * 300)
    wait_for(lambda: len(lb.lines("A")) == 200, "all are told")
    bodies = [body for kind, body in lb.told() if kind == "A"]
    assert all(len(body) < 32768 for body in bodies)
    assert sorted(int(line["url"]["path"].split("/")[1]) for line in lb.lines("A")) == list(range(200))


# ---- nobody waits for it ---------------------------------------------------------------------------------

def test_one_that_reads_nothing_costs_lines_and_no_time(start, start_backend, tmp_path):
    """Its socket and all rings are full: requests and the file go on as before, and what is lost is counted. (On a busy
    machine the file's writer can be behind, too: then lines of the file are lost, and counted by themselves.)"""
    log = tmp_path / "access.log"
    lb = start(GELF, f"--access-log={log}", "--log-level=debug", "--workers=1", "--max-target=65535", "--max-head=64k",
               backends=[start_backend().address], before=lambda folder: (folder / "deaf").touch())
    lb.wait_ready()
    lb.wait_started()

    def lost():
        return lb.metrics().value("lb_report_outbox_dropped_total", what="access")
    count = 0
    while lost() == 0:
        assert count < 20000
        for _ in range(100):  # who waited for one that is deaf would wait for ever
            assert lb.get("/" + "y" * 5900).status == 200
            count += 1

    def written():
        return log.read_text().count("\n")
    wait_for(lambda: written() + lb.metrics().value("lb_log_dropped_total") == count, "the file has all but those")
    dropped = lb.metrics().value("lb_log_dropped_total")
    assert dropped < count / 2
    assert lb.get("/last").status == 200
    wait_for(lambda: written() == count + 1 - dropped, "the file goes on")
    process = json.loads(lb.ask("/process").body)
    assert process["report"]["outbox_dropped"]["access"] > 0
    lb.wait_message(r"^access log: \d+ lines did not go to lb-report", timeout_s=90)  # a minute after drops of the file, if there were any
    lb.undeafen()
    wait_for(lambda: lb.get("/after").status == 200 and any(line["url"]["path"] == "/after" for line in lb.lines("A")),
             "it is told again, when there is room")


def test_one_that_is_killed_is_started_again_and_told_what_waited(start, start_backend):
    lb = start(GELF, backends=[start_backend().address])
    lb.wait_ready()
    first = lb.wait_started()
    os.kill(first["pid"], signal.SIGSTOP)
    wait_for(lambda: is_stopped(first["pid"]), "it stands still")
    assert lb.get("/while-away").status == 200
    os.kill(first["pid"], signal.SIGKILL)
    assert lb.get("/dead").status == 200
    lb.wait_started(2)
    wait_for(lambda: {"/while-away", "/dead"} <= {line["url"]["path"] for line in lb.lines("A")}, "it is told all of it")


def test_one_that_is_not_there_is_none_the_less_planned(start, start_backend):
    lb = start(GELF, backends=[start_backend().address], before=lambda folder: (folder / "lb-report").unlink())
    lb.wait_ready()
    assert lb.get().status == 200
    lb.wait_message("lb-report")


# ---- other settings --------------------------------------------------------------------------------------

def test_sighup_replaces_it(start, start_backend, tmp_path):
    settings = tmp_path / "lb.json"
    settings.write_text(json.dumps({"sentry-dsn": DSN}))
    lb = start(f"--config={settings}", backends=[start_backend().address])
    lb.wait_ready()
    assert lb.wait_started()["environment"]["LB_SENTRY_DSN"] == DSN
    other = DSN.replace("c0ffee", "decade")
    settings.write_text(json.dumps({"sentry-dsn": other, "gelf": "tcp://logs.test:1"}))
    lb.reload("lb-report is to be told something else: lb-proxy is started anew")
    second = lb.wait_started(2)
    assert second["environment"]["LB_SENTRY_DSN"] == other
    assert "--gelf=tcp://logs.test:1" in second["arguments"]
    wait_for(lambda: lb.get().status == 200 and lb.lines("A"), "the new lb-proxy tells its requests")
    settings.write_text("{}")
    lb.reload("lb-report is to be told something else: lb-proxy is started anew")
    wait_for(lambda: not os.path.exists(f"/proc/{second['pid']}"), "there is none any more")
    assert "c0ffee" not in "\n".join(lb.stderr_lines) and "decade" not in "\n".join(lb.stderr_lines)


def test_no_page_shows_the_dsn(start, start_backend):
    lb = start(f"--sentry-dsn={DSN}", GELF, backends=[start_backend().address])
    lb.wait_ready()
    for path in ("/config", "/pool", "/process", "/metrics"):
        assert b"c0ffee" not in lb.ask(path).body
    assert json.loads(lb.ask("/config").body)["sentry-dsn"] == "(hidden)"


def test_a_file_that_others_may_read_is_warned_about(start, start_backend, tmp_path):
    (tmp_path / "dsn").write_text(DSN)
    (tmp_path / "dsn").chmod(0o644)
    lb = start(f"--sentry-dsn-file={tmp_path}/dsn", backends=[start_backend().address])
    lb.wait_message("^--sentry-dsn-file: others than its owner may read")
