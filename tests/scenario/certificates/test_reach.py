"""In its jail lb reads where symlinks of a directory lead: certbot's archive, and what was elsewhere when lb began."""

import json
import shutil
import signal
import ssl

import pytest

from support.certificates import write_file, write_pair
from support.program import sanitizer, split_address
from support.tls import TlsClient
from support.waiting import wait_for


@pytest.mark.parametrize("at", ("letsencrypt", "letsencrypt/live", "letsencrypt/live/a.test"))
def test_certbots_archive(start, made, tmp_path, at):
    top = tmp_path / "letsencrypt"
    for turn in (0, 1):
        identity = made("a.test", turn=turn)
        for name, text in (("privkey", identity.key), ("fullchain", identity.full_chain)):
            write_file(top / "archive" / "a.test" / f"{name}{turn}.pem", text, mode=0o600)

    def turn_to(turn):
        for name in ("privkey", "fullchain"):
            link = top / "live" / "a.test" / f"{name}.pem"
            link.parent.mkdir(parents=True, exist_ok=True)
            link.with_suffix(".new").symlink_to(f"../../archive/a.test/{name}{turn}.pem")
            link.with_suffix(".new").rename(link)

    turn_to(0)
    lb = start(f"--certificates={tmp_path / at}")
    assert lb.shows("a.test", made("a.test"))
    turn_to(1)
    lb.wait_shown("a.test", made("a.test", turn=1))


def test_links_that_lead_elsewhere(start, made, folder, tmp_path):
    write_pair(tmp_path / "elsewhere", "real", made("a.test"))
    for ending in ("crt", "key"):
        (folder / f"a.test.{ending}").symlink_to(tmp_path / "elsewhere" / f"real.{ending}")
    lb = start()
    assert lb.shows("a.test", made("a.test"))
    write_pair(tmp_path / "elsewhere", "real", made("a.test", turn=1))
    lb.wait_shown("a.test", made("a.test", turn=1))
    if sanitizer():
        return  # there is no jail that forbids the next
    write_pair(tmp_path / "forbidden", "real", made("a.test", turn=2))
    (folder / "a.test.key").unlink()
    (folder / "a.test.key").symlink_to(tmp_path / "forbidden" / "real.key")
    lb.lb.wait_message("a.test.key cannot be read: Permission denied")
    assert lb.shows("a.test", made("a.test", turn=1))


jailed = pytest.mark.skipif(bool(sanitizer()), reason="with a sanitizer there is no jail to make anew")


def hang_up(lb):
    """SIGHUP, after which another process serves, as the jail of the one before does not let it in."""
    before = lb.proxy_pid
    lb.signal(signal.SIGHUP)
    wait_for(lambda: lb.proxy_pid not in (None, before), "another process")


@jailed
def test_a_link_that_leads_elsewhere_later_is_followed_after_sighup(start, made, folder, tmp_path):
    write_pair(folder, "a.test", made("a.test"))
    lb = start()
    write_pair(tmp_path / "elsewhere", "real", made("a.test", turn=1))
    for ending in ("crt", "key"):
        (folder / f"a.test.{ending}").unlink()
        (folder / f"a.test.{ending}").symlink_to(tmp_path / "elsewhere" / f"real.{ending}")
    lb.lb.wait_message("cannot be read: Permission denied.* send lb SIGHUP")
    assert lb.shows("a.test", made("a.test"))
    hang_up(lb.lb)
    lb.wait_shown("a.test", made("a.test", turn=1))


@jailed
def test_a_folder_that_was_made_anew_is_known_after_sighup(start, made, folder):
    write_pair(folder, "a.test", made("a.test"))
    lb = start()
    shutil.rmtree(folder)
    write_pair(folder, "a.test", made("a.test", turn=1))
    lb.lb.wait_message("it cannot be listed: Permission denied.*send lb SIGHUP")
    assert lb.shows("a.test", made("a.test"))
    hang_up(lb.lb)
    lb.wait_shown("a.test", made("a.test", turn=1))
    serving = lb.lb.proxy_pid
    lb.lb.reload()
    assert lb.lb.proxy_pid == serving  # the same folder: the process goes on


@jailed
def test_a_folder_that_was_not_there_is_known_after_sighup(start, made, tmp_path):
    lb = start(f"--certificates={tmp_path}/later")
    lb.lb.wait_message("later: it cannot be listed: No such file or directory; put it there, and then send lb SIGHUP")
    write_pair(tmp_path / "later", "a.test", made("a.test"))
    hang_up(lb.lb)
    lb.wait_shown("a.test", made("a.test"))


def is_shown(lb, name, ca):
    said = [message for message in lb.messages() if message.startswith("listening on tls ")]
    try:
        TlsClient(split_address(said[0].split()[-1]), name, ca=ca).close()
        return True
    except ssl.SSLError:
        return False


@jailed
def test_another_directory_comes_with_sighup(start_lb, start_backend, made, folder, ca, tmp_path):
    path, more = tmp_path / "lb.json", tmp_path / "more"
    write_pair(folder, "a.test", made("a.test"))
    write_pair(more, "b.test", made("b.test"))

    def follow(*folders):
        path.write_text(json.dumps({"certificates": [str(each) for each in folders]}))

    follow(folder)
    lb = start_lb(f"--config={path}", "--listen-tls=127.0.0.1:0", backends=[start_backend()])
    assert is_shown(lb, "a.test", ca) and not is_shown(lb, "b.test", ca)
    follow(folder, more)
    hang_up(lb)
    wait_for(lambda: is_shown(lb, "b.test", ca), "the other one")
    assert is_shown(lb, "a.test", ca)
