/* Each test is a row of the table of nginx-proxy's words, and is called as the row is. What a route
 * then matches is the business of the table of routes. */
#include "discovery/dialect/nginx_proxy.h"

#include "lb/base/memory.h"

#include "tests/unit/discovery/dialect/claims_text.h"

struct words {
    const char *environment; /* variables, with ';' between them */
    const char *labels, *exposed;
    struct nginx_proxy_settings settings;
};

static json_t *variables_of(const char *words)
{
    json_t *array = json_array();
    struct view rest = view_str(words);
    while (rest.ptr) {
        struct view line = view_cut(&rest, ';');
        json_array_append_new(array, json_stringn(line.ptr, line.len));
    }
    return array;
}

static void read_words(const struct words *words, struct statement *said)
{
    json_t *environment = variables_of(words->environment);
    json_t *labels = words->labels ? json_loads(words->labels, 0, NULL) : NULL;
    json_t *exposed = json_loads(words->exposed ? words->exposed : "{\"80/tcp\":{}}", 0, NULL);
    statement_init(said);
    nginx_proxy_read(&(struct statement_source){.nginx_proxy = &words->settings,
                                                .labels = labels,
                                                .environment = environment,
                                                .exposed = exposed},
                     said);
    json_decref(environment);
    json_decref(labels);
    json_decref(exposed);
}

/* `remark`: words in what is told; NULL: nothing is. */
static void check(struct words words, const char *expected, const char *remark)
{
    struct statement said;
    read_words(&words, &said);
    char *got = claims_text(&said.claims), *told = claims_take_remark(&said.claims);
    if (strcmp(got, expected) != 0)
        fail_msg("%s:\n%s\nexpected:\n%s\ntold: %s", words.environment, got, expected,
                 told ? told : "nothing");
    if (!told != !remark || (told && !strstr(told, remark)))
        fail_msg("%s: told: %s, expected: %s", words.environment, told ? told : "nothing",
                 remark ? remark : "nothing");
    free(got);
    free(told);
    statement_fini(&said);
}

#define ROUTES(environment, expected) check((struct words){environment, 0, 0, {0}}, expected, NULL)
#define TOLD(environment, expected, remark)                                                        \
    check((struct words){environment, 0, 0, {0}}, expected, remark)
#define EXPOSED(environment, exposed, expected)                                                    \
    check((struct words){environment, NULL, exposed, {0}}, expected, NULL)

static void N1_without_virtual_host_nothing_is_routed(void **state)
{
    (void)state;
    ROUTES("PATH=/bin;VIRTUAL_PORT=90;NETWORK_ACCESS=internal", "");
}

static void N2_empty_virtual_host_is_none(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=", "");
    ROUTES("VIRTUAL_HOST=  \t", "");
    ROUTES("VIRTUAL_HOST=, ,", "");
}

static void N3_items_are_trimmed_and_empty_ones_dropped(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=,a.test, b.test ,", "host=a.test > a.test:80\nhost=b.test > b.test:80");
    TOLD("VIRTUAL_HOST=~", "", "host \"~\"");
    TOLD("VIRTUAL_HOST=.", "", "host");
    TOLD("VIRTUAL_HOST=a.test b.test,c.test", "host=c.test > c.test:80", "blank");
}

static void N4_leading_wildcard(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=*.x.test", "host=*.x.test > *.x.test:80");
    ROUTES("VIRTUAL_HOST=.x.test", "host=x.test > x.test:80\nhost=*.x.test > x.test:80");
}

static void N5_trailing_wildcard(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=test.x.*", "host=test.x.* > test.x.*:80");
}

static void N6_N7_regex(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=~^web3\\..*\\.x\\.regexp",
           "host_regex=^web3\\..*\\.x\\.regexp > ~^web3\\..*\\.x\\.regexp:80");
    ROUTES("VIRTUAL_HOST=~^web4\\..*\\.x\\.regexp$",
           "host_regex=^web4\\..*\\.x\\.regexp$ > ~^web4\\..*\\.x\\.regexp$:80");
    ROUTES("VIRTUAL_HOST=~^Web\\d", "host_regex=(?i)^Web\\d > ~^Web\\d:80");
    TOLD("VIRTUAL_HOST=~^(web,b.test", "host=b.test > b.test:80", "VIRTUAL_HOST: host_regex");
}

