"""Sessions that are taken up again by tickets: on any worker, by any lb-proxy with the same keys, and not for ever."""

import json
import os
import ssl

import pytest

from support.certificates import issue, write_file, write_pair
from support.program import run
from support.tls import context_of
from support.waiting import wait_for

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)


def visit(tls, context, session=None):
    """One request: the session for the next one, and whether this one was taken up."""
    with tls.connect(context=context, session=session) as client:
        assert client.get(host="a.test").status == 200
        return client.session, client.is_resumed


@pytest.mark.parametrize("version", VERSIONS)
def test_on_every_worker(version, start_tls, ca):
    tls = start_tls("--workers=4")
    context = context_of(ca, version, version)
    session, is_resumed = visit(tls, context)
    assert not is_resumed
    assert all(visit(tls, context, session)[1] for _ in range(40))
    tls.wait_count(1, result="ok")
    tls.wait_count(40, result="resumed")


def test_one_ticket_for_one_handshake(start_tls, ca):
    tls = start_tls()
    context = context_of(ca, oldest=ssl.TLSVersion.TLSv1_3)
    session, _ = visit(tls, context)
    assert session.has_ticket
    assert 0 < session.ticket_lifetime_hint <= 7 * 86400


def test_a_session_is_none_where_others_judge_clients(start_tls, ca, tmp_path):
    """Who was not asked for a certificate does not come in by that where one is asked for."""
    write_pair(tmp_path / "certificates", "c.test", issue(ca, ("c.test",)))
    write_file(tmp_path / "certificates" / "c.test.ca.crt", ca.certificate.read_text())
    tls = start_tls()
    for version in VERSIONS:
        context = context_of(ca, version, version)
        session, _ = visit(tls, context)
        with tls.connect("c.test", context=context, session=session) as client:
            client.get(host="c.test")
            assert not client.is_resumed


def write_keys(path, *keys):
    path.write_bytes(b"".join(keys))
    path.chmod(0o600)


@pytest.fixture(name="keys")
def fixture_keys(tmp_path):
    path = tmp_path / "ticket-keys"
    write_keys(path, os.urandom(80))
    return path


@pytest.mark.parametrize("version", VERSIONS)
def test_by_another_host_with_the_same_keys(version, start_tls, ca, keys):
    one, other, stranger = (start_tls(*flags) for flags in ([f"--tls-ticket-keys={keys}"], [f"--tls-ticket-keys={keys}"], []))
    context = context_of(ca, version, version)
    session, _ = visit(one, context)
    assert visit(other, context, session)[1]
    assert not visit(stranger, context, session)[1]


def test_keys_that_go_round_at_sighup(start_tls, ca, keys):
    tls = start_tls(f"--tls-ticket-keys={keys}")
    context = context_of(ca)
    first = keys.read_bytes()
    second, third = os.urandom(80), os.urandom(80)
    session, _ = visit(tls, context)
    write_keys(keys, second, first)
    tls.lb.reload()
    newer, is_resumed = visit(tls, context, session)
    assert is_resumed  # and it was given a new ticket
    write_keys(keys, third, second)
    tls.lb.reload()
    assert not visit(tls, context, session)[1]
    assert visit(tls, context, newer)[1]


def test_bad_keys_are_refused_and_those_in_force_stay(start_tls, ca, keys):
    tls = start_tls(f"--tls-ticket-keys={keys}")
    context = context_of(ca)
    session, _ = visit(tls, context)
    write_keys(keys, os.urandom(79))
    tls.lb.reload(r"^SIGHUP: refused, the settings in force stay: --tls-ticket-keys: .*another size.*openssl rand 80")
    assert visit(tls, context, session)[1]


def test_bad_keys_keep_lb_from_starting(tmp_path):
    write_keys(tmp_path / "keys", b"")
    done = run("lb", f"--tls-ticket-keys={tmp_path / 'keys'}", "--check")
    assert done.returncode != 0 and "--tls-ticket-keys" in done.stderr
    done = run("lb", f"--tls-ticket-keys={tmp_path / 'none'}", "--check")
    assert done.returncode != 0 and "No such file" in done.stderr


@pytest.mark.parametrize("word", ("tls-ticket-keys", "admin-token-file"))
def test_a_pipe_into_which_nobody_writes_holds_up_nobody(tmp_path, word):
    os.mkfifo(tmp_path / "pipe")
    done = run("lb", f"--{word}={tmp_path / 'pipe'}", "--check")
    assert done.returncode != 0 and f"--{word}: " in done.stderr


def test_keys_that_others_can_read_are_warned_of(start_tls, keys):
    keys.chmod(0o644)
    start_tls(f"--tls-ticket-keys={keys}").lb.wait_message(r"^--tls-ticket-keys: others than its owner may read")


@pytest.mark.parametrize("has_keys", (True, False))
def test_over_a_renewal(has_keys, start_tls, ca, keys, tmp_path):
    """Another process has the keys of the file, too; random ones are its own."""
    config = tmp_path / "lb.json"
    flags = [f"--tls-ticket-keys={keys}"] if has_keys else []
    config.write_text('{"via": "on"}')
    tls = start_tls(f"--config={config}", *flags)
    context = context_of(ca)
    session, _ = visit(tls, context)
    pid = tls.lb.proxy_pid
    config.write_text(json.dumps({"access-log": str(tmp_path / "log")}))
    tls.lb.reload(r"^renewal: lb-proxy \d+ serves")
    wait_for(lambda: tls.lb.proxy_pid != pid, "another one serves")
    assert visit(tls, context, session)[1] is has_keys
