"""Answers to ACME challenges that another client has left (N87)."""

import os

from support.certificates import write_file

PATH = "/.well-known/acme-challenge/"


def test_files_of_a_webroot(start_site, tmp_path):
    web, bare = tmp_path / "web", tmp_path / "bare"
    write_file(web / ".well-known/acme-challenge/tok-1_", "tok-1_.thumb")
    write_file(bare / "tok2", "tok2.thumb")
    write_file(web / ".well-known/acme-challenge/large", "large." + "x" * 4096)
    write_file(web / "secret", "secret things")
    write_file(tmp_path / "outside", "linked.thumb")
    os.symlink(tmp_path / "outside", web / "linked")
    site = start_site(f"--acme-webroot={web}", f"--acme-webroot={bare}", "--https-method=redirect")
    site.route(("a.test", {"auth": "me:{SHA}QL0AFWMIX8NRZTKeof9cXsvbvu8=", "rate": "1/h", "deny": "0.0.0.0/0"}))
    for url in ("http://a.test", "https://a.test", "http://nobody.test", "https://x.b.test"):
        answer, request = site.curl(f"{url}{PATH}tok-1_")
        assert (answer.status, answer.body, request) == (200, "tok-1_.thumb", None), url
    answer, _ = site.curl(f"http://a.test{PATH}tok2?x=1")
    assert (answer.status, answer.body, answer.get("Content-Type")) == (200, "tok2.thumb", "text/plain")
    assert site.status(f"http://a.test{PATH}tok2", "-I") == 200
    assert site.logged()[0]["lb"]["end"] == "challenge"
    # all else goes its way, and no redirect is in it for what may be a token
    for token in ("large", "secret", "linked", "none"):
        assert site.status(f"http://a.test{PATH}{token}") == 403, token
    for token in ("tok2/", "tok2%20", "%2E%2E/x", "../x"):
        assert site.status(f"http://a.test{PATH}{token}", "--path-as-is") == 308, token
    assert site.status(f"http://a.test{PATH}..%2Fsecret") == 400
    assert site.status(f"http://a.test{PATH}tok2", "-d", "x") == 403


def test_a_client_behind_lb_gets_what_is_not_there(start_site, tmp_path):
    (tmp_path / "web").mkdir()
    site = start_site(f"--acme-webroot={tmp_path / 'web'}")
    site.route(("a.test", None))
    answer, request = site.curl(f"http://a.test{PATH}tok")
    assert (answer.status, request.target) == (200, f"{PATH}tok")
    write_file(tmp_path / "web/.well-known/acme-challenge/tok", "tok.thumb")
    assert site.curl(f"http://a.test{PATH}tok")[0].body == "tok.thumb"
    assert site.status("http://a.test/.well-known/other") == 308
