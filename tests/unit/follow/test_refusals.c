/* What the log tells of refused lines: reasons that differ, so many a second. */
#include "lb/follow/refusals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lb/base/log.h"
#include "lb/base/text.h"
#include "tests/unit/support/said.h"

static struct refusals refusals;

static void refuse(unsigned first, unsigned count, uint64_t now_ms)
{
    for (unsigned i = first; i < first + count; i++) {
        struct text why = TEXT_INIT;
        text_appendf(&why, "reason %u", i);
        refusals_tell(&refusals, now_ms, text_view(&why));
        text_fini(&why);
    }
}

static unsigned count_told(void)
{
    unsigned count = 0;
    for (const char *at = said.bytes; (at = strstr(at, "a line of lb-discovery was refused: "));
         at++)
        count++;
    return count;
}

static void test_ten_a_second_are_told_and_the_others_counted(void **state)
{
    (void)state;
    refusals = (struct refusals){0};
    said_begin();
    refuse(0, 1000, 5000);
    said_end();
    assert_int_equal(count_told(), REFUSALS_A_SECOND);
    assert_said("was refused: reason 9");
    said_begin();
    refuse(1000, 1, 6000);
    said_end();
    assert_int_equal(count_told(), 1);
    assert_said("990 lines of lb-discovery were refused besides");
}

static void test_the_same_reason_is_left_to_the_log(void **state)
{
    (void)state;
    refusals = (struct refusals){0};
    said_begin();
    for (unsigned i = 0; i < 100; i++)
        refusals_tell(&refusals, 7000, VIEW("always"));
    refusals_tell(&refusals, 7000, VIEW("another"));
    said_end();
    assert_int_equal(count_told(), 2); /* the log counts those that repeat */
    assert_int_equal(refusals.untold_count, 0);
}

static int open_log(void **state)
{
    (void)state;
    log_open("lb", LOG_LEVEL_INFO, LOG_FORMAT_PLAIN);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ten_a_second_are_told_and_the_others_counted),
        cmocka_unit_test(test_the_same_reason_is_left_to_the_log),
    };
    return cmocka_run_group_tests(tests, open_log, NULL);
}
