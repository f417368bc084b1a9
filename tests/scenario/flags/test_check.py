"""`lb --check` tells all that is wrong, each with its place, and looks at the machine too."""

import socket

import pytest

from support.free_port import free_port
from support.program import run


@pytest.fixture(name="free")
def make_free():
    """Flags under which nothing is wrong."""
    return [f"--listen=127.0.0.1:{free_port()}", f"--admin=127.0.0.1:{free_port()}"]


def faults_of(*flags, **more):
    done = run("lb", *map(str, flags), "--check", **more)
    if done.returncode == 0:
        assert done.stdout == "the settings are good\n"
        return []
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert lines and all(line.startswith("lb: ") for line in lines)
    return [line.removeprefix("lb: ") for line in lines]


@pytest.fixture(name="busy")
def make_busy():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield "127.0.0.1:%d" % server.getsockname()[1]


def test_nothing_wrong(free, tmp_path):
    (tmp_path / "s.json").write_text('{"services": []}')
    assert faults_of(*free, f"--file={tmp_path}/s.json", f"--access-log={tmp_path}/a.log") == []


def test_ports_of_others(busy):
    listen, = faults_of(f"--listen={busy}", "--admin=off")
    assert listen.startswith(f'--listen: "{busy}" cannot be listened on: Address already in use')
    admin, = faults_of("--listen=127.0.0.1:0", f"--admin={busy}")
    assert admin.startswith(f'--admin: "{busy}" cannot')
    elsewhere, = faults_of("--listen=192.0.2.1:0", "--admin=off")
    assert "give an address of this machine" in elsewhere


def test_backends_without_address(free):
    told = faults_of(*free, "--backend=no.such.invalid:80", "--backend=127.0.0.1:1",
                     "--backend=nor.this.invalid:80")
    assert len(told) == 2
    assert all(name in fault for name, fault in zip(("no.such.invalid", "nor.this.invalid"), told))


def test_files_and_folders(free, tmp_path):
    log, = faults_of(*free, f"--access-log={tmp_path}/none/a.log")
    assert f'"{tmp_path}/none": No such file or directory' in log and log.startswith("--access-log")
    folder, = faults_of(*free, f"--access-log={tmp_path}")
    assert "is a folder" in folder
    services, = faults_of(*free, f"--file={tmp_path}/none.json")
    assert services.startswith("--file: ") and "No such file" in services
    program, = faults_of(*free, f"--discovery={tmp_path}/none")
    assert program.startswith("--discovery: ")


def test_files_of_tls(free, tmp_path):
    (tmp_path / "ca.pem").write_text("")
    webroot, = faults_of(*free, f"--acme-webroot={tmp_path}/none")
    assert webroot.startswith("--acme-webroot: ") and "No such file or directory; make it" in webroot
    key, = faults_of(*free, f"--acme-eab-key-file={tmp_path}/none", "--acme-eab-kid=a")
    assert key.startswith("--acme-eab-key-file: ") and "put it there" in key
    together, = faults_of(*free, "--acme=a@b.test", "--acme-eab-kid=a")
    assert together.startswith("--acme-eab-kid: is of no use without --acme-eab-key-file")
    alone, = faults_of(*free, "--backend-ca=ca.pem")
    assert alone.startswith('--backend-ca: "ca.pem" is a file of --backend-certificates; name the directory')
    assert faults_of(*free, "--backend-ca=ca.pem", f"--backend-certificates={tmp_path}") == []
    missing, = faults_of(*free, "--backend-ca=nope.pem", f"--backend-certificates={tmp_path}")
    assert "No such file or directory; put it into" in missing
    for directory in ("stagin", "http://x/"):
        fault, = faults_of(*free, f"--acme-directory={directory}")
        assert fault.startswith(f'--acme-directory: "{directory}" is ')


def test_all_at_once_each_with_its_place(busy, tmp_path):
    file = tmp_path / "lb.json"
    file.write_text('{\n "workers": "many",\n "lisen": ["80"],\n'
                    f' "backend": ["no.such.invalid:80"],\n "access-log": "{tmp_path}/none/a.log"\n}}')
    told = faults_of(f"--config={file}", "--idle-timeout=5", "--listen=127.0.0.1:0", f"--admin={busy}", "--wokers=3",
                     env={"LB_MAX_HEAD": "1"})
    for begin in ('"--wokers": unknown flag; did you mean --workers?',
                  f"{file}: line 2, column 2: workers: ", f'{file}: line 3, column 2: "lisen" is not known',
                  "LB_MAX_HEAD: ", "--idle-timeout: ", f'--admin: "{busy}" cannot', "--access-log: ",
                  "--backend no.such.invalid:80: "):
        assert sum(fault.startswith(begin) for fault in told) == 1, (begin, told)
    assert len(told) == 8


def test_all_is_told_at_the_start_too():
    done = run("lb", "--workers=x", "--max-head=1")
    assert done.returncode == 2
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == ["--workers", "--max-head"]


