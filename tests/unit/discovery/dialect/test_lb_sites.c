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

static void test_names(void **state)
{
    static const struct {
        const char *label;
        bool is_named;
    } cases[] = {
        {"lb.shop.host", true},   {"lb.Shop_1-x.path", true}, {"lb.shop.port", true},
        {"lb.host", false},       {"lb.check.path", false},   {"lb.chek.path", false},
        {"lb.shop.hots", false},  {"lb..host", false},        {"lb.a.b.host", false},
        {"xlb.shop.host", false}, {"lb.a b.host", false},     {"lb.shop.weight", false},
        {"LB.shop.host", false},
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
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_sites_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