static void N10_hosts_are_in_small_letters(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=A.X.TEST.", "host=a.x.test > a.x.test:80");
}

static void N13_N14_default_host_gets_all_others(void **state)
{
    (void)state;
    check((struct words){"VIRTUAL_HOST=web0.test,web1.test", .settings = {"web1.test", NULL}},
          "host=web0.test > web0.test:80\nhost=web1.test > web1.test:80\n> web1.test:80", NULL);
    check((struct words){"VIRTUAL_HOST=*.test", .settings = {"*.test", NULL}},
          "host=*.test > *.test:80\n> *.test:80", NULL);
    check((struct words){"VIRTUAL_HOST=*.test", .settings = {"a.test", NULL}},
          "host=*.test > *.test:80", NULL);
    check((struct words){"VIRTUAL_HOST=a.test;VIRTUAL_PATH=/x", .settings = {"a.test", NULL}},
          "host=a.test path_start=/x > a.test/x:80\npath_start=/x > a.test/x:80", NULL);
}

static void N16_hosts_that_are_addresses(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=172.20.0.1,[fd00::1]",
           "host=172.20.0.1 > 172.20.0.1:80\nhost=[fd00::1] > [fd00::1]:80");
}

static void N18_multiports_come_before_virtual_host(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a.test;VIRTUAL_PORT=9;VIRTUAL_PATH=/x;VIRTUAL_HOST_MULTIPORTS=b.test:",
           "host=b.test > b.test:80");
}

#define EXPOSES(...) "{" #__VA_ARGS__ "}"

static void N20_eighty_of_several_ports(void **state)
{
    (void)state;
    EXPOSED("VIRTUAL_HOST=a", EXPOSES("80/tcp" : {}, "81/tcp" : {}), "host=a > a:80");
}

static void N21_only_port(void **state)
{
    (void)state;
    EXPOSED("VIRTUAL_HOST=a", EXPOSES("81/tcp" : {}), "host=a > a:81");
}

static void N22_N23_virtual_port_is_taken_as_it_is(void **state)
{
    (void)state;
    EXPOSED("VIRTUAL_HOST=a;VIRTUAL_PORT=90",
            EXPOSES("80/tcp"
                    : {}, "90/tcp"
                    : {}),
            "host=a > a:90");
    EXPOSED("VIRTUAL_HOST=a;VIRTUAL_PORT= 90 ", EXPOSES("80/tcp" : {}), "host=a > a:90");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PORT=80,81", "", "VIRTUAL_HOST_MULTIPORTS");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PORT=0", "", "1 to 65535");
}

static void N24_eighty_though_it_is_not_exposed(void **state)
{
    (void)state;
    EXPOSED("VIRTUAL_HOST=a", EXPOSES("8080/tcp" : {}, "9090/tcp" : {}), "host=a > a:80");
}

static void N25_only_tcp_ports_count(void **state)
{
    (void)state;
    EXPOSED("VIRTUAL_HOST=a", EXPOSES("443/tcp" : {}, "443/udp" : {}), "host=a > a:443");
}

static void N26_eighty_without_any_port(void **state)
{
    (void)state;
    EXPOSED("VIRTUAL_HOST=a", "{}", "host=a > a:80");
    EXPOSED("VIRTUAL_HOST=a", "[80]", "host=a > a:80");
}

/* The pool is called after host and path, whatever image, port and word it comes from. */
static void N27_N28_N60_same_host_and_path_are_one_pool(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a.test;VIRTUAL_PATH=/x;VIRTUAL_PORT=1",
           "host=a.test path_start=/x > a.test/x:1");
    ROUTES("VIRTUAL_HOST_MULTIPORTS={\"A.test\":{\"/x\":{\"port\":2}}}",
           "host=a.test path_start=/x > a.test/x:2");
}

static void N34_N35_N75_N83_N88_N105_labels_that_are_not_supported_are_told(void **state)
{
    static const char *const labels[] = {
        "com.github.nginx-proxy.nginx-proxy.loadbalance",
        "com.github.nginx-proxy.nginx-proxy.keepalive",
        "com.github.nginx-proxy.nginx-proxy.non-get-redirect",
        "com.github.nginx-proxy.nginx-proxy.trust-default-cert",
        "com.github.nginx-proxy.nginx-proxy.ssl_verify_client",
        "com.github.nginx-proxy.nginx-proxy.debug-endpoint",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(labels); i++) {
        char json[128];
        snprintf(json, sizeof(json), "{\"%s\":\"x\"}", labels[i]);
        check((struct words){"VIRTUAL_HOST=a", json, 0, {0}}, "host=a > a:80", labels[i]);
        check((struct words){"X=1", json, 0, {0}}, "", NULL); /* it is not routed by them */
    }
}

