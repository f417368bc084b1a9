/* Each test is a row of the table of nginx-proxy's words, and is called as the row is. What a route
 * then matches is the business of the table of routes. */
#include "tests/unit/discovery/dialect/nginx_proxy_given.h"

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

static void test_what_is_no_host_is_told(void **state)
{
    (void)state;
    TOLD("VIRTUAL_HOST=a.test:8080,b.test", "host=b.test > b.test:80", "has a colon inside");
    TOLD("VIRTUAL_HOST=http://a.test,b.test", "host=b.test > b.test:80", "has a scheme");
    TOLD("VIRTUAL_HOST=b\xC3\xBC.test", "", "A-labels");
    TOLD("VIRTUAL_HOST=a.*.test,b.test", "host=b.test > b.test:80", "* in the middle");
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

static void N6_regex(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=~^web3\\..*\\.x\\.regexp",
           "host_regex=^web3\\..*\\.x\\.regexp > ~^web3\\..*\\.x\\.regexp:80");
    ROUTES("VIRTUAL_HOST=~^Web\\d", "host_regex=(?i)^Web\\d > ~^Web\\d:80");
    TOLD("VIRTUAL_HOST=~^(web,b.test", "host=b.test > b.test:80", "VIRTUAL_HOST: host_regex");
}

static void N7_regex_with_an_end(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=~^web4\\..*\\.x\\.regexp$",
           "host_regex=^web4\\..*\\.x\\.regexp$ > ~^web4\\..*\\.x\\.regexp$:80");
}

static void N10_hosts_are_in_small_letters(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=A.X.TEST.", "host=a.x.test > a.x.test:80");
}

static void N13_default_host_gets_all_others(void **state)
{
    (void)state;
    check((struct words){"VIRTUAL_HOST=web0.test,web1.test", .settings = {"web1.test", NULL}},
          "host=web0.test > web0.test:80\nhost=web1.test > web1.test:80\n> web1.test:80", NULL);
    check((struct words){"VIRTUAL_HOST=*.test", .settings = {"*.test", NULL}},
          "host=*.test > *.test:80\n> *.test:80", NULL);
    check((struct words){"VIRTUAL_HOST=a.test;VIRTUAL_PATH=/x", .settings = {"a.test", NULL}},
          "host=a.test path_start=/x > a.test/x:80\npath_start=/x > a.test/x:80", NULL);
}

static void N14_default_host_that_nobody_has(void **state)
{
    (void)state;
    check((struct words){"VIRTUAL_HOST=*.test", .settings = {"a.test", NULL}},
          "host=*.test > *.test:80", NULL);
    check((struct words){"VIRTUAL_HOST=a.test", .settings = {"A.test", NULL}},
          "host=a.test > a.test:80", NULL);
}

static void N16_hosts_that_are_addresses(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=172.20.0.1,[fd00::1]",
           "host=172.20.0.1 > 172.20.0.1:80\nhost=[fd00::1] > [fd00::1]:80");
}

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

static void N22_virtual_port(void **state)
{
    (void)state;
    EXPOSED("VIRTUAL_HOST=a;VIRTUAL_PORT=90",
            EXPOSES("80/tcp"
                    : {}, "90/tcp"
                    : {}),
            "host=a > a:90");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PORT=80,81", "host=a > 503", "VIRTUAL_HOST_MULTIPORTS");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PORT=0", "host=a > 503", "1 to 65535");
}

