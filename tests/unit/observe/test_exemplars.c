/* The latest trace of each kind: whole or not at all, also while it is being written. */
#include "lb/observe/exemplars.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static struct exemplars exemplars;
static struct exemplar got;

static int set_up(void **state)
{
    (void)state;
    memset(&exemplars, 0, sizeof(exemplars));
    return 0;
}

#define VALUES 90000u /* as nanoseconds all in the first bucket */

#define MS UINT64_C(1000000)

static void note(uint64_t value_ns, struct view trace_id, uint64_t wall_ns)
{
    exemplars_note(&exemplars, histogram_bucket(value_ns), trace_id, value_ns, wall_ns);
}

/* In the bucket that it belongs to, and in no other. */
static void test_the_latest_of_each_kind(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= HISTOGRAM_BOUND_COUNT; i++)
        assert_false(exemplars_read(&exemplars, i, &got));
    note(MS, VIEW(A), 2);
    note(2 * MS, VIEW(B), 5); /* in its place */
    note(70000 * MS, VIEW(A), 7);
    assert_false(exemplars_read(&exemplars, histogram_bucket(MS), &got));
    assert_true(exemplars_read(&exemplars, histogram_bucket(2 * MS), &got));
    assert_string_equal(got.trace_id, B);
    assert_int_equal(got.value_ns, 2 * MS);
    assert_int_equal(got.wall_ns, 5);
    assert_true(exemplars_read(&exemplars, HISTOGRAM_BOUND_COUNT, &got));
    assert_string_equal(got.trace_id, A);
    assert_false(exemplars_read(&exemplars, HISTOGRAM_BOUND_COUNT - 1, &got));
}

static void test_no_trace_id(void **state)
{
    (void)state;
    exemplars_note(&exemplars, 0, VIEW(""), 1, 2);
    exemplars_note(&exemplars, 0, VIEW(A "a"), 1, 2);
    assert_false(exemplars_read(&exemplars, 0, &got));
}

static void test_what_is_being_written_is_not_read(void **state)
{
    (void)state;
    exemplars_note(&exemplars, 0, VIEW(A), 1, 2);
    counter_add(&exemplars.places[0].turn, 1);
    assert_false(exemplars_read(&exemplars, 0, &got));
    counter_add(&exemplars.places[0].turn, 1);
    assert_true(exemplars_read(&exemplars, 0, &got));
}

static void test_merge_keeps_the_later_one(void **state)
{
    struct exemplars sum = {0}, other = {0};
    (void)state;
    exemplars_note(&exemplars, 0, VIEW(A), 1, 20);
    exemplars_note(&other, 0, VIEW(B), 2, 10);
    exemplars_note(&other, 6, VIEW(B), 10 * MS, 10);
    exemplars_merge(&sum, &exemplars);
    exemplars_merge(&sum, &other);
    assert_true(exemplars_read(&sum, 0, &got));
    assert_string_equal(got.trace_id, A);
    assert_int_equal(got.wall_ns, 20);
    assert_true(exemplars_read(&sum, 6, &got));
    assert_string_equal(got.trace_id, B);
}

static atomic_bool is_over;

static void *write_on(void *data)
{
    (void)data;
    for (uint64_t i = 1; !atomic_load(&is_over); i++)
        exemplars_note(&exemplars, 0, i % 2 ? VIEW(A) : VIEW(B), i % VALUES, i);
    return NULL;
}

static bool is_of_one_value(const struct exemplar *exemplar)
{
    return strcmp(exemplar->trace_id, exemplar->wall_ns % 2 ? A : B) == 0 &&
           exemplar->value_ns == exemplar->wall_ns % VALUES;
}

/* All words of what is read are of one value, and none is older than the one before. */
static void test_beside_a_writer(void **state)
{
    pthread_t thread;
    uint64_t latest = 0;
    bool is_whole = true;
    (void)state;
    atomic_store(&is_over, false);
    assert_int_equal(pthread_create(&thread, NULL, write_on, NULL), 0);
    for (unsigned tries = 0; is_whole && (tries < 5000000 || latest == 0); tries++) {
        if (!exemplars_read(&exemplars, 0, &got))
            continue;
        is_whole = is_of_one_value(&got) && got.wall_ns >= latest;
        latest = got.wall_ns;
    }
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
    assert_true(is_whole);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup(test, set_up)
    const struct CMUnitTest tests[] = {
        TEST(test_the_latest_of_each_kind),
        TEST(test_no_trace_id),
        TEST(test_what_is_being_written_is_not_read),
        TEST(test_merge_keeps_the_later_one),
        TEST(test_beside_a_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