static void N40_N50_paths_are_prefixes_of_bytes(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=/app", "host=a path_start=/app > a/app:80");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=/", "host=a > a:80");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH== /app", "host=a path_exact=/app > a= /app:80");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=^~ /app", "host=a path_start=/app > a^~ /app:80");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PATH=app", "", "path");
}

static void N41_dest_of_slash_strips(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=/app/;VIRTUAL_DEST=/",
           "host=a path_start=/app/ strip=/app > a/app/:80");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_DEST=/", "host=a > a:80");
}

/* nginx sends //x on for /strip/x; lb sends /x, and says so. */
static void N42_path_without_and_dest_with_a_slash(void **state)
{
    (void)state;
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PATH=/strip;VIRTUAL_DEST=/",
         "host=a path_start=/strip strip=/strip > a/strip:80", "both VIRTUAL_PATH and");
}

/* nginx sends /basex on for /re/x; lb sends /base/x, and says so. */
static void N43_path_with_and_dest_without_a_slash(void **state)
{
    (void)state;
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PATH=/re/;VIRTUAL_DEST=/base",
         "host=a path_start=/re/ strip=/re add=/base > a/re/:80", "both VIRTUAL_PATH and");
}

static void N44_dest_takes_the_place_of_the_path(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=/re2/;VIRTUAL_DEST=/base/",
           "host=a path_start=/re2/ strip=/re2 add=/base > a/re2/:80");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=/;VIRTUAL_DEST=/base/", "host=a add=/base > a:80");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PATH=/x;VIRTUAL_DEST=base", "", "begins with /");
}

static void N45_regex_has_no_dest(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=~^/(r1|r2)/",
           "host=a path_regex=^/(r1|r2)/ > a~^/(r1|r2)/:80");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=~* ^/R1/", "host=a path_regex=(?i)^/R1/ > a~* ^/R1/:80");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PATH=~^/(r1|r2)/;VIRTUAL_DEST=/x", "", "regular expression");
}

#define MULTIPORTS "VIRTUAL_HOST_MULTIPORTS="

static void N55_empty_value_is_all_defaults(void **state)
{
    (void)state;
    ROUTES(MULTIPORTS "www.a.test:", "host=www.a.test > www.a.test:80");
    ROUTES(MULTIPORTS "{\"www.a.test\": {}}", "host=www.a.test > www.a.test:80");
    EXPOSED(MULTIPORTS "\n  www.a.test:\n  b.test: ~\n",
            EXPOSES("81/tcp"
                    : {}),
            "host=www.a.test > www.a.test:81\nhost=b.test > b.test:81");
    check((struct words){"X=1", "{\"VIRTUAL_HOST_MULTIPORTS\":\"a:\"}", 0, {0}}, "host=a > a:80",
          NULL);
    ROUTES(MULTIPORTS, "");
}

static void N56_port_of_a_path(void **state)
{
    (void)state;
    ROUTES(MULTIPORTS "a.test: {\"/\": {port: 8000}}", "host=a.test > a.test:8000");
    ROUTES(MULTIPORTS "{\"a.test\":\t{\"/\": {\"port\": 8000}}}", "host=a.test > a.test:8000");
    ROUTES(MULTIPORTS "\na.test:\n  \"/\":\n    port: \"8000\"\n", "host=a.test > a.test:8000");
    TOLD(MULTIPORTS "{a: {/: {port: x}, /b: {port: 9}}}", "host=a path_start=/b > a/b:9",
         "VIRTUAL_HOST_MULTIPORTS=\"x\" cannot be used");
}

static void N57_ports_and_dests_of_several_paths(void **state)
{
    (void)state;
    TOLD(MULTIPORTS "v.test: {\"/\": {}, \"/rootdest\": {port: 10001, dest: \"/\"}, "
                    "\"/customdest\": {port: 10002, dest: \"/port\"}}",
         "host=v.test > v.test:80\n"
         "host=v.test path_start=/rootdest strip=/rootdest > v.test/rootdest:10001\n"
         "host=v.test path_start=/customdest strip=/customdest add=/port "
         "> v.test/customdest:10002",
         "end in a slash");
}

