/* What is in a source's way: since when, what counts as a change, and how much of it is kept. */
#include "discovery/obstacle.h"

#include <string.h>

#include "lb/contract/limits.h"
#include "tests/unit/discovery/cmocka_all.h"

static void test_what_counts_as_a_change(void **state)
{
    static const struct {
        const char *why, *remedy; /* NULL: none is there any more */
        bool is_change;
        uint64_t since_ns;
    } steps[] = {
        {NULL, NULL, false, 0},
        {"no socket", "start it", true, 2},
        {"no socket", "start it", false, 2},
        {"no socket", "", true, 2},
        {"refused", "", true, 5},
        {"refused", "ask", true, 5},
        {NULL, NULL, true, 0},
        {"refused", "ask", true, 8},
    };
    struct obstacle obstacle = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(steps); i++) {
        bool is_change = steps[i].why
                             ? obstacle_set(&obstacle, steps[i].why, steps[i].remedy, i + 1)
                             : obstacle_clear(&obstacle);
        if (is_change != steps[i].is_change || obstacle.since_ns != steps[i].since_ns)
            fail_msg("step %zu", i);
        assert_int_equal(obstacle_is_set(&obstacle), steps[i].why != NULL);
        assert_string_equal(text_str(&obstacle.why), steps[i].why ? steps[i].why : "");
        assert_string_equal(text_str(&obstacle.remedy), steps[i].why ? steps[i].remedy : "");
    }
    obstacle_fini(&obstacle);
}

static void test_texts_are_cleaned_and_cut(void **state)
{
    static char longer[LIMITS_OBSTACLE_BYTES_MAX + 100];
    struct obstacle obstacle = {0};
    (void)state;
    memset(longer, 'x', sizeof(longer) - 1);
    obstacle_set(&obstacle, "two\nlines", longer, 1);
    assert_null(strchr(text_str(&obstacle.why), '\n'));
    assert_in_range(obstacle.remedy.len, LIMITS_OBSTACLE_BYTES_MAX - 8, LIMITS_OBSTACLE_BYTES_MAX);
    assert_false(obstacle_set(&obstacle, "two\nlines", longer, 2));
    obstacle_fini(&obstacle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_counts_as_a_change),
        cmocka_unit_test(test_texts_are_cleaned_and_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
