"""Keys that only root may read: lb-proxy reads them as another user, where its jail leaves it nothing else of root's."""

import os
import pathlib
import re
import ssl
import tempfile

import pytest

from support.certificates import issue, write_pair
from support.program import sanitizer
from support.tls import TlsLb
from support.waiting import wait_for

READS_ALL = 1 << 2  # CAP_DAC_READ_SEARCH, capabilities(7)
jailed = pytest.mark.skipif(sanitizer() is not None, reason="no sanitizer finds leaks of who is jailed")


def powers_of(pid):
    """What it has, may have, and would give to others."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return [int(re.search(rf"^Cap{word}:\s+(\w+)$", status, re.M)[1], 16) for word in ("Eff", "Prm", "Inh", "Amb")]


@pytest.fixture
def folder(cleanup):
    """Others may not even look into it; pytest's folders above are root's alone, too."""
    path = pathlib.Path(cleanup.enter_context(tempfile.TemporaryDirectory())) / "certificates"
    path.mkdir(mode=0o700)
    return path


def lock(folder):
    for path in folder.iterdir():
        path.chmod(0o600)


def is_served(tls, name):
    try:
        return tls.get(name).status == 200
    except ssl.SSLError:
        return False


@pytest.mark.skipif(os.geteuid() != 0 or not powers_of("self")[1] & READS_ALL, reason="root alone has such keys")
@jailed
def test_lb_reads_them_as_another_user_and_what_comes_in_their_place(start_lb, start_backend, ca, folder):
    write_pair(folder, "a.test", issue(ca, ("a.test",)))
    lock(folder)
    tls = TlsLb(start_lb, folder, ca, "--user=nobody", "--jail=strict", names=(), backends=[start_backend()])
    if "Landlock" not in next(text for text in tls.lb.messages() if text.startswith("jail: ")):
        pytest.skip("no Landlock here")
    assert tls.get().status == 200
    assert powers_of(tls.lb.proxy_pid) == [READS_ALL, READS_ALL, 0, 0]
    write_pair(folder, "b.test", issue(ca, ("b.test",)))
    lock(folder)
    wait_for(lambda: is_served(tls, "b.test"), "it is read")


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone gives it away")
@pytest.mark.parametrize(
    "flags",
    [pytest.param((), id="no-keys", marks=jailed), pytest.param(("--jail=log", "--certificates=/etc/ssl"), id="no-landlock")],
)
def test_without_need_or_without_landlock_it_goes_without(start_lb, start_backend, flags):
    lb = start_lb("--user=nobody", *(flags or ("--jail=strict",)), backends=[start_backend()])
    assert powers_of(lb.proxy_pid) == [0, 0, 0, 0]