static void N23_virtual_port_that_is_not_exposed(void **state)
{
    (void)state;
    EXPOSED("VIRTUAL_HOST=a;VIRTUAL_PORT= 90 ", EXPOSES("80/tcp" : {}), "host=a > a:90");
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

/* The pool is called after host and path, whatever image and word it comes from. */
static void N27_same_host_and_path_are_one_pool(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a.test;VIRTUAL_PATH=/x", "host=a.test path_start=/x > a.test/x:80");
    ROUTES("VIRTUAL_HOST=A.test;VIRTUAL_PATH=/x", "host=a.test path_start=/x > a.test/x:80");
    ROUTES("VIRTUAL_HOST=a.test;VIRTUAL_PATH=/y", "host=a.test path_start=/y > a.test/y:80");
}

static void N28_each_with_its_port(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a.test;VIRTUAL_PORT=1", "host=a.test > a.test:1");
    ROUTES("VIRTUAL_HOST=a.test;VIRTUAL_PORT=2", "host=a.test > a.test:2");
}

/* It is told, and nobody is routed by it alone. */
static void check_label(const char *word)
{
    char json[128], remark[128];
    snprintf(json, sizeof(json), "{\"com.github.nginx-proxy.nginx-proxy.%s\":\"x\"}", word);
    snprintf(remark, sizeof(remark), "nginx-proxy.%s is not supported", word);
    check((struct words){"VIRTUAL_HOST=a", json, 0, {0}}, "host=a > a:80", remark);
    check((struct words){"X=1", json, 0, {0}}, "", NULL);
}

#define LABEL(word, value) "{\"com.github.nginx-proxy.nginx-proxy." word "\":\"" value "\"}"

static void check_balance(const char *directive, const char *expected, const char *remark)
{
    char json[160], routes[160];
    snprintf(json, sizeof(json), LABEL("loadbalance", "%s"), directive);
    snprintf(routes, sizeof(routes), "host=a > a:80%s%s", expected[0] ? " balance=" : "", expected);
    check((struct words){"VIRTUAL_HOST=a", json, 0, {0}}, routes, remark);
    check((struct words){"X=1", json, 0, {0}}, "", NULL);
}

static void N34_directives_of_the_pool(void **state)
{
    (void)state;
    check_balance("least_conn;", "least-requests", NULL);
    check_balance("ip_hash;", "hash client", NULL);
    check_balance("hash $remote_addr;", "hash client", NULL);
    check_balance(" hash  $binary_remote_addr consistent ; ", "hash client", NULL);
    check_balance("hash $request_uri consistent", "hash path", NULL);
    check_balance("hash $http_x_user_id;", "hash header x-user-id", NULL);
    check_balance("hash $cookie_sid;", "hash cookie sid", NULL);
    check_balance("random two least_conn;", "least-requests", NULL);
    check_balance("random two;", "least-requests", NULL);
    check_balance("random;", "round-robin", "servers take turns instead");
    check_balance("hash $scheme;", "", "one of least_conn, ip_hash");
    check_balance("hash $cookie_;", "", "one of least_conn, ip_hash");
    check_balance("hash;", "", "one of least_conn, ip_hash");
    check_balance("least_conn; zone x 64k;", "", "one of least_conn, ip_hash");
    check_balance("sticky;", "", "one of least_conn, ip_hash");
}

static void N34_of_each_pool(void **state)
{
    (void)state;
    check((struct words){"VIRTUAL_HOST=a,b", LABEL("loadbalance", "least_conn;"), 0, {0}},
          "host=a > a:80 balance=least-requests\nhost=b > b:80 balance=least-requests", NULL);
}

static void check_keepalive(const char *value, enum capacity_choice expected, const char *remark)
{
    char json[160];
    struct statement said;
    snprintf(json, sizeof(json), LABEL("keepalive", "%s"), value);
    struct words words = {"VIRTUAL_HOST=a", json, 0, {0}};
    check(words, "host=a > a:80", remark);
    read_words(&words, &said);
    assert_int_equal(said.options.capacity.keepalive, expected);
    statement_fini(&said);
}

static void N35_kept_connections(void **state)
{
    (void)state;
    check_keepalive("auto", CAPACITY_UNSAID, NULL);
    check_keepalive("64", CAPACITY_UNSAID, NULL);
    check_keepalive("disabled", CAPACITY_NO, NULL);
    check_keepalive("x", CAPACITY_UNSAID, "auto, disabled or a number");
}

static void N40_paths_are_prefixes_of_bytes(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=/app", "host=a path_start=/app > a/app:80");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=/", "host=a > a:80");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH== /app", "host=a path_exact=/app > a= /app:80");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=^~ /app", "host=a path_start=/app > a^~ /app:80");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PATH=app", "", "path");
}

static void N50_paths_have_case(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=/App", "host=a path_start=/App > a/App:80");
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
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PATH=/x;VIRTUAL_DEST=base", "host=a path_start=/x > 503",
         "begins with /");
}

static void N45_regex_has_no_dest(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=~^/(r1|r2)/",
           "host=a path_regex=^/(r1|r2)/ > a~^/(r1|r2)/:80");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PATH=~* ^/R1/", "host=a path_regex=(?i)^/R1/ > a~* ^/R1/:80");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PATH=~^/(r1|r2)/;VIRTUAL_DEST=/x",
         "host=a path_regex=^/(r1|r2)/ > 503", "regular expression");
}

static void N95_https(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PROTO=https", "host=a > a:80 https");
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PROTO=https;VIRTUAL_PORT=443", "host=a > a:443 https");
}

static void N96_grpc(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a;VIRTUAL_PROTO=grpc;VIRTUAL_PORT=9", "host=a > a:9 h2c");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PROTO=grpcs", "host=a > 503", "VIRTUAL_PROTO=\"grpcs\"");
}

static void N97_other_protocols_are_not_supported(void **state)
{
    (void)state;
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PROTO=fastcgi;VIRTUAL_ROOT=/x", "host=a > 503", "not supported");
    TOLD("VIRTUAL_HOST=a;VIRTUAL_PROTO=uwsgi", "host=a > 503", "not supported");
}

