/* A route in words: which requests, what is done, who says so. */
#include "lb/admin/route_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct route_condition conditions[] = {
    {.kind = ROUTE_METHOD, .value = {"POST", 4}},
    {.kind = ROUTE_HEADER, .is_not = true, .name = {"X-K", 3}, .value = {"v", 1}}};

static void check(const struct route *route, const char *want)
{
    struct text out = TEXT_INIT;
    route_words_append(route, &out);
    assert_string_equal(text_str(&out), want);
    text_fini(&out);
}

static void test_all_of_it(void **state)
{
    (void)state;
    check(&(struct route){.host = {ROUTE_HOST, VIEW("a.test")},
                          .path = {ROUTE_PATH, VIEW("/x")},
                          .conditions = conditions,
                          .condition_count = 2,
                          .priority = -3,
                          .is_ranked = true,
                          .rank = 0,
                          .service = VIEW("shop"),
                          .strip = VIEW("/x"),
                          .add = VIEW("/y"),
                          .dialect = VIEW("traefik"),
                          .label = VIEW("l"),
                          .container = VIEW("id"),
                          .name = VIEW("web")},
          "host a.test, path /x, method POST, not header X-K: v: to the service shop, without /x, "
          "with the path behind /y, by l of web (traefik, priority -3, rank 0)");
}

static void test_what_is_not_said(void **state)
{
    (void)state;
    check(&(struct route){.service = VIEW("s")},
          "all requests: to the service s, by what is set (no dialect)");
    check(&(struct route){.path = {ROUTE_PATH_REGEX, VIEW("^/a")},
                          .service = VIEW("s"),
                          .answer_status = 503,
                          .container = VIEW("id")},
          "path_regex ^/a: answered with 503, by what is set of id (no dialect)");
}

static void test_what_does_the_same(void **state)
{
    const struct route base = {
        .service = VIEW("s"), .strip = VIEW("/a"), .add = VIEW("/b"), .label = VIEW("l")};
    struct route other = base;
    (void)state;
    other.label = VIEW("m");
    assert_true(route_does_the_same(&base, &other));
    other.service = VIEW("t");
    assert_false(route_does_the_same(&base, &other));
    other = base;
    other.strip = VIEW("");
    assert_false(route_does_the_same(&base, &other));
    other = base;
    other.add = VIEW("/c");
    assert_false(route_does_the_same(&base, &other));
    other = base;
    other.answer_status = 404;
    assert_false(route_does_the_same(&base, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_of_it),
        cmocka_unit_test(test_what_is_not_said),
        cmocka_unit_test(test_what_does_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
