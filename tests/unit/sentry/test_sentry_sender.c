/* The thread: what becomes of each event, and that nobody waits for a server that does not answer. */
#include "lb/sentry/sentry_sender.h"

#include <time.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lb/base/clock.h"
#include "tests/unit/sentry/receiver.h"

#define MS_NS UINT64_C(1000000)

static const char fine[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

struct ends {
    _Atomic unsigned counts[4];
    _Atomic uint64_t limited_until_ns;
    char problem[400];
};

static void hear(void *owner, const struct sentry_sender_news *news)
{
    struct ends *ends = owner;
    if (news->problem)
        snprintf(ends->problem, sizeof(ends->problem), "%s", news->problem);
    ends->limited_until_ns = news->limited_until_ns;
    ends->counts[news->end]++;
}

static unsigned all(struct ends *ends)
{
    return ends->counts[0] + ends->counts[1] + ends->counts[2] + ends->counts[3];
}

static void await(_Atomic unsigned *count, unsigned wanted)
{
    for (unsigned i = 0; i < 3000 && *count < wanted; i++)
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000000}, NULL);
    assert_int_equal(*count, wanted);
}

struct bench {
    struct receiver receiver;
    struct ends ends;
    _Atomic uint64_t waiting;
    struct sentry_sender *sender;
};

static void open_bench(struct bench *bench, const char *answer, size_t queue_count_max)
{
    struct text problem = TEXT_INIT;
    *bench = (struct bench){.sender = NULL};
    receiver_open(&bench->receiver, answer);
    struct dsn dsn = receiver_dsn(&bench->receiver);
    bench->sender =
        sentry_sender_open(&(struct sentry_sender_options){.dsn = &dsn,
                                                           .queue_count_max = queue_count_max,
                                                           .waiting = &bench->waiting,
                                                           .owner = &bench->ends,
                                                           .tell = hear},
                           &problem);
    dsn_forget(&dsn);
    assert_non_null(bench->sender);
}

static void close_bench(struct bench *bench, uint32_t patience_ms)
{
    sentry_sender_close(bench->sender, patience_ms);
    receiver_close(&bench->receiver);
}

static bool put(struct bench *bench, const char *message)
{
    struct sentry_event event;
    sentry_event_init(&event);
    event.message = view_str(message);
    return sentry_sender_put(bench->sender, &event);
}

static void test_one_after_the_other(void **state)
{
    struct bench bench;
    (void)state;
    open_bench(&bench, fine, 0);
    for (unsigned i = 0; i < 5; i++)
        assert_true(put(&bench, "hello"));
    await(&bench.ends.counts[SENTRY_SENDER_SENT], 5);
    assert_int_equal(all(&bench.ends), 5);
    assert_int_equal(bench.receiver.count, 5);
    assert_non_null(strstr(bench.receiver.asked, "\"formatted\":\"hello\""));
    assert_int_equal(bench.ends.limited_until_ns, 0);
    close_bench(&bench, 1000);
}

/* What waits is sent before the end. */
static void test_drained(void **state)
{
    struct bench bench;
    (void)state;
    open_bench(&bench, fine, 0);
    for (unsigned i = 0; i < 20; i++)
        assert_true(put(&bench, "hello"));
    close_bench(&bench, 30000);
    assert_int_equal(bench.ends.counts[SENTRY_SENDER_SENT], 20);
}

static void test_limited(void **state)
{
    struct bench bench;
    (void)state;
    open_bench(&bench, "HTTP/1.1 429 No\r\nRetry-After: 1000\r\nContent-Length: 0\r\n\r\n", 0);
    assert_true(put(&bench, "one"));
    await(&bench.ends.counts[SENTRY_SENDER_DROPPED_RATE_LIMIT], 1);
    assert_non_null(strstr(bench.ends.problem, "answers 429"));
    assert_true(bench.ends.limited_until_ns > clock_wall_ns() + 900 * 1000 * MS_NS);
    assert_false(put(&bench, "two"));
    assert_int_equal(bench.ends.counts[SENTRY_SENDER_DROPPED_RATE_LIMIT], 2);
    assert_int_equal(bench.receiver.count, 1);
    close_bench(&bench, 1000);
}

/* It is sent, and no other for a while. */
static void test_limited_after_success(void **state)
{
    struct bench bench;
    (void)state;
    open_bench(
        &bench,
        "HTTP/1.1 200 OK\r\nX-Sentry-Rate-Limits: 1000:error:org\r\nContent-Length: 0\r\n\r\n", 0);
    assert_true(put(&bench, "one"));
    await(&bench.ends.counts[SENTRY_SENDER_SENT], 1);
    assert_false(put(&bench, "two"));
    assert_int_equal(bench.ends.counts[SENTRY_SENDER_DROPPED_RATE_LIMIT], 1);
    close_bench(&bench, 1000);
}

/* One is on its way, two wait, and those that come then are dropped at once; the end comes in time, and each was told of once. */
static void test_one_that_hangs(void **state)
{
    struct bench bench;
    (void)state;
    open_bench(&bench, NULL, 2);
    assert_true(put(&bench, "one"));
    await(&bench.receiver.count, 1);
    uint64_t begun_ns = clock_mono_ns();
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(put(&bench, "more"), i < 2);
    assert_int_equal(bench.ends.counts[SENTRY_SENDER_DROPPED_QUEUE], 998);
    assert_int_equal(bench.waiting, 2);
    assert_true(clock_mono_ns() - begun_ns < 4000 * MS_NS);
    begun_ns = clock_mono_ns();
    close_bench(&bench, 300);
    assert_true(clock_mono_ns() - begun_ns < 4000 * MS_NS);
    assert_int_equal(bench.ends.counts[SENTRY_SENDER_DROPPED_ERROR], 3);
    assert_int_equal(all(&bench.ends), 1001);
    assert_int_equal(bench.waiting, 0);
}

/* While it is away the next ones wait: it is not asked again and again. */
static void test_one_that_is_away(void **state)
{
    struct bench bench;
    (void)state;
    open_bench(&bench, "HTTP/1.1 503 Later\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 0);
    assert_true(put(&bench, "one"));
    await(&bench.ends.counts[SENTRY_SENDER_DROPPED_ERROR], 1);
    for (unsigned i = 0; i < 20; i++)
        assert_true(put(&bench, "more"));
    await(&bench.ends.counts[SENTRY_SENDER_DROPPED_ERROR], 2); /* after a second */
    assert_in_range(bench.receiver.count, 2, 3);
    close_bench(&bench, 1000);
    assert_int_equal(bench.ends.counts[SENTRY_SENDER_DROPPED_ERROR], 21);
}

static int set_up(void **state)
{
    (void)state;
    return sentry_sender_begin() ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    assert_non_null(sentry_sender_library_version());
    sentry_sender_end();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_after_the_other),
        cmocka_unit_test(test_drained),
        cmocka_unit_test(test_limited),
        cmocka_unit_test(test_limited_after_success),
        cmocka_unit_test(test_one_that_hangs),
        cmocka_unit_test(test_one_that_is_away),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
