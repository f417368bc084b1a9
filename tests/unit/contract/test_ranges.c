/* Lists of ranges. */
#include "lb/contract/ranges.h"

#include "tests/unit/contract/option_case.h"

static void test_which_lists_are_taken(void **state)
{
    static const struct option_row rows[] = {
        {ROUTE_OPTION_ALLOW, "10.0.0.0/8", NULL},
        {ROUTE_OPTION_ALLOW, " 10.0.0.0/8 ,fd00::/8,, 192.0.2.7 ,", NULL},
        {ROUTE_OPTION_DENY, "::1", NULL},
        {ROUTE_OPTION_DENY, "::ffff:10.0.0.0/8", NULL},
        {ROUTE_OPTION_DENY, "0.0.0.0/0,::/0", NULL},
        {ROUTE_OPTION_ALLOW, ",", "has no range"},
        {ROUTE_OPTION_ALLOW, " ", "has no range"},
        {ROUTE_OPTION_ALLOW, "10.0.0.0/33",
         "has 10.0.0.0/33 inside, which is no address and no range"},
        {ROUTE_OPTION_ALLOW, "10.0.0.0 192.0.2.1",
         "has 10.0.0.0 192.0.2.1 inside, which is no address and no range"},
        {ROUTE_OPTION_ALLOW, "10.0.0.0/8,shop.test",
         "has shop.test inside, which is no address and no range"},
        {ROUTE_OPTION_DENY, "10.1.0.0/8",
         "has 10.1.0.0/8 inside, with bits behind its prefix; write 10.0.0.0/8"},
    };
    (void)state;
    assert_options(rows, COUNT(rows));
}

static void test_there_is_a_bound(void **state)
{
    struct text many = TEXT_INIT;
    (void)state;
    for (unsigned i = 0; i < RANGES_MAX; i++)
        text_append_str(&many, "::1,");
    struct text problem = TEXT_INIT;
    assert_int_equal(ranges_count(text_view(&many), &problem), RANGES_MAX);
    text_append_str(&many, "::1");
    assert_int_equal(ranges_count(text_view(&many), &problem), 0);
    assert_string_equal(text_str(&problem), "has more than 256 ranges");
    text_fini(&many);
    text_fini(&problem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_lists_are_taken),
        cmocka_unit_test(test_there_is_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
