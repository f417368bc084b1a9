#include "discovery/dialect/site.h"

#include "tests/unit/discovery/cmocka_all.h"

static void assert_pattern(const struct route_pattern *pattern, enum route_kind kind,
                           const char *text)
{
    assert_int_equal(pattern->kind, kind);
    if (!view_eq(pattern->text, view_str(text)))
        fail_msg("%.*s, expected %s", (int)pattern->text.len, pattern->text.ptr, text);
}

static void test_hosts(void **state)
{
    static const struct {
        const char *item;
        enum route_kind kind;
        const char *first, *second; /* NULL: one alone */
    } cases[] = {
        {"a.test", ROUTE_HOST, "a.test", NULL},
        {"A.Test.", ROUTE_HOST, "a.test", NULL},
        {"*.a", ROUTE_HOST, "*.a", NULL},
        {"www.*", ROUTE_HOST, "www.*", NULL},
        {".a.test", ROUTE_HOST, "a.test", "*.a.test"},
        {".", ROUTE_HOST, ".", NULL},
        {"~^a\\.", ROUTE_HOST_REGEX, "^a\\.", NULL},
        {"~^A", ROUTE_HOST_REGEX, "(?i)^A", NULL},
        {"~", ROUTE_HOST, "~", NULL},
    };
    struct claims claims = {0};
    struct route_pattern patterns[SITE_PATTERNS_MAX];
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t count = site_read_host(&claims, view_str(cases[i].item), patterns);
        assert_int_equal(count, cases[i].second ? 2 : 1);
        assert_pattern(&patterns[0], cases[i].kind, cases[i].first);
        if (cases[i].second)
            assert_pattern(&patterns[1], cases[i].kind, cases[i].second);
    }
    claims_fini(&claims);
}

static void test_paths(void **state)
{
    static const struct {
        const char *path;
        enum route_kind kind;
        const char *text;
    } cases[] = {
        {"/app", ROUTE_PATH, "/app"},
        {"/", ROUTE_PATH, ""},
        {"", ROUTE_PATH, ""},
        {"= /x", ROUTE_PATH_EXACT, "/x"},
        {"^~ /x", ROUTE_PATH_START, "/x"},
        {"~ ^/x", ROUTE_PATH_REGEX, "^/x"},
        {"~* ^/x", ROUTE_PATH_REGEX, "(?i)^/x"},
        {"app", ROUTE_PATH, "app"},
    };
    struct claims claims = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct route_pattern pattern = site_read_path(&claims, view_str(cases[i].path), ROUTE_PATH);
        assert_pattern(&pattern, cases[i].kind, cases[i].text);
    }
    claims_fini(&claims);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
