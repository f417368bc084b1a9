#include "discovery/dialect/lb_sites.h"

#include "tests/unit/discovery/dialect/claims_text.h"

static void check(const char *labels, const char *expected, const char *remark)
{
    json_t *l = json_loads(labels, 0, NULL);
    struct claims claims = {0};
    assert_non_null(l);
    lb_sites_read(&(struct statement_source){.labels = l}, &claims);
    char *got = claims_text(&claims), *told = claims_take_remark(&claims);
    if (strcmp(got, expected) != 0)
        fail_msg("%s:\n%s\nexpected:\n%s\ntold: %s", labels, got, expected,
                 told ? told : "nothing");
    if (!told != !remark || (told && remark && !strstr(told, remark)))
        fail_msg("%s: told: %s, expected: %s", labels, told ? told : "nothing",
                 remark ? remark : "nothing");
    free(got);
    free(told);
    claims_fini(&claims);
    json_decref(l);
}

#define L(...) "{" #__VA_ARGS__ "}"

static void test_hosts_of_the_container(void **state)
{
    (void)state;
    check(L("lb.host" : "a.test"), "host=a.test > a.test:0", NULL);
    check(L("lb.host"
            : "A.test, *.b.test,,~^c\\d$"),
          "host=a.test > a.test:0\nhost=*.b.test > *.b.test:0\nhost_regex=^c\\d$ > ~^c\\d$:0",
          NULL);
    check(L("lb.host" : ".a.test"), "host=a.test > a.test:0\nhost=*.a.test > a.test:0", NULL);
    check(L("lb.host" : ""), "", NULL);
    check(L("lb.host" : 1), "", NULL);
    check(L("lb.host" : "*."), "", "lb.host: host \"*.\" is empty");
    check(L("lb.host" : "."), "", "lb.host: host \".\" begins with a dot");
    check(L("lb.host" : "a b, c.test"), "host=c.test > c.test:0", "lb.host: host \"a b\"");
}

static void test_paths_begin_on_segments(void **state)
{
    (void)state;
    check(L("lb.path" : "/api"), "path=/api > /api:0", NULL);
    check(L("lb.host" : "a.test", "lb.path" : "/"), "host=a.test > a.test:0", NULL);
    check(L("lb.host" : "a.test", "lb.path" : "/b"), "host=a.test path=/b > a.test/b:0", NULL);
    check(L("lb.path" : "= /api"), "path_exact=/api > = /api:0", NULL);
    check(L("lb.path" : "~ ^/v\\d/"), "path_regex=^/v\\d/ > ~ ^/v\\d/:0", NULL);
    check(L("lb.path" : "api"), "", "lb.path: path");
}

static void test_what_is_stripped(void **state)
{
    (void)state;
    check(L("lb.path" : "/api", "lb.strip" : "true"), "path=/api strip=/api > /api:0", NULL);
    check(L("lb.path" : "/api", "lb.strip" : "off"), "path=/api > /api:0", NULL);
    check(L("lb.path"
            : "/api/v1", "lb.strip"
            : "/api"),
          "path=/api/v1 strip=/api > /api/v1:0", NULL);
    check(L("lb.path" : "/api", "lb.strip" : "maybe"), "path=/api > 503", "lb.strip=\"maybe\"");
    check(L("lb.path"
            : "~/api", "lb.strip"
            : "true"),
          "path_regex=/api > 503", "regular expression");
    check(L("lb.host" : "a", "lb.strip" : "true"), "host=a > 503", "beside a path");
    check(L("lb.host" : "a", "lb.strip" : "/a/../../b"), "host=a > 503", "lb.strip=\"/a/../../b\"");
    check(L("lb.strip" : "true"), "", "a host or a path");
}

static void test_priority(void **state)
{
    (void)state;
    check(L("lb.host" : "a", "lb.priority" : "7"), "host=a priority=7 > a:0", NULL);
    check(L("lb.host" : "a", "lb.priority" : "-7"), "host=a priority=-7 > a:0", NULL);
    check(L("lb.host" : "a", "lb.priority" : "high"), "host=a > 503", "lb.priority=\"high\"");
    check(L("lb.host"
            : "a", "lb.priority"
            : "2147483647"),
          "host=a > 503", "from -1000000000 to 1000000000");
}

#define HELD "; its route is answered by 503 until that is mended"

static void test_what_cannot_be_followed_is_held(void **state)
{
    (void)state;
    check(L("lb.host"
            : "a.test,*.b.test", "lb.path"
            : "/x", "lb.priority"
            : "7", "lb.strip"
            : "maybe"),
          "host=a.test path=/x priority=7 > 503\nhost=*.b.test path=/x priority=7 > 503",
          "is accepted" HELD);
    check(L("lb.host" : "a b,c.test", "lb.priority" : "high"), "host=c.test > 503", HELD);
    check(L("lb.x.host"
            : "a", "lb.x.port"
            : "0", "lb.x.priority"
            : "high"),
          "host=a > 503", HELD "; lb.x.priority=\"high\"");
}

