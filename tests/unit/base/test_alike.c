/* Names of header fields that programs behind lb take for one another. */
#include "lb/base/alike.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_case_and_marks_do_not_count(void **state)
{
    (void)state;
    assert_true(alike_are(VIEW("X-User-1"), VIEW("x_uSER.1")));
    assert_true(alike_are(VIEW("Host"), VIEW("hOST")));
    assert_false(alike_are(VIEW("X-User"), VIEW("XaUser")));
    assert_false(alike_are(VIEW("X-User"), VIEW("X-User-")));
    assert_false(alike_are(VIEW("X1"), VIEW("X-")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_case_and_marks_do_not_count)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
