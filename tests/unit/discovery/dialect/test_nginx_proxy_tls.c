/* Rows of the tables of dialects that ask for TLS, of which lb has none yet: each is a test, called as
 * its row is, of what a container with such words gets until then, and says what it is to get. A site
 * is served by HTTP where its proxy would do so without a certificate, and the word is told. */
#include "discovery/dialect/dialect.h"

#include "tests/unit/discovery/dialect/claims_text.h"

#define SITE    "VIRTUAL_HOST=www.a.tld"
#define ROUTER  "traefik.http.routers.r.rule=Host(`a`);traefik.http.routers.r."
#define BY_HTTP "HTTP is served, as nginx-proxy does without a certificate"

static const struct row {
    const char *name;
    const char *words;  /* "NAME=value" with ";" between them; labels and variables alike */
    const char *routes; /* "host > service", or "host > status", with ";" between them */
    const char *told;   /* words in the remark; NULL: nothing is told */
    const char *later;  /* what a request gets once there is TLS */
} rows[] = {
    {"N12 unknown host", SITE, "www.a.tld > www.a.tld", NULL,
     "https: 503 where there is a default certificate, else the alert unrecognized_name"},
    {"N15 default host without https", SITE ";HTTPS_METHOD=nohttps", "www.a.tld > www.a.tld", NULL,
     "https for unknown hosts goes to the fallback"},
    {"N70 redirect", SITE ";HTTPS_METHOD=redirect", "www.a.tld > www.a.tld", BY_HTTP,
     "http: 301 to https with path and query; https: 200 with HSTS"},
    {"N70 redirect is what is meant without the word", SITE, "www.a.tld > www.a.tld", NULL,
     "as N70"},
    {"N71 noredirect", SITE ";HTTPS_METHOD=noredirect", "www.a.tld > www.a.tld", BY_HTTP,
     "both are served, without HSTS"},
    {"N72 nohttp", SITE ";HTTPS_METHOD=nohttp", "www.a.tld > www.a.tld", BY_HTTP,
     "http: 503; https: 200 with HSTS"},
    {"N73 nohttps", SITE ";HTTPS_METHOD=nohttps", "www.a.tld > www.a.tld", NULL,
     "https: the fallback"},
    {"N74 no certificate, redirect", SITE ";HTTPS_METHOD=redirect;ENABLE_HTTP_ON_MISSING_CERT=true",
     "www.a.tld > www.a.tld", BY_HTTP, "the same"},
    {"N74 no certificate, and no HTTP without one", SITE ";ENABLE_HTTP_ON_MISSING_CERT=false",
     "www.a.tld > 503", "nothing is served", "the same"},
    {"N74 no certificate, nohttp, and no HTTP without one",
     SITE ";HTTPS_METHOD=nohttp;ENABLE_HTTP_ON_MISSING_CERT=FALSE", "www.a.tld > 503",
     "nothing is served", "the same"},
    {"N74 no certificate, noredirect, and no HTTP without one",
     SITE ";HTTPS_METHOD=noredirect;ENABLE_HTTP_ON_MISSING_CERT=false", "www.a.tld > www.a.tld",
     BY_HTTP, "the same"},
    {"N74 no certificate, nohttps, and no HTTP without one",
     SITE ";HTTPS_METHOD=nohttps;ENABLE_HTTP_ON_MISSING_CERT=false", "www.a.tld > www.a.tld", NULL,
     "the same"},
    {"N74 no certificate, and nonsense", SITE ";ENABLE_HTTP_ON_MISSING_CERT=maybe",
     "www.a.tld > www.a.tld", "true or false is accepted", "the same"},
    {"N70 a method that is none", SITE ";HTTPS_METHOD=https", "www.a.tld > www.a.tld",
     "redirect, noredirect, nohttp or nohttps is accepted", "as N70"},
    {"N75 redirects of other methods than GET",
     SITE ";com.github.nginx-proxy.nginx-proxy.non-get-redirect=307", "www.a.tld > www.a.tld",
     "non-get-redirect is not supported", "307 for POST and the like"},
    {"N76 port that redirects lead to", SITE ";HTTPS_METHOD=redirect", "www.a.tld > www.a.tld",
     BY_HTTP, "the port is a setting of lb: 301 to https://host:8443"},
    {"N77 port of its own", SITE ";EXTERNAL_HTTPS_PORT=8443", "www.a.tld > www.a.tld",
     "EXTERNAL_HTTPS_PORT is not supported", "it listens there"},
    {"N78 certificate of the parent", SITE, "www.a.tld > www.a.tld", NULL, "a.tld.crt is taken"},
    {"N79 certificate two labels up", "VIRTUAL_HOST=sub.www.a.tld", "sub.www.a.tld > sub.www.a.tld",
     NULL, "a.tld.crt is not taken"},
    {"N80 certificate of its own", "VIRTUAL_HOST=web1.a.tld", "web1.a.tld > web1.a.tld", NULL,
     "web1.a.tld.crt is taken before a.tld.crt"},
    {"N81 two labels have no parent", "VIRTUAL_HOST=a.tld", "a.tld > a.tld", NULL,
     "tld.crt is not looked for"},
    {"N82 name of the certificate", SITE ";CERT_NAME=shared", "www.a.tld > www.a.tld",
     "CERT_NAME is not supported", "shared.crt alone; without it, none"},
    {"N83 default certificate", SITE ";com.github.nginx-proxy.nginx-proxy.trust-default-cert=false",
     "www.a.tld > www.a.tld", "trust-default-cert is not supported", "as without a certificate"},
    {"N84 certificate without its key", SITE, "www.a.tld > www.a.tld", NULL,
     "as without a certificate"},
    {"N85 HSTS", SITE ";HSTS=max-age=86400; includeSubDomains", "www.a.tld > www.a.tld",
     "HSTS is not supported", "Strict-Transport-Security by https, also with 5xx"},
    {"N86 certificate for a wildcard", "VIRTUAL_HOST=*.a.tld", "*.a.tld > *.a.tld", NULL,
     "http: 301 to the same name; https: 200"},
    {"N87 challenge of ACME", SITE ";ACME_HTTP_CHALLENGE_LOCATION=true", "www.a.tld > www.a.tld",
     "ACME_HTTP_CHALLENGE_LOCATION is not supported",
     "/.well-known/acme-challenge/ is answered and not redirected"},
    {"N88 certificates of clients", SITE ";com.github.nginx-proxy.nginx-proxy.ssl_verify_client=on",
     "www.a.tld > 503", "nothing is served without it", "400 without a certificate"},
    {"N88 certificates of clients that are not asked for",
     SITE ";com.github.nginx-proxy.nginx-proxy.ssl_verify_client=off", "www.a.tld > www.a.tld",
     NULL, "the same"},
    {"N88 certificates of clients that may come without",
     SITE ";com.github.nginx-proxy.nginx-proxy.ssl_verify_client=optional", "www.a.tld > www.a.tld",
     "ssl_verify_client is not supported", "the same"},
    {"N89 versions and ciphers", SITE ";SSL_POLICY=Mozilla-Modern", "www.a.tld > www.a.tld",
     "SSL_POLICY is not supported", "TLS 1.3 alone"},
    {"N90 session tickets", SITE, "www.a.tld > www.a.tld", NULL, "none are given"},
    {"A1 certificates by ACME", SITE ";LETSENCRYPT_HOST=www.a.tld", "www.a.tld > www.a.tld",
     "certificates", "one is asked for"},
    {"A1 certificates by ACME, its newer word", SITE ";ACME_HOST=www.a.tld",
     "www.a.tld > www.a.tld", "certificates", "one is asked for"},
    {"A1 no site", "ACME_HOST=www.a.tld", "", NULL, "the same"},
    {"T26 router for TLS", ROUTER "tls=true", "", "TLS", "https alone is served"},
    {"T26 router without TLS", ROUTER "tls=false", "a > Test@docker", NULL, "http alone is served"},
    {"T26 router for TLS with a resolver", ROUTER "tls.certresolver=le", "", "TLS",
     "https alone is served"},
    {"T70 redirect to https",
     ROUTER "middlewares=m;traefik.http.middlewares.m.redirectscheme.scheme=https",
     "a > Test@docker", NULL, "the same: 301 or 302, 307 or 308"},
    {"T76 HSTS", ROUTER "middlewares=m;traefik.http.middlewares.m.headers.stsseconds=1",
     "a > Test@docker", "stsseconds is for TLS", "Strict-Transport-Security by https"},
    {"T88 redirect of an entry point", ROUTER "entrypoints=web", "a > Test@docker", NULL,
     "a setting of lb: 308 to https for all of that entry point"},
    {"F8 backend that speaks TLS", "SERVICE_80_TAGS=urlprefix-a/ proto=https", "a > a", NULL,
     "TLS to the backend, whose certificate is looked at"},
};