static void test_host_of_an_unreadable_path_is_held_below_all_others(void **state)
{
    (void)state;
    check(L("lb.host"
            : "a.test", "lb.path"
            : "api"),
          "host=a.test > 503",
          "; whatever no other route has of its host is answered by 503 until that is mended");
    check(L("lb.x.host"
            : "a", "lb.x.path"
            : "~(", "lb.x.priority"
            : "7", "lb.x.strip"
            : "true"),
          "host=a > 503", "lb.x.path: path_regex");
    check(L("lb.host"
            : "a", "lb.path"
            : "api", "lb.priority"
            : "-7"),
          "host=a priority=-7 > 503", "lb.path: path");
    check(L("lb.path" : "api", "lb.priority" : "high"), "", "lb.path: path");
}

static void test_why_it_is_held_is_said_with_the_route(void **state)
{
    json_t *labels = json_loads(L("lb.host"
                                  : "a", "lb.priority"
                                  : "high", "lb.strip"
                                  : "maybe"),
                                0, NULL);
    struct claims claims = {0};
    (void)state;
    lb_sites_read(&(struct statement_source){.labels = labels}, &claims);
    assert_int_equal(claims.route_count, 1);
    assert_true(view_eq(claims.routes[0].why,
                        VIEW("lb.priority=\"high\" cannot be used: a whole number from "
                             "-1000000000 to 1000000000 is accepted")));
    assert_false(claims.routes[0].yields);
    assert_true(claims.is_asked);
    assert_int_equal(claims.server_count, 0);
    claims_fini(&claims);
    json_decref(labels);
}

static void test_several_services(void **state)
{
    (void)state;
    check(L("lb.shop.host"
            : "a.test", "lb.shop.port"
            : "80", "lb.admin.host"
            : "b.test", "lb.admin.path"
            : "/x", "lb.admin.port"
            : "81", "lb.host"
            : "c.test"),
          "host=a.test > shop:80\nhost=b.test path=/x > admin:81\nhost=c.test > c.test:0", NULL);
    check(L("lb.shop.host" : "a.test"), "host=a.test > shop:0", NULL);
    check(L("lb.shop.host"
            : "a.test", "lb.shop.port"
            : "x", "lb.b.host"
            : "b"),
          "host=a.test > 503\nhost=b > b:0", "lb.shop.port=\"x\"");
    check(L("lb.shop.port" : "x"), "", "to 65535 is accepted");
    check(L("lb.x.host" : "a", "lb.x.protocol" : "https"), "host=a > x:0 https", NULL);
    check(L("lb.x.host"
            : "a", "lb.x.protocol"
            : "tls"),
          "host=a > 503", "https or h2c is accepted");
    check(L("lb.shop.strip" : "true"), "", "lb.shop.strip");
}

static void test_hosts_without_end_are_not_looked_at(void **state)
{
    struct text hosts = TEXT_INIT;
    struct claims claims = {0};
    (void)state;
    for (unsigned i = 0; i < 100000; i++)
        text_appendf(&hosts, "h%u.test,", i);
    json_t *labels = json_pack("{s:s}", "lb.host", text_str(&hosts));
    lb_sites_read(&(struct statement_source){.labels = labels}, &claims);
    assert_int_equal(claims.route_count, CLAIMS_ROUTES_MAX);
    assert_true(claims.block_count < 10 * CLAIMS_ROUTES_MAX);
    char *told = claims_take_remark(&claims);
    assert_string_equal(told, "it claims more than 1024 routes");
    free(told);
    claims_fini(&claims);
    text_fini(&hosts);
    json_decref(labels);
}

static void test_port_alone_serves_without_a_route(void **state)
{
    json_t *labels = json_loads(L("lb.shop.port" : "81"), 0, NULL);
    struct claims claims = {0};
    (void)state;
    lb_sites_read(&(struct statement_source){.labels = labels}, &claims);
    assert_int_equal(claims.route_count, 0);
    assert_int_equal(claims.server_count, 1);
    assert_int_equal(claims.servers[0].port, 81);
    claims_fini(&claims);
    json_decref(labels);
}

