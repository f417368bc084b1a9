"""What backends, the access log and clients are told of a request by TLS."""

from support.certificates import issue, write_pair
from support.tls import TlsClient


def test_a_backend_learns_how_the_client_came(start_site):
    site = start_site("--forwarded=on")
    site.route(("a.test", None))
    _, request = site.curl("https://a.test/", "-H", "X-Forwarded-Proto: http", "-H", "X-Forwarded-Port: 1", "-H",
                           "X-Forwarded-Ssl: f00", "-H", "X_Forwarded_Ssl: f01")
    fields = {name: request.get(name) for name in ("X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Ssl", "X-Forwarded-Host")}
    assert fields == {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "443", "X-Forwarded-Ssl": "on",
                      "X-Forwarded-Host": "a.test"}
    assert "proto=https" in request.get("Forwarded")
    assert request.get("X_Forwarded_Ssl") is None


def test_behind_a_trusted_proxy_its_word_counts(start_site):
    site = start_site("--trusted-proxies=127.0.0.0/8", "--https-method=noredirect")
    site.route(("a.test", None))
    _, request = site.curl("https://a.test/", "-H", "X-Forwarded-Proto: f00", "-H", "X-Forwarded-Port: 8")
    assert (request.get("X-Forwarded-Proto"), request.get("X-Forwarded-Port")) == ("f00", "8")  # N98
    assert request.get("X-Forwarded-Ssl") is None
    _, request = site.curl("http://a.test/", "-H", "X-Forwarded-Ssl: on")
    assert (request.get("X-Forwarded-Proto"), request.get("X-Forwarded-Ssl")) == ("http", None)


def test_cookies_of_stickiness_are_for_https_alone(start_site):
    site = start_site("--balance=sticky least-requests", "--https-method=noredirect")
    site.route(("a.test", None))
    assert "; Secure" in site.curl("https://a.test/")[0].get("Set-Cookie")
    assert "; Secure" not in site.curl("http://a.test/")[0].get("Set-Cookie")


def test_the_access_log(start_site):
    site = start_site()
    site.route(("a.test", None))
    site.curl("http://a.test/")
    site.curl("https://a.test/x")
    plain, secure = site.logged(2)[:2]
    assert (plain["url"]["scheme"], "tls" in plain, plain["lb"]["end"]) == ("http", False, "redirect:permanent")
    assert secure["url"]["scheme"] == "https"
    assert secure["tls"]["version"] == "1.3" and secure["tls"]["version_protocol"] == "tls"
    assert secure["tls"]["cipher"].startswith("TLS_") and secure["tls"]["resumed"] is False


def test_a_session_that_is_taken_up_is_told(start_site):
    site = start_site()
    site.route(("a.test", None))
    context = None
    with site.tls.connect() as client:
        client.get(host="a.test")
        context, session = client.context, client.session
    with TlsClient(site.tls.address, "a.test", context=context, session=session) as client:
        assert client.is_resumed
        client.get(host="a.test")
    assert [line["tls"]["resumed"] for line in site.logged(2)] == [False, True]


def test_another_host_than_the_handshakes(start_site):
    site = start_site()
    site.route(("a.test", None), ("x.b.test", None), ("c.test", None))
    write_pair(site.tls.certificates, "c.test", issue(site.ca, ("c.test",)))
    assert site.status("https://a.test/", "-H", "Host: c.test") == 421
    assert site.status("https://a.test/", "-H", "Host: x.b.test") == 200  # the certificate is good for it
    assert site.status("https://a.test/", "-H", "Host: A.test:8443") == 200
    assert site.logged(3)[0]["lb"]["end"] == "misdirected"
    with site.tls.connect() as client:  # it goes on
        assert client.get(host="c.test").status == 421
        assert client.get(host="a.test").status == 200
