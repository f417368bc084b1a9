/* The words of states: each is another one, and a source may say some of them. */
#include "lb/contract/endpoint_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static void test_words_differ(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ENDPOINT_STATE_COUNT; i++)
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(endpoint_state_word((enum endpoint_state)i),
                                    endpoint_state_word((enum endpoint_state)j));
}

static void test_what_a_source_says(void **state)
{
    static const char *const words[] = {"ready", "starting", "unhealthy", "paused", "draining"};
    enum endpoint_state got = ENDPOINT_GONE;
    unsigned count = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        assert_true(endpoint_state_parse(words[i], &got));
        assert_string_equal(endpoint_state_word(got), words[i]);
    }
    for (unsigned i = 0; i < ENDPOINT_STATE_COUNT; i++)
        count += endpoint_state_parse(endpoint_state_word((enum endpoint_state)i), &got);
    assert_int_equal(count, sizeof(words) / sizeof(words[0]));
}

static void test_what_is_no_word(void **state)
{
    static const char *const words[] = {"", "READY", "ready ", "gone", "probing", NULL};
    enum endpoint_state got = ENDPOINT_PAUSED;
    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_false(endpoint_state_parse(words[i], &got));
    assert_int_equal(got, ENDPOINT_PAUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_differ),
        cmocka_unit_test(test_what_a_source_says),
        cmocka_unit_test(test_what_is_no_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
