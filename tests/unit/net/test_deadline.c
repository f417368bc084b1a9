/* The wheel of deadlines. Most tests move the loop's time by hand and let libuv's timer be due as
 * it would be, so a minute takes no time; one runs a real loop. */
#include "lb/net/deadline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/base/rng.h"

static uv_loop_t loop;
static struct deadline_wheel wheel;

struct item {
    struct deadline deadline;
    uint64_t due_ms; /* 0: not armed */
    unsigned fired_count;
};

static uint64_t timer_count; /* how often libuv's timer went off */

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    loop.time = 1000003; /* neither zero nor a whole tick */
    deadline_wheel_init(&wheel, &loop);
    timer_count = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    deadline_wheel_close(&wheel);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    return 0;
}

static struct item *item_of(struct deadline *deadline)
{
    return list_entry(deadline, struct item, deadline);
}

static void on_due(struct deadline *deadline)
{
    struct item *item = item_of(deadline);
    assert_false(deadline_is_armed(deadline));
    assert_true(item->due_ms > 0 && uv_now(&loop) >= item->due_ms);
    item->due_ms = 0;
    item->fired_count++;
}

static void arm(struct item *item, uint64_t delay_ms)
{
    item->due_ms = uv_now(&loop) + delay_ms;
    deadline_arm(&wheel, &item->deadline, delay_ms);
    assert_true(deadline_is_armed(&item->deadline));
}

static void disarm(struct item *item)
{
    item->due_ms = 0;
    deadline_disarm(&item->deadline);
    assert_false(deadline_is_armed(&item->deadline));
}

/* A poll that brings nothing, which comes at once where deadlines are ripe. */
static void poll_nothing(void)
{
    uv_check_t *after_poll = &wheel.after_poll;
    if (uv_is_active((uv_handle_t *)after_poll))
        after_poll->check_cb(after_poll);
    deadline_wheel_end_turn(&wheel);
}

/* Lets the timer go off at its time, as often as it is started again, up to `now_ms`. */
static void go_to(uint64_t now_ms)
{
    uv_timer_t *timer = &wheel.timer;
    deadline_wheel_end_turn(&wheel); /* of what was armed by the test itself */
    while (uv_is_active((uv_handle_t *)timer) &&
           uv_now(&loop) + uv_timer_get_due_in(timer) <= now_ms) {
        uv_timer_cb on_timer = timer->timer_cb;
        loop.time += uv_timer_get_due_in(timer);
        uv_timer_stop(timer);
        on_timer(timer);
        timer_count++;
        poll_nothing();
    }
    loop.time = now_ms;
}

/* The loop was busy: the timer goes off late, and once more after the poll that comes between. */
static void jump_to(uint64_t now_ms)
{
    deadline_wheel_end_turn(&wheel);
    loop.time = now_ms;
    go_to(now_ms + 1);
}

static void test_window(void **state)
{
    (void)state;
    for (uint64_t delay_ms = 0; delay_ms < 10000; delay_ms += 7) {
        struct item item = {0};
        deadline_init(&item.deadline, on_due);
        arm(&item, delay_ms);
        uint64_t due_ms = item.due_ms;
        if (delay_ms > 0)
            go_to(due_ms - 1);
        assert_int_equal(item.fired_count, 0);
        go_to(due_ms + DEADLINE_TICK_MS);
        assert_int_equal(item.fired_count, 1);
        go_to(due_ms + 20000);
        assert_int_equal(item.fired_count, 1);
    }
    assert_false(uv_is_active((uv_handle_t *)&wheel.timer)); /* nothing to wait for */
}

