/* Who may come by http, and who by https; rows of nginx-proxy's behaviour are named by their numbers. */
#include "lb/proxy/securing.h"

#include "tests/unit/proxy/securing_case.h"

/* NULL: it is served. */
struct row {
    const char *said, *status, *location;
};

static void assert_row(const struct row *row, const char *method, const char *target)
{
    char want[200];
    route_saying(row->said);
    ask(method, target, "");
    if (!row->status) {
        assert_goes_on();
        return;
    }
    const char *heard = world_hear(client);
    snprintf(want, sizeof(want), "\r\nLocation: %s\r\n", row->location ? row->location : "");
    if (strncmp(heard + 9, row->status, 3) != 0 || (row->location && !strstr(heard, want)))
        fail_msg("%s, %s %s: %.300s", row->said, method, target, heard);
    assert_null(strstr(heard, "Strict-Transport"));
}

static void test_by_http(void **state)
{
    static const struct row rows[] = {
        {"", "308", "https://a.test/p?q"},                                /* lb's own way */
        {"https=redirect|https-status=301", "301", "https://a.test/p?q"}, /* N70 */
        {"https=noredirect", NULL, NULL},                                 /* N71 */
        {"https=nohttp", "503", NULL},                                    /* N72 */
        {"https=nohttps", NULL, NULL},                                    /* N73 */
        {"https-port=8443", "308", "https://a.test:8443/p?q"},            /* N76 */
        {"https-port=443", "308", "https://a.test/p?q"},
        {"certificate=other", NULL, NULL}, /* N82: it has none */
        {"redirect=302 https://c.test/", "308", "https://a.test/p?q"},
        {"deny=0.0.0.0/0", "308", "https://a.test/p?q"},
    };
    (void)state;
    tls.has_own = true;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_row(&rows[i], "GET", "/p?q");
}

static void test_a_status_for_each_method(void **state)
{
    static const struct row get = {"https-status=301 307", "301", "https://a.test/x"},
                            other = {"https-status=301 307", "307", "https://a.test/x"};
    (void)state;
    tls.has_own = true;
    assert_row(&get, "GET", "/x"); /* N75 */
    assert_row(&get, "HEAD", "/x");
    assert_row(&other, "POST", "/x");
    assert_row(&other, "DELETE", "/x");
    assert_row(&(struct row){"https-status=301", "301", "https://a.test/x"}, "POST", "/x");
    assert_row(&(struct row){"", "308", "https://a.test/x"}, "POST", "/x");
}

