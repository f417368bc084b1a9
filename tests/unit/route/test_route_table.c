/* Which service a request goes to, as a table of rows; each is found in both ways, by the index and by
 * looking at all routes one by one. */
#include <stdio.h>

#include "lb/contract/limits.h"
#include "tests/unit/route/table_case.h"

#define TO(name) .service = VIEW(name)

struct row {
    const char *line, *service;
};

static void check(const struct route *routes, uint32_t count, const struct row *rows,
                  size_t row_count)
{
    struct route_table *table = route_table_new(routes, count, NULL);
    assert_int_equal(table->unusable_count, 0);
    for (size_t i = 0; i < row_count; i++) {
        const char *found = find(table, rows[i].line, NULL);
        if (strcmp(found, rows[i].service) != 0)
            fail_msg("%s goes to %s, not to %s", rows[i].line, found, rows[i].service);
    }
    route_table_unref(table);
}

#define CHECK(routes, rows) check(routes, COUNT(routes), rows, COUNT(rows))

static void test_hosts(void **state)
{
    static const struct route routes[] = {
        {.host = HOST("a.x.test"), TO("exact")},
        {.host = HOST("*.x.test"), TO("suffix")},
        {.host = HOST("*.b.x.test"), TO("long suffix")},
        {.host = HOST("www.x.*"), TO("prefix")},
        {.host = HOST("www.*"), TO("short prefix")},
        {.host = HOST_REGEX("^web\\d+\\."), TO("regex")},
        {.host = HOST_REGEX("^web1\\."), TO("first regex")},
        {.host = HOST("[fd00::1]"), TO("six")},
        {.host = HOST("172.20.0.1"), TO("four")},
    };
    static const struct row rows[] = {
        {"a.x.test/", "exact"},
        {"A.X.TEST:1234/", "exact"},
        {"a.x.test./", "exact"},
        {"b.x.test/", "suffix"},
        {"x.test/", "-"},
        {"d.c.x.test/", "suffix"},
        {"q.b.x.test/", "long suffix"},
        {"www.x.test/", "suffix"},
        {"www.x.org/", "prefix"},
        {"www.x.co.uk/", "prefix"},
        {"www.y.org/", "short prefix"},
        {"www.x/", "short prefix"},
        {"www/", "-"},
        {"web1.x.test/", "suffix"},
        {"web2.y/", "regex"},
        {"web1.y/", "first regex"},
        {"xweb1.y/", "-"},
        {"[FD00::1]:80/", "six"},
        {"172.20.0.1/", "four"},
        {"/", "-"},
        {".x.test/", "-"},
        {"www../", "-"},
        {"..x.test/", "suffix"},
    };
    (void)state;
    CHECK(routes, rows);
}

static void test_paths(void **state)
{
    static const struct route routes[] = {
        {.host = HOST("a.test"), .path = PATH("/app"), TO("app")},
        {.host = HOST("a.test"), .path = PATH("/app/v1"), TO("v1")},
        {.host = HOST("a.test"), .path = PATH_EXACT("/app/v1/exact"), TO("exact")},
        {.host = HOST("a.test"), .path = PATH_START("/ng"), TO("nginx")},
        {.host = HOST("a.test"), .path = PATH("/ngx"), TO("ngx")},
        {.host = HOST("a.test"), .path = PATH_REGEX("\\.php$"), TO("php")},
        {.host = HOST("a.test"), .path = PATH("/sl/"), TO("slash")},
        {.host = HOST("*.test"), .path = PATH("/app/v1/deep"), TO("other host")},
        {.path = PATH("/any"), TO("any host")},
    };
    static const struct row rows[] = {
        {"a.test/app", "app"},
        {"a.test/app/", "app"},
        {"a.test/app?x", "app"},
        {"a.test/apple", "-"},
        {"a.test/app/v1", "v1"},
        {"a.test/app/v1/x.php", "v1"},
        {"a.test/app/v10", "app"},
        {"a.test/app/v1/exact", "exact"},
        {"a.test/app/v1/exact/", "v1"},
        {"a.test/app/v1/deep", "v1"},
        {"b.test/app/v1/deep", "other host"},
        {"a.test/ngin", "nginx"},
        {"a.test/ng", "nginx"},
        {"a.test/ngx/", "ngx"},
        {"a.test/ngxx", "nginx"},
        {"a.test/x.php", "php"},
        {"a.test/x.php5", "-"},
        {"a.test/sl", "-"},
        {"a.test/sl/x", "slash"},
        {"a.test/any/x", "any host"},
        {"c/any", "any host"},
        {"/any", "any host"},
        {"a.test/APP", "-"},
        {"a.test/%61pp", "app"},
        {"a.test/app%2Fv1", "-"},
        {"a.test/x/../app", "app"},
        {"a.test/app/../q", "-"},
        {"a.test/app\\v1", "-"},
        {"a.test//app", "-"},
        {"a.test", "-"},
    };
    (void)state;
    CHECK(routes, rows);
}