static void test_arm_again(void **state)
{
    static const struct {
        uint64_t first_ms, wait_ms, second_ms;
    } cases[] = {
        {100, 50, 100},   {100, 50, 10},    {100, 0, 5000},    {5000, 100, 20},
        {60000, 1000, 1}, {1, 0, 60000},    {30000, 29999, 1}, {100, 99, 0},
        {9000, 100, 100}, {20000, 9000, 5}, {16, 8, 8},        {0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct item item = {0};
        deadline_init(&item.deadline, on_due);
        arm(&item, cases[i].first_ms);
        go_to(uv_now(&loop) + cases[i].wait_ms);
        arm(&item, cases[i].second_ms);
        uint64_t due_ms = item.due_ms;
        if (cases[i].second_ms > 0)
            go_to(due_ms - 1);
        assert_int_equal(item.fired_count, 0);
        go_to(due_ms + DEADLINE_TICK_MS);
        assert_int_equal(item.fired_count, 1);
        go_to(due_ms + 70000);
        assert_int_equal(item.fired_count, 1);
    }
}

/* A busy connection puts its deadline off again and again: no timer is touched for it. */
static void test_put_off(void **state)
{
    struct item item = {0};
    (void)state;
    deadline_init(&item.deadline, on_due);
    for (unsigned i = 0; i < 100000; i++) {
        arm(&item, 30000);
        go_to(uv_now(&loop) + 1);
    }
    assert_int_equal(item.fired_count, 0);
    assert_in_range(timer_count, 1, 100000 / 8000 + 5);
    disarm(&item);
}

static void test_disarm(void **state)
{
    struct item item = {0};
    (void)state;
    deadline_init(&item.deadline, on_due);
    disarm(&item); /* never armed: nothing happens */
    arm(&item, 100);
    go_to(uv_now(&loop) + 99);
    disarm(&item);
    disarm(&item);
    go_to(uv_now(&loop) + 20000);
    assert_int_equal(item.fired_count, 0);
    arm(&item, 100);
    go_to(uv_now(&loop) + 100 + DEADLINE_TICK_MS);
    assert_int_equal(item.fired_count, 1);
}

/* ---- what a callback may do ------------------------------------------------------------------ */

static struct item others[6];

static void on_due_arms_itself(struct deadline *deadline)
{
    struct item *item = item_of(deadline);
    on_due(deadline);
    if (item->fired_count < 5)
        arm(item, item->fired_count % 2 ? 0 : 9000);
}

static void test_arms_itself(void **state)
{
    struct item item = {0};
    (void)state;
    deadline_init(&item.deadline, on_due_arms_itself);
    arm(&item, 10);
    go_to(uv_now(&loop) + 26);
    assert_int_equal(item.fired_count, 1); /* and not again in the same turn */
    go_to(uv_now(&loop) + DEADLINE_TICK_MS);
    assert_int_equal(item.fired_count, 2);
    go_to(uv_now(&loop) + 20000);
    assert_int_equal(item.fired_count, 5);
}

/* Disarms a neighbour, puts one off, brings one forward, arms a new one, frees one and itself. */
static void on_due_meddles(struct deadline *deadline)
{
    struct item *item = item_of(deadline);
    disarm(&others[0]);
    arm(&others[1], 500);
    arm(&others[2], 1);
    arm(&others[3], 0);
    deadline_disarm(&others[4].deadline);
    memset(&others[4], 0xAA, sizeof(others[4]));
    free(item);
}

static void test_meddles(void **state)
{
    struct item *item = memory_new(sizeof(*item));
    (void)state;
    memset(others, 0, sizeof(others));
    deadline_init(&item->deadline, on_due_meddles);
    arm(item, 100); /* first in its slot */
    for (unsigned i = 0; i < 6; i++)
        deadline_init(&others[i].deadline, on_due);
    arm(&others[0], 100);
    arm(&others[1], 100);
    arm(&others[2], 4000);
    arm(&others[4], 100);
    arm(&others[5], 100);
    uint64_t start_ms = uv_now(&loop);
    go_to(start_ms + 100 + DEADLINE_TICK_MS);
    assert_int_equal(others[5].fired_count, 1); /* the neighbours behind it are not forgotten */
    assert_int_equal(others[1].fired_count, 0);
    go_to(start_ms + 100 + 3 * DEADLINE_TICK_MS);
    assert_int_equal(others[0].fired_count, 0);
    assert_int_equal(others[2].fired_count, 1);
    assert_int_equal(others[3].fired_count, 1);
    go_to(start_ms + 10000);
    assert_int_equal(others[1].fired_count, 1);
    assert_int_equal(others[0].fired_count + others[2].fired_count + others[3].fired_count, 2);
}

/* ---- many ------------------------------------------------------------------------------------ */

#define MANY 3000u

/* None is early; none is later than a tick once its time is over. */
static void check_all(const struct item *items, uint64_t grace_ms)
{
    for (unsigned i = 0; i < MANY; i++) {
        assert_int_equal(deadline_is_armed(&items[i].deadline), items[i].due_ms > 0);
        if (items[i].due_ms > 0 && items[i].due_ms + grace_ms < uv_now(&loop))
            fail_msg("deadline %u is %d ms late", i, (int)(uv_now(&loop) - items[i].due_ms));
    }
}

static void test_many(void **state)
{
    struct item *items = memory_new(MANY * sizeof(*items));
    struct rng rng = {5};
    (void)state;
    for (unsigned i = 0; i < MANY; i++)
        deadline_init(&items[i].deadline, on_due);
    for (unsigned turn = 0; turn < 2000; turn++) {
        for (unsigned i = 0; i < 20; i++) {
            struct item *item = &items[rng_next(&rng) % MANY];
            unsigned choice = (unsigned)(rng_next(&rng) % 8);
            if (choice == 0)
                disarm(item);
            else
                arm(item, rng_next(&rng) % (choice < 5 ? 300 : 40000));
        }
        if (rng_next(&rng) % 50 == 0) /* now and then longer than a lap */
            jump_to(uv_now(&loop) + rng_next(&rng) % 20000);
        else
            go_to(uv_now(&loop) + rng_next(&rng) % 40);
        if (turn % 16 == 0)
            check_all(items, DEADLINE_TICK_MS);
    }
    go_to(uv_now(&loop) + 40000 + DEADLINE_TICK_MS);
    for (unsigned i = 0; i < MANY; i++)
        assert_false(deadline_is_armed(&items[i].deadline));
    free(items);
}

/* The same on a real loop, whose timer is libuv's own. */
static void test_real_loop(void **state)
{
    static struct item items[500];
    struct rng rng = {9};
    unsigned fired_count = 0;
    (void)state;
    uv_ref((uv_handle_t *)&wheel.timer); /* nothing else keeps this loop alive */
    uv_ref((uv_handle_t *)&wheel.after_poll);
    uv_update_time(&loop);
    uint64_t start_ms = uv_now(&loop);
    for (unsigned i = 0; i < 500; i++) {
        deadline_init(&items[i].deadline, on_due);
        arm(&items[i], rng_next(&rng) % 300);
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    for (unsigned i = 0; i < 500; i++)
        fired_count += items[i].fired_count;
    assert_int_equal(fired_count, 500);
    assert_in_range(uv_now(&loop) - start_ms, 290, 5000);
    uv_unref((uv_handle_t *)&wheel.timer);
    uv_unref((uv_handle_t *)&wheel.after_poll);
    arm(&items[0], 60000);
    uv_run(&loop, UV_RUN_DEFAULT); /* the wheel alone does not keep a loop alive */
    assert_true(uv_now(&loop) - start_ms < 30000);
    disarm(&items[0]);
}

/* ---- a loop that is held up ------------------------------------------------------------------ */

static const uint64_t stalls_ms[] = {10, 40, 100, 300, 1000, 3000};
#define STALLS (sizeof(stalls_ms) / sizeof(stalls_ms[0]))

/* Lets the timer alone go off, late or not; the poll after it is the test's. */
static void go_off(void)
{
    uv_timer_t *timer = &wheel.timer;
    while (uv_is_active((uv_handle_t *)timer) && uv_timer_get_due_in(timer) == 0) {
        uv_timer_cb on_timer = timer->timer_cb;
        uv_timer_stop(timer);
        on_timer(timer);
    }
}

/* However late the timer comes, and how often in a row: what the poll brings is heard first. */
static void test_fires_only_after_a_poll(void **state)
{
    (void)state;
    for (unsigned i = 0; i < STALLS; i++) {
        struct item answered = {0}, put_off = {0}, silent = {0};
        deadline_init(&answered.deadline, on_due);
        deadline_init(&put_off.deadline, on_due);
        deadline_init(&silent.deadline, on_due);
        arm(&answered, 5);
        arm(&put_off, 5);
        arm(&silent, 5);
        deadline_wheel_end_turn(&wheel);
        for (unsigned turn = 0; turn < 2; turn++) {
            loop.time += 32 + stalls_ms[i];
            go_off();
            assert_true(deadline_is_overdue(&wheel, &answered.deadline));
            assert_int_equal(answered.fired_count + put_off.fired_count + silent.fired_count, 0);
        }
        assert_true(uv_is_active((uv_handle_t *)&wheel.no_wait));
        disarm(&answered);
        arm(&put_off, 500);
        poll_nothing();
        assert_false(uv_is_active((uv_handle_t *)&wheel.no_wait));
        assert_int_equal(silent.fired_count, 1);
        go_to(put_off.due_ms - 1);
        assert_int_equal(answered.fired_count + put_off.fired_count, 0);
        go_to(put_off.due_ms + DEADLINE_TICK_MS);
        assert_int_equal(put_off.fired_count, 1);
    }
}

/* What is armed in a long turn, with the clock of its beginning, has its whole time afterwards. */
static void test_long_turn_does_not_count(void **state)
{
    (void)state;
    for (unsigned i = 0; i < STALLS; i++) {
        struct item before = {0}, fresh = {0}, again = {0};
        uint64_t held_ms = stalls_ms[i] < DEADLINE_LONG_TURN_MS ? 0 : stalls_ms[i];
        deadline_init(&before.deadline, on_due);
        deadline_init(&fresh.deadline, on_due);
        deadline_init(&again.deadline, on_due);
        arm(&before, 250 + stalls_ms[i]);
        arm(&again, 20);
        go_to(uv_now(&loop) + 1);
        arm(&fresh, 300);
        arm(&again, 300);
        loop.time += stalls_ms[i];
        fresh.due_ms += held_ms;
        again.due_ms += held_ms;
        go_to(fresh.due_ms - 1);
        assert_int_equal(fresh.fired_count + again.fired_count, 0);
        go_to(fresh.due_ms + DEADLINE_TICK_MS);
        assert_int_equal(fresh.fired_count, 1);
        assert_int_equal(again.fired_count, 1);
        assert_int_equal(before.fired_count, 1); /* it was armed before: the turn counts */
    }
}

/* The process stood still within a turn, after the clock was read and before the arming: libuv lets
 * timers go off before it comes to what ends the turn. */
static void test_held_up_within_a_turn(void **state)
{
    (void)state;
    for (unsigned i = 0; i < STALLS; i++) {
        struct item item = {0};
        deadline_init(&item.deadline, on_due);
        deadline_wheel_end_turn(&wheel);
        arm(&item, 20);
        loop.time += DEADLINE_LONG_TURN_MS + stalls_ms[i];
        go_off();
        poll_nothing();
        item.due_ms = uv_now(&loop) + 20;
        go_to(item.due_ms - 1);
        assert_int_equal(item.fired_count, 0);
        go_to(item.due_ms + DEADLINE_TICK_MS);
        assert_int_equal(item.fired_count, 1);
    }
}

/* One that is ripe meddles with the others that are. */
static void test_meddles_when_ripe(void **state)
{
    struct item *item = memory_new(sizeof(*item));
    (void)state;
    memset(others, 0, sizeof(others));
    deadline_init(&item->deadline, on_due_meddles);
    for (unsigned i = 0; i < 6; i++)
        deadline_init(&others[i].deadline, on_due);
    arm(item, 5);
    for (unsigned i = 0; i < 6; i++)
        arm(&others[i], 5);
    deadline_wheel_end_turn(&wheel);
    loop.time += 3000;
    go_off();
    poll_nothing();
    assert_int_equal(others[5].fired_count, 1);
    assert_int_equal(others[0].fired_count + others[1].fired_count + others[2].fired_count, 0);
    go_to(uv_now(&loop) + 1000);
    assert_int_equal(others[0].fired_count, 0);
    assert_int_equal(others[1].fired_count + others[2].fired_count + others[3].fired_count, 3);
}

/* The same with libuv's own turns. */
static void on_async(uv_async_t *async)
{
    disarm(async->data);
    uv_close((uv_handle_t *)async, NULL);
}

static void test_held_up(void **state)
{
    static struct item item, other;
    uv_async_t async;
    (void)state;
    uv_async_init(&loop, &async, on_async);
    async.data = &item;
    uv_update_time(&loop);
    deadline_init(&item.deadline, on_due);
    deadline_init(&other.deadline, on_due);
    arm(&item, 20);
    arm(&other, 20);
    uv_async_send(&async);
    usleep(100000);
    uv_ref((uv_handle_t *)&wheel.timer);
    uv_ref((uv_handle_t *)&wheel.after_poll);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_unref((uv_handle_t *)&wheel.timer);
    uv_unref((uv_handle_t *)&wheel.after_poll);
    assert_int_equal(item.fired_count, 0);
    assert_int_equal(other.fired_count, 1);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_window),
        TEST(test_arm_again),
        TEST(test_put_off),
        TEST(test_disarm),
        TEST(test_arms_itself),
        TEST(test_meddles),
        TEST(test_many),
        TEST(test_real_loop),
        TEST(test_held_up),
        TEST(test_fires_only_after_a_poll),
        TEST(test_long_turn_does_not_count),
        TEST(test_held_up_within_a_turn),
        TEST(test_meddles_when_ripe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