static void test_without_a_certificate(void **state)
{
    static const struct row rows[] = {
        {"https=redirect", NULL, NULL}, /* N74 */
        {"https=nohttp", NULL, NULL},
        {"https=redirect|missing-certificate=refuse", "308", "https://a.test/"},
        {"https=nohttp|missing-certificate=refuse", "503", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_row(&rows[i], "GET", "/");
    listen_for_tls(false);
    tls.has_own = true;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_row(&rows[i], "GET", "/");
}

static void test_the_default_certificate_counts(void **state)
{
    (void)state;
    tls.has_default = true;
    assert_row(&(struct row){"", "308", "https://a.test/"}, "GET", "/"); /* N83 */
    assert_row(&(struct row){"default-certificate=no", NULL, NULL}, "GET", "/");
    assert_row(&(struct row){"certificate=shared", NULL, NULL}, "GET", "/"); /* N82 */
    tls.has_named = true;
    assert_row(&(struct row){"certificate=shared", "308", "https://a.test/"}, "GET", "/");
    assert_row(&(struct row){"default-certificate=no|https=nohttp", NULL, NULL}, "GET", "/");
}

static void test_hosts_as_they_are_written(void **state)
{
    static const struct {
        const char *request, *location; /* NULL: it goes on */
    } rows[] = {
        {"GET /x HTTP/1.1\r\nHost: A.Test:8080\r\n\r\n", "https://A.Test/x"},
        {"GET /x HTTP/1.1\r\nHost: [2001:db8::1]:80\r\n\r\n", "https://[2001:db8::1]/x"},
        {"GET http://a.test:80/x?y HTTP/1.1\r\nHost: a.test:80\r\n\r\n", "https://a.test/x?y"},
        {"GET /.well-known/acme-challenge/x HTTP/1.1\r\nHost: a.test\r\n\r\n", NULL}, /* N87 */
        {"OPTIONS * HTTP/1.1\r\nHost: a.test\r\n\r\n", NULL},
        {"GET / HTTP/1.0\r\n\r\n", NULL},
        {"GET / HTTP/1.1\r\nHost: c.test\r\n\r\n", NULL},
    };
    (void)state;
    tls.has_own = true;
    for (size_t i = 0; i < COUNT(rows); i++) { /* there are no routes */
        client = world_client(&world);
        world_say(client, rows[i].request);
        if (!rows[i].location) {
            assert_goes_on();
            continue;
        }
        const char *heard = world_hear(client), *at = strstr(heard, "\r\nLocation: ");
        if (!at || strncmp(at + 12, rows[i].location, strlen(rows[i].location)) != 0 ||
            at[12 + strlen(rows[i].location)] != '\r')
            fail_msg("%s: %.300s", rows[i].request, heard);
    }
}

static void test_what_a_trusted_proxy_got_by_https_is_there(void **state)
{
    (void)state;
    tls.has_own = true;
    route_saying("");
    ask("GET", "/", "X-Forwarded-Proto: https\r\n");
    assert_status(client, "308"); /* anybody can say so */
    world.env.crowd.options.trust = (struct trust){trusted, COUNT(trusted)};
    client = world_client(&world);
    ask("GET", "/", "X-Forwarded-Proto: https\r\n");
    assert_goes_on();
    ask("GET", "/", "X-Forwarded-Proto: http\r\n");
    assert_status(client, "308");
    route_saying("https=nohttp");
    ask("GET", "/", "X-Forwarded-Proto: wss, http\r\n");
    assert_goes_on();
}

/* ---- by https -------------------------------------------------------------------------------- */

static void ask_securely(const char *said, const char *host, const char *fields)
{
    struct text request = TEXT_INIT;
    route_saying(said);
    client = world_client(&world);
    shake_hands("a.test");
    text_appendf(&request, "GET / HTTP/1.1\r\nHost: %s\r\n%s\r\n", host, fields);
    world_say(client, text_str(&request));
    text_fini(&request);
}

static void assert_refused(const char *said, const char *host, enum err end, const char *piece)
{
    ask_securely(said, host, "");
    assert_end(&world, end);
    assert_heard(client, piece);
}

static void test_what_a_backend_is_told(void **state)
{
    (void)state;
    tls.has_own = true;
    ask_securely(
        "", "a.test:8443",
        "X-Forwarded-Ssl: f00\r\nX-Forwarded-Proto: http\r\nX-SSL-Client-Verify: SUCCESS\r\n"
        "x_ssl_client_s_dn: CN=me\r\nClient-Cert: :AA==:\r\n");
    const char *heard = assert_goes_on(); /* N98 */
    assert_non_null(strstr(heard, "\r\nX-Forwarded-Proto: https\r\n"));
    assert_non_null(strstr(heard, "\r\nX-Forwarded-Port: 8443\r\n"));
    assert_non_null(strstr(heard, "\r\nX-Forwarded-Ssl: on\r\n"));
    assert_null(strstr(heard, "f00"));
    assert_null(strcasestr(heard, "client"));
    ask_securely("", "a.test", "");
    assert_non_null(strstr(assert_goes_on(), "\r\nX-Forwarded-Port: 443\r\n"));
}

static void test_what_is_not_served_by_https(void **state)
{
    (void)state;
    tls.has_own = tls.has_default = true;
    assert_refused("https=nohttps", "a.test", ERR_OTHER_SCHEME, " 503 "); /* N73 */
    tls.has_own = false;
    assert_refused("default-certificate=no", "a.test", ERR_OTHER_SCHEME, " 503 ");
    assert_refused("certificate=shared", "a.test", ERR_OTHER_SCHEME, " 503 ");
    ask_securely("https=nohttp", "a.test", "");
    assert_goes_on();
}

static const char *answer_to(const char *said, const char *answer)
{
    ask_securely(said, "a.test", "");
    assert_non_null(strstr(world_hear(world_backend(0)), "GET /"));
    world_say(world_backend(0), answer);
    return world_hear(client);
}

#define STS "\r\nStrict-Transport-Security: "

static void test_hsts(void **state)
{
    (void)state;
    tls.has_own = true;
    assert_null(strstr(answer_to("", OK), STS)); /* lb's own way: off */
    assert_non_null(strstr(answer_to("hsts=max-age=86400; includeSubDomains", OK),
                           STS "max-age=86400; includeSubDomains\r\n")); /* N85 */
    assert_non_null(strstr(answer_to("hsts=max-age=5", "HTTP/1.1 500 No\r\nContent-Length: "
                                                       "0\r\nStrict-Transport-Security: a\r\n\r\n"),
                           STS "max-age=5\r\n"));
    assert_null(strstr(answer_to("hsts=off|https=noredirect", OK), STS)); /* N71 */
    assert_non_null(strstr(answer_to("hsts=max-age=5|https=noredirect", OK), STS "max-age=5\r\n"));
    world.env.options.https.hsts = VIEW("max-age=7");
    assert_null(strstr(answer_to("https=noredirect", OK), STS));
    world.env.options.https.method = HTTPS_NOREDIRECT;
    assert_null(strstr(answer_to("hsts=max-age=5", OK), STS));
    world.env.options.https.method = HTTPS_REDIRECT;
    assert_non_null(strstr(answer_to("", OK), STS "max-age=7\r\n"));
    assert_null(strstr(answer_to("hsts=off", OK), STS));
    ask_securely("hsts=max-age=5|deny=0.0.0.0/0", "a.test", "");
    assert_heard(client, STS "max-age=5\r\n");
    assert_end(&world, ERR_FORBIDDEN);
    ask_securely("hsts=max-age=5|https=nohttps", "a.test", "");
    assert_null(strstr(world_hear(client), STS));
}

/* ---- other hosts, and clients with certificates ----------------------------------------------- */

static void test_misdirected(void **state)
{
    (void)state;
    tls.has_own = true;
    assert_refused("", "c.test", ERR_MISDIRECTED, " 421 ");
    tls.covered = "c.test";
    ask_securely("", "c.test", "");
    assert_goes_on();
    tls.covered = "b.test";
    tls.other.client_ca = (void *)&pretended; /* by another handshake it would be asked for one */
    assert_refused("", "b.test", ERR_MISDIRECTED, " 421 ");
    tls.facts.client = TLS_CLIENT_VALID;
    tls.judge = (void *)&tls; /* another one */
    assert_refused("", "b.test", ERR_MISDIRECTED, " 421 ");
    tls.judge = tls.other.client_ca;
    ask_securely("", "b.test", "");
    assert_goes_on();
    tls.facts.client = TLS_CLIENT_NOT_ASKED;
    tls.judge = NULL;
    client = world_client(&world);
    shake_hands(""); /* nor does one get in that names nobody */
    world_say(client, "GET / HTTP/1.1\r\nHost: b.test\r\n\r\n");
    assert_status(client, "421");
}

static void test_clients_with_certificates(void **state)
{
    static const struct {
        enum tls_client_verdict verdict;
        const char *said;
        enum err end; /* ERR_OK: it is served */
        const char *told;
    } rows[] = {
        {TLS_CLIENT_NONE, "", ERR_NO_CERTIFICATE, "No required SSL certificate was sent"}, /* N88 */
        {TLS_CLIENT_INVALID, "", ERR_BAD_CERTIFICATE, "The SSL certificate error"},
        {TLS_CLIENT_VALID, "", ERR_OK,
         "\r\nX-SSL-Client-Verify: SUCCESS\r\nX-SSL-Client-S-DN: CN=J?,O=x\r\n"
         "X-SSL-Client-Fingerprint: 0a1b\r\n"},
        {TLS_CLIENT_NONE, "client-certificate=on", ERR_NO_CERTIFICATE, " 400 "},
        {TLS_CLIENT_NOT_ASKED, "client-certificate=on", ERR_NO_CERTIFICATE, " 400 "},
        {TLS_CLIENT_NOT_ASKED, "client-certificate=optional", ERR_OK, "\r\nX-Forwarded-Ssl: on"},
        {TLS_CLIENT_NONE, "client-certificate=optional", ERR_OK,
         "\r\nX-SSL-Client-Verify: NONE\r\n"},
        {TLS_CLIENT_INVALID, "client-certificate=optional", ERR_BAD_CERTIFICATE, " 400 "},
        {TLS_CLIENT_INVALID, "client-certificate=optional_no_ca", ERR_OK,
         "\r\nX-SSL-Client-Verify: FAILED:it was revoked\r\n"},
        {TLS_CLIENT_NONE, "client-certificate=off", ERR_OK, "\r\nX-SSL-Client-Verify: NONE\r\n"},
    };
    (void)state;
    tls.has_own = true;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool is_shown = rows[i].verdict >= TLS_CLIENT_VALID;
        tls.facts =
            (struct tls_session_facts){.client = rows[i].verdict,
                                       .client_subject = is_shown ? VIEW("CN=J\n,O=x") : VIEW(""),
                                       .client_fingerprint = is_shown ? VIEW("0a1b") : VIEW(""),
                                       .client_problem = VIEW("it was revoked")};
        ask_securely(rows[i].said, "a.test", "X-SSL-Client-S-DN: CN=root\r\n");
        const char *heard = rows[i].end ? world_hear(client) : assert_goes_on();
        if (!strstr(heard, rows[i].told) || strstr(heard, "CN=root"))
            fail_msg("row %zu: %s", i, heard);
        assert_end(&world, rows[i].end);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST_TLS(test_by_http),
        TEST_TLS(test_a_status_for_each_method),
        TEST_TLS(test_without_a_certificate),
        TEST_TLS(test_the_default_certificate_counts),
        TEST_TLS(test_hosts_as_they_are_written),
        TEST_TLS(test_what_a_trusted_proxy_got_by_https_is_there),
        TEST_TLS(test_what_a_backend_is_told),
        TEST_TLS(test_what_is_not_served_by_https),
        TEST_TLS(test_hsts),
        TEST_TLS(test_misdirected),
        TEST_TLS(test_clients_with_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
