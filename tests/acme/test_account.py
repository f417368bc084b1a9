"""The account: its key is changed, by hand while lb-acme runs and while it does not; its contact too."""
import pytest

from acme_program import by_hand, mode_of
from support.program import run

pytestmark = pytest.mark.slow("orders of a real server, whose turns are a second each")


def keys_of(folder):
    return [path.read_text() for path in sorted((folder / "accounts").glob("*.pem"))]


def test_rollover(start_pebble, start_responder, start_acme, tmp_path):
    pebble, folder = start_pebble(nonce_reject=30), tmp_path / "acme"
    flags = (f"--directory={pebble.url}", f"--ca={pebble.ca}")
    acme = start_acme(pebble, "--email=one@example.org", wished=[["a.roll.example"]])
    start_responder(pebble, folder)
    acme.wait_state("a.roll.example", "valid")
    first = keys_of(folder)
    printed = by_hand("--rollover", *flags, "--email=one@example.org", folder=folder)
    assert "has another key" in printed
    second = keys_of(folder)
    assert len(second) == 1 and second != first
    acme.stop()
    assert "has another key" in by_hand("--rollover", *flags, "--email=two@example.org", folder=folder)
    third = keys_of(folder)
    assert len(third) == 1 and third != second
    acme = start_acme(pebble, "--email=two@example.org", wished=[["a.roll.example"], ["b.roll.example"]])
    acme.wait_state("b.roll.example", "valid")
    assert pebble.text().count("accounts in memory") == 1
    assert all(mode_of(path) == 0o600 for path in (folder / "accounts").iterdir())


def test_rollover_that_was_cut_off(start_pebble, start_responder, start_acme, tmp_path):
    """The server has the next key already, the disk does not know: it is found."""
    pebble, folder = start_pebble(), tmp_path / "acme"
    acme = start_acme(pebble, wished=[["a.cut.example"]])
    start_responder(pebble, folder)
    acme.wait_state("a.cut.example", "valid")
    acme.stop()
    key = next((folder / "accounts").glob("*.pem"))
    old = key.read_text()
    by_hand("--rollover", f"--directory={pebble.url}", f"--ca={pebble.ca}", folder=folder)
    new = key.read_text()
    key.with_suffix(".next.pem").write_text(new)
    key.write_text(old)
    acme = start_acme(pebble, wished=[["a.cut.example"], ["b.cut.example"]])
    acme.wait_state("b.cut.example", "valid")
    assert keys_of(folder) == [new] and pebble.text().count("accounts in memory") == 1


def test_damaged_key(start_pebble, start_acme, tmp_path):
    """It is told, and no other account is made in its place."""
    pebble, folder = start_pebble(), tmp_path / "acme"
    folder.mkdir()
    by_hand("--rollover", f"--directory={pebble.url}", f"--ca={pebble.ca}", folder=folder)
    key = next((folder / "accounts").glob("*.pem"))
    key.write_text("damaged")
    acme = start_acme(pebble, wished=[["a.dam.example"]])
    row = acme.wait_state("a.dam.example", "failed")
    assert "damaged" in row["problem"] and key.read_text() == "damaged"


def test_by_hand_makes_nothing_of_itself(tmp_path):
    """A folder that is not there is the wrong one, and who only asks leaves it as it is."""
    for action in ("--dry-run", "--list", "--rollover"):
        done = run("lb-acme", action, f"--dir={tmp_path}/nowhere")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (f"lb-acme: --dir: {tmp_path}/nowhere: No such file or directory; give the folder of lb's "
                               "--acme-dir\n")
    (tmp_path / "acme").mkdir()
    assert by_hand("--dry-run", folder=tmp_path / "acme").startswith("no certificates are wished")
    assert by_hand("--list", folder=tmp_path / "acme").startswith("no certificates in ")
    assert [path.name for path in tmp_path.rglob("*")] == ["acme"]


def test_by_hand_its_own_flags_are_named(tmp_path):
    (tmp_path / "acme").mkdir()
    printed = by_hand("--rollover", "--directory=https://127.0.0.1:1/dir", folder=tmp_path / "acme", status=1)
    assert "look at --directory, --ca and the network" in printed
