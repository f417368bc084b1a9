"""Which certificate is shown for which name, of all layouts that are known."""

import subprocess

from support.certificates import write_both, write_file, write_live, write_pair


def test_nginx_proxys_files(start, made, folder):
    """Rows N78 to N81 and N84."""
    parent, own, lonely = made("a.test"), made("own.a.test"), made("lonely.test")
    write_pair(folder, "a.test", parent)
    write_pair(folder, "own.a.test", own)
    write_pair(folder, "test", made("x.test"))
    write_file(folder / "lonely.test.crt", lonely.certificate)
    write_file(folder / "garbage.test.crt", lonely.certificate)
    write_file(folder / "garbage.test.key", "hello")
    write_file(folder / "alone.test.pem", lonely.certificate)
    write_file(folder / "live" / "without" / "fullchain.pem", lonely.certificate)
    lb = start()
    assert lb.shows("a.test", parent)
    assert lb.shows("www.a.test", parent)
    assert lb.shows("WWW.A.test", parent)
    assert lb.shows("own.a.test", own)
    assert lb.shows("sub.www.a.test", None)
    assert lb.shows("b.test", None)
    assert lb.shows("lonely.test", None)
    lb.lb.wait_message("lonely.test.crt: there is no key to it.*lonely.test.key")
    lb.lb.wait_message("garbage.test.crt: no key is in its key's file; .*, and lie in .*/garbage.test.key")
    lb.lb.wait_message("alone.test.pem: there is no key to it.* in it or in .*/alone.test.key")
    lb.lb.wait_message("without/fullchain.pem: there is no key to it.* beside it in privkey.pem or key.pem")


def test_the_default_is_for_all_others(start, made, folder):
    default, one = made("default.example"), made("a.test")
    write_pair(folder, "default", default)
    write_pair(folder, "a.test", one)
    lb = start()
    assert lb.shows("a.test", one)
    assert lb.shows("elsewhere.example", default)
    assert lb.shows(None, default)


def test_certbots_and_others(start, made, folder):
    live, wild, both = made("a.test", "www.a.test"), made("*.w.test", "w.test"), made("h.test")
    write_live(folder, "some-name", live)
    write_file(folder / "_.w.test.crt", wild.full_chain)
    write_file(folder / "_.w.test.key", wild.key)
    write_both(folder / "h.test.pem", both)
    lb = start()
    for name, identity in (("a.test", live), ("www.a.test", live), ("x.a.test", None), ("some-name", None),
                           ("w.test", wild), ("x.w.test", wild), ("y.x.w.test", None), ("h.test", both)):
        assert lb.shows(name, identity), name


def test_both_types_of_keys_for_one_name(start, made, folder):
    for name, rsa_place, ecdsa_place in (("a.test", "a.test.rsa", "a.test.ecdsa"), ("b.test", "b.test", "b.test.ecdsa")):
        write_pair(folder, rsa_place, made(name, key="rsa"))
        write_pair(folder, ecdsa_place, made(name))
    write_live(folder, "c.test", made("c.test", key="rsa"))
    write_live(folder, "c.test-0001", made("c.test"))
    lb = start()
    for name in ("a.test", "b.test", "c.test"):
        assert lb.shows(name, made(name)), name
        assert lb.shows(name, made(name, key="rsa"), rsa=True), name


def test_the_one_that_is_valid_longest_is_shown_and_the_other_told(start, made, folder):
    long, short = made("a.test", days=80), made("a.test", days=20)
    write_live(folder, "a.test", short)
    write_live(folder, "a.test-0001", long)
    lb = start()
    assert lb.shows("a.test", long)
    lb.lb.wait_message("a.test-0001/fullchain.pem and .*live/a.test/fullchain.pem are both for a.test")


def test_the_chain_is_sent_as_openssl_sees_it(start, made, folder, ca):
    write_pair(folder, "a.test", made("a.test"))
    lb = start()
    said = subprocess.run(["openssl", "s_client", "-connect", "%s:%d" % lb.address, "-servername", "a.test", "-CAfile",
                           ca.root, "-verify_return_error", "-verify_hostname", "a.test"], input="", text=True,
                          capture_output=True, timeout=30, check=True).stdout
    assert "Verify return code: 0 (ok)" in said
    assert made("a.test").certificate.strip() in said
