"""In its jail lb reads where symlinks of a directory lead: certbot's archive, and what was elsewhere when lb began."""

import pytest

from support.certificates import write_file, write_pair
from support.program import sanitizer


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
