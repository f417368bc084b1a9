/* Routes: their words, what is alike, and what people call them. */
#include "lb/contract/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_each_kind_has_its_word(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < ROUTE_KIND_COUNT; kind++)
        assert_int_equal(route_kind_parse(view_str(route_kind_word((enum route_kind)kind))), kind);
    assert_int_equal(route_kind_parse(VIEW("paht")), ROUTE_KIND_COUNT);
    assert_int_equal(route_kind_parse(VIEW("")), ROUTE_KIND_COUNT);
}

static void test_what_kinds_are(void **state)
{
    static const struct {
        enum route_kind kind;
        bool is_host, is_path, is_regex, has_name;
    } rows[] = {
        {ROUTE_HOST, true, false, false, false},
        {ROUTE_HOST_REGEX, true, false, true, false},
        {ROUTE_PATH, false, true, false, false},
        {ROUTE_PATH_EXACT, false, true, false, false},
        {ROUTE_PATH_START, false, true, false, false},
        {ROUTE_PATH_REGEX, false, true, true, false},
        {ROUTE_METHOD, false, false, false, false},
        {ROUTE_HEADER, false, false, false, true},
        {ROUTE_HEADER_REGEX, false, false, true, true},
        {ROUTE_QUERY, false, false, false, true},
        {ROUTE_QUERY_REGEX, false, false, true, true},
        {ROUTE_CLIENT, false, false, false, false},
        {ROUTE_SCHEME, false, false, false, false},
    };
    (void)state;
    assert_int_equal(COUNT(rows), ROUTE_KIND_COUNT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(route_kind_is_host(rows[i].kind), rows[i].is_host);
        assert_int_equal(route_kind_is_path(rows[i].kind), rows[i].is_path);
        assert_int_equal(route_kind_is_regex(rows[i].kind), rows[i].is_regex);
        assert_int_equal(route_kind_has_name(rows[i].kind), rows[i].has_name);
    }
}

static void test_the_first_host_and_path_have_their_place(void **state)
{
    static const struct {
        struct route_condition condition;
        bool is_placed;
    } rows[] = {
        {{ROUTE_HOST, true, VIEW(""), VIEW("not.test")}, false},
        {{ROUTE_METHOD, false, VIEW(""), VIEW("GET")}, false},
        {{ROUTE_HOST_REGEX, false, VIEW(""), VIEW("^a")}, true},
        {{ROUTE_HOST, false, VIEW(""), VIEW("a.test")}, false},
        {{ROUTE_PATH_START, false, VIEW(""), VIEW("/x")}, true},
        {{ROUTE_PATH, false, VIEW(""), VIEW("/y")}, false},
    };
    struct route route = {.service = VIEW("s")};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(route_place(&route, &rows[i].condition), rows[i].is_placed);
    assert_int_equal(route.host.kind, ROUTE_HOST_REGEX);
    assert_true(view_eq(route.host.text, VIEW("^a")));
    assert_int_equal(route.path.kind, ROUTE_PATH_START);
    assert_true(view_eq(route.path.text, VIEW("/x")));
}

static void test_what_is_alike(void **state)
{
    static const struct route_condition get = {.kind = ROUTE_METHOD, .value = VIEW("GET")},
                                        other = {.kind = ROUTE_METHOD, .value = VIEW("POST")};
    const struct route one = {.host = {ROUTE_HOST, VIEW("a.test")},
                              .conditions = &get,
                              .condition_count = 1,
                              .service = VIEW("one")};
    struct route route = one;
    (void)state;
    route.service = VIEW("two");
    route.path.kind = ROUTE_PATH_START; /* of no path */
    assert_true(route_is_alike(&one, &route));
    route.conditions = &other;
    assert_false(route_is_alike(&one, &route));
    route = one;
    route.condition_count = 0;
    assert_false(route_is_alike(&one, &route));
    route = one;
    route.host.kind = ROUTE_HOST_REGEX;
    assert_false(route_is_alike(&one, &route));
}

static void test_names(void **state)
{
    static const struct {
        struct route_pattern host, path;
        const char *name;
    } rows[] = {
        {{ROUTE_HOST, VIEW("A.test")}, {ROUTE_PATH, VIEW("/app")}, "A.test/app"},
        {{ROUTE_HOST, VIEW("*.test")}, {.kind = ROUTE_PATH}, "*.test"},
        {{.kind = ROUTE_HOST}, {ROUTE_PATH_START, VIEW("/a")}, "*/a"},
        {{.kind = ROUTE_HOST}, {.kind = ROUTE_PATH}, "*"},
        {{ROUTE_HOST_REGEX, VIEW("^a")}, {ROUTE_PATH_REGEX, VIEW("^/x")}, "~^a~^/x"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct route route = {.host = rows[i].host, .path = rows[i].path};
        struct text name = TEXT_INIT;
        route_append_name(&route, &name);
        assert_string_equal(text_str(&name), rows[i].name);
        text_fini(&name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_each_kind_has_its_word),
        cmocka_unit_test(test_what_kinds_are),
        cmocka_unit_test(test_the_first_host_and_path_have_their_place),
        cmocka_unit_test(test_what_is_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
