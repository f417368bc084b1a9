/* A budget pays for a share of the traffic and for what is in stock, not for more. */
#include "lb/pool/retry_budget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static unsigned spend_all(struct retry_budget *budget)
{
    unsigned count = 0;
    while (retry_budget_spend(budget))
        count++;
    return count;
}

static void test_stock(void **state)
{
    struct retry_budget budget;
    (void)state;
    retry_budget_init(&budget, 20);
    assert_int_equal(spend_all(&budget), RETRY_BUDGET_SAVED_MAX);
    retry_budget_init(&budget, 0);
    retry_budget_earn(&budget);
    assert_int_equal(spend_all(&budget), 0);
}

static void test_share(void **state)
{
    struct retry_budget budget;
    (void)state;
    for (unsigned percent = 1; percent <= 100; percent++) {
        retry_budget_init(&budget, percent);
        spend_all(&budget);
        for (unsigned i = 0; i < 1000; i++)
            retry_budget_earn(&budget);
        unsigned earned = 1000 * percent / 100;
        assert_int_equal(spend_all(&budget),
                         earned < RETRY_BUDGET_SAVED_MAX ? earned : RETRY_BUDGET_SAVED_MAX);
    }
}

static void test_another_share(void **state)
{
    struct retry_budget budget;
    (void)state;
    retry_budget_init(&budget, 20);
    spend_all(&budget);
    retry_budget_set_share(&budget, 50);
    assert_int_equal(spend_all(&budget), 0);
    retry_budget_earn(&budget);
    retry_budget_earn(&budget);
    assert_int_equal(spend_all(&budget), 1);
    retry_budget_set_share(&budget, 0);
    assert_int_equal(spend_all(&budget), 0);
    retry_budget_set_share(&budget, 20);
    assert_int_equal(spend_all(&budget), RETRY_BUDGET_SAVED_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stock),
        cmocka_unit_test(test_share),
        cmocka_unit_test(test_another_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
