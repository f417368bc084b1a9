/* Routes: their words, and what is refused with which sentence. */
#include "lb/contract/route.h"
#include "lb/contract/limits.h"

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

static void test_conditions(void **state)
{
    static const struct {
        struct route_condition condition;
        const char *problem; /* NULL: it is good */
    } rows[] = {
        {{ROUTE_HOST, false, VIEW(""), VIEW("a.test")}, NULL},
        {{ROUTE_HOST, true, VIEW(""), VIEW("*.a.test")}, NULL},
        {{ROUTE_HOST, false, VIEW(""), VIEW("a b")},
         "host \"a b\" has a blank inside; give one host in each place"},
        {{ROUTE_HOST, false, VIEW("x"), VIEW("a")}, "host \"x: a\" takes no name"},
        {{ROUTE_HOST_REGEX, false, VIEW(""), VIEW("^a")}, NULL},
        {{ROUTE_HOST_REGEX, false, VIEW(""), VIEW("(a")},
         "host_regex \"(a\" is no regex: missing closing parenthesis at byte 2"},
        {{ROUTE_PATH, false, VIEW(""), VIEW("/a b")}, NULL},
        {{ROUTE_PATH, false, VIEW(""), VIEW("a")}, "path \"a\" does not begin with /"},
        {{ROUTE_PATH_EXACT, false, VIEW(""), VIEW("/a")}, NULL},
        {{ROUTE_PATH_START, false, VIEW(""), VIEW("/a")}, NULL},
        {{ROUTE_PATH_REGEX, false, VIEW(""), VIEW("\\.php$")}, NULL},
        {{ROUTE_METHOD, false, VIEW(""), VIEW("POST")}, NULL},
        {{ROUTE_METHOD, false, VIEW(""), VIEW("GET /")},
         "method \"GET /\" is no method; write for example POST"},
        {{ROUTE_HEADER, false, VIEW("X-K"), VIEW("")}, NULL},
        {{ROUTE_HEADER, false, VIEW(""), VIEW("v")}, "header \"v\" has no name"},
        {{ROUTE_HEADER, false, VIEW("X K"), VIEW("v")},
         "header \"X K: v\" has a name that no header field has"},
        {{ROUTE_HEADER_REGEX, false, VIEW("X-K"), VIEW("*")},
         "header_regex \"X-K: *\" is no regex: quantifier does not follow a repeatable item at "
         "byte 0"},
        {{ROUTE_QUERY, false, VIEW("a b"), VIEW("v")}, NULL},
        {{ROUTE_QUERY_REGEX, false, VIEW("m"), VIEW(".*")}, NULL},
        {{ROUTE_CLIENT, false, VIEW(""), VIEW("10.0.0.0/8")}, NULL},
        {{ROUTE_CLIENT, false, VIEW(""), VIEW("::1")}, NULL},
        {{ROUTE_CLIENT, false, VIEW(""), VIEW("10.0.0.1/8")},
         "client \"10.0.0.1/8\" is no address and no range; write for example 10.0.0.0/8"},
        {{ROUTE_METHOD, false, VIEW(""), VIEW("\x1b[31m")},
         "method \"\\x1b[31m\" is no method; write for example POST"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text problem = TEXT_INIT;
        bool is_good = route_check_condition(&rows[i].condition, &problem);
        assert_string_equal(text_str(&problem), rows[i].problem ? rows[i].problem : "");
        assert_int_equal(is_good, !rows[i].problem);
        text_fini(&problem);
    }
}

static void test_what_is_too_long(void **state)
{
    static const enum route_kind kinds[] = {ROUTE_HOST,   ROUTE_HOST_REGEX, ROUTE_PATH,
                                            ROUTE_HEADER, ROUTE_QUERY,      ROUTE_METHOD};
    char bytes[2000];
    (void)state;
    memset(bytes, 'a', sizeof(bytes));
    bytes[0] = '/';
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct text problem = TEXT_INIT;
        struct route_condition condition = {kinds[i], false, VIEW(""),
                                            view_of(bytes, sizeof(bytes))};
        if (route_kind_has_name(kinds[i]))
            condition.name = VIEW("x");
        assert_false(route_check_condition(&condition, &problem));
        assert_non_null(strstr(text_str(&problem), "aaa...\" is"));
        assert_in_range(problem.len, 100, 200); /* why it is wrong is to be read, too */
        text_fini(&problem);
    }
}

static void test_what_is_shown_ends_between_characters(void **state)
{
    struct text problem = TEXT_INIT;
    char path[121] = "x";
    (void)state;
    for (size_t i = 1; i < sizeof(path); i += 2)
        memcpy(path + i, "\xc3\xa4", 2);
    assert_false(route_check_condition(
        &(struct route_condition){.kind = ROUTE_PATH, .value = view_of(path, sizeof(path))},
        &problem));
    assert_non_null(strstr(text_str(&problem), "\xc3\xa4...\" does not begin with /"));
    text_fini(&problem);
}

static void test_routes(void **state)
{
    static const struct route_condition bad = {.kind = ROUTE_METHOD, .value = VIEW("")};
    char name[LIMITS_NAME_BYTES_MAX + 1];
    memset(name, 'a', sizeof(name));
    const struct {
        struct route route;
        const char *problem;
    } rows[] = {
        {{.service = VIEW("shop")}, ""},
        {{.host = {ROUTE_HOST, VIEW("a.test")},
          .path = {ROUTE_PATH, VIEW("/x")},
          .service = VIEW("s")},
         ""},
        {{.answer_status = 403}, ""},
        {{.answer_status = 404}, ""},
        {{.strip = VIEW("/x"), .add = VIEW("/y"), .service = VIEW("s")}, ""},
        {{.service = VIEW("")}, "service: want a name"},
        {{.service = view_of(name, sizeof(name))}, "service: the name is too long"},
        {{.service = view_of(name, LIMITS_NAME_BYTES_MAX)}, ""}, /* as names of services may be */
        {{.answer_status = 200}, "answer: want 403, 404 or 503"},
        {{.strip = VIEW("x"), .service = VIEW("s")}, "strip \"x\" does not begin with /"},
        {{.add = VIEW("/?"), .service = VIEW("s")},
         "add \"/?\" has a ? or a # inside, where paths end; leave out the query, or write %3F or "
         "%23"},
        {{.conditions = &bad, .condition_count = 1, .service = VIEW("s")},
         "method \"\" is no method; write for example POST"},
        {{.condition_count = ROUTE_CONDITIONS_MAX + 1, .service = VIEW("s")},
         "more than 32 conditions"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text problem = TEXT_INIT;
        bool is_good = route_check(&rows[i].route, &problem);
        assert_string_equal(text_str(&problem), rows[i].problem);
        assert_int_equal(is_good, problem.len == 0);
        text_fini(&problem);
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
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_what_is_too_long),
        cmocka_unit_test(test_what_is_shown_ends_between_characters),
        cmocka_unit_test(test_routes),
        cmocka_unit_test(test_the_first_host_and_path_have_their_place),
        cmocka_unit_test(test_what_is_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
