"""Certificates from a real ACME server: ordered, kept, not ordered again."""
import subprocess

import pytest

from acme_program import by_hand, mode_of
from support.waiting import wait_for

pytestmark = pytest.mark.slow("orders of a real server, whose turns are a second each")


def text_of(path):
    return subprocess.run(["openssl", "x509", "-in", path, "-noout", "-text"], capture_output=True, text=True,
                          check=True).stdout


def serial_of(folder, name):
    return subprocess.run(["openssl", "x509", "-in", folder / "live" / name / "fullchain.pem", "-noout", "-serial"],
                          capture_output=True, text=True, check=True).stdout


def verify(pebble, folder, name, tmp_path):
    root = tmp_path / "root.pem"
    root.write_text(pebble.root(), encoding="ascii")
    chain = folder / "live" / name / "fullchain.pem"
    subprocess.run(["openssl", "verify", "-CAfile", root, "-untrusted", chain, chain], check=True, capture_output=True)


def test_one_with_names(start_pebble, start_responder, start_acme, tmp_path):
    """Several names, half of all nonces refused; the key fits, all is for its owner alone."""
    pebble = start_pebble(nonce_reject=50)
    folder = tmp_path / "acme"
    acme = start_acme(pebble, wished=[["a.example.test", "b.example.test", "c.example.test"]])
    responder = start_responder(pebble, folder)
    row = acme.wait_state("a.example.test", "valid")
    assert row["names"] == ["a.example.test", "b.example.test", "c.example.test"] and row["problem"] == ""
    assert row["not_after_s"] > row["next_s"] > 0
    live = folder / "live" / "a.example.test"
    assert live.is_symlink() and live.readlink().parts[:2] == ("..", "archive")
    text = text_of(live / "fullchain.pem")
    for name in row["names"]:
        assert f"DNS:{name}" in text
        assert name in {host.split(":")[0] for host, _ in responder.asked}
    assert "prime256v1" in text
    verify(pebble, folder, "a.example.test", tmp_path)
    public = [subprocess.run(["openssl", *words], capture_output=True, check=True).stdout for words in
              (["pkey", "-in", live / "privkey.pem", "-pubout"], ["x509", "-in", live / "fullchain.pem", "-noout", "-pubkey"])]
    assert public[0] == public[1]
    for path in [live / "privkey.pem", live / "fullchain.pem", folder / "state.json", *(folder / "accounts").iterdir()]:
        assert mode_of(path) == 0o600, path
    for path in [folder, folder / "live", folder / "accounts", folder / "challenges"]:
        assert mode_of(path) == 0o700, path
    assert not list((folder / "challenges").iterdir())
    assert "Configured to reject 50% of good nonces" in pebble.text()


def test_nothing_is_ordered_twice(start_pebble, start_responder, start_acme, tmp_path):
    """A restart orders nothing and makes no account; nor does a wish that comes in another order, or with fewer names."""
    pebble = start_pebble()
    folder = tmp_path / "acme"
    acme = start_acme(pebble, wished=[["a.test.example", "b.test.example"]])
    start_responder(pebble, folder)
    acme.wait_state("a.test.example", "valid")
    serial = serial_of(folder, "a.test.example")
    for _ in range(3):
        acme.stop()
        acme = start_acme(pebble, wished=[["b.test.example", "a.test.example"], ["b.test.example"]])
        acme.wait_state("b.test.example", "valid")
    acme.wish(["a.test.example"])
    acme.wait_state("a.test.example", "valid")
    acme.wish(["a.test.example"], ["new.test.example"])
    acme.wait_state("new.test.example", "valid")
    assert serial_of(folder, "a.test.example") == serial
    assert pebble.order_count() == 2, pebble.text()
    assert pebble.text().count("There are now 1 accounts in memory") == 1
    (folder / "state.json").unlink()
    acme.stop()
    acme = start_acme(pebble, wished=[["a.test.example", "b.test.example"]])
    acme.wait_state("a.test.example", "valid")
    assert pebble.order_count() == 2
    printed = by_hand("--list", f"--directory={pebble.url}", folder=folder)
    assert "live/a.test.example" in printed and "valid until" in printed and pebble.url in printed


def test_another_set_of_names(start_pebble, start_responder, start_acme, tmp_path):
    """A name more is a new certificate in the same folder; another set with the same first name gets a folder of its own."""
    pebble = start_pebble()
    folder = tmp_path / "acme"
    acme = start_acme(pebble, wished=[["a.t.example"]])
    start_responder(pebble, folder)
    acme.wait_state("a.t.example", "valid")
    acme.wish(["a.t.example", "b.t.example"])
    wait_for(lambda: acme.standing("a.t.example").get("names") == ["a.t.example", "b.t.example"]
             and acme.standing("a.t.example")["state"] == "valid", "the larger one", 30, 0.05)
    assert "b.t.example" in text_of(folder / "live" / "a.t.example" / "fullchain.pem")
    acme.wish(["a.t.example", "b.t.example"], ["a.t.example", "c.t.example"])
    wait_for(lambda: len(list((folder / "live").iterdir())) == 2, "a second folder", 30, 0.05)
    assert "b.t.example" in text_of(folder / "live" / "a.t.example" / "fullchain.pem")


def test_rsa(start_pebble, start_responder, start_acme, tmp_path):
    pebble = start_pebble()
    acme = start_acme(pebble, "--key=rsa", wished=[["rsa.test.example"]])
    start_responder(pebble, tmp_path / "acme")
    acme.wait_state("rsa.test.example", "valid")
    assert "Public-Key: (2048 bit)" in text_of(tmp_path / "acme/live/rsa.test.example/fullchain.pem")


def test_tls_alpn(start_pebble, start_alpn_responder, start_acme, tmp_path):
    pebble = start_pebble()
    acme = start_acme(pebble, "--challenge=tls-alpn-01", wished=[["x.test.example", "y.test.example"]])
    responder = start_alpn_responder(pebble, tmp_path / "acme")
    acme.wait_state("x.test.example", "valid")
    assert set(responder.served) == {"x.test.example", "y.test.example"}
    assert not list((tmp_path / "acme" / "alpn").iterdir())


def test_external_account(start_pebble, start_responder, start_acme, tmp_path):
    """The server wants an account of its own; without one it is told what to give."""
    secret = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
    pebble = start_pebble(binding_keys={"kid-1": secret})
    acme = start_acme(pebble, folder=tmp_path / "without", wished=[["a.eab.example"]])
    row = acme.wait_state("a.eab.example", "failed")
    assert "--acme-eab-kid" in row["problem"], row
    acme.stop()
    key = tmp_path / "eab.key"
    key.write_text(secret + "\n", encoding="ascii")
    acme = start_acme(pebble, "--eab-kid=kid-1", f"--eab-key-file={key}", wished=[["a.eab.example"]])
    start_responder(pebble, tmp_path / "acme")
    acme.wait_state("a.eab.example", "valid")
