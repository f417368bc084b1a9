"""Clients that have to show a certificate (N88), what backends learn of it, and who cannot say it themselves."""

import json
import ssl

import pytest

from support.certificates import DAY_S, issue, make_ca, revoke, write_file, write_pair
from support.tls import context_of
from support.waiting import wait_for


class People:
    """Certificates of clients as files for curl: good, revoked, over and a stranger's."""

    def __init__(self, folder):
        self.folder = folder
        ca = make_ca(folder / "people", name="people")
        self.ca = ca
        good, gone = issue(ca, ("joe",)), issue(ca, ("gone",))
        revoke(ca, gone)
        self.crl = ca.crl()
        self.files = {"good": self.write("good", good), "gone": self.write("gone", gone),
                      "stranger": self.write("stranger", issue(make_ca(folder / "others", name="others"), ("eve",)))}

    def write(self, name, identity):
        return (write_file(self.folder / f"{name}.crt", identity.full_chain),
                write_file(self.folder / f"{name}.key", identity.key))

    def flags(self, name):
        certificate, key = self.files[name]
        return ("--cert", str(certificate), "--key", str(key))


@pytest.fixture(name="people", scope="module")
def fixture_people(tmp_path_factory):
    return People(tmp_path_factory.mktemp("people"))


@pytest.fixture(name="site")
def fixture_site(start_site, people):
    site = start_site(names=("a.test",))
    write_pair(site.tls.certificates, "b.test", issue(site.ca, ("b.test", "a.test")))
    write_file(site.tls.certificates / "a.test.ca.crt", people.ca.certificate.read_text())
    write_file(site.tls.certificates / "a.test.crl.pem", people.crl)
    site.route(("a.test", None))
    wait_for(lambda: site.status("https://a.test/") == 400, "the authority of clients")
    return site


def test_by_certificate_and_without(site, people):
    answer, request = site.curl("https://a.test/")
    assert (answer.status, request) == (400, None) and "No required SSL certificate was sent" in answer.body
    answer, request = site.curl("https://a.test/", *people.flags("stranger"))
    assert (answer.status, request) == (400, None) and "The SSL certificate error" in answer.body
    assert site.status("https://a.test/", *people.flags("gone")) == 400
    answer, request = site.curl("https://a.test/", *people.flags("good"), "-H", "X-SSL-Client-S-DN: CN=root")
    assert answer.status == 200
    assert request.get("X-SSL-Client-Verify") == "SUCCESS"
    assert request.get("X-SSL-Client-S-DN") == "CN=joe"
    assert len(request.get("X-SSL-Client-Fingerprint")) == 64
    ends = ["client_certificate:bad", "client_certificate:bad", "client_certificate:none", "ok"]  # of two workers, in any order
    wait_for(lambda: sorted(line["lb"]["end"] for line in site.logged()[-4:]) == ends, "the lines of all four")
    (good,) = [line for line in site.logged()[-4:] if line["lb"]["end"] == "ok"]
    assert good["tls"]["client"]["subject"] == "CN=joe"


def test_what_a_route_says(site, people):
    site.route(("a.test", {"client-certificate": "optional"}))
    answer, request = site.curl("https://a.test/")
    assert (answer.status, request.get("X-SSL-Client-Verify"), request.get("X-SSL-Client-S-DN")) == (200, "NONE", None)
    assert site.status("https://a.test/", *people.flags("good")) == 200
    assert site.status("https://a.test/", *people.flags("gone")) == 400
    site.route(("a.test", {"client-certificate": "optional_no_ca"}))
    _, request = site.curl("https://a.test/", *people.flags("stranger"))
    assert request.get("X-SSL-Client-Verify").startswith("FAILED:")
    assert request.get("X-SSL-Client-S-DN") == "CN=eve"
    site.route(("a.test", {"client-certificate": "off"}))
    assert site.status("https://a.test/") == 200
    site.route(("b.test", {"client-certificate": "on"}))  # nobody can have one that is good
    assert site.status("https://b.test/", *people.flags("good")) in (400, 421)


def test_nobody_says_it_himself(start_site):
    site = start_site("--https-method=noredirect", "--trusted-proxies=127.0.0.0/8")
    site.route(("a.test", None))
    lies = ["X-SSL-Client-Verify: SUCCESS", "x_ssl_client_s_dn: CN=root", "X-Ssl.Client-Fingerprint: 0", "Client-Cert: :AA==:",
            "client_cert_chain: :AA==:"]
    for scheme in ("http", "https"):
        _, request = site.curl(f"{scheme}://a.test/", *(flag for lie in lies for flag in ("-H", lie)))
        assert not [name for name, _ in request.head.fields if "client" in name.lower()], request.head.fields


def test_another_host_does_not_open_it(site, people):
    site.route(("a.test", None), ("b.test", None))
    # the certificate is good for both, and hands were shaken for the one that asks for nothing
    assert site.status("https://b.test/") == 200
    assert site.status("https://b.test/", "-H", "Host: a.test") == 421
    assert site.status("https://b.test/", "-H", "Host: a.test", *people.flags("good")) == 421
    assert site.status("https://a.test/", "-H", "Host: b.test", *people.flags("good")) == 421


