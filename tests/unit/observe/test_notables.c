/* Which requests are kept when they are over, and from when on they need not be told of. */
#include "lb/observe/notables.h"

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define MS UINT64_C(1000000)

static _Atomic uint64_t told_from_ns;
static struct notables *notables;
static struct noted out[NOTABLES_KEPT_MAX];

static int open_notables(void **state)
{
    (void)state;
    told_from_ns = 77;
    notables = notables_new(&told_from_ns);
    told_from_ns = 0;
    return 0;
}

static int close_notables(void **state)
{
    (void)state;
    notables_free(notables);
    return 0;
}

static void take(enum err end, unsigned status, unsigned attempts, uint64_t total_ms)
{
    struct record record = {.end = end,
                            .status = status,
                            .attempt_count = attempts,
                            .start_wall_ns = 1000 * MS,
                            .total_ns = total_ms * MS};
    notables_take(notables, &record, false);
}

static unsigned count_of(enum notable kind)
{
    return notables_copy(notables, kind, out);
}

static void test_what_failed(void **state)
{
    (void)state;
    take(ERR_OK, 200, 1, 1);
    take(ERR_NO_ROUTE, 404, 0, 1);  /* the client's fault */
    take(ERR_CLIENT_GONE, 0, 1, 1); /* nobody's */
    assert_int_equal(count_of(NOTABLE_FAILED), 0);
    take(ERR_OK, 503, 1, 1);             /* the backend said so */
    take(ERR_UPSTREAM_RESET, 200, 1, 1); /* its answer was cut */
    take(ERR_REFUSED, 502, 4, 1);
    assert_int_equal(count_of(NOTABLE_FAILED), 3);
    assert_int_equal(count_of(NOTABLE_RETRIED), 1);
    assert_int_equal(out[0].attempt_count, 4);
    assert_int_equal(count_of(NOTABLE_SLOWEST), 2); /* that ended well */
    assert_int_equal(notables_number(notables), 6);
}

static void test_the_latest_stay(void **state)
{
    bool is_first = false;
    (void)state;
    for (unsigned i = 1; i <= NOTABLES_KEPT_MAX + 5; i++)
        take(ERR_REFUSED, 502, 1, i);
    assert_int_equal(count_of(NOTABLE_FAILED), NOTABLES_KEPT_MAX);
    for (unsigned i = 0; i < NOTABLES_KEPT_MAX; i++)
        is_first |= out[i].total_ns <= 5 * MS;
    assert_false(is_first);
}

static void test_the_slowest_stay_and_others_need_not_be_told(void **state)
{
    uint64_t least = UINT64_MAX;
    (void)state;
    for (unsigned i = 1; i < NOTABLES_KEPT_MAX; i++)
        take(ERR_OK, 200, 1, i);
    assert_int_equal(told_from_ns, 0); /* there is room */
    take(ERR_OK, 200, 1, NOTABLES_KEPT_MAX);
    assert_int_equal(told_from_ns, MS + 1);
    take(ERR_OK, 200, 1, 1);
    take(ERR_OK, 200, 1, 500);
    assert_int_equal(told_from_ns, 2 * MS + 1);
    assert_int_equal(count_of(NOTABLE_SLOWEST), NOTABLES_KEPT_MAX);
    for (unsigned i = 0; i < NOTABLES_KEPT_MAX; i++)
        least = out[i].total_ns < least ? out[i].total_ns : least;
    assert_int_equal(least, 2 * MS);
    assert_int_equal(notables_number(notables), NOTABLES_KEPT_MAX + 1);
}

static void test_slow_ones_get_old(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= NOTABLES_KEPT_MAX; i++)
        take(ERR_OK, 200, 1, i);
    notables_forget_old(notables, 1000 * MS + NOTABLES_SLOW_NS + 20 * MS);
    assert_int_equal(count_of(NOTABLE_SLOWEST), NOTABLES_KEPT_MAX - 19);
    assert_int_equal(told_from_ns, 0);
}

/* A clock that was an hour ahead when they ended: else they would keep their places for an hour. */
static void test_slow_ones_of_a_wrong_clock_go(void **state)
{
    (void)state;
    take(ERR_OK, 200, 1, 1);
    notables_forget_old(notables, 0);
    assert_int_equal(count_of(NOTABLE_SLOWEST), 1);
    struct record record = {.kind = RECORD_REQUEST,
                            .status = 200,
                            .attempt_count = 1,
                            .total_ns = MS,
                            .start_wall_ns = 6 * NOTABLES_SLOW_NS};
    notables_take(notables, &record, false);
    assert_int_equal(count_of(NOTABLE_SLOWEST), 2);
    notables_forget_old(notables, 0);
    assert_int_equal(count_of(NOTABLE_SLOWEST), 1);
}

static void test_tunnels_and_connections_are_long_not_slow(void **state)
{
    struct record record = {.kind = RECORD_TUNNEL, .status = 101, .total_ns = 1000 * MS};
    (void)state;
    notables_take(notables, &record, false);
    record.kind = RECORD_CONNECTION;
    notables_take(notables, &record, false);
    assert_int_equal(count_of(NOTABLE_SLOWEST), 0);
}

static void test_some_are_seen_while_somebody_looks_on(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NOTABLES_KEPT_MAX + 1; i++)
        take(ERR_OK, 200, 1, 100);
    assert_true(told_from_ns > 0);
    assert_int_equal(notables_take_seen(notables, true, out), 0);
    assert_int_equal(told_from_ns, 0);
    for (unsigned i = 1; i <= NOTABLES_SEEN_MAX + 3; i++)
        take(ERR_NO_ROUTE, 404, 0, i);
    assert_true(told_from_ns > 0); /* enough for now */
    assert_int_equal(notables_take_seen(notables, true, out), NOTABLES_SEEN_MAX);
    assert_int_equal(out[0].total_ns, MS);
    take(ERR_OK, 200, 1, 1);
    assert_int_equal(notables_take_seen(notables, false, out), 1);
    take(ERR_OK, 200, 1, 1);
    assert_int_equal(notables_take_seen(notables, false, out), 0);
}

/* With an access log all are told: that the threshold is not for. */
static void test_where_all_are_told(void **state)
{
    struct record record = {.status = 200, .total_ns = MS};
    (void)state;
    for (unsigned i = 0; i < NOTABLES_KEPT_MAX + 5; i++)
        notables_take(notables, &record, true);
    assert_int_equal(told_from_ns, 0);
    assert_int_equal(notables_number(notables), NOTABLES_KEPT_MAX);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, open_notables, close_notables)
    const struct CMUnitTest tests[] = {
        TEST(test_what_failed),
        TEST(test_the_latest_stay),
        TEST(test_the_slowest_stay_and_others_need_not_be_told),
        TEST(test_slow_ones_get_old),
        TEST(test_slow_ones_of_a_wrong_clock_go),
        TEST(test_tunnels_and_connections_are_long_not_slow),
        TEST(test_some_are_seen_while_somebody_looks_on),
        TEST(test_where_all_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