static void check_word(const char *word)
{
    char environment[64], remark[64];
    snprintf(environment, sizeof(environment), "VIRTUAL_HOST=a;%s=x", word);
    snprintf(remark, sizeof(remark), "%s is not supported", word);
    TOLD(environment, "host=a > a:80", remark);
}

static void N77_ports_of_its_own(void **state)
{
    (void)state;
    check_word("EXTERNAL_HTTP_PORT");
    check_word("EXTERNAL_HTTPS_PORT");
}

#define WITH_FILES(environment, expected)                                                          \
    check((struct words){environment, 0, 0, {.has_htpasswd = true}}, expected, NULL)
#define SHA1_OF_SLASH "42099b4af021e53fd8fd4e056c2568d7c2e3ffa8"

/* Where the operator has files of users. */
static void N102_files_of_users(void **state)
{
    (void)state;
    ROUTES("VIRTUAL_HOST=a.test", "host=a.test > a.test:80");
    WITH_FILES("VIRTUAL_HOST=a.test", "host=a.test auth-file=a.test_" SHA1_OF_SLASH "?, a.test? "
                                      "auth-realm=Restricted a.test auth-keep=true > a.test:80");
    WITH_FILES("VIRTUAL_HOST=A.test;VIRTUAL_PATH=/x",
               "host=a.test path_start=/x "
               "auth-file=a.test_629e2b1dc0b26083ad30bab39cfc78645dd00372?, a.test? "
               "auth-realm=Restricted a.test auth-keep=true > a.test/x:80");
    WITH_FILES("VIRTUAL_HOST=~^a\\.",
               "host_regex=^a\\. auth-file=68af968d3301fb93cea531a12862d1f2ddafe143_" SHA1_OF_SLASH
               "?, 68af968d3301fb93cea531a12862d1f2ddafe143? "
               "auth-realm=Restricted access auth-keep=true > ~^a\\.:80");
    check((struct words){"VIRTUAL_HOST=a;VIRTUAL_PROTO=fastcgi", 0, 0, {.has_htpasswd = true}},
          "host=a > 503", "not supported");
}

static void N103_server_tokens(void **state)
{
    (void)state;
    check_word("SERVER_TOKENS");
    ROUTES("VIRTUAL_HOST=a;SERVER_TOKENS=off", "host=a > a:80");
}

static void N105_debug_endpoint(void **state)
{
    (void)state;
    check_label("debug-endpoint");
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
        cmocka_unit_test(test_what_is_no_host_is_told),
        cmocka_unit_test(N4_leading_wildcard),
        cmocka_unit_test(N5_trailing_wildcard),
        cmocka_unit_test(N6_regex),
        cmocka_unit_test(N7_regex_with_an_end),
        cmocka_unit_test(N10_hosts_are_in_small_letters),
        cmocka_unit_test(N13_default_host_gets_all_others),
        cmocka_unit_test(N14_default_host_that_nobody_has),
        cmocka_unit_test(N16_hosts_that_are_addresses),
        cmocka_unit_test(N20_eighty_of_several_ports),
        cmocka_unit_test(N21_only_port),
        cmocka_unit_test(N22_virtual_port),
        cmocka_unit_test(N23_virtual_port_that_is_not_exposed),
        cmocka_unit_test(N24_eighty_though_it_is_not_exposed),
        cmocka_unit_test(N25_only_tcp_ports_count),
        cmocka_unit_test(N26_eighty_without_any_port),
        cmocka_unit_test(N27_same_host_and_path_are_one_pool),
        cmocka_unit_test(N28_each_with_its_port),
        cmocka_unit_test(N34_directives_of_the_pool),
        cmocka_unit_test(N34_of_each_pool),
        cmocka_unit_test(N35_kept_connections),
        cmocka_unit_test(N40_paths_are_prefixes_of_bytes),
        cmocka_unit_test(N50_paths_have_case),
        cmocka_unit_test(N41_dest_of_slash_strips),
        cmocka_unit_test(N42_path_without_and_dest_with_a_slash),
        cmocka_unit_test(N43_path_with_and_dest_without_a_slash),
        cmocka_unit_test(N44_dest_takes_the_place_of_the_path),
        cmocka_unit_test(N45_regex_has_no_dest),
        cmocka_unit_test(N95_https),
        cmocka_unit_test(N96_grpc),
        cmocka_unit_test(N97_other_protocols_are_not_supported),
        cmocka_unit_test(N77_ports_of_its_own),
        cmocka_unit_test(N102_files_of_users),
        cmocka_unit_test(N103_server_tokens),
        cmocka_unit_test(N105_debug_endpoint),
        cmocka_unit_test(N101_internal_hosts_are_for_private_addresses),
        cmocka_unit_test(test_variables_come_before_labels),
        cmocka_unit_test(test_claims_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
