/* The index finds what looking at one rule after the other finds: see test_route_table.c for rows, and
 * tests/fuzz/fuzz_routes.c for all others. Here: what it does not have to look at. */
#include "lb/route/planting.h"
#include "tests/unit/route/table_case.h"

static unsigned look_count;

static struct view count_looks(const void *message, struct view name, unsigned *seen)
{
    (void)message, (void)name, (void)seen;
    look_count++;
    return view_of(NULL, 0);
}

static void test_conditions_are_asked_only_where_they_can_win(void **state)
{
    static const struct route_condition header = {ROUTE_HEADER, false, VIEW("X"), VIEW("v")};
    const struct route routes[] = {
        {.host = HOST("a.test"), .path = PATH("/app"), .service = VIEW("app")},
        {.host = HOST("a.test"), .conditions = &header, .condition_count = 1, .service = VIEW("h")},
        {.host = HOST("*.test"), .conditions = &header, .condition_count = 1, .service = VIEW("h")},
        {.host = HOST("b.test"), .conditions = &header, .condition_count = 1, .service = VIEW("h")},
    };
    struct route_table *table = route_table_new(routes, COUNT(routes), NULL);
    struct asked asked;
    (void)state;
    ask(&asked, "a.test/app/x", NULL);
    asked.question.next_field = count_looks;
    look_count = 0;
    assert_int_equal(route_table_find(table, &asked.question), 0);
    assert_int_equal(look_count, 0);
    asked.question.path = VIEW("/other");
    assert_int_equal(route_table_find(table, &asked.question), ROUTE_TABLE_NONE);
    assert_int_equal(look_count, 2);
    route_table_unref(table);
}

/* Whatever else a rule asks for, what it names is known. */
static void test_what_is_known(void **state)
{
    static const struct route_condition header = {ROUTE_HEADER, false, VIEW("X"), VIEW("v")};
    const struct route routes[] = {
        {.host = HOST("a.test"), .path = PATH("/app"), .service = VIEW("s")},
        {.host = HOST("*.b.test"),
         .conditions = &header,
         .condition_count = 1,
         .service = VIEW("s")},
        {.host = HOST("www.*"), .path = PATH_EXACT("/x"), .service = VIEW("s")},
        {.host = HOST_REGEX("^r[0-9]"), .path = PATH("/x"), .service = VIEW("s")},
        {.path = PATH("/p"), .conditions = &header, .condition_count = 1, .service = VIEW("s")},
        {.path = PATH_EXACT("/e/f"),
         .conditions = &header,
         .condition_count = 1,
         .service = VIEW("s")},
        {.path = PATH_REGEX("^/q+$"),
         .conditions = &header,
         .condition_count = 1,
         .service = VIEW("s"),
         .is_ranked = true},
        {.conditions = &header, .condition_count = 1, .service = VIEW("s")},
    };
    static const struct {
        const char *request;
        bool is_known;
    } rows[] = {
        {"a.test/", true},  {"A.test:80/z", true}, {"b.test/", false},  {"x.b.test/", true},
        {"www.c/", true},   {"wwww.c/", false},    {"r1.c/", true},     {"rr.c/", false},
        {"c/p", true},      {"c/p/x", true},       {"c/px", false},     {"c/e/f", true},
        {"c/e/f/g", false}, {"c/e", false},        {"c/qq", true},      {"c/qx", false},
        {"c/", false},      {".b.test/", false},   {"xa.test/", false}, {"", false},
    };
    struct route_table *table = route_table_new(routes, COUNT(routes), NULL);
    struct asked asked;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        if (route_table_knows(table, ask(&asked, rows[i].request, NULL)) != rows[i].is_known)
            fail_msg("%s: not as wanted", rows[i].request);
    route_table_unref(table);
}

static void test_an_empty_one(void **state)
{
    struct route_index index;
    struct asked asked;
    (void)state;
    planting_make(&index, NULL, 0, NULL);
    assert_int_equal(route_index_find(&index, ask(&asked, "a.test/", NULL)), ROUTE_INDEX_NONE);
    route_index_fini(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions_are_asked_only_where_they_can_win),
        cmocka_unit_test(test_what_is_known),
        cmocka_unit_test(test_an_empty_one),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
