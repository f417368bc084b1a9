/* The same once a minute, and not too much of all. */
#include "lb/report/quota.h"

#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define SECOND_NS UINT64_C(1000000000)
#define BEGIN_NS  (1000 * SECOND_NS)

static enum quota_answer ask(struct quota *quota, uint64_t seconds, const char *a, const char *b,
                             unsigned *repeats)
{
    struct view texts[] = {view_str(a), view_str(b)};
    return quota_ask(quota, BEGIN_NS + seconds * SECOND_NS, texts, 2, repeats);
}

static void test_the_same(void **state)
{
    static struct quota quota;
    unsigned repeats = 99;
    (void)state;
    quota_init(&quota);
    assert_int_equal(ask(&quota, 0, "a", "b", &repeats), QUOTA_YES);
    assert_int_equal(repeats, 0);
    assert_int_equal(ask(&quota, 1, "a", "b", &repeats), QUOTA_AGAIN);
    assert_int_equal(ask(&quota, 59, "a", "b", &repeats), QUOTA_AGAIN);
    assert_int_equal(ask(&quota, 59, "ab", "", &repeats), QUOTA_YES);
    assert_int_equal(ask(&quota, 59, "", "ab", &repeats), QUOTA_YES);
    assert_int_equal(ask(&quota, 60, "a", "b", &repeats), QUOTA_YES);
    assert_int_equal(repeats, 2);
    assert_int_equal(ask(&quota, 120, "a", "b", &repeats), QUOTA_YES);
    assert_int_equal(repeats, 0);
}

static unsigned ask_many(struct quota *quota, uint64_t seconds, unsigned first, unsigned count)
{
    char name[16];
    unsigned granted = 0, repeats;
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "%u", first + i);
        granted += ask(quota, seconds, name, "", &repeats) == QUOTA_YES;
    }
    return granted;
}

static void test_of_all(void **state)
{
    static struct quota quota;
    (void)state;
    quota_init(&quota);
    assert_int_equal(ask_many(&quota, 0, 0, 1000), QUOTA_BURST);
    assert_int_equal(ask_many(&quota, 1, 1000, 1000), 0);
    assert_int_equal(ask_many(&quota, 2, 2000, 1000), 1);
    assert_int_equal(ask_many(&quota, 12, 3000, 1000), 5);
    assert_int_equal(ask_many(&quota, 1000, 4000, 1000), QUOTA_BURST);
}

/* What found no room is not counted as sent. */
static void test_full(void **state)
{
    static struct quota quota;
    unsigned repeats = 0;
    (void)state;
    quota_init(&quota);
    ask_many(&quota, 0, 0, QUOTA_BURST);
    assert_int_equal(ask(&quota, 0, "x", "", &repeats), QUOTA_FULL);
    assert_int_equal(ask(&quota, 2, "x", "", &repeats), QUOTA_YES);
    assert_int_equal(ask(&quota, 2, "0", "", &repeats), QUOTA_AGAIN);
}

/* More than it remembers: the oldest are forgotten. */
static void test_many(void **state)
{
    static struct quota quota;
    unsigned repeats;
    (void)state;
    quota_init(&quota);
    for (unsigned i = 0; i < 2 * QUOTA_ENTRIES; i++)
        assert_int_equal(ask_many(&quota, 2 * i, i, 1), 1);
    assert_int_equal(ask(&quota, 4 * QUOTA_ENTRIES - 2, "255", "", &repeats), QUOTA_AGAIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same),
        cmocka_unit_test(test_of_all),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