static void N58_keys_that_are_no_paths(void **state)
{
    (void)state;
    TOLD(MULTIPORTS "a.test: {external_http_port: 8080, foo: 1, /x: {}}",
         "host=a.test path_start=/x > a.test/x:80", "external_http_port");
    TOLD(MULTIPORTS "a.test: {foo: 1}", "host=a.test > a.test:80", "foo");
}

static void N59_mistakes_leave_the_container_out(void **state)
{
    (void)state;
    TOLD(MULTIPORTS "a.test: {", "", "column 1");
    TOLD(MULTIPORTS "{\"a\":{},\"a\":{}}", "", "this key was there before");
    TOLD(MULTIPORTS "a: {/x: {}, /x: {}}", "", "this key was there before");
    TOLD(MULTIPORTS "a.test", "", "hosts with paths below them");
    TOLD(MULTIPORTS "a: &x {}\nb: *x", "", "anchors");
    TOLD(MULTIPORTS "a: {/: 80}", "", "port, dest and proto");
    TOLD(MULTIPORTS "a: 80\nb: ", "host=b > b:80", "a host has paths");
}

static void N61_N95_N96_protocols(void **state)
{
    (void)state;
    ROUTES(MULTIPORTS "a: {/x: {proto: https}}", "host=a path_start=/x > a/x:80 https");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PROTO=https", "host=a > a:80 https");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PROTO=grpc;VIRTUAL_PORT=9", "host=a > a:9 h2c");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PROTO=grpcs", "", "not supported");
}

static void N97_other_protocols_are_not_supported(void **state)
{
    (void)state;
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PROTO=fastcgi;VIRTUAL_ROOT=/x", "", "not supported");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PROTO=uwsgi", "", "not supported");
}

/* Without TLS it is as if there were no certificate: HTTP is served, whatever is asked for. */
static void N74_https_method_without_certificates(void **state)
{
    static const char *const methods[] = {"redirect", "noredirect", "nohttp"};
    (void)state;
    for (size_t i = 0; i < COUNT(methods); i++) {
        char environment[64];
        snprintf(environment, sizeof(environment), "VIRTUAL_HOST=a;HTTPS_METHOD=%s", methods[i]);
        TOLD(environment, "host=a > a:80", "HTTP is served");
    }
    ROUTES("VIRTUAL_HOST=a;HTTPS_METHOD=nohttps", "host=a > a:80");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_DEST=/x;ENABLE_HTTP_ON_MISSING_CERT=false", "host=a add=/x > 503",
         "nothing is served");
}

static void N77_N82_N85_N89_N103_words_that_are_not_supported_are_told(void **state)
{
    static const char *const words[] = {"EXTERNAL_HTTP_PORT", "EXTERNAL_HTTPS_PORT",
                                        "CERT_NAME",          "HSTS",
                                        "SSL_POLICY",         "SERVER_TOKENS"};
    (void)state;
    for (size_t i = 0; i < COUNT(words); i++) {
        char environment[64];
        snprintf(environment, sizeof(environment), "VIRTUAL_HOST=a;%s=x", words[i]);
        TOLD(environment, "host=a > a:80", words[i]);
    }
}

/* Until lb has TLS. */
static void A1_certificates_are_not_supported(void **state)
{
    (void)state;
    TOLD("VIRTUAL_HOST=a;LETSENCRYPT_HOST=a", "host=a > a:80", "certificates");
    TOLD("VIRTUAL_HOST=a;ACME_HOST=a", "host=a > a:80", "certificates");
    ROUTES("ACME_HOST=a", "");
}

#define INTERNAL(before, behind)                                                                   \
    before "client=127.0.0.0/8 " behind "\n" before "client=10.0.0.0/8 " behind "\n" before        \
           "client=172.16.0.0/12 " behind "\n" before "client=192.168.0.0/16 " behind "\n" before  \
           "> 403"