def test_the_authority_of_a_host_holds_whatever_certificate_is_shown(start_site, people):
    site = start_site(names=("c.test",))
    write_pair(site.tls.certificates, "multi", issue(site.ca, ("a.test", "b.test")))
    write_pair(site.tls.certificates, "a.test", issue(site.ca, ("a.test",)))
    write_file(site.tls.certificates / "b.test.ca.crt", people.ca.certificate.read_text())
    write_file(site.tls.certificates / "b.test.crl.pem", people.crl)
    site.route(("a.test", None), ("b.test", {"certificate": "multi"}))
    wait_for(lambda: site.status("https://a.test/") == 200, "the certificates")
    assert site.status("https://b.test/") == 400
    assert site.status("https://b.test/", *people.flags("gone")) == 400
    assert site.status("https://b.test/", *people.flags("good")) == 200
    # nor is it opened by hands that were shaken for another host
    assert site.status("https://a.test/", "-H", "Host: b.test") == 421
    # that of the shown file holds for a host without one
    write_file(site.tls.certificates / "multi.ca.crt", make_ca(people.folder / "multi", name="multi").certificate.read_text())
    site.route(("a.test", {"certificate": "multi"}), ("b.test", {"certificate": "multi"}))
    wait_for(lambda: site.status("https://a.test/") == 400, "the authority of the file")
    assert site.status("https://a.test/", *people.flags("good")) == 400
    assert site.status("https://b.test/", *people.flags("good")) == 200


def context_with(site, people, name, **options):
    context = context_of(site.ca, **options)
    context.load_cert_chain(*people.files[name])
    return context


def test_verdict_of_other_authorities_is_none(start_site, people):
    site = start_site(names=("a.test", "b.test"))
    site.route(("a.test", None), ("b.test", None))
    write_file(site.tls.certificates / "ca.crt", people.ca.certificate.read_text())
    wait_for(lambda: site.status("https://a.test/") == 400, "the authority of clients")
    with site.tls.connect(context=context_with(site, people, "good")) as client:
        assert [client.get(host=host).status for host in ("a.test", "b.test")] == [200, 200]
        other = make_ca(people.folder / "instead", name="instead")
        write_file(site.tls.certificates / "ca.crt", other.certificate.read_text())
        wait_for(lambda: site.status("https://b.test/", *people.flags("good")) == 400, "another authority")
        assert client.get(host="b.test").status == 421  # what the first one thought of it is nothing here


@pytest.mark.parametrize("version", (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3))
def test_ticket_does_not_outlive_the_certificate(site, people, version):
    people.files["short"] = people.write("short", issue(people.ca, ("short",), days=3 / DAY_S))
    context = context_with(site, people, "short", newest=version)
    with site.tls.connect(context=context) as client:
        assert client.get(host="a.test").status == 200
        session = client.session
    wait_for(lambda: site.status("https://a.test/", *people.flags("short")) == 400, "the certificate's end")
    with site.tls.connect(context=context, session=session) as client:
        assert (client.is_resumed, client.get(host="a.test").status) == (True, 400)


def refused_of(site, name):
    page = json.loads(site.lb.ask("/certificates", fields=("Accept: application/json",)).body)
    found = [fault for fault in page["refused"] if fault["file"].endswith(f"/{name}")]
    return found[0]["problem"] if found else ""


def test_list_that_is_over_is_told(site, people):
    write_file(site.tls.certificates / "a.test.crl.pem", people.ca.crl(seconds=2))
    wait_for(lambda: site.status("https://a.test/", *people.flags("good")) == 400, "the end of the list")
    wait_for(lambda: "the revocation list is over since" in refused_of(site, "a.test.crl.pem"), "the page")
    assert not refused_of(site, "a.test.ca.crt")
    told = [text for text in site.lb.messages() if "the revocation list is over since" in text]
    assert len(told) == 1 and "a.test.crl.pem" in told[0] and "put a newer one there" in told[0]
    write_file(site.tls.certificates / "a.test.crl.pem", people.crl)
    wait_for(lambda: site.status("https://a.test/", *people.flags("good")) == 200, "a newer list")
    assert not refused_of(site, "a.test.crl.pem")


def test_garbage_as_a_list_is_told_of_the_list(site, people):
    write_file(site.tls.certificates / "a.test.crl.pem", "hello")
    wait_for(lambda: "no revocation list is in it" in refused_of(site, "a.test.crl.pem"), "the page")
    assert not refused_of(site, "a.test.ca.crt")


def test_what_is_told_of_a_client(site, people):
    """The chain first: a CA that is not known has no list either."""
    site.route(("a.test", {"client-certificate": "optional_no_ca"}))

    def verdict(name):
        return site.curl("https://a.test/", *people.flags(name))[1].get("X-SSL-Client-Verify")

    assert "issuer" in verdict("stranger") and "CRL" not in verdict("stranger")
    assert "revoked" in verdict("gone")
    write_file(site.tls.certificates / "a.test.crl.pem", people.ca.crl(seconds=1))
    wait_for(lambda: "the revocation list is over" in verdict("good"), "the end of the list")
