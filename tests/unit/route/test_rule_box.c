/* A rule that is counted has all that it needs, whatever becomes of what it was made from. */
#include "lb/route/rule_box.h"
#include "tests/unit/route/table_case.h"

static void test_it_has_bytes_of_its_own(void **state)
{
    char host[] = "Shop.test", value[] = "v";
    const struct route_condition condition = {ROUTE_HEADER, false, VIEW("X"), view_str(value)};
    const struct route route = {.host = {ROUTE_HOST, view_str(host)},
                                .path = PATH("/a/../b"),
                                .conditions = &condition,
                                .condition_count = 1,
                                .service = VIEW("s")};
    struct regexes regexes = {0};
    (void)state;
    struct rule_box *box = rule_box_new(&route, &regexes, NULL);
    memset(host, '-', sizeof(host) - 1);
    value[0] = '-';
    assert_true(view_eq(box->rule.host, VIEW("shop.test")));
    assert_true(view_eq(box->rule.path, VIEW("/b")));
    assert_true(view_eq(box->rule.route.host.text, VIEW("Shop.test")));
    assert_true(view_eq(box->rule.conditions[0].value, VIEW("v")));
    assert_ptr_equal(rule_box_of(&box->rule), box);
    rule_box_unref(box);
    rule_box_unref(NULL);
    regexes_fini(&regexes);
}

static void test_its_regexes_stay(void **state)
{
    const struct route_condition condition = {ROUTE_HEADER_REGEX, false, VIEW("X"), VIEW("^h$")};
    const struct route route = {.host = HOST_REGEX("^a$"),
                                .path = PATH_REGEX("^/b$"),
                                .conditions = &condition,
                                .condition_count = 1,
                                .service = VIEW("s")};
    struct regexes regexes = {0};
    (void)state;
    struct rule_box *box = rule_box_new(&route, &regexes, NULL);
    assert_int_equal(box->regexes.count, 3);
    regexes_fini(&regexes);
    rule_box_unref(rule_box_ref(box));
    assert_int_equal(pattern_matches(box->rule.host_regex, VIEW("a"), scratch), TRUTH_YES);
    assert_int_equal(pattern_matches(box->rule.path_regex, VIEW("/b"), scratch), TRUTH_YES);
    assert_int_equal(pattern_matches(box->rule.conditions[0].pattern, VIEW("h"), scratch),
                     TRUTH_YES);
    rule_box_unref(box);
}

static void test_those_that_are_alike_are_so_by_a_text(void **state)
{
    const struct route a = {.host = HOST("a.test"), .service = VIEW("a")};
    const struct route b = {.host = HOST("a.test"), .service = VIEW("b"), .priority = 7};
    const struct route c = {.host = HOST("c.test"), .service = VIEW("a")};
    struct regexes regexes = {0};
    struct rule_box *boxes[] = {rule_box_new(&a, &regexes, NULL), rule_box_new(&b, &regexes, NULL),
                                rule_box_new(&c, &regexes, NULL)};
    (void)state;
    assert_true(view_eq(boxes[0]->likeness, boxes[1]->likeness));
    assert_false(view_eq(boxes[0]->likeness, boxes[2]->likeness));
    for (size_t i = 0; i < COUNT(boxes); i++)
        rule_box_unref(boxes[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_has_bytes_of_its_own),
        cmocka_unit_test(test_its_regexes_stay),
        cmocka_unit_test(test_those_that_are_alike_are_so_by_a_text),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