static void test_priority_and_rank(void **state)
{
    static const struct route routes[] = {
        {.host = HOST("a.test"), .path = PATH_EXACT("/x"), TO("exact")},
        {.host = HOST("*.test"), .priority = 5, .path = PATH("/x"), TO("high")},
        {.path = PATH("/last"), .priority = -1, TO("low")},
        {.host = HOST("a.test"), TO("a")},
        {.host = HOST("r.test"), .is_ranked = true, .rank = 26, TO("short rule")},
        {.host = HOST_REGEX("^[a-z]+\\.test$"), .is_ranked = true, .rank = 34, TO("long rule")},
        {.host = HOST("*.t"), TO("suffix")},
        {.host = HOST("a.b.t"), .is_ranked = true, .rank = -7, TO("ranked exact")},
    };
    static const struct row rows[] = {
        {"a.test/x", "high"},     {"b.test/x/y", "high"}, {"a.test/y", "a"},
        {"a.test/last", "a"},     {"z.zest/last", "low"}, {"r.test/", "long rule"},
        {"q.test/", "long rule"}, {"q.b.t/", "suffix"},   {"a.b.t/", "ranked exact"},
    };
    (void)state;
    CHECK(routes, rows);
}

static void test_conditions(void **state)
{
    static const struct route_condition post = {ROUTE_METHOD, false, VIEW(""), VIEW("POST")},
                                        not_x = {ROUTE_PATH, true, VIEW(""), VIEW("/x")},
                                        debug = {ROUTE_QUERY, false, VIEW("debug"), VIEW("")};
    static const struct route routes[] = {
        {.host = HOST("a.test"), .conditions = &post, .condition_count = 1, TO("post")},
        {.host = HOST("a.test"), TO("others")},
        {.host = HOST("b.test"), .conditions = &not_x, .condition_count = 1, TO("not x")},
        {.conditions = &debug, .condition_count = 1, TO("debug")},
    };
    static const struct row rows[] = {
        {"POST a.test/", "post"}, {"a.test/", "others"},       {"b.test/y", "not x"},
        {"b.test/x", "-"},        {"b.test/x?debug", "debug"}, {"c/?a&debug=", "debug"},
    };
    (void)state;
    CHECK(routes, rows);
}

static void test_a_tie_goes_to_the_older(void **state)
{
    static const struct route routes[] = {
        {.host = HOST("a.test"), .created_ns = 9, TO("young")},
        {.host = HOST("a.test"), .created_ns = 3, TO("old")},
    };
    static const struct row rows[] = {{"a.test/", "old"}};
    (void)state;
    CHECK(routes, rows);
}

