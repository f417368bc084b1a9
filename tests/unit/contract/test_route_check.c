/* What is refused of a route, with which sentence. */
#include "lb/contract/route_check.h"
#include "lb/contract/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

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
        {{ROUTE_SCHEME, false, VIEW(""), VIEW("https")}, NULL},
        {{ROUTE_SCHEME, true, VIEW(""), VIEW("http")}, NULL},
        {{ROUTE_SCHEME, false, VIEW(""), VIEW("HTTPS")},
         "scheme \"HTTPS\" is no scheme; write http or https"},
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_what_is_too_long),
        cmocka_unit_test(test_what_is_shown_ends_between_characters),
        cmocka_unit_test(test_routes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
