"""Who comes by http and who by https, by the rows of nginx-proxy's behaviour that are named here (N70 to N85), and lb's own."""

import pytest

from support.certificates import issue, write_pair
from support.waiting import wait_for

NOT_REACHED = "curl 35"  # no handshake
WRONG_NAME = "curl 60"   # the certificate is another's


def test_redirect_is_the_usual_way(start_site):
    site = start_site()
    site.route(("a.test", None))
    answer, request = site.curl("http://a.test/p?q=1")
    assert (answer.status, answer.get("Location"), request) == (308, "https://a.test/p?q=1", None)
    answer, request = site.curl("http://a.test/p", "-d", "x=1")
    assert (answer.status, answer.get("Location"), request) == (308, "https://a.test/p", None)
    answer, request = site.curl("https://a.test/p?q=1")
    assert (answer.status, request.target) == (200, "/p?q=1")
    assert answer.get("Strict-Transport-Security") is None
    # what has no certificate is served by http, and nobody shakes hands for it
    site.route(("c.test", None))
    assert site.status("http://c.test/") == 200
    assert site.status("https://c.test/") == NOT_REACHED


def test_a_redirect_is_followed(start_site):
    site = start_site()
    site.route(("a.test", None))
    out, request = site.curl("http://a.test/x?y", "-L", "--connect-to", f"a.test:443:127.0.0.1:{site.tls.address[1]}",
                             "-o", "/dev/null", "-w", "%{num_redirects} %{http_code} %{url_effective}")
    assert out is not None and request.target == "/x?y" and request.get("X-Forwarded-Proto") == "https"


def test_nginx_proxys_rows(start_site):
    site = start_site()
    said = {"https-status": "301", "hsts": "max-age=31536000"}
    site.route(("a.test", said))  # N70
    answer, _ = site.curl("http://a.test/p?q")
    assert (answer.status, answer.get("Location")) == (301, "https://a.test/p?q")
    assert answer.get("Strict-Transport-Security") is None
    answer, _ = site.curl("https://a.test/")
    assert (answer.status, answer.get("Strict-Transport-Security")) == (200, "max-age=31536000")
    site.route(("a.test", {**said, "https": "noredirect", "hsts": "off"}))  # N71, as its dialect says it
    assert site.status("http://a.test/") == 200
    answer, _ = site.curl("https://a.test/")
    assert (answer.status, answer.get("Strict-Transport-Security")) == (200, None)
    site.route(("a.test", {**said, "https": "nohttp"}))  # N72
    assert site.status("http://a.test/") == 503
    assert site.status("http://a.test/.well-known/acme-challenge/tok") == 503
    answer, _ = site.curl("https://a.test/")
    assert (answer.status, answer.get("Strict-Transport-Security")) == (200, "max-age=31536000")
    site.route(("a.test", {**said, "https": "nohttps"}))  # N73
    assert site.status("http://a.test/") == 200
    assert site.status("https://a.test/") == NOT_REACHED
    site.route(("a.test", {**said, "https-status": "301 307"}))  # N75
    for method, status in (("GET", 301), ("POST", 307), ("PUT", 307), ("PATCH", 307), ("DELETE", 307), ("OPTIONS", 307)):
        assert site.status("http://a.test/", "-X", method) == status
    assert site.status("http://a.test/", "-I") == 301
    site.route(("a.test", {**said, "https-port": "8443"}))  # N76
    assert site.curl("http://a.test/x")[0].get("Location") == "https://a.test:8443/x"
    site.route(("*.b.test", said))  # N86
    answer, _ = site.curl("http://x.b.test/")
    assert (answer.status, answer.get("Location")) == (301, "https://x.b.test/")
    assert site.status("https://x.b.test/") == 200


def test_without_a_certificate(start_site):
    site = start_site(names=())
    for method in ("redirect", "nohttp"):  # N74
        site.route(("a.test", {"https": method}))
        assert (site.status("http://a.test/"), site.status("https://a.test/")) == (200, NOT_REACHED)
    site.route(("a.test", {"https": "redirect", "missing-certificate": "refuse"}))
    assert site.status("http://a.test/") == 308
    site.route(("a.test", {"https": "nohttp", "missing-certificate": "refuse"}))
    assert site.status("http://a.test/") == 503


def test_a_certificate_that_comes_brings_the_redirect(start_site):
    site = start_site(names=())
    site.route(("a.test", None))
    assert site.status("http://a.test/") == 200
    write_pair(site.tls.certificates, "a.test", issue(site.ca, ("a.test",)))
    wait_for(lambda: site.status("http://a.test/") == 308, "the redirect")
    assert site.status("https://a.test/") == 200


