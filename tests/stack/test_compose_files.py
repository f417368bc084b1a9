"""The compose files of deploy/stack: both composes accept them, and each service is pinned, bounded, checked and closed."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from compose_programs import PROGRAMS, TOP, Unavailable

sys.path.insert(0, str(TOP / "tests" / "stack_metrics"))

from deployed import dashboard_expressions, metrics_of  # noqa: E402  pylint: disable=wrong-import-position

STACK = TOP / "deploy" / "stack"
MAIN = STACK / "docker-compose.yml"
OVERRIDES = sorted(STACK.glob("docker-compose.*.yml"))
PARTS = ["elk", "sentry", "consul", "metrics"]
OURS = {"lb", "appserver1", "appserver2"}
MIB = 1 << 20


def environment():
    """A value for all that the files ask for, and nothing else."""
    asked = {name for file in (MAIN, *OVERRIDES) for name in re.findall(r"\$\{(\w+):\?", file.read_text())}
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **{name: f"word-of-{name.lower()}" for name in asked},
            "STACK_PREFIX": "t-stack-", "LB_IMAGE_TAG": "1", "DOCKER_GID": "999"}


def config(version, *files, parts=tuple(PARTS), more=()):
    try:
        program = PROGRAMS[version]()
    except Unavailable as reason:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(reason))
    words = [word for file in (MAIN, *files) for word in ("--file", str(file))]
    words += [word for part in parts for word in ("--profile", part)]
    done = subprocess.run([program, "--project-name", "t", *words, "config", *more], env=environment(), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def services_of(*files):
    return json.loads(config("v2", *files, more=("--format", "json"))[0])["services"]


@pytest.fixture(scope="module", name="services")
def _services():
    return services_of()


@pytest.fixture(scope="module", name="written")
def _written():
    return yaml.safe_load(MAIN.read_text())["services"]


def is_job(service):
    return service["restart"] == "on-failure"


# ---- both take them -------------------------------------------------------------------------------


@pytest.mark.parametrize("version", PROGRAMS)
def test_both_composes_take_all_files_together_and_warn_of_nothing(version):
    _, warnings = config(version, *OVERRIDES)
    assert warnings == ""


@pytest.mark.slow("docker-compose 1.29 takes a second each time")
@pytest.mark.parametrize("version", PROGRAMS)
@pytest.mark.parametrize("part", PARTS)
def test_each_part_alone_is_taken(version, part):
    """A service that waits for one of another part would be refused."""
    config(version, parts=(part,))


@pytest.mark.parametrize("version", PROGRAMS)
@pytest.mark.parametrize("override", OVERRIDES, ids=lambda file: file.name)
def test_each_override_alone_is_taken(version, override):
    config(version, override)


def table(text):
    done = subprocess.run(["awk", "-f", str(STACK / "services.awk")], input=text, stdout=subprocess.PIPE, text=True, check=True)
    found = {}
    for line in done.stdout.splitlines():
        name, part, image, memory, needs, job = line.split("|")
        number, unit = re.fullmatch(r"(\d+)([mg]?)", memory).groups()
        found[name] = (part, image, int(number) * {"": 1, "m": MIB, "g": 1024 * MIB}[unit], sorted(filter(None, needs.split(","))), job)
    return found


@pytest.mark.parametrize("version", PROGRAMS)
def test_start_sh_reads_of_either_what_is_written(version, services):
    expected = {name: ((service.get("profiles") or ["core"])[0], service["image"], int(service["mem_limit"]),
                       sorted(service.get("depends_on") or {}), "yes" if is_job(service) else "no")
                for name, service in services.items()}
    assert table(config(version)[0]) == expected
    assert {part for part, *_ in expected.values()} == {"core", *PARTS}


# ---- what each service has ------------------------------------------------------------------------


def test_every_image_is_pinned(written):
    for name, service in written.items():
        image = service["image"]
        if name in OURS:
            assert image.endswith(":${LB_IMAGE_TAG:?start.sh makes it}")
        else:
            assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+(\.\d+)?", image), (name, image)


def test_every_service_has_a_memory_limit_a_health_check_and_no_capability(services):
    for name, service in services.items():
        assert int(service["mem_limit"]) >= 32 * MIB, name
        assert bool(service["healthcheck"].get("disable")) == is_job(service), name
        if not is_job(service):
            assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL") and "start_interval" not in service["healthcheck"], name
        assert service["cap_drop"] == ["ALL"] and service["security_opt"] == ["no-new-privileges"], name
        assert not service.get("privileged") and "network_mode" not in service, name
        assert list(service["networks"]) == ["stack"], name
        assert service["container_name"] == f"t-stack-{name}"
        assert service["labels"]["lb-demo"] == "t-stack-lb-demo"
        assert is_job(service) or service["restart"] == "unless-stopped"


def test_only_port_8000_is_open_to_others(services):
    published = {(name, port.get("host_ip", "0.0.0.0"), int(port["published"])) for name, service in services.items()
                 for port in service.get("ports") or []}
    assert {entry for entry in published if entry[1] != "127.0.0.1"} == {("lb", "0.0.0.0", 8000)}
    listed = {(service, int(port)) for _, port, service in re.findall(r'"([A-Z_]+) (\d+) ([\w-]+)"', (STACK / "lib.sh").read_text())}
    assert {(name, port) for name, _, port in published} == listed


def test_who_serves_nobody_through_lb_is_left_out(services):
    for name, service in services.items():
        enabled = service["labels"].get("lb.enable") != "false"
        assert enabled == (name in OURS | {"postgres", "redis"}), name


def test_no_secret_is_in_a_file(written):
    for file in (MAIN, *OVERRIDES):
        for line in file.read_text().splitlines():
            found = re.search(r"^\s*\w*(PASSWORD|SECRET|KEY|DSN|TOKEN): (.*)$", line)
            assert not found or re.match(r"(\*dsn|\$\{STACK_\w+:\?[^}]+\})", found.group(2)), f"{file.name}: {line}"
    for name, service in written.items():
        for value in (service.get("environment") or {}).values():
            assert not re.search(r"://[^/$]*:[^$/]+@", str(value)), (name, value)


def test_what_is_mounted_is_in_the_tree(services):
    """The engine would make a folder of what is not there."""
    mounted = {volume["source"] for service in services.values() for volume in service.get("volumes") or []
               if volume["type"] == "bind" and volume["source"].startswith(str(TOP))}
    assert mounted
    for source in mounted:
        assert Path(source).is_dir() and any(Path(source).iterdir()), source


def test_every_volume_is_a_named_one_of_the_stack(services):
    volumes = set(json.loads(config("v2", more=("--format", "json"))[0])["volumes"])
    used = {volume["source"] for service in services.values() for volume in service.get("volumes") or [] if volume["type"] == "volume"}
    assert used == volumes


# ---- the overrides --------------------------------------------------------------------------------


def test_every_container_logs_by_gelf_under_its_name():
    for name, service in services_of(STACK / "docker-compose.gelf.yml").items():
        assert service["logging"] == {"driver": "gelf", "options": {"gelf-address": "udp://127.0.0.1:12201", "tag": "{{.Name}}"}}, name


def test_without_elk_nobody_logs_by_gelf(services):
    assert not [name for name, service in services.items() if "logging" in service]


def test_the_images_of_debian_are_made_by_the_dockerfile_of_the_same_version():
    targets = re.findall(r"^FROM \S+ AS (\S+)", (STACK / "debian" / "Dockerfile").read_text(), re.MULTILINE)
    replaced = {name: service["image"] for name, service in services_of(STACK / "docker-compose.debian.yml").items()
                if service["image"].startswith("lb-stack/")}
    assert set(targets) - {"base", "bullseye"} == set(replaced)
    for name, image in replaced.items():
        assert image.startswith(f"lb-stack/{name}:")


def test_incidents_and_exceptions_go_to_the_same_place():
    services = services_of(STACK / "docker-compose.sentry.yml")
    told = {services["lb"]["environment"]["LB_SENTRY_DSN"], services["appserver1"]["environment"]["SENTRY_DSN"],
            services["appserver2"]["environment"]["SENTRY_DSN"]}
    assert told == {"word-of-stack_sentry_dsn"}


def test_glitchtip_reaches_its_database_and_cache_through_lb(services):
    asked = {services[name]["labels"]["lb.tcp"].split(":")[0] for name in ("postgres", "redis")}
    low, high = services["lb"]["environment"]["LB_DYNAMIC_PORTS"].split("-")
    for name in ("glitchtip", "glitchtip-worker", "glitchtip-setup"):
        told = services[name]["environment"]
        assert {re.search(r"@lb:(\d+)/", told[word]).group(1) for word in ("DATABASE_URL", "VALKEY_URL")} == asked
    assert all(int(low) <= int(port) <= int(high) for port in asked)


# ---- what dashboards ask for ----------------------------------------------------------------------


def test_the_names_of_the_original_are_given_where_its_dashboard_asks_for_them(services):
    asked = set().union(*(metrics_of(expression) for where, expression in dashboard_expressions() if where.startswith("lb-original:")))
    assert any(name.startswith("nginx_") for name in asked)
    assert services["lb"]["environment"]["LB_METRICS_COMPAT"] == "on"


def test_prometheus_asks_the_containers_of_its_own_stack(services, tmp_path):
    """By the network's name, which start.sh puts where the file has a pattern."""
    (tmp_path / "prometheus").write_text("#!/bin/sh\necho \"$@\"\n")
    (tmp_path / "prometheus").chmod(0o755)
    told = services["prometheus"]["environment"]["STACK_NETWORK"]
    assert told == json.loads(config("v2", more=("--format", "json"))[0])["networks"]["stack"]["name"]
    assert services["prometheus"]["entrypoint"] == ["sh", "/etc/prometheus/start.sh"]
    done = subprocess.run([STACK / "prometheus" / "start.sh", "--word"], stdout=subprocess.PIPE, text=True, check=True,
                          env={"PATH": f"{tmp_path}:{os.environ['PATH']}", "STACK_NETWORK": f"a.{told}", "STACK_MADE": str(tmp_path / "made")})
    assert done.stdout == f"--config.file={tmp_path}/made/prometheus.yml --word\n"
    jobs = yaml.safe_load((tmp_path / "made" / "prometheus.yml").read_text())["scrape_configs"]
    kept = {job["job_name"]: [rule["regex"] for rule in job["relabel_configs"] if rule.get("source_labels") == ["__meta_docker_network_name"]]
            for job in jobs if "docker_sd_configs" in job}
    assert kept == dict.fromkeys(("lb", "appserver"), [rf"a\.{told}"])


def test_every_request_has_a_trace(services):
    """By which lines, exceptions and exemplars are joined; clients seldom bring one."""
    assert services["lb"]["environment"]["LB_TRACE_CONTEXT"] == "generate"


# ---- what the README says -------------------------------------------------------------------------


def test_the_readme_has_the_sums_and_the_versions(services):
    text = (STACK / "README.md").read_text()
    for part in ["core", *PARTS]:
        total = sum(int(service["mem_limit"]) for service in services.values()
                    if (service.get("profiles") or ["core"])[0] == part and not is_job(service))
        assert re.search(rf"^\| `?{part}`? \|.*\| {total // MIB} MB \|", text, re.MULTILINE), (part, total // MIB)
    for name, service in services.items():
        if name not in OURS:
            assert service["image"].partition(":")[2].lstrip("v") in text, service["image"]
