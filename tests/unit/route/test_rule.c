/* The order of routes: each row comes before all that follow, and says why before the next. */
#include "tests/unit/route/table_case.h"

static const struct route_condition two[] = {{ROUTE_METHOD, false, VIEW(""), VIEW("GET")},
                                             {ROUTE_QUERY, false, VIEW("a"), VIEW("b")}};

static const struct {
    struct route route;
    const char *why;
} rows[] = {
    {{.host = HOST("*"), .priority = 7}, "its priority is 7, the other's is 1"},
    {{.host = HOST("a.test"), .path = PATH("/x"), .priority = 1},
     "its priority is 1, the other's is 0"},
    {{.host = HOST("a.x.test"), .path = PATH_EXACT("/x")},
     "its path is exact, the other's is a prefix"},
    {{.host = HOST("a.x.test"), .path = PATH("/x/y")}, "its path is longer"},
    {{.host = HOST("a.x.test"), .path = PATH("/x")}, "its path ends where a segment does"},
    {{.host = HOST("a.x.test"), .path = PATH_START("/x")}, "its path is longer"},
    {{.host = HOST("a.x.test"), .path = PATH("/")}, "its path is a prefix, the other's is a regex"},
    {{.host = HOST("a.x.test"), .path = PATH_REGEX("a")}, "its path comes first by its text"},
    {{.host = HOST("a.x.test"), .path = PATH_REGEX("aa")},
     "its path is a regex, the other's is any"},
    {{.host = HOST("a.x.test"), .conditions = two, .condition_count = 2},
     "it has more conditions, 2 against 1"},
    {{.host = HOST("a.x.test"), .conditions = two, .condition_count = 1},
     "it has more conditions, 1 against 0"},
    {{.host = HOST("a.x.test"), .created_ns = 1}, "its container is older"},
    {{.host = HOST("a.x.test"), .created_ns = 2, .label = VIEW("a")},
     "nothing but the names tells them apart"},
    {{.host = HOST("a.x.test"), .created_ns = 2, .label = VIEW("b")},
     "its host is exact, the other's is a suffix"},
    {{.host = HOST("*.b.x.test"), .path = PATH_REGEX("a")}, "its host is longer"},
    {{.host = HOST("*.x.test"), .path = PATH_EXACT("/x")},
     "its host is a suffix, the other's is a prefix"},
    {{.host = HOST("www.x.*")}, "its host is longer"},
    {{.host = HOST("www.*")}, "its host is a prefix, the other's is a regex"},
    {{.host = HOST_REGEX("^web1\\.")}, "its host comes first by its text"},
    {{.host = HOST_REGEX("^web\\d+\\."), .path = PATH_EXACT("/x")},
     "its host is a regex, the other's is any"},
    {{.path = PATH_EXACT("/x/y/z")}, "its path is exact, the other's is any"},
    {{.created_ns = 0}, "its priority is 0, the other's is -1"},
    {{.host = HOST("a.test"), .path = PATH_EXACT("/"), .priority = -1}, NULL},
};

struct compiled {
    struct arena arena;
    struct regexes regexes;
    struct rule rules[COUNT(rows)];
};

static void compile(struct compiled *all)
{
    const struct compiling compiling = {.arena = &all->arena, .regexes = &all->regexes};
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_true(rule_compile(&rows[i].route, &compiling, &all->rules[i]));
}

static void forget(struct compiled *all)
{
    regexes_fini(&all->regexes);
    arena_fini(&all->arena);
}

static void test_each_row_comes_before_all_that_follow(void **state)
{
    struct compiled all = {0};
    enum rule_why why;
    (void)state;
    compile(&all);
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t j = 0; j < COUNT(rows); j++) {
            int order = rule_order(&all.rules[i], &all.rules[j], &why);
            if ((order < 0) != (i < j) || (order == 0) != (i == j))
                fail_msg("%zu and %zu: %d", i, j, order);
        }
    forget(&all);
}

static void test_why(void **state)
{
    struct compiled all = {0};
    (void)state;
    compile(&all);
    for (size_t i = 0; i + 1 < COUNT(rows); i++) {
        struct text out = TEXT_INIT;
        rule_append_why(&all.rules[i], &all.rules[i + 1], &out);
        assert_string_equal(text_str(&out), rows[i].why);
        text_fini(&out);
    }
    forget(&all);
}

static void test_ranks_count_only_among_themselves(void **state)
{
    struct route short_one = {.host = HOST("foobar.traefik.com"), .is_ranked = true, .rank = 26};
    struct route long_one = {.host = HOST_REGEX("[a-z]+"), .is_ranked = true, .rank = 34};
    struct route other = {.host = HOST("*.traefik.com")};
    struct arena arena = {0};
    struct regexes regexes = {0};
    const struct compiling compiling = {.arena = &arena, .regexes = &regexes};
    struct rule a, b, c;
    struct text out = TEXT_INIT;
    enum rule_why why;
    (void)state;
    assert_true(rule_compile(&short_one, &compiling, &a));
    assert_true(rule_compile(&long_one, &compiling, &b));
    assert_true(rule_compile(&other, &compiling, &c));
    assert_true(rule_order(&b, &a, &why) < 0);
    assert_true(rule_order(&a, &c, &why) < 0);
    assert_true(rule_order(&c, &b, &why) < 0);
    rule_append_why(&b, &a, &out);
    assert_string_equal(text_str(&out),
                        "its rank among routes of its kind is 34, the other's is 26");
    text_fini(&out);
    regexes_fini(&regexes);
    arena_fini(&arena);
}

static void test_it_has_bytes_of_its_own(void **state)
{
    char host[] = "a.test", path[] = "/%61", service[] = "shop", value[] = "v";
    struct route_condition condition = {ROUTE_HEADER, false, VIEW("X"), view_str(value)};
    struct route route = {.host = {ROUTE_HOST, view_str(host)},
                          .path = {ROUTE_PATH, view_str(path)},
                          .conditions = &condition,
                          .condition_count = 1,
                          .strip = view_str(path),
                          .service = view_str(service)};
    struct arena arena = {0};
    const struct compiling compiling = {.arena = &arena};
    struct rule rule;
    (void)state;
    assert_true(rule_compile(&route, &compiling, &rule));
    host[0] = path[1] = service[0] = value[0] = '!';
    condition.kind = ROUTE_METHOD;
    assert_true(view_eq(rule.host, VIEW("a.test")) &&
                view_eq(rule.route.host.text, VIEW("a.test")));
    assert_true(view_eq(rule.path, VIEW("/a")) && view_eq(rule.route.path.text, VIEW("/%61")));
    assert_true(view_eq(rule.strip, VIEW("/a")) && view_eq(rule.route.service, VIEW("shop")));
    assert_true(view_eq(rule.conditions[0].value, VIEW("v")));
    assert_int_equal(rule.route.conditions[0].kind, ROUTE_HEADER);
    assert_true(view_eq(rule.route.conditions[0].value, VIEW("v")));
    arena_fini(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row_comes_before_all_that_follow),
        cmocka_unit_test(test_why),
        cmocka_unit_test(test_ranks_count_only_among_themselves),
        cmocka_unit_test(test_it_has_bytes_of_its_own),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
