#include "discovery/registrar/told_once.h"

#include <stdio.h>

#include "tests/unit/discovery/cmocka_all.h"

static void test_once(void **state)
{
    struct told_once told = {0};
    char sentence[32];
    (void)state;
    assert_true(told_once_is_new(&told, "a"));
    assert_false(told_once_is_new(&told, "a"));
    assert_true(told_once_is_new(&told, ""));
    assert_false(told_once_is_new(&told, ""));
    for (int i = 0; i < TOLD_ONCE_MAX - 1; i++) {
        snprintf(sentence, sizeof(sentence), "%d", i);
        assert_true(told_once_is_new(&told, sentence));
    }
    assert_true(told_once_is_new(&told, "a")); /* forgotten by now */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
