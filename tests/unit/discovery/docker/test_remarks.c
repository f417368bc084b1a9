/* What was said is not said again, however much was said since. */
#include "discovery/docker/remarks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static bool is_new(struct remarks *remarks, const char *service, unsigned number)
{
    char remark[32];
    snprintf(remark, sizeof(remark), "remark %u", number);
    return remarks_is_new(remarks, service, remark);
}

static void test_each_is_said_once_for_a_service(void **state)
{
    struct remarks remarks = {0};
    (void)state;
    for (unsigned i = 0; i < 5000; i++)
        assert_true(is_new(&remarks, "app", i));
    for (unsigned i = 0; i < 5000; i++)
        assert_false(is_new(&remarks, "app", i));
    assert_true(is_new(&remarks, "shop", 0));
    remarks_fini(&remarks);
}

static void test_there_is_an_end_to_what_is_remembered(void **state)
{
    struct remarks remarks = {0};
    (void)state;
    for (unsigned i = 0; i < REMARKS_MAX; i++)
        assert_true(is_new(&remarks, "app", i));
    assert_false(is_new(&remarks, "app", 0));
    assert_true(is_new(&remarks, "app", REMARKS_MAX));
    assert_true(remarks.count < 3 && remarks.capacity <= 2 * REMARKS_MAX);
    remarks_fini(&remarks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_said_once_for_a_service),
        cmocka_unit_test(test_there_is_an_end_to_what_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