static void test_options_of_routes(void **state)
{
    (void)state;
    check(L("lb.host"
            : "a,b", "lb.rate"
            : " 10/s "),
          "host=a rate=10/s > a:0\nhost=b rate=10/s > b:0", NULL);
    check(L("lb.host"
            : "a", "lb.access-log"
            : "off", "lb.allow"
            : "10.0.0.0/8"),
          "host=a allow=10.0.0.0/8 access-log=off > a:0", NULL);
    check(L("lb.host"
            : "a", "lb.x.host"
            : "b", "lb.x.rate"
            : "1/s"),
          "host=a > a:0\nhost=b rate=1/s > x:0", NULL);
    check(L("lb.host" : "a", "lb.rate" : ""), "host=a > a:0", NULL);
    check(L("lb.host" : "a", "lb.auth" : ""), "host=a > 503", "lb.auth is empty; user:hash");
    check(L("lb.host" : "a", "lb.allow" : " "), "host=a > 503", "lb.allow \"\" is empty");
    check(L("lb.path" : "api", "lb.rate" : "1/s"), "", "lb.path: path");
    check(L("lb.host"
            : "a", "lb.path"
            : "api", "lb.rate"
            : "1/s"),
          "host=a > 503", "lb.path: path");
}

static void test_every_option_is_read_with_a_name_and_without(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < ROUTE_OPTION_COUNT; kind++) {
        const char *word = route_option_word((enum route_option_kind)kind);
        for (int is_named = 0; is_named < 2; is_named++) {
            struct claims claims = {0};
            struct text label = TEXT_INIT;
            text_appendf(&label, "lb.%s%s", is_named ? "x." : "", word);
            json_t *labels = json_pack("{s:s,s:s}", is_named ? "lb.x.host" : "lb.host", "a",
                                       text_str(&label), "100");
            lb_sites_read(&(struct statement_source){.labels = labels}, &claims);
            bool is_of_endpoint = !is_named && strstr(word, "-timeout");
            bool is_there = claims.remark.len > 0 || claims.routes[0].option_count == 1;
            if (is_there == is_of_endpoint)
                fail_msg("%s: %s", text_str(&label), text_str(&claims.remark));
            if (claims.routes[0].option_count > 0)
                assert_int_equal(claims.routes[0].options[0].kind, kind);
            claims_fini(&claims);
            text_fini(&label);
            json_decref(labels);
        }
    }
}

static void test_route_is_held_without_an_option_it_needs(void **state)
{
    (void)state;
    check(L("lb.host" : "a", "lb.auth" : "a\u0001b"), "host=a > 503", "lb.auth has a character");
    check(L("lb.host"
            : "a", "lb.request-headers"
            : "set X-A: \u202e"),
          "host=a > 503", "lb.request-headers has a character inside that cannot be seen" HELD);
    check(L("lb.x.host"
            : "a", "lb.x.rate"
            : "a\u0001b", "lb.x.allow"
            : "::1"),
          "host=a > 503", "lb.x.rate has a character inside that cannot be seen");
    check(L("lb.host"
            : "a", "lb.access-log"
            : "a\u0001b", "lb.allow"
            : "::1"),
          "host=a allow=::1 > a:0", "; its route goes without");
}

static void test_what_may_mean_an_option_that_is_needed_holds(void **state)
{
    (void)state;
    check(L("lb.host"
            : "a", "lb.rates"
            : "1/s"),
          "host=a > 503", "\"lb.rates\" may mean lb.rate" HELD);
    check(L("lb.host"
            : "a", "lb_auth"
            : "u:h"),
          "host=a > 503", "\"lb_auth\" may mean lb.auth" HELD);
    check(L("lb.host" : "a", "LB.ALLOW" : "::1"), "host=a > 503", "may mean lb.allow" HELD);
    check(L("lb.basic-auth" : "u:h", "lb.host" : "a"), "host=a > 503", "may mean lb.auth" HELD);
    check(L("lb.x.atuh"
            : "u:h", "lb.host"
            : "a", "lb.x.host"
            : "b"),
          "host=b > 503\nhost=a > a:0", "\"lb.x.atuh\" may mean lb.x.auth" HELD);
    check(L("lb.host"
            : "a", "lb.acess-log"
            : "off", "lb.owner"
            : "me", "lb.check.rate"
            : "1"),
          "host=a > a:0", NULL);
}

static void check_fault(const char *labels, const char *expected)
{
    json_t *l = json_loads(labels, 0, NULL);
    struct claims claims = {0};
    lb_sites_read(&(struct statement_source){.labels = l}, &claims);
    char *fault = claims_take_fault(&claims);
    if (!fault != !expected || (fault && expected && strcmp(fault, expected) != 0))
        fail_msg("%s: %s", labels, fault ? fault : "nothing");
    free(fault);
    claims_fini(&claims);
    json_decref(l);
}