static void test_who_would_be_next(void **state)
{
    static const struct route routes[] = {
        {.host = HOST("a.test"), TO("a")},
        {.host = HOST("*.test"), TO("suffix")},
        {.host = HOST("a.test"), .is_ranked = true, .rank = 3, .path = PATH("/x"), TO("ranked")},
    };
    struct route_table *table = route_table_new(routes, COUNT(routes), NULL);
    struct asked asked;
    (void)state;
    struct route_table_answer answer = route_table_explain(table, ask(&asked, "a.test/x", NULL));
    assert_true(view_eq(table->rules[answer.winner]->route.service, VIEW("ranked")));
    assert_true(view_eq(table->rules[answer.next]->route.service, VIEW("a")));
    answer = route_table_explain(table, ask(&asked, "b.test/x", NULL));
    assert_true(view_eq(table->rules[answer.winner]->route.service, VIEW("suffix")));
    assert_int_equal(answer.next, ROUTE_TABLE_NONE);
    answer = route_table_explain(table, ask(&asked, "b/x", NULL));
    assert_int_equal(answer.winner, ROUTE_TABLE_NONE);
    route_table_unref(table);
}

#define BOMB "(a+)+$"
#define FUSE "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-"

/* A regex of which nobody knows whether it matches keeps a request from all that come behind it, and
 * from nothing that comes before it. */
static void test_a_route_in_doubt(void **state)
{
    static const struct route_condition field = {ROUTE_HEADER_REGEX, false, VIEW("K"), VIEW(BOMB)};
    static const struct route_condition no_field = {ROUTE_HEADER_REGEX, true, VIEW("L"),
                                                    VIEW(BOMB)};
    static const struct route routes[] = {
        {.host = HOST("exact.test"), .path = PATH("/sure"), TO("sure")},
        {.host = HOST("exact.test"), .path = PATH_REGEX(BOMB), TO("path")},
        {.host = HOST("exact.test"), TO("lesser")},
        {.host = HOST("field.test"), .conditions = &field, .condition_count = 1, TO("field")},
        {.host = HOST("field.test"),
         .conditions = &no_field,
         .condition_count = 1,
         .path = PATH("/no"),
         TO("none")},
        {.host = HOST("field.test"), TO("lesser")},
        {.host = HOST_REGEX(BOMB), .path = PATH("/x"), TO("host")},
        {.host = HOST("ranked.test"), .path = PATH_REGEX(BOMB), .is_ranked = true, TO("ranked")},
        {.host = HOST("ranked.test"), TO("lesser")},
        {TO("any")},
    };
    static const struct {
        const char *line, *fields, *service;
        bool is_in_doubt;
    } rows[] = {
        {"exact.test/sure/" FUSE, NULL, "sure", false},
        {"exact.test/" FUSE, NULL, "path", true},
        {"exact.test/aaa", NULL, "path", false},
        {"exact.test/b", NULL, "lesser", false},
        {"field.test/", "K: " FUSE, "field", true},
        {"field.test/", "K: " FUSE "\nK: a", "field", false},
        {"field.test/", "K: b", "lesser", false},
        {"field.test/no", "L: " FUSE, "none", true},
        {"field.test/no", NULL, "none", false},
        {FUSE ".test/x", NULL, "host", true},
        {FUSE ".test/y", NULL, "any", false}, /* its path does not hold, whatever its host does */
        {"ranked.test/" FUSE, NULL, "ranked", true},
        {"ranked.test/b", NULL, "lesser", false},
    };
    struct route_table *table = route_table_new(routes, COUNT(routes), NULL);
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct asked asked;
        const struct question *question = ask(&asked, rows[i].line, rows[i].fields);
        uint32_t number = route_table_find(table, question);
        if (route_table_is_in_doubt(table, question, number) != rows[i].is_in_doubt)
            fail_msg("%s is%s in doubt", rows[i].line, rows[i].is_in_doubt ? " not" : "");
        assert_string_equal(find(table, rows[i].line, rows[i].fields), rows[i].service);
    }
    struct asked asked;
    assert_true(route_table_knows(table, ask(&asked, FUSE ".test/y", NULL)));
    assert_false(route_table_knows(table, ask(&asked, "b/y", NULL)));
    route_table_unref(table);
}