static void N101_internal_hosts_are_for_private_addresses(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a;NETWORK_ACCESS=internal", INTERNAL("host=a ", "> a:80"));
    ROUTES("VIRTUAL_HOST=a;NETWORK_ACCESS=external", "host=a > a:80");
    TOLD("VIRTUAL_HOST=a;NETWORK_ACCESS=intern", INTERNAL("host=a ", "> a:80"),
         "taken for internal");
    check((struct words){"VIRTUAL_HOST=a", .settings = {NULL, "internal"}},
          INTERNAL("host=a ", "> a:80"), NULL);
    check((struct words){"VIRTUAL_HOST=a;NETWORK_ACCESS=external", .settings = {NULL, "internal"}},
          "host=a > a:80", NULL);
}

static void test_variables_come_before_labels(void **state)
{
    (void)state;
    check(
        (struct words){"VIRTUAL_HOST=a", "{\"VIRTUAL_HOST\":\"b\",\"VIRTUAL_PORT\":\"9\"}", 0, {0}},
        "host=a > a:9", NULL);
    check((struct words){"VIRTUAL_HOST=", "{\"VIRTUAL_HOST\":\"b\"}", 0, {0}}, "host=b > b:80",
          NULL);
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_HOST=b", "host=b > b:80");
}

static void test_claims_are_bounded(void **state)
{
    struct text environment = TEXT_INIT;
    struct statement said;
    (void)state;
    text_append_str(&environment, "VIRTUAL_HOST=");
    for (int i = 0; i < 3000; i++)
        text_appendf(&environment, "h%d,", i);
    read_words(&(struct words){.environment = text_str(&environment)}, &said);
    assert_int_equal(said.claims.route_count, CLAIMS_ROUTES_MAX);
    char *told = claims_take_remark(&said.claims);
    assert_non_null(strstr(told, "more than 1024 routes"));
    assert_true(strlen(told) <= 1024);
    free(told);
    statement_fini(&said);
    text_fini(&environment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(N1_without_virtual_host_nothing_is_routed),
        cmocka_unit_test(N2_empty_virtual_host_is_none),
        cmocka_unit_test(N3_items_are_trimmed_and_empty_ones_dropped),
        cmocka_unit_test(N4_leading_wildcard),
        cmocka_unit_test(N5_trailing_wildcard),
        cmocka_unit_test(N6_N7_regex),
        cmocka_unit_test(N10_hosts_are_in_small_letters),
        cmocka_unit_test(N13_N14_default_host_gets_all_others),
        cmocka_unit_test(N16_hosts_that_are_addresses),
        cmocka_unit_test(N18_multiports_come_before_virtual_host),
        cmocka_unit_test(N20_eighty_of_several_ports),
        cmocka_unit_test(N21_only_port),
        cmocka_unit_test(N22_N23_virtual_port_is_taken_as_it_is),
        cmocka_unit_test(N24_eighty_though_it_is_not_exposed),
        cmocka_unit_test(N25_only_tcp_ports_count),
        cmocka_unit_test(N26_eighty_without_any_port),
        cmocka_unit_test(N27_N28_N60_same_host_and_path_are_one_pool),
        cmocka_unit_test(N34_N35_N75_N83_N88_N105_labels_that_are_not_supported_are_told),
        cmocka_unit_test(N40_N50_paths_are_prefixes_of_bytes),
        cmocka_unit_test(N41_dest_of_slash_strips),
        cmocka_unit_test(N42_path_without_and_dest_with_a_slash),
        cmocka_unit_test(N43_path_with_and_dest_without_a_slash),
        cmocka_unit_test(N44_dest_takes_the_place_of_the_path),
        cmocka_unit_test(N45_regex_has_no_dest),
        cmocka_unit_test(N55_empty_value_is_all_defaults),
        cmocka_unit_test(N56_port_of_a_path),
        cmocka_unit_test(N57_ports_and_dests_of_several_paths),
        cmocka_unit_test(N58_keys_that_are_no_paths),
        cmocka_unit_test(N59_mistakes_leave_the_container_out),
        cmocka_unit_test(N61_N95_N96_protocols),
        cmocka_unit_test(N97_other_protocols_are_not_supported),
        cmocka_unit_test(N74_https_method_without_certificates),
        cmocka_unit_test(N77_N82_N85_N89_N103_words_that_are_not_supported_are_told),
        cmocka_unit_test(A1_certificates_are_not_supported),
        cmocka_unit_test(N101_internal_hosts_are_for_private_addresses),
        cmocka_unit_test(test_variables_come_before_labels),
        cmocka_unit_test(test_claims_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
