"""What deploy/stack/lib.sh decides, without an engine: the settings that it keeps, and what fits into the memory."""
import re
import subprocess

import pytest
from compose_programs import TOP, Unavailable, compose_v2

# A docker that knows no container, volume or image.
BEGIN = """set -euo pipefail
. deploy/lib.sh
force=no
. deploy/stack/lib.sh
docker=(false)
container_is_running() { return 1; }
compose=("$COMPOSE")
"""


@pytest.fixture(name="run")
def _run(tmp_path):
    def run(script, **environment):
        try:
            program = compose_v2()
        except Unavailable as reason:
            pytest.skip(str(reason))
        return subprocess.run(["bash", "-c", BEGIN + script], cwd=TOP, stdin=subprocess.DEVNULL, text=True, timeout=60, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path), "COMPOSE": program, **environment})
    return run


def settings(tmp_path):
    file = tmp_path / ".local/state/lb/stack-lb-demo/settings.env"
    assert file.stat().st_mode & 0o777 == 0o600
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def test_secrets_are_drawn_once_and_ports_are_kept_until_others_are_said(run, tmp_path):
    assert run("write_settings 998 /var/lib/docker", LB_PORT="8100").returncode == 0
    first = settings(tmp_path)
    secrets = {value for name, value in first.items() if re.search("(PASSWORD|KEY)$", name)}
    assert len(secrets) == 7 and all(re.fullmatch("[0-9a-f]{32}", value) for value in secrets)
    assert first["LB_PORT"] == "8100" and first["KIBANA_PORT"] == "5601" and first["DOCKER_GID"] == "998"
    assert first["STACK_SENTRY_DSN"] == f"http://{first['STACK_SENTRY_KEY']}@glitchtip:8000/1"
    run("write_settings 998 /var/lib/docker", KIBANA_PORT="5701")
    assert settings(tmp_path) == {**first, "KIBANA_PORT": "5701"}


def test_another_dsn_is_kept_until_an_empty_one_is_said(run, tmp_path):
    own = "https://key@sentry.example.com/2"
    run("write_settings 1 /d", STACK_SENTRY_DSN=own)
    run("write_settings 1 /d")
    assert settings(tmp_path)["STACK_SENTRY_DSN"] == own
    run("write_settings 1 /d", STACK_SENTRY_DSN="")
    assert settings(tmp_path)["STACK_SENTRY_DSN"].endswith("@glitchtip:8000/1")


@pytest.mark.parametrize("mebibytes, asked, fits", [
    (7600, "elk sentry consul metrics", None),
    (3400, "elk sentry consul metrics", "consul,metrics,sentry"),
    (3400, "elk", None),
    (3000, "elk", "consul,metrics,sentry"),
    (600, "metrics", "consul"),
    (300, "consul", ""),
])
def test_what_fits_into_the_memory_is_said(run, mebibytes, asked, fits):
    done = run(f"write_settings 1 /d; available_bytes() {{ echo $(({mebibytes} << 20)); }}; read_services; check_memory {asked}")
    if fits is None:
        assert done.returncode == 0 and "What fits" not in done.stdout, done.stdout
        return
    assert done.returncode == 1 and "--force" in done.stdout, done.stdout
    told = re.search(r"--stack (\S+)$", done.stdout, re.MULTILINE)
    assert (told.group(1) if told else "") == fits, done.stdout


def test_force_starts_it_all_the_same(run):
    done = run("write_settings 1 /d; available_bytes() { echo 0; }; force=yes; read_services; check_memory elk")
    assert done.returncode == 0 and "too little" in done.stdout


def test_who_needs_what_is_not_there_is_left_out(run):
    done = run("""write_settings 1 /d; read_services; left_out[kibana]=gone
        leave_out_dependants "${services[@]}"
        for name in "${!left_out[@]}"; do echo "$name: ${left_out[$name]}"; done""")
    assert sorted(done.stdout.splitlines()) == ["elk-setup: it needs kibana", "kibana: gone", "logstash: it needs elk-setup"], done.stdout


def test_what_the_environment_says_does_not_reach_past_the_settings(run):
    done = run("write_settings 1 /d; STACK_PREFIX=evil compose_files=(--file deploy/stack/docker-compose.yml); export STACK_PREFIX; "
               "compose_with config | grep container_name", STACK_POSTGRES_PASSWORD="mine")
    assert "stack-lb" in done.stdout and "evil" not in done.stdout, done.stdout


def test_nothing_left_out_is_no_failure(run):
    done = run(". deploy/stack/up.sh; show_left_out; leave_out_dependants; left_out[grafana]='it cannot be pulled'; show_left_out")
    assert (done.returncode, done.stdout) == (0, "Left out:\n    grafana          it cannot be pulled\n")


def test_all_ports_in_use_are_named_with_one_call_that_avoids_them(run):
    done = run("write_settings 1 /d; port_is_taken() { [[ $1 != 9090 ]]; }; check_ports lb consul prometheus", LB_DEMO_PREFIX="second-")
    assert done.returncode == 1
    assert "port 8500 is in use, which consul would have (CONSUL_PORT)\n" in done.stdout and "9090" not in done.stdout
    assert " LB_DEMO_PREFIX=second- LB_PORT=8080 LB_ADMIN_PORT=8081 CONSUL_PORT=8580 deploy/start.sh --stack …\n" in done.stdout


def test_why_an_image_cannot_be_pulled_is_said(run):
    done = run("""docker=(bash -c 'echo "Error response from daemon: no such host" >&2; exit 1'); pull example/one:1""")
    assert (done.returncode, done.stdout) == (0, "    cannot be pulled  example/one:1: no such host\n")
    done = run("pull_patience=0.1; docker=(bash -c 'sleep 20'); pull example/one:1")
    assert (done.returncode, done.stdout) == (0, "    cannot be pulled  example/one:1: it took longer than 0.1 s\n")