static void test_protection_of_no_route_is_not_lost(void **state)
{
    (void)state;
    check_fault(L("lb.access-log"
                  : "off", "lb.auth"
                  : "u:h"),
                "lb.auth belongs to a host or a path, and neither lb.host nor lb.path is given");
    check_fault(L("lb.shop.host"
                  : "a", "lb.shp.deny"
                  : "::1"),
                "lb.shp.deny belongs to a host or a path, and neither lb.shp.host nor "
                "lb.shp.path is given");
    check_fault(L("lb.rates"
                  : "1/s"),
                "\"lb.rates\" may mean lb.rate, which belongs to a host or a path, and neither "
                "lb.host nor lb.path is given");
    check_fault(L("lb.access-log" : "off"), NULL);
    check(L("lb.access-log" : "off"), "", "lb.access-log belongs to a host or a path");
}

static void test_options_of_many_routes_are_bounded(void **state)
{
    struct text hosts = TEXT_INIT, ranges = TEXT_INIT, edits = TEXT_INIT;
    struct claims claims = {0};
    (void)state;
    text_append_str(&edits, "set X-A: ");
    for (unsigned i = 0; i < 1000; i++)
        text_appendf(&hosts, "h%u.test,", i);
    for (unsigned i = 0; i < 50; i++) {
        text_append_str(&ranges, i > 0 ? ",10.0.0.0/8" : "10.0.0.0/8");
        text_append_str(&edits, "0123456789");
    }
    json_t *labels =
        json_pack("{s:s,s:s,s:s,s:s}", "lb.host", text_str(&hosts), "lb.allow", text_str(&ranges),
                  "lb.deny", text_str(&ranges), "lb.request-headers", text_str(&edits));
    lb_sites_read(&(struct statement_source){.labels = labels}, &claims);
    size_t bytes = 0, held = 0;
    for (size_t i = 0; i < claims.route_count; i++) {
        held += claims.routes[i].answer_status == 503;
        for (unsigned k = 0; k < claims.routes[i].option_count; k++)
            bytes += claims.routes[i].options[k].value.len;
    }
    assert_int_equal(claims.route_count, 1000);
    assert_int_equal(held, 1000 - CLAIMS_OPTIONS_BYTES / (2 * ranges.len + edits.len));
    assert_true(bytes <= CLAIMS_OPTIONS_BYTES);
    assert_non_null(strstr(text_str(&claims.remark), "more than 1 MiB together"));
    claims_fini(&claims);
    text_fini(&hosts);
    text_fini(&ranges);
    text_fini(&edits);
    json_decref(labels);
}

static void test_names(void **state)
{
    static const struct {
        const char *label;
        bool is_named;
    } cases[] = {
        {"lb.shop.host", true},   {"lb.Shop_1-x.path", true}, {"lb.shop.port", true},
        {"lb.host", false},       {"lb.check.path", false},   {"lb.chek.path", false},
        {"lb.shop.hots", false},  {"lb..host", false},        {"lb.a.b.host", false},
        {"xlb.shop.host", false}, {"lb.a b.host", false},     {"lb.shop.weight", true},
        {"LB.shop.host", false},  {"lb.shop.rate", true},     {"lb.shop.body-timeout", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (lb_sites_is_named(cases[i].label) != cases[i].is_named)
            fail_msg("%s", cases[i].label);
}

static void test_sites_are_bounded(void **state)
{
    json_t *labels = json_object();
    char label[32];
    struct claims claims = {0};
    (void)state;
    for (int i = 0; i < 100; i++) {
        snprintf(label, sizeof(label), "lb.n%d.host", i);
        json_object_set_new(labels, label, json_string("a.test"));
    }
    lb_sites_read(&(struct statement_source){.labels = labels}, &claims);
    assert_int_equal(claims.route_count, LB_SITES_MAX);
    char *told = claims_take_remark(&claims);
    assert_non_null(strstr(told, "more than 64 sites; put the others on another container"));
    free(told);
    claims_fini(&claims);
    json_decref(labels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts_of_the_container),
        cmocka_unit_test(test_paths_begin_on_segments),
        cmocka_unit_test(test_what_is_stripped),
        cmocka_unit_test(test_priority),
        cmocka_unit_test(test_what_cannot_be_followed_is_held),
        cmocka_unit_test(test_host_of_an_unreadable_path_is_held_below_all_others),
        cmocka_unit_test(test_why_it_is_held_is_said_with_the_route),
        cmocka_unit_test(test_several_services),
        cmocka_unit_test(test_hosts_without_end_are_not_looked_at),
        cmocka_unit_test(test_port_alone_serves_without_a_route),
        cmocka_unit_test(test_options_of_routes),
        cmocka_unit_test(test_every_option_is_read_with_a_name_and_without),
        cmocka_unit_test(test_route_is_held_without_an_option_it_needs),
        cmocka_unit_test(test_what_may_mean_an_option_that_is_needed_holds),
        cmocka_unit_test(test_protection_of_no_route_is_not_lost),
        cmocka_unit_test(test_options_of_many_routes_are_bounded),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_sites_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
