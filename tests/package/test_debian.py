"""The Debian packages, built and tried in Debian 12 and 13: what is in them, that lintian is content, and that they
come, serve, are upgraded, go, and leave nothing behind.
"""

import http.server
import re
import shutil
import socket
import subprocess
import threading
import time
import urllib.request

import hardening
import pytest
from conftest import TOP, version

pytestmark = [pytest.mark.slow("packages are built and installed in roots of Debian of their own"),
              pytest.mark.timeout(3600)]

PROGRAMS = {"lb": ["lb", "lb-proxy", "lb-report", "lb-acme"], "lb-discovery": ["lb-discovery"]}
FILES = {
    "lb": ["etc/default/lb", "etc/lb/lb.json", "etc/logrotate.d/lb", "usr/bin/lb", "usr/bin/lb-acme", "usr/bin/lb-proxy",
           "usr/bin/lb-report", "usr/lib/sysusers.d/lb.conf",
           "usr/share/bash-completion/completions/lb", "usr/share/doc/lb/CHANGELOG.md.gz", "usr/share/doc/lb/README.md.gz",
           "usr/share/doc/lb/changelog.gz", "usr/share/doc/lb/copyright", "usr/share/doc/lb/examples/read-keys.conf", "usr/share/doc/lb/examples/split.conf",
           *(f"usr/share/doc/lb/deploy/{page.name}" for page in (TOP / "deploy").glob("*.md")),
           "usr/share/lintian/overrides/lb", "usr/share/man/man5/lb.json.5.gz", "usr/share/man/man8/lb-acme.8.gz", "usr/share/man/man8/lb-proxy.8.gz",
           "usr/share/man/man8/lb-report.8.gz", "usr/share/man/man8/lb.8.gz", "usr/share/zsh/vendor-completions/_lb", "{units}/lb.service", "{units}/lb.socket"],
    "lb-discovery": ["usr/bin/lb-discovery", "usr/lib/sysusers.d/lb-discovery.conf",
                     "usr/share/bash-completion/completions/lb-discovery", "usr/share/doc/lb-discovery/changelog.gz",
                     "usr/share/doc/lb-discovery/copyright", "usr/share/man/man8/lb-discovery.8.gz", "{units}/lb-discovery.service"],
}
# What lintian says in vain. Debian 13's no longer knows the second, so no override can stand in the package.
IN_VAIN = {
    "bookworm": ["spelling-error-in-binary",  # three letters of machine code are no word
                 # debhelper offers systemd-standalone-sysusers, which is enough to make the users, not to run the unit;
                 # where there is no systemd, lb is started by hand
                 "package-supports-alternative-init-but-no-init.d-script"],
    "trixie": ["spelling-error-in-binary"],
}

# What installing and removing anything leaves in a Debian: users, whose ids shall not be given away again, and caches.
KEPT = re.compile(r"^/(etc/((passwd|group|shadow|gshadow|subuid|subgid)-?|\.pwd\.lock|ld\.so\.cache|resolv\.conf)"
                  r"|var/(cache|log)/.*|var/lib/(apt|dpkg|systemd/deb-systemd-helper-(enabled|masked))(/.*)?|root/.*|source)$")


