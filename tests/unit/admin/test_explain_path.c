/* What lb explain asks, by what stands behind it. */
#include "lb/admin/explain_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void test_paths(void **state)
{
    static const struct {
        struct config_words words;
        enum explain_path_kind kind;
        const char *want; /* the path, or the problem */
    } rows[] = {
        {{.count = 0}, EXPLAIN_PATH_CONTAINERS, ""},
        {{.words = {"shop.test"}, .count = 1}, EXPLAIN_PATH_CONTAINERS, ""},
        {{.words = {"10.0.0.3:53/udp"}, .count = 1}, EXPLAIN_PATH_CONTAINERS, ""},
        {{.words = {"shop.test/udp"}, .count = 1},
         EXPLAIN_PATH_URL,
         "/explain?url=shop.test%2Fudp"},
        {{.words = {"udp://:53"}, .count = 1}, EXPLAIN_PATH_URL, "/explain?url=udp%3A%2F%2F%3A53"},
        {{.words = {"http://a/b c?d&e"}, .count = 1},
         EXPLAIN_PATH_URL,
         "/explain?url=http%3A%2F%2Fa%2Fb%20c%3Fd%26e"},
        {{.words = {"a/"},
          .count = 1,
          .options = {{"method", "PUT"}, {"header", "A: +"}, {"header", "B:"}},
          .option_count = 3},
         EXPLAIN_PATH_URL,
         "/explain?url=a%2F&method=PUT&header=A%3A%20%2B&header=B%3A"},
        {{.options = {{"routes", NULL}}, .option_count = 1}, EXPLAIN_PATH_ROUTES, "/routes"},
        {{.words = {"a/", "b\n"}, .count = 2},
         EXPLAIN_PATH_REFUSED,
         "one URL at a time; a word too many: b\\x0a"},
        {{.options = {{"listeners", NULL}}, .option_count = 1},
         EXPLAIN_PATH_LISTENERS,
         "/listeners"},
        {{.words = {"x"}, .count = 1, .options = {{"routes", NULL}}, .option_count = 1},
         EXPLAIN_PATH_REFUSED,
         "--routes lists all of them, and takes nothing beside: x"},
        {{.options = {{"routes", NULL}, {"client", "a"}}, .option_count = 2},
         EXPLAIN_PATH_REFUSED,
         "--routes lists all of them, and takes no other flag beside it"},
        {{.words = {"x"}, .count = 1, .options = {{"client", "a"}}, .option_count = 1},
         EXPLAIN_PATH_REFUSED,
         "--client belongs to a URL; give lb explain http://HOST/PATH --client ..."},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text path = TEXT_INIT, problem = TEXT_INIT;
        assert_int_equal(explain_path_make(&rows[i].words, &path, &problem), rows[i].kind);
        assert_string_equal(text_str(rows[i].kind == EXPLAIN_PATH_REFUSED ? &problem : &path),
                            rows[i].want);
        text_fini(&path);
        text_fini(&problem);
    }
}

static void test_where_it_goes_on(void **state)
{
    static const struct {
        const char *answer, *left, *path; /* NULL: nowhere */
    } rows[] = {
        {"1. a\n# 1 of 2 routes; the next: /routes?from=1\n", "1. a\n", "/routes?from=1"},
        {"# 1 of 2 routes; the next: /routes?from=1\n", "", "/routes?from=1"},
        {"1. a\n", "1. a\n", NULL},
        {"1. x; the next: /y\n", "1. x; the next: /y\n", NULL},
        {"# by rank\n", "# by rank\n", NULL},
        {"", "", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct text answer = TEXT_INIT, path = TEXT_INIT;
        text_append_str(&answer, rows[i].answer);
        assert_int_equal(explain_path_next(&answer, &path), rows[i].path != NULL);
        assert_int_equal(answer.len, strlen(rows[i].left));
        assert_string_equal(text_str(&path), rows[i].path ? rows[i].path : "");
        text_fini(&answer);
        text_fini(&path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_where_it_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
