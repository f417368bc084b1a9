"""The job files of deploy/nomad pass, and each fault that nomad would refuse, or that would not do what it seems to, is found."""

from pathlib import Path

import hcl
import nomad_jobs
import pytest

FOLDER = Path(__file__).parents[2] / "deploy" / "nomad"
LB, APPSERVER = ((FOLDER / f"{name}.nomad.hcl").read_text(encoding="utf-8") for name in ("lb", "appserver"))


def test_the_files_pass():
    assert nomad_jobs.check(LB) == [] and nomad_jobs.check(APPSERVER) == []


@pytest.mark.parametrize("text, before, after, problem", [
    (LB, 'type        = "system"', 'type        = "systems"', "type should be one of"),
    (LB, 'mode = "host"', 'mode = "hosts"', "mode should be like"),
    (LB, 'stagger      = "30s"', 'stagger      = "30 s"', "stagger should be a time"),
    (LB, 'stagger      = "30s"', 'canary = 1', "only max_parallel and stagger"),
    (LB, 'port     = "admin"', 'port     = "pages"', "no port 'pages'"),
    (LB, '${NOMAD_PORT_http}', '${NOMAD_PORT_web}', "no port 'web'"),
    (LB, 'task     = "lb"', 'task     = "proxy"', "no task 'proxy'"),
    (LB, 'path     = "/readyz"', '', "has a path"),
    (LB, 'kill_timeout = "25s"', 'kill_timeout = "90s"', "cuts kill_timeout"),
    (LB, 'readonly_rootfs = true', 'read_only = true', "config has no read_only"),
    (LB, '["net_bind_service"]', '["net_admin"]', "does not let a task have net_admin"),
    (LB, 'image           = var.image', '', "config with an image"),
    (LB, 'image           = var.image', 'image = var.picture', "var.picture is declared nowhere"),
    (LB, 'network_mode    = "host"', 'network_mode = "host"\n        ports = ["http"]', "no port is mapped"),
    (LB, '    restart {', '    spread {\n    }\n    restart {', "a system job has no spread"),
    (LB, 'attempts = 3', 'attempts = 3\n      attempts = 4', "set twice"),
    (LB, 'memory = 128', 'memory = "128"', "memory should be a number"),
    (LB, '      resources {', '      resource {', "no resource may stand in task"),
    (APPSERVER, 'canary_tags =', 'canary_tag =', "service has no canary_tag"),
    (APPSERVER, 'min_healthy_time  = "10s"', 'min_healthy_time = "3m"', "should be less than"),
    (APPSERVER, '        to = 8484', '        static = 8484', "static ports are for system jobs"),
    (APPSERVER, 'interval = "5s"', 'interval = "500ms"', "at least 1s"),
    (APPSERVER, 'timeout  = "2s"', '', "check says no timeout"),
    (APPSERVER, 'task     = "appserver"\n', '\n', "needs to know the task"),
    (APPSERVER, 'canary            = 1\n    auto_promote      = false', 'auto_promote = true', "without a canary"),
    (APPSERVER, 'type        = "service"', 'type = "batch"', "canary_tags are of service jobs"),
    (APPSERVER, 'name     = "appserver"', 'name = "App_Server"', "name should be like"),
    (APPSERVER, 'tags     = ["http"]', 'tags = "http"', "tags should be a list"),
])
def test_a_fault_is_found(text, before, after, problem):
    changed = text.replace(before, after)
    assert changed != text
    assert any(problem in said for said in nomad_jobs.check(changed)), nomad_jobs.check(changed)


@pytest.mark.parametrize("text, line", [
    ('job "a" {', "1"), ('a = [1, 2', "1"), ('a = "${b"', "1"), ('a = 1 b = 2', "1"), ('\na = @', "2"), ('a = "b\n"', "1"),
    ('a {\n}\n}', "3"), ('a = upper("b")', "1")])
def test_what_cannot_be_read_is_told_with_its_line(text, line):
    with pytest.raises(hcl.Fault) as fault:
        hcl.parse(text)
    assert str(fault.value).startswith(f"{line}: ")


def test_values():
    top = hcl.parse('a = "x ${var.y} $z"\nb = [1, -2.5,\n true, # so\n]\nc "d" "e" { f = { g = "h", i : var.j } }\n')
    assert top.get("a") == "x ${var.y} $z" and top.get("b") == [1, -2.5, True]
    inner = top.one("c")
    assert inner.labels == ["d", "e"] and inner.line == 5 and inner.get("f") == {"g": "h", "i": hcl.Reference("var.j")}