def test_what_json_has_words_for(free, tmp_path):
    file = tmp_path / "lb.json"
    file.write_text('{"$schema": "lb.schema.json", "forwarded": true, "access-log": false, "admin": false,'
                    ' "check-mode": false, "backend": "127.0.0.1:1", "trusted-proxies": "10.0.0.0/8"}')
    assert faults_of(free[0], f"--config={file}") == []


@pytest.mark.parametrize("word", ["8099", ":8099"])
def test_admin_port_alone_is_for_this_machine(word):
    assert '"admin": "127.0.0.1:8099"' in run("lb", f"--admin={word}", "--print-config").stdout


@pytest.mark.parametrize("words, status, says", [
    ("ctl --help", 0, "lb ctl weight CONTAINER"), ("explain --help", 0, "lb explain CONTAINER"),
    ("ctl drain -h", 0, "lb ctl: questions"), ("ctl drian x", 2, "did you mean lb ctl drain?"),
    ("explian", 2, "did you mean lb explain?"), ("drain x", 2, "did you mean lb ctl drain?"),
    ("ctl weigth x", 2, "did you mean lb ctl weight?"), ("ctl xyzzy", 2, "lb ctl drain CONTAINER"), ("ctl xyzzy", 2, '"xyzzy": there is no such order; see lb ctl --help')])
def test_verbs(words, status, says):
    done = run("lb", *words.split(" "))
    assert done.returncode == status and says in done.stdout + done.stderr
    assert "--retry-budget" not in done.stdout  # its own help, and not everything


@pytest.mark.parametrize("program, words, says", [
    ("lb", "--lisen :80", '"--lisen": unknown flag; did you mean --listen? see lb --help'),
    ("lb", "-lisen=:80", '"-lisen=:80": is no flag, and lb takes nothing else; did you mean --listen? see lb --help'),
    ("lb", "--LISTEN=:80", '"--LISTEN": unknown flag; did you mean --listen? see lb --help'),
    ("lb", "--quite-another", '"--quite-another": unknown flag; see lb --help'),
    ("lb", "ctl drain x --admni=:1", '"--admni": unknown flag; did you mean --admin? see lb --help'),
    ("lb", "explain -x", '"-x": is no flag; see lb explain --help'),
    ("lb-discovery", "--dokcer", '"--dokcer": unknown flag; did you mean --docker? see lb-discovery --help'),
    ("lb-discovery", "once", '"once": is no flag, and lb-discovery takes nothing else; did you mean --once? '
                             'see lb-discovery --help'),
    ("lb-discovery", "--quite-another", '"--quite-another": unknown flag; see lb-discovery --help')])
def test_a_wrong_word_is_named_with_the_nearest_and_with_where_help_is(program, words, says):
    done = run(program, *words.split(" "))
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"{program}: {says}\n")


RULES = {"Host(": "a value stands in backticks", "Hots(`a`)": "Host", "Host(`{{ .Nmae }}`)": "of templates"}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("by_flag", [True, False])
def test_a_default_rule_that_cannot_be_read(rule, by_flag, free):
    """lb-discovery is to read it, and is asked: also at the start."""
    flags, env = ([f"--traefik-default-rule={rule}"], None) if by_flag else ([], {"LB_TRAEFIK_DEFAULT_RULE": rule})
    told, = faults_of(*free, *flags, env=env)
    assert told.startswith(f'--traefik-default-rule: "{rule}" cannot be used: ') and RULES[rule] in told
    done = run("lb", *free, *flags, env=env)
    assert done.returncode == 2 and f"lb: {told}\n" == done.stderr


def test_a_default_rule_that_can_be_read(free):
    for rule in ("Host(`{{ normalize .Name }}.test`)", "Host(`{{ index .Labels `domain` }}`)"):
        assert faults_of(*free, "--traefik-default-rule", rule) == []
    # who is not there cannot be asked; who says nothing, or something else, has not refused it
    for program in ("/none", "/bin/false", "/bin/true"):
        assert not [fault for fault in faults_of(*free, "--traefik-default-rule=Host(", f"--discovery={program}") if "rule" in fault]


@pytest.mark.parametrize("route", ["405", "200", "0", "4040"])
def test_a_default_route_is_no_other_status(route, free):
    told, = faults_of(*free, f"--default-route={route}")
    assert told == (f'--default-route: "{route}" is a number, but no status that lb answers so; give 404, 503, auto or the name of a '
                    "service: letters, digits, '.', '_' or '-', for example appserver")


def test_default_routes(free):
    for route in ("404", "503", "auto", "appserver", "405-app", "4ever"):
        assert faults_of(*free, f"--default-route={route}") == []


def test_certificates_and_tls(free, tmp_path):
    missing, = (line for line in faults_of(*free, f"--certificates={tmp_path}/none") if "none" in line)
    assert missing.startswith("--certificates:") and "make it" in missing
    mail, = faults_of(*free, "--acme=x")
    assert mail.startswith('--acme: "x" is no address of mail')
    listens = run("lb", *free, f"--listen-tls=127.0.0.1:{free_port()}", "--check")
    assert listens.returncode == 0 and "no certificate to show" in listens.stderr
    has = run("lb", *free, f"--certificates={tmp_path}", "--check")
    assert has.returncode == 0 and "add --listen-tls" in has.stderr
