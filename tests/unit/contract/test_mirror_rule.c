/* The words of a mirror. */
#include "lb/contract/mirror_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void assert_parses(struct view value, struct view service, unsigned parts)
{
    struct mirror_rule rule = {0};
    struct text problem = TEXT_INIT;
    assert_true(mirror_rule_parse(value, &rule, &problem));
    assert_true(view_eq(rule.service, service));
    assert_int_equal(rule.parts, parts);
    assert_int_equal(problem.len, 0);
}

static void assert_refused(struct view value, const char *sentence)
{
    struct mirror_rule rule = {0};
    struct text problem = TEXT_INIT;
    assert_false(mirror_rule_parse(value, &rule, &problem));
    assert_string_equal(text_str(&problem), sentence);
    text_fini(&problem);
}

static void test_a_service_and_a_share(void **state)
{
    (void)state;
    assert_parses(VIEW("shop 10%"), VIEW("shop"), 1000);
    assert_parses(VIEW("  shop.next   100% "), VIEW("shop.next"), 10000);
    assert_parses(VIEW("shop 0.5%"), VIEW("shop"), 50);
    assert_parses(VIEW("shop 0.01%"), VIEW("shop"), 1);
    assert_parses(VIEW("shop 33.33%"), VIEW("shop"), 3333);
}

static void test_what_is_none_is_refused_with_what_it_lacks(void **state)
{
    static const char *const bad[] = {"shop 0%",   "shop 101%",   "shop -1%", "shop 100.01%",
                                      "shop 1.%",  "shop 1.234%", "shop %",   "shop 0.00%",
                                      "shop 1 2%", "shop 1.2.3%", "shop .5%", "shop 1e1%"};
    (void)state;
    assert_refused(VIEW(""), "names no service");
    assert_refused(VIEW("10%"), "names no service");
    assert_refused(VIEW("shop"), "names no share");
    assert_refused(VIEW("shop "), "names no share");
    assert_refused(VIEW("shop 10"), "has a share without % behind it");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_refused(view_str(bad[i]), "has a share that is not from 0.01% to 100%");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_service_and_a_share),
        cmocka_unit_test(test_what_is_none_is_refused_with_what_it_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
