"""What lb explain says of URLs by http and https: the same as becomes of them."""

import json
import re

from support.certificates import issue, make_ca, write_file, write_pair
from support.program import run
from support.waiting import wait_for


def explain(site, url):
    return run("lb", "explain", url, f"--admin={site.lb.admin[0]}:{site.lb.admin[1]}").stdout


def answer_of(site, url):
    return next(line for line in explain(site, url).splitlines() if line.startswith("answer: "))


def test_explain_says_what_happens(start_site):
    site = start_site()
    site.route(("a.test", None), ("x.b.test", {"https": "nohttps"}), ("y.b.test", {"https": "nohttp"}), ("c.test", None),
               ("z.b.test", {"https-status": "301", "https-port": "8443"}))
    rows = {
        "http://a.test/p?q": (308, "308 from lb itself: who comes by http is sent to https://a.test/p?q "),
        "https://a.test/": (200, "from an endpoint of app"),
        "http://x.b.test/": (200, "from an endpoint of app"),
        "https://x.b.test/": ("curl 35", "no handshake"),
        "http://y.b.test/": (503, "503 from lb itself: this host is served by https alone"),
        "https://y.b.test/": (200, "from an endpoint of app"),
        "http://z.b.test/p": (301, "301 from lb itself: who comes by http is sent to https://z.b.test:8443/p "),
        "http://c.test/": (200, "from an endpoint of app"),
        "https://c.test/": ("curl 35", "no handshake"),
        "http://a.test/.well-known/acme-challenge/x": (200, "from an endpoint of app"),
    }
    for url, (status, said) in rows.items():
        assert site.status(url) == status, url
        assert answer_of(site, url).startswith(f"answer: {said}"), (url, answer_of(site, url))
    assert "none is there for this name" in explain(site, "c.test") and "lb.tls=auto" in explain(site, "c.test")
    assert "No container" in run("lb", "explain", "no.such.test",
                                 f"--admin={site.lb.admin[0]}:{site.lb.admin[1]}").stderr
    write_pair(site.tls.certificates, "default", issue(site.ca, ("fallback.test",)))
    wait_for(lambda: site.status("https://x.b.test/", "-k") == 503, "the default certificate")
    assert answer_of(site, "https://x.b.test/").startswith("answer: 503 from lb itself: this host is served by http alone")
    assert "lb explain" not in explain(site, "http://c.test/")


def test_a_certificate_that_a_route_names_and_that_is_not_there(start_site):
    site = start_site()
    site.route(("a.test", {"certificate": "shared"}))
    lack = "it wants the certificate shared and no other (certificate), which is in no directory of --certificates"
    said = f"the route host a.test .*{re.escape(lack)}, or cannot be used: put shared.crt and shared.key there"
    site.lb.wait_message(said)
    for url in ("http://a.test/", "https://a.test/"):
        assert f"lack: {lack}" in explain(site, url)
    asked = site.lb.ask("/explain?url=https%3A%2F%2Fa.test%2F", fields=("Accept: application/json",))
    assert json.loads(asked.body)["lack"].startswith(lack)
    assert f". But {lack}" in site.lb.ask("/routes").body.decode()
    site.route(("a.test", {"certificate": "shared"}), ("b.test", None))
    write_pair(site.tls.certificates, "shared", issue(site.ca, ("a.test",)))
    wait_for(lambda: "lack:" not in explain(site, "http://a.test/"), "it to be there")
    assert "it wants" not in site.lb.ask("/routes").body.decode()
    assert len([text for text in site.lb.messages() if lack in text]) == 1


def certificate_line(site, host):
    return next(line for line in explain(site, f"https://{host}/").splitlines() if line.startswith("certificate: "))


def test_explain_says_which_certificate_a_route_leads_to(start_site):
    """By the same choice as the handshake: what the route names, and none where it is served by http alone."""
    site = start_site()
    write_pair(site.tls.certificates, "multi", issue(site.ca, ("c.test", "d.test")))
    write_file(site.tls.certificates / "c.test.ca.crt", make_ca(site.ca.folder / "people", name="people").certificate.read_text())
    site.route(("c.test", {"certificate": "multi"}), ("a.test", {"https": "nohttps"}), ("d.test", {"certificate": "gone"}))
    wait_for(lambda: "multi.crt (" in explain(site, "c.test") + site.lb.ask("/certificates").body.decode(), "the certificate")
    for said in (certificate_line(site, "c.test"), explain(site, "c.test")):
        assert "multi.crt (ECDSA 256) for c.test, d.test" in said
        assert ": its route names it (certificate); clients are asked for a certificate" in said
    asked = json.loads(site.lb.ask("/explain?url=https%3A%2F%2Fc.test%2F", fields=("Accept: application/json",)).body)
    assert [(one["name"], one["why"], one["client_ca"]) for one in asked["certificates"]] == [
        ("multi", "its route names it (certificate)", True)]
    assert site.status("https://c.test/") == 400
    for host, why in (("a.test", "this host is served by http alone (nohttps), and there is no default one"),
                      ("d.test", "that which its route names, gone, is not there, and there is no default one")):
        assert site.status(f"https://{host}/") == "curl 35"
        assert answer_of(site, f"https://{host}/").startswith(f"answer: no handshake, and so no answer: no certificate is shown, as {why}")
        assert certificate_line(site, host).startswith(f"certificate: the handshake is refused (unrecognized_name), as {why}")
    write_pair(site.tls.certificates, "default", issue(site.ca, ("fallback.test",)))
    wait_for(lambda: site.status("https://a.test/", "-k") == 503, "the default certificate")
    assert ": it is the default, as this host is served by http alone (nohttps)" in certificate_line(site, "a.test")
    assert ": it is the default, as that which its route names is not there" in certificate_line(site, "d.test")
    assert "multi.crt" in certificate_line(site, "c.test")