static void read_words(const char *words, struct offers *out)
{
    json_t *labels = json_object(), *environment = json_array();
    json_t *exposed = json_loads("{\"80/tcp\":{}}", 0, NULL);
    for (struct view rest = view_str(words); rest.ptr;) {
        struct view line = view_cut(&rest, ';'), value = line, name = view_cut(&value, '=');
        char *key = memory_copy(name.ptr, name.len);
        json_array_append_new(environment, json_stringn(line.ptr, line.len));
        json_object_set_new(labels, key, json_stringn(value.ptr, value.len));
        free(key);
    }
    dialect_read(&(struct dialect_container){.from = {.labels = labels, .environment = environment},
                                             .exposed = exposed,
                                             .image = "image",
                                             .name = "Test"},
                 out);
    json_decref(labels);
    json_decref(environment);
    json_decref(exposed);
}

static void check_row(void **state)
{
    const struct row *row = *state;
    struct offers offers;
    struct text got = TEXT_INIT;
    read_words(row->words, &offers);
    text_append_str(&got, "");
    for (size_t i = 0; i < offers.route_count; i++) {
        const struct route *route = &offers.routes[i];
        text_appendf(&got, "%s%.*s > ", i > 0 ? ";" : "", (int)route->host.text.len,
                     route->host.text.ptr);
        if (route->answer_status > 0)
            text_appendf(&got, "%u", route->answer_status);
        text_append(&got, route->service);
    }
    assert_string_equal(text_str(&got), row->routes);
    if (!offers.remark != !row->told || (row->told && !strstr(offers.remark, row->told)))
        fail_msg("told: %s, expected: %s", offers.remark ? offers.remark : "nothing",
                 row->told ? row->told : "nothing");
    assert_true(row->later[0] != '\0');
    text_fini(&got);
    offers_fini(&offers);
}

int main(void)
{
    struct CMUnitTest tests[COUNT(rows)];
    for (size_t i = 0; i < COUNT(rows); i++)
        tests[i] = (struct CMUnitTest){.name = rows[i].name,
                                       .test_func = check_row,
                                       .initial_state = (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