/* What is not even tried, as too much was tried before, is in doubt as well. */
static void test_a_route_behind_too_many_doubts(void **state)
{
    enum { BOMBS = PATTERN_EXHAUSTED_MAX + 1 };
    static char texts[BOMBS][24];
    static struct route routes[BOMBS + 2] = {
        [BOMBS] = {.host = HOST_REGEX("^" FUSE),
                   .path = PATH_REGEX("^/no"),
                   .priority = -1,
                   TO("no")},
        [BOMBS + 1] = {.priority = -2, TO("any")},
    };
    struct asked asked;
    (void)state;
    for (unsigned i = 0; i < BOMBS; i++) {
        snprintf(texts[i], sizeof(texts[i]), "^(a+)+[bc]{0,%u}$", i);
        routes[i] = (struct route){.host = {ROUTE_HOST_REGEX, view_str(texts[i])},
                                   .path = PATH_EXACT("/other"),
                                   TO("bomb")};
    }
    struct route_table *table = route_table_new(routes, COUNT(routes), NULL);
    const struct question *question = ask(&asked, FUSE "/", NULL);
    uint32_t number = route_table_find(table, question);
    assert_int_not_equal(number, ROUTE_TABLE_NONE);
    assert_true(view_eq(table->rules[number]->route.service, VIEW("no")));
    assert_true(route_table_is_in_doubt(table, question, number));
    route_table_unref(table);
}

static void test_services_are_listed_once(void **state)
{
    static const struct route routes[] = {
        {.host = HOST("a.test"), TO("shop")},
        {.host = HOST("b.test"), TO("blog")},
        {.host = HOST("c.test"), TO("shop")},
        {.answer_status = 404},
    };
    struct route_table *table = route_table_new(routes, COUNT(routes), NULL);
    (void)state;
    assert_int_equal(table->service_count, 3);
    for (uint32_t i = 0; i < table->count; i++)
        assert_true(view_eq(table->services[table->service_of[i]], table->rules[i]->route.service));
    route_table_unref(table);
}

static void test_no_routes(void **state)
{
    struct route_table *table = route_table_new(NULL, 0, NULL);
    (void)state;
    assert_string_equal(find(table, "a.test/", NULL), "-");
    route_table_unref(route_table_ref(table));
    route_table_unref(table);
    route_table_unref(NULL);
}

static void test_regexes_outlive_the_table_before(void **state)
{
    static const struct route routes[] = {{.host = HOST_REGEX("^a"), TO("a")}};
    struct route_table *first = route_table_new(routes, 1, NULL);
    struct route_table *second = route_table_new(routes, 1, first);
    (void)state;
    assert_ptr_equal(first->rules[0]->host_regex, second->rules[0]->host_regex);
    route_table_unref(first);
    assert_string_equal(find(second, "a.test/", NULL), "a");
    route_table_unref(second);
}

static void test_one_container_has_its_share_of_regexes(void **state)
{
    enum { COUNT_OF_EACH = LIMITS_REGEXES_OF_ONE_MAX + 1 };
    static char texts[3 * COUNT_OF_EACH][8];
    static struct route routes[3 * COUNT_OF_EACH];
    static const struct view containers[] = {VIEW("one"), VIEW("other"), VIEW("")};
    (void)state;
    for (unsigned i = 0; i < COUNT(routes); i++) {
        snprintf(texts[i], sizeof(texts[i]), "^%u$", i);
        routes[i] = (struct route){.host = {ROUTE_HOST_REGEX, view_str(texts[i])},
                                   .container = containers[i % 3],
                                   TO("a")};
    }
    struct route_table *table = route_table_new(routes, COUNT(routes), NULL);
    assert_int_equal(table->unusable_count, 2); /* one of each container */
    assert_string_equal(find(table, "95/", NULL), "a");
    assert_string_equal(find(table, "96/", NULL), "-");
    assert_string_equal(find(table, "98/", NULL), "a");
    route_table_unref(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_priority_and_rank),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_a_tie_goes_to_the_older),
        cmocka_unit_test(test_who_would_be_next),
        cmocka_unit_test(test_a_route_in_doubt),
        cmocka_unit_test(test_a_route_behind_too_many_doubts),
        cmocka_unit_test(test_services_are_listed_once),
        cmocka_unit_test(test_no_routes),
        cmocka_unit_test(test_regexes_outlive_the_table_before),
        cmocka_unit_test(test_one_container_has_its_share_of_regexes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
