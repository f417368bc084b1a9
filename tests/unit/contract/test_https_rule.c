/* The words of https: what each takes, and what holds of a route's and the operator's. */
#include "lb/contract/https_rule.h"

#include "option_case.h"

static void test_values(void **state)
{
    static const struct option_row rows[] = {
        {ROUTE_OPTION_HTTPS, "redirect", NULL},
        {ROUTE_OPTION_HTTPS, "noredirect", NULL},
        {ROUTE_OPTION_HTTPS, "nohttp", NULL},
        {ROUTE_OPTION_HTTPS, "nohttps", NULL},
        {ROUTE_OPTION_HTTPS, "Redirect", "is none of these"},
        {ROUTE_OPTION_HTTPS, "on", "is none of these"},
        {ROUTE_OPTION_HTTPS_STATUS, "308", NULL},
        {ROUTE_OPTION_HTTPS_STATUS, "301 307", NULL},
        {ROUTE_OPTION_HTTPS_STATUS, "301 ", "has a status that is none of 301, 302, 307 and 308"},
        {ROUTE_OPTION_HTTPS_STATUS, "300", "has a status that is none of 301, 302, 307 and 308"},
        {ROUTE_OPTION_HTTPS_STATUS, "301 307 308",
         "has a status that is none of 301, 302, 307 and 308"},
        {ROUTE_OPTION_HTTPS_PORT, "1", NULL},
        {ROUTE_OPTION_HTTPS_PORT, "65535", NULL},
        {ROUTE_OPTION_HTTPS_PORT, "0", "is no port"},
        {ROUTE_OPTION_HTTPS_PORT, "65536", "is no port"},
        {ROUTE_OPTION_HTTPS_PORT, "443/x", "is no port"},
        {ROUTE_OPTION_HSTS, "off", NULL},
        {ROUTE_OPTION_HSTS, "max-age=31536000", NULL},
        {ROUTE_OPTION_HSTS, "max-age=86400; includeSubDomains; preload", NULL},
        {ROUTE_OPTION_HSTS, "includeSubDomains ;Max-Age= 0", NULL},
        {ROUTE_OPTION_HSTS, "on", "has no max-age=SECONDS"},
        {ROUTE_OPTION_HSTS, "max-age", "has no max-age=SECONDS"},
        {ROUTE_OPTION_HSTS, "max-age=1y", "has no max-age=SECONDS"},
        {ROUTE_OPTION_HSTS, "max-age=1; \xC3\xA4", "has a character that no header field has"},
        {ROUTE_OPTION_CERTIFICATE, "shared", NULL},
        {ROUTE_OPTION_CERTIFICATE, "../x", "begins with a dot"},
        {ROUTE_OPTION_CERTIFICATE, "a/x",
         "has a slash, a blank, a comma or a question mark in its name"},
        {ROUTE_OPTION_DEFAULT_CERTIFICATE, "yes", NULL},
        {ROUTE_OPTION_DEFAULT_CERTIFICATE, "no", NULL},
        {ROUTE_OPTION_DEFAULT_CERTIFICATE, "false", "is neither"},
        {ROUTE_OPTION_MISSING_CERTIFICATE, "serve", NULL},
        {ROUTE_OPTION_MISSING_CERTIFICATE, "refuse", NULL},
        {ROUTE_OPTION_MISSING_CERTIFICATE, "no", "is neither"},
        {ROUTE_OPTION_CLIENT_CERTIFICATE, "on", NULL},
        {ROUTE_OPTION_CLIENT_CERTIFICATE, "optional", NULL},
        {ROUTE_OPTION_CLIENT_CERTIFICATE, "optional_no_ca", NULL},
        {ROUTE_OPTION_CLIENT_CERTIFICATE, "off", NULL},
        {ROUTE_OPTION_CLIENT_CERTIFICATE, "required", "is none of these"},
    };
    (void)state;
    assert_options(rows, COUNT(rows));
}

static void test_hsts_is_bounded(void **state)
{
    char value[HTTPS_RULE_HSTS_BYTES_MAX + 2];
    struct text problem = TEXT_INIT;
    struct https_rule rule = {0};
    (void)state;
    memset(value, ' ', sizeof(value));
    memcpy(value, "max-age=1;", 10);
    assert_true(https_rule_take_hsts(view_of(value, HTTPS_RULE_HSTS_BYTES_MAX), &rule, &problem));
    assert_false(
        https_rule_take_hsts(view_of(value, HTTPS_RULE_HSTS_BYTES_MAX + 1), &rule, &problem));
    assert_string_equal(text_str(&problem), "is too long");
    text_fini(&problem);
}

static void take(bool (*read)(struct view, struct https_rule *, struct text *), const char *value,
                 struct https_rule *rule)
{
    struct text problem = TEXT_INIT;
    assert_true(read(view_str(value), rule, &problem));
    text_fini(&problem);
}

static void test_a_status_for_each_method(void **state)
{
    struct https_rule rule = {0};
    (void)state;
    assert_int_equal(https_rule_status(&rule, VIEW("GET")), 308);
    assert_int_equal(https_rule_status(&rule, VIEW("POST")), 308);
    take(https_rule_take_status, "301", &rule);
    assert_int_equal(https_rule_status(&rule, VIEW("POST")), 301);
    take(https_rule_take_status, "301 307", &rule);
    assert_int_equal(https_rule_status(&rule, VIEW("GET")), 301);
    assert_int_equal(https_rule_status(&rule, VIEW("HEAD")), 301);
    assert_int_equal(https_rule_status(&rule, VIEW("OPTIONS")), 307);
}

static void test_what_a_route_says_comes_before_the_operator(void **state)
{
    struct https_rule defaults = {
        .method = HTTPS_REDIRECT, .port = 8443, .hsts = VIEW("max-age=5")};
    struct https_rule route = {0}, both = https_rule_over(NULL, &defaults);
    (void)state;
    assert_int_equal(both.method, HTTPS_REDIRECT);
    assert_int_equal(both.port, 8443);
    assert_true(view_eq(both.hsts, VIEW("max-age=5")));
    take(https_rule_take_method, "nohttp", &route);
    take(https_rule_take_port, "444", &route);
    take(https_rule_take_hsts, "off", &route);
    take(https_rule_take_status, "302", &route);
    both = https_rule_over(&route, &defaults);
    assert_int_equal(both.method, HTTPS_NOHTTP);
    assert_string_equal(https_rule_method_word(both.method), "nohttp");
    assert_int_equal(both.port, 444);
    assert_int_equal(both.hsts.len, 0);
    assert_int_equal(both.status, 302);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_hsts_is_bounded),
        cmocka_unit_test(test_a_status_for_each_method),
        cmocka_unit_test(test_what_a_route_says_comes_before_the_operator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