def package_file(built, name):
    found = list(built.path("/out").glob(f"{name}_{version()}_*.deb"))
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_in_it(built, suite, name):
    units = "lib/systemd/system" if suite == "bookworm" else "usr/lib/systemd/system"
    told = built.run("dpkg-deb", "--contents", f"/out/{package_file(built, name).name}")
    files = sorted(line.split(" ./")[1].split(" -> ")[0] for line in told.splitlines() if not line.startswith("d"))
    assert files == sorted(file.format(units=units) for file in FILES[name])
    assert all(re.match(r"[-l]\S+ root/root ", line) for line in told.splitlines() if not line.startswith("d"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_its_programs_are_hardened(built, name, tmp_path):
    subprocess.run(["dpkg-deb", "--extract", package_file(built, name), tmp_path], check=True)
    for program in PROGRAMS[name]:
        assert not list(hardening.problems_of(tmp_path / "usr/bin" / program)), program


def test_lintian_says_nothing(built, suite):
    """Not even what is experimental or pedantic: each would be a status of its own, and a line."""
    told = built.run("sh", "-ec", f"lintian -EviIL +pedantic --allow-root --suppress-tags {','.join(IN_VAIN[suite])} "
                                  "--fail-on error,warning,info,pedantic,experimental /out/*.changes")
    assert not [line for line in told.splitlines() if re.match("[EWIPXC]: ", line)]


# ---- from coming to going --------------------------------------------------------------------------------


# So that before is as after: systemd, which sysusers come from, has files of its own that stay.
THERE_BEFORE = ["init-system-helpers", "systemd", "libidn2-0"]


class Machine:
    """A Debian with little but what is essential; systemd is there, and does not run."""

    def __init__(self, copy, built):
        self.copy, self.built = copy, built
        copy.path("/packages").mkdir(parents=True)
        for name in PROGRAMS:
            shutil.copy(package_file(built, name), copy.path("/packages"))

    def shell(self, script):
        return self.copy.run("sh", "-ec", script)

    def install(self, wanted):
        return self.shell(f"apt-get install -y -qq --no-install-recommends {' '.join(f'/packages/{name}_{wanted}_*.deb' for name in PROGRAMS)}")

    def remove(self, how):
        self.shell(f"apt-get {how} -y -qq lb lb-discovery && apt-get autoremove --purge -y -qq")

    def make_next(self, wanted):
        """The same packages by another version."""
        for name in PROGRAMS:
            self.shell(f"dpkg-deb --raw-extract /packages/{name}_{version()}_*.deb /tmp/next && "
                       f"sed -i 's/{re.escape(version())}/{wanted}/' /tmp/next/DEBIAN/control && "
                       f"dpkg-deb --root-owner-group --build /tmp/next /packages/{name}_{wanted}_all.deb")

    def paths(self):
        """Of what no package owns that is there: apt keeps libraries that others suggest."""
        told = self.shell("sort -u /var/lib/dpkg/info/*.list >/tmp/owned; "
                          "find / -xdev -path /packages -prune -o -print | sort | comm -23 - /tmp/owned")
        return {path for path in told.splitlines() if not KEPT.match(path)}

    def state_of(self, name):
        return self.shell(f"dpkg-query --show --showformat='${{db:Status-Status}} ${{Version}}' {name} 2>&1 || true")


@pytest.fixture
def machine(place, suite, built):
    machine = Machine(place.copy(suite, "run", THERE_BEFORE), built)
    machine.shell("apt-get update -qq")
    return machine


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


class Backend(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "11")
        self.end_headers()
        self.wfile.write(b"from behind")

    def log_message(self, *_):
        pass


def check_that_it_serves(machine):
    """With the machine's network, and its programs; as root, so that lb gives its processes their users."""
    port = free_port()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend) as backend:
        threading.Thread(target=backend.serve_forever, daemon=True).start()
        command = machine.copy.command("lb", "--listen", f"127.0.0.1:{port}", "--admin", "off", "--access-log", "off",
                                       "--backend", f"127.0.0.1:{backend.server_port}")
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as running:
            try:
                assert answer_of(running, port) == b"from behind"
            finally:
                running.kill()  # unshare takes all of its namespace with it
            said = running.stdout.read().decode()
        backend.shutdown()
    assert "ERROR" not in said


def answer_of(running, port):
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                return answer.read()
        except OSError:  # it does not listen yet, or the machine is busy
            if running.poll() is not None or time.monotonic() > end:
                running.kill()
                raise AssertionError(running.stdout.read().decode()) from None
            time.sleep(0.1)


def test_it_comes_serves_is_upgraded_and_goes(machine):
    before = machine.paths()
    machine.install(version())
    for name in PROGRAMS:
        assert machine.state_of(name) == f"installed {version()}"
    users = machine.shell("getent passwd lb lb-discovery")
    assert [line.split(":")[0] for line in users.splitlines()] == ["lb", "lb-discovery"]
    assert all(line.endswith(":/nonexistent:/usr/sbin/nologin") for line in users.splitlines())
    assert machine.shell("lb --version").startswith(f"lb {version()}")
    assert machine.shell("lb-discovery --version").startswith(f"lb-discovery {version()}")
    machine.shell("lb --backend 127.0.0.1:8484 --check")
    assert "lb.service" in machine.shell("ls /etc/systemd/system/multi-user.target.wants")
    check_that_it_serves(machine)

    machine.shell("echo 'LB_LISTEN=127.0.0.1:8080' >>/etc/default/lb")
    following = version() + "+1"
    machine.make_next(following)
    machine.install(following)
    for name in PROGRAMS:
        assert machine.state_of(name) == f"installed {following}"
    assert "LB_LISTEN=127.0.0.1:8080" in machine.shell("cat /etc/default/lb")
    check_that_it_serves(machine)

    machine.remove("remove")
    assert machine.state_of("lb") == f"config-files {following}"
    assert not {path for path in machine.paths() if re.match(r"(/usr)?/(bin|lib/systemd/system)/lb", path)}
    assert "LB_LISTEN=127.0.0.1:8080" in machine.shell("cat /etc/default/lb")
    machine.shell("mkdir -p /var/lib/lb /var/log/lb && touch /var/lib/lb/state.json /var/log/lb/access.log")

    machine.remove("purge")
    assert "no packages found" in machine.state_of("lb")
    left = sorted(machine.paths() - before)
    assert not left, "\n".join(left)
