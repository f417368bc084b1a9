"""Rows of the tables of dialects that are about TLS, on the wire. Each test is called as its row is."""

import ssl

import pytest

from support.certificates import issue, write_pair
from support.tls import context_of
from support.waiting import wait_for

YEAR = "max-age=31536000"
HSTS = "Strict-Transport-Security"
SITE = "VIRTUAL_HOST=a.test"


def router(**options):
    labels = {"traefik.http.routers.r.rule": "Host(`a.test`)"}
    labels.update({f"traefik.http.{word.replace('__', '.')}": value for word, value in options.items()})
    return labels


# ---- nginx-proxy ---------------------------------------------------------------------------------


def default_certificate(sites):
    write_pair(sites.folder / "certificates", "default", issue(sites.ca, ("fallback.test",)))


def https_status(sites, host):
    """Of a client that believes anybody; None: there is no handshake."""
    try:
        with sites.tls.connect(host, context=context_of()) as client:
            return client.request("GET", "/", host=host).read_response().status
    except ssl.SSLError as error:
        assert "unrecognized name" in str(error).lower()
        return None


def test_n12_unknown_host(sites):
    sites.add(env=[SITE])
    sites.start("--default-route=503")
    assert (sites.http("unknown.test").status, https_status(sites, "unknown.test")) == (503, None)
    default_certificate(sites)
    wait_for(lambda: https_status(sites, "unknown.test") == 503, "the default certificate")
    assert sites.http("unknown.test").status == 503


def test_n17_no_host_at_all(sites):
    sites.start("--default-route=503", ready=0)
    assert (sites.http("unknown.test").status, https_status(sites, "unknown.test")) == (503, None)
    default_certificate(sites)
    wait_for(lambda: https_status(sites, "unknown.test") == 503, "the default certificate")
    assert sites.http("unknown.test").status == 503


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_n70_redirect(method, sites):
    sites.add(env=[SITE])
    sites.start()
    answer = sites.http(target="/p?q", method=method)
    assert (answer.status, answer.get("Location")) == (301, "https://a.test/p?q")
    assert not answer.get(HSTS)
    answer = sites.https(target="/p?q")
    assert (answer.status, answer.get(HSTS)) == (200, YEAR)


def test_n71_noredirect(sites):
    sites.add(env=[SITE, "HTTPS_METHOD=noredirect"])
    sites.start()
    assert sites.http().status == 200
    answer = sites.https()
    assert answer.status == 200 and not answer.get(HSTS)


def test_n72_nohttp(sites):
    sites.add(env=[SITE, "HTTPS_METHOD=nohttp"])
    sites.start()
    assert sites.http().status == 503
    answer = sites.https()
    assert (answer.status, answer.get(HSTS)) == (200, YEAR)


def test_n73_nohttps(sites):
    backend = sites.add(env=[SITE, "HTTPS_METHOD=nohttps"])
    sites.start()
    assert sites.http().status == 200
    backend.requests.clear()
    try:
        assert sites.https().status == 503
    except ssl.SSLError:
        pass
    assert not backend.requests


def test_n74_no_certificate(sites):
    sites.add(env=["VIRTUAL_HOST=c.test"])
    sites.start()
    assert sites.http("c.test").status == 200
    with pytest.raises(ssl.SSLError):
        sites.https("c.test")


def test_n74_no_certificate_and_no_http_without_one(sites):
    sites.add(env=["VIRTUAL_HOST=c.test", "ENABLE_HTTP_ON_MISSING_CERT=false"])
    sites.start()
    assert sites.http("c.test").status == 301


@pytest.mark.parametrize("words, status", [
    ({"labels": {"com.github.nginx-proxy.nginx-proxy.non-get-redirect": "307"}, "env": [SITE]}, 307),
    ({"env": [SITE, "NON_GET_REDIRECT=308"]}, 308),
])
def test_n75_other_methods(words, status, sites):
    sites.add(**words)
    sites.start()
    assert [sites.http(method=method).status for method in ("GET", "HEAD", "POST", "PUT")] == [301, 301, status, status]


def test_n76_the_port_of_redirects(sites):
    sites.add(env=[SITE])
    sites.start("--https-port=8443")
    assert sites.http(target="/p").get("Location") == "https://a.test:8443/p"


def test_n82_name_of_a_certificate(sites):
    """One that is not there is none, whatever else there is for the host."""
    sites.add(env=[SITE, "CERT_NAME=shared"])
    sites.start()
    assert sites.http().status == 200
    with pytest.raises(ssl.SSLError):
        sites.https()


@pytest.mark.parametrize("value, field", [
    ("max-age=86400; includeSubDomains; preload", "max-age=86400; includeSubDomains; preload"), ("off", None)])
def test_n85_hsts(value, field, sites):
    sites.add(env=[SITE, f"HSTS={value}"])
    sites.start()
    assert sites.https().get(HSTS) == field
    assert not sites.http().get(HSTS)


def test_n86_certificate_for_a_wildcard(sites):
    sites.add(env=["VIRTUAL_HOST=*.b.test"])
    sites.start()
    assert sites.http("x.b.test", "/p").get("Location") == "https://x.b.test/p"
    assert sites.https("x.b.test").status == 200


# ---- Traefik -------------------------------------------------------------------------------------


def test_t26_routers_by_scheme(sites):
    secured = sites.add(router(routers__r__tls="true"))
    plain = sites.add({"traefik.http.routers.p.rule": "Host(`a.test`)", "traefik.http.routers.p.entrypoints": "web"})
    sites.start()
    assert sites.https().status == 200
    assert (len(secured.requests), len(plain.requests)) == (1, 0)
    assert sites.http().status == 200
    assert (len(secured.requests), len(plain.requests)) == (1, 1)


def test_t26_a_router_for_tls_alone(sites):
    backend = sites.add(router(routers__r__entrypoints="websecure"))
    sites.start()
    assert sites.http().status in (404, 308) and not backend.requests
    assert sites.https().status == 200


def test_t26_a_router_for_http_alone(sites):
    backend = sites.add(router(routers__r__entrypoints="web"))
    sites.start()
    assert sites.https().status == 404 and not backend.requests
    assert sites.http().status == 200


def test_t70_redirect_to_https(sites):
    sites.add(router(routers__r__middlewares="m", middlewares__m__redirectscheme__scheme="https",
                     middlewares__m__redirectscheme__permanent="true"))
    sites.start("--https-method=noredirect")
    answer = sites.http(target="/p")
    assert (answer.status, answer.get("Location")) == (301, "https://a.test/p")
    assert sites.https().status == 200


def test_t76_hsts(sites):
    sites.add(router(routers__r__middlewares="m", middlewares__m__headers__stsseconds="60"))
    sites.start()
    assert sites.https().get(HSTS) == "max-age=60"
    assert not sites.http().get(HSTS)


# ---- lb's own ------------------------------------------------------------------------------------


def test_labels_of_lb(sites):
    sites.add({"lb.host": "a.test", "lb.hsts": "max-age=7"})
    sites.add({"lb.host": "x.b.test", "lb.https-status": "302 307", "lb.https-port": "8443"})
    sites.add({"lb.host": "y.b.test", "lb.https": "noredirect"})
    sites.start()
    assert [sites.http(host).status for host in ("a.test", "x.b.test", "y.b.test")] == [308, 302, 200]
    assert sites.https().get(HSTS) == "max-age=7"
    answer = sites.http("x.b.test", method="POST")
    assert (answer.status, answer.get("Location")) == (307, "https://x.b.test:8443/")
