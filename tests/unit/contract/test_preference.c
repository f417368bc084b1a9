/* Whom a service prefers: the words. */
#include "lb/contract/preference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_words(void **state)
{
    unsigned preference = 7;
    (void)state;
    assert_true(preference_parse(VIEW("Local"), &preference));
    assert_int_equal(preference, PREFERENCE_LOCAL);
    assert_true(preference_parse(VIEW("none"), &preference));
    assert_int_equal(preference, PREFERENCE_NONE);
    for (unsigned i = PREFERENCE_NONE; i <= PREFERENCE_LOCAL; i++) {
        assert_true(preference_parse(view_str(preference_word(i)), &preference));
        assert_int_equal(preference, i);
    }
}

static void test_others_change_nothing(void **state)
{
    unsigned preference = 7;
    (void)state;
    assert_false(preference_parse(VIEW(""), &preference));
    assert_false(preference_parse(VIEW("locally"), &preference));
    assert_false(preference_parse(VIEW("remote"), &preference));
    assert_int_equal(preference, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_others_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