def test_a_default_certificate(start_site):
    site = start_site(names=())
    write_pair(site.tls.certificates, "default", issue(site.ca, ("fallback.test",)))
    write_pair(site.tls.certificates, "shared", issue(site.ca, ("s.test",)))
    site.route(("a.test", None))
    wait_for(lambda: site.status("http://a.test/") == 308, "the certificate")
    assert site.status("https://a.test/") == WRONG_NAME
    assert site.status("https://a.test/", "-k") == 200  # N83
    site.route(("a.test", {"default-certificate": "no"}))
    assert (site.status("http://a.test/"), site.status("https://a.test/", "-k")) == (200, 503)
    site.route(("a.test", {"https": "nohttps"}))  # N73
    assert (site.status("http://a.test/"), site.status("https://a.test/", "-k")) == (200, 503)
    site.route(("a.test", {"certificate": "missing"}))  # N82
    assert (site.status("http://a.test/"), site.status("https://a.test/", "-k")) == (200, 503)
    site.route(("s.test", {"certificate": "shared"}), ("t.test", {"certificate": "shared"}))
    assert (site.status("http://s.test/"), site.status("https://s.test/")) == (308, 200)
    assert (site.status("https://t.test/"), site.status("https://t.test/", "-k")) == (WRONG_NAME, 200)
    # nobody's host: N12, N15, N17
    assert site.status("https://nobody.test/", "-k") == 404


def test_the_operators_words_hold_for_all(start_site):
    site = start_site("--https-method=noredirect", "--hsts=max-age=77", "--https-port=444")
    site.route(("a.test", None), ("x.b.test", {"https": "redirect"}))
    assert site.status("http://a.test/") == 200
    answer, _ = site.curl("http://x.b.test/")
    assert (answer.status, answer.get("Location")) == (308, "https://x.b.test:444/")
    assert site.curl("https://x.b.test/")[0].get("Strict-Transport-Security") == "max-age=77"
    assert site.curl("https://a.test/")[0].get("Strict-Transport-Security") is None


def test_hsts_is_on_errors_and_on_lbs_own_answers(start_site, start_backend):
    site = start_site("--hsts=max-age=5")
    site.route(("a.test", {"deny": "0.0.0.0/0"}))
    answer, _ = site.curl("https://a.test/")
    assert (answer.status, answer.get("Strict-Transport-Security")) == (403, "max-age=5")
    site.route({"host": "a.test", "answer": 503}, ("z.test", None))
    answer, _ = site.curl("https://a.test/")
    assert (answer.status, answer.get("Strict-Transport-Security")) == (503, "max-age=5")
    answer, _ = site.curl("http://a.test/")
    assert (answer.status, answer.get("Strict-Transport-Security")) == (308, None)


def test_a_trusted_proxy_that_had_https(start_site):
    site = start_site("--trusted-proxies=127.0.0.0/8")
    site.route(("a.test", None))
    assert site.status("http://a.test/") == 308
    answer, request = site.curl("http://a.test/", "-H", "X-Forwarded-Proto: https")
    assert (answer.status, request.get("X-Forwarded-Ssl")) == (200, "on")
    assert site.status("http://a.test/", "-H", "X-Forwarded-Proto: f00") == 308


def test_hosts_in_odd_forms(start_site):
    site = start_site()
    site.route(("a.test", None))
    answer, _ = site.curl("http://a.test:80/x", "-H", "Host: A.TEST:8080")
    assert (answer.status, answer.get("Location")) == (308, "https://A.TEST/x")
    answer, _ = site.curl("http://a.test/", "--request-target", "http://a.test:81/y?z")
    assert (answer.status, answer.get("Location")) == (308, "https://a.test/y?z")
    answer, _ = site.curl("http://a.test/", "--request-target", "//evil.test/y")
    assert (answer.status, answer.get("Location")) == (308, "https://a.test//evil.test/y")


@pytest.mark.parametrize("scheme, service", (("http", "plain"), ("https", "secure")))
def test_routes_by_scheme(start_site, scheme, service):
    site = start_site("--https-method=noredirect")
    routes = [{"host": "a.test", "service": "app", "conditions": [{"kind": "scheme", "value": each}],
               "options": {"response-headers": f"set X-Route: {name}"}}
              for each, name in (("http", "plain"), ("https", "secure"))]
    site.route(*routes)  # T26
    assert site.curl(f"{scheme}://a.test/")[0].get("X-Route") == service
